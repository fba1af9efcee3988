package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// columnarReader yields a file's batches. It holds one batch of the wanted columns, and of
// the file only the pages it is reading.
type columnarReader struct {
	ctx     context.Context
	scan    *columnarScan
	group   int
	cursors []*columnCursor // of the group; nil between groups
	done    int             // rows of the group that are read
	row     int             // rows of the file that are read
	err     error
}

func (r *columnarReader) Next() (*Batch, error) {
	for r.err == nil {
		batch, err := r.decode()
		refused := r.scan.report.refused(&r.scan.o)
		for refused != nil && err == nil && batch != nil { // the rest is read for the number of its bad rows
			batch, err = r.decode()
		}
		switch {
		case err != nil:
			r.err = fmt.Errorf("reading %s: %w", r.scan.report.Path, err)
		case refused != nil:
			r.err = r.scan.report.refused(&r.scan.o)
		case batch == nil:
			r.err = io.EOF
		case batch.rows > 0:
			return batch, nil
		}
	}
	return nil, r.err
}

// decode returns the next batch, which may have lost all its rows, or nil after the last. The
// end is not told by io.EOF: the Arrow library gives that back for a file that is cut off.
func (r *columnarReader) decode() (*Batch, error) {
	s := r.scan
	for r.cursors == nil || r.done == s.rows[r.group] {
		if r.cursors != nil {
			r.group++
		}
		r.cursors, r.done = nil, 0
		if r.group >= len(s.rows) {
			return nil, nil
		}
		cursors := make([]*columnCursor, len(s.schema.Fields))
		err := s.each(r.ctx, len(cursors), func(i int) (err error) {
			cursors[i], err = s.cursor(r.group, i)
			return err
		})
		if err != nil {
			return nil, err
		}
		r.cursors = cursors
	}
	rows := min(batchRows, s.rows[r.group]-r.done)
	pieces := make([]piece, len(r.cursors))
	err := s.each(r.ctx, len(pieces), func(i int) (err error) {
		pieces[i], err = r.cursors[i].next(rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	batch, err := s.assemble(pieces, r.row, rows)
	r.done += rows
	r.row += rows
	return batch, err
}

func (r *columnarReader) Report() *ReadReport { return r.scan.report }

func (r *columnarReader) Close() error {
	if r.err == nil {
		r.err = errors.New("the file is closed")
	}
	return r.scan.file.Close()
}
