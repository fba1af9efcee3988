package rules

import (
	"encoding/json"
	"slices"
)

// EventTypes are the types of events that the conditions of the file name, in its order; a nil file names none.
func (f *File) EventTypes() []string {
	var types []string
	f.conditions(func(c *Condition, _ *Rule) {
		if c.Event != "" && !slices.Contains(types, c.Event) {
			types = append(types, c.Event)
		}
	})
	return types
}

// Values are the values of a column that the rules of the file tell from others: those that a condition names, as JSON, and
// the upper ends of the rows of tables. Expressions are not looked into. A nil file has none.
func (f *File) Values(column string) (named []json.RawMessage, ends []float64) {
	f.conditions(func(c *Condition, r *Rule) {
		if c.Field != column {
			return
		}
		for _, v := range c.In {
			if raw, err := json.Marshal(v); err == nil {
				named = append(named, raw)
			}
		}
		if r == nil || &r.When != c {
			return
		}
		for _, row := range r.Points.Table {
			if row.To != nil {
				ends = append(ends, *row.To)
			}
		}
	})
	return named, ends
}

// Size is how many conditions the file has, as a measure of the work of scoring by it.
func (f *File) Size() int {
	n := 0
	f.conditions(func(*Condition, *Rule) { n++ })
	return n
}

// conditions visits every condition of the scorecards, outer ones first, with the rule that it belongs to; nil: a hard rule.
func (f *File) conditions(visit func(c *Condition, r *Rule)) {
	if f == nil {
		return
	}
	var within func(c *Condition, r *Rule)
	within = func(c *Condition, r *Rule) {
		visit(c, r)
		for i := range c.All {
			within(&c.All[i], r)
		}
		for i := range c.Any {
			within(&c.Any[i], r)
		}
		if c.Not != nil {
			within(c.Not, r)
		}
	}
	for i := range f.Scorecards {
		card := &f.Scorecards[i]
		for g := range card.Groups {
			for k := range card.Groups[g].Rules {
				r := &card.Groups[g].Rules[k]
				within(&r.When, r)
			}
		}
		for k := range card.Hard {
			within(&card.Hard[k].When, nil)
		}
	}
}
