package evaluate

import (
	"math"

	"leadscore/model"
)

// z95 is the 97.5 % quantile of the standard normal distribution.
const z95 = 1.959963984540054

var nan = math.NaN()

// within returns value ± 1.96 se, cut at low and high; a NaN se gives NaN ends.
func within(value, se, low, high float64) model.Estimate {
	if math.IsNaN(value) || math.IsNaN(se) {
		return model.Estimate{Value: value, Lower: nan, Upper: nan}
	}
	return model.Estimate{Value: value, Lower: math.Max(low, value-z95*se), Upper: math.Min(high, value+z95*se)}
}

// withinLogit returns the interval of a share, 0 < value < 1, on the logit scale:
// logit(value) ± 1.96 se/(value (1 − value)), taken back.
func withinLogit(value, se float64) model.Estimate {
	if math.IsNaN(value) || math.IsNaN(se) {
		return model.Estimate{Value: value, Lower: nan, Upper: nan}
	}
	centre, half := model.Logit(value), z95*se/(value*(1-value))
	return model.Estimate{
		Value: value,
		Lower: math.Min(value, model.Sigmoid(centre-half)),
		Upper: math.Max(value, model.Sigmoid(centre+half)),
	}
}

// Wilson returns k/n with Wilson's score interval (Wilson 1927); NaN when n is 0.
func Wilson(k, n float64) model.Estimate {
	if n <= 0 {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	p := k / n
	centre := (p + z95*z95/(2*n)) / (1 + z95*z95/n)
	half := z95 / (1 + z95*z95/n) * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return model.Estimate{Value: p, Lower: math.Max(0, math.Min(p, centre-half)), Upper: math.Min(1, math.Max(p, centre+half))}
}

// newcombe returns the interval of an AUC where DeLong's variance is zero or does not exist
// (perfect separation, a single row of a class): the solutions θ of
//
//	|auc − θ| = 1.96 √(θ(1−θ) [1 + n*(1−θ)/(2−θ) + n*θ/(1+θ)] / (mn)),   n* = (m+n)/2 − 1
//
// method 5 of Newcombe 2006, Statistics in Medicine 25:559–573, for m positives and n negatives.
func newcombe(auc, m, n float64) model.Estimate {
	star := math.Max(0, (m+n)/2-1)
	beyond := func(theta float64) bool {
		v := theta * (1 - theta) * (1 + star*(1-theta)/(2-theta) + star*theta/(1+theta)) / (m * n)
		return math.Abs(auc-theta) > z95*math.Sqrt(v)
	}
	// in is within the interval, out is not: halve until they meet.
	end := func(in, out float64) float64 {
		for range 100 {
			if mid := (in + out) / 2; beyond(mid) {
				out = mid
			} else {
				in = mid
			}
		}
		return in
	}
	e := model.Estimate{Value: auc, Lower: 0, Upper: 1}
	if auc > 0 {
		e.Lower = end(auc, 0)
	}
	if auc < 1 {
		e.Upper = end(auc, 1)
	}
	return e
}

// mean returns the weighted mean of values with the normal interval of a mean; the variance is
// Σw(x−x̄)²/(W−1)/W with W = Σw, NaN for W ≤ 1.
func mean(values, weight []float64) (m, se float64) {
	var total, sum float64
	for i, x := range values {
		total += weight[i]
		sum += weight[i] * x
	}
	m = sum / total
	if total <= 1 {
		return m, nan
	}
	var squares float64
	for i, x := range values {
		squares += weight[i] * (x - m) * (x - m)
	}
	return m, math.Sqrt(squares / (total - 1) / total)
}

// twoSided returns P(|Z| ≥ |z|) of the standard normal distribution.
func twoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
