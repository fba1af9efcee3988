package evaluate

import "math"

// plain is the number of standard deviations within which a count is not worth an exact p value.
const plain = 1.5

// countP returns the two-sided p value of the weight of the positives if every row is positive with its own
// probability, twice the lesser tail: that of the normal distribution near the mean, where nothing is at stake, else by
// the saddlepoint approximation with Daniels' second continuity correction (Lugannani & Rice 1980; Butler 2007, §1.2.3),
// which stays within some percent of the exact tail where the normal one is off by a factor: one expected
// conversion and five observed. Weights are frequencies. A count that the probabilities rule out gives 0.
func countP(label []bool, p, w []float64) float64 {
	var observed, expected, variance, least, most float64 // most: of the rows that may be positive; least: that must be
	for i, x := range p {
		if label[i] {
			observed += w[i]
		}
		expected += w[i] * x
		variance += w[i] * x * (1 - x)
		if x > 0 {
			most += w[i]
		}
		if x == 1 {
			least += w[i]
		}
	}
	if z := (observed - expected) / math.Sqrt(variance); math.Abs(z) < plain {
		return twoSided(z)
	}
	tail := func(at float64, upper bool) float64 {
		switch {
		case at <= least:
			return oneIf(upper)
		case at >= most:
			return oneIf(!upper)
		}
		return saddlepoint(p, w, at, upper)
	}
	return math.Min(1, 2*math.Min(tail(observed-.5, true), tail(observed+.5, false)))
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// saddlepoint returns the chance of a count above at, which lies half way between two counts, or below it.
func saddlepoint(p, w []float64, at float64, upper bool) float64 {
	tilted := func(s float64) (mean, variance float64) {
		e := math.Exp(s)
		for i, x := range p {
			q := x * e / (1 - x + x*e)
			mean += w[i] * q
			variance += w[i] * q * (1 - q)
		}
		return mean, variance
	}
	s, low, high := 0.0, -700.0, 700.0
	mean, variance := tilted(s)
	for range 200 {
		if mean < at {
			low = s
		} else {
			high = s
		}
		next := s + (at-mean)/variance
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		step := math.Abs(next - s)
		s = next
		mean, variance = tilted(s)
		if step < 1e-9*(1+math.Abs(s)) {
			break
		}
	}
	var k float64 // the cumulant generating function
	for i, x := range p {
		k += w[i] * math.Log1p(x*math.Expm1(s))
	}
	root := math.Copysign(math.Sqrt(math.Max(0, 2*(s*at-k))), s)
	if math.Abs(root) < 1e-4 { // at the mean
		return .5
	}
	u := 2 * math.Sinh(s/2) * math.Sqrt(variance)
	above := math.Erfc(root/math.Sqrt2)/2 + math.Exp(-root*root/2)/math.Sqrt(2*math.Pi)*(1/u-1/root)
	if !upper {
		above = 1 - above
		if root < 0 { // without what the subtraction loses
			above = math.Erfc(-root/math.Sqrt2)/2 - math.Exp(-root*root/2)/math.Sqrt(2*math.Pi)*(1/u-1/root)
		}
	}
	return math.Min(1, math.Max(0, above))
}
