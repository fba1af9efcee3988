package rules

import (
	"encoding/json"
	"fmt"
	"regexp"
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
	never operator = iota // what no value of the column could be
	known
	absent
	oneOfTexts
	oneOfNumbers
	oneOfTimes
	numberWithin
	timeWithin
	hasWords
	hasPattern
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
	few     []string  // the texts, where they are few: quicker than the map
	numbers []float64 // sorted
	times   []int64   // sorted
	low     float64   // of a range, both ends included
	high    float64
	first   int64 // of a range of times, both ends included
	last    int64
	words   []string // in small letters
	pattern *regexp.Regexp
	event   int // index into scratch.events
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
	case absent:
		return truthOf(x.row[n.column].Missing())
	case oneOfTexts, oneOfNumbers, oneOfTimes, numberWithin, timeWithin, hasWords, hasPattern:
		return truthOf(n.holds(&x.row[n.column]))
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

// holds decides a condition on a cell; one that is missing meets none.
func (n *node) holds(v *datasets.Value) bool {
	if v.Kind == datasets.Unknown {
		return false
	}
	switch n.op {
	case oneOfTexts:
		if n.few != nil {
			return slices.Contains(n.few, v.Str)
		}
		_, ok := n.texts[v.Str]
		return ok
	case oneOfNumbers:
		_, ok := slices.BinarySearch(n.numbers, v.Num)
		return ok
	case oneOfTimes:
		_, ok := slices.BinarySearch(n.times, v.Time)
		return ok
	case numberWithin:
		return v.Num >= n.low && v.Num <= n.high
	case timeWithin:
		return v.Time >= n.first && v.Time <= n.last
	case hasWords:
		return slices.ContainsFunc(n.words, func(w string) bool { return containsFold(v.Str, w) })
	case hasPattern:
		return n.pattern.MatchString(v.Str)
	}
	return false
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
	case known, absent, oneOfTexts, oneOfNumbers, oneOfTimes, numberWithin, timeWithin, hasWords, hasPattern:
		cell(n.column)
	case happened:
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		showCount(b, x.set.streams[n.event].label, len(x.happened(n)))
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

// written is a condition with its validity as JSON: two that are equal hold for the same leads.
func written(c *Condition, v *Valid) string {
	b, err := json.Marshal(struct {
		When  *Condition
		Valid *Valid
	}{c, v})
	if err != nil { // a number that is not finite: not equal to anything
		return err.Error() + fmt.Sprintf("%p", c)
	}
	return string(b)
}
