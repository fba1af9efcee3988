package glm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// objective is the one function that every solver here minimises,
//
//	F(β) = Σᵢ wᵢ [log(1 + e^ηᵢ) − yᵢηᵢ] + ½ β′Pβ + l1‖β‖₁,   ηᵢ = β₀ + xᵢ′β + offsetᵢ,
//
// over the rows of ranges, β with the intercept first and P without it. The last term has no gradient at
// zero: at and hessian leave it out, absolute and violation are what solvers need of it.
type objective struct {
	problem *Problem
	kernel  *design.Kernel
	ranges  []design.Range
	penalty penalty
	l1      float64 // of the absolute values; 0: F is smooth
	total   float64 // Σ w of the rows
	scale   float64 // of the losses: 1 but in a sample

	curvatures []float64 // wᵢμᵢ(1−μᵢ) of the rows at the point that at was last called with
}

// penalty is ½ β′Pβ for a positive semidefinite P that leaves the intercept free. Slices and
// matrices have the intercept first.
type penalty interface {
	value(beta []float64) float64
	addGradient(gradient, beta []float64)
	addCurvature(h *mat.SymDense)
}

// ridge is P = λI.
type ridge float64

func (r ridge) value(beta []float64) float64 {
	sum := 0.0
	for _, b := range beta[1:] {
		sum += b * b
	}
	return .5 * float64(r) * sum
}

func (r ridge) addGradient(gradient, beta []float64) {
	for j := 1; j < len(beta); j++ {
		gradient[j] += float64(r) * beta[j]
	}
}

func (r ridge) addCurvature(h *mat.SymDense) {
	raw := h.RawSymmetric()
	for j := 1; j < raw.N; j++ {
		raw.Data[j*raw.Stride+j] += float64(r)
	}
}

func newObjective(p *Problem, ranges []design.Range, pen penalty, workers int) *objective {
	o := &objective{problem: p, kernel: design.NewKernel(p.X, workers), penalty: pen, scale: 1, curvatures: make([]float64, p.X.Rows())}
	o.restrict(ranges)
	return o
}

// restrict changes the rows that are summed over.
func (o *objective) restrict(ranges []design.Range) {
	o.ranges, o.total = ranges, 0
	for _, r := range ranges {
		if o.problem.Weight == nil {
			o.total += float64(r.Hi - r.Lo)
			continue
		}
		for _, w := range o.problem.Weight[r.Lo:r.Hi] {
			o.total += w
		}
	}
}

// at returns F(β) without l1‖β‖₁, sets gradient to its gradient and keeps the rows' curvatures for hessian. A value of
// +Inf or NaN means that β is too far out for floating point.
func (o *objective) at(beta, gradient []float64) float64 {
	loss := o.kernel.Pass(o.ranges, beta[0], beta[1:], o.rows, gradient)
	if o.scale != 1 {
		loss *= o.scale
		for j := range gradient {
			gradient[j] *= o.scale
		}
	}
	o.penalty.addGradient(gradient, beta)
	return loss + o.penalty.value(beta)
}

// rows is the objective's design.RowFunc.
func (o *objective) rows(lo, hi int, eta []float64) float64 {
	p := o.problem
	if p.Offset != nil {
		for i, v := range p.Offset[lo:hi] {
			eta[i] += v
		}
	}
	if p.Weight != nil {
		return weightedRows(eta, p.Y[lo:hi], p.Weight[lo:hi], o.curvatures[lo:hi])
	}
	return rows(eta, p.Y[lo:hi], o.curvatures[lo:hi])
}

// hessian sets h to X′WX + P at the point that at was last called with.
func (o *objective) hessian(h *mat.SymDense) {
	o.kernel.Sandwich(h, o.curvatures, o.ranges)
	if o.scale != 1 {
		h.ScaleSym(o.scale, h)
	}
	o.penalty.addCurvature(h)
}

// absolute is l1‖β‖₁.
func (o *objective) absolute(beta []float64) float64 {
	sum := 0.0
	for _, b := range beta[1:] {
		sum += math.Abs(b)
	}
	return o.l1 * sum
}

// violation is the smallest subgradient of F in coordinate j, where b is βⱼ and g the gradient of the
// rest: F falls against its sign. At an optimum all are zero (Karush, Kuhn and Tucker). The
// intercept, j = 0, has no absolute value.
func (o *objective) violation(j int, b, g float64) float64 {
	switch {
	case j == 0 || o.l1 == 0:
		return g
	case b > 0:
		return g + o.l1
	case b < 0:
		return g - o.l1
	}
	return soft(g, o.l1)
}

// soft moves v towards zero by t, at most to it.
func soft(v, t float64) float64 {
	switch {
	case v > t:
		return v - t
	case v < -t:
		return v + t
	}
	return 0
}

// sample restricts the objective to a sample of its rows whose losses count so many times more, and
// returns a function that undoes it; nil where there are too few rows for it to save work. Of the
// rows it takes every so many 512 ones, at least 64 rows a column and 32,768 in all.
func (o *objective) sample() (restore func()) {
	const piece = 512
	rows, all := 0, []design.Range{}
	for _, r := range o.ranges {
		for lo := r.Lo; lo < r.Hi; lo += piece {
			all = append(all, design.Range{Lo: lo, Hi: min(lo+piece, r.Hi)})
		}
		rows += r.Hi - r.Lo
	}
	every := rows / max(1<<15, 64*o.problem.X.Cols())
	if every < 4 {
		return nil
	}
	var part []design.Range
	for i := every / 2; i < len(all); i += every {
		part = append(part, all[i])
	}
	ranges, total := o.ranges, o.total
	o.restrict(part)
	if o.total == 0 || o.oneClass() {
		o.restrict(ranges)
		return nil
	}
	o.scale = total / o.total
	return func() {
		o.scale = 1
		o.restrict(ranges)
	}
}

// baseRate is the start: the intercept of a model without columns, and zeros. With an offset it is
// only near that optimum.
func (o *objective) baseRate() []float64 {
	beta := make([]float64, 1+o.problem.X.Cols())
	positive, offset := o.weightedSum(o.problem.Y), o.weightedSum(o.problem.Offset)
	rate := positive / o.total
	rate = min(max(rate, 1e-10), 1-1e-10)
	beta[0] = math.Log(rate/(1-rate)) - offset/o.total
	return beta
}

// oneClass reports whether all rows have the same outcome, 0 or 1: the intercept then has no optimum.
func (o *objective) oneClass() bool {
	positive := o.weightedSum(o.problem.Y)
	return positive == 0 || positive == o.total
}

// weightedSum is Σ wᵢvᵢ over the rows; a nil v is all zero.
func (o *objective) weightedSum(v []float64) float64 {
	sum := 0.0
	if v == nil {
		return 0
	}
	for _, r := range o.ranges {
		for i := r.Lo; i < r.Hi; i++ {
			if o.problem.Weight == nil {
				sum += v[i]
			} else {
				sum += o.problem.Weight[i] * v[i]
			}
		}
	}
	return sum
}
