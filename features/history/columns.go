package history

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// Moment is one row of a snapshot table: a lead, by its number, as it was known at a moment.
type Moment struct {
	Lead int32
	AsOf int64 // microseconds since 1970 UTC; datasets.MissingTime: all events count, and windows count back from the latest
}

// byLead lists the rows lead after lead: those of lead i are order[from[i]:from[i+1]].
func byLead(l *Log, rows []Moment) (from, order []int32, err error) {
	if len(rows) > math.MaxInt32 {
		return nil, nil, fmt.Errorf("making event features: %d rows; want at most %d", len(rows), math.MaxInt32)
	}
	from, order = make([]int32, l.leads+2), make([]int32, len(rows))
	for i := range rows {
		if n := rows[i].Lead; n < 0 || int(n) >= l.leads {
			return nil, nil, fmt.Errorf("making event features: row %d: lead number %d; want 0 to %d, as the log was read for %d leads", i, n, l.leads-1, l.leads)
		}
		from[rows[i].Lead+2]++
	}
	for i := 2; i < len(from); i++ {
		from[i] += from[i-1]
	}
	for i := range rows {
		at := &from[rows[i].Lead+1]
		order[*at] = int32(i)
		*at++
	}
	return from[:l.leads+1], order, nil
}

// Columns makes all columns for all rows. Rows may come in any order and a lead in several; a lead without events has
// counts of 0 and is otherwise missing. workers 0 is GOMAXPROCS; their number changes no bit.
func (p *Plan) Columns(ctx context.Context, l *Log, rows []Moment, workers int) ([]datasets.Column, error) {
	from, order, err := byLead(l, rows)
	if err != nil {
		return nil, err
	}
	columns := make([]datasets.Column, len(p.columns))
	levels := make([]string, len(p.learned.Channels)+1)
	for i := range levels {
		levels[i] = p.level(i)
	}
	for i := range columns {
		if p.columns[i].categorical() {
			columns[i] = datasets.Column{Kind: datasets.Categorical, Codes: make([]int32, len(rows)), Levels: levels}
		} else {
			columns[i] = datasets.Column{Kind: datasets.Numeric, Numbers: make([]float64, len(rows))}
		}
	}
	workers = workersOf(workers)
	readers := make([]leadReader, min(workers, len(l.parts)))
	err = each(ctx, workers, len(l.parts), func(w, i int) error {
		r := &readers[w]
		r.start(p, l)
		part, err := l.load(i, &r.buffer)
		if err != nil {
			return err
		}
		for k := range len(part.starts) - 1 {
			lead := i*int(l.perPart) + k
			wanted := order[from[lead]:from[lead+1]]
			if len(wanted) == 0 {
				continue
			}
			r.read(part, k)
			for _, row := range wanted {
				p.sweep(&r.past, rows[row].AsOf, &r.sums)
				for c := range p.columns {
					x := p.value(&p.columns[c], &r.sums)
					if columns[c].Kind == datasets.Numeric {
						columns[c].Numbers[row] = x
					} else if columns[c].Codes[row] = -1; !math.IsNaN(x) {
						columns[c].Codes[row] = int32(x)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return columns, nil
}

// leadReader puts the events of one lead of a log after another into the terms of a plan.
type leadReader struct {
	plan            *Plan
	types, channels []int32 // of each of the log: its place in the plan
	properties      []int   // of each used property: its place in the log; −1: the log does not have it
	buffer          part
	past            past
	sums            sums
	order           []int32
	kinds           []uint32
	sorted          [][]float64
}

func (r *leadReader) start(p *Plan, l *Log) {
	if r.plan != nil {
		return
	}
	r.plan = p
	for _, name := range l.types {
		place, ok := p.typeAt[name]
		if !ok {
			place = -1
		}
		r.types = append(r.types, place)
	}
	for _, name := range l.channels {
		place, ok := p.channelAt[name]
		if !ok {
			place = int32(len(p.learned.Channels))
		}
		r.channels = append(r.channels, place)
	}
	for _, property := range p.used {
		at, ok := slices.BinarySearch(l.properties, p.learned.Properties[property])
		if !ok {
			at = -1
		}
		r.properties = append(r.properties, at)
	}
	r.past.values = make([][]float64, len(p.used))
	r.sorted = make([][]float64, len(p.used))
}

// read takes lead k of a part.
func (r *leadReader) read(p *part, k int) {
	low, high := int(p.starts[k]), int(p.starts[k+1])
	e := &r.past
	e.times = p.times[low:high]
	for u, at := range r.properties {
		e.values[u] = nil
		if at >= 0 {
			e.values[u] = p.values[at][low:high]
		}
	}
	kinds := r.tied(p.kinds[low:high])
	e.types, e.channels = resize(e.types, len(kinds)), resize(e.channels, len(kinds))
	for i, kind := range kinds {
		e.types[i] = r.types[kind>>16]
		e.channels[i] = -1
		if c := kind & unnamed; c != unnamed {
			e.channels[i] = r.channels[c]
		}
	}
}

// tied puts events at the same moment in the order of their used properties, which is that of Row, and returns
// the kinds in that order. The log has them in the order of all that it knows.
func (r *leadReader) tied(kinds []uint32) []uint32 {
	e := &r.past
	ties := false
	for i := 1; i < len(e.times) && !ties; i++ {
		ties = e.times[i] == e.times[i-1]
	}
	if !ties || len(e.values) == 0 {
		return kinds
	}
	r.order = resize(r.order, len(kinds))
	for i := range r.order {
		r.order[i] = int32(i)
	}
	for from := 0; from < len(kinds); {
		to := from + 1
		for to < len(kinds) && e.times[to] == e.times[from] {
			to++
		}
		slices.SortStableFunc(r.order[from:to], func(a, b int32) int {
			for _, v := range e.values {
				if v != nil {
					if c := cmp.Compare(v[a], v[b]); c != 0 {
						return c
					}
				}
			}
			return 0
		})
		from = to
	}
	r.kinds = resize(r.kinds, len(kinds))
	sorted := r.kinds
	for i, at := range r.order {
		sorted[i] = kinds[at]
	}
	for u, v := range e.values {
		if v != nil {
			r.sorted[u] = resize(r.sorted[u], len(v))
			for i, at := range r.order {
				r.sorted[u][i] = v[at]
			}
			e.values[u] = r.sorted[u]
		}
	}
	return sorted
}
