package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// csvBlock is how much text becomes one block.
const csvBlock = 128 << 10

// csvStream reads CSV with commas, in UTF-8, as RFC 4180 has it and encoding/csv reads it, the first record being the names of the
// columns. Blank lines are no rows.
type csvStream struct {
	r       io.Reader
	o       StreamOptions
	records csvRecords
	parser  *parser
	names   []string
	unknown []string
	buf     []byte // read and not given out
	eof     bool
	err     error
	long    bool // the record at the front of buf is too long
	skip    bool // the rest of a line is passed over
}

// maxStreamColumns bounds the columns of a stream of CSV: finding those that are named twice takes a hundred times the memory of short names.
const maxStreamColumns = 10_000

// ReadCSVStream begins to read a stream of CSV. It reads the header: its mistakes, and the absence of a Required column, are a
// *StreamError.
func ReadCSVStream(r io.Reader, o StreamOptions) (StreamReader, error) {
	s := &csvStream{r: r, o: o.withDefaults(), records: csvRecords{delimiter: ','}}
	head, err := s.header()
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(head, []byte{','}); n >= maxStreamColumns {
		return nil, &StreamError{Reason: fmt.Sprintf("the line of column names has %d commas; want at most %d columns", n, maxStreamColumns), TooLarge: true}
	}
	if s.names, err = csvNames(head); err != nil {
		return nil, &StreamError{Reason: err.Error()}
	}
	if s.parser, s.unknown, err = csvPlan(s.names, s.o.Schema); err != nil {
		return nil, err
	}
	return s, nil
}

// header takes the first record off the stream.
func (s *csvStream) header() ([]byte, error) {
	for begun := false; ; {
		if !begun && (len(s.buf) >= len(byteOrderMark) || s.eof) {
			s.buf, begun = bytes.TrimPrefix(s.buf, byteOrderMark), true
		}
		if begun && s.records.at == 0 {
			s.buf = s.buf[skipBlankLines(s.buf, 0):]
			if len(s.buf) == 1 && s.buf[0] == '\r' && !s.eof { // the next byte says whether this is an empty line
				if err := s.more(csvHeadRead); err != nil {
					return nil, err
				}
				continue
			}
		}
		if long := begun && s.records.scan(s.buf, s.o.MaxRow); s.records.start > 0 {
			end, _ := csvText{delimiter: ','}.recordEnd(s.buf, 0)
			if end < 0 || end > s.records.start {
				return nil, &StreamError{Reason: "the column names cannot be made out"}
			}
			return s.head(end), nil
		} else if long {
			return nil, &StreamError{Reason: fmt.Sprintf("the column names take more than %d bytes", s.o.MaxRow), TooLarge: true}
		}
		switch {
		case !s.eof || !begun:
		case len(bytes.TrimSpace(s.buf)) == 0:
			return nil, &StreamError{Reason: "there is no line of column names"}
		case s.records.state == csvQuoted:
			return nil, &StreamError{Reason: "a quote is opened in the column names and never closed"}
		default:
			return s.head(len(s.buf)), nil
		}
		if s.eof {
			continue
		}
		if err := s.more(csvHeadRead); err != nil {
			return nil, err
		}
	}
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (s *csvStream) head(n int) []byte {
	head := bytes.Clone(s.buf[:n])
	s.buf = s.buf[n:]
	s.records.restart()
	return head
}

// csvHeadRead is how much is read at once for the header.
const csvHeadRead = 16 << 10

func csvNames(head []byte) ([]string, error) {
	f := csvText{delimiter: ',', width: len(head) + 1}
	var g grid
	g.reset(bytes.Clone(head))
	if _, _, reason := f.record(&g, 0); reason != "" {
		return nil, fmt.Errorf("the column names: %s", reason)
	}
	g.seal(nil)
	names := make([]string, len(g.cells))
	for i, c := range g.cells {
		names[i] = strings.Clone(g.at(c))
	}
	return names, checkNames(names)
}

// csvPlan finds the columns of a schema, and those that it does not have.
func csvPlan(names []string, s *Schema) (*parser, []string, error) {
	p := newPlan(append([]string{}, s.Nulls...))
	var absent []error
	for _, f := range s.Fields {
		c := planColumn{field: f, source: slices.Index(names, f.Name), fixed: true}
		if c.source < 0 && f.Required {
			absent = append(absent, f.absentError())
		}
		p.columns = append(p.columns, c)
	}
	var unknown []string
	for _, name := range names {
		if s.Index(name) < 0 {
			unknown = append(unknown, name)
		}
	}
	if absent != nil {
		return nil, nil, &StreamError{Reason: joined(absent)}
	}
	return newParser(csvText{delimiter: ',', width: len(names)}, p), unknown, nil
}

// more reads once, room for at least n bytes being made.
func (s *csvStream) more(n int) error {
	if s.eof {
		return io.EOF
	}
	s.buf = slices.Grow(s.buf, n)
	var err error
	if s.buf, err = readSome(s.r, s.buf); errors.Is(err, io.EOF) {
		s.eof = true
		return nil
	}
	return err
}

func (s *csvStream) Unknown() []string { return s.unknown }

func (s *csvStream) Next() (*Block, error) {
	for s.err == nil {
		var b *Block
		if b, s.err = s.next(); b != nil && b.Rows > 0 {
			return b, nil
		}
	}
	return nil, s.err
}

// next gives out what is there, or reads more; it may do neither.
func (s *csvStream) next() (*Block, error) {
	if s.skip {
		n := bytes.IndexByte(s.buf, '\n')
		if n >= 0 {
			s.buf, s.skip = s.buf[n+1:], false
			return nil, nil
		}
		s.buf = s.buf[:0]
		return nil, s.more(csvHeadRead)
	}
	if s.long && s.records.start == 0 {
		return s.refuse(), nil
	}
	if !s.long {
		s.long = s.records.scan(s.buf, s.o.MaxRow)
	}
	whole := s.records.start
	switch {
	case whole > 0 && (s.long || s.eof || s.o.Eager || len(s.buf) >= csvBlock):
	case s.long:
		return nil, nil
	case !s.eof:
		return nil, s.more(max(csvBlock-len(s.buf), csvHeadRead))
	case len(s.buf) == 0:
		return nil, io.EOF
	default: // the last record needs no line end; where a quote is never closed its first line is given up
		if s.records.state == csvQuoted && bytes.IndexByte(s.buf, '\n') >= 0 {
			s.long = true
			return nil, nil
		}
		whole = len(s.buf)
		s.records.start, s.records.at = whole, whole
	}
	return s.take(whole), nil
}

// refuse gives up the record at the front, which does not end within the bound, or not at all: where its first line does, a quote was
// left open, and the next line is a new record.
func (s *csvStream) refuse() *Block {
	s.long = false
	r := Refused{Why: BadRecord, Reason: reasonUnclosed}
	n := bytes.IndexByte(s.buf, '\n')
	if n < 0 || n > s.o.MaxRow {
		r, s.skip = Refused{Why: TooLarge, Reason: fmt.Sprintf("the row is larger than %d bytes", s.o.MaxRow)}, true
	} else {
		s.buf = s.buf[n+1:]
	}
	s.records.restart()
	return &Block{Rows: 1, Batch: noRows(s.o.Schema), Refused: []Refused{r}, Ends: true}
}

// noRows is a batch of none.
func noRows(s *Schema) *Batch {
	columns := make([]Column, len(s.Fields))
	for i := range columns {
		columns[i].Kind = s.Fields[i].Kind
	}
	none, err := NewBatch(s, 0, columns)
	if err != nil {
		panic(err) // columns of the schema's own kinds
	}
	return none
}

// take parses n bytes of whole records.
func (s *csvStream) take(n int) *Block {
	chunk := s.parser.takeBuffer()[:0]
	chunk = append(chunk, s.buf[:n]...)
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.records.drop(n)
	var kept []byte
	if s.o.Keep {
		kept = bytes.Clone(chunk) // parsing writes over it
	}
	b := csvRows(s.parser, s.o.Schema, chunk)
	b.text = kept
	return b
}

// csvRows parses whole records.
func csvRows(p *parser, s *Schema, chunk []byte) *Block {
	out := p.parse(chunk)
	g := &p.grid
	b := &Block{Rows: out.rows + len(g.bad), Ends: true}
	var err error
	if b.Batch, err = NewBatch(s, out.rows, out.columns); err != nil {
		panic(err) // the parser makes columns of the schema's own kinds
	}
	good := 0
	for i, bad := range g.bad { // sorted, as the good ones are
		for good < len(g.starts) && g.starts[good] < bad.start {
			good++
		}
		r := Refused{Row: good + i, Why: BadRecord, Reason: bad.reason}
		if bad.cell {
			r.Why = BadCell
		}
		b.Refused = append(b.Refused, r)
	}
	return b
}
