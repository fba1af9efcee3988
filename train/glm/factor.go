package glm

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
	"leadscore/train/glm/dense"
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

	border                    // of D
	schur      *mat.SymDense  // S
	cholesky   dense.Cholesky // of S
	vector     []float64
	concurrent dense.Each // nil: one item after the other

	arrow *arrow // of a block so large that not even C and D are taken from a square; nil: none
}

// border is the eliminated block beside p other columns.
type border struct {
	root   []float64 // √D
	scaled []float64 // D^−½C′, q rows of p
}

func (f *factor) each(items int, do func(item int)) {
	if f.concurrent != nil {
		f.concurrent(items, do)
		return
	}
	for i := range items {
		do(i)
	}
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
			f.n, f.border = 1+x.Cols(), f.arrow.border
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
	f.n = h.SymmetricDim()
	q := f.hi - f.lo
	if q == 0 {
		return f.cholesky.Factorize(h, f.each)
	}
	p := f.n - q
	if f.schur == nil {
		f.border = border{root: make([]float64, q), scaled: make([]float64, q*p)}
		f.vector, f.schur = make([]float64, p), mat.NewSymDense(p, nil)
	}
	raw, s := h.RawSymmetric(), f.schur.RawSymmetric()
	for l := range q {
		d := raw.Data[(f.lo+l)*raw.Stride+f.lo+l]
		if !(d > 0) || math.IsInf(d, 0) {
			return false
		}
		f.root[l] = math.Sqrt(d)
	}
	for i := range p {
		if at := f.outer(i); at < f.lo {
			for l, v := range raw.Data[at*raw.Stride+f.lo:][:q] {
				f.scaled[l*p+i] = v / f.root[l]
			}
		} else {
			for l, root := range f.root {
				f.scaled[l*p+i] = raw.Data[(f.lo+l)*raw.Stride+at] / root
			}
		}
		for j := i; j < p; j++ {
			s.Data[i*s.Stride+j] = raw.Data[f.outer(i)*raw.Stride+f.outer(j)]
		}
	}
	dense.SubtractGram(f.schur, f.rows(p), f.each)
	return f.cholesky.Factorize(f.schur, f.each)
}

// rows is the scaled border as a matrix of p columns.
func (b *border) rows(p int) blas64.General {
	return blas64.General{Rows: len(b.root), Cols: p, Stride: p, Data: b.scaled}
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
	if f.hi == f.lo {
		f.cholesky.Solve(v)
		return
	}
	for i := range f.vector {
		f.vector[i] = v[f.outer(i)]
	}
	f.border.solve(&f.cholesky, f.vector, v[f.lo:f.hi])
	for i, x := range f.vector {
		v[f.outer(i)] = x
	}
}

// solve replaces outer and block, the parts of v, by those of H⁻¹v.
func (b *border) solve(c *dense.Cholesky, outer, block []float64) {
	p := len(outer)
	for l, root := range b.root {
		block[l] /= root
		axpy(-block[l], b.scaled[l*p:][:p], outer)
	}
	c.Solve(outer)
	for l, root := range b.root {
		block[l] = (block[l] - dot(b.scaled[l*p:][:p], outer)) / root
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
	f.cholesky.InverseTo(part, f.each)
	if q == 0 {
		return part
	}
	p := f.n - q
	t := mat.NewDense(p, q, nil)
	for l, root := range f.root {
		for i, v := range f.scaled[l*p:][:p] {
			t.Set(i, l, v/root)
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
	for l, root := range f.root {
		row := e.RawRowView(l)
		dst.SetSym(f.lo+l, f.lo+l, 1/(root*root)+row[l])
		for k := l + 1; k < q; k++ {
			dst.SetSym(f.lo+l, f.lo+k, row[k])
		}
	}
	return dst
}
