package train

import "math"

const (
	// mostSegments is how many rows a table of points may have, and groups the levels of a category: more is not read.
	mostSegments = 6
	// withinSegments is the share of a feature's variance that may be lost within them, if fewer will do.
	withinSegments = .03
	// slackShare is the share of the variance of all features that may be: a small effect needs no fine steps.
	slackShare = .001
)

// segments divides values, in their order, into the fewest runs of neighbours, at most mostSegments, within which at most
// withinSegments of their weighted variance, or slack of a mean of squares, is left; where even the most do not do, those. It returns where each run but the first
// begins. The division has the least weighted sum of squares for its number of runs (Fisher 1958, On grouping for maximum
// homogeneity, JASA 53:789–798), the first of equal ones.
func segments(value, weight []float64, slack float64) []int {
	n := len(value)
	w, s, q := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	for i, x := range value {
		w[i+1] = w[i] + weight[i]
		s[i+1] = s[i] + float64(weight[i]*x)
		q[i+1] = q[i] + float64(float64(weight[i]*x)*x)
	}
	within := func(from, to int) float64 {
		sum, total := s[to]-s[from], w[to]-w[from]
		if total <= 0 {
			return 0
		}
		return math.Max(0, q[to]-q[from]-sum*sum/total)
	}
	most := min(mostSegments, n)
	cost, begin := make([][]float64, most+1), make([][]int, most+1)
	for k := 1; k <= most; k++ {
		cost[k], begin[k] = make([]float64, n+1), make([]int, n+1)
		for to := k; to <= n; to++ {
			if k == 1 {
				cost[k][to] = within(0, to)
				continue
			}
			cost[k][to] = math.Inf(1)
			for from := k - 1; from < to; from++ {
				if c := cost[k-1][from] + within(from, to); c < cost[k][to] {
					cost[k][to], begin[k][to] = c, from
				}
			}
		}
	}
	k := 1
	for k < most && cost[k][n] > max(withinSegments*within(0, n), slack*w[n]) {
		k++
	}
	cuts := make([]int, k-1)
	for to := n; k > 1; k-- {
		to = begin[k][to]
		cuts[k-2] = to
	}
	return cuts
}

// meanOf is the weighted mean of the values from ≤ i < to.
func meanOf(value, weight []float64, from, to int) float64 {
	sum, total := 0.0, 0.0
	for i := from; i < to; i++ {
		sum += float64(value[i] * weight[i])
		total += weight[i]
	}
	return sum / total
}
