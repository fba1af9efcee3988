package features

import (
	"fmt"
	"math"
	"sync"

	"leadscore/datasets"
	"leadscore/features/design"
)

// Layout says which columns of the Matrix belong to which feature.
type Layout struct {
	Features []Placement // one a feature
}

// Placement is the columns of one feature; -1 means it has none of that sort.
type Placement struct {
	Dense   int // index into Matrix.Dense of the linear column
	Missing int // index into Matrix.Dense of its standardised missing indicator; where a training row was missing
	Block   int // index into Matrix.Blocks
}

// layout places every feature: dense columns in the order of features, the indicator behind its column.
func (p *Pipeline) layout() (l *Layout, dense, blocks int) {
	l = &Layout{Features: make([]Placement, len(p.coders))}
	for f := range p.coders {
		at := Placement{Dense: -1, Missing: -1, Block: -1}
		if p.coders[f].form == formLinear {
			at.Dense = dense
			dense++
			if p.fitted[f].MissingShare > 0 {
				at.Missing = dense
				dense++
			}
		} else {
			at.Block = blocks
			blocks++
		}
		l.Features[f] = at
	}
	return l, dense, blocks
}

// chunkRows is the rows that are encoded at a time: their codes of all features stay in the cache
// of one core.
const chunkRows = 8192

// chunk is some rows of a batch and where those that are used go.
type chunk struct {
	batch    *datasets.Batch
	from, to int
	use      []bool // nil: all
	at, end  int    // of them, in the matrix: other goroutines write around them
}

// Matrix encodes the rows of t for which use is true (nil: all) as the trainer's design:
// the dense columns of linear features, then a code block for each feature that has one. A dense column
// holds the number after clip and transform, its centre and scale are those of the training
// rows, and NaN stands for missing; beside it stands the indicator of missing cells, 0 or 1, standardised too, where
// training had any. This is scikit-learn's SimpleImputer(add_indicator=True) and StandardScaler, beside
// OneHotEncoder: levels are 0 or 1 and none is left out, so that a penalised objective is the same number.
// Rows are encoded in parallel, each to its place.
func (p *Pipeline) Matrix(t *datasets.Table, use []bool) (*design.Matrix, *Layout, error) {
	p.mustBind()
	if n := t.Rows(); use != nil && len(use) != n {
		return nil, nil, fmt.Errorf("encoding rows: %d marks for a table of %d rows", len(use), n)
	}
	var chunks []chunk
	seen, rows := 0, 0
	for _, b := range t.Batches {
		if err := p.suits(b.Schema()); err != nil {
			return nil, nil, err
		}
		for from := 0; from < b.Rows(); from += chunkRows {
			c := chunk{batch: b, from: from, to: min(from+chunkRows, b.Rows()), at: rows}
			if use == nil {
				rows += c.to - c.from
			} else {
				c.use = use[seen+c.from : seen+c.to]
				for _, u := range c.use {
					if u {
						rows++
					}
				}
			}
			c.end = rows
			chunks = append(chunks, c)
		}
		seen += b.Rows()
	}
	layout, nDense, nBlocks := p.layout()
	dense := make([]design.Dense, nDense)
	blocks := make([]design.Codes, nBlocks)
	for f, at := range layout.Features {
		c := &p.coders[f]
		if at.Dense >= 0 {
			dense[at.Dense] = design.Dense{Values: make([]float64, rows), Center: c.center, Scale: c.scale}
		}
		if at.Missing >= 0 {
			center, scale := indicatorScale(p.fitted[f].MissingShare)
			dense[at.Missing] = design.Dense{Values: make([]float64, rows), Center: center, Scale: scale}
		}
		if at.Block >= 0 {
			blocks[at.Block] = newCodes(int(c.none), rows)
		}
	}
	scratch := sync.Pool{New: func() any { return new(Block) }}
	parallel(len(chunks), func(k int) {
		block := scratch.Get().(*Block)
		p.place(&chunks[k], block, layout, dense, blocks)
		scratch.Put(block)
	})
	m, err := design.NewMatrix(rows, dense, blocks)
	if err != nil {
		return nil, nil, err
	}
	return m, layout, nil
}

// newCodes returns an empty block in the narrowest integers that hold 0 … levels.
func newCodes(levels, rows int) design.Codes {
	c := design.Codes{Levels: levels}
	switch {
	case levels <= math.MaxUint8:
		c.U8 = make([]uint8, rows)
	case levels <= math.MaxUint16:
		c.U16 = make([]uint16, rows)
	default:
		c.U32 = make([]uint32, rows)
	}
	return c
}

// place encodes a chunk and writes its rows where they belong.
func (p *Pipeline) place(c *chunk, block *Block, layout *Layout, dense []design.Dense, blocks []design.Codes) {
	p.cells(c.batch, c.from, c.to, datasets.MissingTime, block)
	for f, at := range layout.Features {
		if at.Dense >= 0 {
			keep(dense[at.Dense].Values[c.at:c.end], block.Z[f], c.use)
		}
		if at.Missing >= 0 {
			convert(dense[at.Missing].Values[c.at:c.end], block.Codes[f], c.use)
		}
		if at.Block < 0 {
			continue
		}
		switch b := &blocks[at.Block]; {
		case b.U8 != nil:
			convert(b.U8[c.at:c.end], block.Codes[f], c.use)
		case b.U16 != nil:
			convert(b.U16[c.at:c.end], block.Codes[f], c.use)
		case b.U32 != nil:
			convert(b.U32[c.at:c.end], block.Codes[f], c.use)
		}
	}
}

// keep copies the values that are used to dst, which they fill.
func keep(dst, src []float64, use []bool) {
	if use == nil {
		copy(dst, src)
		return
	}
	k := 0
	for i, u := range use {
		if k == len(dst) { // all that are used are there
			return
		}
		dst[k] = src[i] // the next one that is used overwrites one that is not: which those are is no branch to be guessed
		if u {
			k++
		}
	}
}

// convert is keep to another type of number. The code of missing is 1 in linear features: it is the indicator.
func convert[T uint8 | uint16 | uint32 | float64](dst []T, src []uint32, use []bool) {
	if use == nil {
		dst = dst[:len(src)]
		for i, c := range src {
			dst[i] = T(c)
		}
		return
	}
	k := 0
	for i, u := range use {
		if k == len(dst) {
			return
		}
		dst[k] = T(src[i])
		if u {
			k++
		}
	}
}
