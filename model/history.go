package model

import (
	"math"

	"leadscore/datasets"
	"leadscore/features/history"
)

// events is the event features of an artifact, ready to be filled in.
type events struct {
	plan    *history.Plan
	columns []int            // of the schema, one a column of the plan
	none    []datasets.Value // what a lead without events has
}

// events finds the columns of the plan in the schema.
func (c *checker) events() *events {
	plan := c.a.Events
	if plan == nil {
		return nil
	}
	fields := plan.Fields()
	e := &events{plan: plan, none: make([]datasets.Value, len(fields))}
	for _, f := range fields {
		i := c.column(f.Name, "events")
		if i >= 0 && c.a.Schema.Fields[i].Kind != f.Kind {
			c.say("events: column %q is %v in the schema, want %v", f.Name, c.a.Schema.Fields[i].Kind, f.Kind)
		}
		e.columns = append(e.columns, i)
	}
	plan.Row(nil, datasets.MissingTime, e.none, new(history.Scratch))
	return e
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
