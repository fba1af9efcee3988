package dense

import (
	"gonum.org/v1/gonum/mat"
)

// Each calls do for 0 ≤ item < items, each once, on as many goroutines as it likes (design.Kernel.Each).
type Each func(items int, do func(item int))

// Cholesky is the factor U of a symmetric positive definite matrix A = U′U, and on demand T = U⁻¹. The zero value
// is ready for Factorize, which may be called again and then uses the same memory. It is for one goroutine at a time.
type Cholesky struct {
	n, tiles int
	u        []tile // upper tiles, row of tiles by row; beyond n the identity
	inverses []tile // of the diagonal tiles of U
	t        []tile // T, laid out as u
	inverted bool
}

// Size is the rows of the matrix, 0 before Factorize.
func (c *Cholesky) Size() int { return c.n }

// at is the place of tile i, j ≥ i in u and t.
func (c *Cholesky) at(i, j int) int { return i*c.tiles - i*(i-1)/2 + j - i }

// Factorize reports whether a, of which the upper triangle is read, is positive definite to working precision.
func (c *Cholesky) Factorize(a *mat.SymDense, each Each) bool {
	raw := a.RawSymmetric()
	if c.n != raw.N {
		tiles := (raw.N + size - 1) / size
		*c = Cholesky{n: raw.N, tiles: tiles, u: make([]tile, tiles*(tiles+1)/2), inverses: make([]tile, tiles)}
	}
	c.inverted = false
	each(c.tiles, func(i int) {
		for j := i; j < c.tiles; j++ {
			c.load(&c.u[c.at(i, j)], raw.Data, raw.Stride, i, j)
		}
	})
	for k := range c.tiles {
		diagonal := &c.u[c.at(k, k)]
		if !diagonal.factorize() {
			return false
		}
		inverse := &c.inverses[k]
		inverse.invert(diagonal)
		left := c.tiles - k - 1
		each(left, func(item int) {
			to := &c.u[c.at(k, k+1+item)]
			from := *to
			clear(to[:])
			multiplyAdd(to, inverse, &from, true, size)
		})
		each(left, func(item int) {
			i := k + 1 + item
			minus := c.u[c.at(k, i)]
			minus.negate()
			for j := i; j < c.tiles; j++ {
				multiplyAdd(&c.u[c.at(i, j)], &minus, &c.u[c.at(k, j)], true, size)
			}
		})
	}
	return true
}

// load copies tile i, j of a matrix stored by rows.
func (c *Cholesky) load(to *tile, data []float64, stride, i, j int) {
	rows, columns := min(size, c.n-i*size), min(size, c.n-j*size)
	if rows < size || columns < size {
		clear(to[:])
		if i == j {
			for r := rows; r < size; r++ {
				to[r*size+r] = 1
			}
		}
	}
	for r := range rows {
		from := data[(i*size+r)*stride+j*size:][:columns]
		copy(to[r*size:], from)
	}
}

// Solve replaces v by A⁻¹v.
func (c *Cholesky) Solve(v []float64) {
	x := make([]float64, c.tiles*size)
	copy(x, v)
	for i := range c.tiles { // U′y = v
		part := x[i*size:][:size]
		c.inverses[i].times(part, true)
		for j := i + 1; j < c.tiles; j++ {
			to, u := x[j*size:][:size], &c.u[c.at(i, j)]
			for r, y := range part {
				for k, w := range u[r*size:][:size] {
					to[k] -= y * w
				}
			}
		}
	}
	for i := c.tiles - 1; i >= 0; i-- { // Ux = y
		part := x[i*size:][:size]
		for j := i + 1; j < c.tiles; j++ {
			from, u := x[j*size:][:size], &c.u[c.at(i, j)]
			for r := range part {
				part[r] -= dot(u[r*size:][:size], from)
			}
		}
		c.inverses[i].times(part, false)
	}
	copy(v, x)
}

// times replaces v by tv, or t′v where transposed.
func (t *tile) times(v []float64, transposed bool) {
	var out [size]float64
	for r := range size {
		row := t[r*size:][:size]
		if !transposed {
			out[r] = dot(row, v)
			continue
		}
		for k, w := range row {
			out[k] += v[r] * w
		}
	}
	copy(v, out[:])
}

// dot sums in four strands, so that an addition need not wait for the one before.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s0 += v * b[i]
	}
	return s0 + s1 + (s2 + s3)
}
