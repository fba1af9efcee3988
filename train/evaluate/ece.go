package evaluate

import (
	"math"

	"leadscore/model"
)

// eceBins is the number of bins of the calibration figures.
const eceBins = 10

// bins returns the sums over 10 bins of equal weight, from the highest probability down. A group of equal probabilities
// that a bin's edge cuts lies on both sides in proportion, so the order of the rows is irrelevant.
func (v *view) bins(w, probability []float64, down []part) (bins [eceBins]part) {
	var above part
	total := down[len(down)-1]
	for b := range bins {
		to := total
		if b+1 < eceBins {
			to = v.upTo(total.all*float64(b+1)/eceBins, w, probability, down)
		}
		bins[b], above = to.minus(above), to
	}
	return bins
}

// ece returns the expected calibration error over bins of equal weight by probability, and the same corrected:
//
//	ECE        Σ_b (w_b/W) |g_b|, g_b = observed rate of bin b − mean probability of bin b
//	corrected  2·ECE − Σ_b (w_b/W) E|N(g_b, s_b²)|, at least 0, with s_b² = effect · o_b(1−o_b)/w_b, o_b the observed rate
//
// The first is the plug-in figure: noise alone makes it positive, by about Σ_b √(2 p(1−p)/(π n_b))/10, which is why a perfect model
// of few rows does not have 0. The second takes off what one more round of the same noise would add: the Gaussian
// debiasing of Kumar, Liang & Ma 2019 (Verified Uncertainty Calibration; normal_debiased_ce of their package
// uncertainty-calibration), with the mean of the folded normal distribution in the place of their random draws. It takes away
// some two fifths of a perfect model's bias and next to nothing where the error is far above the noise. Their unbiased estimate of the
// squared error was rejected, since its root is not comparable to ECE, and so was subtracting the whole noise of a perfect
// model, which takes too much off all others. effect is the design effect of clusters, 1 without any.
//
// Both are NaN without weight.
func ece(bins [eceBins]part, effect float64) (plain, corrected float64) {
	var total, again float64
	for _, b := range bins {
		total += b.all
		plain += math.Abs(b.excess)
		if b.all > 0 {
			rate := math.Min(1, math.Max(0, b.pos/b.all))
			again += b.all * foldedNormal(b.excess/b.all, math.Sqrt(effect*rate*(1-rate)/b.all))
		}
	}
	plain, again = plain/total, again/total // 0/0 is NaN
	return plain, math.Max(0, 2*plain-again)
}

// foldedNormal returns E|X| of a normal X: s √(2/π) exp(−m²/2s²) + m (1 − 2Φ(−m/s)).
func foldedNormal(mean, sd float64) float64 {
	if sd == 0 {
		return math.Abs(mean)
	}
	z := mean / sd
	return sd*math.Sqrt(2/math.Pi)*math.Exp(-z*z/2) + mean*math.Erf(z/math.Sqrt2)
}

// brierParts decomposes a Brier score by the bins; what they do not tell is Within.
func brierParts(bins [eceBins]part, brier float64) model.BrierParts {
	var total part
	for _, b := range bins {
		total.all += b.all
		total.pos += b.pos
	}
	base := total.pos / total.all
	var reliability, resolution float64
	for _, b := range bins {
		if b.all > 0 {
			gap, apart := b.excess/b.all, b.pos/b.all-base
			reliability += b.all / total.all * gap * gap
			resolution += b.all / total.all * apart * apart
		}
	}
	uncertainty := base * (1 - base)
	return model.BrierParts{
		Reliability: model.Figure(reliability), Resolution: model.Figure(resolution), Uncertainty: model.Figure(uncertainty),
		Within: model.Figure(brier - (reliability - resolution + uncertainty)),
	}
}
