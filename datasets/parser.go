package datasets

import (
	"hash/maphash"
	"slices"
	"strings"
	"unicode/utf8"
)

// A plan says what becomes of the cells of every chunk. It is shared by the goroutines and
// not changed while they run.
type plan struct {
	columns []planColumn
	nulls   []string  // trimmed, without ""
	zone    string    // of inferred times
	first   [256]bool // by byte: begins a text that means missing
	special [256]bool // by byte: begins one of those, or may be a space
}

// planColumn is one column of the table to be.
type planColumn struct {
	field  Field      // Kind Unknown: nothing is kept
	source int        // column of the grid; -1: the file has none
	fixed  bool       // a value that is not of the field makes the row bad
	alive  candidates // else what the values so far leave open, to be watched
	skip   bool       // known from an earlier reading
}

func newPlan(nulls []string) *plan {
	p := &plan{}
	for c := range p.special {
		p.special[c] = c <= ' ' || c >= utf8.RuneSelf
	}
	if nulls == nil {
		nulls = DefaultNulls
	}
	for _, n := range nulls {
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(p.nulls, n) {
			p.nulls = append(p.nulls, n)
			p.first[n[0]], p.special[n[0]] = true, true
		}
	}
	return p
}

// missing reports whether a trimmed text means missing.
func (p *plan) missing(text string) bool {
	return text == "" || p.first[text[0]] && isNull(p.nulls, text)
}

// parsed is what a chunk gave. Lines are counted from 1 within the chunk.
type parsed struct {
	rows     int
	columns  []Column
	evidence []evidence
	zones    []ZoneCount // by column, without the name
	extra    []string    // keys that the plan does not have
	seen     []bool      // JSON: the columns that some row has
	bad      []BadRow    // the first maxBadListed
	badTotal int
	lines    int
	err      error
}

// maxBadListed is how many bad rows are described; the others are counted.
const maxBadListed = 20

// A parser turns chunks into columns, one chunk after another, on one goroutine.
type parser struct {
	format textFormat
	plan   *plan
	grid   grid
	tables []levelTable // by column
	drop   []bool
	cells  []cell // room for one column
}

func newParser(f textFormat, p *plan) *parser {
	w := &parser{format: f, plan: p, tables: make([]levelTable, len(p.columns))}
	seed := maphash.MakeSeed()
	for i := range w.tables {
		w.tables[i].seeds = [2]uint64{maphash.Comparable(seed, 2*i) | 1, maphash.Comparable(seed, 2*i+1) | 1}
		w.tables[i].nulls = p.nulls
	}
	return w
}

// takeBuffer gives up the chunk's memory for the next one.
func (w *parser) takeBuffer() []byte {
	buf := w.grid.buf
	w.grid.buf, w.grid.text = nil, ""
	return buf
}

func (w *parser) parse(chunk []byte) *parsed {
	g, p := &w.grid, w.plan
	g.reset(chunk)
	w.format.scan(g)
	g.seal(p.nulls)
	out := &parsed{columns: make([]Column, len(p.columns)), evidence: make([]evidence, len(p.columns)), zones: make([]ZoneCount, len(p.columns)), extra: g.extra, seen: slices.Clone(g.seen), lines: g.lines()}
	w.fallible(out)
	out.rows = g.rows()
	for i := range p.columns {
		if c := &p.columns[i]; !c.skip && !c.canFail() {
			out.columns[i] = w.column(i, &out.evidence[i], &out.zones[i])
		}
	}
	w.report(out)
	return out
}

// canFail reports whether a value of the column can make a row bad.
func (c *planColumn) canFail() bool {
	return c.fixed && c.source >= 0 && (c.field.Kind == Numeric || c.field.Kind == Boolean || c.field.Kind == Time)
}

// fallible fills the columns whose values can make a row bad, and takes the bad rows out of
// the grid, so that they are no evidence for the kinds of the others.
func (w *parser) fallible(out *parsed) {
	g, p := &w.grid, w.plan
	reasons := map[int]string{}
	for i := range p.columns {
		c := &p.columns[i]
		if c.skip || !c.canFail() {
			continue
		}
		bad := func(row int, text string, form uint32) {
			e := c.field.unreadable(text)
			if form != formText {
				e = c.field.wrongJSON([]byte(text))
			}
			if before := reasons[row]; before != "" {
				reasons[row] = before + "; " + e.Error()
			} else {
				reasons[row] = e.Error()
			}
		}
		switch c.field.Kind {
		case Numeric:
			out.columns[i] = w.numbers(c, false, bad)
		case Boolean:
			out.columns[i] = w.booleans(c, bad)
		case Time:
			out.columns[i] = w.times(c, false, &out.zones[i], bad)
		}
		c.field.eachLacking(&out.columns[i], func(row int) {
			if reasons[row] == "" { // else it may be the value that could not be read
				reasons[row] = c.field.lacking().Error()
			}
		})
	}
	if len(reasons) == 0 {
		return
	}
	w.drop = append(w.drop[:0], make([]bool, g.rows())...)
	for row, reason := range reasons {
		w.drop[row] = true
		g.bad = append(g.bad, badRecord{g.starts[row], reason, true})
	}
	for i := range out.columns {
		c := &out.columns[i]
		c.Numbers, c.Times = without(c.Numbers, w.drop), without(c.Times, w.drop)
	}
	g.compact(w.drop)
}

func without[T any](cells []T, drop []bool) []T {
	kept := cells[:0]
	for i, x := range cells {
		if !drop[i] {
			kept = append(kept, x)
		}
	}
	return kept
}

// report describes the first bad rows in the order of the file.
func (w *parser) report(out *parsed) {
	g := &w.grid
	slices.SortFunc(g.bad, func(a, b badRecord) int { return int(a.start) - int(b.start) })
	out.badTotal = len(g.bad)
	for _, b := range g.bad[:min(len(g.bad), maxBadListed)] {
		out.bad = append(out.bad, BadRow{Line: g.line(b.start), Reason: b.reason})
	}
}

// column fills a column that cannot make a row bad. What its values say about its kind goes to e, how times are
// written to zones.
func (w *parser) column(i int, e *evidence, zones *ZoneCount) Column {
	g, c := &w.grid, &w.plan.columns[i]
	e.alive = c.alive
	if c.source < 0 {
		return missingColumn(c.field.Kind, g.rows())
	}
	observe := func(row int, text string, form uint32) {
		e.observe(text, form, func() int { return g.line(g.starts[row]) })
	}
	switch c.field.Kind {
	case Numeric:
		return w.numbers(c, e.alive&asNumber == asNumber, observe)
	case Boolean:
		return w.booleans(c, observe)
	case Time:
		return w.times(c, e.alive&asTime == asDMY|asMDY, zones, observe)
	case Categorical:
		return w.levels(i)
	case Text:
		return w.texts(c)
	}
	if !c.fixed {
		w.every(c, observe)
	}
	return Column{}
}
