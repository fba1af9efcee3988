package serve

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

const (
	// Reasons is how many reasons of each sign an answer gives unless it is asked for more: as many as a salesperson reads.
	Reasons = 3
	// maxReasons is the most that may be asked for.
	maxReasons = 50
)

// asked is what a query says of the rows of a request. What a row says itself goes before it. The zero asked is no query.
type asked struct {
	explain int      // reasons of each sign and one more; 0: not said
	names   []string // of the targets whose probabilities are answered; nil: all
	targets []bool   // the same in the order of the artifact of the model that was asked
	asOf    int64    // of rows without a moment of their own; 0 with timed false
	timed   bool
	warn    bool   // unknown attributes are a warning
	lang    string // "": English
}

// reasons is how many reasons of each sign are asked for; standard, where that is not said.
func (a *asked) reasons(standard int) int {
	if a.explain == 0 {
		return standard
	}
	return a.explain - 1
}

// parameters are those of the routes that score.
var parameters = []string{"model", "explain", "targets", "as_of", "unknown", "lang"}

// queried finds the model that the query names, and reads what else the query says into k.asked. All that is wrong is told at
// once, but for a model that is not there.
func (s *Server) queried(k *call) (*loaded, error) {
	k.asked = asked{}
	raw := k.request.URL.RawQuery
	if raw == "" {
		m, err := k.models.find("")
		k.exchange.model = m
		return m, err
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, unreadableQuery(err)
	}
	var problems wrong
	for _, key := range sortedKeys(q) {
		name := clip(key, nameLength)
		switch values := q[key]; {
		case !slices.Contains(parameters, key):
			problems.add(api.CodeUnknownParameter, name, "no such query parameter; want "+oneOf(parameters)+didYouMean(name, parameters))
		case len(values) > 1:
			problems.add(api.CodeDuplicateKey, name, "stands twice")
		}
	}
	m, err := k.models.find(q.Get("model"))
	if err != nil {
		return nil, cmp.Or(problems.err(), err)
	}
	k.exchange.model = m
	for _, key := range parameters[1:] {
		if values := q[key]; len(values) == 1 {
			if text := k.asked.read(m, key, values[0]); text != "" {
				problems.add(api.CodeInvalidValue, key, text)
			}
		}
	}
	return m, problems.err()
}

func unreadableQuery(err error) error {
	return badRequest(api.CodeInvalidValue, "", "the query cannot be read: "+clip(err.Error(), nameLength))
}

func sortedKeys(q url.Values) []string {
	keys := make([]string, 0, len(q))
	for key := range q {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// read reads one parameter. It returns what is wrong with it, "" where nothing is.
func (a *asked) read(m *loaded, key, text string) string {
	got := strconv.Quote(clip(text, nameLength))
	switch key {
	case "explain":
		n, ok := reasonCount(text)
		if !ok {
			return got + "; " + wantReasons
		}
		a.explain = n + 1
	case "targets":
		var problem string
		a.names = strings.Split(text, ",")
		if a.targets, problem = mask(m.columns.targets, a.names); problem != "" {
			return problem
		}
	case "as_of":
		if a.asOf, a.timed = parseMoment(text); !a.timed {
			return "not an RFC 3339 time of the years 1 to 9999: " + got + "; want a moment like 2026-01-31T09:30:00Z, with + of a zone written %2B"
		}
	case "unknown":
		if a.warn = text == "warn"; !a.warn {
			return got + `; want "warn", or no such parameter`
		}
	case "lang":
		if !slices.Contains(languages, text) {
			return got + "; want " + oneOf(languages)
		}
		a.lang = text
	}
	return ""
}

var wantReasons = fmt.Sprintf("want a whole number of reasons of each sign, 0 to %d", maxReasons)

// reasonCount reads digits, without a sign or zeros before them.
func reasonCount(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= maxReasons && strconv.Itoa(n) == text
}

// mask marks targets by name. It returns what is wrong with the names, "" where nothing is.
func mask(targets, names []string) ([]bool, string) {
	marked := make([]bool, len(targets))
	for _, name := range names {
		if problem := mark(marked, targets, name); problem != "" {
			return nil, problem
		}
	}
	return marked, ""
}

func mark(marked []bool, targets []string, name string) string {
	i := slices.Index(targets, name)
	switch {
	case i < 0:
		return fmt.Sprintf("the model has no target %q; it has %s", clip(name, nameLength), strings.Join(targets, ", "))
	case marked[i]:
		return fmt.Sprintf("%q stands twice", name)
	}
	marked[i] = true
	return ""
}

// of is what was asked of a model, for a challenger that answers in its stead: the targets are found in its own order.
func (a *asked) of(challenger *loaded) (asked, error) {
	if a.names == nil {
		return *a, nil
	}
	other := *a
	var problem string
	if other.targets, problem = mask(challenger.columns.targets, a.names); problem != "" {
		return other, badRequest(api.CodeInvalidValue, "targets", "targets: "+problem)
	}
	return other, nil
}

// fill gives a decoded request what it does not say itself.
func (a *asked) fill(q *request, asOfColumn int) {
	if q.lang == "" {
		q.lang = a.lang
	}
	if q.explain < 0 {
		q.explain = a.reasons(Reasons)
	}
	if q.targets == nil {
		q.targets = a.targets
	}
	if a.timed && q.lead.AsOf == datasets.MissingTime && (asOfColumn < 0 || q.lead.Values[asOfColumn].Missing()) {
		q.lead.AsOf = a.asOf
	}
}

// wrong gathers what is wrong with a request.
type wrong struct {
	errs  []api.FieldError
	codes []string
	total int
}

func (w *wrong) add(code, field, detail string) {
	w.total++
	if len(w.errs) < maxFieldErrors {
		w.errs = append(w.errs, api.FieldError{Field: field, Detail: clip(detail, 300)})
		w.codes = append(w.codes, code)
	}
}

func (w *wrong) err() error {
	if w.total == 0 {
		return nil
	}
	return wrongFields(w.codes[0], w.errs, w.total)
}

// asOfColumn is the position of the as-of column in the schema; −1: there is none.
func asOfColumn(a *model.Artifact) int {
	if a.AsOf == "" {
		return -1
	}
	return a.Schema.Index(a.AsOf)
}
