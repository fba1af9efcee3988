package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

const (
	// chunkSize is how much text one goroutine parses at a time, in bytes. It decides where
	// batches end, so the number of workers must not.
	chunkSize = 1 << 20
	// headSize is how much of a file the delimiter and the first guess of the kinds come from.
	headSize = 256 << 10
	// maxRecord bounds one record: what does not end within it is no record.
	maxRecord = 16 << 20
)

// A textFormat knows where records begin and end, and how their cells are found. It is
// immutable and used by many goroutines.
type textFormat interface {
	// cut returns the length of the whole records at the front of buf; final says that the
	// file ends with buf. With final and something in buf it returns more than 0.
	cut(buf []byte, final bool) int
	// scan finds the cells of all records of the chunk in g.
	scan(g *grid)
}

// A feed cuts a stream of text into chunks of whole records. Where it cuts depends on the text
// and the chunk size alone.
type feed struct {
	r      io.Reader
	format textFormat
	size   int
	cr     bool   // lines end in a lone carriage return
	rest   []byte // read and not yet given out
	eof    bool
	spare  chan []byte // used chunks, to be filled again
}

// next returns the next chunk, which the caller may hand to recycle, or io.EOF.
func (f *feed) next() ([]byte, error) {
	var buf []byte
	select {
	case buf = <-f.spare:
	default:
		if f.eof {
			buf = make([]byte, 0, len(f.rest)+64) // a small file
		} else {
			buf = make([]byte, 0, f.size+f.size/8+64)
		}
	}
	buf = append(buf[:0], f.rest...)
	for want := f.size; ; want = min(2*want, maxRecord) {
		var err error
		if buf, err = f.fill(buf, want); err != nil {
			return nil, err
		}
		if len(buf) == 0 {
			return nil, io.EOF
		}
		n := f.format.cut(buf, f.eof)
		if n == 0 && len(buf) >= maxRecord {
			if n = f.format.cut(buf, true); n == len(buf) {
				return nil, fmt.Errorf("a line of more than %d MiB; this is not a file of leads", maxRecord>>20)
			}
		}
		if n > 0 {
			f.rest = append(f.rest[:0], buf[n:]...)
			return buf[:n], nil
		}
	}
}

// fill reads until buf holds want bytes or the stream ends.
func (f *feed) fill(buf []byte, want int) ([]byte, error) {
	for len(buf) < want && !f.eof {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, min(max(len(buf), 4096), want-len(buf)))
		}
		n, err := f.r.Read(buf[len(buf):min(cap(buf), want)])
		fresh := buf[len(buf) : len(buf)+n]
		if f.cr {
			for i, c := range fresh {
				if c == '\r' {
					fresh[i] = '\n'
				}
			}
		}
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			f.eof = true
		} else if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

func (f *feed) recycle(chunk []byte) {
	select {
	case f.spare <- chunk:
	default:
	}
}

// onlyCR reports whether the head of a file ends its lines in carriage returns alone, as
// Excel's "CSV (Macintosh)" does.
func onlyCR(head []byte) bool {
	return bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0
}

// A pipeline parses the chunks of a feed on several goroutines and gives the results back in
// the order of the file. At most two chunks a worker are on their way at a time.
type pipeline struct {
	results chan chan *parsed // in order; each holds one result
	cancel  context.CancelFunc
	done    sync.WaitGroup
	failed  error
}

type chunkJob struct {
	text   []byte
	result chan *parsed
}

func startPipeline(ctx context.Context, f *feed, workers int, p *plan) *pipeline {
	ctx, cancel := context.WithCancel(ctx)
	l := &pipeline{results: make(chan chan *parsed, 2*workers), cancel: cancel}
	jobs := make(chan chunkJob, workers)
	f.spare = make(chan []byte, 2*workers)
	l.done.Add(1 + workers)
	go func() {
		defer l.done.Done()
		defer close(l.results)
		defer close(jobs)
		for {
			chunk, err := f.next()
			if errors.Is(err, io.EOF) {
				return
			}
			job := chunkJob{chunk, make(chan *parsed, 1)}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				job.result <- &parsed{err: err}
			}
			select {
			case l.results <- job.result:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			select {
			case jobs <- job:
			case <-ctx.Done():
				job.result <- &parsed{err: ctx.Err()}
				return
			}
		}
	}()
	for range workers {
		go func() {
			defer l.done.Done()
			w := newParser(f.format, p)
			for job := range jobs {
				job.result <- w.parse(job.text)
				f.recycle(w.takeBuffer())
			}
		}()
	}
	return l
}

// next returns the next result in the order of the file, or io.EOF after the last.
func (l *pipeline) next(ctx context.Context) (*parsed, error) {
	if l.failed != nil {
		return nil, l.failed
	}
	result, ok := <-l.results
	if !ok {
		if l.failed = ctx.Err(); l.failed == nil {
			l.failed = io.EOF
		}
		return nil, l.failed
	}
	p := <-result
	l.failed = p.err
	return p, p.err
}

// close stops the goroutines and waits for them.
func (l *pipeline) close() {
	l.cancel()
	l.done.Wait()
}
