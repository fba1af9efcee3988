package glm

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Eliminated is the covariance V = H⁻¹ of a fit whose largest category was eliminated by an arrow, as far as the
// variance of a row wants it: a row is in one level only, so two levels' covariance is not asked for.
//
// Given the other coefficients β_o the level effects are independent of each other, β_l = ε_l − x̄_l′β_o with
// x̄_l = C_l/d_l, the level's mean row shrunk by its share of prior, and Var ε_l = 1/d_l. With the mean over the rows
// m = Σ share_l β_l = Mean′β_o + ε̄ the contrast of a level is
//
//	θ_l = β_l − m = ε_l − ε̄ − (x̄_l + Mean)′β_o.
//
// All variances are exact, and so are covariances with ε̄ (Own). Those with β_o, −U⁻¹u_l with V_oo = U⁻¹U⁻ᵀ and
// u_l = U⁻ᵀ(x̄_l + Mean), are exact where the rank is that of V_oo; below, u_l is replaced by its
// projection on the subspace of that rank that holds most of Σ share_l u_l u_l′. A projection keeps V positive
// semidefinite: what it leaves out of u_l turns into noise of the level's own. Over the rows the columns
// of U⁻ᵀ are about equally long in all directions, so no other subspace of the rank is much nearer on average.
// Rejected: all covariances, which are rows × columns of Outer (30 million numbers for 50,000 levels beside 600
// columns), and none of them, which is wrong where the levels and another column tell the same.
type Eliminated struct {
	Start, Size int           // the category's columns of X
	Columns     []int         // of each row of Outer but the first, which is the intercept's: its column of X
	Outer       *mat.SymDense // V_oo
	Mean        []float64     // in the rows of Outer
	Noise       float64       // Var ε̄
	Variances   []float64     // Var θ_l
	Own         []float64     // Cov(θ_l, ε̄)
	Base, Loads *mat.Dense    // Cov(β_o, θ_l) is Base times the row l of Loads, nearly
}

// Bounds of the rank of an Eliminated: what scoring has time for, and numbers in Loads, 3 MB in float32.
const (
	eliminatedRank  = 64
	eliminatedLoads = 750_000
)

// subspaceSteps is the iterations in search of the subspace. Its use does not hang on its being found to the last
// digit: any subspace gives a covariance.
const subspaceSteps = 6

// eliminated is the covariance of a fit with an arrow, of at most the given rank. It uses the arrow up.
func (a *additive) eliminated(rank int) *Eliminated {
	f, x := &a.solver.factor, a.solver.objective.problem.X
	r := f.arrow
	p, q := r.a.SymmetricDim(), len(r.root)
	e := &Eliminated{
		Start: a.columns[f.lo-1], Size: q, Outer: new(mat.SymDense), Mean: make([]float64, p),
		Variances: make([]float64, q), Own: make([]float64, q),
	}
	for i := 1; i < p; i++ {
		e.Columns = append(e.Columns, a.columns[f.outer(i)-1])
	}
	_ = f.cholesky.InverseTo(e.Outer) // an error only warns of bad conditioning
	share := make([]float64, q)
	for l, root := range r.root {
		share[l] = float64(r.starts[l+1]-r.starts[l]) / float64(x.Rows())
		axpy(-share[l]/root, r.scaled[l*p:][:p], e.Mean)
		e.Noise += share[l] * share[l] / (root * root)
	}
	u := rawTriangle(&f.cholesky)
	weight := make([]float64, q)
	r.pieces(func(lo, hi int) {
		rows := r.rows(lo, hi)
		for l := lo; l < hi; l++ {
			row := r.scaled[l*p:][:p]
			for j, m := range e.Mean {
				row[j] = row[j]/r.root[l] + m
			}
		}
		blas64.Trsm(blas.Right, blas.NoTrans, 1, u, rows)
		for l := lo; l < hi; l++ {
			row, d := r.scaled[l*p:][:p], r.root[l]*r.root[l]
			e.Own[l] = share[l]/d - e.Noise
			e.Variances[l] = max(0, dot(row, row)+(1-2*share[l])/d+e.Noise)
			weight[l] = math.Sqrt(max(share[l], 1/float64(x.Rows()))) // of a level without rows too there is a load
			for j := range row {
				row[j] *= weight[l]
			}
		}
	})
	basis := r.subspace(min(rank, eliminatedRank, eliminatedLoads/q, p))
	if basis.Rows == 0 {
		return e
	}
	loads := blas64.General{Rows: q, Cols: basis.Rows, Stride: basis.Rows, Data: make([]float64, q*basis.Rows)}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, r.rows(0, q), basis, 0, loads)
	for l, w := range weight {
		for k := range loads.Cols {
			loads.Data[l*loads.Stride+k] /= w
		}
	}
	e.Loads = mat.NewDense(q, loads.Cols, loads.Data)
	blas64.Trsm(blas.Right, blas.Trans, -1, u, basis)
	e.Base = mat.DenseCopyOf(mat.NewDense(basis.Rows, p, basis.Data).T())
	return e
}

// subspace is rank orthonormal rows (some may be zero, where fewer are all) that span about the leading eigenvectors of
// M = S′S, by subspace iteration from the columns of M with the largest diagonals. Where the rank is that
// of M it is all of it.
func (r *arrow) subspace(rank int) blas64.General {
	p, all := r.a.SymmetricDim(), r.rows(0, len(r.root))
	basis := blas64.General{Rows: rank, Cols: p, Stride: p, Data: make([]float64, rank*p)}
	if rank == p {
		for j := range p {
			basis.Data[j*p+j] = 1
		}
		return basis
	}
	if rank == 0 {
		return basis
	}
	m := blas64.General{Rows: p, Cols: p, Stride: p, Data: make([]float64, p*p)}
	const tile = 64
	r.outer.Each((p+tile-1)/tile, func(t int) {
		part, out := all, m
		part.Cols, part.Data = min(tile, p-t*tile), all.Data[t*tile:]
		out.Rows, out.Data = part.Cols, m.Data[t*tile*p:]
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, part, all, 0, out)
	})
	order := make([]int, p)
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch di, dj := m.Data[i*p+i], m.Data[j*p+j]; {
		case di > dj:
			return -1
		case di < dj:
			return 1
		}
		return 0
	})
	for k := range rank {
		copy(basis.Data[k*p:][:p], m.Data[order[k]*p:][:p])
	}
	orthonormal(basis)
	next := basis
	next.Data = make([]float64, len(basis.Data))
	for range subspaceSteps {
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, basis, m, 0, next)
		basis, next = next, basis
		orthonormal(basis)
	}
	return basis
}

// orthonormal replaces the rows by orthonormal ones of the same span (Gram–Schmidt, twice); those that are sums of
// earlier ones become zero.
func orthonormal(m blas64.General) {
	for k := range m.Rows {
		row := m.Data[k*m.Stride:][:m.Cols]
		before := math.Sqrt(dot(row, row))
		for range 2 {
			for j := range k {
				other := m.Data[j*m.Stride:][:m.Cols]
				axpy(-dot(other, row), other, row)
			}
		}
		length := math.Sqrt(dot(row, row))
		if !(length > 1e-10*before) {
			clear(row)
			continue
		}
		for j := range row {
			row[j] /= length
		}
	}
}
