package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
)

// Row is one row of a batch answer: exactly one of the two is set. On the wire it is the Answer
// itself, or {"error": Problem}.
type Row struct {
	Answer *Answer
	Error  *Problem
}

// MarshalJSON writes the wire form.
func (r Row) MarshalJSON() ([]byte, error) {
	if r.Error != nil {
		return json.Marshal(struct {
			Error *Problem `json:"error"`
		}{r.Error})
	}
	return json.Marshal(r.Answer)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (r *Row) UnmarshalJSON(b []byte) error {
	var v struct {
		Error *Problem `json:"error"`
		Answer
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("reading a batch row: %w", err)
	}
	if v.Error != nil {
		*r = Row{Error: v.Error}
	} else {
		*r = Row{Answer: &v.Answer}
	}
	return nil
}

// ScoreBatch scores many leads and returns a row for each, in their order. A lead that the server refuses is its
// row's Error; the error is for the batch as a whole.
func (c *Client) ScoreBatch(ctx context.Context, requests []Request) ([]Row, error) {
	rows := make([]Row, 0, len(requests))
	for row, err := range c.StreamBatch(ctx, slices.Values(requests)) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	if len(rows) != len(requests) {
		return rows, fmt.Errorf("scoring a batch: %d answers to %d leads", len(rows), len(requests))
	}
	return rows, nil
}

// StreamBatch scores leads as they come, as NDJSON, and yields a row for each in their order; memory does not
// grow with their number. An error ends it. requests runs in a goroutine of its own, which has ended when the
// sequence has; after a 429 or 503 it is run again from its beginning, so it must be one that can be, or Options.Retries
// negative. There is no time limit but the context's.
func (c *Client) StreamBatch(ctx context.Context, requests iter.Seq[Request]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		feed := &feeder{requests: requests}
		defer feed.stop()
		defer cancel()
		unlimited := *c.options.HTTP
		unlimited.Timeout = 0
		resp, err := c.send(ctx, &unlimited, http.MethodPost, batchPath, "application/x-ndjson", feed.start)
		if err != nil {
			yield(Row{}, fmt.Errorf("scoring a batch: %w", errors.Join(feed.failure(), err)))
			return
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewReaderSize(resp.Body, 64<<10)
		for {
			line, err := readLine(lines)
			if errors.Is(err, io.EOF) {
				if err := feed.failure(); err != nil {
					yield(Row{}, fmt.Errorf("scoring a batch: %w", err))
				}
				return
			}
			var row Row
			if err == nil {
				err = json.Unmarshal(line, &row)
			}
			if err != nil {
				yield(Row{}, fmt.Errorf("scoring a batch: reading the answer: %w", err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// readLine reads a line of at most maxAnswer bytes.
func readLine(r *bufio.Reader) ([]byte, error) {
	var whole []byte
	for {
		part, err := r.ReadSlice('\n')
		if err == nil && whole == nil {
			return part, nil
		}
		whole = append(whole, part...)
		switch {
		case err == nil:
			return whole, nil
		case errors.Is(err, io.EOF) && len(whole) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(whole) > maxAnswer:
			return nil, fmt.Errorf("a row is larger than %d bytes", maxAnswer)
		}
	}
}

// feeder writes requests into the body of a batch, from a goroutine for each try.
type feeder struct {
	requests iter.Seq[Request]
	pipe     *io.PipeReader
	done     chan struct{}
	err      error // of encoding a request; read when done is closed
}

func (f *feeder) start() io.Reader {
	f.stop()
	r, w := io.Pipe()
	f.pipe, f.done, f.err = r, make(chan struct{}), nil
	go func(done chan struct{}) {
		defer close(done)
		out := bufio.NewWriterSize(w, 64<<10)
		for request := range f.requests {
			b, err := json.Marshal(&request)
			if err == nil {
				_, err = out.Write(append(b, '\n'))
			} else {
				f.err = err
			}
			if err != nil {
				_ = w.CloseWithError(err)
				return
			}
		}
		_ = w.CloseWithError(out.Flush())
	}(f.done)
	return r
}

// stop ends the goroutine and waits for it.
func (f *feeder) stop() {
	if f.pipe == nil {
		return
	}
	_ = f.pipe.CloseWithError(io.ErrClosedPipe)
	<-f.done
}

// failure is why a request could not be encoded, once that is known.
func (f *feeder) failure() error {
	if f.done == nil {
		return nil
	}
	select {
	case <-f.done:
		return f.err
	default:
		return nil
	}
}
