package evaluate

import (
	"math"

	"leadscore/model"
)

// smallest is the least probability that a log loss believes, and 1 − smallest the greatest: 2⁻⁵²,
// as in scikit-learn. A wrong certainty costs 36, not infinity.
const smallest = 0x1p-52

// logLosses returns −log of the probability that each row's own class was given.
func logLosses(label []bool, probability []float64) []float64 {
	out := make([]float64, len(label))
	for i, l := range label {
		p := math.Min(math.Max(probability[i], smallest), 1-smallest)
		if l {
			out[i] = -math.Log(p)
		} else {
			out[i] = -math.Log1p(-p)
		}
	}
	return out
}

// brierLosses returns (p − y)² of each row.
func brierLosses(label []bool, probability []float64) []float64 {
	out := make([]float64, len(label))
	for i, l := range label {
		d := probability[i]
		if l {
			d--
		}
		out[i] = d * d
	}
	return out
}

// skill returns 1 − L/H with L the mean log loss and H = −π log π − (1−π) log(1−π), the log loss of
// always saying the rows' own base rate π; its interval by the delta method, the base rate
// being estimated too.
func (t *table) skill(losses []float64) model.Estimate {
	pos, neg := Sample{Label: t.label, Weight: t.weight}.totals()
	pi := pos / (pos + neg)
	h := -pi*math.Log(pi) - (1-pi)*math.Log1p(-pi)
	loss, _ := mean(losses, t.weight)
	slope := math.Log1p(-pi) - math.Log(pi) // dH/dπ
	influence := make([]float64, len(losses))
	for i, l := range t.label {
		y := 0.0
		if l {
			y = 1
		}
		influence[i] = -(losses[i]-loss)/h + loss*slope*(y-pi)/(h*h)
	}
	_, se := t.mean(influence)
	return within(1-loss/h, se, math.Inf(-1), 1)
}
