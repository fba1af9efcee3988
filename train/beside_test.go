package train

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// The other split is measured beside and touches nothing else: the artifact is the same without it.
func TestBesideChangesNothing(t *testing.T) {
	for _, form := range []string{"created_at", "every 30d from created_at"} {
		for _, kind := range []string{"additive", "linear"} {
			for by, other := range map[string]string{"time": "random", "random": "time"} {
				c := dealConfig(writeDeals(t, makeDeals(1200, 21)), form)
				c.Features.Exclude = []string{"sql", "sql_at"}
				c.Model.Kind, c.Split.By = kind, by
				alone := run(t, c)
				c.Split.Beside = "auto"
				r := run(t, c)
				if !slices.Equal(artifactBytes(t, alone.Artifact), artifactBytes(t, r.Artifact)) {
					t.Errorf("%s %s by %s: the artifact is another one", form, kind, by)
				}
				if alone.Card.Targets["won"].Beside != nil {
					t.Errorf("%s: measured beside, which was not wanted", form)
				}
				b := r.Card.Targets["won"].Beside
				if b == nil || b.Split != other {
					t.Fatalf("%s %s by %s: beside is %+v", form, kind, by, b)
				}
				if m := b.Scores["model"]; !(m.AUC.Value > .6 && m.AUC.Value < .9 && m.AUC.Lower < m.AUC.Value && m.LogLoss.Upper > m.LogLoss.Value) {
					t.Errorf("%s: figures beside %+v", form, m)
				}
				// It is what a run with that split gives.
				c.Split.By, c.Split.Beside = other, "none"
				want := run(t, c).Card.Targets["won"]
				if got := b.Scores["model"].AUC.Value; !near(got, want.Scores["model"].AUC.Value) || b.Holdout != want.Holdout || b.Train != want.Train {
					t.Errorf("%s %s: beside has AUC %v on %+v, a run of its own %v on %+v", form, kind, got, b.Holdout, want.Scores["model"].AUC.Value, want.Holdout)
				}
			}
		}
	}
}

// near compares a model's figure with that of its fit without a covariance, which stops a few digits earlier.
func near(a, b float64) bool { return math.Abs(a-b) < 1e-3 }

func TestNoBesideWithoutAsOf(t *testing.T) {
	if b := run(t, config(writeLeads(t, makeLeads(1000, 22)))).Card.Targets["won"].Beside; b != nil {
		t.Errorf("measured beside without an as-of: %+v", b)
	}
}

// A model of derived moments is evaluated on a file that has none: rows are made as in training.
func TestEvaluateMakesTheSameRows(t *testing.T) {
	deals := makeDeals(1500, 23)
	for _, form := range []string{"created_at", "created_at + 2d", "every 30d from created_at for 60d"} {
		c := dealConfig(writeDeals(t, deals), form)
		c.Split.By = "random"
		r := run(t, c)
		if derived := form != "created_at"; derived != (r.Artifact.AsOf == "as_of") || derived != (r.Artifact.Snapshots == form) {
			t.Errorf("%s: the artifact has as_of %q made of %q", form, r.Artifact.AsOf, r.Artifact.Snapshots)
		}
		held := map[string]bool{}
		for _, id := range r.Holdout.IDs {
			held[id] = true
		}
		scorer, err := model.NewScorer(r.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		// Leads that were not used stay: they tell how far the data reaches.
		rest := without(deals, func(l deal) bool { return !held[l.id] && l.created < 600 })
		card, err := Evaluate(context.Background(), scorer, writeDeals(t, rest), datasets.ReadOptions{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		got := card.Targets["won"]
		balanced(t, got.Account)
		if counted(got.Account, "immature") == 0 {
			t.Errorf("%s: no row of the evaluation is immature", form)
		}
		if form == "created_at" {
			continue
		}
		for _, f := range card.Findings {
			if f.Column == "as_of" {
				t.Errorf("%s: the moment that is made is called absent", form)
			}
		}
		if got.Holdout.Rows < 100 || math.Abs(got.Scores["model"].AUC.Value-r.Card.Targets["won"].Scores["model"].AUC.Value) > .1 {
			t.Errorf("%s: AUC %.3f on %d rows, the hold-out had %.3f", form, got.Scores["model"].AUC.Value, got.Holdout.Rows, r.Card.Targets["won"].Scores["model"].AUC.Value)
		}
	}
}

func TestDuplicatesArePolicy(t *testing.T) {
	deals := makeDeals(600, 24)
	deals = append(deals, deals[7], deals[7], deals[30]) // rows 601, 602, 603
	deals[600].status, deals[600].closed = "won", deals[7].created+1
	deals[7].status, deals[7].closed, deals[601].status, deals[601].closed = "lost", deals[7].created+2, "lost", deals[7].created+2
	c := dealConfig(writeDeals(t, deals), "created_at")
	_, err := prepare(t, c)
	mustContain(t, err, `"L00007" (rows 8, 601, 602)`, "data.duplicates: first, last or drop")
	for policy, want := range map[Duplicates][3]bool{FirstDuplicates: {true, false, false}, LastDuplicates: {false, false, true}, DropDuplicates: {}} {
		c.Duplicates = policy
		d := prepared(t, c)
		for k, row := range []int{7, 600, 601} {
			if d.used[row] != want[k] {
				t.Errorf("%s: row %d is used: %v", policy, row+1, d.used[row])
			}
		}
		if !d.used[30] || d.used[602] || counted(d.account(0), "twice") != 1 {
			t.Errorf("%s: of two rows that agree the first is to be kept", policy)
		}
	}
	// The same lead at another moment is another row, and both are on one side.
	deals[600].created += 40
	deals[600].closed += 40
	deals = append(deals[:601], deals[602:]...)
	c = dealConfig(writeDeals(t, deals), "created_at")
	d := prepared(t, c)
	if !d.used[7] || !d.used[600] || d.lead[600] != 7 {
		t.Errorf("a lead at two moments: used %v and %v, lead %d", d.used[7], d.used[600], d.lead[600])
	}
	// Without as-of any two rows of a lead are of the same moment.
	c.Leads.AsOf, c.Targets[0].Horizon = "", ""
	c.Split.By = "random"
	_, err = prepare(t, c)
	mustContain(t, err, `"L00007" (rows 8, 601)`)
}

func TestDuplicatesByHash(t *testing.T) {
	deals := makeDeals(3000, 25)
	for i := range deals {
		deals[i].id = []string{"", "a", "b"}[i%3] + deals[i%1500].id
	}
	deals[0].id, deals[1500].id = "", ""
	table, err := datasets.Read(context.Background(), writeDeals(t, deals), datasets.ReadOptions{Force: map[string]datasets.Field{"lead_id": {Name: "lead_id", Kind: datasets.Text}}})
	if err != nil {
		t.Fatal(err)
	}
	lead := (&data{leads: table, ids: 0}).leadsOf()
	first := map[string]int32{}
	for i, l := range deals {
		want, seen := first[l.id]
		if l.id == "" || !seen {
			want = int32(i)
			first[l.id] = want
		}
		if lead[i] != want {
			t.Fatalf("row %d is lead %d, want %d", i, lead[i], want)
		}
	}
}

func chainConfig(path string) Config {
	c := dealConfig(path, "created_at")
	won := c.Targets[0]
	c.Targets = []Target{{Name: "sql", Column: "sql", Positive: []string{"true"}, At: "sql_at", Horizon: "60d"}, won}
	c.Targets[1].Horizon = "120d"
	return c
}

// P(won) as P(sql) · P(won | sql): the conditional model is fitted on the rows that reached sql, probabilities
// multiply, both ways are compared whichever the model has, and the primary target is not touched.
func TestChainedTargets(t *testing.T) {
	path := writeDeals(t, makeDeals(3000, 26))
	direct := run(t, chainConfig(path))
	c := chainConfig(path)
	c.Targets[1].Via = "sql"
	chained := run(t, c)
	if g := chained.Artifact.Targets[1].Given; g != "sql" || direct.Artifact.Targets[1].Given != "" {
		t.Fatalf("given %q, and %q where nothing was said", g, direct.Artifact.Targets[1].Given)
	}
	one, two := direct.Card.Targets["won"].Chain, chained.Card.Targets["won"].Chain
	if one == nil || two == nil || one.Used != model.WayDirect || two.Used != model.WayChained || one.Given != "sql" || two.Given != "sql" {
		t.Fatalf("compared %+v and %+v", one, two)
	}
	for _, way := range []string{model.WayDirect, model.WayChained} {
		if !near(one.Scores[way].LogLoss.Value, two.Scores[way].LogLoss.Value) || !near(one.Scores[way].AUC.Value, two.Scores[way].AUC.Value) {
			t.Errorf("%s has other figures where the model has the other way", way)
		}
	}
	metrics := map[string]bool{}
	for _, x := range one.Comparisons {
		metrics[x.Metric] = true
		if x.A != model.WayChained || x.B != model.WayDirect {
			t.Errorf("compared %s with %s", x.A, x.B)
		}
	}
	if !metrics["auc"] || !metrics["log_loss"] {
		t.Errorf("compared by %v, want AUC and log loss", metrics)
	}
	if direct.Card.Targets["won"].Scores["model"].AUC != one.Scores[model.WayDirect].AUC || chained.Card.Targets["won"].Scores["model"].AUC != one.Scores[model.WayChained].AUC {
		t.Error("the model's own figures are not those of its way")
	}
	won, sql := chained.Holdout.Columns.Probabilities[1], chained.Holdout.Columns.Probabilities[0]
	for i := range won {
		if won[i] >= sql[i] {
			t.Fatalf("row %d: P(won) %v is not below P(sql) %v", i, won[i], sql[i])
		}
	}
	train := chained.Card.Targets["won"]
	balanced(t, train.Account)
	if counted(train.Account, "given not reached") == 0 || train.Train.Rows >= direct.Card.Targets["won"].Train.Rows {
		t.Errorf("the conditional model trains on %d rows, the direct one on %d", train.Train.Rows, direct.Card.Targets["won"].Train.Rows)
	}
	if train.Holdout != direct.Card.Targets["won"].Holdout {
		t.Error("both ways are to be measured on the same hold-out")
	}
	c.Targets[1].Via = "none"
	alone := run(t, c)
	if alone.Card.Targets["won"].Chain != nil {
		t.Error("via none is compared all the same")
	}
	for name, r := range map[string]*Result{"via none": alone, "not said": direct} {
		if !slices.Equal(artifactBytes(t, r.Artifact), artifactBytes(t, direct.Artifact)) {
			t.Errorf("%s: the artifact is another one", name)
		}
	}
}

func TestChainRefuses(t *testing.T) {
	path := writeDeals(t, makeDeals(600, 27))
	for name, c := range map[string]struct {
		spoil func(*Config)
		says  string
	}{
		"primary": {func(c *Config) { c.Targets[0].Via = "won" }, "its effects must add up to its logit"},
		"nobody":  {func(c *Config) { c.Targets[1].Via = "mql" }, `no target "mql" before it`},
		"itself":  {func(c *Config) { c.Targets[1].Via = "won" }, `no target "won" before it`},
		"prior":   {func(c *Config) { c.Targets[1].Via, c.Targets[1].Prior = "sql", .1 }, "give the prior to the target"},
	} {
		config := chainConfig(path)
		c.spoil(&config)
		_, err := prepare(t, config)
		mustContain(t, err, c.says)
		if err == nil {
			t.Error(name)
		}
	}
}

// Without a horizon nothing can be purged, and that is said.
func TestNothingToPurgeIsSaid(t *testing.T) {
	c := dealConfig(writeDeals(t, makeDeals(1000, 28)), "created_at")
	c.Targets[0].Horizon = ""
	r := run(t, c)
	said := false
	for _, f := range r.Card.Findings {
		said = said || f.Reason == "not purged" && strings.Contains(f.Text, `"won" has no horizon`)
	}
	if !said || counted(r.Card.Targets["won"].Account, "open") == 0 || counted(r.Card.Targets["won"].Account, "purged") > 0 {
		t.Errorf("findings %+v, account %+v", r.Card.Findings, r.Card.Targets["won"].Account)
	}
}

// Real leads: Olist's, forward in time with a horizon, beside the random split.
func TestOlistForwardInTimeBesideRandom(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with olist_mql.csv")
	}
	read := func(name string) *datasets.Table {
		table, err := datasets.Read(context.Background(), filepath.Join(folder, name), datasets.ReadOptions{Force: map[string]datasets.Field{"mql_id": {Name: "mql_id", Kind: datasets.Text}}})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	joined, _, err := datasets.Join(read("olist_mql.csv"), read("olist_closed_deals.csv"), datasets.JoinOptions{LeftKey: "mql_id", RightKey: "mql_id", Columns: []string{"won_date"}, Matched: "won"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "olist.csv")
	if err := datasets.WriteTable(path, joined); err != nil {
		t.Fatal(err)
	}
	r := run(t, Config{
		Leads:   Leads{Path: path, ID: "mql_id", AsOf: "first_contact_date"},
		Targets: []Target{{Name: "won", Column: "won", Positive: []string{"true"}, At: "won_date", Horizon: "90d"}},
	})
	card := r.Card.Targets["won"]
	if in := balanced(t, card.Account); in != 8000 {
		t.Errorf("%d rows, want 8000", in)
	}
	if counted(card.Account, "purged") == 0 {
		t.Errorf("no row is purged: %+v", card.Account)
	}
	if card.Split != "time" || card.Beside == nil || card.Beside.Split != "random" {
		t.Fatalf("split by %s, beside %+v", card.Split, card.Beside)
	}
	forward, random := card.Scores["model"], card.Beside.Scores["model"]
	t.Logf("account %+v", card.Account)
	t.Logf("by time AUC %.3f (%.3f to %.3f), log loss %.3f; at random AUC %.3f (%.3f to %.3f), log loss %.3f",
		forward.AUC.Value, forward.AUC.Lower, forward.AUC.Upper, forward.LogLoss.Value, random.AUC.Value, random.AUC.Lower, random.AUC.Upper, random.LogLoss.Value)
	if forward.AUC.Value < .6 || random.AUC.Value < .6 {
		t.Error("both are to be better than .6")
	}
}
