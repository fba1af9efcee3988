package design

import "math"

// Cells sums u and v, one number a row each, over the rows of every cell of two blocks and calls f with the
// two sums of each cell in order, a's code the slower. Rows without a column in either block are left out.
func Cells(a, b *Codes, u, v []float64, f func(sumU, sumV float64)) {
	stride := b.Levels + 1
	tableU, tableV := make([]float64, (a.Levels+1)*stride), make([]float64, (a.Levels+1)*stride)
	scatterPair(tableU, stride, a, b, u, 0)
	scatterPair(tableV, stride, a, b, v, 0)
	for i := range a.Levels {
		for j := range b.Levels {
			f(tableU[i*stride+j], tableV[i*stride+j])
		}
	}
}

// Cross returns the block of a pair: code = a's code·Levels of b + b's code, no column where either has none.
func Cross(a, b *Codes) Codes {
	levels := a.Levels * b.Levels
	codes := make([]uint32, a.Len())
	a.Each(func(row int, code uint32) { codes[row] = code })
	b.Each(func(row int, code uint32) {
		if int(codes[row]) == a.Levels || int(code) == b.Levels {
			codes[row] = uint32(levels)
		} else {
			codes[row] = codes[row]*uint32(b.Levels) + code
		}
	})
	return MakeCodes(levels, codes)
}

// Occupied returns the block of c's levels that rows of a weight of at least least have (weight nil: all 1; least 0: any
// row), and those levels in order; rows of other levels have no column. Of the cells of a pair of large categories most are
// empty, and each costs a solver a column.
func Occupied(c *Codes, weight []float64, least float64) (Codes, []uint32) {
	count := make([]float64, c.Levels+1)
	if weight == nil {
		c.Each(func(_ int, code uint32) { count[code]++ })
	} else {
		c.Each(func(row int, code uint32) { count[code] += weight[row] })
	}
	var levels []uint32
	place := make([]uint32, c.Levels+1)
	for l, n := range count[:c.Levels] {
		if n > 0 && n >= least {
			place[l] = uint32(len(levels))
			levels = append(levels, uint32(l))
		} else {
			place[l] = math.MaxUint32
		}
	}
	place[c.Levels] = math.MaxUint32
	codes := make([]uint32, c.Len())
	c.Each(func(row int, code uint32) { codes[row] = min(place[code], uint32(len(levels))) })
	return MakeCodes(len(levels), codes), levels
}
