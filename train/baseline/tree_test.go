package baseline

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// block adds n rows of one code each, k of them converted.
func block(r *Rows, n, k int, codes ...uint32) {
	for i := range n {
		for c, code := range codes {
			r.Columns[c].Codes = append(r.Columns[c].Codes, code)
		}
		r.Label = append(r.Label, i < k)
	}
}

// A tree of two splits that can be worked out by hand: b decides under a = 1, nothing under a = 0, and level 2 of b
// was never seen.
func TestTreeIsTheOneByHand(t *testing.T) {
	r := Rows{Columns: []Column{{Name: "noise", Levels: 2}, {Name: "a", Levels: 2}, {Name: "b", Levels: 3}}}
	for noise := range uint32(2) {
		block(&r, 100, 10, noise, 0, 0)
		block(&r, 100, 10, noise, 0, 1)
		block(&r, 100, 20, noise, 1, 0)
		block(&r, 100, 80, noise, 1, 1)
	}
	m := fitted(t, "tree", r, 1)
	rate := 240. / 800
	weight := 10 / rate
	left := (40 + weight*rate) / (400 + weight)
	right := (200 + weight*rate) / (400 + weight)
	low := (40 + weight*right) / (200 + weight)
	high := (160 + weight*right) / (200 + weight)
	ask := Rows{Columns: []Column{
		{Name: "noise", Levels: 2, Codes: []uint32{0, 1, 0, 1, 0}},
		{Name: "a", Levels: 2, Codes: []uint32{0, 0, 1, 1, 1}},
		{Name: "b", Levels: 3, Codes: []uint32{0, 1, 0, 1, 2}},
	}}
	for i, p := range scored(t, m, ask) {
		if want := []float64{left, left, low, high, right}[i]; math.Abs(p-want) > 1e-15 {
			t.Errorf("row %d: %v, want %v", i+1, p, want)
		}
	}
}

// golearn stops at the last feature, and the padding is there for that.
func TestTreeSplitsOnItsOnlyColumn(t *testing.T) {
	r := Rows{Columns: []Column{{Name: "a", Levels: 2}}}
	block(&r, 100, 10, 0)
	block(&r, 100, 60, 1)
	p := scored(t, fitted(t, "tree", r, 1), r)
	if p[0] >= p[150] {
		t.Errorf("level 0 has %v, level 1 %v; want them apart", p[0], p[150])
	}
}

// Of two columns that say the same the first is split on, in every run.
func TestTreeSplitsOnTheFirstAmongEquals(t *testing.T) {
	r := Rows{Columns: []Column{{Name: "a", Levels: 2}, {Name: "b", Levels: 2}}}
	block(&r, 100, 10, 0, 0)
	block(&r, 100, 60, 1, 1)
	for range 20 {
		if root := fitted(t, "tree", r, 1).(*tree).root; root.children == nil || root.column != 0 {
			t.Fatalf("split on column %d", root.column)
		}
	}
}

// Columns that tell nothing are split on about as often as the test allows: once in a hundred.
func TestTreeLeavesNoiseAlone(t *testing.T) {
	split := 0
	for seed := range uint64(400) {
		r := makeRows(300, seed, 4)
		copy(r.Columns[0].Codes, makeRows(300, seed+1000, 4).Columns[0].Codes)
		if fitted(t, "tree", r, 1).(*tree).root.children != nil {
			split++
		}
	}
	if split > 12 { // of 400 with a chance of 1 in 100, more than 12 happen once in a thousand
		t.Errorf("%d of 400 columns of noise were split on", split)
	}
}

func TestInformative(t *testing.T) {
	gain, p := informative([][2]int{{30, 10}, {0, 0}, {10, 30}})
	// By hand: expected 20 in each cell, χ² = 4·100/20 = 20 with one degree of freedom.
	if want := (distuv.ChiSquared{K: 1}).Survival(20); math.Abs(p-want) > 1e-15 {
		t.Errorf("p %v, want %v", p, want)
	}
	if want := math.Ln2 + .75*math.Log(.75) + .25*math.Log(.25); math.Abs(gain-want) > 1e-15 {
		t.Errorf("gain %v, want %v", gain, want)
	}
	for _, none := range [][][2]int{nil, {{3, 4}}, {{3, 0}, {4, 0}}, {{0, 3}, {0, 4}}} {
		if gain, p := informative(none); gain != 0 || p != 1 {
			t.Errorf("%v: gain %v and p %v, want 0 and 1", none, gain, p)
		}
	}
}
