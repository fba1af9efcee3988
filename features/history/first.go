package history

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// First returns the moment of each lead's first event of a type, by lead number, in microseconds since 1970 UTC;
// datasets.MissingTime where it has none.
func (l *Log) First(ctx context.Context, eventType string, workers int) ([]int64, error) {
	first := make([]int64, l.leads)
	for i := range first {
		first[i] = datasets.MissingTime
	}
	kind, known := slices.BinarySearch(l.types, eventType)
	if !known {
		return first, nil
	}
	workers = workersOf(workers)
	buffers := make([]part, min(workers, len(l.parts)))
	return first, each(ctx, workers, len(l.parts), func(w, i int) error {
		p, err := l.load(i, &buffers[w])
		if err != nil {
			return err
		}
		for k := range len(p.starts) - 1 {
			for e := p.starts[k]; e < p.starts[k+1]; e++ {
				if int(p.kinds[e]>>16) == kind { // events are in the order of time
					first[i*int(l.perPart)+k] = p.times[e]
					break
				}
			}
		}
		return nil
	})
}

// Each calls do with the events of each row's lead, in the order of time, lead after lead: all events of the lead, the ones after
// the as-of moment too. Only types and moments are told. The events are valid until do returns.
func (l *Log) Each(ctx context.Context, rows []Moment, do func(row int, events []datasets.Event)) error {
	var events []datasets.Event
	last := -1
	return l.each(ctx, rows, func(row, lead int, p *part, from, to uint32) {
		if lead != last { // a lead of several rows is read once
			last, events = lead, events[:0]
			for e := from; e < to; e++ {
				events = append(events, datasets.Event{Type: l.types[p.kinds[e]>>16], At: p.times[e]})
			}
		}
		do(row, events)
	})
}

// each calls do with the place of the events of each row's lead: from to to−1 of a part.
func (l *Log) each(ctx context.Context, rows []Moment, do func(row, lead int, p *part, from, to uint32)) error {
	from, order, err := byLead(l, rows)
	if err != nil {
		return err
	}
	var buffer part
	for i := range l.parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := l.load(i, &buffer)
		if err != nil {
			return err
		}
		for k := range len(p.starts) - 1 {
			lead := i*int(l.perPart) + k
			for _, row := range order[from[lead]:from[lead+1]] {
				do(int(row), lead, p, p.starts[k], p.starts[k+1])
			}
		}
	}
	return nil
}

// Wanted is what EventsOf is to tell of events: those of some types (sorted), their moments, and what else is asked for.
type Wanted struct {
	Types      []string
	Properties []string // numbers, which the log has to have
	Channels   bool
}

// EventsOf returns the events of the wanted types of each row's lead, in the order of time, those after the as-of moment too; nil
// without types. The error names properties that were not read with the log, or says that it has no channels.
func (l *Log) EventsOf(ctx context.Context, rows []Moment, w Wanted) ([][]datasets.Event, error) {
	if len(w.Types) == 0 {
		return nil, nil
	}
	places := make([]int, len(w.Properties))
	for i, name := range w.Properties {
		if places[i] = slices.Index(l.properties, name); places[i] < 0 {
			return nil, fmt.Errorf("reading events: the property %q is asked for, and the log was read with %q", name, l.properties)
		}
	}
	if w.Channels && len(l.channels) == 0 {
		return nil, errors.New("reading events: the channel is asked for, and no event of the log has one")
	}
	out := make([][]datasets.Event, len(rows))
	return out, l.each(ctx, rows, func(row, _ int, p *part, from, to uint32) {
		for e := from; e < to; e++ {
			kind := l.types[p.kinds[e]>>16]
			if _, asked := slices.BinarySearch(w.Types, kind); !asked {
				continue
			}
			event := datasets.Event{Type: kind, At: p.times[e]}
			if code := p.kinds[e] & unnamed; w.Channels && code != unnamed {
				event.Channel = l.channels[code]
			}
			for i, name := range w.Properties {
				if x := p.values[places[i]][e]; !math.IsNaN(x) {
					event.Values = append(event.Values, datasets.Property{Name: name, Value: x})
				}
			}
			out[row] = append(out[row], event)
		}
	})
}
