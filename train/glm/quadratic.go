package glm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// quadratic minimises q(b) = g′(b − β) + ½(b − β)′H(b − β) + l1‖b‖₁ over some columns by
// coordinate descent on H. The intercept is eliminated beforehand, which centres the columns: indicator
// columns of a category add up to it, and descent along one coordinate at a time would
// trade them against each other for ever.
//
// Coordinate descent is quick to find which coefficients are zero and the signs of the others, and slow to finish
// where columns are correlated. Once it has found them q is a parabola in what is not zero, and a
// factorisation jumps to its minimum; a coefficient that would change its sign on the way stops at
// zero. So a few sweeps take turns with such jumps.
type quadratic struct {
	set   []int     // rows of the Hessian in work
	h     []float64 // their part of it, centred, whole, row by row
	cross []float64 // their entries in the intercept's row
	first float64   // the intercept's own entry
	known bool      // h is that of set

	l1       float64
	start, b []float64
	slope    []float64 // g + H(b − β), centred
	gradient float64   // of the intercept

	factored []int // places in set of the rows that factor is of; nil: none
	factor   mat.Cholesky
	steep    bool // they could not be factorised
}

// forget says that the Hessian has changed.
func (q *quadratic) forget() { q.known, q.factored = false, nil }

// load sets the problem up at β.
func (q *quadratic) load(hessian *mat.SymDense, work []bool, beta, gradient []float64, l1 float64) {
	raw := hessian.RawSymmetric()
	var set []int
	for j := 1; j < raw.N; j++ {
		// A column without curvature is one without rows, or with all of them saturated: it stays.
		if work[j] && raw.Data[j*raw.Stride+j] > 0 {
			set = append(set, j)
		}
	}
	if !q.known || !slices.Equal(set, q.set) {
		q.copy(raw.Data, raw.Stride, set)
	}
	q.l1, q.gradient = l1, gradient[0]
	n := len(set)
	q.start, q.b, q.slope = resized(q.start, n), resized(q.b, n), resized(q.slope, n)
	for i, j := range set {
		q.start[i], q.b[i] = beta[j], beta[j]
		q.slope[i] = gradient[j] - q.cross[i]*gradient[0]/q.first
	}
}

func (q *quadratic) copy(data []float64, stride int, set []int) {
	q.forget()
	n := len(set)
	q.set, q.known, q.first = set, true, data[0]
	q.h, q.cross = resized(q.h, n*n), resized(q.cross, n)
	for i, j := range set {
		q.cross[i] = data[j]
	}
	for i, j := range set {
		row, from := q.h[i*n:][:n], data[j*stride:]
		share := q.cross[i] / q.first
		for k := i; k < n; k++ {
			v := from[set[k]] - share*q.cross[k]
			row[k], q.h[k*n+i] = v, v
		}
	}
}

// resized returns a slice of n numbers, of whatever values.
func resized(v []float64, n int) []float64 {
	if cap(v) < n {
		return make([]float64, n)
	}
	return v[:n]
}

// Limits of solve: of its rounds, and of the sweeps over the coefficients that are not zero in each.
const (
	maxRounds    = 200
	roundSweeps  = 4
	maxCondition = 1e13 // of a part of H that a jump trusts
)

// solve minimises q until no coordinate violates optimality by more than tol, or rounding keeps it from that.
func (q *quadratic) solve(tol float64) {
	for range maxRounds {
		if q.sweep(nil) <= tol && q.violation() <= tol {
			return
		}
		for range roundSweeps {
			if q.sweep(q.active()) <= tol {
				break
			}
		}
		for q.jump() {
		}
		if q.violation() <= tol {
			return
		}
	}
}

// active is the places of the coefficients that are not zero.
func (q *quadratic) active() []int {
	out := []int{}
	for i, b := range q.b {
		if b != 0 {
			out = append(out, i)
		}
	}
	return out
}

// sweep minimises q along one coordinate after the other, of the given places (nil: all), and returns
// the largest change of a slope on its own coordinate.
func (q *quadratic) sweep(places []int) float64 {
	n, largest := len(q.set), 0.0
	visit := func(i int) {
		own := q.h[i*n+i]
		if !(own > 0) {
			return
		}
		next := soft(own*q.b[i]-q.slope[i], q.l1) / own
		if move := next - q.b[i]; move != 0 {
			axpy(move, q.h[i*n:][:n], q.slope)
			q.b[i] = next
			largest = max(largest, math.Abs(move)*own)
		}
	}
	if places == nil {
		for i := range n {
			visit(i)
		}
		return largest
	}
	for _, i := range places {
		visit(i)
	}
	return largest
}

// violation is the largest one (see objective.violation).
func (q *quadratic) violation() float64 {
	largest := 0.0
	for i, s := range q.slope {
		v := soft(s, q.l1)
		if q.b[i] > 0 {
			v = s + q.l1
		} else if q.b[i] < 0 {
			v = s - q.l1
		}
		largest = max(largest, math.Abs(v))
	}
	return largest
}

// jump moves the coefficients that are not zero to where q would be least if none could change its
// sign, or towards there until the first becomes zero. It reports whether that happened, so that the others may
// go on. Where they are sums of each other it does nothing.
func (q *quadratic) jump() bool {
	places, n := q.active(), len(q.set)
	if len(places) == 0 {
		return false
	}
	if q.factored == nil || !slices.Equal(places, q.factored) {
		part := mat.NewSymDense(len(places), nil)
		raw := part.RawSymmetric()
		for i, a := range places {
			row := q.h[a*n:][:n]
			for k := i; k < len(places); k++ {
				raw.Data[i*raw.Stride+k] = row[places[k]]
			}
		}
		q.factored = places
		q.steep = !q.factor.Factorize(part) || q.factor.Cond() > maxCondition
	}
	if q.steep {
		return false
	}
	move := make([]float64, len(places))
	for i, a := range places {
		move[i] = -q.slope[a] - math.Copysign(q.l1, q.b[a])
	}
	x := mat.NewVecDense(len(move), move)
	_ = q.factor.SolveVecTo(x, x)
	share, first := 1.0, -1
	if q.l1 > 0 {
		for i, a := range places {
			if next := q.b[a] + move[i]; next*q.b[a] <= 0 {
				if s := -q.b[a] / move[i]; s < share || first < 0 {
					share, first = s, a
				}
			}
		}
	}
	for i, a := range places {
		next := q.b[a] + share*move[i]
		if a == first {
			next = 0
		}
		axpy(next-q.b[a], q.h[a*n:][:n], q.slope)
		q.b[a] = next
	}
	return first >= 0
}

// unload sets step to b − β, the intercept's where q is least given the others'.
func (q *quadratic) unload(step []float64) {
	clear(step)
	sum := q.gradient
	for i, j := range q.set {
		step[j] = q.b[i] - q.start[i]
		sum += q.cross[i] * step[j]
	}
	step[0] = -sum / q.first
}
