package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
)

// scratch is what one scoring needs beside the Set; it is pooled.
type scratch struct {
	set     *Set
	row     []datasets.Value
	asOf    int64     // datasets.MissingTime: unknown
	now     int64     // what ages are counted to: asOf, or the latest event
	events  [][]int64 // of each stream, ascending
	left    [][]float64
	decayed []*decay // what left was computed by; nil: not yet
	ids     idSet
	err     error
}

func newScratch(streams int) *scratch {
	return &scratch{events: make([][]int64, streams), left: make([][]float64, streams), decayed: make([]*decay, streams)}
}

// index sorts the events into their types, leaving out those that may not count: at or after
// as-of, of types that no rule asks for, and those without a time.
func (x *scratch) index(events []Event) {
	for i := range x.events {
		x.events[i] = x.events[i][:0]
	}
	clear(x.decayed)
	x.ids.reset(len(events))
	x.now = x.asOf
	all := x.asOf == datasets.MissingTime
	for i := range events {
		e := &events[i]
		if all {
			x.now = max(x.now, e.At)
		}
		if !features.Before(e.At, x.asOf) {
			continue
		}
		if e.ID != "" && !x.ids.add(e.ID) {
			continue // one that was sent twice counts once
		}
		for _, k := range x.set.eventIndex[e.Type] {
			if x.set.streams[k].takes(e) {
				x.events[k] = append(x.events[k], e.At)
			}
		}
	}
	for _, times := range x.events {
		if !slices.IsSorted(times) {
			slices.Sort(times)
		}
	}
}

// happened returns the times of the events that an event condition counts, ascending.
func (x *scratch) happened(n *node) []int64 {
	times := x.events[n.event]
	if n.within == 0 || len(times) == 0 {
		return times
	}
	from := x.now - n.within
	if from > x.now { // below the first moment there is
		return times
	}
	i, _ := slices.BinarySearch(times, from)
	return times[i:]
}

// days is the number of distinct days (UTC) of ascending times.
func days(times []int64) int {
	n, last := 0, int64(0)
	for _, t := range times {
		if d := dayOf(t); n == 0 || d != last {
			n, last = n+1, d
		}
	}
	return n
}

func dayOf(t int64) int64 {
	d := t / microsPerDay
	if t%microsPerDay < 0 {
		d--
	}
	return d
}

// decay is the fraction of event points that an age leaves.
type decay struct {
	kind      decayKind
	span      float64 // microseconds
	keep      float64
	spanShown string
}

type decayKind uint8

const (
	lasting decayKind = iota
	halfLife
	linear
	step
)

// left returns the fraction of points left at an age in microseconds, which is at least 0.
func (d *decay) left(age float64) float64 {
	switch d.kind {
	case halfLife:
		return math.Exp2(-age / d.span)
	case linear:
		return max(0, 1-age/d.span)
	case step:
		if age >= d.span {
			return d.keep
		}
	}
	return 1
}

func ageOf(t, now int64) float64 { return max(0, float64(now)-float64(t)) }

// sum returns Σ left(age) over what a rule counts: its latest event (once), the latest event of
// each day, or each event. times are the last ones of a stream, ascend and are not empty.
func (d *decay) sum(x *scratch, stream int, times []int64, each each) float64 {
	if each == once && x.decayed[stream] != d {
		return d.left(ageOf(times[len(times)-1], x.now))
	}
	left := x.leftOf(stream, d)
	left = left[len(left)-len(times):]
	if each == once {
		return left[len(left)-1]
	}
	s := 0.0
	for i := range times {
		if each == eachEvent || i+1 == len(times) || dayOf(times[i+1]) != dayOf(times[i]) {
			s += left[i]
		}
	}
	return s
}

// leftOf returns what a decay leaves of each event of a stream. Rules of one group share it.
func (x *scratch) leftOf(stream int, d *decay) []float64 {
	if x.decayed[stream] != d {
		left := x.left[stream][:0]
		for _, t := range x.events[stream] {
			left = append(left, d.left(ageOf(t, x.now)))
		}
		x.left[stream], x.decayed[stream] = left, d
	}
	return x.left[stream]
}

// show names the decay for the trace.
func (d *decay) show() string {
	switch d.kind {
	case halfLife:
		return "half-life " + d.spanShown
	case linear:
		return "linear to 0 over " + d.spanShown
	}
	return showNumber(d.keep) + " of the points from " + d.spanShown + " on"
}

func showCount(b *strings.Builder, name string, n int) {
	b.WriteString(name)
	b.WriteString(" × ")
	b.WriteString(strconv.Itoa(n))
}
