package glm

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// Problem is the data of a fit.
type Problem struct {
	X      *design.Matrix
	Y      []float64 // outcomes in [0, 1], one a row
	Weight []float64 // non-negative; nil: all 1. A weight of 2 is the row twice, 0 the row gone
	Offset []float64 // added to η; nil: all 0
}

// Settings tune a solver; the zero value is the documented default.
type Settings struct {
	MaxIterations int       // steps, whether the curvature was computed anew or not; 0: 100, of L-BFGS 3000
	GradientTol   float64   // stop when ‖∇F‖∞ ≤ GradientTol·max(1, Σw); 0: 1e-10
	DecrementTol  float64   // and the Newton decrement ½g′H⁻¹g ≤ DecrementTol·(|F|+1); 0: 1e-15
	Workers       int       // 0: GOMAXPROCS; the result does not depend on it
	Start         []float64 // warm start: intercept, then coefficients; nil: base rate and zeros. Not used at λ = 0
	Covariance    bool      // compute Result.Covariance and Result.DF: two more K³/3, 8K² bytes
	L1Ratio       float64   // of Path and CrossValidate, 0 to 1: the share of λ that is on ‖β‖₁; 0: ridge
	OneStdError   bool      // CrossValidate chooses the largest λ within one standard error of the best
}

func (s Settings) withDefaults() Settings {
	if s.MaxIterations == 0 {
		s.MaxIterations = 100
	}
	if s.GradientTol == 0 {
		s.GradientTol = 1e-10
	}
	if s.DecrementTol == 0 {
		s.DecrementTol = 1e-15
	}
	return s
}

// Result is a fitted model.
type Result struct {
	Intercept   float64
	Coef        []float64 // in the columns of X
	Lambda      float64
	L1Ratio     float64 // share of Lambda on ‖β‖₁
	Status      Status
	Iterations  int // steps taken
	Curvatures  int // of them, those that computed and factorised X′WX anew
	Objective   float64
	LogLik      float64 // Σ w [yη − log(1+e^η)], no penalty
	GradientMax float64 // ‖∇F‖∞ at the end; with an L1 part, of the smallest subgradient
	Decrement   float64 // ½g′H⁻¹g at the end, with the curvature H last computed

	// DF is the effective degrees of freedom, tr(H⁻¹ X′WX), the intercept counted; 0 unless
	// Settings.Covariance. With an L1 part it is the trace over the columns that are not zero (Zou, Hastie
	// & Tibshirani 2007); above 5,000 columns an upper bound, 1 + Σ dⱼ/(dⱼ + λ) with d the diagonal of X′WX.
	DF float64
	// Covariance is H⁻¹, order intercept then columns; nil unless Settings.Covariance, nil too with an
	// L1 part, which has no such approximation, and above 5,000 columns.
	Covariance *mat.SymDense

	// Aliased are the columns that unpenalised fits (λ = 0) leave at zero because they are sums of
	// earlier ones: the last level of a block whose levels cover all rows, a level without rows.
	// Their variance is zero: they are the reference that others are measured from.
	Aliased []int
	// Diverging are the columns (−1: the intercept) that grow without bound when Status is Separated.
	Diverging []int
}

// Check reports all that is wrong with the problem.
func (p *Problem) Check() error {
	var problems []error
	bad := func(format string, a ...any) {
		problems = append(problems, fmt.Errorf("fitting: "+format, a...))
	}
	if p.X == nil {
		return errors.New("fitting: no design matrix")
	}
	n := p.X.Rows()
	if n == 0 {
		bad("no rows")
	}
	if len(p.Y) != n {
		bad("%d outcomes for %d rows", len(p.Y), n)
	}
	for i, y := range p.Y {
		if !(y >= 0 && y <= 1) {
			bad("row %d: outcome %v, want 0 to 1", i, y)
			break
		}
	}
	if p.Weight != nil {
		if len(p.Weight) != n {
			bad("%d weights for %d rows", len(p.Weight), n)
		}
		total := 0.0
		for i, w := range p.Weight {
			if !(w >= 0) || math.IsInf(w, 0) {
				bad("row %d: weight %v, want a finite number, 0 or more", i, w)
				break
			}
			total += w
		}
		if total == 0 {
			bad("all weights are zero")
		} else if math.IsInf(total, 0) {
			bad("the weights add up to more than a number can hold")
		}
	}
	if p.Offset != nil {
		if len(p.Offset) != n {
			bad("%d offsets for %d rows", len(p.Offset), n)
		}
		for i, o := range p.Offset {
			if o-o != 0 {
				bad("row %d: offset %v, want a finite number", i, o)
				break
			}
		}
	}
	return errors.Join(problems...)
}

func checkLambda(lambda float64) error {
	if !(lambda >= 0) || math.IsInf(lambda, 0) {
		return fmt.Errorf("fitting: penalty %v, want a finite number, 0 or more", lambda)
	}
	return nil
}

func checkL1Ratio(ratio float64) error {
	if !(ratio >= 0 && ratio <= 1) {
		return fmt.Errorf("fitting: a share of the L1 penalty of %v, want 0 to 1", ratio)
	}
	return nil
}

func startError(got, want int) error {
	return fmt.Errorf("fitting: a start of %d numbers, want %d: the intercept, then one a column", got, want)
}
