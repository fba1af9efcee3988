package predictions

import (
	"fmt"
	"io"
	"time"

	"leadscore/datasets"
)

// ToStream makes a log of JSON Lines, a record a line, each Write whole lines. The stream is not closed.
func ToStream(out io.Writer, o Options) (*Writer, error) {
	w, err := newWriter(o)
	if err != nil {
		return nil, err
	}
	return w.start(&stream{out: out}), nil
}

type stream struct {
	out io.Writer
	buf []byte
}

func (s *stream) write(b *datasets.Batch) error {
	s.buf = datasets.AppendJSONLines(s.buf[:0], b)
	if _, err := s.out.Write(s.buf); err != nil {
		return fmt.Errorf("writing the prediction log: %w", err)
	}
	return nil
}

func (s *stream) cut(records []Record) int { return len(records) }
func (s *stream) tick(time.Time)           {}
func (s *stream) close() error             { return nil }
