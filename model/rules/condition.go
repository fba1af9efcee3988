package rules

import (
	"slices"
	"strings"

	"leadscore/datasets"
)

// truth is what a condition comes to. A failed one neither holds nor does not: all with
// a part that does not hold, and any with one that does, are decided all the same.
type truth uint8

const (
	no truth = iota
	yes
	failed
)

type operator uint8

const (
	never operator = iota // a list without a value that the column could have
	known
	oneOfTexts
	oneOfNumbers
	oneOfTimes
	happened
	expression
	allOf
	anyOf
	notOf
)

// node is a compiled condition.
type node struct {
	op      operator
	column  int
	texts   map[string]struct{}
	numbers []float64 // sorted
	times   []int64   // sorted
	event   int       // index into scratch.events
	atLeast int
	within  int64 // microseconds; 0: ever
	cel     *celCondition
	kids    []node
}

// eval decides a condition; x.err holds the error of the last part that failed.
func (n *node) eval(x *scratch) truth {
	switch n.op {
	case known:
		return truthOf(!x.row[n.column].Missing())
	case oneOfTexts:
		v := &x.row[n.column]
		if v.Missing() {
			return no
		}
		_, ok := n.texts[v.Str]
		return truthOf(ok)
	case oneOfNumbers:
		v := &x.row[n.column]
		if v.Missing() {
			return no
		}
		_, ok := slices.BinarySearch(n.numbers, v.Num)
		return truthOf(ok)
	case oneOfTimes:
		v := &x.row[n.column]
		if v.Missing() {
			return no
		}
		_, ok := slices.BinarySearch(n.times, v.Time)
		return truthOf(ok)
	case happened:
		return truthOf(len(x.happened(n)) >= n.atLeast)
	case expression:
		return n.cel.eval(x)
	case allOf:
		t := yes
		for i := range n.kids {
			switch n.kids[i].eval(x) {
			case no:
				return no
			case failed:
				t = failed
			}
		}
		return t
	case anyOf:
		t := no
		for i := range n.kids {
			switch n.kids[i].eval(x) {
			case yes:
				return yes
			case failed:
				t = failed
			}
		}
		return t
	case notOf:
		switch n.kids[0].eval(x) {
		case no:
			return yes
		case yes:
			return no
		}
		return failed
	}
	return no
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// driver returns the event that an event rule is about: the condition itself, or the only event
// directly below all. Nil where there is none or more than one.
func (n *node) driver() *node {
	if n.op == happened {
		return n
	}
	if n.op != allOf {
		return nil
	}
	var d *node
	for i := range n.kids {
		if k := &n.kids[i]; k.op == happened {
			if d != nil {
				return nil
			}
			d = k
		}
	}
	return d
}

// mentionsEvent reports whether an event stands anywhere in the condition.
func (n *node) mentionsEvent() bool {
	return n.op == happened || slices.ContainsFunc(n.kids, func(k node) bool { return k.mentionsEvent() })
}

// show writes the values that a condition looked at, for the trace.
func (n *node) show(x *scratch, b *strings.Builder) {
	cell := func(column int) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(x.set.schema.Fields[column].Name)
		b.WriteString(" = ")
		b.WriteString(showValue(x.row[column]))
	}
	switch n.op {
	case known, oneOfTexts, oneOfNumbers, oneOfTimes:
		cell(n.column)
	case happened:
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		showCount(b, x.set.events[n.event], len(x.happened(n)))
	case expression:
		for _, c := range n.cel.columns {
			cell(c)
		}
		if len(n.cel.columns) == 0 {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(n.cel.text)
		}
	case anyOf: // what held, not all that was tried
		for i := range n.kids {
			if n.kids[i].eval(x) == yes {
				n.kids[i].show(x, b)
				return
			}
		}
	default:
		for i := range n.kids {
			n.kids[i].show(x, b)
		}
	}
}

// disjoint reports whether two list conditions on one column have no value in common.
func disjoint(a, b *node) bool {
	if a.op != b.op || a.column != b.column {
		return false
	}
	switch a.op {
	case oneOfTexts:
		for t := range a.texts {
			if _, ok := b.texts[t]; ok {
				return false
			}
		}
		return true
	case oneOfNumbers:
		return !slices.ContainsFunc(a.numbers, func(v float64) bool { return slices.Contains(b.numbers, v) })
	case oneOfTimes:
		return !slices.ContainsFunc(a.times, func(v int64) bool { return slices.Contains(b.times, v) })
	}
	return false
}

// list makes the condition that a column is one of the values.
func list(column int, kind datasets.Kind, values []datasets.Value) node {
	n := node{column: column}
	switch kind {
	case datasets.Numeric, datasets.Boolean:
		n.op = oneOfNumbers
		for _, v := range values {
			n.numbers = append(n.numbers, v.Num)
		}
		slices.Sort(n.numbers)
	case datasets.Time:
		n.op = oneOfTimes
		for _, v := range values {
			n.times = append(n.times, v.Time)
		}
		slices.Sort(n.times)
	case datasets.Categorical, datasets.Text:
		n.op = oneOfTexts
		n.texts = make(map[string]struct{}, len(values))
		for _, v := range values {
			n.texts[v.Str] = struct{}{}
		}
	}
	return n
}
