package serve

import (
	"errors"
	"fmt"

	"leadscore/datasets"
	"leadscore/serve/api"
)

// eventKeys are the keys of an event.
var eventKeys = []string{"type", "at", "properties"}

// events reads the list of events.
func (q *request) events(s *scanner) error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.item(i == 0)
		if err != nil || !more {
			return err
		}
		switch {
		case s.space() == '{':
			q.eventAt = i
			err = q.event(s)
		case q.full():
			q.total++
			_, err = s.value()
		default:
			err = q.wrongType(s, fmt.Sprintf("events[%d]", i), "an object")
		}
		if err != nil {
			return err
		}
	}
}

// event reads one more event into the memory of one of an earlier request.
func (q *request) event(s *scanner) error {
	events := q.lead.Events
	if n := len(events); n > 0 && q.total > 0 {
		events = events[:n-1] // the request will be refused: no more events are kept
	}
	if len(events) < cap(events) {
		events = events[:len(events)+1]
	} else {
		events = append(events, datasets.Event{})
	}
	q.lead.Events = events
	e := &events[len(events)-1]
	*e = datasets.Event{At: datasets.MissingTime, Values: e.Values[:0]}
	has, err := q.members(s, "an object", eventKeys, (*request).eventPath, (*request).eventMember)
	if err != nil {
		return err
	}
	if !has[0] {
		q.fail(api.CodeInvalidValue, q.eventPath("type"), "is missing; want the kind of event, as the event log or the rules name it")
	}
	if !has[1] {
		q.fail(api.CodeInvalidValue, q.eventPath("at"), "is missing; want a moment like 2026-01-31T09:30:00Z")
	}
	return nil
}

// eventPath names a key of the event that is read, for a problem; "" where none is told any more.
func (q *request) eventPath(key string) string {
	if q.full() {
		return ""
	}
	return fmt.Sprintf("events[%d].%s", q.eventAt, key)
}

func (q *request) eventMember(s *scanner, k int) (err error) {
	i, e := q.eventAt, &q.lead.Events[len(q.lead.Events)-1]
	switch {
	case k == 0 && s.space() == '"':
		return q.eventType(s, e, i)
	case k == 0:
		return q.wrongType(s, q.eventPath("type"), "a text")
	case k == 1:
		e.At, _, err = q.moment(s, q.eventPath("at"))
		return err
	case s.space() != '{':
		return q.wrongType(s, q.eventPath("properties"), "an object")
	case q.columns.events == nil:
		return s.object()
	}
	return q.properties(s, e, i)
}

// eventType reads the type of event i as a cell of a log is read. A text that means missing there is refused: such an event
// would count nowhere.
func (q *request) eventType(s *scanner, e *datasets.Event, i int) error {
	raw, _, err := s.text()
	if err != nil {
		return err
	}
	v, wrong := q.columns.eventTypes.ParseJSON(0, raw)
	if e.Type = v.Str; wrong != nil || v.Missing() {
		q.fail(api.CodeInvalidValue, q.eventPath("type"), "is empty, or a text that means missing; want the kind of event, as the event log or the rules name it")
	}
	return nil
}

// properties reads the properties of event i, of which the model takes what its features read.
func (q *request) properties(s *scanner, e *datasets.Event, i int) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	fail := func(code string, key []byte, detail string) {
		if q.full() {
			q.total++
			return
		}
		q.fail(code, fmt.Sprintf("events[%d].properties.%s", i, clip(string(key), nameLength)), detail)
	}
	base := len(s.keys)
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			if key, _, twice := s.repeated(base); twice {
				fail(api.CodeDuplicateKey, key, "stands twice")
			}
			return nil
		}
		twice, err := s.note(base, key)
		if err != nil {
			return err
		}
		raw, err := s.value()
		if err != nil {
			return err
		}
		if twice {
			fail(api.CodeDuplicateKey, key, "stands twice")
		} else if wrong := q.columns.events.ReadProperty(e, q.columns.propertyName(key), raw); wrong != nil {
			fail(api.CodeInvalidValue, key, reasonOf(wrong))
		}
	}
}

// reasonOf is what is wrong with a value, without the name of its column, which the field tells.
func reasonOf(err error) string {
	if c := (*datasets.CellError)(nil); errors.As(err, &c) {
		return c.Reason()
	}
	return err.Error()
}

// moment reads a time by parseMoment.
func (q *request) moment(s *scanner, field string) (micros int64, ok bool, err error) {
	const want = "a moment like 2026-01-31T09:30:00Z"
	if s.space() != '"' {
		return 0, false, q.wrongType(s, field, want)
	}
	raw, plain, err := s.text()
	if err != nil {
		return 0, false, err
	}
	text := string(unquote(raw, plain))
	micros, ok = parseMoment(text)
	switch {
	case !ok && q.full():
		q.total++
	case !ok:
		q.fail(api.CodeInvalidValue, field, fmt.Sprintf("not an RFC 3339 time of the years 1 to 9999: %q; want %s", clip(text, nameLength), want))
	}
	return micros, ok, nil
}
