package history

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"leadscore/datasets"
)

// Order, files, formats, goroutines and memory change no bit of the plan or the columns.
func TestOnlyTheEventsMatter(t *testing.T) {
	defer goleak.VerifyNone(t)
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		events, rows := randomLog(r, 3000), randomRows(r)
		log := readLog(t, write(t, events, "events.parquet"), Options{Workers: 1})
		plan := learn(t, log, rows, nil)
		want := columnsOf(t, plan, log, rows, 1)
		wantPlan, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]struct {
			events []happening
			files  []string
			Options
		}{
			"another order":   {events: shuffled(r, events), files: []string{"events.parquet"}},
			"three files":     {events: shuffled(r, events), files: []string{"a.parquet", "b.csv", "c.jsonl"}},
			"text":            {events: events, files: []string{"events.csv.gz"}},
			"twice delivered": {events: twice(r, events), files: []string{"events.parquet", "again.parquet"}},
			"hardly memory":   {events: shuffled(r, events), files: []string{"events.parquet"}, Options: Options{Memory: 1}},
			"little memory":   {events: shuffled(r, events), files: []string{"a.parquet", "b.parquet"}, Options: Options{Memory: 60_000, Workers: 3}},
			"goroutines":      {events: shuffled(r, events), files: []string{"a.parquet", "b.csv"}, Options: Options{Workers: 4}},
		} {
			dir := t.TempDir()
			o.TempDir = dir
			l := readLog(t, write(t, o.events, o.files...), o.Options)
			if o.Memory > 0 && !l.parts[0].inFile {
				t.Errorf("%s: nothing was spilt", name)
			}
			other := learn(t, l, rows, nil)
			if got, err := json.Marshal(other); err != nil || string(got) != string(wantPlan) {
				t.Errorf("%s: plan %s, want %s", name, got, wantPlan)
			}
			same(t, name, plan.Fields(), columnsOf(t, plan, l, rows, 4), want)
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s: %d files beside the log", name, len(left)) // they are unlinked at once
			}
		}
	}
}

// twice repeats events that have an id.
func twice(r *rand.Rand, events []happening) []happening {
	events = slices.Clone(events)
	for _, h := range events {
		if h.ID != "" && r.IntN(2) == 0 {
			events = append(events, h)
		}
	}
	return events
}

// Whatever happens at or after the as-of moments of a lead changes none of its columns, and nothing of what is learned.
func TestTheFutureChangesNothing(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 2))
		events := randomLog(r, 2000)
		rows := make([]Moment, testLeads)
		for lead := range rows {
			rows[lead] = Moment{int32(lead), int64(150+r.IntN(60)) * day / 2}
		}
		number := map[string]int{}
		for i, lead := range leadNames() {
			number[lead] = i
		}
		for i := range events {
			if i%10 == 0 {
				events[i].At = rows[number[events[i].lead]].AsOf
			}
		}
		log := readLog(t, write(t, events, "events.parquet"), Options{})
		plan := learn(t, log, rows, nil)
		want := columnsOf(t, plan, log, rows, 0)
		var changed []happening
		at, moved := 0, 0
		for _, h := range events {
			asOf := rows[number[h.lead]].AsOf
			if h.At < asOf {
				changed = append(changed, h)
				continue
			}
			if h.At == asOf {
				at++
			}
			switch r.IntN(4) { // else it is deleted
			case 0:
				changed = append(changed, h)
			case 1:
				moved++
				h.At = asOf + r.Int64N(10*day)
				changed = append(changed, h)
			case 2:
				added := h
				added.At, added.Type, added.ID = asOf, "new", events[r.IntN(len(events))].ID
				changed = append(changed, h, added)
			}
		}
		if at == 0 || moved == 0 {
			t.Fatalf("%d events at the cutoff, %d moved", at, moved)
		}
		l := readLog(t, write(t, changed, "events.parquet"), Options{})
		same(t, "changed future", plan.Fields(), columnsOf(t, plan, l, rows, 0), want)
		a, _ := json.Marshal(plan)
		if b, _ := json.Marshal(learn(t, l, rows, nil)); string(a) != string(b) {
			t.Errorf("plan %s, want %s", b, a)
		}
		// An event a microsecond before the cutoff does change them, or the test could not fail.
		early := append(slices.Clone(changed), happening{"lead 3", datasets.Event{Type: "visit", At: rows[3].AsOf - 1}})
		l = readLog(t, write(t, early, "events.parquet"), Options{})
		if got := columnsOf(t, plan, l, rows, 0); got[0].Numbers[3] != want[0].Numbers[3]+1 {
			t.Errorf("an event before as-of: %v, want one more than %v", got[0].Numbers[3], want[0].Numbers[3])
		}
	}
}

// One lead online gets the bits of the table.
func TestRowIsARowOfColumns(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 3))
		events, rows := randomLog(r, 3000), randomRows(r)
		log := readLog(t, write(t, events, "events.parquet"), Options{})
		plan := learn(t, log, rows, nil)
		columns := columnsOf(t, plan, log, rows, 0)
		var of [testLeads][]datasets.Event
		for _, h := range twice(r, shuffled(r, events)) {
			var lead int
			if _, err := fmt.Sscanf(h.lead, "lead %d", &lead); err != nil {
				t.Fatal(err)
			}
			of[lead] = append(of[lead], h.Event)
		}
		var s Scratch
		dst := make([]datasets.Value, len(columns))
		for i, m := range rows {
			plan.Row(of[m.Lead], m.AsOf, dst, &s)
			for c, f := range plan.Fields() {
				if !sameValue(dst[c], columns[c].Value(i)) {
					t.Fatalf("seed %d: %s of row %d is %v, want %v", seed, f.Name, i, dst[c], columns[c].Value(i))
				}
			}
		}
		m := rows[0]
		if n := testing.AllocsPerRun(20, func() { plan.Row(of[m.Lead], m.AsOf, dst, &s) }); n > 0 {
			t.Errorf("Row allocates %v times", n)
		}
	}
}

// Only training rows teach.
func TestLearnLooksAtTrainingRowsAlone(t *testing.T) {
	var events []happening
	names := leadNames()
	for i, lead := range names {
		h := happening{lead, datasets.Event{Type: "visit", At: 10 * day, Channel: "mail"}}
		events = append(events, h)
		h.Type, h.Channel, h.At = "late", "ads", 20*day // at the cutoff
		events = append(events, h)
		if i >= 30 {
			h.Type, h.Channel, h.At = "elsewhere", "fax", 5*day
			events = append(events, h)
		}
	}
	rows, use := make([]Moment, 2*testLeads), make([]bool, 2*testLeads)
	for i := range rows {
		rows[i] = Moment{int32(i % testLeads), 20 * day}
		use[i] = i < 30 // the second row of a lead is never used, but later
		if i >= testLeads {
			rows[i].AsOf = datasets.MissingTime
		}
	}
	log := readLog(t, write(t, events, "events.parquet"), Options{})
	p := learn(t, log, rows, use)
	if len(p.learned.Types) != 1 || p.learned.Types[0].Name != "visit" || !slices.Equal(p.learned.Channels, []string{"mail"}) {
		t.Errorf("learned %+v", p.learned)
	}
	p = learn(t, log, rows, nil)
	if len(p.learned.Types) != 3 {
		t.Errorf("learned of all %+v", p.learned)
	}
}
