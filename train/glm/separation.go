package glm

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// An unpenalised likelihood has no maximum when some direction of β tells outcomes apart without a
// contradiction (Albert & Anderson 1984). Newton's method then walks along it for ever while objective,
// gradient and decrement go to zero as if it converged. What gives it away is the step in η: for
// a row at the far end, e^−|η| is both its gradient and its curvature, so every full Newton step moves
// it by 1, however far it is; at a finite optimum the last steps move no row at all.

// movedRow is the change of some row's η in a last step above which the fit is called separated.
// With a decrement of 1e-12 a row that moves by 0.1 has a curvature below 1e-10.
const movedRow = .1

// separated reports whether the last step moves some row, and names the columns that grow.
func (z *newton) separated() bool {
	if z.decrement > 1e-6*(math.Abs(z.value)+1) {
		return false // merely unfinished
	}
	moved := 0.0
	o := z.objective
	parts := make([]float64, o.problem.X.Rows())
	o.kernel.Pass(o.ranges, z.step[0], z.step[1:], func(lo, hi int, eta []float64) float64 {
		for i, v := range eta {
			if o.problem.Weight == nil || o.problem.Weight[lo+i] > 0 {
				parts[lo+i] = math.Abs(v)
			}
			eta[i] = 0
		}
		return 0
	}, z.slope)
	for _, v := range parts {
		moved = max(moved, v)
	}
	return moved > movedRow
}

// diverging are the columns (−1: the intercept) whose last step alone moves a row by half of what
// calls a fit separated.
func (z *newton) diverging() []int {
	var columns []int
	reach := columnReach(z.objective.problem.X)
	for j, s := range z.step {
		if math.Abs(s)*reach[j] > movedRow/2 {
			columns = append(columns, j-1)
		}
	}
	return columns
}

// columnReach is the largest absolute value in each column, the intercept first.
func columnReach(x *design.Matrix) []float64 {
	reach := make([]float64, 1+x.Cols())
	for j := range reach {
		reach[j] = 1
	}
	for j, d := range x.Dense() {
		top := 0.0
		for i := range d.Values {
			if a := math.Abs(d.At(i)); a > top {
				top = a
			}
		}
		reach[1+j] = top
	}
	return reach
}

// dependentPivot is the share of a column's own square that must be left when the earlier columns are
// taken out of it: R's glm uses 1e-7 of the length, the square of which floating point cannot
// resolve in X′WX.
const dependentPivot = 1e-10

// dependent returns the columns of a positive semidefinite h (its rows: the intercept, then the
// columns) that are linear combinations of earlier ones, by a Cholesky factorisation that skips
// them. The numbers are rows of h.
func dependent(h *mat.SymDense) []int {
	n := h.SymmetricDim()
	u := make([][]float64, 0, n) // rows of the factor
	var out []int
	row := make([]float64, n)
	for j := range n {
		for l := j; l < n; l++ {
			row[l] = h.At(j, l)
		}
		for _, r := range u {
			if v := r[j]; v != 0 {
				axpy(-v, r[j:], row[j:])
			}
		}
		if d := h.At(j, j); !(row[j] > dependentPivot*d) {
			out = append(out, j)
			continue
		}
		scale := 1 / math.Sqrt(row[j])
		r := make([]float64, n)
		for l := j; l < n; l++ {
			r[l] = row[l] * scale
		}
		u = append(u, r)
	}
	return out
}
