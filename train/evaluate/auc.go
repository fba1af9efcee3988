package evaluate

import (
	"math"

	"leadscore/model"
)

// placements are what DeLong's method is made of: of each row, in the order of the table, the
// weighted share of the other class that it is told apart from, ties counting half. A positive's
// is the share of negatives below it (V₁₀), a negative's the share of positives above it (V₀₁).
// One sort of the pooled rows gives them all, as in Sun & Xu 2014 (IEEE Signal Processing Letters
// 21:1389), who write them as differences of mid-ranks.
type placements struct {
	auc      float64
	pos, neg float64 // weight of each class
	value    []float64
}

func (t *table) placements(column int) placements {
	v := t.by(column)
	n := len(v.label)
	w := v.arranged(t.weight, make([]float64, n))
	p := placements{value: make([]float64, n)}
	p.pos, p.neg = v.totals(w)
	var above, below, sum float64 // positives above the group; negatives not below it
	for start := 0; start < n; {
		end := start
		var pos, neg float64
		for {
			if v.label[end] {
				pos += w[end]
			} else {
				neg += w[end]
			}
			end++
			if v.last[end-1] {
				break
			}
		}
		ofPositive := (p.neg - below - neg) + neg/2
		ofNegative := above + pos/2
		sum += pos * ofPositive
		for k := start; k < end; k++ {
			i := k
			if v.at != nil {
				i = int(v.at[k])
			}
			if v.label[k] {
				p.value[i] = ofPositive / p.neg
			} else {
				p.value[i] = ofNegative / p.pos
			}
		}
		above, below, start = above+pos, below+neg, end
	}
	p.auc = sum / (p.pos * p.neg)
	return p
}

// deLong returns DeLong's variance of the mean of x over the positives, or over the negatives:
// S₁₀/m + S₀₁/n of DeLong, DeLong & Clarke-Pearson 1988. x is a placement, or a difference of
// two. It is NaN when a class weighs 1 or less.
func (t *table) deLong(x []float64, pos, neg, mean float64) float64 {
	if pos <= 1 || neg <= 1 {
		return nan
	}
	var s10, s01 float64
	for i, l := range t.label {
		d := x[i] - mean
		if l {
			s10 += t.weight[i] * d * d
		} else {
			s01 += t.weight[i] * d * d
		}
	}
	return s10/(pos-1)/pos + s01/(neg-1)/neg
}

// roundingVariance is what rounding errors alone can make of a variance of 0: placements are
// quotients of sums, so equal ones may differ in their last bits.
const roundingVariance = 1e-30

// estimate returns the AUC with DeLong's interval on the logit scale, which keeps it inside (0, 1)
// and its coverage near 95 % for good scorers, where the plain interval is too short on the far
// side (Pepe 2003, §5.2; Qin & Hotilovac 2008). A constant scorer is exactly .5. Where DeLong has no variance, at 0 and at 1
// or with a single row of a class, Newcombe's interval stands in.
func (t *table) estimate(p placements) model.Estimate {
	variance := t.deLong(p.value, p.pos, p.neg, p.auc)
	switch {
	case math.Abs(p.auc-.5) < 1e-12 && variance < roundingVariance:
		return model.Estimate{Value: .5, Lower: .5, Upper: .5}
	case p.auc <= 0 || p.auc >= 1 || !(variance > roundingVariance):
		return newcombe(p.auc, p.pos, p.neg)
	}
	return withinLogit(p.auc, math.Sqrt(variance))
}

// AUC returns the area under the ROC curve, P(score of a positive > that of a negative) with ties
// counting half, with DeLong's interval on the logit scale.
func AUC(s Sample) (model.Estimate, error) {
	if err := s.check(); err != nil {
		return model.Estimate{}, err
	}
	t := arrange(s.Label, s.Weight, s.Score)
	return t.estimate(t.placements(0)), nil
}
