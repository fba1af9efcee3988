package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"leadscore/features/history"
)

// stream is the events that some event condition counts: of one type, and perhaps of some channels, with properties in ranges.
type stream struct {
	label    string // for the trace: order (amount ≥ 100)
	channels []string
	where    []property
}

// property is the range of a number of an event, both ends included.
type property struct {
	name      string
	low, high float64
}

// takes reports whether an event of the stream's type is one of it. Of a property that stands twice the last counts.
func (s *stream) takes(e *Event) bool {
	if s.channels != nil && !slices.Contains(s.channels, e.Channel) {
		return false
	}
	for i := range s.where {
		p, value := &s.where[i], math.NaN()
		for k := range e.Values {
			if e.Values[k].Name == p.name {
				value = e.Values[k].Value
			}
		}
		if !(value >= p.low && value <= p.high) { // NaN is in no range
			return false
		}
	}
	return true
}

// event compiles an event condition.
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
	s := stream{}
	var label []string
	if f.Channel != nil {
		if len(f.Channel) == 0 {
			c.problem(path+".channel", "the list is empty; leave it out for all channels")
		}
		s.channels = slices.Sorted(slices.Values(f.Channel))
		label = append(label, "by "+strings.Join(s.channels, " or "))
	}
	if f.Where != nil && len(f.Where) == 0 {
		c.problem(path+".where", "it is empty; want properties and their ranges, such as {amount: {from: 100}}")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Where)) {
		r := f.Where[name]
		p, text := c.property(Key(path+".where", name), name, &r)
		s.where = append(s.where, p)
		label = append(label, text)
	}
	s.label = f.Event
	if label != nil {
		s.label += " (" + strings.Join(label, ", ") + ")"
	}
	key := fmt.Sprintf("%q %q %v", f.Event, s.channels, s.where)
	k, ok := c.streamIndex[key]
	if !ok {
		k = len(c.streams)
		c.streamIndex[key] = k
		c.streams = append(c.streams, s)
		c.eventIndex[f.Event] = append(c.eventIndex[f.Event], k)
	}
	n.event = k
	return n
}

// property compiles the range of a property and says it in words.
func (c *compiler) property(path, name string, r *Range) (property, string) {
	p := property{name: name, low: math.Inf(-1), high: math.Inf(1)}
	if name == "" {
		c.problem(path, "a property needs a name")
	}
	if r.Above != nil && r.From != nil || r.Below != nil && r.To != nil {
		c.problem(path, "want one lower end (above or from) and one upper end (below or to) at most")
	}
	text := name
	for _, end := range []struct {
		x    *float64
		sign string
		set  func(x float64)
	}{
		{r.From, " ≥ ", func(x float64) { p.low = x }}, {r.Above, " > ", func(x float64) { p.low = math.Nextafter(x, math.Inf(1)) }},
		{r.To, " ≤ ", func(x float64) { p.high = x }}, {r.Below, " < ", func(x float64) { p.high = math.Nextafter(x, math.Inf(-1)) }},
	} {
		if end.x == nil {
			continue
		}
		if math.IsNaN(*end.x) || math.IsInf(*end.x, 0) {
			c.problem(path, "want finite numbers")
			continue
		}
		end.set(*end.x)
		text += end.sign + showNumber(*end.x)
	}
	switch {
	case r.Above == nil && r.From == nil && r.Below == nil && r.To == nil:
		c.problem(path, "want the range of the property: above or from, below or to")
	case p.low > p.high:
		c.problem(path, "no number is in this range")
	}
	return p, text
}

// EventTypes are the types of events that some rule asks for, by name; none: the rules look at attributes alone.
func (s *Set) EventTypes() []string { return slices.Sorted(maps.Keys(s.eventIndex)) }

// EventProperties are the numbers of events that some rule asks for, by name.
func (s *Set) EventProperties() []string {
	names := map[string]bool{}
	for i := range s.streams {
		for _, p := range s.streams[i].where {
			names[p.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Wanted is what scoring needs of an event log.
func (s *Set) Wanted() history.Wanted {
	return history.Wanted{Types: s.EventTypes(), Properties: s.EventProperties(), Channels: s.ReadsChannels()}
}

// ReadsChannels reports whether some rule asks for the channel of an event.
func (s *Set) ReadsChannels() bool {
	return slices.ContainsFunc(s.streams, func(s stream) bool { return s.channels != nil })
}

func unknownEvent(name string, known []string) string {
	return fmt.Sprintf("no rule asks for the event %q%s", name, didYouMean(name, known))
}
