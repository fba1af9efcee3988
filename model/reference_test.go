package model

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"leadscore/features"
)

func TestReferenceSurvivesTheFileAndIsChecked(t *testing.T) {
	table := leads(t, 3000, 1)
	a := referred(t, table, features.Linear)
	var b bytes.Buffer
	if err := a.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if x, y := asJSON(t, a.Reference), asJSON(t, again.Reference); x != y {
		t.Errorf("written\n%s\nread\n%s", x, y)
	}
	for want, spoil := range map[string]func(r *Reference){
		"want one more":        func(r *Reference) { r.Score.Rows = r.Score.Rows[1:] },
		"does not rise":        func(r *Reference) { r.Score.Edges[1] = r.Score.Edges[0] },
		"not usable":           func(r *Reference) { r.Numbers[0].Edges[0] = math.NaN() },
		"rows in bin 2":        func(r *Reference) { r.Score.Rows[2] = -1 },
		"mean probability":     func(r *Reference) { r.Mean = 1.5 },
		"is no linear feature": func(r *Reference) { r.Numbers[0].Feature = "source" },
		"stands twice":         func(r *Reference) { r.Numbers = append(r.Numbers, r.Numbers[0]) },
	} {
		a := referred(t, table, features.Linear)
		spoil(a.Reference)
		if _, err := NewScorer(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestTallyCutsEvenly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	values, twice, weight := []float64{math.NaN()}, []float64(nil), []float64{1}
	for range 5000 {
		x := r.NormFloat64()
		values, weight, twice = append(values, x), append(weight, 2), append(twice, x, x)
	}
	tally := newTally("x", standardised{values, 0, 1}, nil, 10)
	if len(tally.Rows) != 10 || tally.total() != 5000 {
		t.Fatalf("%d bins of %v rows", len(tally.Rows), tally.total())
	}
	for k, n := range tally.Rows {
		if n < 495 || n > 505 {
			t.Errorf("bin %d has %d of 5000 rows", k, n)
		}
	}
	if a, b := asJSON(t, newTally("x", standardised{values, 0, 1}, weight, 10)), asJSON(t, newTally("x", standardised{twice, 0, 1}, nil, 10)); a != b {
		t.Errorf("weight 2\n%s\ntwice\n%s", a, b)
	}
	if c := newTally("", standardised{[]float64{1, 1, 1}, 0, 1}, nil, 10); len(c.Edges) != 0 || c.Rows[0] != 3 {
		t.Errorf("one value: %+v", c)
	}
	if c := newTally("", standardised{}, nil, 10); c.check() != "" || c.total() != 0 {
		t.Errorf("no values: %+v", c)
	}
	if k := (&Tally{Edges: []float64{1, 2}}).bin(1); k != 0 {
		t.Errorf("a number on an edge is in bin %d, want the one that ends there", k)
	}
}

// TestNumberTallyOfStandardisedNumbers: that of a feature's own numbers is that of their z.
func TestNumberTallyOfStandardisedNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 8))
	for _, of := range []struct{ center, scale float64 }{{0, 1}, {3.7, .3}, {-1e6, 7}, {1e-3, 1e-9}, {.1, 3e200}} {
		values, z := []float64{math.NaN(), 0, math.Copysign(0, -1)}, []float64(nil)
		for i := range 3000 {
			values = append(values, of.center+of.scale*math.Round(100*rng.NormFloat64()*float64(i%3))/100)
		}
		for _, x := range values {
			z = append(z, (x-of.center)/of.scale)
		}
		got, want := NumberTally("x", values, of.center, of.scale, nil), Tally{Feature: "x", Edges: NumberTally("x", z, 0, 1, nil).Edges}
		want.Rows = make([]int, len(want.Edges)+1)
		for _, x := range z {
			if !math.IsNaN(x) {
				want.Rows[want.bin(x)]++
			}
		}
		if a, b := asJSON(t, got), asJSON(t, want); a != b {
			t.Errorf("center %v, scale %v\n%s\nwant\n%s", of.center, of.scale, a, b)
		}
		of := standardised{center: of.center, scale: of.scale}
		for _, edge := range got.Edges {
			if x := of.upTo(edge); !(of.z(x) <= edge) || of.z(math.Nextafter(x, math.Inf(1))) <= edge {
				t.Errorf("center %v, scale %v: the greatest value up to %v is not %v", of.center, of.scale, edge, x)
			}
		}
	}
}

// TestTallyCountsByItsBins: the quick count puts every value where bin has it, edges and values outside them too.
func TestTallyCountsByItsBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for name, edges := range map[string][]float64{
		"none": {}, "one": {.5}, "many": {-3, -2.5, 0, 1e-9, 1, 700}, "next to each other": {1, math.Nextafter(1, 2), math.Nextafter(math.Nextafter(1, 2), 2)},
		"tiny": {0, 5e-324}, "wide": {-1e300, 1e300},
	} {
		tally := Tally{Edges: edges}
		values := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1e308, -1e308}
		for _, e := range edges {
			values = append(values, e, math.Nextafter(e, math.Inf(1)), math.Nextafter(e, math.Inf(-1)))
		}
		for range 2000 {
			values = append(values, 3*rng.NormFloat64())
		}
		want, weight := make([]float64, len(edges)+1), make([]float64, len(values))
		rows := make([]float64, len(edges)+1)
		for i, x := range values {
			weight[i] = float64(i % 3)
			if !math.IsNaN(x) {
				want[tally.bin(x)] += weight[i]
				rows[tally.bin(x)]++
			}
		}
		if got := countBins(edges, values, weight); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if got := countBins(edges, values, nil); !slices.Equal(got, rows) {
			t.Errorf("%s: %v, want %v rows", name, got, rows)
		}
	}
}
