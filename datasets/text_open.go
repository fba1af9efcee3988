package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// textReader reads a text file batch by batch under a fixed schema, several chunks ahead.
type textReader struct {
	ctx      context.Context
	file     *textFile
	o        ReadOptions
	pipeline *pipeline
	report   *ReadReport
	lines    int
	seen     []bool
	err      error // what Next returned last
	closed   bool
}

var _ Reader = (*textReader)(nil)

func openTextReader(ctx context.Context, path, kind string, o *ReadOptions) (Reader, error) {
	file, err := openText(path, kind, fieldNames(o.Schema), o)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	r := &textReader{ctx: ctx, file: file, o: *o, report: file.report(path), lines: file.lines, seen: make([]bool, len(o.Schema.Fields))}
	p, err := file.fixed(o, r.report)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	r.pipeline = startPipeline(ctx, file.feed, o.workers(), p)
	return r, nil
}

func (r *textReader) Next() (*Batch, error) {
	for r.err == nil {
		var c *parsed
		if c, r.err = r.chunk(); r.err == nil && c.rows > 0 {
			var b *Batch
			if b, r.err = NewBatch(r.o.Schema, c.rows, c.columns); r.err == nil {
				return b, nil
			}
		}
	}
	if bad := (*BadRowsError)(nil); errors.As(r.err, &bad) || errors.Is(r.err, io.EOF) {
		return nil, r.err
	}
	return nil, fmt.Errorf("reading %s: %w", r.report.Path, r.err)
}

// chunk takes the next chunk into the report. When there are more bad rows than the policy
// allows, it reads on to count them all.
func (r *textReader) chunk() (*parsed, error) {
	for {
		c, err := r.pipeline.next(r.ctx)
		if errors.Is(err, io.EOF) {
			return nil, r.end()
		}
		if err != nil {
			return nil, err
		}
		rep := r.report
		rep.Rows += c.rows
		rep.addBad(c.bad, c.badTotal, r.lines)
		r.lines += c.lines
		for i := range c.seen {
			r.seen[i] = r.seen[i] || c.seen[i]
		}
		rep.Unknown = append(rep.Unknown, newNames(rep.Unknown, []*parsed{c})...)
		if rep.refused(&r.o) == nil {
			return c, nil
		}
	}
}

// end completes the report, and says io.EOF or what is wrong with the whole file.
func (r *textReader) end() error {
	rep := r.report
	rep.Encoding = r.file.text.encoding
	if r.file.kind == formatJSONL {
		for i := range r.seen {
			if !r.seen[i] {
				rep.Absent = append(rep.Absent, r.o.Schema.Fields[i].Name)
			}
		}
	}
	if err := rep.refused(&r.o); err != nil {
		return err
	}
	if err := r.file.unchanged(rep.Path); err != nil {
		return err
	}
	if rep.Rows+rep.BadTotal == 0 {
		return errNoRows
	}
	return io.EOF
}

func (r *textReader) Report() *ReadReport { return r.report }

// Close stops reading and waits for the goroutines. It may be called at any time, and again.
func (r *textReader) Close() error {
	if !r.closed {
		r.closed = true
		r.pipeline.close()
		r.file.Close()
		if r.err == nil {
			r.err = io.ErrClosedPipe
		}
	}
	return nil
}
