package history

import (
	"cmp"
	"math"
	"slices"

	"leadscore/datasets"
	"leadscore/features"
)

// Scratch is the memory of Row, for one goroutine at a time; its zero value is ready, for any plan.
type Scratch struct {
	refs   []ref
	values []float64 // of each ref: its used properties
	past   past
	sums   sums
}

// ref is an event of a request.
type ref struct {
	at    int64
	event int32
	place int32 // in Scratch.values
}

// Row makes the columns of one lead into dst, which is as long as Fields: bit for bit what Columns makes of the same
// events. Events come in any order; one without a time or a type counts nowhere, and of those with the same id the same one
// counts that Read would keep. A property that is infinite is missing. Types, channels and ids are compared as they are: the caller has
// trimmed them, and turned what means missing into "". asOf is as Moment's.
func (p *Plan) Row(events []datasets.Event, asOf int64, dst []datasets.Value, s *Scratch) {
	s.refs = s.refs[:0]
	ids := false
	for i := range events {
		e := &events[i]
		if e.Type != "" && features.Before(e.At, asOf) {
			s.refs = append(s.refs, ref{at: e.At, event: int32(i)})
			ids = ids || e.ID != ""
		}
	}
	if ids {
		s.unique(p, events)
	}
	used := len(p.used)
	s.values = resize(s.values, len(s.refs)*used)
	for i := range s.refs {
		s.refs[i].place = int32(i * used)
		values := s.values[i*used : (i+1)*used]
		for u := range values {
			values[u] = math.NaN()
		}
		for _, v := range events[s.refs[i].event].Values {
			if at, ok := p.propertyAt[v.Name]; ok && p.usedAt[at] >= 0 {
				values[p.usedAt[at]] = plain(v.Value)
			}
		}
	}
	slices.SortFunc(s.refs, func(a, b ref) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		return slices.Compare(s.values[a.place:int(a.place)+used], s.values[b.place:int(b.place)+used])
	})
	s.fill(p, events)
	p.sweep(&s.past, asOf, &s.sums)
	for i := range p.columns {
		c := &p.columns[i]
		dst[i] = datasets.Value{}
		if x := p.value(c, &s.sums); math.IsNaN(x) {
			continue
		} else if c.categorical() {
			dst[i] = datasets.Level(p.level(int(x)))
		} else {
			dst[i] = datasets.Number(x)
		}
	}
}

// plain returns a property as a column holds it: no negative zero, and NaN for what is not finite.
func plain(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.NaN()
	}
	return x + 0
}

// unique drops the events whose id an earlier one has.
func (s *Scratch) unique(p *Plan, events []datasets.Event) {
	slices.SortFunc(s.refs, func(a, b ref) int {
		x, y := &events[a.event], &events[b.event]
		if c := cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.At, y.At), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Channel, y.Channel)); c != 0 {
			return c
		}
		if x.ID == "" {
			return 0
		}
		for _, name := range p.learned.Properties {
			if c := cmp.Compare(property(x, name), property(y, name)); c != 0 {
				return c
			}
		}
		return 0
	})
	kept := s.refs[:0]
	for i, r := range s.refs {
		if id := events[r.event].ID; id == "" || i == 0 || events[s.refs[i-1].event].ID != id {
			kept = append(kept, r)
		}
	}
	s.refs = kept
}

// property returns the property of an event with that name, NaN where it has none.
func property(e *datasets.Event, name string) float64 {
	for i := len(e.Values) - 1; i >= 0; i-- {
		if e.Values[i].Name == name {
			return plain(e.Values[i].Value)
		}
	}
	return math.NaN()
}

// fill puts the events in order into the terms of the plan.
func (s *Scratch) fill(p *Plan, events []datasets.Event) {
	n, used := len(s.refs), len(p.used)
	e := &s.past
	e.times, e.types, e.channels = resize(e.times, n), resize(e.types, n), resize(e.channels, n)
	e.values = resize(e.values, used)
	for u := range e.values {
		e.values[u] = resize(e.values[u], n)
	}
	for i, r := range s.refs {
		event := &events[r.event]
		e.times[i], e.types[i], e.channels[i] = r.at, -1, -1
		if at, ok := p.typeAt[event.Type]; ok {
			e.types[i] = at
		}
		if event.Channel != "" {
			e.channels[i] = int32(len(p.learned.Channels))
			if at, ok := p.channelAt[event.Channel]; ok {
				e.channels[i] = at
			}
		}
		for u := range used {
			e.values[u][i] = s.values[int(r.place)+u]
		}
	}
}
