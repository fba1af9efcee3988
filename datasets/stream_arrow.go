package datasets

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// arrowBlock is the most rows of a block: a larger record batch is decoded in pieces, so that of its cells few are there at a time.
const arrowBlock = 4096

// arrowStream reads the streaming format of Arrow IPC.
type arrowStream struct {
	o        StreamOptions
	messages *arrowMessages
	reader   *ipc.Reader
	arrowReading
	record arrow.Record // nil between record batches
	done   int          // rows of record
	err    error
}

// ReadArrowStream begins to read an Arrow stream. It reads the schema: columns that are named twice or are of a type that cannot be
// read, and the absence of a Required column, are a *StreamError. What the Arrow library makes of damaged data, panics among it, is one too.
func ReadArrowStream(r io.Reader, o StreamOptions) (StreamReader, error) {
	s := &arrowStream{o: o.withDefaults()}
	s.messages = &arrowMessages{r: r, limit: s.o.MaxMessage, rows: -1, dictionaries: map[int64]int64{}}
	err := recovered(func() (err error) {
		s.reader, err = ipc.NewReaderFromMessageReader(s.messages, ipc.WithAllocator(&s.messages.memory), ipc.WithEnsureNativeEndian(true))
		return err
	})
	if err != nil {
		return nil, s.failure(err)
	}
	if s.arrowReading, err = s.plan(s.o.Schema, s.o.Skip); err != nil {
		return nil, err
	}
	return s, nil
}

// arrowReading makes rows of record batches. It belongs to one goroutine.
type arrowReading struct {
	schema   *Schema
	unknown  []string
	from     []int // column of the stream for each field; −1: there is none
	decoders []*columnDecoder
}

// plan finds the columns of a schema, of which those to skip are blind already.
func (s *arrowStream) plan(schema *Schema, skip []string) (arrowReading, error) {
	scan := &columnarScan{file: streamFields{s}, o: ReadOptions{Schema: schema, Skip: skip}, report: &ReadReport{}}
	if err := recovered(scan.plan); err != nil {
		return arrowReading{}, &StreamError{Reason: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	a := arrowReading{schema: schema, unknown: scan.report.Unknown, from: scan.from}
	for i := range schema.Fields {
		d := newColumnDecoder(schema, i)
		d.everyReason = true
		a.decoders = append(a.decoders, d)
	}
	return a, nil
}

// streamFields is the stream as far as columnarScan.plan asks.
type streamFields struct{ s *arrowStream }

func (f streamFields) fields() []arrow.Field  { return f.s.reader.Schema().Fields() }
func (streamFields) groups() []int            { return nil }
func (streamFields) want([]int, []bool) error { return nil }
func (streamFields) Close() error             { return nil }
func (streamFields) column(int, int) (arrayReader, error) {
	return nil, errors.New("a stream is not opened by column")
}

func (a *arrowReading) Unknown() []string { return a.unknown }

// failure is what went wrong: the stream's own mistake, or that of reading it.
func (s *arrowStream) failure(err error) error {
	var known *StreamError
	switch {
	case s.messages.err != nil && !errors.Is(s.messages.err, io.EOF):
		err = s.messages.err
		if !errors.As(err, &known) && strings.HasPrefix(err.Error(), "damaged data") {
			return &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
		}
		return err
	case errors.As(err, &known):
		return err
	case errors.Is(s.messages.err, io.EOF):
		return &StreamError{Reason: "the Arrow stream ends before its schema or its dictionaries"}
	}
	return &StreamError{Reason: "not a readable Arrow stream: " + err.Error()}
}

func (s *arrowStream) Next() (*Block, error) {
	if s.err != nil {
		return nil, s.err
	}
	var b *Block
	err := recovered(func() (err error) {
		b, err = s.next()
		return err
	})
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = s.failure(err)
		}
		s.err, s.record = err, nil
		s.messages.close()
		return nil, err
	}
	return b, nil
}

func (s *arrowStream) next() (*Block, error) {
	if s.record == nil {
		if !s.reader.Next() {
			if err := s.reader.Err(); err != nil {
				return nil, err
			}
			if s.messages.err == nil || !errors.Is(s.messages.err, io.EOF) {
				return nil, errors.Join(errors.New("the next record batch is missing"), s.messages.err)
			}
			return nil, io.EOF
		}
		s.record, s.done = s.reader.Record(), 0
		if int(s.record.NumRows()) != s.messages.rows {
			return nil, fmt.Errorf("a record batch of %d rows where %d are counted", s.record.NumRows(), s.messages.rows)
		}
		for i, column := range s.record.Columns() {
			if column.Len() != s.messages.rows {
				return nil, fmt.Errorf("column %q has %d cells in a record batch of %d rows", s.reader.Schema().Field(i).Name, column.Len(), s.messages.rows)
			}
			if coded, ok := column.(*array.Dictionary); ok && s.o.Keep {
				coded.Dictionary().NullN() // counted once, before others read it at the same time
			}
		}
		if s.o.Keep {
			s.record.Retain() // and never released: its memory is the garbage collector's
		}
	}
	from, rows := s.done, min(s.messages.rows-s.done, arrowBlock)
	b, err := s.block(s.record, from, rows)
	if err != nil {
		return nil, err
	}
	if s.o.Keep {
		b.record, b.from = s.record, from
	}
	if s.done += rows; s.done == s.messages.rows {
		b.Ends, s.record = true, nil
	}
	return b, nil
}

// block decodes some rows of a record batch, and takes the bad ones out.
func (a *arrowReading) block(record arrow.Record, from, rows int) (*Block, error) {
	columns := make([]Column, len(a.decoders))
	var reasons map[int]string
	bad := func(row int, reason string) {
		if reasons == nil {
			reasons = map[int]string{}
		}
		if before := reasons[row]; before != "" {
			reason = before + "; " + reason
		}
		reasons[row] = reason
	}
	for i, d := range a.decoders {
		f := &a.schema.Fields[i]
		if a.from[i] < 0 {
			columns[i] = missingColumn(f.Kind, rows)
			continue
		}
		// never released: the decoder looks at the dictionary again when the next record batch comes, and the memory is the garbage collector's
		cells := array.NewSlice(record.Column(a.from[i]), int64(from), int64(from+rows))
		column, wrong, err := d.decode([]arrow.Array{cells}, rows)
		if err != nil {
			return nil, err
		}
		columns[i] = column
		for _, cell := range wrong {
			bad(cell.row, cell.reason)
		}
		f.eachLacking(&columns[i], func(row int) {
			if reasons[row] == "" {
				bad(row, f.lacking().Error())
			}
		})
	}
	batch, err := NewBatch(a.schema, rows, columns)
	if err != nil {
		return nil, err
	}
	b := &Block{Rows: rows, Batch: batch}
	if reasons == nil {
		return b, nil
	}
	keep := make([]int, 0, rows)
	for row := range rows {
		if reason, gone := reasons[row]; gone {
			b.Refused = append(b.Refused, Refused{Row: row, Reason: reason})
		} else {
			keep = append(keep, row)
		}
	}
	b.Batch = batch.Pick(keep)
	return b, nil
}
