package glm

import (
	"context"
	"fmt"
	"math"

	"leadscore/features/design"
)

// wideColumns is the number of columns above which no solver may hold X′WX: 5,000 columns of it are 200 MB,
// and every step of Newton's method K³/3 operations.
const wideColumns = 5000

// wideIterations is Settings.MaxIterations of the solver for wide problems, whose steps cost one pass each.
const wideIterations = 3000

// wideMemory is the number of steps that the curvature is told from.
const wideMemory = 20

// wide minimises an objective by L-BFGS (Nocedal & Wright 2006, section 7.2), whose memory is 2·20
// vectors whatever the number of columns. It begins with the diagonal of the Hessian at the
// start, because a level of ten rows and one of ten thousand differ a thousandfold in curvature: from the identity the same
// problems take several times as many passes. With an L1 part it is OWL-QN (Andrew & Gao 2007): the smallest
// subgradient stands for the gradient, and a step stays in its orthant, coefficients that would
// leave it becoming zero.
type wide struct {
	objective *objective
	settings  Settings

	beta, gradient []float64
	value          float64 // F, the L1 part counted
	violation      []float64
	status         Status
	iterations     int
	decrement      float64 // ½v′Hv, H the inverse Hessian as the steps tell it

	diagonal []float64
	pairs    []correction
	step     []float64
	probe    []float64
	slope    []float64
}

func newWide(o *objective, s Settings, start []float64) *wide {
	n := 1 + o.problem.X.Cols()
	if s.MaxIterations == 0 {
		s.MaxIterations = wideIterations
	}
	w := &wide{objective: o, settings: s.withDefaults(), beta: append([]float64(nil), start...)}
	for _, v := range []*[]float64{&w.gradient, &w.violation, &w.diagonal, &w.step, &w.probe, &w.slope} {
		*v = make([]float64, n)
	}
	return w
}

// run goes on from w.beta until it is done; w.status says how. An error is the context's, or errRange.
func (w *wide) run(ctx context.Context) error {
	w.status, w.pairs = NotStarted, nil
	if w.evaluate(); bad(w.value) {
		clear(w.beta)
		if w.evaluate(); bad(w.value) {
			return errRange
		}
	}
	w.precondition()
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("fitting: %w", err)
		}
		for j, g := range w.gradient {
			w.violation[j] = w.objective.violation(j, w.beta[j], g)
		}
		w.direction()
		w.decrement = -.5 * dot(w.step, w.violation)
		if maxAbs(w.violation) <= w.settings.GradientTol*max(1, w.objective.total) &&
			w.decrement <= w.settings.DecrementTol*(math.Abs(w.value)+1) {
			w.status = Converged
			return nil
		}
		if w.iterations == w.settings.MaxIterations {
			w.status = IterationLimit
			return nil
		}
		if w.search() {
			w.iterations++
			continue
		}
		if w.evaluate(); len(w.pairs) == 0 {
			w.status = StepTooSmall
			return nil
		}
		w.pairs = nil
		w.precondition()
	}
}

func (w *wide) evaluate() {
	w.value = w.objective.at(w.beta, w.gradient) + w.objective.absolute(w.beta)
}

// precondition sets diagonal to that of the Hessian at the point that the objective was last called with.
func (w *wide) precondition() {
	o := w.objective
	o.diagonal(w.diagonal)
	weight, _ := o.penalty.(ridge)
	for j := range w.diagonal {
		if j > 0 {
			w.diagonal[j] += float64(weight)
		}
		w.diagonal[j] = max(w.diagonal[j], 1e-12*max(1, o.total))
	}
}

// direction sets step to −H·violation, less what does not lead downhill in its own coordinate.
func (w *wide) direction() {
	q := w.step
	for j, v := range w.violation {
		q[j] = -v
	}
	alphas := make([]float64, len(w.pairs))
	for i := len(w.pairs) - 1; i >= 0; i-- {
		c := &w.pairs[i]
		alphas[i] = c.rho * dot(c.s, q)
		axpy(-alphas[i], c.y, q)
	}
	scale := 1.0
	if n := len(w.pairs); n > 0 {
		c, sum := &w.pairs[n-1], 0.0
		for j, y := range c.y {
			sum += y * y / w.diagonal[j]
		}
		scale = 1 / (c.rho * sum)
	}
	for j, d := range w.diagonal {
		q[j] *= scale / d
	}
	for i := range w.pairs {
		c := &w.pairs[i]
		axpy(alphas[i]-c.rho*dot(c.y, q), c.s, q)
	}
	if w.objective.l1 == 0 {
		return
	}
	for j, v := range w.violation {
		if j > 0 && q[j]*v >= 0 {
			q[j] = 0
		}
	}
}

// search halves the step until it lowers F enough (Armijo, 1e-4, over the way that is left after the
// orthant's border has cut it), takes it and reports whether there was such a length of at least 2⁻³⁰.
func (w *wide) search() bool {
	noise := 1e-13 * (math.Abs(w.value) + 1)
	for h := 1.0; h > 1e-9; h /= 2 {
		promised := 0.0
		for j, b := range w.beta {
			next := b + h*w.step[j]
			if j > 0 && w.objective.l1 > 0 {
				side := b
				if b == 0 {
					side = -w.violation[j]
				}
				if next*side <= 0 {
					next = 0
				}
			}
			w.probe[j] = next
			promised += w.violation[j] * (next - b)
		}
		value := w.objective.at(w.probe, w.slope) + w.objective.absolute(w.probe)
		if bad(value) || value > w.value+1e-4*promised+noise {
			continue
		}
		w.remember()
		w.beta, w.probe = w.probe, w.beta
		w.gradient, w.slope = w.slope, w.gradient
		w.value = value
		return true
	}
	return false
}

// remember keeps the step from beta to probe and the change of the gradient along it.
func (w *wide) remember() {
	c := correction{}
	if len(w.pairs) == wideMemory {
		c = w.pairs[0]
		copy(w.pairs, w.pairs[1:])
		w.pairs = w.pairs[:wideMemory-1]
	} else {
		c.s, c.y = make([]float64, len(w.beta)), make([]float64, len(w.beta))
	}
	sy := 0.0
	for j, b := range w.beta {
		c.s[j], c.y[j] = w.probe[j]-b, w.slope[j]-w.gradient[j]
		sy += c.s[j] * c.y[j]
	}
	if sy > 0 { // rounding alone can deny it: the smooth part is convex
		c.rho = 1 / sy
		w.pairs = append(w.pairs, c)
	}
}

// result reads the solver's state out.
func (w *wide) result() *Result {
	r := &Result{
		Intercept: w.beta[0], Coef: append([]float64(nil), w.beta[1:]...), Status: w.status, Iterations: w.iterations,
		Objective: w.value, GradientMax: maxAbs(w.violation), Decrement: w.decrement,
	}
	r.LogLik = -(w.value - w.objective.absolute(w.beta) - w.objective.penalty.value(w.beta))
	return r
}

// infer sets DF to an upper bound: x/(x + λ) is concave, and the diagonal of a symmetric matrix lies within
// the span of its eigenvalues (Schur), so that tr (M + λI)⁻¹M ≤ Σ mⱼⱼ/(mⱼⱼ + λ). Columns at zero are left
// out where there is an L1 part.
func (w *wide) infer(r *Result) {
	w.objective.at(w.beta, w.slope)
	w.objective.diagonal(w.diagonal)
	weight, _ := w.objective.penalty.(ridge)
	r.DF = 1
	for j := 1; j < len(w.beta); j++ {
		if d := w.diagonal[j]; d > 0 && (w.objective.l1 == 0 || w.beta[j] != 0) {
			r.DF += d / (d + float64(weight))
		}
	}
}

// diagonal sets out to the diagonal of X′WX at the point that at was last called with.
func (o *objective) diagonal(out []float64) {
	o.kernel.Pass(o.ranges, 0, make([]float64, o.problem.X.Cols()), func(lo, hi int, eta []float64) float64 {
		copy(eta, o.curvatures[lo:hi])
		return 0
	}, out)
	for j, d := range o.problem.X.Dense() {
		out[1+j] = 0
		for _, r := range o.ranges {
			out[1+j] += squares(d, o.curvatures, r)
		}
	}
	for j := range out {
		out[j] *= o.scale
	}
}

// squares is Σ wᵢzᵢ² over the rows of r.
func squares(d design.Dense, w []float64, r design.Range) float64 {
	sum := 0.0
	for i := r.Lo; i < r.Hi; i++ {
		if z := d.At(i); z == z {
			sum += w[i] * z * z
		}
	}
	return sum
}
