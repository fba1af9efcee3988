package design

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The shape of the reference job, and of an additive model of the same columns.
var benchShapes = map[string]shape{
	"linear":   {rows: 500000, dense: 13, levels: []int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400}, missing: true},
	"additive": {rows: 500000, levels: []int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400, 33, 33, 33, 33, 33, 33, 33, 33, 33, 33}},
}

func BenchmarkPass(b *testing.B) {
	for name, s := range benchShapes {
		b.Run(name, func(b *testing.B) {
			m := s.random(b, 1)
			k, sums, coef := NewKernel(m, 0), make([]float64, 1+m.Cols()), randoms(m.Cols(), 1)
			b.ReportAllocs()
			for b.Loop() {
				k.Pass(All(m.rows), 0, coef, func(int, int, []float64) float64 { return 0 }, sums)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m.rows), "ns/row")
		})
	}
}

func BenchmarkSandwich(b *testing.B) {
	for name, s := range benchShapes {
		b.Run(name, func(b *testing.B) {
			m := s.random(b, 1)
			k, dst, w := NewKernel(m, 0), mat.NewSymDense(1+m.Cols(), nil), weights(m.rows, 1)
			b.ReportAllocs()
			for b.Loop() {
				k.Sandwich(dst, w, All(m.rows))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m.rows), "ns/row")
		})
	}
}
