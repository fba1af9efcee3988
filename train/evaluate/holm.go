package evaluate

import (
	"cmp"
	"math"
	"slices"
)

// holm returns the p values of a family of tests corrected for their number, by Holm's method (Holm 1979): the i-th smallest p of m
// times m − i + 1, never below the one before it and at most 1. It holds whatever the tests have to do with each
// other. Hochberg's step-up, which is sharper, was rejected: it needs tests that are not negatively dependent, and differences from one
// scorer that is in many pairs are. NaN is a test that was not made: it stays, and does not count.
func holm(p []float64) []float64 {
	var order []int
	for i, x := range p {
		if !math.IsNaN(x) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(p[x], p[y]) })
	out, last := slices.Clone(p), 0.0
	for k, i := range order {
		last = max(last, min(1, float64(len(order)-k)*p[i]))
		out[i] = last
	}
	return out
}
