package evaluate

import "math"

// eceBins is the number of bins of the expected calibration error.
const eceBins = 10

// ece returns the expected calibration error over 10 bins of equal weight by probability:
//
//	Σ_b (w_b/W) |observed rate of bin b − mean probability of bin b|
//
// A group of equal probabilities that a bin's edge cuts lies on both sides in proportion, so the
// order of the rows is irrelevant. It is the plug-in figure: noise alone makes it positive, by about
// Σ_b √(2 p(1−p)/(π n_b))/10, which is why a perfect model of few rows does not have 0. A
// debiased estimate was rejected: it can be negative, and no two of its definitions agree.
//
// v is a view by probability; NaN without weight.
func (v *view) ece(w []float64) float64 {
	var total float64
	for _, x := range w {
		total += x
	}
	if total == 0 {
		return nan
	}
	var sum, gap, filled float64 // gap: Σw(y − p) of the bin; filled: weight down to here
	bin := 1
	edge := total / eceBins
	var pos, all float64 // of the group
	for k, y := range v.one {
		all += w[k]
		pos += w[k] * float64(y)
		if !v.last[k] {
			continue
		}
		excess := pos - all*v.value[k]
		for bin < eceBins && filled+all > edge {
			part := (edge - filled) / all
			sum += math.Abs(gap + part*excess)
			gap, filled = 0, edge
			all, excess = all*(1-part), excess*(1-part)
			bin++
			edge = total * float64(bin) / eceBins
		}
		gap += excess
		filled += all
		pos, all = 0, 0
	}
	return (sum + math.Abs(gap)) / total
}
