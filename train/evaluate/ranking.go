package evaluate

import "math"

// ranking is the figures that only the order of the rows decides.
type ranking struct {
	prAUC, ks, lift float64
}

// liftShare is the share of the rows that the lift is about.
const liftShare = .1

// ranking computes, in one pass over the groups of equal scores from the highest down:
//
//	PR-AUC  Σ (Rₖ − Rₖ₋₁) Pₖ over the groups, R recall and P precision down to and with group k: average
//	        precision as scikit-learn defines it (no interpolation, which would flatter)
//	KS      max |TPR − FPR| over the groups: scipy's two-sided ks_2samp of the two classes' scores
//	lift    rate of positives among the best-scored 10 % of the weight over the rate of all; the
//	        group at the cut counts by the part of it that fits in
//
// All are NaN without a positive or without a negative.
func (v *view) ranking(w []float64) ranking {
	allPos, allNeg := v.totals(w)
	if allPos == 0 || allNeg == 0 {
		return ranking{nan, nan, nan}
	}
	cut := liftShare * (allPos + allNeg)
	var pos, neg, seenPos, seenNeg float64 // of the group; down to it
	var area, ks, top float64
	for k, y := range v.one {
		p := w[k] * float64(y)
		pos += p
		neg += w[k] - p
		if !v.last[k] {
			continue
		}
		before := seenPos + seenNeg
		if before < cut && pos+neg > 0 {
			top += pos * math.Min(1, (cut-before)/(pos+neg))
		}
		seenPos += pos
		seenNeg += neg
		if seen := seenPos + seenNeg; seen > 0 {
			area += pos * seenPos / seen
		}
		// Times P·N, so that the loop has no division for it.
		ks = max(ks, math.Abs(seenPos*allNeg-seenNeg*allPos))
		pos, neg = 0, 0
	}
	return ranking{
		prAUC: math.Min(1, area/allPos),
		ks:    math.Min(1, ks/(allPos*allNeg)),
		lift:  top / cut / (allPos / (allPos + allNeg)),
	}
}
