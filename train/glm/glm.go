package glm

import (
	"context"
	"errors"

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
	MaxIterations int       // 0: 50
	GradientTol   float64   // stop when ‖∇F‖∞ ≤ GradientTol·max(1, Σw)… 0: 1e-9
	DecrementTol  float64   // and the Newton decrement ½g′H⁻¹g ≤ DecrementTol·(|F|+1); 0: 1e-12
	Workers       int       // 0: GOMAXPROCS; the result does not depend on it
	Start         []float64 // warm start: intercept, then coefficients; nil: base rate and zeros
}

// Status says how a fit ended.
type Status uint8

const (
	NotStarted Status = iota
	Converged         // gradient and decrement are within their tolerances
	IterationLimit
	StepTooSmall // no step length lowered the objective: as good as floating point allows
	Separated    // classes are perfectly separated and nothing penalises: no finite optimum
)

// Early reports whether the fit stopped before its optimum.
func (s Status) Early() bool { return s != Converged && s != StepTooSmall }

// Result is a fitted model.
type Result struct {
	Intercept   float64
	Coef        []float64 // in the columns of X
	Lambda      float64
	Status      Status
	Iterations  int
	Objective   float64
	LogLik      float64 // Σ w [yη − log(1+e^η)], no penalty
	GradientMax float64 // ‖∇F‖∞ at the end
	Decrement   float64
	DF          float64       // effective degrees of freedom, tr(H⁻¹ X′WX)
	Covariance  *mat.SymDense // H⁻¹, order intercept then columns; nil unless asked for
}

var errNotBuilt = errors.New("not built yet")

// Ridge fits with a quadratic penalty by Newton's method.
func Ridge(ctx context.Context, p *Problem, lambda float64, s Settings) (*Result, error) {
	return nil, errNotBuilt
}
