package rules

import (
	"strings"

	"leadscore/datasets"
)

// condition compiles one condition; depth is 1 at a rule's own.
func (c *compiler) condition(path string, f *Condition, depth int) node {
	if c.conditions++; depth > maxDepth || c.conditions > maxConditions {
		switch {
		case depth == maxDepth+1:
			c.problem(path, "conditions nest more than %d deep", maxDepth)
		case c.conditions == maxConditions+1:
			c.problem(path, "there are more than %d conditions", maxConditions)
		}
		return node{}
	}
	var found []string
	for _, k := range []struct {
		there bool
		key   string
	}{
		{f.Field != "", "field"}, {f.Event != "", "event"}, {f.CEL != "", "cel"},
		{f.All != nil, "all"}, {f.Any != nil, "any"}, {f.Not != nil, "not"},
	} {
		if k.there {
			found = append(found, k.key)
		}
	}
	if len(found) != 1 {
		if len(found) == 0 {
			c.problem(path, "the condition is empty; want one of field, event, cel, all, any and not")
		} else {
			c.problem(path, "want one of field, event, cel, all, any and not; found %s (all: joins conditions)", strings.Join(found, " and "))
		}
		return node{}
	}
	if f.In != nil && f.Field == "" {
		c.problem(path+".in", "in belongs to field; this condition is %s", found[0])
	}
	if f.Event == "" && f.AtLeast != 0 {
		c.problem(path+".at_least", "at_least belongs to event; this condition is %s", found[0])
	}
	if f.Event == "" && f.Within != "" {
		c.problem(path+".within", "within belongs to event; this condition is %s", found[0])
	}
	switch {
	case f.Field != "":
		return c.field(path, f)
	case f.Event != "":
		return c.event(path, f)
	case f.CEL != "":
		return node{op: expression, cel: c.expression(path+".cel", f.CEL)}
	case f.Not != nil:
		return node{op: notOf, kids: []node{c.condition(path+".not", f.Not, depth+1)}}
	case f.Any != nil:
		return node{op: anyOf, kids: c.kids(path+".any", f.Any, depth)}
	}
	n := node{op: allOf, kids: c.kids(path+".all", f.All, depth)}
	for j := range n.kids {
		for i := range j {
			if disjoint(&n.kids[i], &n.kids[j]) {
				c.problem(Index(path+".all", j), "can never hold beside all[%d]: column %q cannot be in both lists",
					i, c.schema.Fields[n.kids[j].column].Name)
			}
		}
	}
	return n
}

func (c *compiler) kids(path string, list []Condition, depth int) []node {
	if len(list) == 0 {
		c.problem(path, "the list is empty; want at least one condition")
	}
	out := make([]node, 0, len(list))
	for i := range list {
		out = append(out, c.condition(Index(path, i), &list[i], depth+1))
	}
	return out
}

func (c *compiler) field(path string, f *Condition) node {
	column, ok := c.columns[f.Field]
	if !ok {
		c.problem(path+".field", "%s", unknownColumn(c.schema, f.Field))
		return node{}
	}
	if f.In == nil {
		return node{op: known, column: column}
	}
	if len(f.In) == 0 {
		c.problem(path+".in", "the list is empty; leave it out to ask whether %q is known", f.Field)
		return node{}
	}
	var values []datasets.Value
	for i, v := range f.In {
		p := Index(path+".in", i)
		value, err := readValue(c.schema, column, v)
		switch {
		case err != nil:
			c.problem(p, "%v", err)
		case value.Missing():
			c.problem(p, "%v means missing in column %q; for leads without it write not: {field: %s}", quoted(v), f.Field, f.Field)
		default:
			values = append(values, value)
		}
	}
	return list(column, c.schema.Fields[column].Kind, values)
}

func (c *compiler) event(path string, f *Condition) node {
	n := node{op: happened, atLeast: max(1, f.AtLeast)}
	if f.AtLeast < 0 {
		c.problem(path+".at_least", "%d is below 1", f.AtLeast)
	}
	if f.Within != "" {
		span, err := Span(f.Within)
		if err != nil {
			c.problem(path+".within", "%v", err)
		}
		n.within = span
	}
	k, ok := c.eventIndex[f.Event]
	if !ok {
		k = len(c.events)
		c.events = append(c.events, f.Event)
		c.eventIndex[f.Event] = k
	}
	n.event = k
	return n
}
