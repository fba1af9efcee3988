package model

import (
	"strconv"

	"leadscore/datasets"
)

// NoEventsText warns that leads are scored without the log that the model asks for.
const NoEventsText = "no event log is given: all leads are scored as leads without events"

// LacksEvents reports whether a file that lacks these columns of the schema has none of the event features that the model reads.
func (a *Artifact) LacksEvents(absent []string) bool {
	lacking := map[string]bool{}
	for _, name := range absent {
		lacking[name] = true
	}
	any := false
	for name := range a.EventColumns() {
		if a.Pipeline.Uses(name) {
			if !lacking[name] {
				return false
			}
			any = true
		}
	}
	return any
}

// EventTypes is a schema of one column: what the type of an event in a request is read under, as a cell of a log is.
func (a *Artifact) EventTypes() datasets.Schema {
	return datasets.Schema{Fields: []datasets.Field{{Name: "type", Kind: datasets.Categorical}}, Nulls: a.Schema.Nulls}
}

// Assumed says in sentences what scoring takes for granted where a request leaves out its events or its moment; nil: nothing.
// sent: the request has a list of events, which may be empty.
func (s *Scorer) Assumed(l *Lead, sent bool) (warnings []string) {
	if s.events != nil && !sent && !s.events.brought(l) {
		warnings = append(warnings, s.words.T("warning.events"))
	}
	if l.AsOf != datasets.MissingTime || s.asOf >= 0 && !l.Values[s.asOf].Missing() {
		return warnings
	}
	switch name := s.artifact.AsOf; {
	case s.events != nil && sent:
		warnings = append(warnings, s.words.T("warning.as_of.events", strconv.Quote(name)))
	case s.asOf >= 0:
		warnings = append(warnings, s.words.T("warning.as_of", strconv.Quote(name)))
	}
	return warnings
}

// brought reports whether a lead has event features of its own, as one of a table that holds them.
func (e *events) brought(l *Lead) bool {
	for _, column := range e.columns {
		if !l.Values[column].Missing() {
			return true
		}
	}
	return false
}

// ReadProperty reads a property of an event as JSON into e: the one that is named as the log's column of ids or of channels, or a
// number (true and false are 1 and 0, as in a file). Properties that no feature and no rule reads are passed over. The error says what would
// be accepted.
func (s *Scorer) ReadProperty(e *datasets.Event, name string, raw []byte) error {
	if s.events == nil {
		return nil
	}
	f := datasets.Field{Name: name, Kind: datasets.Numeric}
	of := s.artifact.Events
	words := name != "" && (name == of.ID || name == of.Channel)
	switch {
	case words:
		f.Kind = datasets.Categorical
	case s.events.properties[name] && (string(raw) == "true" || string(raw) == "false"):
		f.Kind = datasets.Boolean
	case !s.events.properties[name]:
		return nil
	}
	schema := datasets.Schema{Fields: []datasets.Field{f}, Nulls: s.artifact.Schema.Nulls}
	if words && len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		raw = append(append([]byte{'"'}, raw...), '"') // a number is the text of its digits, as in a file
	}
	v, err := schema.ParseJSON(0, raw)
	switch {
	case err != nil || v.Missing():
		return err
	case name == of.ID:
		e.ID = v.Str
	case name == of.Channel:
		e.Channel = v.Str
	default:
		e.Values = append(e.Values, datasets.Property{Name: name, Value: v.Num})
	}
	return nil
}
