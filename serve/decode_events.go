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
		if s.space() == '{' {
			q.eventAt = i
			err = q.event(s)
		} else {
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

// eventPath names a key of the event that is read.
func (q *request) eventPath(key string) string {
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
		q.fail(api.CodeInvalidValue, fmt.Sprintf("events[%d].type", i), "is empty, or a text that means missing; want the kind of event, as the event log or the rules name it")
	}
	return nil
}

// mostNames is how many names of properties are looked for one by one before there is a table of them.
const mostNames = 16

// properties reads the properties of event i, of which the model takes what its features read.
func (q *request) properties(s *scanner, e *datasets.Event, i int) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	names := q.names[:0]
	var table map[string]bool
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		var twice bool
		if table == nil {
			twice = position(names, key) >= 0
		} else {
			twice = table[string(key)]
		}
		name := q.columns.propertyName(key)
		if !twice && len(names) < mostNames {
			names = append(names, name)
		} else if !twice {
			if table == nil {
				table = map[string]bool{}
				for _, n := range names {
					table[n] = true
				}
			}
			table[name] = true
		}
		raw, err := s.value()
		if err != nil {
			return err
		}
		field := func() string { return fmt.Sprintf("events[%d].properties.%s", i, clip(name, nameLength)) }
		if twice {
			q.fail(api.CodeDuplicateKey, field(), "stands twice")
		} else if wrong := q.columns.events.ReadProperty(e, name, raw); wrong != nil {
			q.fail(api.CodeInvalidValue, field(), reasonOf(wrong))
		}
	}
	q.names = names
	return nil
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
	if micros, ok = parseMoment(text); !ok {
		q.fail(api.CodeInvalidValue, field, fmt.Sprintf("not an RFC 3339 time of the years 1 to 9999: %q; want %s", clip(text, nameLength), want))
	}
	return micros, ok, nil
}
