package design

import "slices"

// pack is one or several code blocks read as one: code = Σ digit·stride over its blocks. A digit is
// the block's code; a block that has rows without a column has one digit more, for them.
type pack struct {
	blocks []digit
	size   int   // number of combinations, the range of the packed code
	codes  Codes // Levels is unused
}

type digit struct {
	block  int
	stride int
	size   int // Levels, one more if some row has no column
	levels int
	start  int // first column of the block
}

func (d *digit) of(code int) int { return code / d.stride % d.size }

// maxPack bounds the combinations of a pack of several blocks: they must fit a byte.
const maxPack = 256

// rowsPerCell is how many rows it takes for a cell of a pack's tables to be worth its folding.
const rowsPerCell = 64

// packed returns the blocks of m, packed; computed once, then shared. First-fit decreasing: blocks
// from large to small, each into the first pack that has room, so the number of packs is close to the least.
func (m *Matrix) packed() []pack {
	m.packOnce.Do(func() {
		order := make([]int, len(m.codes))
		for b := range order {
			order[b] = b
		}
		sizeOf := func(b int) int {
			if m.absent[b] {
				return m.codes[b].Levels + 1
			}
			return max(m.codes[b].Levels, 1)
		}
		slices.SortStableFunc(order, func(a, b int) int { return sizeOf(b) - sizeOf(a) })
		limit := min(maxPack, m.rows/rowsPerCell)
		for _, b := range order {
			d := digit{block: b, stride: 1, size: sizeOf(b), levels: m.codes[b].Levels, start: m.starts[b]}
			at := slices.IndexFunc(m.packs, func(p pack) bool { return p.size*d.size <= limit })
			if at < 0 {
				m.packs = append(m.packs, pack{blocks: []digit{d}, size: d.size})
				continue
			}
			p := &m.packs[at]
			d.stride = p.size
			p.blocks = append(p.blocks, d)
			p.size *= d.size
		}
		for i := range m.packs {
			p := &m.packs[i]
			if len(p.blocks) == 1 {
				p.codes = m.codes[p.blocks[0].block]
				continue
			}
			p.codes.U8 = make([]uint8, m.rows)
			for _, d := range p.blocks {
				c := &m.codes[d.block] // a block of a shared pack has fewer than 256 levels, but any width
				switch {
				case c.U8 != nil:
					addDigit(p.codes.U8, c.U8, d.stride)
				case c.U16 != nil:
					addDigit(p.codes.U8, c.U16, d.stride)
				default:
					addDigit(p.codes.U8, c.U32, d.stride)
				}
			}
		}
	})
	return m.packs
}

func addDigit[T width](dst []uint8, codes []T, stride int) {
	codes = codes[:len(dst)]
	for i := range dst {
		dst[i] += uint8(codes[i]) * uint8(stride)
	}
}

// table fills t (one entry a combination) with the sum of its levels' coefficients.
func (p *pack) table(t, coef []float64) {
	for code := range t[:p.size] {
		sum := 0.0
		for i := range p.blocks {
			d := &p.blocks[i]
			if l := d.of(code); l < d.levels {
				sum += coef[d.start+l]
			}
		}
		t[code] = sum
	}
}

// unpack adds t (one entry a combination) to the levels of its blocks; dst has one entry a column of X.
func (p *pack) unpack(dst, t []float64) {
	for i := range p.blocks {
		d := &p.blocks[i]
		for code, v := range t[:p.size] {
			if l := d.of(code); l < d.levels {
				dst[d.start+l] += v
			}
		}
	}
}
