package train

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

var forms = []string{"created_at", "created_at + 3d", "every 7d from created_at for 90d", "every 30d from created_at"}

// Every row of the file, and every row that a grid adds, is in exactly one line of the account, whatever the form,
// the split and the dirt in the file; lines are what a count of the rows by hand gives.
func TestAccountHoldsEveryRow(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	deals := makeDeals(1500, 1)
	for i := range deals {
		switch {
		case deals[i].status == "won" && rng.Float64() < .05:
			deals[i].closed = -1 // converted, nobody wrote down when
		case deals[i].status != "open" && rng.Float64() < .03:
			deals[i].closed = max(0, deals[i].created-1) // before as-of
		case rng.Float64() < .02:
			deals[i].closed = 5000 // in the future
		}
	}
	for i := 0; i < 60; i++ {
		deals = append(deals, deals[rng.IntN(1000)]) // twice, the same
	}
	twist := deals[0]
	twist.status, twist.closed = "won", twist.created+1
	deals[0].status = "lost"
	deals = append(deals, twist)
	path := writeDeals(t, deals)
	for _, form := range forms {
		for _, by := range []string{"time", "random"} {
			for _, policy := range []Duplicates{FirstDuplicates, LastDuplicates, DropDuplicates} {
				c := dealConfig(path, form)
				c.Targets = append(c.Targets, Target{Name: "sql", Column: "sql", Positive: []string{"true"}, At: "sql_at"})
				c.Split.By, c.Duplicates, c.Now = by, policy, dayZero.AddDate(3, 0, 0)
				d := prepared(t, c)
				for k := range d.outcomes {
					account := d.account(k)
					if in := balanced(t, account); in != d.rows() {
						t.Errorf("%s by %s: %d rows accounted for, the table has %d", form, by, in, d.rows())
					}
					if got := counted(account, model.CountRead); got != len(deals) {
						t.Errorf("%s: %d rows read, want %d", form, got, len(deals))
					}
					if s := d.sample(k, false); s.Rows != counted(account, model.CountTrain) {
						t.Errorf("%s: %d training rows in the sample, %d in the account", form, s.Rows, counted(account, model.CountTrain))
					}
					if s := d.sample(k, true); s.Rows != counted(account, model.CountHoldout) {
						t.Errorf("%s: %d hold-out rows in the sample, %d in the account", form, s.Rows, counted(account, model.CountHoldout))
					}
				}
				conflicting := 1
				if policy == DropDuplicates {
					conflicting = 2
				}
				if got := counted(d.account(0), "conflicting"); got != conflicting {
					t.Errorf("%s, %s: %d conflicting rows, want %d", form, policy, got, conflicting)
				}
				if got := counted(d.account(0), "twice"); got < 55 || got > 60 {
					t.Errorf("%s: %d rows are there twice, want nearly 60", form, got)
				}
				for _, what := range []string{"immature", "no outcome time", "outcome before as-of"} {
					if counted(d.account(0), what) == 0 {
						t.Errorf("%s by %s: no row is %q", form, by, what)
					}
				}
			}
		}
	}
}

// No window of a training row reaches into the period of the hold-out, no lead has rows on both sides, and what is
// purged would have broken one of the two.
func TestPurgeKeepsWindowsAndLeadsApart(t *testing.T) {
	path := writeDeals(t, makeDeals(1500, 2))
	for _, form := range forms {
		for _, by := range []string{"time", "random"} {
			c := dealConfig(path, form)
			c.Split.By = by
			d := prepared(t, c)
			trains := map[int32]bool{}
			for i, in := range d.train {
				if in && d.lead != nil {
					trains[d.lead[i]] = true
				}
			}
			purged := 0
			for i, u := range d.used {
				overlaps := by == "time" && d.asOf[i]+60*day > d.cut
				switch {
				case !u:
				case d.train[i]:
					if overlaps {
						t.Fatalf("%s by %s: row %d trains and its window reaches into the hold-out", form, by, i)
					}
				case d.holdout[i]:
					if by == "time" && d.asOf[i] < d.cut || d.lead != nil && trains[d.lead[i]] {
						t.Fatalf("%s by %s: row %d is held out before the cut, or its lead trains", form, by, i)
					}
				default:
					purged++
					if before := d.asOf[i] < d.cut; by == "random" || before != overlaps && before || !before && !trains[d.lead[i]] {
						t.Fatalf("%s by %s: row %d is purged for nothing", form, by, i)
					}
				}
			}
			if by == "time" && purged == 0 {
				t.Errorf("%s: nothing was purged", form)
			}
			if by == "random" && purged > 0 {
				t.Errorf("%s: %d rows purged of a random split", form, purged)
			}
		}
	}
}

// What happens to a lead after its window changes nothing: later wins may become losses, open deals or other moments.
func TestNothingAfterTheWindowMatters(t *testing.T) {
	deals := makeDeals(1500, 3)
	artifact := func() []byte {
		c := dealConfig(writeDeals(t, deals), "created_at")
		c.Features.Exclude = []string{"sql", "sql_at"}
		r := run(t, c)
		if counted(r.Card.Targets["won"].Account, "immature") == 0 {
			t.Fatal("no row is immature")
		}
		return artifactBytes(t, r.Artifact)
	}
	before := artifact()
	changed := 0
	for i := range deals {
		if l := &deals[i]; l.status == "open" || l.closed > l.created+60.01 {
			changed++
			l.status, l.closed = "won", l.created+61+float64(i%100)
			switch i % 3 {
			case 0:
				l.status, l.closed = "open", -1
			case 1:
				l.status = "lost"
			}
		} else if l.status == "lost" {
			l.closed = -1 // when a deal was lost within its window is not asked for
		}
	}
	if changed < 300 {
		t.Fatalf("only %d leads changed", changed)
	}
	if !slices.Equal(before, artifact()) {
		t.Error("what came after the window changed the artifact")
	}
	for i := range deals { // and the law is not empty: one win within its window does
		if deals[i].status == "won" && deals[i].closed < deals[i].created+59 && deals[i].created < 300 {
			deals[i].closed = deals[i].created + 61
			break
		}
	}
	if slices.Equal(before, artifact()) {
		t.Error("a win that left its window changed nothing")
	}
}

// Moving the end of the data earlier gives the labels that the same file would have had then: rows that are mature at
// both ends have the same label, and rows become immature in the order of their moments only.
func TestMovingTheEnd(t *testing.T) {
	deals := makeDeals(1500, 4)
	path := writeDeals(t, deals)
	for _, form := range []string{"created_at", "created_at + 3d"} {
		var before *data
		for _, end := range []int{730, 700, 550, 400} {
			c := dealConfig(path, form)
			c.End = dayZero.AddDate(0, 0, end)
			d := prepared(t, c)
			last := c.End.UnixMicro() - 60*day
			for i, l := range d.outcomes[0].Label {
				early := deals[i].closed >= 0 && dayZero.UnixMicro()+int64(deals[i].closed*day) < d.asOf[i]
				if mature := d.asOf[i] <= last && !early; mature != (l != setAside) {
					t.Fatalf("%s, end %d: row %d is mature %v, label %d", form, end, i, mature, l)
				}
				if before != nil && l != setAside && l != before.outcomes[0].Label[i] {
					t.Fatalf("%s, end %d: row %d was %d and is %d", form, end, i, before.outcomes[0].Label[i], l)
				}
			}
			before = d
		}
	}
}

// Without data.end the latest moment that is not in the future is the end.
func TestEndIsTheLatestMomentSeen(t *testing.T) {
	deals := makeDeals(800, 5)
	deals[3].closed, deals[3].status = 4000, "won" // a slip of the pen: not before now
	c := dealConfig(writeDeals(t, deals), "created_at")
	c.End, c.Now = time.Time{}, dayZero.AddDate(0, 0, 1000)
	d := prepared(t, c)
	latest := 0.0
	for i, l := range deals {
		if latest = max(latest, l.created); i != 3 {
			latest = max(latest, l.closed)
		}
	}
	if want := dayText(latest); moment(d.period.end/1e6*1e6) != want {
		t.Errorf("the end is %s, want %s", moment(d.period.end), want)
	}
	if got := counted(d.account(0), "outcome in the future"); got != 1 {
		t.Errorf("%d outcomes in the future, want 1", got)
	}
	if d.period.future != 1 {
		t.Errorf("%d moments in the future, want 1", d.period.future)
	}
}

func TestGridOfOneLead(t *testing.T) {
	deals := makeDeals(400, 6)
	deals[0].created, deals[0].status, deals[0].closed = 10, "won", 31   // k = 0, 1, 2: 10, 17, 24; 31 is closed
	deals[1].created, deals[1].status, deals[1].closed = 10, "open", -1  // to the end or to 60 rows
	deals[2].created, deals[2].status, deals[2].closed = 715, "open", -1 // 715, 722, 729; the end is 730
	deals[3].created, deals[3].status, deals[3].closed = 10, "lost", -1  // closed, nobody knows when
	c := dealConfig(writeDeals(t, deals), "every 7d from created_at")
	d := prepared(t, c)
	rows := map[int32][]int64{}
	for i, l := range d.lead {
		rows[l] = append(rows[l], (d.asOf[i]-dayZero.UnixMicro())/day)
	}
	for lead, want := range map[int32][]int64{0: {10, 17, 24}, 2: {715, 722, 729}, 3: {10}} {
		if !slices.Equal(rows[lead], want) {
			t.Errorf("lead %d has rows at days %v, want %v", lead, rows[lead], want)
		}
	}
	if len(rows[1]) != mostRows || d.capped == 0 || d.untimed == 0 {
		t.Errorf("an open lead has %d rows, want %d; %d capped, %d without a time", len(rows[1]), mostRows, d.capped, d.untimed)
	}
	at := d.leads.Schema.Index("as_of")
	row := 0
	for _, b := range d.leads.Batches {
		for i := range b.Rows() {
			if got := b.Value(at, i).Time; got != d.asOf[row] {
				t.Fatalf("row %d: as_of is %d, want %d", row, got, d.asOf[row])
			}
			if got, want := b.Value(d.ids, i).String(), deals[d.lead[row]].id; got != want {
				t.Fatalf("row %d is lead %s, want %s", row, got, want)
			}
			row++
		}
	}
	c.Leads.AsOf = "every 7d from created_at for 21d"
	for lead, n := range map[int32]int{0: 3, 1: 3, 2: 3, 3: 1} {
		got := 0
		for _, l := range prepared(t, c).lead {
			if l == lead {
				got++
			}
		}
		if got != n {
			t.Errorf("lead %d has %d rows in 21 days, want %d", lead, got, n)
		}
	}
}

// fakeEvents is an event log of one type.
type fakeEvents struct {
	first  map[string]int64
	latest int64
}

func (f fakeEvents) First(_ context.Context, eventType string) (func(string) int64, error) {
	return func(lead string) int64 {
		if t, ok := f.first[lead]; ok && eventType == "demo" {
			return t
		}
		return datasets.MissingTime
	}, nil
}

func (f fakeEvents) Latest(_ context.Context, by int64) (int64, error) { return min(f.latest, by), nil }

func TestFirstEvent(t *testing.T) {
	deals := makeDeals(1000, 7)
	events := fakeEvents{first: map[string]int64{}, latest: dayZero.AddDate(0, 0, 725).UnixMicro()}
	for i, l := range deals {
		if i%3 != 0 {
			events.first[l.id] = dayZero.UnixMicro() + int64(l.created*day) + day
		}
	}
	c := dealConfig(writeDeals(t, deals), "first demo + 2d")
	if _, err := prepare(t, c); err == nil {
		t.Error("without an event log it trains")
	}
	c.EventMoments = events
	d := prepared(t, c)
	if got := counted(d.account(0), "no as-of"); got != 334 {
		t.Errorf("%d leads without the event, want 334", got)
	}
	for i, l := range deals {
		want := int64(datasets.MissingTime)
		if at, ok := events.first[l.id]; ok {
			want = at + 2*day
		}
		if d.asOf[i] != want {
			t.Fatalf("lead %d is looked at %d, want %d", i, d.asOf[i], want)
		}
	}
	c.Leads.AsOf = "first webinar"
	_, err := prepare(t, c)
	mustContain(t, err, `no lead has an event of type "webinar"`)
	events.latest = dayZero.AddDate(0, 0, 1000).UnixMicro() // the log may tell of a later end than the leads
	c.EventMoments, c.Leads.AsOf, c.End = events, "first demo", time.Time{}
	if d := prepared(t, c); d.period.end != events.latest {
		t.Errorf("the end is %s, want that of the log, %s", moment(d.period.end), moment(events.latest))
	}
}

func TestSnapshotsRefuse(t *testing.T) {
	path := writeDeals(t, makeDeals(400, 8))
	for name, c := range map[string]struct {
		spoil func(*Config)
		says  []string
	}{
		"no column": {func(c *Config) { c.Leads.AsOf = "create_at + 3d" }, []string{`no column "create_at"`, `did you mean "created_at"?`}},
		"a number":  {func(c *Config) { c.Leads.AsOf = "visits + 3d" }, []string{"is numeric, want time"}},
		"form":      {func(c *Config) { c.Leads.AsOf = "created_at + x" }, []string{"data.leads.as_of", "not a duration"}},
		"no as-of":  {func(c *Config) { c.Leads.AsOf = "" }, []string{"a horizon begins at the as-of moment"}},
		"no time":   {func(c *Config) { c.Targets[0].At = "" }, []string{"a horizon needs `at`"}},
		"at a text": {func(c *Config) { c.Targets[0].At = "source" }, []string{"is categorical, want time"}},
		"grid, no at": {func(c *Config) {
			c.Leads.AsOf = "every 7d from created_at"
			c.Targets[0].At, c.Targets[0].Horizon = "", ""
		}, []string{"targets.won.at"}},
		"end too soon": {func(c *Config) { c.End = dayZero.AddDate(0, 0, 20) }, []string{"immature", "as-of after the end"}},
	} {
		config := dealConfig(path, "created_at")
		c.spoil(&config)
		_, err := prepare(t, config)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		mustContain(t, err, c.says...)
	}
}
