package glm

import (
	"errors"
	"math"
)

// Estimate is a coefficient with its uncertainty.
type Estimate struct {
	Coef   float64
	SE     float64 // standard error; 0 of an aliased column
	Z      float64 // Coef/SE; NaN of an aliased column
	P      float64 // two-sided, P(|N(0,1)| ≥ |Z|); NaN of an aliased column
	Odds   float64 // e^Coef, the odds ratio
	Lower  float64 // of the 95 % interval of Odds: e^(Coef ∓ 1.96·SE)
	Upper  float64
	Alias  bool // left at zero because it is a sum of other columns: the reference level
	Column int  // −1: the intercept
}

// normal975 is the 97.5 % point of the standard normal distribution.
const normal975 = 1.959963984540054

// Inference gives the estimates, the intercept first, then the columns in order (Wald). It needs a
// result with a Covariance.
//
// At λ = 0 the standard errors are the classical ones, from the inverse Fisher information. At λ > 0
// they come from H⁻¹, penalty included: the posterior covariance under the normal prior that the
// penalty stands for (Wood 2017, Generalized Additive Models, section 6.10). The sandwich
// H⁻¹X′WXH⁻¹ was rejected: it measures the spread about the shrunken mean and says nothing of the bias, so its
// intervals are too short where the penalty bites. P is then a measure of how far zero is, not a
// frequency of false alarms.
func (r *Result) Inference() ([]Estimate, error) {
	if r.Covariance == nil {
		return nil, errors.New("computing standard errors: the fit kept no covariance; ask for it in the settings")
	}
	out := make([]Estimate, 1+len(r.Coef))
	for i := range out {
		e := &out[i]
		e.Column = i - 1
		if e.Coef = r.Intercept; i > 0 {
			e.Coef = r.Coef[i-1]
		}
		e.SE = math.Sqrt(max(0, r.Covariance.At(i, i)))
		e.Alias = e.SE == 0
		e.Z, e.P = math.NaN(), math.NaN()
		if !e.Alias {
			e.Z = e.Coef / e.SE
			e.P = math.Erfc(math.Abs(e.Z) / math.Sqrt2)
		}
		e.Odds = math.Exp(e.Coef)
		e.Lower, e.Upper = math.Exp(e.Coef-normal975*e.SE), math.Exp(e.Coef+normal975*e.SE)
	}
	return out, nil
}

// LogitSE is the standard error of the logit of a row with these columns (x without intercept),
// √(x̃′Vx̃) with x̃ = (1, x). It needs a Covariance.
func (r *Result) LogitSE(x []float64) float64 {
	v := r.Covariance
	at := func(i int) float64 {
		if i == 0 {
			return 1
		}
		return x[i-1]
	}
	sum := 0.0
	for i := range 1 + len(x) {
		if a := at(i); a != 0 {
			for j := range 1 + len(x) {
				sum += a * at(j) * v.At(i, j)
			}
		}
	}
	return math.Sqrt(max(0, sum))
}
