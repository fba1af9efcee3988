package glm

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// factor solves with a Hessian H. No row is in two levels of a block, so the block's own part of X′WX
// is diagonal, and with a diagonal penalty the largest block is eliminated beforehand:
//
//	H = [A C; C′ D],  D diagonal,  S = A − C D⁻¹ C′,
//
// and only S, which lacks the block, is factorised. A block of q levels beside p other columns so
// costs p²q + p³/3 in place of (p+q)³/3. Otherwise D is empty and S is H.
type factor struct {
	n, lo, hi int // rows of H, and those of D

	diagonal []float64 // D
	cross    []float64 // C, p rows of q
	scaled   []float64 // C D^−½
	schur    *mat.SymDense
	cholesky mat.Cholesky
	vector   []float64
	triangle []float64 // of traces

	arrow *arrow // of a block so large that not even C and D are taken from a square; nil: none
}

// worthEliminating is the share of the columns from which on a block is eliminated, and the fewest levels.
const (
	eliminatedShare = .3
	eliminatedLevel = 64
)

// eliminate chooses the block that factorize eliminates; the penalty must be diagonal in it.
func (f *factor) eliminate(x *design.Matrix) {
	best := max(eliminatedLevel, int(eliminatedShare*float64(x.Cols())))
	for b, c := range x.Blocks() {
		if c.Levels >= best {
			best = c.Levels + 1
			f.lo = 1 + x.BlockStart(b)
			f.hi = f.lo + c.Levels
		}
	}
}

// eliminateIdentity is eliminate among the blocks whose own penalty is the identity.
func (f *factor) eliminateIdentity(x *design.Matrix, list []Block, workers int) {
	chosen := -1
	best := max(eliminatedLevel, int(eliminatedShare*float64(x.Cols())))
	for b, c := range x.Blocks() {
		for i := range list {
			if list[i].S == nil && list[i].Start == x.BlockStart(b) && list[i].Size == c.Levels && c.Levels >= best {
				best = c.Levels + 1
				f.lo = 1 + x.BlockStart(b)
				f.hi = f.lo + c.Levels
				chosen = b
			}
		}
	}
	if chosen >= 0 {
		if f.arrow = newArrow(x, chosen, workers); f.arrow != nil {
			f.n = 1 + x.Cols()
			f.vector = make([]float64, f.n-(f.hi-f.lo))
		}
	}
}

// factorizeArrow is factorize at the point that the objective was last called with, for a factor with an arrow.
func (f *factor) factorizeArrow(o *objective, penalty *blocks) bool {
	ridge := penalty.tiny
	outer := &blocks{tiny: penalty.tiny}
	for i, b := range penalty.list {
		if 1+b.Start == f.lo {
			ridge += penalty.lambda[i]
			continue
		}
		b.Start = f.inner(1+b.Start) - 1
		outer.list, outer.lambda = append(outer.list, b), append(outer.lambda, penalty.lambda[i])
	}
	for _, lift := range []float64{0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4} {
		if f.arrow.factorize(&f.cholesky, o.curvatures, o.ranges, o.scale, ridge, lift, outer.addCurvature) {
			return true
		}
	}
	return false
}

// factorize reports whether H is positive definite to working precision; h is not kept.
func (f *factor) factorize(h *mat.SymDense) bool {
	q := f.hi - f.lo
	if q == 0 {
		f.n = h.SymmetricDim()
		return f.cholesky.Factorize(h)
	}
	f.n = h.SymmetricDim()
	p := f.n - q
	if f.schur == nil {
		f.diagonal, f.vector = make([]float64, q), make([]float64, p)
		f.cross, f.scaled = make([]float64, p*q), make([]float64, p*q)
		f.schur = mat.NewSymDense(p, nil)
	}
	raw, s := h.RawSymmetric(), f.schur.RawSymmetric()
	inverse := make([]float64, q)
	for l := range q {
		d := raw.Data[(f.lo+l)*raw.Stride+f.lo+l]
		if !(d > 0) || math.IsInf(d, 0) {
			return false
		}
		f.diagonal[l], inverse[l] = d, 1/math.Sqrt(d)
	}
	for i := range p {
		row := f.cross[i*q:][:q]
		if at := f.outer(i); at < f.lo {
			copy(row, raw.Data[at*raw.Stride+f.lo:][:q])
		} else {
			for l := range q {
				row[l] = raw.Data[(f.lo+l)*raw.Stride+at]
			}
		}
		scaled := f.scaled[i*q:][:q]
		for l, v := range row {
			scaled[l] = v * inverse[l]
		}
		for j := i; j < p; j++ {
			s.Data[i*s.Stride+j] = raw.Data[f.outer(i)*raw.Stride+f.outer(j)]
		}
	}
	c := blas64.General{Rows: p, Cols: q, Stride: q, Data: f.scaled}
	blas64.Syrk(blas.NoTrans, -1, c, 1, s)
	return f.cholesky.Factorize(f.schur)
}

// outer is the row of H that row i of S stands for.
func (f *factor) outer(i int) int {
	if i >= f.lo {
		return i + f.hi - f.lo
	}
	return i
}

// solve replaces v by H⁻¹v. That the matrix is badly conditioned is not said: who takes a step by v looks
// where it leads.
func (f *factor) solve(v []float64) {
	q := f.hi - f.lo
	if q == 0 {
		x := mat.NewVecDense(len(v), v)
		_ = f.cholesky.SolveVecTo(x, x)
		return
	}
	block := v[f.lo:f.hi]
	if f.arrow != nil {
		for i := range f.vector {
			f.vector[i] = v[f.outer(i)]
		}
		f.arrow.solve(&f.cholesky, f.vector, block)
		for i, x := range f.vector {
			v[f.outer(i)] = x
		}
		return
	}
	for l := range block {
		block[l] /= f.diagonal[l]
	}
	for i := range f.vector {
		f.vector[i] = v[f.outer(i)] - dot(f.cross[i*q:][:q], block)
	}
	x := mat.NewVecDense(len(f.vector), f.vector)
	_ = f.cholesky.SolveVecTo(x, x)
	right := make([]float64, q)
	for i, a := range f.vector {
		v[f.outer(i)] = a
		axpy(a, f.cross[i*q:][:q], right)
	}
	for l := range block {
		block[l] -= right[l] / f.diagonal[l]
	}
}

// inverse returns H⁻¹. With a block eliminated it is made of the parts that are there,
//
//	H⁻¹ = [S⁻¹ −S⁻¹T; · D⁻¹ + T′S⁻¹T],  T = CD⁻¹,
//
// in pq² steps in place of the (p+q)³ of a factorisation and inversion of the whole. An inverse whose
// condition the Cholesky factor doubts is returned all the same.
func (f *factor) inverse() *mat.SymDense {
	q := f.hi - f.lo
	part := new(mat.SymDense)
	_ = f.cholesky.InverseTo(part) // an error only warns of bad conditioning
	if q == 0 {
		return part
	}
	p := f.n - q
	t := mat.NewDense(p, q, nil)
	for i := range p {
		row, cross := t.RawRowView(i), f.cross[i*q:][:q]
		for l, d := range f.diagonal {
			row[l] = cross[l] / d
		}
	}
	var b, e mat.Dense // S⁻¹T and T′S⁻¹T
	b.Mul(part, t)
	e.Mul(t.T(), &b)
	dst := mat.NewSymDense(f.n, nil)
	for i := range p {
		at := f.outer(i)
		for j := i; j < p; j++ {
			dst.SetSym(at, f.outer(j), part.At(i, j))
		}
		for l, v := range b.RawRowView(i) {
			dst.SetSym(min(at, f.lo+l), max(at, f.lo+l), -v)
		}
	}
	for l := range q {
		row := e.RawRowView(l)
		dst.SetSym(f.lo+l, f.lo+l, 1/f.diagonal[l]+row[l])
		for k := l + 1; k < q; k++ {
			dst.SetSym(f.lo+l, f.lo+k, row[k])
		}
	}
	return dst
}
