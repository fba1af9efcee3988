package features

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"leadscore/datasets"
	"leadscore/features/design"
)

// encodings are the pipelines that the laws below are held for: each is fitted on some rows of one
// table and meets another, with levels and values it has not seen.
func pipelines(t *testing.T, rng *rand.Rand) map[string]*Pipeline {
	t.Helper()
	table := tableOf(t, 100, crm(rng, 700)...)
	use := make([]bool, 700)
	for i := range use {
		use[i] = rng.IntN(4) > 0
	}
	additive := mustFit(t, table, use, crmSpec(Additive))
	paired, err := additive.WithPairs([][2]string{{"visits", "country"}, {"job_title.seniority", "employees"}, {"opt_out", "created_at.hour"}, {"signed_up.age", "region_code"}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Pipeline{"linear": mustFit(t, table, use, crmSpec(Linear)), "additive": additive, "pairs": paired}
}

func TestEveryKindOfFeatureIsThere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	forms, readings := map[form]bool{}, map[reading]bool{}
	for _, p := range pipelines(t, rng) {
		for i := range p.fitted {
			forms[p.fitted[i].Form], readings[p.fitted[i].Read] = true, true
		}
	}
	for f := range formNames {
		if !forms[form(f)] {
			t.Errorf("the laws do not cover %s features", formNames[f])
		}
	}
	for r := range readingNames {
		if !readings[reading(r)] && reading(r) != readMonth {
			t.Errorf("the laws do not cover features read as %s", readingNames[r])
		}
	}
}

// One lead and a batch encode alike, bit for bit, and so does the trainer's matrix.
func TestRowCellsAndMatrixAgree(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(2, seed))
		for name, p := range pipelines(t, rng) {
			columns := crm(rng, 257)
			columns[6].cells[3] = datasets.Level("Atlantis") // never seen
			columns[3].cells[4] = datasets.Number(1e300)
			columns[0].cells[5] = datasets.Number(-1e300)
			columns[7].cells[6] = datasets.Value{} // training had none missing
			columns[5].cells[7] = datasets.Value{}
			columns[10].cells[8] = datasets.Level("some")
			table := tableOf(t, 64, columns...)
			use := make([]bool, 257)
			for i := range use {
				use[i] = rng.IntN(3) > 0
			}
			m, layout, err := p.Matrix(table, use)
			if err != nil {
				t.Fatal(err)
			}
			row := make([]datasets.Value, len(columns))
			got := make([]Cell, len(p.Features()))
			var block Block
			at, used := 0, 0
			for _, b := range table.Batches {
				p.Cells(b, &block)
				for i := range b.Rows() {
					b.Row(i, row)
					p.Row(row, datasets.MissingTime, got)
					for f, c := range got {
						feature := &p.Features()[f]
						if want := block.Codes[f][i]; c.Code != want {
							t.Fatalf("%s, %s: row code %d, batch code %d of %v", name, feature.Name, c.Code, want, row)
						}
						if int(c.Code) > len(feature.Levels) {
							t.Fatalf("%s, %s: code %d of %d levels", name, feature.Name, c.Code, len(feature.Levels))
						}
						z := 0.0
						if block.Z[f] != nil {
							z = block.Z[f][i]
						}
						if math.Float64bits(c.Z) != math.Float64bits(z) || (block.Z[f] != nil) != feature.Linear {
							t.Fatalf("%s, %s: row z %v, batch z %v", name, feature.Name, c.Z, z)
						}
						if use[at] {
							agree(t, m, layout.Features[f], used, c, feature.Name)
						}
					}
					if use[at] {
						used++
					}
					at++
				}
			}
			if m.Rows() != used {
				t.Fatalf("%s: the matrix has %d rows, want %d", name, m.Rows(), used)
			}
		}
	}
}

// agree compares a cell with row i of the matrix.
func agree(t *testing.T, m *design.Matrix, at Placement, i int, c Cell, name string) {
	t.Helper()
	if at.Dense >= 0 {
		if z := standardised(&m.Dense()[at.Dense], i); math.Float64bits(z) != math.Float64bits(c.Z) {
			t.Fatalf("%s: row z %v, matrix z %v", name, c.Z, z)
		}
	}
	if at.Missing >= 0 && m.Dense()[at.Missing].Values[i] != float64(c.Code) {
		t.Fatalf("%s: row code %d, indicator %v", name, c.Code, m.Dense()[at.Missing].Values[i])
	}
	if at.Block >= 0 {
		if code := codeOf(&m.Blocks()[at.Block], i); code != c.Code {
			t.Fatalf("%s: row code %d, matrix code %d", name, c.Code, code)
		}
	}
}

// standardised is what the operations of package design see.
func standardised(d *design.Dense, i int) float64 {
	if math.IsNaN(d.Values[i]) {
		return 0
	}
	return (d.Values[i] - d.Center) / d.Scale
}

func codeOf(c *design.Codes, i int) uint32 {
	switch {
	case c.U8 != nil:
		return uint32(c.U8[i])
	case c.U16 != nil:
		return uint32(c.U16[i])
	}
	return c.U32[i]
}

// What stands in rows that are not for training changes not a byte of what is learned.
func TestFitReadsOnlyTrainingRows(t *testing.T) {
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(3, seed))
		columns := crm(rng, 500)
		use := make([]bool, 500)
		for i := range use {
			use[i] = rng.IntN(2) == 0
		}
		others := crm(rng, 500)
		for k := range others {
			for i := range use {
				switch {
				case use[i]:
					others[k].cells[i] = columns[k].cells[i]
				case others[k].kind == datasets.Numeric && rng.IntN(3) == 0:
					others[k].cells[i] = datasets.Number(math.Exp(250 * rng.NormFloat64()))
				case others[k].kind == datasets.Categorical && rng.IntN(3) == 0:
					others[k].cells[i] = datasets.Level("junk " + string(rune('a'+rng.IntN(26))))
				}
			}
		}
		for _, e := range []Encoding{Linear, Additive} {
			a := fitJSON(t, tableOf(t, 60, columns...), use, crmSpec(e))
			b := fitJSON(t, tableOf(t, 60, others...), use, crmSpec(e))
			if !bytes.Equal(a, b) {
				t.Fatalf("%s: rows outside training changed the pipeline:\n%s\n%s", e, a, b)
			}
		}
	}
}

// Batches, their dictionaries and the number of cores are nothing that a pipeline or a matrix shows.
func TestLayoutOfTheTableIsIrrelevant(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	columns := crm(rng, 600)
	for _, e := range []Encoding{Linear, Additive} {
		want := fitJSON(t, tableOf(t, 0, columns...), nil, crmSpec(e))
		for _, size := range []int{1, 7, 599} {
			before := runtime.GOMAXPROCS(1 + size%4)
			got := fitJSON(t, tableOf(t, size, columns...), nil, crmSpec(e))
			runtime.GOMAXPROCS(before)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s: batches of %d rows changed the pipeline", e, size)
			}
		}
	}
	// Codes and edges do not depend on the order of rows either (sums may, in their last bits).
	a := fitJSON(t, tableOf(t, 0, columns...), nil, crmSpec(Additive))
	b := fitJSON(t, tableOf(t, 0, shuffled(rng, columns)...), nil, crmSpec(Additive))
	if !bytes.Equal(a, b) {
		t.Fatal("the order of rows changed the pipeline")
	}
}

func fitJSON(t *testing.T, table *datasets.Table, use []bool, spec Spec) []byte {
	t.Helper()
	b, err := json.Marshal(mustFit(t, table, use, spec))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// An as-of moment that is handed in stands for the as-of column.
func TestAsOfArgument(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	columns := crm(rng, 300)
	table := tableOf(t, 0, columns...)
	p := mustFit(t, table, nil, crmSpec(Linear))
	row := make([]datasets.Value, len(columns))
	a, b := make([]Cell, len(p.Features())), make([]Cell, len(p.Features()))
	for i := range 300 {
		table.Batches[0].Row(i, row)
		p.Row(row, datasets.MissingTime, a)
		at := row[12]
		if at.Missing() {
			continue
		}
		row[12] = datasets.Value{}
		p.Row(row, at.Time, b)
		for f := range a {
			if a[f] != b[f] {
				t.Fatalf("%s: %v from the column, %v from the argument", p.Features()[f].Name, a[f], b[f])
			}
		}
	}
}

// A time after the as-of moment had not come yet; one equal to it had.
func TestLaterTimesAreMissing(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	columns := crm(rng, 300)
	p := mustFit(t, tableOf(t, 0, columns...), nil, crmSpec(Linear))
	age, weekday := feature(t, p, "signed_up.age"), feature(t, p, "signed_up.weekday")
	row := make([]datasets.Value, len(columns))
	cells := make([]Cell, len(p.Features()))
	now := int64(17050)*testDay + 5
	for _, c := range []struct {
		at    int64
		known bool
	}{{now - 1, true}, {now, true}, {now + 1, false}, {now + 1000*testDay, false}} {
		row[13] = datasets.At(c.at)
		p.Row(row, now, cells)
		missing := cells[weekday].Code == uint32(p.Features()[weekday].Missing)
		if (cells[age].Code == 0) != c.known || missing == c.known {
			t.Errorf("a time %d µs after the as-of moment: age %v, weekday %v", c.at-now, cells[age], cells[weekday])
		}
	}
}

func TestRowAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for name, p := range pipelines(t, rng) {
		table := tableOf(t, 0, crm(rng, 50)...)
		row, cells := make([]datasets.Value, len(table.Schema.Fields)), make([]Cell, len(p.Features()))
		for i := range 50 {
			table.Batches[0].Row(i, row)
			if n := testing.AllocsPerRun(10, func() { p.Row(row, datasets.MissingTime, cells) }); n != 0 {
				t.Fatalf("%s: encoding a row allocates %v times", name, n)
			}
		}
	}
}

func TestUseBeforeBindIsAMistakeOfTheCaller(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	table := tableOf(t, 0, crm(rng, 200)...)
	b, err := json.Marshal(mustFit(t, table, nil, crmSpec(Linear)))
	if err != nil {
		t.Fatal(err)
	}
	var p Pipeline
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a row was encoded by a pipeline that knows no schema")
		}
	}()
	p.Row(make([]datasets.Value, len(table.Schema.Fields)), 0, make([]Cell, len(p.Features())))
}
