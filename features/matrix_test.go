package features

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"leadscore/datasets"
	"leadscore/features/design"
)

// The linear design is scikit-learn's, number for number (testdata/standardise.py), so that a
// penalised objective can be compared.
func TestLinearDesignIsThatOfScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/standardise.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Frame struct {
			Visits, Score, Size []*float64
			Country             []string
		}
		Columns   map[string][]float64
		Beta      map[string]float64
		Intercept float64
		Y         []float64
		Objective float64
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	numbers := func(name string, xs []*float64) testColumn {
		c := testColumn{name: name, kind: datasets.Numeric}
		for _, x := range xs {
			v := datasets.Value{}
			if x != nil {
				v = datasets.Number(*x)
			}
			c.cells = append(c.cells, v)
		}
		return c
	}
	table := tableOf(t, 30, numbers("visits", want.Frame.Visits), numbers("score", want.Frame.Score), numbers("size", want.Frame.Size),
		wordsOf("country", want.Frame.Country...))
	p := mustFit(t, table, nil, Spec{})
	m, layout, err := p.Matrix(table, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Cols() != len(want.Columns) {
		t.Fatalf("%d columns, want %d", m.Cols(), len(want.Columns))
	}
	coef := make([]float64, m.Cols())
	dense := func(name string, j int) {
		t.Helper()
		if j < 0 {
			t.Fatalf("there is no column %s", name)
		}
		coef[j] = want.Beta[name]
		for i, x := range want.Columns[name] {
			if got := standardised(&m.Dense()[j], i); math.Abs(got-x) > 1e-12 {
				t.Fatalf("%s, row %d: %v, want %v", name, i, got, x)
			}
		}
	}
	for _, name := range []string{"visits", "score", "size"} {
		at := layout.Features[feature(t, p, name)]
		dense(name, at.Dense)
		if _, indicated := want.Columns[name+" missing"]; indicated {
			dense(name+" missing", at.Missing)
		} else if at.Missing >= 0 {
			t.Errorf("%s has an indicator though nothing is missing", name)
		}
	}
	f := feature(t, p, "country")
	block := layout.Features[f].Block
	for k, level := range p.Features()[f].Levels {
		coef[m.BlockStart(block)+k] = want.Beta[level]
		for i, x := range want.Columns[level] {
			if got := codeOf(&m.Blocks()[block], i) == uint32(k); got != (x == 1) {
				t.Fatalf("country %s, row %d: %v, want %v", level, i, got, x)
			}
		}
	}
	eta := products(m, coef)
	objective := 0.0
	for i, y := range want.Y {
		objective += math.Log1p(math.Exp(eta[i]+want.Intercept)) - y*(eta[i]+want.Intercept)
	}
	for _, b := range coef {
		objective += b * b / 2
	}
	if math.Abs(objective-want.Objective) > 1e-9 {
		t.Errorf("objective %.12f, want %.12f", objective, want.Objective)
	}
}

// products is x′β of every row, written out from the definition.
func products(m *design.Matrix, coef []float64) []float64 {
	eta := make([]float64, m.Rows())
	for i := range eta {
		for j := range m.Dense() {
			eta[i] += coef[j] * standardised(&m.Dense()[j], i)
		}
		for b := range m.Blocks() {
			if c := int(codeOf(&m.Blocks()[b], i)); c < m.Blocks()[b].Levels {
				eta[i] += coef[m.BlockStart(b)+c]
			}
		}
	}
	return eta
}

// The tables for scoring say what the coefficients say: intercept and effects add up to β₀ + x′β.
func TestEffectsAddUpToTheProduct(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for name, p := range pipelines(t, rng) {
		columns := crm(rng, 200)
		columns[6].cells[3] = datasets.Level("Atlantis")
		columns[7].cells[4] = datasets.Value{}
		table := tableOf(t, 50, columns...)
		m, layout, err := p.Matrix(table, nil)
		if err != nil {
			t.Fatal(err)
		}
		coef := make([]float64, m.Cols())
		for j := range coef {
			coef[j] = rng.NormFloat64()
		}
		effects, shift := p.Effects(layout, m, coef)
		eta := products(m, coef)
		row, cells := make([]datasets.Value, len(columns)), make([]Cell, len(p.Features()))
		for i := range eta {
			table.Batches[i/50].Row(i%50, row)
			p.Row(row, datasets.MissingTime, cells)
			sum := shift
			for f := range effects {
				if len(effects[f].Table) != len(p.Features()[f].Levels) {
					t.Fatalf("%s: a table of %d entries for %d levels", p.Features()[f].Name, len(effects[f].Table), len(p.Features()[f].Levels))
				}
				sum += effects[f].At(cells[f])
			}
			if math.Abs(sum-eta[i]) > 1e-10*(1+math.Abs(eta[i])) {
				t.Fatalf("%s, row %d: effects give %v, the product is %v", name, i, sum, eta[i])
			}
		}
	}
}

func TestCodesAreInTheNarrowestIntegers(t *testing.T) {
	for levels, width := range map[int]int{1: 8, 255: 8, 256: 16, 65535: 16, 65536: 32} {
		c := newCodes(levels, 3)
		got := 8*len(c.U8)/3 + 16*len(c.U16)/3 + 32*len(c.U32)/3
		if got != width {
			t.Errorf("%d levels are kept in %d bits, want %d", levels, got, width)
		}
	}
}

func TestMatrixOfWrongMarksOrSchema(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	columns := crm(rng, 200)
	p := mustFit(t, tableOf(t, 0, columns...), nil, crmSpec(Linear))
	if _, _, err := p.Matrix(tableOf(t, 0, columns...), make([]bool, 7)); err == nil {
		t.Error("7 marks for 200 rows are accepted")
	}
	if _, _, err := p.Matrix(tableOf(t, 0, columns[1:]...), nil); err == nil {
		t.Error("a table under another schema is accepted")
	}
	m, _, err := p.Matrix(tableOf(t, 0, columns...), make([]bool, 200))
	if err != nil || m.Rows() != 0 {
		t.Errorf("no row is marked: %v", err)
	}
}

// No finite number, however far from what training saw, gives an infinite z or none.
func TestAbsurdNumbers(t *testing.T) {
	for _, xs := range [][]float64{{1, 2, 3, 4}, {-1e289, 1e289, 0, 1}, {1e-300, 2e-300, 0, 0}, {1, 1 + 1e-15, 1, 1}, {5e-324, 0, 0, 1e-323}} {
		for _, spec := range []ColumnSpec{{}, {Transform: "log"}, {Clip: []float64{-1, 1.5}}} {
			table := tableOf(t, 0, numbersOf("x", xs...), wordsOf("w", "a", "b", "a", "b"))
			p := mustFit(t, table, nil, Spec{MinLevel: 1, Columns: map[string]ColumnSpec{"x": spec}})
			cells := make([]Cell, len(p.Features()))
			for _, x := range []float64{0, 1, -1, math.MaxFloat64, -math.MaxFloat64, 5e-324, math.Inf(1), math.Inf(-1)} {
				p.Row([]datasets.Value{datasets.Number(x), datasets.Level("a")}, 0, cells)
				if z := cells[0].Z; math.IsNaN(z) || math.Abs(z) > 2*farthest {
					t.Errorf("training %v (%v): %v gives z %v", xs, spec, x, z)
				}
			}
		}
	}
}

// A batch of more rows than are encoded at a time gives the matrix of the same rows in small batches.
func TestMatrixOfLongBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	const rows = 2*chunkRows + 100
	columns := crm(rng, rows)
	long, short := tableOf(t, 0, columns...), tableOf(t, 1000, columns...)
	use := make([]bool, rows)
	for i := range use {
		use[i] = rng.IntN(3) > 0
	}
	for _, e := range []Encoding{Linear, Additive} {
		p := mustFit(t, short, use, crmSpec(e))
		for _, marks := range [][]bool{nil, use} {
			a, _, errA := p.Matrix(long, marks)
			b, _, errB := p.Matrix(short, marks)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			for j := range a.Dense() {
				for i := range a.Rows() {
					if math.Float64bits(a.Dense()[j].Values[i]) != math.Float64bits(b.Dense()[j].Values[i]) {
						t.Fatalf("%s: dense column %d differs in row %d", e, j, i)
					}
				}
			}
			for k := range a.Blocks() {
				for i := range a.Rows() {
					if codeOf(&a.Blocks()[k], i) != codeOf(&b.Blocks()[k], i) {
						t.Fatalf("%s: block %d differs in row %d", e, k, i)
					}
				}
			}
		}
	}
}

// Clip first, then log, then (t − mean)/sd: written out.
func TestClipAndLog(t *testing.T) {
	table := tableOf(t, 0, numbersOf("x", -5, 0, 1, 3, 100))
	p := mustFit(t, table, nil, Spec{Columns: map[string]ColumnSpec{"x": {Clip: []float64{-1, 7}, Transform: "log"}}})
	ts := []float64{-math.Ln2, 0, math.Ln2, 2 * math.Ln2, 3 * math.Ln2}
	mean, squares := math.Ln2, 0.0
	for _, x := range ts {
		squares += (x - mean) * (x - mean)
	}
	cells := make([]Cell, 1)
	for x, at := range map[float64]float64{-5: ts[0], -1.5: ts[0], 7.5: ts[4], -1: ts[0], 0: ts[1], 1: ts[2], 3: ts[3], 7: ts[4], 100: ts[4], -0.5: -math.Log(1.5)} {
		p.Row([]datasets.Value{datasets.Number(x)}, 0, cells)
		if want := (at - mean) / math.Sqrt(squares/5); math.Abs(cells[0].Z-want) > 1e-12 {
			t.Errorf("z of %v is %v, want %v", x, cells[0].Z, want)
		}
	}
}
