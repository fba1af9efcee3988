package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"leadscore/datasets"
)

// testColumn is a column of a table under construction, cell by cell.
type testColumn struct {
	name  string
	kind  datasets.Kind
	cells []datasets.Value
}

// tableOf cuts columns into batches of at most size rows (0: one batch).
func tableOf(t testing.TB, size int, columns ...testColumn) *datasets.Table {
	t.Helper()
	s := &datasets.Schema{}
	rows := 0
	for _, c := range columns {
		s.Fields = append(s.Fields, datasets.Field{Name: c.name, Kind: c.kind})
		rows = len(c.cells)
	}
	table := &datasets.Table{Schema: s}
	if size == 0 {
		size = max(rows, 1)
	}
	for from := 0; from < rows; from += size {
		to := min(from+size, rows)
		var out []datasets.Column
		for _, c := range columns {
			out = append(out, columnOf(c.kind, c.cells[from:to]))
		}
		b, err := datasets.NewBatch(s, to-from, out)
		if err != nil {
			t.Fatal(err)
		}
		table.Batches = append(table.Batches, b)
	}
	return table
}

func columnOf(kind datasets.Kind, cells []datasets.Value) datasets.Column {
	c := datasets.Column{Kind: kind}
	codes := map[string]int32{}
	for _, v := range cells {
		switch kind {
		case datasets.Numeric, datasets.Boolean:
			x := v.Num
			if v.Missing() {
				x = math.NaN()
			}
			c.Numbers = append(c.Numbers, x)
		case datasets.Categorical:
			if v.Missing() {
				c.Codes = append(c.Codes, -1)
				continue
			}
			k, ok := codes[v.Str]
			if !ok {
				k = int32(len(c.Levels))
				codes[v.Str] = k
				c.Levels = append(c.Levels, v.Str)
			}
			c.Codes = append(c.Codes, k)
		case datasets.Time:
			x := v.Time
			if v.Missing() {
				x = datasets.MissingTime
			}
			c.Times = append(c.Times, x)
		case datasets.Text:
			c.Texts = append(c.Texts, v.Str)
		}
	}
	return c
}

// numbersOf, wordsOf: NaN and "" are missing.
func numbersOf(name string, xs ...float64) testColumn {
	c := testColumn{name: name, kind: datasets.Numeric}
	for _, x := range xs {
		v := datasets.Number(x)
		if math.IsNaN(x) {
			v = datasets.Value{}
		}
		c.cells = append(c.cells, v)
	}
	return c
}

func wordsOf(name string, words ...string) testColumn {
	c := testColumn{name: name, kind: datasets.Categorical}
	for _, s := range words {
		v := datasets.Level(s)
		if s == "" {
			v = datasets.Value{}
		}
		c.cells = append(c.cells, v)
	}
	return c
}

func repeat(n int, words ...string) []string {
	var out []string
	for _, w := range words {
		out = append(out, slices.Repeat([]string{w}, n)...)
	}
	return out
}

const testDay = 86400 * 1e6

// crm returns columns of every kind that a feature can come of, with missing cells and rare
// levels, and the spec that asks for every treatment.
func crm(rng *rand.Rand, rows int) []testColumn {
	gen := func(name string, kind datasets.Kind, missing float64, cell func(i int) datasets.Value) testColumn {
		c := testColumn{name: name, kind: kind}
		for i := range rows {
			v := datasets.Value{}
			if rng.Float64() >= missing {
				v = cell(i)
			}
			c.cells = append(c.cells, v)
		}
		return c
	}
	pick := func(words ...string) func(int) datasets.Value {
		return func(int) datasets.Value {
			k := int(float64(len(words)) * math.Pow(rng.Float64(), 2))
			return datasets.Level(words[k])
		}
	}
	var titles []string
	for _, a := range []string{"Senior ", "Junior ", "Head of ", "VP ", "Director of ", ""} {
		for _, b := range []string{"Sales", "Marketing", "Engineering", "HR", "Gardening"} {
			titles = append(titles, a+b)
		}
	}
	start := int64(17000) * testDay
	asOf := gen("created_at", datasets.Time, .02, func(i int) datasets.Value {
		return datasets.At(start + int64(i)*testDay/4 + rng.Int64N(testDay))
	})
	return []testColumn{
		gen("visits", datasets.Numeric, .1, func(int) datasets.Value {
			if rng.IntN(4) == 0 {
				return datasets.Number(0)
			}
			return datasets.Number(math.Round(100*rng.ExpFloat64()) / 4)
		}),
		gen("revenue", datasets.Numeric, 0, func(int) datasets.Value { return datasets.Number(rng.NormFloat64() * 1e6) }),
		gen("stars", datasets.Numeric, .05, func(int) datasets.Value { return datasets.Number(float64(rng.IntN(5))) }),
		gen("region_code", datasets.Numeric, .1, func(int) datasets.Value { return datasets.Number(float64(rng.IntN(40)) / 2) }),
		gen("opt_out", datasets.Boolean, .1, func(int) datasets.Value { return datasets.Bool(rng.IntN(3) == 0) }),
		gen("agreed", datasets.Boolean, 0, func(int) datasets.Value { return datasets.Bool(rng.IntN(2) == 0) }),
		gen("country", datasets.Categorical, .1, pick("DE", "FR", "ES", "US", "BR", "IN", "JP", "AR", "PE", "other")),
		gen("source", datasets.Categorical, 0, pick("search", "social", "direct")),
		gen("email", datasets.Categorical, .05, func(i int) datasets.Value {
			return datasets.Level(fmt.Sprintf("p%d@%s", i, []string{"gmail.com", "acme.com", "mit.edu", "yopmail.com", "x"}[rng.IntN(5)]))
		}),
		gen("job_title", datasets.Categorical, .1, pick(titles...)),
		gen("employees", datasets.Categorical, .1, pick("1-10", "11-50", "51-200", "201-500", "1,001 - 5,000", "10000+")),
		gen("contact", datasets.Text, .1, func(i int) datasets.Value {
			return datasets.Words(fmt.Sprintf("q%d@%s", i, []string{"gmx.de", "acme.com"}[rng.IntN(2)]))
		}),
		asOf,
		gen("signed_up", datasets.Time, .1, func(i int) datasets.Value {
			return datasets.At(start + int64(i)*testDay/4 + rng.Int64N(900*testDay) - 800*testDay)
		}),
	}
}

func crmSpec(e Encoding) Spec {
	return Spec{Encoding: e, AsOf: "created_at", Columns: map[string]ColumnSpec{
		"visits":      {Transform: "log", Clip: []float64{0, 60}},
		"region_code": {Kind: datasets.Categorical},
		"contact":     {Derive: "email_domain"},
	}}
}

// shuffled returns the columns with their rows in another order.
func shuffled(rng *rand.Rand, columns []testColumn) []testColumn {
	order := rng.Perm(len(columns[0].cells))
	out := slices.Clone(columns)
	for i := range out {
		cells := make([]datasets.Value, len(order))
		for k, from := range order {
			cells[k] = out[i].cells[from]
		}
		out[i].cells = cells
	}
	return out
}

func mustFit(t testing.TB, table *datasets.Table, use []bool, spec Spec) *Pipeline {
	t.Helper()
	p, _, err := Fit(table, use, spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// feature finds a feature by name.
func feature(t testing.TB, p *Pipeline, name string) int {
	t.Helper()
	for f := range p.Features() {
		if p.Features()[f].Name == name {
			return f
		}
	}
	var names []string
	for _, f := range p.Features() {
		names = append(names, f.Name)
	}
	t.Fatalf("there is no feature %q among %q", name, names)
	return -1
}
