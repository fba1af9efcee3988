package rules

import (
	"math"

	"leadscore/datasets"
)

// aboutColumn reports whether a condition looks at one cell alone.
func (n *node) aboutColumn() bool {
	switch n.op {
	case known, absent, oneOfTexts, oneOfNumbers, oneOfTimes, numberWithin, timeWithin, hasWords, hasPattern:
		return true
	}
	return false
}

// exclusive reports whether it is sure that no lead meets both conditions. False is "not sure".
func exclusive(a, b *node) bool {
	if a.op == notOf && implies(b, &a.kids[0]) || b.op == notOf && implies(a, &b.kids[0]) {
		return true
	}
	if !a.aboutColumn() || !b.aboutColumn() || a.column != b.column {
		return false
	}
	if a.op == absent || b.op == absent {
		return a.op != b.op
	}
	switch {
	case a.lists():
		return a.none(func(v datasets.Value) bool { return b.op == known || b.holds(&v) })
	case b.lists():
		return exclusive(b, a)
	case a.op == numberWithin && b.op == numberWithin:
		return math.Max(a.low, b.low) > math.Min(a.high, b.high)
	case a.op == timeWithin && b.op == timeWithin:
		return max(a.first, b.first) > min(a.last, b.last)
	}
	return false
}

// implies reports whether it is sure that a lead that meets a meets b too. False is "not sure".
func implies(a, b *node) bool {
	if a.op == happened && b.op == happened {
		return a.event == b.event && a.atLeast >= b.atLeast && (b.within == 0 || a.within != 0 && a.within <= b.within)
	}
	if !a.aboutColumn() || !b.aboutColumn() || a.column != b.column {
		return false
	}
	switch {
	case a.op == absent || b.op == absent:
		return a.op == b.op
	case b.op == known:
		return true
	case a.lists():
		return a.none(func(v datasets.Value) bool { return !b.holds(&v) })
	case a.op == numberWithin && b.op == numberWithin:
		return a.low >= b.low && a.high <= b.high
	case a.op == timeWithin && b.op == timeWithin:
		return a.first >= b.first && a.last <= b.last
	}
	return false
}

// lists reports whether a condition is a list of values.
func (n *node) lists() bool { return n.op == oneOfTexts || n.op == oneOfNumbers || n.op == oneOfTimes }

// none reports whether f is true of no value of a list.
func (n *node) none(f func(v datasets.Value) bool) bool {
	for t := range n.texts {
		if f(datasets.Words(t)) {
			return false
		}
	}
	for _, v := range n.numbers {
		if f(datasets.Number(v)) {
			return false
		}
	}
	for _, t := range n.times {
		if f(datasets.At(t)) {
			return false
		}
	}
	return true
}
