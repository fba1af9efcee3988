package design

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
