package datasets

import (
	"fmt"
	"strings"
)

// candidates is a set of ways to read all values of a column so far.
type candidates uint8

const (
	asPoint candidates = 1 << iota // numbers with a decimal point
	asComma                        // numbers with a decimal comma
	asBool
	asISO
	asDMY
	asMDY
	asAnything = 1<<iota - 1

	asNumber = asPoint | asComma
	asTime   = asISO | asDMY | asMDY
)

// sighting is a cell that decided something: its line in the file (in the chunk while that
// is parsed) and its text. The zero value is none.
type sighting struct {
	line int
	text string
}

// before reports whether s came first; none comes after all.
func (s sighting) before(o sighting) bool { return s.line > 0 && (o.line == 0 || s.line < o.line) }

// evidence is what the values of one column say about its kind. The evidence of a file is that
// of its chunks put together in any order: what survives is what survives everywhere, and
// what ruled a candidate out is the first cell that did.
type evidence struct {
	alive  candidates
	valued bool        // some cell is not missing
	gone   [6]sighting // what ruled out each candidate, by its bit
	// The first numbers with a comma and with a point that could be read either way: 1,234 and 1.234.
	comma, point sighting
	date         sighting // the first date that could be read either way: 03/04/2024
}

// observe takes a value into account. at tells the line of the cell, and is asked only if it matters.
func (e *evidence) observe(text string, form uint32, at func() int) {
	e.valued = true
	if e.alive == 0 {
		return
	}
	fits := candidates(0)
	switch form {
	case formNumber:
		if _, shape := parseNumber(text, false); shape != notNumber {
			fits = asNumber // JSON has one way of writing them
		}
	case formBool:
		fits = asBool
	default:
		fits = fitting(text, e.alive)
	}
	if dead := e.alive &^ fits; dead != 0 {
		seen := sighting{at(), strings.Clone(text)}
		for i := range e.gone {
			if dead&(1<<i) != 0 {
				e.gone[i] = seen
			}
		}
		e.alive = fits & e.alive
	}
	if form == formText && e.alive&asTime == asDMY|asMDY && e.date.line == 0 {
		e.date = sighting{at(), strings.Clone(text)}
	}
	if form == formText && e.alive&asNumber == asNumber {
		if strings.IndexByte(text, ',') >= 0 {
			if e.comma.line == 0 {
				e.comma = sighting{at(), strings.Clone(text)}
			}
		} else if e.point.line == 0 && strings.IndexByte(text, '.') >= 0 {
			e.point = sighting{at(), strings.Clone(text)}
		}
	}
}

// fitting returns which of the candidates can read the text.
func fitting(text string, among candidates) (fits candidates) {
	if among&asPoint != 0 {
		if _, shape := parseNumber(text, false); shape != notNumber {
			fits |= asPoint
		}
	}
	if among&asComma != 0 {
		if _, shape := parseNumber(text, true); shape != notNumber {
			fits |= asComma
		}
	}
	if among&asBool != 0 {
		if _, ok := parseBool(text); ok {
			fits |= asBool
		}
	}
	if among&asTime != 0 {
		if p, ok := splitTime(text); ok {
			for _, l := range [...]struct {
				c      candidates
				layout string
			}{{asISO, layoutISO}, {asDMY, layoutDMY}, {asMDY, layoutMDY}} {
				if _, ok := p.in(l.layout); ok {
					fits |= l.c
				}
			}
		}
	}
	return fits & among
}

// join adds the evidence of a chunk that begins behind the given number of lines.
func (e *evidence) join(chunk *evidence, lines int) {
	e.alive &= chunk.alive
	e.valued = e.valued || chunk.valued
	earlier := func(mine *sighting, other sighting) {
		if other.line > 0 {
			if other.line += lines; other.before(*mine) {
				*mine = other
			}
		}
	}
	for i := range e.gone {
		earlier(&e.gone[i], chunk.gone[i])
	}
	earlier(&e.comma, chunk.comma)
	earlier(&e.point, chunk.point)
	earlier(&e.date, chunk.date)
}

// guess is the field that the evidence so far speaks for, whatever is still open.
func (e *evidence) guess(name string) Field {
	f := Field{Name: name}
	switch {
	case !e.valued:
	case e.alive&asPoint != 0:
		f.Kind = Numeric
	case e.alive&asComma != 0:
		f.Kind, f.DecimalComma = Numeric, true
	case e.alive&asBool != 0:
		f.Kind = Boolean
	case e.alive&asISO != 0:
		f.Kind, f.Layout = Time, layoutISO
	case e.alive&asDMY != 0:
		f.Kind, f.Layout = Time, layoutDMY
	case e.alive&asMDY != 0:
		f.Kind, f.Layout = Time, layoutMDY
	default:
		f.Kind = Categorical
	}
	return f
}

// last returns the latest of what ruled out the candidates of a set; the zero value when one is alive.
func (e *evidence) last(of candidates) (s sighting) {
	if e.alive&of != 0 {
		return s
	}
	for i := range e.gone {
		if of&(1<<i) != 0 && e.gone[i].line > s.line {
			s = e.gone[i]
		}
	}
	return s
}

// inference says why the column has the kind of f.
func (e *evidence) inference(f *Field) Inference {
	why := Inference{Column: f.Name, Kind: f.Kind, Layout: f.Layout, DecimalComma: f.DecimalComma}
	var s sighting
	switch {
	case f.Kind == Boolean || f.Layout == layoutISO:
		s = e.last(asNumber)
	case f.Layout == layoutDMY:
		s = e.last(asMDY)
	case f.Layout == layoutMDY:
		s = e.last(asDMY)
	case f.DecimalComma:
		s = e.last(asPoint)
	case f.Kind == Numeric:
		if point := e.last(asComma); point.line > 0 && e.comma.before(point) {
			s = point // until then 1,234 was in doubt
		}
	case f.Kind == Categorical:
		s = e.last(asAnything) // what ended the kind that lived longest
	}
	why.Line, why.Text = s.line, s.text
	return why
}

// AmbiguousError asks about columns whose every value can be read in two ways. Guessing would
// turn the third of April into the fourth of March without a word.
type AmbiguousError struct {
	Path    string
	Columns []Ambiguity
}

// Ambiguity is one column that can be read in two ways.
type Ambiguity struct {
	Column string
	Line   int    // of an example
	Text   string // the example
	Ways   [2]string
	Config [2]string // what to write for each way
}

func (e *AmbiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "reading %s: %s can be read in two ways; nothing was read", e.Path, count(len(e.Columns), "column"))
	for _, a := range e.Columns {
		fmt.Fprintf(&b, "\n  column %q: every value may be %s or %s (line %d: %s); set %s or %s",
			a.Column, a.Ways[0], a.Ways[1], a.Line, Quoted(a.Text), a.Config[0], a.Config[1])
	}
	return b.String()
}

// ambiguity returns what is to be asked about a column, if anything. foreign says that the rest
// of the file speaks for the decimal comma: only then is 1.234 in doubt.
func (e *evidence) ambiguity(f *Field, foreign bool) (a Ambiguity, ambiguous bool) {
	a.Column = f.Name
	set := func(way string) string { return fmt.Sprintf("features.columns.%s: {%s}", configKey(f.Name), way) }
	switch {
	case f.Kind == Time && e.alive&(asDMY|asMDY) == asDMY|asMDY:
		a.Line, a.Text = e.date.line, e.date.text
		a.Ways = [2]string{layoutDMY, layoutMDY}
		a.Config = [2]string{set("kind: time, layout: " + layoutDMY), set("kind: time, layout: " + layoutMDY)}
	case f.Kind == Numeric && e.alive&asNumber == asNumber && (e.comma.line > 0 || e.point.line > 0 && foreign):
		seen := e.comma
		if seen.line == 0 {
			seen = e.point
		}
		a.Line, a.Text = seen.line, seen.text
		x, _ := parseNumber(seen.text, false)
		y, _ := parseNumber(seen.text, true)
		a.Ways = [2]string{fmt.Sprintf("with a decimal point (%s)", appendNumber(nil, x)), fmt.Sprintf("with a decimal comma (%s)", appendNumber(nil, y))}
		a.Config = [2]string{set("kind: numeric"), set("kind: numeric, decimal_comma: true")}
	default:
		return a, false
	}
	return a, true
}

// configKey writes a column's name as a key of the configuration file.
func configKey(name string) string {
	for i, c := range []byte(name) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return fmt.Sprintf("%q", name)
		}
	}
	return name
}
