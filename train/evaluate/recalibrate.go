package evaluate

import (
	"math"

	"leadscore/model"
)

// recalibration fits logit P(y) = a + b·logit(p), p a scorer's probability (Cox 1958, Biometrika 45:562). Probabilities
// of 0 and 1 count as 2⁻⁵² and 1 − 2⁻⁵², as in the log loss. Intervals are Wald's, by the inverse information; of clustered rows by
// the sandwich over clusters with the factor C/(C−1), C the number of clusters (Liang & Zeger 1986).
type recalibration struct {
	t     *table
	logit []float64
}

func (t *table) recalibration(probability []float64) *recalibration {
	r := &recalibration{t: t, logit: make([]float64, len(probability))}
	for i, p := range probability {
		p = math.Min(math.Max(p, smallest), 1-smallest)
		r.logit[i] = math.Log(p) - math.Log1p(-p)
	}
	return r
}

// equations are the score, the log-likelihood and the information of logit P(y) = a + b·x.
type equations struct {
	loss, ga, gb  float64 // −log-likelihood; its falling slopes, Σw(y−μ) and Σw(y−μ)x
	iaa, iab, ibb float64 // Σwμ(1−μ), …x, …x²
}

// equations are of every nth row.
func (r *recalibration) equations(a, b float64, nth int) (e equations) {
	for i := 0; i < len(r.logit); i += nth {
		w, x := r.t.weight[i], r.logit[i]
		eta := a + b*x
		// One exponential gives both the probability and the loss: e = exp(−|η|).
		small := math.Exp(-math.Abs(eta))
		mu, loss := 1/(1+small), math.Log1p(small)
		if eta < 0 {
			mu = small / (1 + small)
		}
		rest := -mu
		if r.t.label[i] {
			rest++
			loss += math.Max(0, -eta)
		} else {
			loss += math.Max(0, eta)
		}
		v := w * mu * (1 - mu)
		e.loss += w * loss
		e.ga += w * rest
		e.gb += w * rest * x
		e.iaa += v
		e.iab += v * x
		e.ibb += v * x * x
	}
	return e
}

const (
	// mostSteps bounds Newton's method, which needs some five to ten.
	mostSteps = 100
	// thinned is every how many rows a first guess is made of, where there are so many that it saves time.
	thinned  = 64
	thinFrom = 100_000
)

// intercept returns a with b held at 1; it exists where both classes do. NaN where rounding leaves no curvature. Of one cluster there is no
// interval, as nothing tells its spread.
func (r *recalibration) intercept() model.Estimate {
	a := 0.0
	if len(r.logit) >= thinFrom {
		a, _ = r.solveIntercept(a, thinned)
	}
	a, e := r.solveIntercept(a, 1)
	variance := 1 / e.iaa
	out := finite(a, variance)
	if r.t.cluster != nil && !math.IsNaN(out.Value) {
		variance *= variance * r.t.clusterVariance(func(i int) float64 { return r.rest(i, a, 1) })
		out = within(a, math.Sqrt(variance), math.Inf(-1), math.Inf(1))
	}
	return out
}

// solveIntercept is Newton's method between two bounds that a root lies in: logits are at most 36.
func (r *recalibration) solveIntercept(a float64, nth int) (float64, equations) {
	low, high := -80.0, 80.0
	e := r.equations(a, 1, nth)
	for range mostSteps {
		if e.ga > 0 {
			low = a
		} else {
			high = a
		}
		next := a + e.ga/e.iaa
		if !(next > low && next < high) {
			next = (low + high) / 2
		}
		step := math.Abs(next - a)
		a = next
		e = r.equations(a, 1, nth)
		if step <= 1e-8*(1+math.Abs(a)) {
			break
		}
	}
	return a, e
}

// slope returns b beside a free a. It is NaN where all probabilities are equal, and where a cut of the probability tells
// the classes apart without a row on the wrong side, of which the slope grows without bound (Albert & Anderson 1984).
func (r *recalibration) slope() model.Estimate {
	if r.apart() {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	// From the base rate and no slope, where no row is sure: from b = 1 probabilities of 0 and 1 would leave no curvature.
	pos, neg := Sample{Label: r.t.label, Weight: r.t.weight}.totals()
	a, b := math.Log(pos/neg), 0.0
	if len(r.logit) >= thinFrom {
		if guessA, guessB, _ := r.solveSlope(a, b, thinned); math.Abs(guessA) < 100 && math.Abs(guessB) < 100 { // not NaN either
			a, b = guessA, guessB
		}
	}
	a, b, e := r.solveSlope(a, b, 1)
	det := e.iaa*e.ibb - e.iab*e.iab
	out := finite(b, e.iaa/det)
	if r.t.cluster != nil && !math.IsNaN(out.Value) { // the row of the inverse information that belongs to b, times each row's score
		variance := r.t.clusterVariance(func(i int) float64 { return r.rest(i, a, b) * (e.iaa*r.logit[i] - e.iab) / det })
		out = within(b, math.Sqrt(variance), math.Inf(-1), math.Inf(1))
	}
	return out
}

// solveSlope is Newton's method with halved steps.
func (r *recalibration) solveSlope(a, b float64, nth int) (float64, float64, equations) {
	e := r.equations(a, b, nth)
	for range mostSteps {
		det := e.iaa*e.ibb - e.iab*e.iab
		da, db := (e.ga*e.ibb-e.gb*e.iab)/det, (e.gb*e.iaa-e.ga*e.iab)/det
		if !(det > 0) || math.IsNaN(da+db) || math.IsInf(da+db, 0) { // far out all rows are sure: go down the slope of the loss
			da, db = math.Copysign(1, e.ga), math.Copysign(.5, e.gb)
		}
		next, halved := r.equations(a+da, b+db, nth), 0
		for ; !(next.loss <= e.loss*(1+1e-14)) && halved < 50; halved++ {
			da, db = da/2, db/2
			next = r.equations(a+da, b+db, nth)
		}
		if halved == 50 { // no step makes it better: this is the least loss
			break
		}
		a, b, e = a+da, b+db, next
		if math.Abs(da) <= 1e-8*(1+math.Abs(a)) && math.Abs(db) <= 1e-8*(1+math.Abs(b)) {
			break
		}
	}
	return a, b, e
}

// rest returns y − μ of a row.
func (r *recalibration) rest(i int, a, b float64) float64 {
	mu := model.Sigmoid(a + b*r.logit[i])
	if r.t.label[i] {
		return 1 - mu
	}
	return -mu
}

// apart reports whether a cut tells the classes apart, in either direction, or all probabilities are equal.
func (r *recalibration) apart() bool {
	lowPos, highPos, lowNeg, highNeg := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i, x := range r.logit {
		switch {
		case r.t.weight[i] == 0:
		case r.t.label[i]:
			lowPos, highPos = math.Min(lowPos, x), math.Max(highPos, x)
		default:
			lowNeg, highNeg = math.Min(lowNeg, x), math.Max(highNeg, x)
		}
	}
	return lowPos >= highNeg || lowNeg >= highPos
}

// finite returns the Wald interval, NaN where there is none.
func finite(value, variance float64) model.Estimate {
	if math.IsInf(variance, 0) || math.IsNaN(variance) || math.IsInf(value, 0) || math.IsNaN(value) {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	return within(value, math.Sqrt(variance), math.Inf(-1), math.Inf(1))
}
