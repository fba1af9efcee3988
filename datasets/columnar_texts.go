package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// texts is what the distinct texts of a column mean: each is read once by Schema.Parse, and
// the cells are then looked up by entry. For a dictionary column the entries are the
// dictionary's positions; for a plain one they are found by text.
type texts struct {
	schema *Schema
	column int

	numbers []float64 // of each entry of a Numeric or Boolean column: NaN is missing, +Inf is bad
	times   []int64   // of each entry of a Time column: MissingTime is missing, badTime is bad
	codes   []int32   // of each entry of a Categorical column: -1 is missing, badCode is bad
	reasons map[int32]string

	levels  []string         // append-only: batches already given out share the array
	byLevel map[string]int32 // two texts can mean one level: "web" and "web "
	byText  map[string]int32 // entries of plain texts
	recent  [64]recentText   // the last one of a length and ends: columns of few texts hardly need the map
}

type recentText struct {
	text  string
	entry int32
}

const (
	badTime = MissingTime + 1
	badCode = -2
)

func newTexts(s *Schema, column int) *texts {
	return &texts{schema: s, column: column, reasons: map[int32]string{}, byLevel: map[string]int32{}, byText: map[string]int32{}}
}

func (t *texts) kind() Kind { return t.schema.Fields[t.column].Kind }

// entries returns how many texts have been added.
func (t *texts) entries() int32 {
	switch t.kind() {
	case Numeric, Boolean:
		return int32(len(t.numbers))
	case Time:
		return int32(len(t.times))
	}
	return int32(len(t.codes))
}

// add reads a text as the next entry. The text may be a view; what is kept is a copy.
func (t *texts) add(text string) {
	number, at, code := math.NaN(), int64(MissingTime), int32(-1)
	v, err := t.parse(text)
	switch {
	case err != nil:
		number, at, code = math.Inf(1), badTime, badCode
		t.reasons[t.entries()] = err.Error()
	case v.Kind == Numeric, v.Kind == Boolean:
		number = v.Num
	case v.Kind == Time:
		at = v.Time
	case v.Kind == Categorical:
		known, ok := t.byLevel[v.Str]
		if !ok {
			known = int32(len(t.levels))
			level := strings.Clone(v.Str)
			t.levels = append(t.levels, level)
			t.byLevel[level] = known
		}
		code = known
	}
	switch t.kind() {
	case Numeric, Boolean:
		t.numbers = append(t.numbers, number)
	case Time:
		t.times = append(t.times, at)
	default:
		t.codes = append(t.codes, code)
	}
}

func (t *texts) parse(text string) (Value, error) {
	if !utf8.ValidString(text) {
		e := CellError{Column: t.schema.Fields[t.column].Name, Text: text, Not: "a text", Want: "UTF-8"}
		return Value{}, &e
	}
	return t.schema.Parse(t.column, text)
}

// find returns the entry of a plain text, adding it when it is new.
func (t *texts) find(text string) int32 {
	var place *recentText
	if text != "" {
		place = &t.recent[(7*len(text)+3*int(text[0])+int(text[len(text)-1]))%len(t.recent)]
		if place.text == text {
			return place.entry
		}
	}
	entry, ok := t.byText[text]
	if !ok {
		text = strings.Clone(text)
		entry = t.entries()
		t.add(text)
		t.byText[text] = entry
		if place != nil {
			*place = recentText{text, entry}
		}
	}
	return entry
}

// badCell is a cell that its column does not take.
type badCell struct {
	row    int // in the batch
	reason string
}

// cells collects the cells of one column of one batch.
type cells struct {
	name string
	kind Kind
	rows int // wanted
	out  Column
	// nulls are the numbers whose shortest text means missing: null_values: ["-1"] holds for -1
	// in a typed column as it does in a CSV file and in a request.
	nulls []float64
	zone  string // of the clock that moments are read by; "" is UTC
	every bool   // bad cells all have a reason; else the first maxBadListed
	bad   []badCell
	text  []byte  // of a Text column, cell after cell
	ends  []int32 // end of each cell in text
	err   error   // what makes the whole column unreadable
}

func newCells(f *Field, rows int) *cells {
	c := &cells{name: f.Name, kind: f.Kind, rows: rows, out: Column{Kind: f.Kind}}
	switch f.Kind {
	case Numeric, Boolean:
		c.out.Numbers = make([]float64, 0, rows)
	case Categorical:
		c.out.Codes = make([]int32, 0, rows)
	case Time:
		c.out.Times = make([]int64, 0, rows)
	case Text:
		c.ends = make([]int32, 0, rows)
	}
	return c
}

// len returns how many cells there are so far.
func (c *cells) len() int {
	switch c.kind {
	case Numeric, Boolean:
		return len(c.out.Numbers)
	case Categorical:
		return len(c.out.Codes)
	case Time:
		return len(c.out.Times)
	}
	return len(c.ends)
}

// missing appends n missing cells.
func (c *cells) missing(n int) {
	for range n {
		switch c.kind {
		case Numeric, Boolean:
			c.out.Numbers = append(c.out.Numbers, math.NaN())
		case Categorical:
			c.out.Codes = append(c.out.Codes, -1)
		case Time:
			c.out.Times = append(c.out.Times, MissingTime)
		case Text:
			c.ends = append(c.ends, int32(len(c.text)))
		}
	}
}

// flaw notes that the cell to be appended next is bad; a missing cell stands in for it.
func (c *cells) flaw(reason func() string) {
	bad := badCell{row: c.len()}
	if c.every || len(c.bad) < maxBadListed {
		bad.reason = reason()
	}
	c.bad = append(c.bad, bad)
}

// entry appends the cell that entry e of t means.
func (c *cells) entry(t *texts, e int32) {
	reason := func() string { return t.reasons[e] }
	switch c.kind {
	case Numeric, Boolean:
		x := t.numbers[e]
		if math.IsInf(x, 0) {
			c.flaw(reason)
			x = math.NaN()
		}
		c.out.Numbers = append(c.out.Numbers, x)
	case Time:
		at := t.times[e]
		if at == badTime {
			c.flaw(reason)
			at = MissingTime
		}
		c.out.Times = append(c.out.Times, at)
	case Categorical:
		code := t.codes[e]
		if code == badCode {
			c.flaw(reason)
			code = -1
		}
		c.out.Codes = append(c.out.Codes, code)
	}
}

// number appends a Numeric cell; NaN is missing, an infinity is bad.
func (c *cells) number(x float64) {
	if len(c.nulls) == 0 && x-x == 0 { // finite
		c.out.Numbers = append(c.out.Numbers, x)
		return
	}
	if math.IsInf(x, 0) {
		c.flaw(func() string {
			e := CellError{Column: c.name, Text: fmt.Sprint(x), Not: "a finite number", Want: "a finite number, or null where it is missing"}
			return e.Error()
		})
		x = math.NaN()
	}
	if len(c.nulls) > 0 && slices.Contains(c.nulls, x) {
		x = math.NaN()
	}
	c.out.Numbers = append(c.out.Numbers, x)
}

// nullNumbers returns the null texts that a number can be written as.
func nullNumbers(s *Schema) []float64 {
	var nulls []float64
	for _, text := range s.Nulls {
		if x, err := strconv.ParseFloat(text, 64); err == nil && string(appendNumber(nil, x)) == text {
			nulls = append(nulls, x)
		}
	}
	return nulls
}

// moment appends a Time cell; one outside the years 1 to 9999 is bad.
func (c *cells) moment(count int64, perSecond int64) {
	at, ok := micros(count, perSecond)
	if ok {
		at, ok = fromClock(at, c.zone)
	}
	if !ok {
		c.flaw(func() string {
			e := CellError{Column: c.name, Text: fmt.Sprint(count), Not: "a time", Want: "a moment of the years 1 to 9999"}
			return e.Error()
		})
		at = MissingTime
	}
	c.out.Times = append(c.out.Times, at)
}

// micros turns a count since 1970 of perSecond units (or, when negative, of days of -perSecond
// seconds) into microseconds, rounding down.
func micros(count, perSecond int64) (int64, bool) {
	var at int64
	switch {
	case perSecond < 0:
		scale := -perSecond * 1_000_000
		if count > math.MaxInt64/scale || count < math.MinInt64/scale {
			return 0, false
		}
		at = count * scale
	case perSecond <= 1_000_000:
		scale := 1_000_000 / perSecond
		if count > math.MaxInt64/scale || count < math.MinInt64/scale {
			return 0, false
		}
		at = count * scale
	default:
		scale := perSecond / 1_000_000
		at = count / scale
		if count%scale < 0 {
			at--
		}
	}
	return at, at >= firstMoment && at <= lastMoment
}

// words appends a Text cell of the column of t's schema.
func (c *cells) words(t *texts, text string) {
	if utf8.ValidString(text) { // what parse does, without a Value
		if text = trim(text); isNull(t.schema.Nulls, text) {
			text = ""
		}
	} else {
		_, err := t.parse(text)
		c.flaw(err.Error)
		text = ""
	}
	if len(c.text)+len(text) > math.MaxInt32 {
		c.err = errors.New("a batch holds more than 2 GiB of text")
		text = ""
	}
	c.text = append(c.text, text...)
	c.ends = append(c.ends, int32(len(c.text)))
}

// column returns the finished column.
func (c *cells) column(t *texts) Column {
	switch c.kind {
	case Categorical:
		c.out.Levels = t.levels[:len(t.levels):len(t.levels)]
	case Text:
		all := view(c.text) // nobody writes there any more
		c.out.Texts = make([]string, len(c.ends))
		from := int32(0)
		for i, to := range c.ends {
			c.out.Texts[i] = all[from:to]
			from = to
		}
	}
	return c.out
}
