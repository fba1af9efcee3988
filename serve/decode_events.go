package serve

import (
	"fmt"
	"time"

	"leadscore/model/rules"
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
			err = q.event(s, i)
		} else {
			err = q.wrongType(s, fmt.Sprintf("events[%d]", i), "an object")
		}
		if err != nil {
			return err
		}
	}
}

func (q *request) event(s *scanner, i int) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	field := func(key string) string { return fmt.Sprintf("events[%d].%s", i, key) }
	var e rules.Event
	var has [3]bool
	for first := true; ; first = false {
		key, more, err := s.key(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		k := position(eventKeys, key)
		switch {
		case k < 0:
			name := clip(string(key), nameLength)
			q.fail(api.CodeUnknownField, field(name), "no such key; want "+oneOf(eventKeys)+didYouMean(name, eventKeys))
			_, err = s.value()
		case has[k]:
			q.fail(api.CodeDuplicateKey, field(eventKeys[k]), "stands twice")
			_, err = s.value()
		case k == 0 && s.space() == '"':
			var raw []byte
			var plain bool
			raw, plain, err = s.text()
			if err == nil {
				e.Type = string(unquote(raw, plain))
				if e.Type == "" {
					q.fail(api.CodeInvalidValue, field("type"), "is empty")
				}
			}
		case k == 0:
			err = q.wrongType(s, field("type"), "a text")
		case k == 1:
			e.At, _, err = q.moment(s, field("at"))
		case s.space() == '{':
			err = s.object()
		default:
			err = q.wrongType(s, field("properties"), "an object")
		}
		if err != nil {
			return err
		}
		if k >= 0 {
			has[k] = true
		}
	}
	if !has[0] {
		q.fail(api.CodeInvalidValue, field("type"), "is missing; want the event's type, as the rules name it")
	}
	if !has[1] {
		q.fail(api.CodeInvalidValue, field("at"), "is missing; want a moment like 2026-01-31T09:30:00Z")
	}
	q.lead.Events = append(q.lead.Events, e)
	return nil
}

// moment reads an RFC 3339 time, in microseconds since 1970 UTC; what is finer is cut off.
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
	t, wrong := time.Parse(time.RFC3339, text)
	if wrong != nil {
		q.fail(api.CodeInvalidValue, field, fmt.Sprintf("not an RFC 3339 time: %q; want %s", clip(text, nameLength), want))
	}
	return t.UnixMicro(), wrong == nil, nil
}
