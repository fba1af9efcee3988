package glm

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// descent minimises an objective with an L1 part by Newton's method on quadratic approximations
// (proximal Newton: Friedman, Hastie & Tibshirani 2010; Lee, Sun & Saunders 2014). A step minimises
//
//	g′d + ½ d′Hd + l1‖β + d‖₁,   H = X′WX + P,
//
// by coordinate descent on H (quadratic.go), which costs nothing per row, and is halved until F
// falls. H is kept while the steps that it gives shrink fast enough, as newton keeps its factor.
//
// Only the columns in work are in the approximation. A pass gives the gradient of every column, so
// those whose zero is not optimal join before the next step, and a fit is done only when
// no column at all violates the optimality conditions: which columns it began with is a
// matter of speed (see strong), never of the result.
type descent struct {
	objective *objective
	settings  Settings

	beta, gradient []float64
	value          float64 // F, the L1 part counted
	violation      float64 // largest of all columns
	status         Status
	iterations     int
	refreshed      int
	decrement      float64 // half of what the step promises to first order: the Newton decrement where l1 = 0

	hessian *mat.SymDense
	usable  bool // hessian holds one
	fresh   bool // it is that of the present point
	work    []bool
	inner   quadratic
	step    []float64
	probe   []float64 // trial point
	slope   []float64 // gradient there
}

func newDescent(o *objective, s Settings, start []float64) *descent {
	n := 1 + o.problem.X.Cols()
	d := &descent{objective: o, settings: s.withDefaults(), hessian: mat.NewSymDense(n, nil), work: make([]bool, n)}
	d.beta, d.gradient = append([]float64(nil), start...), make([]float64, n)
	d.step, d.probe, d.slope = make([]float64, n), make([]float64, n), make([]float64, n)
	return d
}

// strong puts columns to work: those that are not zero, and of the rest those with |gⱼ| ≥ threshold. On
// the way from l1 to a smaller l1′ the threshold 2l1′ − l1 is the sequential strong rule (Tibshirani et al. 2012): it
// leaves out what is zero at l1′ too if no gradient moves faster than l1 itself, which it hardly ever does.
func (d *descent) strong(threshold float64) {
	for j := 1; j < len(d.work); j++ {
		d.work[j] = d.beta[j] != 0 || math.Abs(d.gradient[j]) >= threshold
	}
}

// evaluate sets value and gradient at beta.
func (d *descent) evaluate() {
	d.value = d.objective.at(d.beta, d.gradient) + d.objective.absolute(d.beta)
}

// run goes on from d.beta until it is done; d.status says how. An error is the context's, or errRange.
func (d *descent) run(ctx context.Context) error {
	d.status, d.fresh = NotStarted, false
	if d.evaluate(); bad(d.value) {
		clear(d.beta)
		if d.evaluate(); bad(d.value) {
			return errRange
		}
	}
	last := math.Inf(1)
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("fitting: %w", err)
		}
		d.check()
		if !d.usable && !d.refresh() {
			return errRange
		}
		d.direction()
		if !d.fresh && !d.done() && d.worthRefreshing(last) {
			if !d.refresh() {
				return errRange
			}
			d.direction()
		}
		if d.done() {
			d.status = Converged
			return nil
		}
		if d.iterations == d.settings.MaxIterations {
			d.status = IterationLimit
			return nil
		}
		last = d.decrement
		if d.search() {
			d.iterations++
			continue
		}
		d.evaluate() // the trial points have overwritten the rows' curvatures
		if d.fresh {
			d.status = StepTooSmall
			return nil
		}
		d.usable = false
	}
}

// check measures the largest violation and puts the columns to work that have one.
func (d *descent) check() {
	d.violation = 0
	for j, g := range d.gradient {
		v := math.Abs(d.objective.violation(j, d.beta[j], g))
		if v > 0 && j > 0 {
			d.work[j] = true
		}
		d.violation = max(d.violation, v)
	}
}

// done reports whether both tolerances are met.
func (d *descent) done() bool {
	return d.violation <= d.settings.GradientTol*max(1, d.objective.total) &&
		d.decrement <= d.settings.DecrementTol*(math.Abs(d.value)+1)
}

// worthRefreshing weighs the steps that the present rate of convergence still needs against a new Hessian
// and the two steps after it, as newton does.
func (d *descent) worthRefreshing(last float64) bool {
	rate := d.decrement / last
	if !(rate < .25) {
		return true
	}
	target := d.settings.DecrementTol * (math.Abs(d.value) + 1)
	steps := max(1, math.Log(target/d.decrement)/math.Log(rate))
	rows := 0
	for _, r := range d.objective.ranges {
		rows += r.Hi - r.Lo
	}
	pass, sandwich := d.objective.kernel.Costs(rows)
	return steps*pass > sandwich+2*pass
}

// refresh computes the Hessian at the present point and reports whether it is finite.
func (d *descent) refresh() bool {
	d.objective.hessian(d.hessian)
	d.usable, d.fresh = true, true
	d.refreshed++
	d.inner.forget()
	if !(d.hessian.At(0, 0) > 0) {
		return false
	}
	for j := range d.beta {
		if bad(d.hessian.At(j, j)) {
			return false
		}
	}
	return true
}

// innerTol is how much smaller than the present violation that of the approximation must become: what is
// left over shortens the convergence of the outer steps by no more than the lagged curvature does.
const innerTol = 1e-3

// direction sets step to the minimiser of the approximation, and decrement.
func (d *descent) direction() {
	floor := .1 * d.settings.GradientTol * max(1, d.objective.total)
	if math.IsInf(floor, 0) {
		floor = 0
	}
	d.inner.load(d.hessian, d.work, d.beta, d.gradient, d.objective.l1)
	d.inner.solve(max(innerTol*d.violation, floor))
	d.inner.unload(d.step)
	change := dot(d.gradient, d.step)
	for j := 1; j < len(d.beta); j++ {
		if s := d.step[j]; s != 0 {
			change += d.objective.l1 * (math.Abs(d.beta[j]+s) - math.Abs(d.beta[j]))
		}
	}
	d.decrement = -.5 * change
}

// search halves the step until it lowers F enough (Armijo, 1e-4), takes it and reports whether there was such a
// length of at least 2⁻³⁰. A whole step keeps the zeros that coordinate descent set.
func (d *descent) search() bool {
	noise := 1e-13 * (math.Abs(d.value) + 1) // of the sums: differences below it say nothing
	for h := 1.0; h > 1e-9; h /= 2 {
		for j, b := range d.beta {
			d.probe[j] = b + h*d.step[j]
		}
		value := d.objective.at(d.probe, d.slope) + d.objective.absolute(d.probe)
		if bad(value) || value > d.value-2e-4*h*d.decrement+noise {
			continue
		}
		d.beta, d.probe = d.probe, d.beta
		d.gradient, d.slope = d.slope, d.gradient
		d.value, d.fresh = value, false
		return true
	}
	return false
}

// result reads the solver's state out.
func (d *descent) result() *Result {
	r := &Result{
		Intercept: d.beta[0], Coef: append([]float64(nil), d.beta[1:]...), Status: d.status,
		Iterations: d.iterations, Curvatures: d.refreshed,
		Objective: d.value, GradientMax: d.violation, Decrement: d.decrement,
	}
	r.LogLik = -(d.value - d.objective.absolute(d.beta) - d.objective.penalty.value(d.beta))
	return r
}

// infer sets DF: tr(H⁻¹X′WX) over the intercept and the columns that are not zero; with a pure L1
// penalty their number, whatever of them are sums of others.
func (d *descent) infer(r *Result) {
	if !d.fresh {
		d.objective.at(d.beta, d.slope)
		d.refresh()
	}
	rows := []int{0}
	for j := 1; j < len(d.beta); j++ {
		if d.beta[j] != 0 {
			rows = append(rows, j)
		}
	}
	h := mat.NewSymDense(len(rows), nil)
	for i, a := range rows {
		for j := i; j < len(rows); j++ {
			h.SetSym(i, j, d.hessian.At(a, rows[j]))
		}
	}
	r.DF = float64(len(rows))
	weight, ok := d.objective.penalty.(ridge)
	var c mat.Cholesky
	if !ok || weight == 0 || !c.Factorize(h) {
		return
	}
	var inverse mat.SymDense
	_ = c.InverseTo(&inverse) // an error only warns of bad conditioning
	for i := 1; i < len(rows); i++ {
		r.DF -= float64(weight) * inverse.At(i, i)
	}
}
