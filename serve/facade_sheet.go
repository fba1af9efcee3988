package serve

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// sheet scores the rows of a table that came in the form of another protocol, by the code of POST /v1/score: a cell is read by
// Schema.ParseJSON and a lead is scored by the Scorer, so that it gets the same bits by each way. A table is answered whole or not at
// all, since the protocols have no errors of rows; every problem of it is told at once;
// after more than maxFieldErrors of them nothing is read any more.
//
// Rows come without events and without a stage that they were in: the protocols have tables only. They are scored at the
// option as_of, or at their own as-of column.
//
// The rows of a model whose leads are shared out go to the model that answers each of them alone. The answer has one place for a
// version, or none, and names the champion; its columns are the champion's. Where a challenger, or one in the shadow, reads other columns, each cell is read
// once more for it (facade_readers.go).
type sheet struct {
	server  *Server
	call    *call
	model   *loaded
	q       *request // memory of a lead, and the collector of what is wrong
	p       *model.Prediction
	asOf    int64
	unknown bool            // columns that training did not have are passed over
	told    map[string]bool // unknown columns that are told already
	rows    int
	readers []sheetReader // the champion's first
	answer  int           // how many of them are of models that answer; the last may be the shadow's
	// keep takes what a row scored, before the next overwrites it.
	keep func(m *loaded, l *model.Lead, p *model.Prediction) error
	// records and the rows of shade wait until the whole table has been answered.
	records []predictions.Record
	shade   *sheetShadow // nil: no challenger scores beside the champion
}

func (s *Server) newSheet(k *call) *sheet {
	t := &sheet{server: s, call: k, q: &k.decoded, p: &k.advice.Prediction, asOf: datasets.MissingTime}
	t.q.errs, t.q.codes, t.q.total = nil, t.q.codes[:0], 0
	return t
}

// begin makes the sheet one of leads of a model. What was wrong before stays.
func (t *sheet) begin(m *loaded) error {
	t.call.exchange.model, t.call.aged = m, t.server.aged(m)
	if err := m.inTables(); err != nil {
		return err
	}
	q := t.q
	errs, codes, total := q.errs, q.codes, q.total
	q.reset(m.columns)
	q.errs, q.codes, q.total = errs, append(q.codes, codes...), total
	t.model, q.lead.AsOf = m, t.asOf
	t.read(m)
	return nil
}

// answered ends a table that is answered: its rows go to the log of predictions and to the shadow.
func (t *sheet) answered() {
	for i := range t.records {
		t.server.predictions.Log(&t.records[i])
	}
	if t.shade != nil {
		t.shade.offer(t)
	}
}

var errNested = errors.New("is nested; want one value")

// cell reads one value of the present row, as JSON, for each reader; err is why there is none. A value that is wrong counts as sent.
func (t *sheet) cell(at spot, raw []byte, err error, where func() string) {
	for i := range t.readers {
		r, place := &t.readers[i], at[i]
		if place != noPlace {
			r.seen[place] = true
		}
		wrong := err
		if wrong == nil {
			wrong = r.cell(place, raw)
		}
		if wrong != nil {
			t.wrong(i, api.CodeInvalidValue, where(), reasonOf(wrong))
		}
	}
}

var jsonNull = []byte("null")

// row scores the present row, unless something was wrong already, and makes room for the next.
func (t *sheet) row(where func() string) error {
	if t.rows++; t.rows > t.server.limits.InferRows {
		return tooManyRows("table", t.server.limits.InferRows)
	}
	if t.rows%rowsBetweenLooks == 0 {
		if err := t.wanted(); err != nil {
			return err
		}
	}
	m, r := t.answering()
	t.settle(r, where)
	if t.q.total == 0 {
		if err := t.score(m, r); err != nil {
			return err
		}
	}
	for i := range t.readers {
		t.readers[i].clear()
	}
	if t.enough() {
		return t.judge()
	}
	return nil
}

// rowsBetweenLooks is how many rows are scored before the sheet looks whether anybody waits for them.
const rowsBetweenLooks = 1024

// wanted ends a table whose answer nobody can get any more: the client has hung up, or the time to answer is over.
func (t *sheet) wanted() error {
	s := t.server
	switch {
	case t.call.request.Context().Err() != nil:
		return &fault{status: http.StatusRequestTimeout, code: api.CodeTimeout, detail: "the client has hung up", hangUp: true}
	case s.since(t.call.exchange.start) > s.limits.Write:
		return &fault{status: http.StatusRequestTimeout, code: api.CodeTimeout, hangUp: true,
			detail: fmt.Sprintf("the table takes longer than the %s that this server has for an answer; send it in parts", s.limits.Write)}
	}
	return nil
}

// score scores the present row by the model that answers it.
func (t *sheet) score(m *loaded, r *sheetReader) error {
	lead := &t.q.lead
	lead.Values = r.values
	if err := m.scorer.Score(lead, t.p); err != nil {
		return fmt.Errorf("scoring a lead: %w", err)
	}
	m.counts.lead(lead, t.p)
	if m.shadow != nil {
		t.shade.add(t)
	}
	if t.server.predictions != nil {
		said := &t.call.advice // t.p is a part of it; what else it has is of an earlier request
		said.LeadID, said.Reasons, said.Previous = r.id.text(lead, t.p), nil, ""
		t.records = append(t.records, predictions.Record{})
		t.records[len(t.records)-1].Fill(predictions.Request{At: t.server.clock(), Route: t.call.route, ID: t.call.requestID, Row: t.rows}, m.logged, lead, said, 0)
	}
	return t.keep(m, lead, t.p)
}

// enough reports whether so much is wrong that nobody reads on.
func (t *sheet) enough() bool { return t.q.total > maxFieldErrors }

// judge turns what was wrong into one fault.
func (t *sheet) judge() error {
	q := t.q
	if q.total == 0 {
		return nil
	}
	var b strings.Builder
	for i, e := range q.errs {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(e.Field + ": " + e.Detail)
	}
	if q.total > len(q.errs) {
		b.WriteString("; and more")
	}
	return badRequest(q.codes[0], q.errs[0].Field, b.String())
}

// object reads an object of known keys, each value by read, which is told the key's place. path names the object in a problem, "" is the
// body itself. ok is false where no object stands; that is told, and what stands there is passed over.
func (t *sheet) object(s *scanner, path, what string, keys []string, read func(k int) error) (has [8]bool, ok bool, err error) {
	if s.space() != '{' {
		if path == "" {
			return has, false, s.syntax(what)
		}
		return has, false, t.q.wrongType(s, path, what)
	}
	if path != "" {
		path += "."
	}
	if err := s.open('{', what); err != nil {
		return has, false, err
	}
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil || !more {
			return has, true, err
		}
		if t.enough() {
			return has, true, t.judge()
		}
		k := position(keys, key)
		switch {
		case k < 0:
			name := clip(string(key), nameLength)
			t.q.fail(api.CodeUnknownField, path+name, "no such key; want "+oneOf(keys)+didYouMean(name, keys))
			_, err = s.value()
		case has[k]:
			t.q.fail(api.CodeDuplicateKey, path+keys[k], "stands twice")
			_, err = s.value()
		default:
			has[k] = true
			err = read(k)
		}
		if err != nil {
			return has, true, err
		}
	}
}

// text reads a text; ok is false where none stands, which is told.
func (t *sheet) text(s *scanner, path, want string) (text string, ok bool, err error) {
	if s.space() != '"' {
		return "", false, t.q.wrongType(s, path, want)
	}
	raw, plain, err := s.text()
	if err != nil {
		return "", false, err
	}
	return string(unquote(raw, plain)), true, nil
}

// null passes over a null, which clients write for what they leave out.
func null(s *scanner) bool {
	if s.space() != 'n' || len(s.data)-s.pos < 4 || string(s.data[s.pos:s.pos+4]) != "null" {
		return false
	}
	s.pos += 4
	return true
}

// option reads one of the options that both protocols can carry: "as_of" and "unknown".
func (t *sheet) option(s *scanner, path, key string) error {
	if null(s) {
		return nil
	}
	if key == "as_of" {
		at, ok, err := t.q.moment(s, path)
		if ok {
			t.asOf = at
		}
		return err
	}
	text, ok, err := t.text(s, path, `"warn"`)
	if t.unknown = text == "warn"; ok && !t.unknown {
		t.q.fail(api.CodeInvalidValue, path, `want "warn", or no such key`)
	}
	return err
}
