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

func (t *table) placements(column int) placements { return t.placed(t.by(column)) }

// placed returns the placements of the rows by a view of them.
func (t *table) placed(v *view) placements {
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
// two. It is NaN when a class weighs 1 or less. Of clustered rows it is Obuchowski's.
func (t *table) deLong(x []float64, pos, neg, mean float64) float64 {
	if t.cluster != nil {
		return t.obuchowski(x, pos, neg, mean)
	}
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

// obuchowski is deLong for clustered rows (Obuchowski 1997, Biometrics 53:567): a cluster's placements are added up, and
// the two sums of a cluster that has rows of both classes go together:
//
//	I₁₀/(I₁₀−1) Σ_c A_c²/m² + I₀₁/(I₀₁−1) Σ_c B_c²/n² + 2 I/(I−1) Σ_c A_c B_c/(mn)
//
// with A_c = Σ w(x − mean) over the positives of cluster c, B_c over its negatives, I₁₀ and I₀₁ the clusters that have
// some of the one and of the other, I all clusters. Clusters of one row each give DeLong's. NaN when a class is in one cluster
// alone; a sum below 0, which few clusters may give, counts as 0.
func (t *table) obuchowski(x []float64, pos, neg, mean float64) float64 {
	a, b, in := make([]float64, t.groups), make([]float64, t.groups), make([]uint8, t.groups)
	for i, c := range t.cluster {
		w := t.weight[i]
		switch {
		case w == 0:
		case t.label[i]:
			a[c] += w * (x[i] - mean)
			in[c] |= 1
		default:
			b[c] += w * (x[i] - mean)
			in[c] |= 2
		}
	}
	var withPos, withNeg, all, aa, bb, ab float64
	for c, has := range in {
		if has == 0 {
			continue
		}
		all++
		withPos += float64(has & 1)
		withNeg += float64(has >> 1)
		aa += a[c] * a[c]
		bb += b[c] * b[c]
		ab += a[c] * b[c]
	}
	if withPos < 2 || withNeg < 2 {
		return nan
	}
	return math.Max(0, withPos/(withPos-1)*aa/(pos*pos)+withNeg/(withNeg-1)*bb/(neg*neg)+2*all/(all-1)*ab/(pos*neg))
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
		pos, neg := t.evidence()
		return newcombe(p.auc, pos, neg)
	}
	return withinLogit(p.auc, math.Sqrt(variance))
}

// AUC returns the area under the ROC curve, P(score of a positive > that of a negative) with ties
// counting half, with DeLong's interval on the logit scale.
func AUC(s Sample) (model.Estimate, error) {
	if err := s.check(); err != nil {
		return model.Estimate{}, err
	}
	t := arrangeClusters(s.Label, s.Weight, s.Cluster, s.Score)
	return t.estimate(t.placements(0)), nil
}
