package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// The formats that ReadReport.Format names.
const (
	formatCSV   = "csv"
	formatJSONL = "jsonl"
)

// A textFile is an open CSV or JSON Lines file whose head is understood.
type textFile struct {
	*source
	kind      string // formatCSV or formatJSONL
	delimiter byte
	names     []string // columns of the grid
	format    textFormat
	feed      *feed
	sample    []byte // the whole records of the head
	lines     int    // before the first row
}

// openText opens a text file. The names are those of a JSON Lines file as far as they are known
// from an earlier reading or a schema; nil takes those of its head. A CSV file says its own.
func openText(path, kind string, names []string, o *ReadOptions) (*textFile, error) {
	src, err := openSource(path)
	if err != nil {
		return nil, err
	}
	t := &textFile{source: src, kind: kind, names: names}
	if err := t.readHead(o); err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}

func (t *textFile) readHead(o *ReadOptions) error {
	size, headBytes := chunkSize, headSize
	if o.chunkSize > 0 {
		size, headBytes = o.chunkSize, o.headSize
	}
	t.feed = &feed{r: t.text, size: size}
	head, err := t.feed.fill(nil, headBytes)
	if err != nil {
		return err
	}
	if t.feed.eof && len(bytes.TrimSpace(head)) == 0 {
		return errEmptyFile
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return errors.New("not a text file: it has NUL bytes")
	}
	if onlyCR(head) {
		t.feed.cr = true
		head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	if t.kind == formatCSV {
		err = t.csvHead(head)
	} else {
		err = t.jsonlHead(head)
	}
	t.feed.format = t.format
	return err
}

func (t *textFile) csvHead(head []byte) error {
	h, err := readCSVHead(head, t.feed.eof)
	if err != nil {
		return err
	}
	t.delimiter, t.names = h.delimiter, h.names
	f := csvText{delimiter: h.delimiter, width: len(h.names)}
	t.format = f
	t.lines = bytes.Count(head[:h.body], []byte{'\n'})
	t.feed.rest = head[h.body:]
	t.sample = t.feed.rest[:f.cut(t.feed.rest, t.feed.eof)]
	if t.feed.eof && len(bytes.TrimSpace(t.feed.rest)) == 0 && len(t.names) > 1 {
		return errNoRows
	}
	return nil
}

var errNoRows = errors.New("the file has column names and no rows")

func (t *textFile) jsonlHead(head []byte) error {
	if trimmed := bytes.TrimSpace(head); len(trimmed) > 0 && trimmed[0] == '[' {
		return errors.New("a JSON array; want JSON Lines: one object a line, without commas between them")
	}
	t.feed.rest = head
	t.sample = head[:newJSONLText(nil).cut(head, t.feed.eof)]
	if t.names == nil {
		var g grid
		g.reset(bytes.Clone(t.sample))
		newJSONLText(nil).scan(&g)
		t.names = g.extra
	}
	t.format = newJSONLText(t.names)
	return nil
}

// report begins the report of reading the file.
func (t *textFile) report(path string) *ReadReport {
	r := &ReadReport{Path: path, Format: t.kind}
	if t.kind == formatCSV {
		r.Delimiter = string(rune(t.delimiter))
	}
	return r
}

// inferring makes the plan of a first reading: forced columns are fixed, what the others are is
// guessed from the head of the file. The evidence of the head comes with it, by column.
func (t *textFile) inferring(o *ReadOptions) (*plan, []evidence, error) {
	if err := t.knowsForced(o); err != nil {
		return nil, nil, err
	}
	p := newPlan(o.Nulls)
	p.zone = o.Zone
	skip := nameSet(o.Skip)
	for i, name := range t.names {
		c := planColumn{field: Field{Name: name}, source: i, alive: asAnything}
		if skip[name] {
			c.fixed, c.alive = true, 0
		} else if f, ok := o.Force[name]; ok {
			f.Name = name
			c.fixed = f.Kind != Unknown
			switch {
			case c.fixed:
				c.field, c.alive = p.zoned(f), 0
			case f.DecimalComma:
				c.alive &^= asPoint
			case f.Layout != "":
				c.alive = c.alive&^asTime | layoutCandidate(f.Layout)
			}
		}
		p.columns = append(p.columns, c)
	}
	head := newParser(t.format, p).parse(bytes.Clone(t.sample))
	for i := range p.columns {
		c, e := &p.columns[i], &head.evidence[i]
		start := evidence{alive: c.alive}
		start.join(e, t.lines)
		*e = start
		if !c.fixed {
			c.field, c.alive = p.zoned(e.guess(c.field.Name)), e.alive
		}
	}
	return p, head.evidence, nil
}

func layoutCandidate(layout string) candidates {
	switch layout {
	case layoutDMY:
		return asDMY
	case layoutMDY:
		return asMDY
	}
	return asISO
}

// knowsForced reports forced columns that a CSV file does not have, and layouts that there are not.
func (t *textFile) knowsForced(o *ReadOptions) error {
	var problems []string
	for name, f := range o.Force {
		if t.kind == formatCSV && !slices.Contains(t.names, name) {
			hint := ""
			if near := Nearest(name, t.names); near != "" {
				hint = fmt.Sprintf(" (did you mean %s?)", Quoted(near))
			}
			problems = append(problems, fmt.Sprintf("no column is named %s%s", Quoted(name), hint))
		}
		switch f.Layout {
		case "", layoutISO, layoutDMY, layoutMDY:
		default:
			problems = append(problems, fmt.Sprintf("column %s: unknown layout %s; want %s, %s or %s", Quoted(name), Quoted(f.Layout), layoutISO, layoutDMY, layoutMDY))
		}
	}
	if problems == nil {
		return nil
	}
	slices.Sort(problems)
	return errors.New(strings.Join(problems, "; "))
}

// fixed makes the plan of reading under a schema, and enters into the report which columns the
// one and the other lack. JSON Lines files say that only at their end.
func (t *textFile) fixed(o *ReadOptions, r *ReadReport) (*plan, error) {
	nulls := o.Nulls
	if nulls == nil {
		nulls = append([]string{}, o.Schema.Nulls...)
	}
	p := newPlan(nulls)
	for i, f := range o.Schema.Fields {
		c := planColumn{field: f, source: i, fixed: true}
		if t.kind == formatCSV {
			if c.source = slices.Index(t.names, f.Name); c.source < 0 {
				if f.Required {
					return nil, f.absentError()
				}
				r.Absent = append(r.Absent, f.Name)
			}
		}
		p.columns = append(p.columns, c)
	}
	if t.kind != formatCSV {
		return p, nil
	}
	for _, name := range t.names {
		if o.Schema.Index(name) < 0 {
			r.Unknown = append(r.Unknown, name)
		}
	}
	if len(r.Absent) == len(p.columns) {
		return nil, fmt.Errorf("none of its columns (%s) is wanted; want %s", quotedList(t.names), quotedList(r.Absent))
	}
	return p, nil
}

// quotedList quotes some names for a message, the first ten of them.
func quotedList(names []string) string {
	var b strings.Builder
	for i, n := range names {
		if i == 10 {
			return b.String() + fmt.Sprintf(" and %d more", len(names)-i)
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Quoted(n))
	}
	return b.String()
}

func (o *ReadOptions) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}
