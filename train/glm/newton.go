package glm

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// newton minimises an objective by Newton's method with a lagged curvature.
//
// A step needs the gradient, one cheap pass over the rows, and the Hessian, which costs several passes
// and a factorisation. Near the optimum the Hessian hardly changes, so the last factor serves
// further steps as long as they converge fast; products of steps and changes of the gradient since
// then correct it (L-BFGS with the factor as its initial matrix: Nocedal & Wright 2006, section 7.2). When
// the steps that the present rate still asks for would cost more than a new Hessian, one is
// computed. With few rows that is every time, which is the classical method (IRLS).
//
// With many rows the first steps are taken on a sample of them (warmUp).
type newton struct {
	objective *objective
	settings  Settings
	free      bool // nothing is penalised: aliased columns and separation are looked for

	beta, gradient []float64
	value          float64
	status         Status
	iterations     int
	refreshed      int
	decrement      float64

	hessian *mat.SymDense
	factor  factor
	usable  bool // factor holds a factorisation
	fresh   bool // it is that of the present point
	aliased []int
	pairs   []correction
	step    []float64
	probe   []float64 // trial point
	slope   []float64 // gradient there
}

// correction is a step s and the change y of the gradient along it; rho = 1/s′y.
type correction struct {
	s, y []float64
	rho  float64
}

// maxCorrections bounds the memory of steps between two Hessians.
const maxCorrections = 10

func newNewton(o *objective, s Settings, start []float64) *newton {
	n := 1 + o.problem.X.Cols()
	z := &newton{objective: o, settings: s.withDefaults()}
	z.factor.concurrent = o.kernel.Each
	z.beta, z.gradient = append([]float64(nil), start...), make([]float64, n)
	z.step, z.probe, z.slope = make([]float64, n), make([]float64, n), make([]float64, n)
	return z
}

// warmUpTol is the relative decrement at which a sample has taught what it can: its optimum is off by
// about ½·columns·rows/sample in F.
const warmUpTol = 1e-3

// warmUp moves the start to the neighbourhood of the optimum on a sample of the rows, where there
// are so many rows that this saves time. The factor that it leaves serves the first step on all rows.
func (z *newton) warmUp(ctx context.Context) error {
	restore := z.objective.sample()
	if restore == nil {
		return nil
	}
	defer restore()
	settings := z.settings
	z.settings.DecrementTol, z.settings.GradientTol, z.settings.MaxIterations = warmUpTol, math.Inf(1), 20
	err := z.run(ctx)
	z.settings, z.iterations = settings, 0
	return err
}

// run goes on from z.beta until it is done; z.status says how. An error is the context's,
// or errRange.
func (z *newton) run(ctx context.Context) error {
	z.status, z.fresh = NotStarted, false
	z.pairs = z.pairs[:0]
	z.value = z.objective.at(z.beta, z.gradient)
	if bad(z.value) {
		clear(z.beta)
		if z.value = z.objective.at(z.beta, z.gradient); bad(z.value) {
			return errRange
		}
	}
	last := math.Inf(1)
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("fitting: %w", err)
		}
		if !z.usable && !z.refresh() {
			return errRange
		}
		z.direction()
		z.decrement = -.5 * dot(z.step, z.gradient)
		if done := z.done(); !z.fresh && !done && z.worthRefreshing(last) {
			if !z.refresh() {
				return errRange
			}
			z.direction()
			z.decrement = -.5 * dot(z.step, z.gradient)
		}
		if z.done() {
			if z.free && !z.fresh {
				z.usable = false // judged by the curvature of this very point
				continue
			}
			z.status = Converged
			break
		}
		if z.iterations == z.settings.MaxIterations {
			z.status = IterationLimit
			break
		}
		last = z.decrement
		if z.search() {
			z.iterations++
			continue
		}
		// The trial points have overwritten the rows' curvatures.
		z.value = z.objective.at(z.beta, z.gradient)
		if z.fresh {
			z.status = StepTooSmall
			break
		}
		z.usable = false
	}
	if z.free && z.separated() {
		z.status = Separated
	}
	return nil
}

// done reports whether both tolerances are met.
func (z *newton) done() bool {
	return maxAbs(z.gradient) <= z.settings.GradientTol*max(1, z.objective.total) &&
		z.decrement <= z.settings.DecrementTol*(math.Abs(z.value)+1)
}

// worthRefreshing weighs the steps that the present rate of convergence still needs against a new
// Hessian and the two steps after it. last is the decrement before the last step.
func (z *newton) worthRefreshing(last float64) bool {
	rate := z.decrement / last
	if !(rate < .25) {
		return true
	}
	target := z.settings.DecrementTol * (math.Abs(z.value) + 1)
	steps := max(1, math.Log(target/z.decrement)/math.Log(rate))
	rows := 0
	for _, r := range z.objective.ranges {
		rows += r.Hi - r.Lo
	}
	pass, sandwich := z.objective.kernel.Costs(rows)
	n := float64(len(z.beta))
	return steps*pass > sandwich+n*n*n/6+2*pass
}

// errRange is the error of numbers whose squares or sums overflow.
var errRange = errors.New("fitting: the columns or offsets hold numbers too large to compute with; standardise them")

// refresh factorises the Hessian at the present point and reports whether that was possible.
func (z *newton) refresh() bool {
	z.fresh = true
	z.refreshed++
	if z.factor.arrow != nil {
		z.pairs, z.usable = z.pairs[:0], true
		return z.factor.factorizeArrow(z.objective, z.objective.penalty.(*blocks))
	}
	z.objective.hessian(z.square())
	return z.refactor()
}

// square is the memory of the Hessian, made when it is first wanted: an arrow does without.
func (z *newton) square() *mat.SymDense {
	if z.hessian == nil {
		z.hessian = mat.NewSymDense(len(z.beta), nil)
	}
	return z.hessian
}

// refactor factorises z.hessian. Unpenalised, the columns that are sums of earlier ones are found
// the first time, when the curvatures are those of the start and well scaled, and left out. It
// reports whether H is finite: everything else it can make do with.
func (z *newton) refactor() bool {
	z.pairs = z.pairs[:0]
	z.usable = true
	if z.free {
		if z.aliased == nil {
			z.aliased = append([]int{}, dependent(z.hessian)...)
		}
		for _, j := range z.aliased {
			for i := range z.beta {
				z.hessian.SetSym(min(i, j), max(i, j), 0)
			}
			z.hessian.SetSym(j, j, 1)
		}
	}
	if z.factor.factorize(z.hessian) {
		return true
	}
	// Not positive definite to working precision: raise the diagonal until it is. The steps get
	// shorter, the optimum stays what it is.
	n := len(z.beta)
	for lift := 1e-12; lift < 1e10; lift *= 100 {
		for j := range n {
			d := z.hessian.At(j, j)
			if bad(d) {
				return false
			}
			z.hessian.SetSym(j, j, max(d+lift*d, lift*1e-10))
		}
		if z.factor.factorize(z.hessian) {
			return true
		}
	}
	return false
}

// direction sets z.step to −(corrected H)⁻¹ gradient.
func (z *newton) direction() {
	q := z.step
	for j, g := range z.gradient {
		q[j] = -g
	}
	for _, j := range z.aliased {
		q[j] = 0
	}
	alphas := make([]float64, len(z.pairs))
	for i := len(z.pairs) - 1; i >= 0; i-- {
		c := &z.pairs[i]
		alphas[i] = c.rho * dot(c.s, q)
		axpy(-alphas[i], c.y, q)
	}
	z.factor.solve(q)
	for i := range z.pairs {
		c := &z.pairs[i]
		axpy(alphas[i]-c.rho*dot(c.y, q), c.s, q)
	}
}

// search halves the step until it lowers the objective enough (Armijo, 1e-4), takes it and reports
// whether there was such a length of at least 2⁻³⁰.
func (z *newton) search() bool {
	descent := -2 * z.decrement
	noise := 1e-13 * (math.Abs(z.value) + 1) // of the sums: differences below it say nothing
	for h := 1.0; h > 1e-9; h /= 2 {
		for j := range z.probe {
			z.probe[j] = z.beta[j] + h*z.step[j]
		}
		value := z.objective.at(z.probe, z.slope)
		if bad(value) || value > z.value+1e-4*h*descent+noise {
			continue
		}
		z.remember(h)
		z.beta, z.probe = z.probe, z.beta
		z.gradient, z.slope = z.slope, z.gradient
		for _, j := range z.aliased {
			z.gradient[j] = 0 // a sum of other columns' gradients, which tend to zero
		}
		z.value, z.fresh = value, false
		return true
	}
	return false
}

// remember keeps the step h·z.step and the change of the gradient along it.
func (z *newton) remember(h float64) {
	if len(z.pairs) == maxCorrections {
		first := z.pairs[0]
		copy(z.pairs, z.pairs[1:])
		z.pairs[maxCorrections-1] = first
	} else {
		if len(z.pairs) < cap(z.pairs) {
			z.pairs = z.pairs[:len(z.pairs)+1]
		} else {
			z.pairs = append(z.pairs, correction{})
		}
		if c := &z.pairs[len(z.pairs)-1]; c.s == nil {
			c.s, c.y = make([]float64, len(z.beta)), make([]float64, len(z.beta))
		}
	}
	c := &z.pairs[len(z.pairs)-1]
	sy := 0.0
	for j, g := range z.slope {
		c.s[j] = h * z.step[j]
		c.y[j] = g - z.gradient[j]
		sy += c.s[j] * c.y[j]
	}
	for _, j := range z.aliased {
		c.y[j] = 0
	}
	if c.rho = 1 / sy; !(sy > 0) { // rounding alone can do that: F is convex
		z.pairs = z.pairs[:len(z.pairs)-1]
	}
}

func bad(v float64) bool { return v-v != 0 }

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func axpy(alpha float64, x, y []float64) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

func maxAbs(v []float64) float64 {
	m := 0.0
	for _, x := range v {
		m = max(m, math.Abs(x))
	}
	return m
}
