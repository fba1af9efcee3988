package rules

import (
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
	asOf    int64 // datasets.MissingTime: unknown
	now     int64 // what ages are counted to: asOf, or the latest event
	streams []timeline
	empty   bool  // of events, since the last lead
	asked   *node // the event condition that found is the answer to; nil: none yet
	found   []int64
	ids     idSet
	err     error
	moment  datasets.Value // asOf as a cell, for an expression
}

func newScratch(s *Set) *scratch { return &scratch{set: s, streams: make([]timeline, len(s.streams))} }

// index sorts the events into their types, leaving out those that may not count: at or after
// as-of, of types that no rule asks for, and those without a time.
func (x *scratch) index(events []Event) {
	x.asked, x.now = nil, x.asOf
	if len(events) == 0 && x.empty {
		return
	}
	x.empty = len(events) == 0
	for i := range x.streams {
		x.streams[i].reset()
	}
	x.ids.reset(len(events))
	all := x.asOf == datasets.MissingTime
	for i := range events {
		e := &events[i]
		if all {
			x.now = max(x.now, e.At)
		}
		if !features.Before(e.At, x.asOf) {
			continue
		}
		if e.ID != "" && !x.ids.add(events, i) {
			continue // one that was sent twice counts once
		}
		for _, k := range x.set.eventIndex[e.Type] {
			if x.set.streams[k].takes(e) {
				x.streams[k].times = append(x.streams[k].times, e.At)
			}
		}
	}
	for i := range x.streams {
		if times := x.streams[i].times; !slices.IsSorted(times) {
			slices.Sort(times)
		}
	}
}

// happened returns the times of the events that an event condition counts, ascending.
func (x *scratch) happened(n *node) []int64 {
	if x.asked == n {
		return x.found
	}
	times := x.streams[n.event].times
	if n.within > 0 && len(times) > 0 {
		if from := x.now - n.within; from <= x.now && times[0] < from { // above now: below the first moment there is
			i, _ := slices.BinarySearch(times, from)
			times = times[i:]
		}
	}
	x.asked, x.found = n, times
	return times
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
		return halved(age / d.span)
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
