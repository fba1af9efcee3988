package evaluate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Counting digits gives what a stable sort by comparing gives, on both sides of fewRows, ties and signs included.
func TestSortRanked(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, n := range []int{0, 1, 2, 50, fewRows - 1, fewRows, 5 * fewRows, 65*fewRows + 1} {
		for name, draw := range map[string]func() float64{
			"scores":    func() float64 { return 100 * math.Sqrt(rng.Float64()) },
			"ties":      func() float64 { return float64(rng.IntN(7) - 3) },
			"signs":     func() float64 { return rng.NormFloat64() * math.Exp(50*rng.NormFloat64()) },
			"one":       func() float64 { return .5 },
			"extremes":  func() float64 { return []float64{math.Inf(-1), -math.MaxFloat64, 0, 5e-324, math.Inf(1)}[rng.IntN(5)] },
			"zeros":     func() float64 { return math.Copysign(0, rng.Float64()-.5) },
			"neighbour": func() float64 { return math.Float64frombits(0x3fe0000000000000 + rng.Uint64N(4)) },
		} {
			type pair struct {
				value float64
				row   int32
			}
			want, items := make([]pair, n), make([]ranked, n)
			for i := range want {
				x := draw()
				want[i], items[i] = pair{x, int32(i)}, ranked{key: keyOf(x), row: int32(i)}
			}
			slices.SortStableFunc(want, func(a, b pair) int { return cmp.Compare(a.value, b.value) })
			for i, it := range sortHalves(items) {
				if it.row != want[i].row {
					t.Fatalf("%d %s: place %d has row %d, want %d", n, name, i, it.row, want[i].row)
				}
			}
		}
	}
}
