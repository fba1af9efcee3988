package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"leadscore/datasets"
	"leadscore/serve/api"
)

// The media types of batches that are tables.
const (
	csvMedia    = "text/csv"
	arrowMedia  = "application/vnd.apache.arrow.stream"
	csvAnswered = "text/csv; charset=utf-8; header=present"
)

// largestMessage bounds a record batch of Arrow, which is in memory whole.
const largestMessage = 64 << 20

// The most rows of a record batch of the answer, at a block's end, which is in memory whole and more than once: a request's of 262144 rows without a value
// is 1 MiB, and its answer would be 140. Reasons are texts, each longer than all else.
const (
	answerRows    = 8 << 10
	explainedRows = 4 << 10
)

// columnar is a batch of CSV or Arrow on its way through: block by block, by the columnar path of the model, which gives each row what
// it would get alone. Memory is a block of input, its predictions, and of Arrow the record batch that they belong to, and a piece of its answer.
type columnar struct {
	server  *Server
	call    *call
	model   *loaded
	csv     bool
	asked   asked
	ahead   string // what the warnings of every row begin with
	strange int    // how many warnings that is
	table   *answerTable
	encoder datasets.Encoder
	uncut   int // rows since the last cut
}

// tablePiece is a block and its answer.
type tablePiece struct {
	block   *datasets.Block
	first   int // rows before it
	refused []refusal
	out     *datasets.Batch
	err     error // our own
}

// table begins the answer to a batch that is a table.
func (s *Server) table(k *call, m *loaded, media string, packing coding) (any, error) {
	b := &columnar{server: s, call: k, model: m, csv: media == csvMedia, asked: k.asked}
	if err := m.inTables(); err != nil {
		return nil, err
	}
	answered := arrowMedia
	if b.csv {
		answered = csvAnswered
		if err := checkCSV(k.request); err != nil {
			return nil, err
		}
	}
	return stream{contentType: answered, coding: packing, interactive: k.request.ContentLength < 0, run: b.run}, nil
}

// checkCSV refuses other encodings than UTF-8 and files without a header, where the parameters of the content type say so (RFC 4180).
func checkCSV(r *http.Request) error {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, header := parameters["charset"], parameters["header"]
	if err != nil || charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") || header != "" && !strings.EqualFold(header, "present") {
		return badMedia(r, csvMedia+" in UTF-8 with a header")
	}
	return nil
}

func (b *columnar) run(w *streamWriter, body io.Reader) error {
	limits := &b.server.limits
	chunked := b.call.request.ContentLength < 0
	o := datasets.StreamOptions{
		Schema: b.model.columns.schema, Skip: b.model.unread,
		MaxRow: int(limits.Body), MaxMessage: min(limits.BatchBody, largestMessage), Eager: chunked,
	}
	read := datasets.ReadArrowStream
	if b.csv {
		read = datasets.ReadCSVStream
	}
	in, err := read(body, o)
	if err != nil {
		return b.broken(err)
	}
	if err := b.strangers(in.Unknown()); err != nil {
		return err
	}
	b.table = newAnswerTable(b.model.scorer.Artifact(), &b.asked)
	b.encoder = datasets.NewArrowEncoder(b.table.schema)
	if b.csv {
		b.encoder = datasets.NewCSVEncoder(b.table.schema)
	}
	workers := batchWorkers()
	if chunked || b.call.request.ContentLength <= pieceSize {
		workers = 1
	}
	memories := make([]*tableMemory, workers)
	for i := range memories {
		memories[i] = &tableMemory{call: b.call}
		if workers > 1 {
			memories[i].call = b.server.another(b.call)
		}
	}
	taken := 0
	defer func() { b.call.exchange.rows = taken }()
	next := func() (*tablePiece, error) {
		block, err := in.Next()
		if err != nil {
			return nil, err
		}
		if limits.BatchRows > 0 && taken+block.Rows > limits.BatchRows {
			return nil, tooManyRows("batch", limits.BatchRows) // no row of this block is answered
		}
		p := &tablePiece{block: block, first: taken}
		taken += block.Rows
		return p, nil
	}
	work := func(worker int, p *tablePiece) { b.score(memories[worker], p) }
	done := func(p *tablePiece) error { return b.send(w, p) }
	if workers > 1 {
		err = inOrder(workers, next, work, done)
		for _, m := range memories { // after a panic their memory is in an unknown state and is not used again
			b.server.release(m.call)
		}
	} else {
		err = oneByOne(next, work, done)
	}
	var failed *ownError
	switch {
	case errors.Is(err, io.EOF):
		w.buf, err = b.encoder.Close(w.buf)
		return err
	case errors.As(err, &failed):
		return failed.error
	}
	return b.cut(w, b.broken(err))
}

// ownError is a failure to write the answer, apart from those to read the request.
type ownError struct{ error }

func (e *ownError) Unwrap() error { return e.error }

// broken is the fault that a stream's mistake is.
func (b *columnar) broken(err error) error {
	code := api.CodeInvalidArrow
	if b.csv {
		code = api.CodeInvalidCSV
	}
	var e *datasets.StreamError
	if errors.As(err, &e) {
		f := badRequest(code, "", clip(e.Reason, 1000))
		if e.TooLarge {
			f.status, f.code = http.StatusRequestEntityTooLarge, api.CodeTooLarge
		}
		f.hangUp = true
		return f
	}
	err = readError(err)
	if f := asFault(err); f != nil && f.code == api.CodeInvalidJSON {
		f.code = code
	}
	return err
}

// strangers refuses columns that training did not have, or warns of them in every row.
func (b *columnar) strangers(names []string) error {
	var problems wrong
	var warnings []string
	known := b.model.columns
	for _, name := range names {
		if _, ok := known.place[name]; ok {
			continue
		}
		text := strangerText(name, known.names)
		if b.csv && strings.ContainsAny(name, ";\t|") {
			text += "; the columns of CSV are separated by commas"
		}
		problems.add(api.CodeUnknownAttribute, clip(name, nameLength), text+"; ask with ?unknown=warn to have such columns passed over")
		if len(warnings) < maxFieldErrors {
			warnings = append(warnings, strangerWarning(name, text))
		}
	}
	if !b.asked.warn {
		return problems.err()
	}
	if more := problems.total - len(warnings); more > 0 {
		warnings = append(warnings, strangersWarning(more))
	}
	b.ahead, b.strange = strings.Join(warnings, "; "), len(warnings)
	return nil
}

// score makes the answer to a block.
func (b *columnar) score(m *tableMemory, p *tablePiece) {
	for i := range p.block.Refused {
		p.refused = append(p.refused, b.refusal(&p.block.Refused[i]))
	}
	if p.err = b.answer(m, p); p.err == nil {
		return
	}
	var panicked *tablePanic
	if errors.As(p.err, &panicked) {
		b.server.panicked(b.call.request, b.call.exchange, "rows panicked", panicked.value, panicked.stack,
			slog.String("request_id", b.call.requestID), slog.Int("row", p.first+1), slog.Int("rows", p.block.Rows))
	} else {
		b.server.log.LogAttrs(context.WithoutCancel(b.call.request.Context()), slog.LevelError, "rows failed",
			slog.String("request_id", b.call.requestID), slog.Int("rows", p.block.Rows), slog.String("error", p.err.Error()))
	}
	p.refused = p.refused[:0] // our own bug: the rows are refused, not the batch
	for row := range p.block.Rows {
		p.refused = append(p.refused, refusal{row, api.CodeInternal, ourBug.detail})
	}
	p.out, p.err = b.table.batch(p.block.Rows, p.refused, nil)
}

// send writes the answer to a block.
func (b *columnar) send(w *streamWriter, p *tablePiece) (err error) {
	for i := range p.refused {
		b.server.metrics.rowFails.WithLabelValues(p.refused[i].code).Inc()
	}
	if err = p.err; err == nil {
		w.buf, err = b.encoder.Append(w.buf, p.out)
	}
	most := answerRows
	if b.asked.reasons(0) > 0 {
		most = explainedRows
	}
	if b.uncut += p.block.Rows; err == nil && (p.block.Ends || b.uncut >= most) {
		b.uncut = 0
		w.buf, err = b.encoder.Cut(w.buf)
	}
	if err == nil && len(w.buf) >= windowSize {
		err = w.flush()
	}
	if err != nil {
		return &ownError{err}
	}
	return nil
}

// refusal is the wire form of a row that could not be read.
func (b *columnar) refusal(r *datasets.Refused) refusal {
	code := api.CodeInvalidValue
	switch r.Why {
	case datasets.BadRecord:
		code = api.CodeInvalidCSV
	case datasets.TooLarge:
		code = api.CodeTooLarge
	}
	return refusal{r.Row, code, clip(r.Reason, 1000)}
}

// cut ends a batch whose rest cannot be read: as a problem while nothing has gone out, afterwards by a last row.
func (b *columnar) cut(w *streamWriter, err error) error {
	f := asFault(err)
	if !w.begun || f == nil {
		return err
	}
	b.server.metrics.rowFails.WithLabelValues(f.code).Inc()
	out, err := b.table.batch(1, []refusal{{0, f.code, f.detail}}, nil)
	if err == nil {
		w.buf, err = b.encoder.Append(w.buf, out)
	}
	if err == nil {
		w.buf, err = b.encoder.Cut(w.buf)
	}
	if err == nil {
		w.buf, err = b.encoder.Close(w.buf)
	}
	return err
}
