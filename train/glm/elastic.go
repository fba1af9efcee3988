package glm

import (
	"context"
	"math"

	"leadscore/features/design"
)

// ElasticNet fits with the penalty λ[(1 − l1Ratio)/2 ‖β‖² + l1Ratio ‖β‖₁]. l1Ratio 0 is Ridge, 1 the
// lasso; from λ = LambdaMax on all coefficients are exactly zero. λ = 0 is the maximum likelihood
// fit whatever l1Ratio (see Ridge). The solver is coordinate descent on X′WX, above 5,000 columns
// OWL-QN. There are no standard errors: Result.Covariance stays nil.
func ElasticNet(ctx context.Context, p *Problem, lambda, l1Ratio float64, s Settings) (*Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := checkLambda(lambda); err != nil {
		return nil, err
	}
	if err := checkL1Ratio(l1Ratio); err != nil {
		return nil, err
	}
	if l1Ratio == 0 || lambda == 0 {
		return Ridge(ctx, p, lambda, s)
	}
	s.L1Ratio = l1Ratio
	if s.Start != nil && len(s.Start) != 1+p.X.Cols() {
		return nil, startError(len(s.Start), 1+p.X.Cols())
	}
	return single(ctx, newWalker(p, design.All(p.X.Rows()), s), lambda, s)
}

// single takes a walker to one λ.
func single(ctx context.Context, w walker, lambda float64, s Settings) (*Result, error) {
	if err := w.to(ctx, lambda); err != nil {
		return nil, err
	}
	r := w.result()
	if s.Covariance {
		w.infer(r)
	}
	return r, nil
}

// elasticLength and elasticSpan are the default path of λ's with an L1 part: denser than that of ridge, because columns
// enter one by one, and as long as glmnet's.
const (
	elasticLength = 40
	elasticSpan   = 1e-4
)

// LambdaMax is the smallest λ at which all coefficients are zero: max |gⱼ|/l1Ratio, g the gradient of
// the loss at the best intercept alone. +Inf where l1Ratio is 0.
func LambdaMax(p *Problem, l1Ratio float64) float64 {
	o := newObjective(p, design.All(p.X.Rows()), ridge(0), 0)
	_, gradient := o.interceptOnly()
	return maxAbs(gradient[1:]) / l1Ratio
}

// interceptOnly is the optimum of a model without columns and the gradient there.
func (o *objective) interceptOnly() (beta, gradient []float64) {
	beta = o.baseRate()
	gradient = make([]float64, len(beta))
	o.at(beta, gradient)
	if o.problem.Offset == nil {
		return beta, gradient
	}
	// Newton, on a function whose curvature is at most total/4: steps of that size never overshoot.
	for range 100 {
		if math.Abs(gradient[0]) <= 1e-13*o.total {
			break
		}
		curvature := 0.0
		for _, r := range o.ranges {
			for _, w := range o.curvatures[r.Lo:r.Hi] {
				curvature += w
			}
		}
		beta[0] -= math.Copysign(min(math.Abs(gradient[0])/curvature, 1), gradient[0])
		o.at(beta, gradient)
	}
	return beta, gradient
}

// elasticLambdas is the default path with an L1 part: 40 values from LambdaMax down to 1e-4 of it. A share
// of L1 below 0.001 counts as that (as in glmnet), or the path would begin near infinity.
func elasticLambdas(p *Problem, l1Ratio float64) []float64 {
	largest := LambdaMax(p, max(l1Ratio, 1e-3))
	if !(largest > 0) {
		largest = 1 // no column tells anything: any path will do
	}
	out := make([]float64, elasticLength)
	for i := range out {
		out[i] = largest * math.Pow(elasticSpan, float64(i)/(elasticLength-1))
	}
	return out
}

// elasticWalk is coordinate descent on its way down a path of penalties.
type elasticWalk struct {
	*descent
	ratio  float64
	lambda float64 // of the last fit, or LambdaMax
	free   *walk   // the last fit, where λ was 0
}

func newElasticWalk(p *Problem, ranges []design.Range, s Settings) *elasticWalk {
	o := newObjective(p, ranges, ridge(0), s.Workers)
	w := &elasticWalk{ratio: s.L1Ratio}
	if len(s.Start) == 1+p.X.Cols() {
		w.descent = newDescent(o, s, s.Start)
		o.at(w.beta, w.gradient)
		return w
	}
	beta, gradient := o.interceptOnly()
	w.descent = newDescent(o, s, beta)
	w.gradient = gradient
	if s.L1Ratio > 0 {
		w.lambda = maxAbs(gradient[1:]) / s.L1Ratio
	}
	return w
}

// to fits λ. Columns begin in work by the strong rule. Where the last λ is too far off for it to
// leave any out, those that violate optimality at the start do.
func (w *elasticWalk) to(ctx context.Context, lambda float64) error {
	d := w.descent
	if lambda == 0 {
		s := d.settings
		s.Start, s.L1Ratio = nil, 0
		w.free = newWalk(d.objective.problem, d.objective.ranges, s)
		return w.free.to(ctx, 0)
	}
	w.free = nil
	l1 := lambda * w.ratio
	threshold := 2*l1 - w.lambda*w.ratio
	if !(threshold > 0) {
		threshold = l1
	}
	before, _ := d.objective.penalty.(ridge)
	weight := ridge(lambda * (1 - w.ratio))
	if d.usable { // the curvature last computed, with the new penalty
		for j := 1; j < len(d.beta); j++ {
			d.hessian.SetSym(j, j, d.hessian.At(j, j)+float64(weight-before))
		}
		d.inner.forget()
	}
	d.objective.penalty, d.objective.l1 = weight, l1
	d.strong(threshold)
	d.iterations, d.refreshed = 0, 0
	if err := d.run(ctx); err != nil {
		return err
	}
	if d.objective.oneClass() {
		d.status = Separated
	}
	w.lambda = lambda
	return nil
}

func (w *elasticWalk) fitted() ([]float64, Status) {
	if w.free != nil {
		return w.free.fitted()
	}
	return w.beta, w.status
}

func (w *elasticWalk) result() *Result {
	if w.free != nil {
		return w.free.result()
	}
	r := w.descent.result()
	r.Lambda, r.L1Ratio = w.lambda, w.ratio
	return r
}

func (w *elasticWalk) infer(r *Result) {
	if w.free != nil {
		w.free.infer(r)
		return
	}
	w.descent.infer(r)
}

// wideWalk is L-BFGS on its way down a path of penalties.
type wideWalk struct {
	*wide
	ratio, lambda float64
}

func newWideWalk(p *Problem, ranges []design.Range, s Settings) *wideWalk {
	o := newObjective(p, ranges, ridge(0), s.Workers)
	start := s.Start
	if len(start) != 1+p.X.Cols() {
		start = o.baseRate()
	}
	return &wideWalk{wide: newWide(o, s, start), ratio: s.L1Ratio}
}

func (w *wideWalk) to(ctx context.Context, lambda float64) error {
	if lambda == 0 {
		return errWideFree
	}
	o := w.objective
	o.penalty, o.l1 = ridge(lambda*(1-w.ratio)), lambda*w.ratio
	w.iterations = 0
	if err := w.run(ctx); err != nil {
		return err
	}
	if o.oneClass() {
		w.status = Separated
	}
	w.lambda = lambda
	return nil
}

func (w *wideWalk) fitted() ([]float64, Status) { return w.beta, w.status }

func (w *wideWalk) result() *Result {
	r := w.wide.result()
	r.Lambda, r.L1Ratio = w.lambda, w.ratio
	return r
}
