package serve

import (
	"bytes"
	"errors"
	"io"

	"leadscore/serve/api"
)

// batch answers POST /v1/score/batch: an array for an array, NDJSON for NDJSON, a row for each row in the same
// order. Memory is one window of input, one row and one window of output, however long the batch.
//
// The answer begins before the body has ended, so a client that sends much must read while it writes (curl
// and Go's client do); one that does not is cut off when the write time limit has passed.
func (s *Server) batch(k *call) (any, error) {
	m, err := s.model(k)
	if err != nil {
		return nil, err
	}
	if err := checkEncoding(k.request); err != nil {
		return nil, err
	}
	media := mediaType(k.request)
	if media != "application/json" && media != "application/x-ndjson" {
		return nil, badMedia(k.request, "application/json (an array) or application/x-ndjson")
	}
	if k.request.ContentLength > s.limits.BatchBody {
		return nil, tooLarge("batch", s.limits.BatchBody)
	}
	b := &batch{server: s, call: k, model: m, array: media == "application/json"}
	return stream{contentType: media, run: b.run}, nil
}

// batch is one batch on its way through.
type batch struct {
	server *Server
	call   *call
	model  *loaded
	array  bool
	rows   int
}

func (b *batch) run(w *streamWriter) error {
	src := &batchReader{src: b.call.request.Body, left: b.server.limits.BatchBody, limit: b.server.limits.BatchBody, writer: w}
	var in rows
	if b.array {
		in = &elements{window: newWindow(src, int(b.server.limits.Body))}
	} else {
		src.interactive = b.call.request.ContentLength < 0
		in = &lines{window: newWindow(src, int(b.server.limits.Body))}
	}
	for {
		body, err := in.next()
		switch {
		case err == nil:
			err = b.score(w, body)
		case errors.Is(err, io.EOF):
			return b.end(w)
		case errors.Is(err, errRowTooLarge):
			err = tooLarge("row", b.server.limits.Body)
			b.server.refused(err)
			err = b.fail(w, err)
		default:
			return b.cut(w, readError(err))
		}
		if err != nil {
			return err
		}
	}
}

// score scores one row into the writer's buffer.
func (b *batch) score(w *streamWriter, body []byte) error {
	b.separate(w)
	var err error
	if w.buf, err = b.server.scoreOne(b.call, b.model, body, w.buf); err != nil {
		return b.problem(w, err)
	}
	return b.finishRow(w)
}

// fail puts an error in a row's place.
func (b *batch) fail(w *streamWriter, err error) error {
	b.separate(w)
	return b.problem(w, err)
}

func (b *batch) problem(w *streamWriter, err error) error {
	row, err := toJSON(api.Row{Error: b.server.rowProblem(b.call, b.rows, err)})
	if err != nil {
		return err
	}
	w.buf = append(w.buf, bytes.TrimSuffix(row, []byte("\n"))...)
	return b.finishRow(w)
}

func (b *batch) separate(w *streamWriter) {
	b.rows++
	b.call.row = b.rows
	switch {
	case !b.array:
	case b.rows == 1:
		w.buf = append(w.buf, '[')
	default:
		w.buf = append(w.buf, ',', '\n')
	}
}

func (b *batch) finishRow(w *streamWriter) error {
	if !b.array {
		w.buf = append(w.buf, '\n')
	}
	if len(w.buf) >= windowSize {
		return w.flush()
	}
	return nil
}

// cut ends a batch whose rest cannot be read. While nothing has gone out that is a problem like any other; afterwards it is
// the last row, with a status of its own.
func (b *batch) cut(w *streamWriter, err error) error {
	if !w.begun {
		return err
	}
	if asFault(err) == nil {
		return err
	}
	if err := b.fail(w, err); err != nil {
		return err
	}
	return b.end(w)
}

func (b *batch) end(w *streamWriter) error {
	if b.array {
		if b.rows == 0 {
			w.buf = append(w.buf, '[')
		}
		w.buf = append(w.buf, ']', '\n')
	}
	return nil
}
