package model

import (
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// Actionable is a field of a lead, or a type of event, that somebody can bring about: what a Counterfactual may change. A
// country is none, a demo that has not taken place is one.
type Actionable struct {
	Field string `json:"field,omitempty"` // a column of attributes; not of times, the id or the as-of moment
	Event string `json:"event,omitempty"` // instead: a type of event, of which more may happen
	// Direction holds a numeric field to increase or to decrease; "": both. A missing value may become any, within To.
	Direction string `json:"direction,omitempty"`
	// To is the farthest value of a field with a direction; nil: as far as training saw.
	To *float64 `json:"to,omitempty"`
	// Times is how many events of the type may happen at most, 1 to MostTimes; 0: 3.
	Times int `json:"times,omitempty"`
}

// The directions of an Actionable.
const (
	Increase = "increase"
	Decrease = "decrease"
)

// MostTimes bounds Actionable.Times.
const MostTimes = 10

// action is an Actionable ready to be tried.
type action struct {
	Actionable
	column int // -1: an event
	times  int
	ruled  bool // a rule may look at it
}

// actions are what the policy marks actionable.
func (c *checker) actions() []action {
	out, problems := c.a.actions()
	for _, p := range problems {
		c.say("%s: %s", p.Path, p.Text)
	}
	return out
}

// ActionableProblems is what is wrong with what the policy marks actionable, by the schema, the rules and whether there are
// event features: training asks before it fits.
func (a *Artifact) ActionableProblems() []rules.Problem {
	_, problems := a.actions()
	return problems
}

// actions finds what the policy marks actionable in the schema.
func (a *Artifact) actions() (out []action, problems []rules.Problem) {
	seen := map[string]bool{}
	made := a.EventColumns()
	types, ruled := a.Rules.EventTypes(), a.Rules.Reads()
	names := make([]string, len(a.Schema.Fields))
	for i := range names {
		names[i] = a.Schema.Fields[i].Name
	}
	for i, mark := range a.Policy.Actionable {
		out = append(out, action{Actionable: mark, column: -1, times: mark.Times})
		x := &out[i]
		name := "field " + mark.Field
		if mark.Event != "" {
			name = "event " + mark.Event
		}
		problem := func(text string, args ...any) {
			problems = append(problems, rules.Problem{Path: rules.Index("policy.actionable", i), Text: name + ": " + fmt.Sprintf(text, args...)})
		}
		if (mark.Field == "") == (mark.Event == "") {
			problem("want either a field or an event")
			continue
		}
		if seen[name] {
			problem("it is there twice")
		}
		seen[name] = true
		if mark.Event != "" {
			x.ruled = slices.Contains(types, mark.Event)
			if x.times == 0 {
				x.times = 3
			}
			switch {
			case x.times < 1 || x.times > MostTimes:
				problem("times is %d; want 1 to %d", mark.Times, MostTimes)
			case mark.Direction != "" || mark.To != nil:
				problem("direction and to belong to numeric fields")
			case a.Events == nil && !x.ruled:
				problem("neither the model nor a rule looks at such events, so none would change anything")
			}
			continue
		}
		if x.column = a.Schema.Index(mark.Field); x.column < 0 {
			hint := ""
			if near := datasets.Nearest(mark.Field, names); near != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", near)
			}
			problem("the leads have no such column%s", hint)
			continue
		}
		x.ruled = ruled(mark.Field)
		f := &a.Schema.Fields[x.column]
		switch {
		case made[mark.Field]:
			problem("it is made from events; mark the type of event")
		case mark.Field == a.ID || mark.Field == a.AsOf || f.Required:
			problem("the id, the as-of moment and the offset are no field that somebody can change")
		case f.Kind == datasets.Time || f.Kind == datasets.Unknown:
			problem("it is %v; want a number, a category or a boolean", f.Kind)
		case mark.Times != 0:
			problem("times belongs to events")
		case mark.Direction != "" && mark.Direction != Increase && mark.Direction != Decrease:
			problem("unknown direction %q; want increase or decrease", mark.Direction)
		case (mark.Direction != "" || mark.To != nil) && f.Kind != datasets.Numeric:
			problem("it is %v; direction and to belong to numeric fields", f.Kind)
		case mark.To != nil && (mark.Direction == "" || math.IsNaN(*mark.To) || math.IsInf(*mark.To, 0)):
			problem("to is the farthest value of a direction; want a number beside increase or decrease")
		}
	}
	return out, problems
}

// allows reports whether a numeric field may go from one value to another.
func (a *action) allows(from, to datasets.Value) bool {
	if to.Kind != datasets.Numeric {
		return true
	}
	known := !from.Missing()
	switch a.Direction {
	case Increase:
		return (!known || to.Num > from.Num) && (a.To == nil || to.Num <= *a.To)
	case Decrease:
		return (!known || to.Num < from.Num) && (a.To == nil || to.Num >= *a.To)
	}
	return true
}

// values are the values that a column could take, the present one left out: what the features that read it tell apart, the
// farthest value allowed, and what rules ask for. Twice the same is there once.
func (s *Scorer) values(a *action, present datasets.Value) []datasets.Value {
	f := &s.artifact.Schema.Fields[a.column]
	var out []datasets.Value
	add := func(v datasets.Value) {
		if !v.Missing() && v.Kind == f.Kind && v != present && a.allows(present, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	read := false
	for k := range s.features {
		if s.source[k] != a.column {
			continue
		}
		read = true
		for _, choice := range s.artifact.Pipeline.Choices(k, present) {
			add(choice.Value)
		}
	}
	if a.To != nil {
		add(datasets.Number(*a.To))
	}
	if a.ruled {
		named, ends := s.artifact.Rules.Values(a.Field)
		for _, end := range ends {
			add(datasets.Number(end))
			add(features.Above(end))
		}
		if !read {
			for _, raw := range named {
				if v, err := s.artifact.Schema.ParseJSON(a.column, raw); err == nil {
					add(v)
				}
			}
		}
	}
	return out
}
