package design

import "gonum.org/v1/gonum/blas/gonum"

// RowFunc turns the linear predictors of rows lo ≤ i < hi into something to sum: it replaces
// eta[i−lo] by rᵢ and returns the rows' part of a total, such as their loss. It is called once for
// every chunk of rows, by several goroutines at once for different rows; it may keep what it likes
// at the places of its rows in slices of its own.
type RowFunc func(lo, hi int, eta []float64) float64

// passSegments bounds the number of tables that a pass sums into.
const passSegments = 64

// segmentCells bounds the memory of all segments' tables, in numbers of 8 bytes.
const segmentCells = 1 << 22

// Pass computes ηᵢ = intercept + xᵢ′coef for the rows of ranges, calls f, and sets sums[0] = Σ rᵢ
// and sums[1+j] = Σ xᵢⱼrᵢ for the r that f left: one reading of the data for a loss and its
// gradient. It returns the sum of f. Ranges may not overlap.
func (k *Kernel) Pass(ranges []Range, intercept float64, coef []float64, f RowFunc, sums []float64) float64 {
	m := k.m
	for i := range k.packs {
		k.packs[i].table(k.tables[k.offsets[i]:k.offsets[i+1]], coef[:m.cols])
	}
	list := chunks(ranges, chunkRows)
	cells := len(k.tables) + len(m.dense) + 1
	segments := max(1, min(passSegments, len(list)/8, segmentCells/cells))
	if need := segments * cells; len(k.sums) < need {
		k.sums = make([]float64, need)
	}
	totals := make([]float64, segments)
	k.run(segments, func(worker, s int) {
		acc := k.sums[s*cells : (s+1)*cells]
		clear(acc)
		for _, r := range segment(list, s, segments) {
			totals[s] += k.chunk(k.scratch[worker], r, intercept, coef, f, acc)
		}
	})

	total := totals[0]
	acc := k.sums[:cells]
	for s := 1; s < segments; s++ {
		total += totals[s]
		for c, v := range k.sums[s*cells : (s+1)*cells] {
			acc[c] += v
		}
	}
	clear(sums[:1+m.cols])
	sums[0] = acc[cells-1]
	copy(sums[1:], acc[len(k.tables):cells-1])
	for i := range k.packs {
		k.packs[i].unpack(sums[1:1+m.cols], acc[k.offsets[i]:k.offsets[i+1]])
	}
	return total
}

func (k *Kernel) chunk(sc *scratch, r Range, intercept float64, coef []float64, f RowFunc, acc []float64) float64 {
	n := r.Hi - r.Lo
	eta := sc.eta[:n]
	for i := range eta {
		eta[i] = intercept
	}
	for p := range k.packs {
		k.packs[p].codes.gather(eta, k.tables[k.offsets[p]:k.offsets[p+1]], r.Lo)
	}
	var blas gonum.Implementation
	k.standardise(sc, r)
	for j, z := range sc.col {
		blas.Daxpy(n, coef[j], z, 1, eta, 1)
	}

	total := f(r.Lo, r.Hi, eta)

	for p := range k.packs {
		k.packs[p].codes.scatter(acc[k.offsets[p]:k.offsets[p+1]], eta, r.Lo)
	}
	at := len(k.tables)
	for j, z := range sc.col {
		acc[at+j] += blas.Ddot(n, z, 1, eta, 1)
	}
	sum := 0.0
	for _, v := range eta {
		sum += v
	}
	acc[len(acc)-1] += sum
	return total
}

// gather adds table[code] to dst for the rows from lo on.
func (c *Codes) gather(dst, table []float64, lo int) {
	switch {
	case c.U8 != nil:
		gather(dst, table, c.U8[lo:])
	case c.U16 != nil:
		gather(dst, table, c.U16[lo:])
	default:
		gather(dst, table, c.U32[lo:])
	}
}

func gather[T width](dst, table []float64, codes []T) {
	codes = codes[:len(dst)]
	for i, c := range codes {
		dst[i] += table[c]
	}
}

// scatter adds v to table[code] for the rows from lo on.
func (c *Codes) scatter(table, v []float64, lo int) {
	switch {
	case c.U8 != nil:
		scatter(table, v, c.U8[lo:])
	case c.U16 != nil:
		scatter(table, v, c.U16[lo:])
	default:
		scatter(table, v, c.U32[lo:])
	}
}

func scatter[T width](table, v []float64, codes []T) {
	codes = codes[:len(v)]
	for i, c := range codes {
		table[c] += v[i]
	}
}
