package glm

import (
	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// traces returns tr(V_bb S_b) and tr(V_bb) of each block for V = H⁻¹. Of V only the diagonal blocks are
// wanted, so it is not formed: with H = U′U and T = U⁻¹, V_ij is the product of rows i and j of T,
// which costs half of what V does; and of those products only the ones where S_b is not zero are taken,
// five a row for second differences.
func (f *factor) traces(list []Block, k *design.Kernel) (weighted, plain []float64) {
	f.cholesky.Invert(f.each)
	eliminated := 0.0
	if f.hi > f.lo {
		for _, v := range f.blockDiagonal() {
			eliminated += v
		}
	}
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
			v := f.cholesky.Product(at, at)
			plain[b] += v
			if block.S == nil {
				continue
			}
			raw := block.S.RawSymmetric()
			weighted[b] += raw.Data[i*raw.Stride+i] * v
			for j := i + 1; j < block.Size; j++ {
				if s := raw.Data[i*raw.Stride+j]; s != 0 {
					weighted[b] += 2 * s * f.cholesky.Product(at, f.inner(1+block.Start+j))
				}
			}
		}
		if block.S == nil {
			weighted[b] = plain[b]
		}
	})
	return weighted, plain
}

// blockDiagonal is that of the eliminated block's part of V, V_ll = (1 + ‖U⁻ᵀs_l‖²)/d_l with s_l the scaled border's
// rows and U′U the Schur complement.
func (f *factor) blockDiagonal() []float64 {
	out := make([]float64, len(f.root))
	f.cholesky.Squares(f.rows(f.n-len(f.root)), out, f.each)
	for l, root := range f.root {
		out[l] = (1 + out[l]) / (root * root)
	}
	return out
}

// inner is the row of S that row i of H, not in the eliminated block, became.
func (f *factor) inner(i int) int {
	if i >= f.hi {
		return i - (f.hi - f.lo)
	}
	return i
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
