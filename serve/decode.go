package serve

import (
	"fmt"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// requestKeys are the keys of a request.
var requestKeys = []string{"lead", "events", "as_of", "previous", "unknown", "lang", "targets", "explain"}

// languages are those of the texts of an answer.
var languages = model.Languages()

// request is a decoded request. It is reused from one to the next, so that decoding allocates only the
// texts of the lead; decode overwrites all of it.
type request struct {
	lead     model.Lead
	warnings []string // about the request, before the model's own

	columns   *columns
	scan      scanner  // of the body, here so that it is no allocation
	sent      bool     // there is a list of events
	eventAt   int      // place of the event that is read
	seen      []bool   // by position in columns.names
	unknown   []string // the first attributes that training did not have
	strangers int      // how many there are
	warn      bool     // unknown attributes are a warning
	warnAll   bool     // so they are in all requests; set before decode
	lang      string   // "": English
	targets   []bool   // whose probabilities are answered; nil: all
	marked    []bool   // memory of targets
	explain   int      // reasons of each sign; −1: not said
	errs      []api.FieldError
	codes     []string
	total     int // wrong fields, those beyond errs counted
}

// columns finds an attribute's place by name: the schema's columns in order, then the outcomes and the weight, which
// are accepted and never read.
type columns struct {
	schema  *datasets.Schema
	place   map[string]int
	names   []string
	targets []string

	eventTypes datasets.Schema   // of one column: what the type of an event is read under
	events     propertyReader    // nil: the model has no event features, and no property is read
	properties map[string]string // names that are known, so that reading one allocates nothing
}

// propertyReader is the part of a model that reads the properties of an event; see model.Scorer.ReadProperty.
type propertyReader interface {
	ReadProperty(e *datasets.Event, name string, raw []byte) error
}

// propertyName is the text of a key.
func (c *columns) propertyName(key []byte) string {
	if name, ok := c.properties[string(key)]; ok {
		return name
	}
	return string(key)
}

// read reads the properties of events where the model has event features.
func newColumns(a *model.Artifact, read propertyReader) *columns {
	c := &columns{schema: a.Schema, place: make(map[string]int, len(a.Schema.Fields)+len(a.Outcomes)+1)}
	add := func(name string) {
		if _, ok := c.place[name]; !ok {
			c.place[name] = len(c.names)
		}
		c.names = append(c.names, name)
	}
	for i := range a.Schema.Fields {
		add(a.Schema.Fields[i].Name)
	}
	for i := range a.Targets {
		c.targets = append(c.targets, a.Targets[i].Name)
	}
	for _, name := range a.Unread() {
		add(name)
	}
	c.eventTypes = a.EventTypes()
	if a.Events != nil {
		c.events, c.properties = read, map[string]string{}
		for _, name := range append([]string{a.Events.ID, a.Events.Channel}, a.Events.Plan.Properties()...) {
			c.properties[name] = name
		}
	}
	return c
}

// decode reads a request for a model with these columns. It finds every wrong field before it gives up; only what is
// not JSON ends it at once.
func (q *request) decode(c *columns, body []byte) error {
	q.reset(c)
	q.scan = scanner{data: body, keys: q.scan.keys[:0]}
	s := &q.scan
	has, err := q.members(s, `an object: {"lead": {…}}`, requestKeys, (*request).ownPath, (*request).member)
	if err != nil {
		return err
	}
	if err := s.end(); err != nil {
		return err
	}
	q.sent = has[1]
	if p := q.lead.Previous; p.Stage != "" && q.lead.AsOf != datasets.MissingTime && p.Since > q.lead.AsOf {
		q.fail(api.CodeInvalidValue, "previous.since", "lies after as_of; want when the lead entered the stage that it was in then")
	}
	if !has[0] {
		q.fail(api.CodeInvalidValue, "lead", "is missing; want an object of attributes")
	}
	for i := range c.schema.Fields {
		if f := &c.schema.Fields[i]; f.Required && has[0] && !q.seen[i] {
			q.fail(api.CodeInvalidValue, "lead."+f.Name, "is missing; "+model.NeededText)
		}
	}
	return q.judge()
}

// members reads an object of known keys, each value by read, which is told the key's place, and returns which keys stand there.
// path names a key in a problem; what says what is wanted where no object stands. Both are methods: a closure would be an allocation a lead.
func (q *request) members(s *scanner, what string, keys []string, path func(q *request, key string) string, read func(q *request, s *scanner, k int) error) (has [8]bool, err error) {
	if err := s.open('{', what); err != nil {
		return has, err
	}
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil || !more {
			return has, err
		}
		k := position(keys, key)
		switch {
		case (k < 0 || has[k]) && q.full():
			q.total++
			_, err = s.value()
		case k < 0:
			name := clip(string(key), nameLength)
			q.fail(api.CodeUnknownField, path(q, name), "no such key; want "+oneOf(keys)+didYouMean(name, keys))
			_, err = s.value()
		case has[k]:
			q.fail(api.CodeDuplicateKey, path(q, keys[k]), "stands twice")
			_, err = s.value()
		default:
			has[k] = true
			err = read(q, s, k)
		}
		if err != nil {
			return has, err
		}
	}
}

func (q *request) reset(c *columns) {
	q.columns = c
	n := len(c.schema.Fields)
	if cap(q.lead.Values) < n {
		q.lead.Values = make([]datasets.Value, n)
	}
	q.lead.Values = q.lead.Values[:n]
	clear(q.lead.Values)
	q.lead.Events, q.sent = q.lead.Events[:0], false
	q.lead.AsOf, q.lead.Previous = datasets.MissingTime, model.Previous{}
	if cap(q.seen) < len(c.names) {
		q.seen = make([]bool, len(c.names))
	}
	q.seen = q.seen[:len(c.names)]
	clear(q.seen)
	q.unknown, q.strangers, q.warn, q.lang = q.unknown[:0], 0, q.warnAll, ""
	q.targets, q.explain = nil, -1
	q.errs, q.codes, q.total = nil, q.codes[:0], 0 // errs goes out with the problem
	q.warnings = nil                               // and warnings with the answer
}

// ownPath names a key of the request itself.
func (q *request) ownPath(key string) string { return key }

// member reads the value of one key of the request.
func (q *request) member(s *scanner, k int) error {
	key := requestKeys[k]
	switch key {
	case "lead":
		if s.space() == '{' {
			return q.attributes(s)
		}
		return q.wrongType(s, key, "an object of attributes")
	case "events":
		if s.space() == '[' {
			return q.events(s)
		}
		return q.wrongType(s, key, "an array of events")
	case "as_of":
		t, ok, err := q.moment(s, key)
		if ok {
			q.lead.AsOf = t
		}
		return err
	}
	if key == "previous" {
		if s.space() == '{' {
			return q.previous(s)
		}
		return q.wrongType(s, key, `an object: {"stage": "MQL", "since": "2026-01-31T09:30:00Z"}`)
	}
	switch key {
	case "targets":
		return q.targetNames(s)
	case "explain":
		return q.reasonCount(s)
	}
	want := `"warn", or no such key`
	if key == "lang" {
		want = oneOf(languages)
	}
	if s.space() != '"' {
		return q.wrongType(s, key, want)
	}
	raw, plain, err := s.text()
	if err != nil {
		return err
	}
	if key == "lang" {
		text := unquote(raw, plain)
		for _, lang := range languages {
			if lang == string(text) {
				q.lang = lang
			}
		}
		if q.lang == "" {
			q.fail(api.CodeInvalidValue, key, datasets.Quoted(string(text))+"; want "+want)
		}
		return nil
	}
	text := unquote(raw, plain)
	if q.warn = string(text) == "warn"; !q.warn {
		q.fail(api.CodeInvalidValue, key, datasets.Quoted(string(text))+`; want "warn", or no such key`)
	}
	return nil
}

// attributes reads the lead.
func (q *request) attributes(s *scanner) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	base := len(s.keys)
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			if key, _, twice := s.repeated(base); twice {
				q.fail(api.CodeDuplicateKey, "lead."+clip(string(key), nameLength), "stands twice")
			}
			return nil
		}
		place, known := q.columns.place[string(key)]
		twice := known && q.seen[place]
		if !known {
			if twice, err = q.stranger(s, base, key); err != nil {
				return err
			}
		} else {
			q.seen[place] = true
		}
		switch {
		case twice && q.full():
			q.total++
		case twice:
			q.fail(api.CodeDuplicateKey, "lead."+clip(string(key), nameLength), "stands twice")
		}
		nested := s.space() == '{' || s.space() == '['
		raw, err := s.value()
		switch {
		case err != nil:
			return err
		case twice || !known && nested:
		case nested:
			q.fail(api.CodeInvalidValue, "lead."+q.columns.names[place], "is nested; a lead's attributes are flat")
		case known && place < len(q.lead.Values):
			q.cell(place, raw)
		}
	}
}

// cell reads one value as the training file's were read. A column that was empty in the whole file is
// accepted and not looked at, as model.Artifact.ParseLead has it.
func (q *request) cell(place int, raw []byte) {
	if q.columns.schema.Fields[place].Kind == datasets.Unknown {
		return
	}
	v, err := q.columns.schema.ParseJSON(place, raw)
	if err == nil {
		q.lead.Values[place] = v
		return
	}
	q.fail(api.CodeInvalidValue, "lead."+q.columns.names[place], reasonOf(err))
}

// stranger notes an attribute that training did not have and reports whether it is known to have been there before.
func (q *request) stranger(s *scanner, base int, name []byte) (twice bool, err error) {
	if twice, err = s.note(base, name); twice || err != nil {
		return twice, err
	}
	if q.strangers++; len(q.unknown) < maxFieldErrors {
		q.unknown = append(q.unknown, string(name))
	}
	return false, nil
}

// wrongType passes over a value of the wrong type.
func (q *request) wrongType(s *scanner, field, want string) error {
	q.fail(api.CodeInvalidValue, field, "has the wrong type; want "+want)
	_, err := s.value()
	return err
}

// full reports whether there are as many wrong fields as are told. What more is wrong is counted, without a text: a body of a million
// wrong fields would take a hundred times its size.
func (q *request) full() bool { return len(q.errs) >= maxFieldErrors }

func (q *request) fail(code, field, detail string) {
	q.total++
	if !q.full() {
		q.errs = append(q.errs, api.FieldError{Field: field, Detail: clip(detail, 300)})
		q.codes = append(q.codes, code)
	}
}

// judge turns what was found into one fault, or into warnings.
func (q *request) judge() error {
	for _, name := range q.unknown {
		text := strangerText(name, q.columns.names)
		if q.warn {
			q.warnings = append(q.warnings, strangerWarning(name, text))
		} else {
			q.fail(api.CodeUnknownAttribute, "lead."+clip(name, nameLength), text+`; send "unknown": "warn" to have such attributes passed over`)
		}
	}
	if more := q.strangers - len(q.unknown); more > 0 {
		if q.warn {
			q.warnings = append(q.warnings, strangersWarning(more))
		} else {
			q.total += more
		}
	}
	if q.total > 0 {
		return wrongFields(q.codes[0], q.errs, q.total)
	}
	return nil
}

func strangerText(name string, known []string) string {
	return "training had no such attribute" + didYouMean(name, known)
}

func strangerWarning(name, text string) string {
	return clip(name, nameLength) + ": " + text + "; it was passed over"
}

func strangersWarning(n int) string {
	return fmt.Sprintf("%d more attributes that training did not have were passed over", n)
}

// position is where key stands in keys, or -1.
func position(keys []string, key []byte) int {
	for i, k := range keys {
		if k == string(key) {
			return i
		}
	}
	return -1
}

// oneOf writes a list for a message: "a", "b" or "c".
func oneOf(keys []string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = `"` + k + `"`
	}
	return strings.Join(quoted[:len(keys)-1], ", ") + " or " + quoted[len(keys)-1]
}

// didYouMean names the candidate most like a word, if one is. A word longer than any column's name is not
// looked at: distances cost its length times theirs.
func didYouMean(word string, candidates []string) string {
	if len(word) > 128 {
		return ""
	}
	if near := datasets.Nearest(word, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}
