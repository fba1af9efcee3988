package glm

import (
	"context"
	"errors"
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

// Path fits every λ, from large to small, each from the optimum of the one before. nil lambdas are Lambdas(p).
func Path(ctx context.Context, p *Problem, lambdas []float64, s Settings) ([]*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	lambdas, err := descending(p, lambdas)
	if err != nil {
		return nil, err
	}
	w := newWalk(p, design.All(p.X.Rows()), s)
	out := make([]*Result, len(lambdas))
	for i, lambda := range lambdas {
		if err := w.to(ctx, lambda); err != nil {
			return nil, err
		}
		out[i] = w.solver.result()
		out[i].Lambda = lambda
		if s.Covariance {
			w.solver.infer(out[i])
		}
	}
	return out, nil
}

// descending checks a path of penalties and sorts a copy of it.
func descending(p *Problem, lambdas []float64) ([]float64, error) {
	if lambdas == nil {
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

// walk is a solver on its way down a path of penalties.
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
