package train

import (
	"context"
	"math"
	"testing"

	"leadscore/datasets"
)

// The bounds, by hand: as of day 100, a horizon of 30 days, the end at day 200, now at day 500.
func TestJudge(t *testing.T) {
	none := int64(datasets.MissingTime)
	for _, c := range []struct {
		name    string
		horizon int64
		raw     int8
		a, at   int64
		given   bool
		label   int8
		why     reason
	}{
		{"won within", 30, positive, 100, 120, true, positive, kept},
		{"won as of", 30, positive, 100, 100, true, positive, kept},
		{"won at the end of the window", 30, positive, 100, 130, true, positive, kept},
		{"won later", 30, positive, 100, 131, true, negative, kept},
		{"won after the end", 30, positive, 100, 300, true, negative, kept},
		{"won before", 30, positive, 100, 99, true, setAside, outcomeEarly},
		{"won in the future", 30, positive, 100, 501, true, setAside, outcomeFuture},
		{"won, not known when", 30, positive, 100, none, true, setAside, outcomeUntimed},
		{"lost", 30, negative, 100, 110, true, negative, kept},
		{"lost, not known when", 30, negative, 100, none, true, negative, kept},
		{"lost before", 30, negative, 100, 99, true, setAside, outcomeEarly},
		{"open", 30, setAside, 100, none, true, negative, kept},
		{"window closes at the end", 30, setAside, 170, none, true, negative, kept},
		{"window closes after the end", 30, setAside, 171, none, true, setAside, outcomeImmature},
		{"won early, immature", 30, positive, 171, 172, true, setAside, outcomeImmature},
		{"lost early, immature", 30, negative, 171, 172, true, setAside, outcomeImmature},
		{"won, no horizon", 0, positive, 100, 190, true, positive, kept},
		{"won, no horizon, not known when", 0, positive, 100, none, true, positive, kept},
		{"won at the end, no horizon", 0, positive, 100, 200, true, setAside, outcomeLate},
		{"won at the latest moment seen", 0, positive, 100, 200, false, positive, kept},
		{"lost after the end, no horizon", 0, negative, 100, 201, true, setAside, outcomeLate},
		{"won before, no horizon", 0, positive, 100, 99, true, setAside, outcomeEarly},
		{"no as-of", 0, positive, none, 99, true, positive, kept},
		{"open, no horizon", 0, setAside, 100, none, true, setAside, outcomeOpen},
		{"open, no horizon, a time", 0, setAside, 100, 99, true, setAside, outcomeOpen},
	} {
		o := &Outcomes{horizon: c.horizon}
		label, why := o.judge(c.raw, c.a, c.at, &period{end: 200, given: c.given, now: 500})
		if label != c.label || why != c.why {
			t.Errorf("%s: label %d for %q, want %d for %q", c.name, label, reasonWords[why].what, c.label, reasonWords[c.why].what)
		}
	}
}

func TestAsOfAndTheEnd(t *testing.T) {
	for _, c := range []struct {
		a, end int64
		given  bool
		want   reason
	}{
		{199, 200, true, kept}, {200, 200, true, asOfLate}, {200, 200, false, kept}, {201, 200, false, asOfLate},
		{501, 200, true, asOfFuture}, {300, datasets.MissingTime, false, kept},
	} {
		p := period{end: c.end, given: c.given, now: 500}
		if got := p.after(c.a); got != c.want {
			t.Errorf("as of %d, end %d (given %v): %d, want %d", c.a, c.end, c.given, got, c.want)
		}
	}
	if p := (period{end: 1, now: math.MaxInt64}); p.after(5) != asOfLate {
		t.Error("without now nothing is in the future")
	}
}

// With the column as it is nothing is copied: the cells of the training table are those of the file.
func TestPlainFormSharesTheCells(t *testing.T) {
	for form, shared := range map[string]bool{"created_at": true, "created_at + 3d": true, "every 30d from created_at": false} {
		c := dealConfig(writeDeals(t, makeDeals(500, 31)), form).withDefaults()
		table, err := datasets.Read(context.Background(), c.Leads.Path, c.readOptions())
		if err != nil {
			t.Fatal(err)
		}
		d, err := label(context.Background(), table, &c)
		if err != nil {
			t.Fatal(err)
		}
		k := d.leads.Schema.Index("visits")
		of := table.Batches[0].Column(table.Schema.Index("visits"))
		if got := &d.leads.Batches[0].Column(k).Numbers[0] == &of.Numbers[0]; got != shared {
			t.Errorf("%s: the cells are shared: %v, want %v", form, got, shared)
		}
	}
}

// Two targets, a grid, rules of the linear kind: the whole way works, and every target's account adds up.
func TestGridOfTwoTargets(t *testing.T) {
	for _, kind := range []string{"additive", "linear"} {
		c := chainConfig(writeDeals(t, makeDeals(1500, 32)))
		c.Leads.AsOf, c.Model.Kind, c.Split.Beside = "every 20d from created_at", kind, ""
		r := run(t, c)
		for name, card := range r.Card.Targets {
			balanced(t, card.Account)
			if card.Beside == nil || card.Beside.Split != "random" {
				t.Errorf("%s, %s: nothing beside", kind, name)
			}
			if counted(card.Account, "purged, same lead") == 0 && counted(card.Account, "purged") == 0 {
				t.Errorf("%s, %s: nothing purged: %+v", kind, name, card.Account)
			}
		}
		if r.Card.Targets["won"].Chain == nil {
			t.Errorf("%s: the two ways were not compared", kind)
		}
	}
}

// The folds of training keep the rows of a lead together, whatever they are for: choosing pairs, calibration,
// out-of-fold scores and cross-validation all take them from here.
func TestFoldsOfTrainingKeepLeadsTogether(t *testing.T) {
	c := dealConfig(writeDeals(t, makeDeals(800, 33)), "every 20d from created_at for 90d").withDefaults()
	d := prepared(t, c)
	s := d.trainingSample(0)
	folds, err := d.folds(s, &c)
	if err != nil {
		t.Fatal(err)
	}
	of := map[int32]uint8{}
	for i, l := range s.leads {
		if f, seen := of[l]; seen && f != folds[i] {
			t.Fatalf("lead %d is in folds %d and %d", l, f, folds[i])
		}
		of[l] = folds[i]
	}
	if len(of) == 0 || len(of) == len(folds) {
		t.Fatalf("%d leads of %d rows: the grid gave each one row", len(of), len(folds))
	}
}
