package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"leadscore/datasets"
)

// happening is an event of a lead in a test.
type happening struct {
	lead string
	datasets.Event
}

const testLeads = 60

func leadNames() []string {
	names := make([]string, testLeads)
	for i := range names {
		names[i] = fmt.Sprintf("lead %d", i)
	}
	return names
}

// randomLog has what is hard: moments that coincide with each other and with as-of moments, ids that come twice with
// other properties, numbers whose sum depends on the order, leads without events, types and channels that are rare.
func randomLog(r *rand.Rand, n int) []happening {
	types := []string{"visit", "visit", "visit", "order", "order", "call", "events", "visit.deep"}
	channels := []string{"", "mail", "ads", "ads", "fax"}
	amounts := []float64{math.NaN(), 0.1, 0.2, 0.3, 1e16, -1e16, 3}
	log := make([]happening, n)
	for i := range log {
		h := happening{lead: fmt.Sprintf("lead %d", r.IntN(testLeads*9/10))}
		h.Type, h.Channel = types[r.IntN(len(types))], channels[r.IntN(len(channels))]
		if r.IntN(200) == 0 {
			h.Type = "rare"
		}
		switch r.IntN(3) {
		case 0:
			h.At = int64(r.IntN(20)) * 10 * day // many at one moment
		case 1:
			h.At = int64(r.IntN(400)) * day / 2
		default:
			h.At = r.Int64N(200 * day)
		}
		if r.IntN(3) > 0 {
			h.ID = fmt.Sprintf("e%d", r.IntN(n/2))
		}
		for _, name := range []string{"amount", "rank"} {
			if x := amounts[r.IntN(len(amounts))]; !math.IsNaN(x) {
				h.Values = append(h.Values, datasets.Property{Name: name, Value: x})
			}
		}
		log[i] = h
	}
	return log
}

// randomRows sees each lead at some moments, of which one may be missing.
func randomRows(r *rand.Rand) []Moment {
	var rows []Moment
	for lead := range testLeads {
		for range 1 + r.IntN(3) {
			m := Moment{int32(lead), int64(r.IntN(440)) * day / 2}
			if r.IntN(10) == 0 {
				m.AsOf = datasets.MissingTime
			}
			rows = append(rows, m)
		}
	}
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// write writes events to files of the given names, one event after another to each in turn.
func write(t *testing.T, log []happening, names ...string) []string {
	t.Helper()
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "lead", Kind: datasets.Text}, {Name: "at", Kind: datasets.Time}, {Name: "type", Kind: datasets.Text}, {Name: "id", Kind: datasets.Text},
		{Name: "channel", Kind: datasets.Text}, {Name: "amount", Kind: datasets.Numeric}, {Name: "rank", Kind: datasets.Numeric},
	}}
	var paths []string
	for k, name := range names {
		columns := make([]datasets.Column, len(schema.Fields))
		for i := range columns {
			columns[i].Kind = schema.Fields[i].Kind
		}
		rows := 0
		for i := k; i < len(log); i += len(names) {
			h := &log[i]
			columns[0].Texts = append(columns[0].Texts, h.lead)
			columns[1].Times = append(columns[1].Times, h.At)
			columns[2].Texts = append(columns[2].Texts, h.Type)
			columns[3].Texts = append(columns[3].Texts, h.ID)
			columns[4].Texts = append(columns[4].Texts, h.Channel)
			columns[5].Numbers = append(columns[5].Numbers, property(&h.Event, "amount"))
			columns[6].Numbers = append(columns[6].Numbers, property(&h.Event, "rank"))
			rows++
		}
		b, err := datasets.NewBatch(schema, rows, columns)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := datasets.WriteTable(path, &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

var testSpec = Spec{Windows: []int64{day, 7 * day, 30 * day}, MinLeads: 12}

func testSource(paths []string) Source {
	return Source{Paths: paths, Lead: "lead", At: "at", Type: "type", ID: "id", Channel: "channel", Properties: []string{"amount", "rank"}}
}

func readLog(t *testing.T, paths []string, o Options) *Log {
	t.Helper()
	log, _, err := Read(t.Context(), testSource(paths), leadNames(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, log) })
	return log
}

func learn(t *testing.T, l *Log, rows []Moment, use []bool) *Plan {
	t.Helper()
	p, err := Learn(t.Context(), l, rows, use, testSpec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func columnsOf(t *testing.T, p *Plan, l *Log, rows []Moment, workers int) []datasets.Column {
	t.Helper()
	columns, err := p.Columns(t.Context(), l, rows, workers)
	if err != nil {
		t.Fatal(err)
	}
	return columns
}

// same compares columns bit for bit.
func same(t *testing.T, what string, fields []datasets.Field, got, want []datasets.Column) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d columns, want %d", what, len(got), len(want))
	}
	for c := range want {
		for i := range want[c].Len() {
			if !sameValue(got[c].Value(i), want[c].Value(i)) {
				t.Fatalf("%s: %s of row %d is %v, want %v", what, fields[c].Name, i, got[c].Value(i), want[c].Value(i))
			}
		}
	}
}

func sameValue(a, b datasets.Value) bool {
	return a.Kind == b.Kind && math.Float64bits(a.Num) == math.Float64bits(b.Num) && a.Str == b.Str
}

func shuffled(r *rand.Rand, log []happening) []happening {
	log = slices.Clone(log)
	r.Shuffle(len(log), func(i, j int) { log[i], log[j] = log[j], log[i] })
	return log
}
