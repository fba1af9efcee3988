package glm

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// traces returns tr(V_bb S_b) and tr(V_bb) of each block for V = H⁻¹. Of V only the diagonal blocks are
// wanted, so it is not formed: with H = U′U and T = U⁻¹, V_ij is the product of rows i and j of T,
// which costs half of what V does; and of those products only the ones where S_b is not zero are taken,
// five a row for second differences.
func (f *factor) traces(list []Block, k *design.Kernel) (weighted, plain []float64) {
	t := f.inverseTriangle(k)
	n := t.Rows
	eliminated := 0.0
	switch {
	case f.arrow != nil:
		for _, v := range f.arrow.diagonal(&f.cholesky) {
			eliminated += v
		}
	case f.hi > f.lo:
		eliminated = f.eliminatedTrace()
	}
	row := func(i int) []float64 { return t.Data[i*t.Stride:][:n] }
	weighted, plain = make([]float64, len(list)), make([]float64, len(list))
	k.Each(len(list), func(b int) {
		block := &list[b]
		if 1+block.Start == f.lo && f.hi > f.lo {
			plain[b] = eliminated
			weighted[b] = plain[b]
			return
		}
		for i := range block.Size {
			at := f.inner(1 + block.Start + i)
			ri := row(at)[at:]
			v := blas64.Nrm2(blas64.Vector{N: len(ri), Inc: 1, Data: ri})
			plain[b] += v * v
			if block.S == nil {
				continue
			}
			raw := block.S.RawSymmetric()
			weighted[b] += raw.Data[i*raw.Stride+i] * v * v
			for j := i + 1; j < block.Size; j++ {
				if s := raw.Data[i*raw.Stride+j]; s != 0 {
					from := f.inner(1 + block.Start + j)
					product := blas64.Dot(
						blas64.Vector{N: n - from, Inc: 1, Data: row(at)[from:]},
						blas64.Vector{N: n - from, Inc: 1, Data: row(from)[from:]})
					weighted[b] += 2 * s * product
				}
			}
		}
		if block.S == nil {
			weighted[b] = plain[b]
		}
	})
	return weighted, plain
}

// inner is the row of S that row i of H, not in the eliminated block, became.
func (f *factor) inner(i int) int {
	if i >= f.hi {
		return i - (f.hi - f.lo)
	}
	return i
}

// triangleBlock is how many columns of U⁻¹ are solved for at a time.
const triangleBlock = 64

// inverseTriangle returns T = U⁻¹ of the factorised matrix, upper triangular, in parallel by columns:
// a column of T ends at the diagonal, so U T = I is solved with the leading part of U alone.
func (f *factor) inverseTriangle(k *design.Kernel) blas64.General {
	u := rawTriangle(&f.cholesky)
	n := u.N
	t := blas64.General{Rows: n, Cols: n, Stride: n, Data: f.triangle}
	if len(t.Data) != n*n {
		t.Data = make([]float64, n*n)
		f.triangle = t.Data
	} else {
		clear(t.Data)
	}
	parts := (n + triangleBlock - 1) / triangleBlock
	k.Each(parts, func(part int) {
		lo := (parts - 1 - part) * triangleBlock // the long ones first
		hi := min(lo+triangleBlock, n)
		for j := lo; j < hi; j++ {
			t.Data[j*n+j] = 1
		}
		lead := u
		lead.N = hi
		blas64.Trsm(blas.Left, blas.NoTrans, 1, lead, blas64.General{Rows: hi, Cols: hi - lo, Stride: n, Data: t.Data[lo:]})
	})
	return t
}

// eliminatedTrace is tr(V_bb) of the eliminated block: with Y = U⁻ᵀC,
// V_bb = D⁻¹ + D⁻¹C′S⁻¹CD⁻¹ has the diagonal 1/d + ‖y‖²/d².
func (f *factor) eliminatedTrace() float64 {
	q, p := f.hi-f.lo, f.n-(f.hi-f.lo)
	y := blas64.General{Rows: p, Cols: q, Stride: q, Data: append([]float64(nil), f.cross...)}
	blas64.Trsm(blas.Left, blas.Trans, 1, rawTriangle(&f.cholesky), y)
	squares := make([]float64, q)
	for i := range p {
		for l, v := range y.Data[i*q:][:q] {
			squares[l] += v * v
		}
	}
	sum := 0.0
	for l, d := range f.diagonal {
		sum += 1/d + squares[l]/(d*d)
	}
	return sum
}

// rawTriangle is U of H = U′U.
func rawTriangle(c *mat.Cholesky) blas64.Triangular {
	return c.RawU().(mat.RawTriangular).RawTriangular()
}

// spread puts a matrix over the intercept and the given columns at its places among all columns; the
// others are zero.
func spread(v *mat.SymDense, columns []int, all int) *mat.SymDense {
	if len(columns) == all {
		return v
	}
	place := func(i int) int {
		if i == 0 {
			return 0
		}
		return 1 + columns[i-1]
	}
	out := mat.NewSymDense(1+all, nil)
	for i := range v.SymmetricDim() {
		for j := i; j < v.SymmetricDim(); j++ {
			out.SetSym(place(i), place(j), v.At(i, j))
		}
	}
	return out
}
