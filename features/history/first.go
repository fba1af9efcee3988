package history

import (
	"context"
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
	from, order, err := byLead(l, rows)
	if err != nil {
		return err
	}
	var buffer part
	var events []datasets.Event
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
			wanted := order[from[lead]:from[lead+1]]
			if len(wanted) == 0 {
				continue
			}
			events = events[:0]
			for e := p.starts[k]; e < p.starts[k+1]; e++ {
				events = append(events, datasets.Event{Type: l.types[p.kinds[e]>>16], At: p.times[e]})
			}
			for _, row := range wanted {
				do(int(row), events)
			}
		}
	}
	return nil
}

// EventsOf returns the events of some types (sorted) of each row's lead, in the order of time; nil without types. Only types and moments
// are told, those after the as-of moment too.
func (l *Log) EventsOf(ctx context.Context, rows []Moment, types []string) ([][]datasets.Event, error) {
	if len(types) == 0 {
		return nil, nil
	}
	out := make([][]datasets.Event, len(rows))
	return out, l.Each(ctx, rows, func(row int, events []datasets.Event) {
		for _, e := range events {
			if _, asked := slices.BinarySearch(types, e.Type); asked {
				out[row] = append(out[row], e)
			}
		}
	})
}
