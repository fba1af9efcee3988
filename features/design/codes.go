package design

import "math"

// Codes is a block of category codes: row i has the indicator column Codes[i] of Levels.
// Exactly one of the slices is set, the narrowest that holds Levels. A code equal to Levels
// means "no column": the row's entry in this block is zero (an unseen level).
type Codes struct {
	Levels int // number of columns of the block
	U8     []uint8
	U16    []uint16
	U32    []uint32
}

// MakeCodes stores codes in the narrowest width that holds levels itself; codes is not kept.
func MakeCodes(levels int, codes []uint32) Codes {
	switch {
	case levels <= math.MaxUint8:
		return Codes{Levels: levels, U8: narrow[uint8](codes)}
	case levels <= math.MaxUint16:
		return Codes{Levels: levels, U16: narrow[uint16](codes)}
	}
	return Codes{Levels: levels, U32: narrow[uint32](codes)}
}

func narrow[T width](codes []uint32) []T {
	out := make([]T, len(codes))
	for i, c := range codes {
		out[i] = T(c)
	}
	return out
}

// Len returns the number of rows of the block.
func (c *Codes) Len() int { return max(len(c.U8), len(c.U16), len(c.U32)) }

// At returns the code of row i. Loops over all rows are faster with Each or on the slices.
func (c *Codes) At(i int) uint32 {
	switch {
	case c.U8 != nil:
		return uint32(c.U8[i])
	case c.U16 != nil:
		return uint32(c.U16[i])
	}
	return c.U32[i]
}

// Each calls f for every row in order.
func (c *Codes) Each(f func(row int, code uint32)) {
	for i, code := range c.U8 {
		f(i, uint32(code))
	}
	for i, code := range c.U16 {
		f(i, uint32(code))
	}
	for i, code := range c.U32 {
		f(i, code)
	}
}

// check reports whether some row has no column (code = Levels), and the first row with a code above
// Levels (−1: none).
func (c *Codes) check() (absent bool, beyond int) {
	switch {
	case c.U8 != nil:
		return checkCodes(c.U8, c.Levels)
	case c.U16 != nil:
		return checkCodes(c.U16, c.Levels)
	}
	return checkCodes(c.U32, c.Levels)
}

func checkCodes[T width](codes []T, levels int) (absent bool, beyond int) {
	var top T
	for _, c := range codes {
		top = max(top, c)
	}
	if int(top) > levels {
		for i, c := range codes {
			if int(c) > levels {
				return true, i
			}
		}
	}
	return len(codes) > 0 && int(top) == levels, -1
}

func (c *Codes) take(rows []int) Codes {
	t := Codes{Levels: c.Levels}
	switch {
	case c.U8 != nil:
		t.U8 = takeCodes(c.U8, rows)
	case c.U16 != nil:
		t.U16 = takeCodes(c.U16, rows)
	default:
		t.U32 = takeCodes(c.U32, rows)
	}
	return t
}

func takeCodes[T width](codes []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = codes[r]
	}
	return out
}

// width is the stored widths of codes; the kernels are compiled for each.
type width interface{ uint8 | uint16 | uint32 }
