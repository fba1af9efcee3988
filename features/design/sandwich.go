package design

import (
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"
)

// gramSegments bounds the number of row segments of Sandwich; gramCells the memory of their tables.
const (
	gramSegments    = 8
	gramSegmentRows = 1 << 15
	gramCells       = 1 << 23
	gramChunk       = 8 * chunkRows // rows per visit of a table of pairs
)

// gramTables is the workspace of Sandwich: for every segment of rows the tables of
//
//	pairs:  Σ w over rows, by the codes of two packs
//	cross:  Σ w and Σ w·z of each dense column, by the code of one pack
//	dense:  Σ w, Σ w·z, Σ w·z·z′
type gramTables struct {
	pairs  []pair
	cross  []int // first entry of each pack's table
	dense  int   // first entry of the dense part: Σ w, then row d of D+1 numbers
	cells  int
	stride int // numbers in a row of cross: 1 + D, padded to a multiple of 4 (1 when D = 0)
	values []float64
}

type pair struct{ a, b, at int } // packs a < b, first entry of the table, a's code the row

func (k *Kernel) planGram() *gramTables {
	g := &k.gram
	if g.stride > 0 {
		return g
	}
	d := len(k.m.dense)
	g.stride = 1
	if d > 0 {
		g.stride = (1 + d + 3) &^ 3
	}
	for a := range k.packs {
		for b := a + 1; b < len(k.packs); b++ {
			g.pairs = append(g.pairs, pair{a, b, g.cells})
			g.cells += k.packs[a].size * k.packs[b].size
		}
	}
	for a := range k.packs {
		g.cross = append(g.cross, g.cells)
		g.cells += k.packs[a].size * g.stride
	}
	g.dense = g.cells
	g.cells += 1 + d*(d+1)
	return g
}

// Sandwich sets dst, of 1 + Cols rows, to (1 X)′ diag(w) (1 X) over the rows of ranges: the
// intercept first, then the columns in order. w has one entry a row of the matrix.
//
// Memory: beside dst, 8 bytes for each cell of each pair of packs, up to eightfold from 32,768 rows
// a copy on while the copies together stay below 64 MiB.
func (k *Kernel) Sandwich(dst *mat.SymDense, w []float64, ranges []Range) {
	g := k.planGram()
	list := chunks(ranges, gramChunk)
	rows := 0
	for _, r := range list {
		rows += r.Hi - r.Lo
	}
	segments := max(1, min(gramSegments, rows/gramSegmentRows, gramCells/g.cells))
	if need := segments * g.cells; len(g.values) < need {
		g.values = make([]float64, need)
	}

	// An item is a segment of rows and a share of the tables. Shares only spread the work: no table
	// is in two of them, so their number may depend on the number of workers.
	shares := 1
	if k.workers > 1 && segments < 2*k.workers {
		shares = min(4*k.workers, 1+len(g.pairs))
	}
	k.run(segments*shares, func(worker, item int) {
		s, share := item/shares, item%shares
		k.accumulate(k.scratch[worker], g, g.values[s*g.cells:(s+1)*g.cells], w, segment(list, s, segments), share, shares)
	})
	k.fold(dst, g, segments)
}

// accumulate sums the rows of list into the share's tables of one segment. The tables by one pack
// and the dense part are share 0; pairs go round the shares.
func (k *Kernel) accumulate(sc *scratch, g *gramTables, values, w []float64, list []Range, share, shares int) {
	if share == 0 {
		clear(values[g.crossStart():])
	}
	mine := func(p int) bool { return (p+1)%shares == share }
	for p, t := range g.pairs {
		if mine(p) {
			clear(values[t.at : t.at+k.packs[t.a].size*k.packs[t.b].size])
		}
	}
	for _, r := range list {
		weights := w[r.Lo:r.Hi]
		for p, t := range g.pairs {
			if mine(p) {
				size := k.packs[t.b].size
				scatterPair(values[t.at:t.at+k.packs[t.a].size*size], size, &k.packs[t.a].codes, &k.packs[t.b].codes, weights, r.Lo)
			}
		}
		if share == 0 {
			for _, c := range chunks([]Range{r}, chunkRows) {
				k.accumulateDense(sc, g, values, w[c.Lo:c.Hi], c)
			}
		}
	}
}

func (g *gramTables) crossStart() int {
	if len(g.cross) > 0 {
		return g.cross[0]
	}
	return g.dense
}

// accumulateDense adds one chunk to the tables by one pack and to the dense part.
func (k *Kernel) accumulateDense(sc *scratch, g *gramTables, values, w []float64, r Range) {
	n, d, stride := len(w), len(k.m.dense), g.stride
	dense := values[g.dense:]
	for _, v := range w {
		dense[0] += v
	}
	if d == 0 {
		for p := range k.packs {
			k.packs[p].codes.scatter(values[g.cross[p]:g.cross[p]+k.packs[p].size], w, r.Lo)
		}
		return
	}
	if sc.row == nil {
		sc.row, sc.wz = make([]float64, chunkRows*stride), make([]float64, chunkRows)
	}
	for i, v := range w {
		sc.row[i*stride] = v
	}
	k.standardise(sc, r)
	var blas gonum.Implementation
	wz := sc.wz[:n]
	for j := range d {
		sum := 0.0
		for i, z := range sc.col[j] {
			v := w[i] * z
			wz[i] = v
			sum += v
			sc.row[i*stride+1+j] = v
		}
		line := dense[1+j*(d+1):]
		line[0] += sum
		for l := j; l < d; l++ {
			line[1+l] += blas.Ddot(n, wz, 1, sc.col[l], 1)
		}
	}
	for p := range k.packs {
		k.packs[p].codes.scatterRows(values[g.cross[p]:g.cross[p]+k.packs[p].size*stride], sc.row[:n*stride], stride, r.Lo)
	}
}

// scatterRows adds row i of v to row code of table, for the rows from lo on. stride is a multiple of 4.
func (c *Codes) scatterRows(table, v []float64, stride, lo int) {
	switch {
	case c.U8 != nil:
		scatterRows(table, v, stride, c.U8[lo:])
	case c.U16 != nil:
		scatterRows(table, v, stride, c.U16[lo:])
	default:
		scatterRows(table, v, stride, c.U32[lo:])
	}
}

func scatterRows[T width](table, v []float64, stride int, codes []T) {
	codes = codes[:len(v)/stride]
	for i, c := range codes {
		to, from := table[int(c)*stride:][:stride], v[i*stride:][:stride]
		for len(to) >= 4 && len(from) >= 4 {
			to[0] += from[0]
			to[1] += from[1]
			to[2] += from[2]
			to[3] += from[3]
			to, from = to[4:], from[4:]
		}
	}
}

// scatterPair adds w to table[a's code · size + b's code] for the rows from lo on.
func scatterPair(table []float64, size int, a, b *Codes, w []float64, lo int) {
	switch {
	case a.U8 != nil:
		scatterPairOf(table, size, a.U8[lo:], b, w, lo)
	case a.U16 != nil:
		scatterPairOf(table, size, a.U16[lo:], b, w, lo)
	default:
		scatterPairOf(table, size, a.U32[lo:], b, w, lo)
	}
}

func scatterPairOf[A width](table []float64, size int, a []A, b *Codes, w []float64, lo int) {
	switch {
	case b.U8 != nil:
		scatterCells(table, size, a, b.U8[lo:], w)
	case b.U16 != nil:
		scatterCells(table, size, a, b.U16[lo:], w)
	default:
		scatterCells(table, size, a, b.U32[lo:], w)
	}
}

func scatterCells[A, B width](table []float64, size int, a []A, b []B, w []float64) {
	a, b = a[:len(w)], b[:len(w)]
	for i, v := range w {
		table[int(a[i])*size+int(b[i])] += v
	}
}
