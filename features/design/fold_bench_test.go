package design

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// BenchmarkSandwichOfFewRows: with so many columns the rows count for less than the spreading of the tables.
func BenchmarkSandwichOfFewRows(b *testing.B) {
	const rows = 7_000
	var codes []Codes
	for c := range 40 {
		levels := 3 + 7*(c%8)
		list := make([]uint32, rows)
		for i := range list {
			list[i] = uint32((i*(2*c+3) + i/(c+5)) % levels)
		}
		codes = append(codes, MakeCodes(levels, list))
	}
	m, err := NewMatrix(rows, nil, codes)
	if err != nil {
		b.Fatal(err)
	}
	w := make([]float64, rows)
	for i := range w {
		w[i] = .2
	}
	h := mat.NewSymDense(1+m.Cols(), nil)
	b.Run(fmt.Sprintf("%d columns", m.Cols()), func(b *testing.B) {
		k := NewKernel(m, 0)
		for b.Loop() {
			k.Sandwich(h, w, All(rows))
		}
	})
}
