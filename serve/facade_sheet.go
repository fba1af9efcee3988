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
// version, or none, and names the champion.
type sheet struct {
	server   *Server
	call     *call
	model    *loaded
	q        *request // memory of a lead, and the collector of what is wrong
	p        *model.Prediction
	asOf     int64
	unknown  bool // columns that training did not have are passed over
	required []int
	strange  map[string]bool // unknown columns that are told already
	rows     int
	// keep takes what a row scored, before the next overwrites it.
	keep func(l *model.Lead, p *model.Prediction) error
	// records wait until the whole table has been answered.
	records []predictions.Record
	id      output
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
	t.model, t.id = m, leadID(m.scorer.Artifact())
	for i := range m.columns.schema.Fields {
		if m.columns.schema.Fields[i].Required {
			t.required = append(t.required, i)
		}
	}
	q.lead.AsOf = t.asOf
	return nil
}

// answered ends a table that is answered: its rows go to the log of predictions.
func (t *sheet) answered() {
	for i := range t.records {
		t.server.predictions.Log(&t.records[i])
	}
}

// noPlace is the place of a column that nothing is read from.
const noPlace = -1

// column finds the place of a column by its name; where says where the name stood. A name that training did not have is wrong once,
// however many rows have it.
func (t *sheet) column(name []byte, where func() string) int {
	if place, ok := t.q.columns.place[string(name)]; ok {
		return place
	}
	if !t.unknown && !t.strange[string(name)] {
		if t.strange == nil {
			t.strange = map[string]bool{}
		}
		t.strange[string(name)] = true
		t.q.fail(api.CodeUnknownAttribute, where(), "training had no such attribute"+didYouMean(string(name), t.q.columns.names)+
			`; the option "unknown": "warn" has such columns passed over`)
	}
	return noPlace
}

var errNested = errors.New("is nested; want one value")

// cell reads one value of the present row, as JSON; NaN, which the protocols' own clients write for a missing number, is null. A column
// that training could not read is accepted and not looked at, and so are outcomes.
func (t *sheet) cell(place int, raw []byte) error {
	if raw[0] == '{' || raw[0] == '[' {
		return errNested
	}
	if place == noPlace {
		return nil
	}
	t.q.seen[place] = true
	if place >= len(t.q.lead.Values) || t.q.columns.schema.Fields[place].Kind == datasets.Unknown {
		return nil
	}
	if raw[0] == 'N' {
		raw = jsonNull
	}
	v, err := t.q.columns.schema.ParseJSON(place, raw)
	t.q.lead.Values[place] = v
	return err
}

var jsonNull = []byte("null")

// wrong tells of a cell that is wrong; it counts as sent.
func (t *sheet) wrong(place int, err error, where func() string) {
	if place != noPlace {
		t.q.seen[place] = true
	}
	t.q.fail(api.CodeInvalidValue, where(), reasonOf(err))
}

// row scores the present row, unless something was wrong already, and makes room for the next.
func (t *sheet) row(where func() string) error {
	if t.rows++; t.rows > t.server.limits.InferRows {
		return tooManyRows("table", t.server.limits.InferRows)
	}
	for _, i := range t.required {
		if !t.q.seen[i] {
			t.q.fail(api.CodeInvalidValue, where()+"."+t.q.columns.names[i], "is missing; "+model.NeededText)
		}
	}
	if t.rows%rowsBetweenLooks == 0 {
		if err := t.wanted(); err != nil {
			return err
		}
	}
	if t.q.total == 0 {
		if err := t.score(); err != nil {
			return err
		}
	}
	clear(t.q.lead.Values)
	clear(t.q.seen)
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
func (t *sheet) score() error {
	m := t.model.forLead(t.q.lead.Values)
	if err := m.scorer.Score(&t.q.lead, t.p); err != nil {
		return fmt.Errorf("scoring a lead: %w", err)
	}
	m.counts.lead(&t.q.lead, t.p)
	if t.server.predictions != nil {
		said := &t.call.advice // t.p is a part of it; what else it has is of an earlier request
		said.LeadID, said.Reasons, said.Previous = t.id.text(&t.q.lead, t.p), nil, ""
		t.records = append(t.records, predictions.Record{})
		t.records[len(t.records)-1].Fill(predictions.Request{At: t.server.clock(), Route: t.call.route, ID: t.call.requestID, Row: t.rows}, m.logged, &t.q.lead, said, 0)
	}
	return t.keep(&t.q.lead, t.p)
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
