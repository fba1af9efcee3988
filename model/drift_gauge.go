package model

import "math"

// The grid that probabilities are counted on: cells of 1/128 log-odds between −16 and 16, the first and the last open.
const (
	gaugeCells = 4096
	gaugeEnd   = 16.0
)

// gauge holds probabilities in bounded memory, so that their expected AUC can be had of a stream. Two rows count as tied
// where they fall into one cell of the grid: the odds in a cell differ by less than .8 %, and the expected AUC by less than 1e-4 from
// that of all pairs (a test holds it against them). Sorting all rows would be exact, and needs them all.
type gauge struct {
	rows, sum float64             // Σw, Σwp
	own       float64             // Σwp(1−p): of pairs of a row with itself
	weight    [gaugeCells]float64 // Σw by cell
	positive  [gaugeCells]float64 // Σwp by cell
}

func (g *gauge) add(p, w float64) { g.addAt(Logit(p), p, w) }

// addAt is add where the log-odds of p are known.
func (g *gauge) addAt(eta, p, w float64) {
	cell := int((eta + gaugeEnd) * (gaugeCells / (2 * gaugeEnd)))
	cell = min(max(cell, 0), gaugeCells-1)
	g.weight[cell] += w
	g.positive[cell] += float64(w * p)
	g.rows += w
	g.sum += float64(w * p)
	g.own += float64(w * p * (1 - p))
}

func (g *gauge) merge(o *gauge) {
	g.rows, g.sum, g.own = g.rows+o.rows, g.sum+o.sum, g.own+o.own
	for k := range g.weight {
		g.weight[k] += o.weight[k]
		g.positive[k] += o.positive[k]
	}
}

// expectedAUC is the AUC that the probabilities foretell if each is right, without labels,
//
//	Σ p_i (1−p_j) [s_i > s_j] / Σ p_i (1−p_j)   over all pairs i ≠ j, ties half
//
// which is the expectation of the AUC's numerator over that of its denominator. NaN with less than two rows. A model whose
// probabilities have become wrong foretells wrongly: it is what to expect, not what came.
func (g *gauge) expectedAUC() float64 {
	if g.rows <= 1 {
		return math.NaN()
	}
	right, below := 0.0, 0.0
	for k, w := range g.weight {
		negative := w - g.positive[k]
		right += float64(g.positive[k] * (below + negative/2))
		below += negative
	}
	all := float64(g.sum*(g.rows-g.sum)) - g.own
	if !(all > 0) {
		return math.NaN()
	}
	return min(max((right-g.own/2)/all, 0), 1)
}
