package dense

import "math"

// size is the rows and columns of a tile: three tiles, 96 KiB, stay in the second-level cache of one core.
const size = 64

// tile is a square of a matrix, row by row.
type tile [size * size]float64

// multiplyAddPlain adds AB, or A′B where transposed, to C: of the sum the first terms, in order.
// multiplyAdd does the same with what the processor has for it.
func multiplyAddPlain(c, a, b *tile, transposed bool, terms int) {
	for i := range size {
		row := c[i*size:][:size]
		for l := range terms {
			v := a[i*size+l]
			if transposed {
				v = a[l*size+i]
			}
			for j, x := range b[l*size:][:size] {
				row[j] += v * x
			}
		}
	}
}

// negate changes the sign of every number.
func (t *tile) negate() {
	for i, v := range t {
		t[i] = -v
	}
}

// transpose sets t to s′.
func (t *tile) transpose(s *tile) {
	for i := range size {
		for j := range size {
			t[j*size+i] = s[i*size+j]
		}
	}
}

// factorize replaces the upper triangle of t by U with U′U = t and clears the rest. It reports whether t is
// positive definite to working precision.
func (t *tile) factorize() bool {
	for i := range size {
		row := t[i*size:][:size]
		d := row[i]
		if !(d > 0) || math.IsInf(d, 0) {
			return false
		}
		root := math.Sqrt(d)
		clear(row[:i])
		row[i] = root
		for j := i + 1; j < size; j++ {
			row[j] /= root
		}
		for k := i + 1; k < size; k++ {
			v := row[k]
			if v == 0 {
				continue
			}
			below := t[k*size:][:size]
			for j := k; j < size; j++ {
				below[j] -= v * row[j]
			}
		}
	}
	return true
}

// invert sets t to the inverse of the upper triangular u.
func (t *tile) invert(u *tile) {
	clear(t[:])
	for i := size - 1; i >= 0; i-- {
		row := t[i*size:][:size]
		for k := i + 1; k < size; k++ {
			v := u[i*size+k]
			if v == 0 {
				continue
			}
			for j := k; j < size; j++ {
				row[j] -= v * t[k*size+j]
			}
		}
		d := 1 / u[i*size+i]
		row[i] = 1
		for j := i; j < size; j++ {
			row[j] *= d
		}
	}
}
