package rules

import (
	"fmt"
	"strings"
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
	c.belong(path, f, found[0])
	switch {
	case f.Field != "":
		return c.field(path, f)
	case f.Event != "":
		return c.event(path, f)
	case f.CEL != "":
		return node{op: expression, cel: c.expression(path+".cel", f.CEL)}
	case f.Not != nil:
		return negated(c.condition(path+".not", f.Not, depth+1))
	case f.Any != nil:
		return node{op: anyOf, kids: c.kids(path+".any", f.Any, depth)}
	}
	n := node{op: allOf, kids: c.kids(path+".all", f.All, depth)}
	c.together(path, &n)
	return n
}

// belong reports the keys that belong to another sort of condition than the one that is there.
func (c *compiler) belong(path string, f *Condition, sort string) {
	for _, k := range []struct {
		there      bool
		key, other string
	}{
		{f.Missing, "missing", "field"}, {f.In != nil, "in", "field"},
		{f.Above != nil, "above", "field"}, {f.From != nil, "from", "field"}, {f.Below != nil, "below", "field"}, {f.To != nil, "to", "field"},
		{f.Contains != nil, "contains", "field"}, {f.Matches != "", "matches", "field"},
		{f.AtLeast != 0, "at_least", "event"}, {f.Within != "", "within", "event"}, {f.Channel != nil, "channel", "event"}, {f.Where != nil, "where", "event"},
	} {
		if k.there && k.other != sort {
			c.problem(path+"."+k.key, "%s belongs to %s; this condition is %s", k.key, k.other, sort)
		}
	}
}

// negated is not: {…}. That a field is not known is that it is missing, which together can tell apart from its other conditions.
func negated(n node) node {
	switch n.op {
	case known:
		n.op = absent
		return n
	case absent:
		n.op = known
		return n
	}
	return node{op: notOf, kids: []node{n}}
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

// mostCompared bounds the conditions below one all that are compared with each other.
const mostCompared = 300

// together reports the conditions below all of which no lead can meet two at once.
func (c *compiler) together(path string, n *node) {
	type part struct {
		n           *node
		path, short string
	}
	var parts []part
	var flatten func(path, short string, n *node)
	flatten = func(path, short string, n *node) {
		for i := range n.kids {
			k, p, s := &n.kids[i], Index(path+".all", i), Index(short+"all", i)
			if k.op == allOf {
				flatten(p, s+".", k)
				continue
			}
			parts = append(parts, part{k, p, s})
		}
	}
	flatten(path, "", n)
	parts = parts[:min(len(parts), mostCompared)]
	for j := range parts {
		for i := range j {
			a, b := &parts[i], &parts[j]
			if a.n.op == never || b.n.op == never || !exclusive(a.n, b.n) {
				continue
			}
			first, _, within := strings.Cut(a.short, ".")
			if second, _, too := strings.Cut(b.short, "."); within && too && first == second {
				continue // said where the two stand
			}
			why := "no lead meets both"
			if a.n.aboutColumn() && b.n.aboutColumn() {
				why = fmt.Sprintf("no value of column %q is in both", c.schema.Fields[a.n.column].Name)
			}
			c.problem(b.path, "can never hold beside %s: %s", a.short, why)
		}
	}
}
