package model

import (
	"context"
	"errors"
	"fmt"
	"math"

	"leadscore/datasets"
	"leadscore/features/history"
)

// EventFeatures are the columns of the schema that come from a lead's events, and the columns of the log that taught them: what
// reads another log, and what names the properties of an event over HTTP.
type EventFeatures struct {
	Plan    *history.Plan `json:"plan"`
	Lead    string        `json:"lead"`
	At      string        `json:"at"`
	Type    string        `json:"type"`
	ID      string        `json:"id,omitempty"`
	Channel string        `json:"channel,omitempty"`
}

// Source is a log with the columns of the one that the features were learned from, and the numbers that they read. nulls are
// the artifact's: a log to score is read as a request is.
func (e *EventFeatures) Source(paths, nulls []string) history.Source {
	return history.Source{
		Paths: paths, Lead: e.Lead, At: e.At, Type: e.Type, ID: e.ID, Channel: e.Channel,
		Properties: append([]string{}, e.Plan.Properties()...), Nulls: nulls, // not nil: no other number is looked at
	}
}

// EventColumns are the columns of the schema that are made from a lead's events; nil: none.
func (a *Artifact) EventColumns() map[string]bool {
	if a.Events == nil || a.Events.Plan == nil {
		return nil
	}
	made := map[string]bool{}
	for _, f := range a.Events.Plan.Fields() {
		made[f.Name] = true
	}
	return made
}

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

// events is the event features of an artifact, ready to be filled in.
type events struct {
	plan    *history.Plan
	columns []int            // of the schema, one a column of the plan
	made    map[int]bool     // the same
	none    []datasets.Value // what a lead without events has
	// properties are the numbers of an event that some column reads.
	properties map[string]bool
}

// events finds the columns of the plan in the schema.
func (c *checker) events() *events {
	if c.a.Events == nil {
		return nil
	}
	plan := c.a.Events.Plan
	if plan == nil {
		c.say("events: there is no plan")
		return nil
	}
	fields := plan.Fields()
	e := &events{plan: plan, none: make([]datasets.Value, len(fields)), properties: map[string]bool{}, made: map[int]bool{}}
	for _, name := range plan.Properties() {
		e.properties[name] = true
	}
	for _, f := range fields {
		i := c.column(f.Name, "events")
		if i >= 0 && c.a.Schema.Fields[i].Kind != f.Kind {
			c.say("events: column %q is %v in the schema, want %v", f.Name, c.a.Schema.Fields[i].Kind, f.Kind)
		}
		e.columns = append(e.columns, i)
		e.made[i] = true
	}
	plan.Row(nil, datasets.MissingTime, e.none, new(history.Scratch))
	return e
}

// makes reports whether a column of the schema is made from events.
func (e *events) makes(column int) bool {
	if e == nil {
		return false
	}
	return e.made[column]
}

// complete fills the event features that a lead does not bring itself, from its events. It changes l.Values; doing it again
// changes nothing more.
func (e *events) complete(l *Lead, asOf int64, p *Prediction) {
	p.derived = grow(p.derived, len(e.columns))
	e.plan.Row(l.Events, asOf, p.derived, &p.history)
	for i, column := range e.columns {
		if l.Values[column].Missing() {
			l.Values[column] = p.derived[i]
		}
	}
}

// completeBatch is complete for a batch, whose rows bring their event features or have no events.
func (e *events) completeBatch(b *datasets.Batch) (*datasets.Batch, error) {
	if e == nil {
		return b, nil
	}
	columns := make([]datasets.Column, len(b.Schema().Fields))
	for i := range columns {
		columns[i] = *b.Column(i)
	}
	changed := false
	for i, column := range e.columns {
		c := &columns[column]
		if e.none[i].Kind != datasets.Numeric {
			continue
		}
		var filled []float64
		for row, x := range c.Numbers {
			if !math.IsNaN(x) {
				continue
			}
			if filled == nil {
				filled = append([]float64(nil), c.Numbers...)
			}
			filled[row] = e.none[i].Num
		}
		if filled != nil {
			c.Numbers, changed = filled, true
		}
	}
	if !changed {
		return b, nil
	}
	return datasets.NewBatch(b.Schema(), b.Rows(), columns)
}

// AddEvents makes the event features of a table under the artifact's schema from a log of its leads' events, and puts them in the
// place of what the table has. asOf is the moment of each row, or nil: that of the as-of column. Of o only Workers, Zone and what
// becomes of bad rows count.
func (a *Artifact) AddEvents(ctx context.Context, leads *datasets.Table, paths []string, asOf []int64, o datasets.ReadOptions) (*datasets.Table, *history.Report, error) {
	if a.Events == nil {
		return nil, nil, errors.New("making event features: the model has none, so no log is needed")
	}
	id := leads.Schema.Index(a.ID)
	if a.ID == "" || id < 0 {
		return nil, nil, fmt.Errorf("making event features: events belong to leads by their id, and there is no column %q", a.ID)
	}
	if asOf == nil {
		column := leads.Schema.Index(a.AsOf)
		if a.AsOf == "" || column < 0 {
			return nil, nil, errors.New("making event features: at which moment the leads are looked at is not known")
		}
		for _, b := range leads.Batches {
			asOf = append(asOf, b.Column(column).Times...)
		}
	}
	for row, at := range asOf {
		if at == datasets.MissingTime {
			return nil, nil, fmt.Errorf("making event features: row %d has no as-of moment (column %q); events count up to it", row+1, a.AsOf)
		}
	}
	ids, number := history.Number(leads, id)
	rows, err := history.Moments(leads, id, number, asOf)
	if err != nil {
		return nil, nil, err
	}
	e := a.Events
	source := e.Source(paths, a.Schema.Nulls)
	source.BadRows, source.MaxBadRows, source.Zone = o.BadRows, o.MaxBadRows, o.Zone
	log, report, err := history.Read(ctx, source, ids, history.Options{Workers: o.Workers})
	if err != nil {
		return nil, nil, err
	}
	columns, err := e.Plan.Columns(ctx, log, rows, o.Workers)
	if err = errors.Join(err, log.Close()); err != nil {
		return nil, nil, err
	}
	with, err := datasets.Replace(leads, e.Plan.Fields(), columns)
	return with, report, err
}

// Assumed says in sentences what scoring takes for granted where a request leaves out its events or its moment; nil: nothing.
// sent: the request has a list of events, which may be empty.
func (s *Scorer) Assumed(l *Lead, sent bool) (warnings []string) {
	if s.events != nil && !sent && !s.events.brought(l) {
		warnings = append(warnings, "events: none given: counted as none")
	}
	if l.AsOf != datasets.MissingTime || s.asOf >= 0 && !l.Values[s.asOf].Missing() {
		return warnings
	}
	switch name := s.artifact.AsOf; {
	case s.events != nil && sent:
		warnings = append(warnings, fmt.Sprintf("as_of: neither it nor %q is given, so ages are unknown, all events count, and windows count back from the latest", name))
	case s.asOf >= 0:
		warnings = append(warnings, fmt.Sprintf("as_of: neither it nor %q is given, so ages are unknown", name))
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
// number (true and false are 1 and 0, as in a file). Properties that no feature reads are passed over. The error says what would
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
