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
	scan     *columnarScan // which columns are where
	decoders []*columnDecoder
	record   arrow.Record // nil between record batches
	done     int          // rows of record
	err      error
}

// ReadArrowStream begins to read an Arrow stream. It reads the schema: columns that are named twice or are of a type that cannot be
// read, and the absence of a Required column, are a *StreamError. What the Arrow library makes of damaged data, panics among it, is one too.
func ReadArrowStream(r io.Reader, o StreamOptions) (StreamReader, error) {
	s := &arrowStream{o: o.withDefaults()}
	s.messages = &arrowMessages{r: r, limit: s.o.MaxMessage, rows: -1, dictionaries: map[int64]int64{}}
	s.scan = &columnarScan{file: streamFields{s}, o: ReadOptions{Schema: s.o.Schema, Skip: s.o.Skip}, report: &ReadReport{}}
	err := recovered(func() (err error) {
		s.reader, err = ipc.NewReaderFromMessageReader(s.messages, ipc.WithAllocator(&s.messages.memory), ipc.WithEnsureNativeEndian(true))
		return err
	})
	if err != nil {
		return nil, s.failure(err)
	}
	if err := recovered(s.scan.plan); err != nil {
		return nil, &StreamError{Reason: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	for i := range s.o.Schema.Fields {
		d := newColumnDecoder(s.o.Schema, i)
		d.everyReason = true
		s.decoders = append(s.decoders, d)
	}
	return s, nil
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

func (s *arrowStream) Unknown() []string { return s.scan.report.Unknown }

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
		for i, from := range s.scan.from {
			if n := s.messages.rows; from >= 0 && s.record.Column(from).Len() != n {
				return nil, fmt.Errorf("column %q has %d cells in a record batch of %d rows", s.o.Schema.Fields[i].Name, s.record.Column(from).Len(), n)
			}
		}
	}
	rows := min(s.messages.rows-s.done, arrowBlock)
	b, err := s.block(rows)
	if s.done += rows; s.done == s.messages.rows {
		s.record = nil
	}
	return b, err
}

// block decodes some rows of the record batch, and takes the bad ones out.
func (s *arrowStream) block(rows int) (*Block, error) {
	columns := make([]Column, len(s.decoders))
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
	for i, d := range s.decoders {
		f := &s.o.Schema.Fields[i]
		if s.scan.from[i] < 0 {
			columns[i] = missingColumn(f.Kind, rows)
			continue
		}
		cells := array.NewSlice(s.record.Column(s.scan.from[i]), int64(s.done), int64(s.done+rows))
		column, wrong, err := d.decode([]arrow.Array{cells}, rows)
		cells.Release()
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
	batch, err := NewBatch(s.o.Schema, rows, columns)
	if err != nil {
		return nil, err
	}
	b := &Block{Rows: rows, Batch: batch, Ends: s.done+rows == s.messages.rows}
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
