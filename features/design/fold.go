package design

import "gonum.org/v1/gonum/mat"

// fold adds the segments' tables in order and spreads them over dst: each table fills places of dst
// that no other table fills, so the tables are folded in parallel.
func (k *Kernel) fold(dst *mat.SymDense, g *gramTables, segments int) {
	raw := dst.RawSymmetric()
	clear(raw.Data)
	h := upper{raw.Data, raw.Stride}
	reduce := func(at, n int) []float64 {
		t := g.values[at : at+n]
		for s := 1; s < segments; s++ {
			for i, v := range g.values[s*g.cells+at:][:n] {
				t[i] += v
			}
		}
		return t
	}
	k.run(len(g.pairs)+len(k.packs)+1, func(_, item int) {
		if item < len(g.pairs) {
			t := g.pairs[item]
			a, b := &k.packs[t.a], &k.packs[t.b]
			foldPair(h, a, b, reduce(t.at, a.size*b.size))
			return
		}
		if p := item - len(g.pairs); p < len(k.packs) {
			foldCross(h, &k.packs[p], reduce(g.cross[p], k.packs[p].size*g.stride), g.stride, len(k.m.dense))
			return
		}
		d := len(k.m.dense)
		t := reduce(g.dense, 1+d*(d+1))
		h.add(0, 0, t[0])
		for j := range d {
			line := t[1+j*(d+1):]
			h.add(0, 1+j, line[0])
			for l := j; l < d; l++ {
				h.add(1+j, 1+l, line[1+l])
			}
		}
	})
}

// upper is the upper triangle of a symmetric matrix, row by row.
type upper struct {
	data   []float64
	stride int
}

func (u upper) add(i, j int, v float64) {
	if i > j {
		i, j = j, i
	}
	u.data[i*u.stride+j] += v
}

// foldPair adds a table by the codes of packs a (rows) and b (columns) to the levels of their blocks.
func foldPair(h upper, a, b *pack, t []float64) {
	line := make([]float64, b.size)
	for i := range a.blocks {
		da := &a.blocks[i]
		for level := range da.levels {
			// One line: the sum of the table's rows that hold this level of block da.
			if len(a.blocks) == 1 {
				line = t[level*b.size:][:b.size]
			} else {
				clear(line)
				for from := level * da.stride; from < a.size; from += da.stride * da.size {
					for code := from; code < from+da.stride; code++ {
						for s, v := range t[code*b.size:][:b.size] {
							line[s] += v
						}
					}
				}
			}
			column := 1 + da.start + level
			for l := range b.blocks {
				db := &b.blocks[l]
				row := h.data[column*h.stride+1+db.start:]
				switch above := da.start < db.start; {
				case len(b.blocks) == 1 && above:
					copy(row[:db.levels], line)
				case len(b.blocks) == 1:
					for s, v := range line[:db.levels] {
						h.data[(1+db.start+s)*h.stride+column] = v
					}
				default:
					other, run := 0, 0 // the level of code s, and how many codes more have it
					for _, v := range line {
						switch {
						case other == db.levels: // rows without a column
						case above:
							row[other] += v
						default:
							h.data[(1+db.start+other)*h.stride+column] += v
						}
						if run++; run == db.stride {
							run = 0
							if other++; other == db.size {
								other = 0
							}
						}
					}
				}
			}
		}
	}
}

// foldCross adds a table by the code of pack p, whose rows are (Σ w, Σ w·z of each dense column),
// to the intercept, to the dense columns and to the pairs of blocks inside the pack.
func foldCross(h upper, p *pack, t []float64, stride, dense int) {
	for code := range p.size {
		line := t[code*stride:][:stride]
		for i := range p.blocks {
			a := &p.blocks[i]
			la := a.of(code)
			if la >= a.levels {
				continue
			}
			column := 1 + a.start + la
			h.add(0, column, line[0])
			h.add(column, column, line[0])
			for j := range dense {
				h.add(1+j, column, line[1+j])
			}
			for l := i + 1; l < len(p.blocks); l++ {
				b := &p.blocks[l]
				if lb := b.of(code); lb < b.levels {
					h.add(column, 1+b.start+lb, line[0])
				}
			}
		}
	}
}

// Sandwich sets dst to (1 X)′ diag(w) (1 X), see Kernel.Sandwich.
func (m *Matrix) Sandwich(dst *mat.SymDense, w []float64) {
	NewKernel(m, 0).Sandwich(dst, w, All(m.rows))
}
