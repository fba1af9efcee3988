package config

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"leadscore/model"
	"leadscore/model/rules"
)

// actionable is a field or a type of event that somebody can change: the field's name alone, or a mapping.
type actionable struct {
	Field     *string  `json:"field,omitempty"`
	Event     *string  `json:"event,omitempty"`
	Direction *string  `json:"direction,omitempty"` // increase | decrease
	To        *float64 `json:"to,omitempty"`
	Times     *int     `json:"times,omitempty"`
}

func (a *actionable) decode(d *decoder, n ast.Node, path string) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		d.object(n, path, reflect.ValueOf(a).Elem())
		return
	}
	if text, ok := written(n); ok && !empty(n) {
		a.Field = &text
		return
	}
	d.wrong(n, path, "a column, or a mapping such as {field: visits, direction: increase, to: 10} or {event: demo_request}")
}

func (d *decoder) checkActionable(f *file) {
	first := map[string]string{}
	for i := range f.Policy.Actionable {
		a, p := &f.Policy.Actionable[i], rules.Index("policy.actionable", i)
		if !d.has(p) {
			continue
		}
		if (a.Field == nil) == (a.Event == nil) {
			d.problem(p, "want either field or event")
			continue
		}
		key, name := "field", value(a.Field)
		if a.Event != nil {
			key, name = "event", *a.Event
		}
		at := p
		if d.has(p + "." + key) {
			at = p + "." + key
		}
		d.filled(at, name)
		if before, ok := first[key+" "+name]; ok {
			d.problem(at, "%q is here a second time; the first is %s", name, before)
		}
		first[key+" "+name] = p
		if a.Event != nil {
			for _, wrong := range []struct {
				key   string
				there bool
			}{{"direction", a.Direction != nil}, {"to", a.To != nil}} {
				if wrong.there {
					d.problem(p+"."+wrong.key, "this belongs to numeric fields; an event has times")
				}
			}
			if n := a.Times; n != nil && (*n < 1 || *n > model.MostTimes) && d.has(p+".times") {
				d.problem(p+".times", "%d is out of range; want 1 to %d more events", *n, model.MostTimes)
			}
			continue
		}
		d.oneOf(p+".direction", a.Direction, model.Increase, model.Decrease)
		if a.To != nil && a.Direction == nil {
			d.problem(p+".to", "the farthest value belongs to a direction; want direction: increase or decrease beside it")
		}
		if a.Times != nil {
			d.problem(p+".times", "this belongs to events")
		}
		d.checkRole(f, at, name)
	}
}

// checkRole refuses columns of which everybody knows that nobody can change them, or that no feature may read.
func (d *decoder) checkRole(f *file, at, name string) {
	l := &f.Data.Leads
	for _, role := range []struct{ path, column string }{
		{"data.leads.id", value(l.ID)}, {"data.leads.as_of", value(l.AsOf)}, {"data.leads.weight", value(l.Weight)}, {"data.leads.offset", value(l.Offset)},
	} {
		if name != "" && name == role.column {
			d.problem(at, "%q is %s, which is no field that somebody can change", name, role.path)
		}
	}
	for i := range f.Targets {
		if t := &f.Targets[i]; name != "" && (name == t.Column || name == value(t.At)) {
			d.problem(at, "%q is the outcome of %s; what would change it is the question", name, fmt.Sprintf("target %q", t.name))
		}
	}
	if slices.Contains(f.Features.Exclude, name) && f.Rules == nil && !slices.Contains(f.Policy.MQL.Required, name) && !slices.Contains(f.Policy.SQL.Required, name) {
		d.problem(at, "%q is in features.exclude and nothing else reads it, so that no change of it moves a score", name)
	}
}

func (p *policy) actionable() []model.Actionable {
	var out []model.Actionable
	for i := range p.Actionable {
		a := &p.Actionable[i]
		out = append(out, model.Actionable{Field: value(a.Field), Event: value(a.Event), Direction: value(a.Direction), To: a.To, Times: value(a.Times)})
	}
	return out
}

// PolicyProblems gives the problems that training found in the policy their places; nil when there are none.
func (c *Config) PolicyProblems(problems []rules.Problem) error {
	return c.positions.Problems(problems)
}
