package design

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// coded is rows of blocks with so many levels each, of which only so many combinations occur.
func coded(rows, combinations int, levels []int, rng *rand.Rand) *Matrix {
	all := make([][]uint32, combinations)
	for g := range all {
		for _, l := range levels {
			all[g] = append(all[g], uint32(rng.IntN(l+1))) // l: no column
		}
	}
	columns := make([][]uint32, len(levels))
	for b := range columns {
		columns[b] = make([]uint32, rows)
	}
	for i := range rows {
		from := all[rng.IntN(combinations)]
		for b := range columns {
			columns[b][i] = from[b]
		}
	}
	var codes []Codes
	for b, l := range levels {
		codes = append(codes, MakeCodes(l, columns[b]))
	}
	m, err := NewMatrix(rows, nil, codes)
	if err != nil {
		panic(err)
	}
	return m
}

// TestGroupsAreTheDifferentRows against a map of the rows' codes as text.
func TestGroupsAreTheDifferentRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, combinations := range []int{1, 7, 3000, leastMerged / 4} {
		m := coded(leastMerged+3, combinations, []int{2, 300, 70_000, 5}, rng)
		g := m.Groups()
		if g == nil {
			t.Fatalf("%d combinations in %d rows were not merged", combinations, m.Rows())
		}
		number := map[string]uint32{}
		var first []int
		for i := range m.Rows() {
			text := ""
			for b := range m.Blocks() {
				text += fmt.Sprint(m.Blocks()[b].At(i), " ")
			}
			if _, ok := number[text]; !ok {
				number[text] = uint32(len(first))
				first = append(first, i)
			}
			if g.Of[i] != number[text] {
				t.Fatalf("row %d is in group %d, want %d", i, g.Of[i], number[text])
			}
		}
		if !slices.Equal(g.First, first) {
			t.Fatalf("first rows %v, want %v", g.First[:3], first[:3])
		}
		rows := 0.0
		for _, n := range g.Sums(nil) {
			rows += n
		}
		if int(rows) != m.Rows() {
			t.Fatalf("groups of %v rows, want %d", rows, m.Rows())
		}
	}
}

// TestGroupsOnlyWhereTheyPay: not for few rows, not for as many groups as rows, not beside dense columns.
func TestGroupsOnlyWhereTheyPay(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	if coded(leastMerged-1, 5, []int{3, 4}, rng).Groups() != nil {
		t.Error("few rows were merged")
	}
	if coded(leastMerged, leastMerged, []int{70_000, 70_000}, rng).Groups() != nil {
		t.Error("different rows were merged")
	}
	m := coded(leastMerged, 5, []int{3, 4}, rng)
	with, err := NewMatrix(m.Rows(), []Dense{{Values: make([]float64, m.Rows()), Scale: 1}}, m.Blocks())
	if err != nil {
		t.Fatal(err)
	}
	if with.Groups() != nil {
		t.Error("rows with numbers were merged")
	}
}

func BenchmarkGroups(b *testing.B) {
	for _, combinations := range []int{3_000, 1 << 30} {
		rng := rand.New(rand.NewPCG(1, 1))
		rows := 1_000_000
		m := coded(rows, min(combinations, rows), []int{2, 3, 5, 40, 250}, rng)
		if combinations > rows { // all different: what it costs in vain
			m = coded(rows, rows, []int{30, 30, 30, 30, 30, 30, 30, 30, 30, 30}, rng)
		}
		b.Run(fmt.Sprintf("combinations=%d", min(combinations, rows)), func(b *testing.B) {
			for b.Loop() {
				fresh, _ := NewMatrix(rows, nil, m.Blocks())
				fresh.Groups()
			}
		})
	}
}
