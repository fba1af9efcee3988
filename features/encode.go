package features

import (
	"fmt"
	"math"

	"leadscore/datasets"
)

// Row encodes one lead: row is its cells in the order of the schema that the pipeline is bound to,
// asOf the moment it is a picture of (datasets.MissingTime: the cell of the as-of column), dst one Cell a
// feature. Where asOf is given it stands for the as-of column's cell too. It allocates nothing.
func (p *Pipeline) Row(row []datasets.Value, asOf int64, dst []Cell) {
	p.mustBind()
	asOf = moment(row, p.asOf, asOf)
	title := titleMemo{column: -1}
	for f := range p.coders {
		c := &p.coders[f]
		switch c.form {
		case formLevels:
			if c.read == readSeniority || c.read == readDepartment {
				dst[f] = Cell{Code: title.code(c, &row[c.column])}
				continue
			}
			dst[f] = Cell{Code: c.wordOf(&row[c.column])}
		case formPair:
			dst[f] = Cell{Code: c.pair(dst[c.parents[0]].Code, dst[c.parents[1]].Code)}
		default:
			dst[f] = c.number(c.read.number(&row[c.column], asOf, c.isAsOf))
		}
	}
}

// titleMemo keeps what was read from the job title of a row, which two features ask for.
type titleMemo struct {
	column                int // −1: none was read yet
	seniority, department string
}

// code is coder.wordOf for the readings of a job title.
func (m *titleMemo) code(c *coder, v *datasets.Value) uint32 {
	if v.Kind != datasets.Categorical && v.Kind != datasets.Text || v.Str == "" {
		return c.missing
	}
	if m.column != c.column {
		m.column = c.column
		m.seniority, m.department = classifyTitle(v.Str)
	}
	if c.read == readSeniority {
		return c.word(m.seniority)
	}
	return c.word(m.department)
}

// Block is the cells of a batch. It belongs to one goroutine at a time.
type Block struct {
	Rows  int
	Codes [][]uint32  // feature by row
	Z     [][]float64 // feature by row; nil where the feature is not Linear

	owner   *Pipeline // whose look-ups these are
	lookups []lookup  // one a feature
	numbers []float64 // scratch
}

// lookup remembers what the levels of a dictionary are coded as, so that each is read once a dictionary
// and not once a row; levels that stand in no row are never read.
type lookup struct {
	levels  *string // first of the dictionary
	length  int
	codes   []uint32  // unread where not looked at yet
	numbers []float64 // +Inf where not looked at yet
}

const unread = math.MaxUint32

// of makes the look-up ready for a dictionary.
func (l *lookup) of(levels []string, words bool) {
	if len(levels) == 0 || l.levels == &levels[0] && l.length == len(levels) {
		return
	}
	l.levels, l.length = &levels[0], len(levels)
	if words {
		l.codes = resize(l.codes, len(levels))
		for i := range l.codes {
			l.codes[i] = unread
		}
		return
	}
	l.numbers = resize(l.numbers, len(levels))
	for i := range l.numbers {
		l.numbers[i] = math.Inf(1)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Cells encodes a batch column by column: codes[f][i] and z[f][i] (nil where feature f is not
// Linear) of row i, bit for bit what Row gives with the as-of moment of the batch's own column. The slices of
// dst are reused where they are long enough. The batch must be under the bound schema (same columns
// in the same order); that it is not is a mistake of the caller, and Cells panics.
func (p *Pipeline) Cells(b *datasets.Batch, dst *Block) { p.CellsAsOf(b, datasets.MissingTime, dst) }

// CellsAsOf is Cells where asOf is the moment of the rows whose as-of column has none, or of all rows where there is no such
// column (datasets.MissingTime: not known).
func (p *Pipeline) CellsAsOf(b *datasets.Batch, asOf int64, dst *Block) {
	p.mustBind()
	if err := p.suits(b.Schema()); err != nil {
		panic("features: " + err.Error())
	}
	p.cells(b, 0, b.Rows(), asOf, dst)
	for f := range p.coders {
		c := &p.coders[f]
		for i, t := range dst.Z[f] {
			if math.IsNaN(t) {
				dst.Z[f][i] = 0
			} else {
				dst.Z[f][i] = c.z(t)
			}
		}
	}
}

// suits reports whether batches under a schema can be encoded: it has the bound schema's columns where
// the pipeline looks for them.
func (p *Pipeline) suits(s *datasets.Schema) error {
	if s == p.schema {
		return nil
	}
	check := func(i int) error {
		want := &p.schema.Fields[i]
		if i >= len(s.Fields) || s.Fields[i].Name != want.Name || s.Fields[i].Kind != want.Kind {
			return fmt.Errorf("encoding rows: column %d is not %q of kind %v, as in the schema that the features are bound to", i+1, want.Name, want.Kind)
		}
		return nil
	}
	for f := range p.coders {
		if i := p.coders[f].column; i >= 0 {
			if err := check(i); err != nil {
				return err
			}
		}
	}
	if p.asOf >= 0 {
		return check(p.asOf)
	}
	return nil
}

// cells encodes rows from ≤ i < to of a batch; Z holds the number before it is standardised, NaN for missing. given is the moment
// of rows without one.
func (p *Pipeline) cells(b *datasets.Batch, from, to int, given int64, dst *Block) {
	if dst.owner != p {
		*dst = Block{Codes: dst.Codes, Z: dst.Z, owner: p, lookups: make([]lookup, len(p.coders)), numbers: dst.numbers}
	}
	n := to - from
	dst.Rows = n
	dst.Codes = resize(dst.Codes, len(p.coders))
	dst.Z = resize(dst.Z, len(p.coders))
	dst.numbers = resize(dst.numbers, n)
	var asOf []int64
	if p.asOf >= 0 {
		asOf = b.Column(p.asOf).Times[from:to]
	}
	for f := range p.coders {
		c := &p.coders[f]
		dst.Codes[f] = resize(dst.Codes[f], n)
		codes := dst.Codes[f]
		if c.form == formPair {
			dst.Z[f] = nil
			first, second := dst.Codes[c.parents[0]], dst.Codes[c.parents[1]]
			for i := range codes {
				codes[i] = c.pair(first[i], second[i])
			}
			continue
		}
		column := b.Column(c.column)
		if c.form == formLevels {
			dst.Z[f] = nil
			c.words(column, from, codes, &dst.lookups[f])
			continue
		}
		if c.form != formLinear {
			dst.Z[f] = nil
			xs := c.numbers(column, from, asOf, given, dst.numbers, &dst.lookups[f])
			for i := range codes {
				codes[i] = c.numberCode(xs[i])
			}
			continue
		}
		dst.Z[f] = resize(dst.Z[f], n)
		z := dst.Z[f]
		c.valuesOf(z, c.numbers(column, from, asOf, given, dst.numbers, &dst.lookups[f]))
		for i, t := range z {
			codes[i] = 0
			if math.IsNaN(t) {
				codes[i] = c.missing
			}
		}
	}
}

// words codes the rows of a column from row from on.
func (c *coder) words(column *datasets.Column, from int, dst []uint32, l *lookup) {
	if column.Kind == datasets.Text {
		for i, s := range column.Texts[from : from+len(dst)] {
			dst[i] = c.missing
			if s != "" {
				dst[i] = c.word(c.read.word(s))
			}
		}
		return
	}
	l.of(column.Levels, true)
	for i, k := range column.Codes[from : from+len(dst)] {
		if k < 0 {
			dst[i] = c.missing
			continue
		}
		code := l.codes[k]
		if code == unread {
			v := datasets.Value{Kind: datasets.Categorical, Str: column.Levels[k]}
			code = c.wordOf(&v)
			l.codes[k] = code
		}
		dst[i] = code
	}
}

// numbers returns what a number reading makes of the rows of a column from row from on, NaN for missing; it
// may be in dst, or in the column itself.
func (c *coder) numbers(column *datasets.Column, from int, asOf []int64, given int64, dst []float64, l *lookup) []float64 {
	n := len(dst)
	switch {
	case c.read == readNumber:
		return column.Numbers[from : from+n]
	case c.read != readSize:
		for i, t := range column.Times[from : from+n] {
			now := given
			if asOf != nil && asOf[i] != datasets.MissingTime {
				now = asOf[i]
			}
			dst[i] = c.read.part(t, now, c.isAsOf)
		}
	case column.Kind == datasets.Text:
		for i, s := range column.Texts[from : from+n] {
			dst[i] = companySize(s)
		}
	default:
		l.of(column.Levels, false)
		for i, k := range column.Codes[from : from+n] {
			if k < 0 {
				dst[i] = math.NaN()
				continue
			}
			if math.IsInf(l.numbers[k], 1) {
				l.numbers[k] = companySize(column.Levels[k])
			}
			dst[i] = l.numbers[k]
		}
	}
	return dst
}
