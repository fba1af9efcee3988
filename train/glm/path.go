package glm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"leadscore/features/design"
)

// pathLength and pathSpan are the default λ path: 20 values over five powers of ten.
const (
	pathLength = 20
	pathSpan   = 1e-5
)

// Lambdas returns the default path of penalties, from large to small, evenly spaced in log λ. It
// begins at Σw·p(1−p), p the base rate: that is the curvature of a standardised dense column, so
// that the largest λ halves such a coefficient and leaves the levels of a category next to nothing
// (with a quadratic penalty no λ makes all of them exactly zero). It ends at 1e-5 of it, far below one lead.
func Lambdas(p *Problem) []float64 {
	o := objective{problem: p, scale: 1}
	o.restrict(design.All(p.X.Rows()))
	rate := o.weightedSum(p.Y) / o.total
	largest := max(1, o.total*rate*(1-rate))
	out := make([]float64, pathLength)
	for i := range out {
		out[i] = largest * math.Pow(pathSpan, float64(i)/(pathLength-1))
	}
	return out
}

// Path fits every λ, from large to small, each from the optimum of the one before; Settings.L1Ratio is the
// share of λ on ‖β‖₁. nil lambdas are Lambdas(p), with an L1 part 40 values from LambdaMax down
// to 1e-4 of it.
func Path(ctx context.Context, p *Problem, lambdas []float64, s Settings) ([]*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	lambdas, err := descending(p, lambdas, s.L1Ratio)
	if err != nil {
		return nil, err
	}
	w := newWalker(p, design.All(p.X.Rows()), s)
	out := make([]*Result, len(lambdas))
	for i, lambda := range lambdas {
		if out[i], err = single(ctx, w, lambda, s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// walker is a solver on its way down a path of penalties. It is for one goroutine at a time.
type walker interface {
	to(ctx context.Context, lambda float64) error // fits λ, from the last fit
	fitted() (beta []float64, s Status)           // of the last fit; beta is valid until the next
	result() *Result
	infer(r *Result) // sets DF and, where the solver has one, Covariance
}

var (
	_ walker = (*walk)(nil)
	_ walker = (*elasticWalk)(nil)
	_ walker = (*wideWalk)(nil)
)

// newWalker chooses the solver for a problem's shape and penalty.
func newWalker(p *Problem, ranges []design.Range, s Settings) walker {
	switch {
	case p.X.Cols() > wideColumns:
		return newWideWalk(p, ranges, s)
	case s.L1Ratio > 0:
		return newElasticWalk(p, ranges, s)
	}
	return newWalk(p, ranges, s)
}

// errWideFree refuses a fit that could neither look for aliased columns nor for separated classes.
var errWideFree = fmt.Errorf("fitting: a penalty of 0 with more than %d columns; want one above 0", wideColumns)

// descending checks a path of penalties and sorts a copy of it.
func descending(p *Problem, lambdas []float64, l1Ratio float64) ([]float64, error) {
	if err := checkL1Ratio(l1Ratio); err != nil {
		return nil, err
	}
	if lambdas == nil {
		if l1Ratio > 0 {
			return elasticLambdas(p, l1Ratio), nil
		}
		return Lambdas(p), nil
	}
	if len(lambdas) == 0 {
		return nil, errors.New("fitting: a path of no penalties")
	}
	for _, l := range lambdas {
		if err := checkLambda(l); err != nil {
			return nil, err
		}
	}
	lambdas = slices.Clone(lambdas)
	slices.SortFunc(lambdas, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return lambdas, nil
}

// walk is Newton's method on its way down a path of ridge penalties.
type walk struct {
	solver *newton
	lambda float64   // of the last fit
	before float64   // of the one before it, 0: none
	last   []float64 // optimum before the last one
	warm   bool      // there is a last fit
}

func newWalk(p *Problem, ranges []design.Range, s Settings) *walk {
	o := newObjective(p, ranges, ridge(0), s.Workers)
	start := s.Start
	if len(start) != 1+p.X.Cols() {
		start = o.baseRate()
	}
	z := newNewton(o, s, start)
	z.factor.eliminate(p.X)
	return &walk{solver: z}
}

// to fits λ. The start goes on in the direction that the optimum moved in between the last two
// values, in proportion to log λ; the curvature is the last one computed, with the new penalty.
func (w *walk) to(ctx context.Context, lambda float64) error {
	z := w.solver
	z.objective.penalty = ridge(lambda)
	z.free = lambda == 0
	switch {
	case !w.warm:
		if !z.free {
			if err := z.warmUp(ctx); err != nil {
				return err
			}
		}
	case z.free: // aliased columns must start, and stay, at zero
		z.usable = false
		copy(z.beta, z.objective.baseRate())
	default:
		for j := 1; j < len(z.beta); j++ {
			z.hessian.SetSym(j, j, z.hessian.At(j, j)+lambda-w.lambda)
		}
		z.refactor()
		if w.before > 0 && w.before > w.lambda && w.lambda > lambda {
			t := math.Log(lambda/w.lambda) / math.Log(w.lambda/w.before)
			for j, b := range z.beta {
				next := b + min(t, 1)*(b-w.last[j])
				w.last[j], z.beta[j] = b, next
			}
		} else {
			w.last = slices.Clone(z.beta)
		}
	}
	if w.last == nil {
		w.last = slices.Clone(z.beta)
	}
	z.iterations, z.refreshed = 0, 0
	if err := z.run(ctx); err != nil {
		return err
	}
	if z.objective.oneClass() {
		z.status = Separated
	}
	w.before = 0
	if w.warm {
		w.before = w.lambda
	}
	w.lambda, w.warm = lambda, true
	return nil
}

func (w *walk) fitted() ([]float64, Status) { return w.solver.beta, w.solver.status }

func (w *walk) result() *Result {
	r := w.solver.result()
	r.Lambda = w.lambda
	return r
}

func (w *walk) infer(r *Result) { w.solver.infer(r) }
