package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model/rules"
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
	// Moments says how the log's times are written where the configuration does: layout and zone; nil: as is found.
	Moments *datasets.Field `json:"moments,omitempty"`
}

// Source is a log with the columns of the one that the features were learned from, and the numbers that they read. nulls are
// the artifact's: a log to score is read as a request is.
func (e *EventFeatures) Source(paths, nulls []string) history.Source {
	var force map[string]datasets.Field
	zone := ""
	if e.Moments != nil {
		zone = e.Moments.Zone
		if e.Moments.Layout != "" {
			force = map[string]datasets.Field{e.At: *e.Moments}
		}
	}
	return history.Source{
		Force: force, Zone: zone,
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

// events is the event features of an artifact, ready to be filled in.
type events struct {
	plan    *history.Plan
	columns []int            // of the schema, one a column of the plan
	made    map[int]bool     // the same
	none    []datasets.Value // what a lead without events has
	// properties are the numbers of an event that some column or some rule reads.
	properties map[string]bool
}

// events finds the columns of the plan in the schema. A rule (set may be nil) that looks into events needs to know what their
// properties are called, which the event features tell.
func (c *checker) events(set *rules.Set) *events {
	if c.a.Events == nil {
		if set != nil && (set.ReadsChannels() || len(set.EventProperties()) > 0) {
			c.say("rules: some ask for properties or channels of events, and the model was trained without an event log (data.events)")
		}
		return nil
	}
	if m := c.a.Events.Moments; m != nil && (m.Kind != datasets.Time || datasets.CheckZone(m.Zone) != nil) {
		c.say("events: the moments are %v in the zone %q, want time in a known zone", m.Kind, m.Zone)
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
	if set != nil {
		if set.ReadsChannels() && c.a.Events.Channel == "" {
			c.say("rules: some ask for the channel of events, and the event log has none (data.events.channel)")
		}
		for _, name := range set.EventProperties() {
			e.properties[name] = true
		}
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
// place of what the table has. asOf is the moment of each row, or nil: that of the as-of column. Of o only Workers and what
// becomes of bad rows count.
func (s *Scorer) AddEvents(ctx context.Context, leads *datasets.Table, paths []string, asOf []int64, o datasets.ReadOptions) (*WithEvents, error) {
	a := s.artifact
	if a.Events == nil {
		return nil, errors.New("making event features: the model has none, so no log is needed")
	}
	id := leads.Schema.Index(a.ID)
	if a.ID == "" || id < 0 {
		return nil, fmt.Errorf("making event features: events belong to leads by their id, and there is no column %q", a.ID)
	}
	if asOf == nil {
		column := leads.Schema.Index(a.AsOf)
		if a.AsOf == "" || column < 0 {
			return nil, errors.New("making event features: at which moment the leads are looked at is not known")
		}
		for _, b := range leads.Batches {
			asOf = append(asOf, b.Column(column).Times...)
		}
	}
	for row, at := range asOf {
		if at == datasets.MissingTime {
			return nil, fmt.Errorf("making event features: row %d has no as-of moment (column %q); events count up to it", row+1, a.AsOf)
		}
	}
	ids, number := history.Number(leads, id)
	rows, err := history.Moments(leads, id, number, asOf)
	if err != nil {
		return nil, err
	}
	e := a.Events
	source := e.Source(paths, a.Schema.Nulls)
	source.BadRows, source.MaxBadRows = o.BadRows, o.MaxBadRows
	if s.rules != nil {
		for _, name := range s.rules.EventProperties() {
			if !slices.Contains(source.Properties, name) {
				source.Properties = append(source.Properties, name)
			}
		}
	}
	log, report, err := history.Read(ctx, source, ids, history.Options{Workers: o.Workers})
	if err != nil {
		return nil, err
	}
	columns, err := e.Plan.Columns(ctx, log, rows, o.Workers)
	with := &WithEvents{Report: report}
	if s.rules != nil && err == nil {
		with.Rules, err = log.EventsOf(ctx, rows, s.rules.Wanted())
	}
	if err = errors.Join(err, log.Close()); err != nil {
		return nil, err
	}
	with.Leads, err = datasets.Replace(leads, e.Plan.Fields(), columns)
	return with, err
}

// WithEvents is leads with what a log says of them.
type WithEvents struct {
	Leads  *datasets.Table    // with their event features
	Rules  [][]datasets.Event // of each row, the events that the rules ask for; nil: they ask for none
	Report *history.Report
}
