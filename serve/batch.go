package serve

import (
	"bytes"
	"errors"
	"io"

	"leadscore/serve/api"
)

// batch answers POST /v1/score/batch: an array for an array, NDJSON for NDJSON, a table for a table (columnar.go), a row for each row
// in the same order. Memory is some pieces of input and their answers, however long the batch.
//
// The answer begins before the body has ended, so a client that sends much must read while it writes (curl
// and Go's client do); one that does not is cut off when the write time limit has passed.
func (s *Server) batch(k *call) (any, error) {
	m, err := s.queried(k)
	if err != nil {
		return nil, err
	}
	packing, err := bodyCoding(k.request)
	if err != nil {
		return nil, err
	}
	media := mediaType(k.request)
	switch media {
	case "application/json", "application/x-ndjson", csvMedia, arrowMedia:
	default:
		return nil, badMedia(k.request, "application/json (an array), application/x-ndjson, "+csvMedia+" or "+arrowMedia)
	}
	if n := k.request.ContentLength; packing == "" && n > s.limits.BatchBody || n > packedLimit(s.limits.BatchBody) {
		return nil, tooLarge("batch", s.limits.BatchBody)
	}
	k.aged = s.aged(m)
	if media == csvMedia || media == arrowMedia {
		return s.table(k, m, media, packing)
	}
	b := &batch{server: s, call: k, model: m, array: media == "application/json"}
	b.interactive = !b.array && k.request.ContentLength < 0
	return stream{contentType: media, coding: packing, interactive: b.interactive, run: b.run}, nil
}

// batch is one batch on its way through.
type batch struct {
	server      *Server
	call        *call
	model       *loaded
	array       bool
	interactive bool
	rows        int
	ended       error    // why there are no more rows; io.EOF where all is well
	free        []*piece // memory to be used again
}

// piece is some rows and their answers.
type piece struct {
	first int    // rows before it
	text  []byte // the rows, one behind the other
	rows  []span
	out   []byte
	err   error // our own
}

// span is where a row lies in the text of its piece.
type span struct {
	from, to int
	tooLarge bool
}

// pieceSize is how much text one goroutine scores at a time.
const pieceSize = 8 << 10

// run scores piece by piece on some goroutines. A client that may wait for an answer before it sends more gets each as soon as its row is
// there.
func (b *batch) run(w *streamWriter, body io.Reader) error {
	var in rows
	if b.array {
		in = &elements{window: newWindow(body, int(b.server.limits.Body))}
	} else {
		in = &lines{window: newWindow(body, int(b.server.limits.Body))}
	}
	workers := batchWorkers()
	if n := b.call.request.ContentLength; b.interactive || workers == 1 || n >= 0 && n <= pieceSize {
		return b.close(w, oneByOne(func() (*piece, error) { return b.next(in, 1) }, func(_ int, p *piece) { b.work(b.call, p) },
			func(p *piece) error { return b.done(w, p) }))
	}
	calls := make([]*call, workers)
	for i := range calls {
		calls[i] = b.server.another(b.call)
	}
	err := inOrder(workers, func() (*piece, error) { return b.next(in, pieceSize) }, func(worker int, p *piece) { b.work(calls[worker], p) },
		func(p *piece) error { return b.done(w, p) })
	for _, k := range calls { // after a panic their memory is in an unknown state and is not used again
		b.server.release(k)
	}
	return b.close(w, err)
}

// next takes rows off the stream, until there are size bytes of them or it ends; io.EOF: see b.ended.
func (b *batch) next(in rows, size int) (*piece, error) {
	p := &piece{}
	if n := len(b.free); n > 0 {
		p, b.free = b.free[n-1], b.free[:n-1]
	}
	p.first, p.text, p.rows, p.out, p.err = b.rows, p.text[:0], p.rows[:0], p.out[:0], nil
	for b.ended == nil && len(p.text) < size && len(p.rows) < size {
		body, err := in.next()
		s := span{from: len(p.text)}
		switch {
		case (err == nil || errors.Is(err, errRowTooLarge)) && b.full(b.rows+len(p.rows)):
			b.ended = tooManyRows("batch", b.server.limits.BatchRows)
			continue
		case err == nil:
			p.text = append(p.text, body...)
		case errors.Is(err, errRowTooLarge):
			s.tooLarge = true
		default:
			b.ended = err
			continue
		}
		s.to = len(p.text)
		p.rows = append(p.rows, s)
	}
	b.rows += len(p.rows)
	if len(p.rows) == 0 {
		return nil, io.EOF
	}
	return p, nil
}

// full reports whether a batch of so many rows has as many as one may have.
func (b *batch) full(rows int) bool {
	most := b.server.limits.BatchRows
	return most > 0 && rows >= most
}

// work scores the rows of a piece, with the memory of k.
func (b *batch) work(k *call, p *piece) {
	for i, s := range p.rows {
		p.out = b.separate(p.out, p.first+i)
		k.row = p.first + i + 1
		var err error
		if s.tooLarge {
			err = tooLarge("row", b.server.limits.Body)
			b.server.refused(err)
		} else {
			p.out, err = b.server.scoreRow(k, b.model, p.text[s.from:s.to], p.out)
		}
		if err != nil {
			if p.out, err = b.problem(k, p.out, p.first+i+1, err); err != nil {
				p.err = err
				return
			}
		}
		if !b.array {
			p.out = append(p.out, '\n')
		}
	}
}

// done sends the answers of a piece.
func (b *batch) done(w *streamWriter, p *piece) error {
	w.buf = append(w.buf, p.out...)
	if p.err != nil {
		return p.err
	}
	if cap(p.text) <= maxKept && cap(p.out) <= 4*maxKept {
		b.free = append(b.free, p)
	}
	if len(w.buf) >= windowSize {
		return w.flush()
	}
	return nil
}

// separate writes what stands before the answer to a row; n rows come before it.
func (b *batch) separate(out []byte, n int) []byte {
	switch {
	case !b.array:
		return out
	case n == 0:
		return append(out, '[')
	}
	return append(out, ',', '\n')
}

// problem puts an error in the place of a row.
func (b *batch) problem(k *call, out []byte, row int, err error) ([]byte, error) {
	text, err := toJSON(api.Row{Error: b.server.rowProblem(k, row, err)})
	return append(out, bytes.TrimSuffix(text, []byte("\n"))...), err
}

// close ends a batch behind its last row, or where its rest cannot be read. While nothing has gone out that is a problem like
// any other; afterwards it is the last row, with a status of its own.
func (b *batch) close(w *streamWriter, err error) error {
	defer func() { b.call.exchange.rows = b.rows }()
	if !errors.Is(err, io.EOF) || b.ended == nil { // writing failed, or we did
		return err
	}
	if !errors.Is(b.ended, io.EOF) {
		err := readError(b.ended)
		if !w.begun || asFault(err) == nil {
			return err
		}
		if w.buf, err = b.problem(b.call, b.separate(w.buf, b.rows), b.rows+1, err); err != nil {
			return err
		}
		if b.rows++; !b.array {
			w.buf = append(w.buf, '\n')
		}
	}
	if b.array {
		if b.rows == 0 {
			w.buf = append(w.buf, '[')
		}
		w.buf = append(w.buf, ']', '\n')
	}
	return nil
}
