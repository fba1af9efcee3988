package features

import (
	"testing"

	"leadscore/datasets"
)

// TestChunksKeepToTheirRows: a chunk writes its used rows and nothing behind them, where another goroutine writes.
func TestChunksKeepToTheirRows(t *testing.T) {
	use := []bool{true, false, true, false, false}
	numbers, codes := []float64{1, 2, 3, 9, 9}, []uint32{1, 2, 3, 9, 9}
	z, c := []float64{0, 0, -1, -1}, []uint8{0, 0, 7, 7}
	keep(z[:2], numbers, use)
	convert(c[:2], codes, use)
	if want := [4]float64{1, 3, -1, -1}; [4]float64(z) != want {
		t.Errorf("%v, want %v", z, want)
	}
	if want := [4]uint8{1, 3, 7, 7}; [4]uint8(c) != want {
		t.Errorf("%v, want %v", c, want)
	}
	keep(z[:0], numbers[3:], use[3:]) // none is used
	convert(c[:0], codes[3:], use[3:])
	if z[0] != 1 || c[0] != 1 {
		t.Errorf("%v and %v: an unused row was written", z, c)
	}
}

// TestMatrixOfUsedRows: many chunks, written at the same time, give the matrix of a table that has the used rows alone.
func TestMatrixOfUsedRows(t *testing.T) {
	rows := 3*chunkRows + 5
	if testing.Short() {
		rows = chunkRows + 5
	}
	var all, some []datasets.Value
	use := make([]bool, rows)
	for i := range rows {
		all, use[i] = append(all, datasets.Number(float64(i%97))), i%3 != 0 && i%chunkRows < chunkRows-2
		if use[i] {
			some = append(some, all[i])
		}
	}
	table := func(cells []datasets.Value) *datasets.Table {
		return tableOf(t, 0, testColumn{name: "x", kind: datasets.Numeric, cells: cells})
	}
	whole, part := table(all), table(some)
	p, _, err := Fit(part, nil, Spec{Encoding: Linear})
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := p.Matrix(whole, use)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := p.Matrix(part, nil)
	if err != nil {
		t.Fatal(err)
	}
	if x, want := a.Dense()[0].Values, b.Dense()[0].Values; len(x) != len(want) {
		t.Fatalf("%d rows, want %d", len(x), len(want))
	} else {
		for i := range x {
			if x[i] != want[i] {
				t.Fatalf("row %d: %v, want %v", i, x[i], want[i])
			}
		}
	}
}
