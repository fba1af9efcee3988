package glm

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// Ridge fits with the penalty ½λ‖β‖² by Newton's method. λ = 0 is the maximum likelihood fit:
// columns that are sums of others are left at zero (Result.Aliased), and when the classes are
// separated the status says so. Above 5,000 columns L-BFGS takes the place of Newton's method: then
// there is no Covariance, Result.DF is an upper bound, and λ = 0 is an error. Whoever uses the result asks
// Status.Err first. The error is one of the problem, of λ, or of the context.
func Ridge(ctx context.Context, p *Problem, lambda float64, s Settings) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := checkLambda(lambda); err != nil {
		return nil, err
	}
	if p.X.Cols() > wideColumns {
		if s.Start != nil && len(s.Start) != 1+p.X.Cols() {
			return nil, startError(len(s.Start), 1+p.X.Cols())
		}
		s.L1Ratio = 0
		return single(ctx, newWideWalk(p, design.All(p.X.Rows()), s), lambda, s)
	}
	o := newObjective(p, design.All(p.X.Rows()), ridge(lambda), s.Workers)
	start := s.Start
	if start == nil || lambda == 0 && len(start) == 1+p.X.Cols() {
		start = o.baseRate()
	}
	if len(start) != 1+p.X.Cols() {
		return nil, startError(len(start), 1+p.X.Cols())
	}
	z := newNewton(o, s, start)
	z.free = lambda == 0
	z.factor.eliminate(p.X)
	if s.Start == nil && !z.free {
		if err := z.warmUp(ctx); err != nil {
			return nil, err
		}
	}
	if err := z.run(ctx); err != nil {
		return nil, err
	}
	if o.oneClass() {
		z.status = Separated
	}
	r := z.result()
	r.Lambda = lambda
	if s.Covariance {
		z.infer(r)
	}
	return r, nil
}

// result reads the solver's state out.
func (z *newton) result() *Result {
	r := &Result{
		Intercept: z.beta[0], Coef: append([]float64(nil), z.beta[1:]...), Status: z.status,
		Iterations: z.iterations, Curvatures: z.refreshed,
		Objective: z.value, GradientMax: maxAbs(z.gradient), Decrement: z.decrement,
	}
	r.LogLik = -(z.value - z.objective.penalty.value(z.beta))
	for _, j := range z.aliased {
		r.Aliased = append(r.Aliased, j-1)
	}
	if z.status == Separated {
		r.Diverging = z.diverging()
	}
	return r
}

// infer sets Covariance and DF from the Hessian at the end: tr(H⁻¹X′WX) = tr(I) − tr(H⁻¹P).
func (z *newton) infer(r *Result) {
	if !z.fresh {
		z.objective.at(z.beta, z.slope) // the line search may have looked further
		z.refresh()
	}
	r.Covariance = z.factor.inverse()
	penalty := mat.NewSymDense(len(z.beta), nil)
	z.objective.penalty.addCurvature(penalty)
	r.DF = float64(len(z.beta) - len(z.aliased))
	for i := range z.beta {
		for j := range z.beta {
			if v := penalty.At(i, j); v != 0 {
				r.DF -= v * r.Covariance.At(i, j)
			}
		}
	}
	for _, j := range z.aliased {
		for i := range z.beta {
			r.Covariance.SetSym(min(i, j), max(i, j), 0)
		}
	}
}
