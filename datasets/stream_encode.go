package datasets

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// csvEncoder writes CSV with commas; see csvFormat.
type csvEncoder struct {
	format rowFormat
	dates  []bool
	begun  bool
}

// NewCSVEncoder writes a stream of CSV: a header, rows with commas between their cells and a line feed behind, UTF-8. Moments are
// written whole. The schema must have no decimal commas.
func NewCSVEncoder(s *Schema) Encoder {
	return &csvEncoder{format: newSeparatedFormat(s, ','), dates: make([]bool, len(s.Fields))}
}

func (e *csvEncoder) Append(dst []byte, b *Batch) ([]byte, error) {
	return e.format.rows(e.begin(dst), b, 0, b.rows, e.dates), nil
}

func (e *csvEncoder) begin(dst []byte) []byte {
	if e.begun {
		return dst
	}
	e.begun = true
	return e.format.header(dst)
}

func (e *csvEncoder) Cut(dst []byte) ([]byte, error)   { return dst, nil }
func (e *csvEncoder) Close(dst []byte) ([]byte, error) { return e.begin(dst), nil }

// arrowEncoder writes the streaming format of Arrow IPC.
type arrowEncoder struct {
	schema *Schema
	arrow  *arrow.Schema
	out    appender
	w      *ipc.Writer
	cells  []*arrayCells // since the last cut; nil after Close
	rows   int
}

// NewArrowEncoder writes an Arrow stream: float64, bool, microseconds in UTC and utf8, uncompressed, a record batch for
// what is appended between two cuts.
func NewArrowEncoder(s *Schema) Encoder {
	e := &arrowEncoder{schema: s, arrow: arrowSchema(s), cells: make([]*arrayCells, len(s.Fields))}
	for i := range e.cells {
		e.cells[i] = takeCells(&s.Fields[i])
	}
	e.w = ipc.NewWriter(&e.out, ipc.WithSchema(e.arrow))
	return e
}

// appender is a writer into memory that is lent for one call.
type appender struct{ dst []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.dst = append(a.dst, p...)
	return len(p), nil
}

func (e *arrowEncoder) Append(dst []byte, b *Batch) ([]byte, error) {
	for i := range e.cells {
		if err := e.cells[i].add(&b.columns[i], 0, b.rows); err != nil {
			return dst, fmt.Errorf("writing an Arrow stream: %w", err)
		}
	}
	e.rows += b.rows
	return dst, nil
}

func (e *arrowEncoder) Cut(dst []byte) ([]byte, error) {
	return e.write(dst, func() error {
		columns, size := make([]arrow.Array, len(e.cells)), 4096
		for i := range e.cells {
			columns[i] = e.cells[i].array()
			for _, b := range columns[i].Data().Buffers() {
				if b != nil {
					size += b.Len() + 64
				}
			}
		}
		e.out.dst = slices.Grow(e.out.dst, size)
		record := array.NewRecord(e.arrow, columns, int64(e.rows))
		defer record.Release()
		err := e.w.Write(record)
		for i := range e.cells {
			e.cells[i].reset()
		}
		e.rows = 0
		return err
	})
}

func (e *arrowEncoder) Close(dst []byte) ([]byte, error) {
	if e.rows > 0 {
		var err error
		if dst, err = e.Cut(dst); err != nil {
			return dst, err
		}
	}
	for i := range e.cells {
		e.cells[i].keep()
	}
	e.cells = nil
	return e.write(dst, e.w.Close)
}

func (e *arrowEncoder) write(dst []byte, write func() error) ([]byte, error) {
	e.out.dst = dst
	err := recovered(write)
	dst, e.out.dst = e.out.dst, nil
	if err != nil {
		err = fmt.Errorf("writing an Arrow stream: %w", err)
	}
	return dst, err
}

var (
	_ Encoder = (*csvEncoder)(nil)
	_ Encoder = (*arrowEncoder)(nil)
)
