package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// The media types of batches that are tables.
const (
	csvMedia    = "text/csv"
	arrowMedia  = "application/vnd.apache.arrow.stream"
	csvAnswered = "text/csv; charset=utf-8; header=present"
)

// largestMessage bounds a record batch of Arrow: one is in memory whole, and its answer too.
const largestMessage = 64 << 20

// columnar is a batch of CSV or Arrow on its way through: block by block, by the columnar path of the model, which gives each row what
// it would get alone. Memory is a block of input, its predictions, and of Arrow the record batch that they belong to.
type columnar struct {
	server  *Server
	call    *call
	model   *loaded
	scorer  scorer // in the language that is asked for
	csv     bool
	asked   asked
	ahead   string // what the warnings of every row begin with
	table   *answerTable
	encoder datasets.Encoder
	columns model.Columns
	notes   model.Notes
	rows    int
}

// table begins the answer to a batch that is a table.
func (s *Server) table(k *call, m *loaded, media string) (any, error) {
	b := &columnar{server: s, call: k, model: m, scorer: m.in(k.asked.lang), csv: media == csvMedia, asked: k.asked}
	answered := arrowMedia
	if b.csv {
		answered = csvAnswered
		if err := checkCSV(k.request); err != nil {
			return nil, err
		}
	}
	return stream{contentType: answered, run: b.run}, nil
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

func (b *columnar) run(w *streamWriter) error {
	limits := &b.server.limits
	chunked := b.call.request.ContentLength < 0
	src := &batchReader{src: b.call.request.Body, left: limits.BatchBody, limit: limits.BatchBody, writer: w, interactive: chunked}
	o := datasets.StreamOptions{
		Schema: b.model.columns.schema, Skip: b.model.unread,
		MaxRow: int(limits.Body), MaxMessage: min(limits.BatchBody, largestMessage), Eager: chunked,
	}
	read := datasets.ReadArrowStream
	if b.csv {
		read = datasets.ReadCSVStream
	}
	in, err := read(src, o)
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
	for {
		block, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			w.buf, err = b.encoder.Close(w.buf)
			return err
		case err != nil:
			return b.cut(w, b.broken(err))
		}
		if err := b.answer(w, block); err != nil {
			return err
		}
	}
}

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
			warnings = append(warnings, passedOver(name, text))
		}
	}
	if !b.asked.warn {
		return problems.err()
	}
	if more := problems.total - len(warnings); more > 0 {
		warnings = append(warnings, morePassedOver(more))
	}
	b.ahead = strings.Join(warnings, "; ")
	return nil
}

// answer scores a block and writes its rows.
func (b *columnar) answer(w *streamWriter, block *datasets.Block) error {
	refused := make([]refusal, len(block.Refused))
	for i := range block.Refused {
		refused[i] = b.refusal(&block.Refused[i])
	}
	b.columns.AsOf = nil
	if b.asked.timed {
		b.columns.AsOf = &b.asked.asOf
	}
	out, err := b.score(block, refused)
	if err != nil { // our own bug; the rows are refused, not the batch
		b.log(err)
		refused = refused[:0]
		for row := range block.Rows {
			refused = append(refused, refusal{row, api.CodeInternal, ourBug.detail})
		}
		if out, err = b.table.batch(block.Rows, refused, nil); err != nil {
			return err
		}
	}
	for i := range refused {
		b.server.metrics.rowFails.WithLabelValues(refused[i].code).Inc()
	}
	b.rows += block.Rows
	if w.buf, err = b.encoder.Append(w.buf, out); err == nil && block.Ends {
		w.buf, err = b.encoder.Cut(w.buf)
	}
	if err != nil || len(w.buf) < windowSize {
		return err
	}
	return w.flush()
}

// score makes the rows of the answer to a block.
func (b *columnar) score(block *datasets.Block, refused []refusal) (*datasets.Batch, error) {
	leads := block.Batch
	if err := b.scorer.ScoreBatch(leads, &b.columns); err != nil {
		return nil, err
	}
	b.scorer.Note(leads, &b.columns, b.ahead, &b.notes)
	said := scoredRows{columns: &b.columns, notes: &b.notes}
	if n := b.asked.reasons(0); n > 0 {
		var err error
		if said.because, said.reasons, err = b.reasons(leads, n); err != nil {
			return nil, err
		}
	}
	out, err := b.table.batch(block.Rows, refused, &said)
	if err == nil {
		b.model.counts.batch(leads, &b.columns)
	}
	return out, err
}

// reasons explains row by row: because, its lines joined, and the reasons as JSON.
func (b *columnar) reasons(leads *datasets.Batch, n int) (because, reasons []string, err error) {
	lead := model.Lead{Values: make([]datasets.Value, len(leads.Schema().Fields))}
	k := b.call
	for row := range leads.Rows() {
		leads.Row(row, lead.Values)
		lead.AsOf = datasets.MissingTime
		if b.asked.timed && (b.model.asOf < 0 || lead.Values[b.model.asOf].Missing()) {
			lead.AsOf = b.asked.asOf
		}
		if err := b.scorer.Advise(&lead, n, &k.advice); err != nil {
			return nil, nil, err
		}
		because = append(because, strings.Join(k.advice.Because, "; "))
		k.answer.Reasons = appendEffects(k.answer.Reasons[:0], k.advice.Reasons)
		k.out = append(k.out[:0], '[')
		for i := range k.answer.Reasons {
			if i > 0 {
				k.out = append(k.out, ',')
			}
			k.out = appendEffect(k.out, &k.answer.Reasons[i])
		}
		reasons = append(reasons, string(append(k.out, ']')))
	}
	return because, reasons, nil
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

func (b *columnar) log(err error) {
	b.server.log.LogAttrs(context.WithoutCancel(b.call.request.Context()), slog.LevelError, "rows failed",
		slog.String("request_id", b.call.requestID), slog.Int("after", b.rows), slog.String("error", fmt.Sprint(err)))
}
