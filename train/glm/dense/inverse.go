package dense

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Invert computes T = U⁻¹ if it is not known yet: a third of the n³ products of A⁻¹ = TT′.
//
// A column of tiles of T needs no other,
//
//	T_ij = −T_ii Σ_(i<k≤j) U_ik T_kj,
//
// so they are computed in parallel, the long ones first.
func (c *Cholesky) Invert(each Each) {
	if c.inverted {
		return
	}
	c.inverted = true
	if c.t == nil {
		c.t = make([]tile, len(c.u))
	}
	each(c.tiles, func(item int) {
		j := c.tiles - 1 - item
		c.t[c.at(j, j)] = c.inverses[j]
		for i := j - 1; i >= 0; i-- {
			var sum tile
			for k := i + 1; k <= j; k++ {
				multiplyAdd(&sum, &c.u[c.at(i, k)], &c.t[c.at(k, j)], false, size)
			}
			sum.negate()
			to := &c.t[c.at(i, j)]
			clear(to[:])
			multiplyAdd(to, &c.inverses[i], &sum, false, size)
		}
	})
}

// Product is the entry i, j of A⁻¹, that of rows i and j of T. Invert must have been called.
func (c *Cholesky) Product(i, j int) float64 {
	i, j = min(i, j), max(i, j)
	a, b := i/size, j/size
	left, right := (i-a*size)*size, (j-b*size)*size
	sum := 0.0
	for k := b; k < c.tiles; k++ {
		sum += dot(c.t[c.at(a, k)][left:left+size], c.t[c.at(b, k)][right:right+size])
	}
	return sum
}

// InverseTo sets dst to A⁻¹.
func (c *Cholesky) InverseTo(dst *mat.SymDense, each Each) {
	c.Invert(each)
	if dst.IsEmpty() {
		dst.ReuseAsSym(c.n)
	}
	turned := make([]tile, len(c.t))
	each(len(turned), func(i int) { turned[i].transpose(&c.t[i]) })
	raw := dst.RawSymmetric()
	each(c.tiles, func(i int) {
		for j := i; j < c.tiles; j++ {
			var sum tile
			for k := j; k < c.tiles; k++ {
				multiplyAdd(&sum, &c.t[c.at(i, k)], &turned[c.at(j, k)], false, size)
			}
			for r := range min(size, c.n-i*size) {
				copy(raw.Data[(i*size+r)*raw.Stride+j*size:][:min(size, c.n-j*size)], sum[r*size:])
			}
		}
	})
}

// Squares sets out to the squared length of U⁻ᵀs for each row s of a matrix with Size columns.
func (c *Cholesky) Squares(s blas64.General, out []float64, each Each) {
	c.Invert(each)
	each((s.Rows+size-1)/size, func(piece int) {
		from := piece * size
		rows := min(size, s.Rows-from)
		parts := make([]tile, c.tiles)
		for k := range parts {
			for r := range rows {
				copy(parts[k][r*size:][:size], s.Data[(from+r)*s.Stride+k*size:][:min(size, c.n-k*size)])
			}
		}
		clear(out[from : from+rows])
		for j := range c.tiles {
			var sum tile
			for k := range j + 1 {
				multiplyAdd(&sum, &parts[k], &c.t[c.at(k, j)], false, size)
			}
			for r := range rows {
				row := sum[r*size:][:size]
				out[from+r] += dot(row, row)
			}
		}
	})
}

// SubtractGram subtracts S′S from the upper triangle of a.
func SubtractGram(a *mat.SymDense, s blas64.General, each Each) {
	raw := a.RawSymmetric()
	across, down := (s.Cols+size-1)/size, (s.Rows+size-1)/size
	if down == 0 {
		return
	}
	parts := make([]tile, across*down) // a column of tiles after the other
	each(across, func(j int) {
		for k := range down {
			to := &parts[j*down+k]
			for r := range min(size, s.Rows-k*size) {
				copy(to[r*size:][:size], s.Data[(k*size+r)*s.Stride+j*size:][:min(size, s.Cols-j*size)])
			}
		}
	})
	each(across, func(i int) {
		for j := i; j < across; j++ {
			var sum tile
			for k := range down {
				multiplyAdd(&sum, &parts[i*down+k], &parts[j*down+k], true, min(size, s.Rows-k*size))
			}
			for r := range min(size, s.Cols-i*size) {
				row := raw.Data[(i*size+r)*raw.Stride:]
				for l := range min(size, s.Cols-j*size) {
					if column := j*size + l; column >= i*size+r {
						row[column] -= sum[r*size+l]
					}
				}
			}
		}
	})
}
