package model

import (
	"cmp"
	"math"
	"slices"
)

// fewReasons is up to how many of each sign inserting beats sorting: sorting all features of a lead took longer than scoring it.
const fewReasons = 16

// strongest appends the places of the n largest and the n least effects that are not 0, by |effect| from the largest; equals stay in order.
func strongest(order []int, effects []float64, n int) []int {
	if n > fewReasons {
		return sorted(order, effects, n)
	}
	size := func(at int) float64 { return math.Abs(effects[order[at]]) }
	left := [2]int{n, n} // of those that speak against, for
	for f, x := range effects {
		if x == 0 || n <= 0 {
			continue
		}
		sign := signOf(x)
		at := len(order)
		if left[sign] > 0 {
			left[sign]--
			order = append(order, f)
		} else { // it takes the place of the weakest of its sign, or has none
			at--
			for signOf(effects[order[at]]) != sign {
				at--
			}
			if math.Abs(x) <= size(at) {
				continue
			}
			copy(order[at:], order[at+1:])
			at = len(order) - 1
		}
		for at > 0 && math.Abs(x) > size(at-1) {
			order[at] = order[at-1]
			at--
		}
		order[at] = f
	}
	return order
}

// sorted is strongest for many.
func sorted(order []int, effects []float64, n int) []int {
	for f, x := range effects {
		if x != 0 {
			order = append(order, f)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(effects[b]), math.Abs(effects[a])) })
	left := [2]int{n, n}
	kept := order[:0]
	for _, f := range order {
		sign := signOf(effects[f])
		if left[sign]--; left[sign] >= 0 {
			kept = append(kept, f)
		}
	}
	return kept
}

// signOf is 1 of what speaks for a conversion, 0 of what speaks against it.
func signOf(effect float64) int {
	if effect > 0 {
		return 1
	}
	return 0
}
