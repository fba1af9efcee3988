package history

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// Learn chooses the types, channels and properties that get columns: those that at least Spec.MinLeads training leads had before
// their as-of moment. use marks the training rows (nil: all are); no event of another lead, and none at or after the latest
// as-of moment of a lead's training rows, has any part in it.
func Learn(ctx context.Context, l *Log, rows []Moment, use []bool, spec Spec) (*Plan, error) {
	spec = spec.withDefaults()
	if err := spec.check(); err != nil {
		return nil, fmt.Errorf("learning event features: %w", err)
	}
	if use != nil && len(use) != len(rows) {
		return nil, fmt.Errorf("learning event features: %d marks for %d rows", len(use), len(rows))
	}
	from, order, err := byLead(l, rows)
	if err != nil {
		return nil, err
	}
	workers := workersOf(0)
	tallies := make([]presence, min(workers, len(l.parts)))
	err = each(ctx, workers, len(l.parts), func(w, i int) error {
		t := &tallies[w]
		t.start(l)
		part, err := l.load(i, &t.buffer)
		if err != nil {
			return err
		}
		for k := range len(part.starts) - 1 {
			lead := i*int(l.perPart) + k
			if asOf, ok := latest(rows, use, order[from[lead]:from[lead+1]]); ok {
				t.lead(part, k, asOf)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := &tallies[0]
	all.start(l)
	for i := range tallies[1:] {
		all.add(&tallies[1+i])
	}
	learned := learned{Windows: slices.Clone(spec.Windows), HalfLife: spec.HalfLife, Properties: slices.Clone(l.properties)}
	for _, t := range frequent(all.types, spec.MinLeads, spec.MaxTypes) {
		kind := learnedType{Name: l.types[t]}
		width := len(l.properties)
		for _, p := range frequent(all.pairs[t*width:(t+1)*width], spec.MinLeads, spec.MaxProperties) {
			kind.Properties = append(kind.Properties, int32(p))
		}
		slices.Sort(kind.Properties)
		learned.Types = append(learned.Types, kind)
	}
	for _, c := range frequent(all.channels, spec.MinLeads, spec.MaxChannels) {
		learned.Channels = append(learned.Channels, l.channels[c])
	}
	p, err := newPlan(learned)
	if err != nil {
		return nil, fmt.Errorf("learning event features: %w", err)
	}
	return p, nil
}

// latest returns the latest as-of moment of the training rows among some of one lead; not ok when there is none. A missing one is the
// latest of all.
func latest(rows []Moment, use []bool, of []int32) (asOf int64, ok bool) {
	for _, row := range of {
		if use != nil && !use[row] {
			continue
		}
		if t := rows[row].AsOf; !ok || t == datasets.MissingTime || t > asOf {
			asOf, ok = t, true
		}
		if asOf == datasets.MissingTime {
			break
		}
	}
	return asOf, ok
}

// frequent returns the places of the counts that reach least, the largest first and at most most; the places are by name.
func frequent(counts []int, least, most int) []int {
	var places []int
	for i, n := range counts {
		if n >= least {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	return places[:min(len(places), most)]
}

// presence counts the leads that have each type, channel, and property of a type.
type presence struct {
	types, channels, pairs []int
	seen                   [3][]int // the number of the lead that last had each
	leads                  int
	buffer                 part
}

func (t *presence) start(l *Log) {
	if t.types != nil {
		return
	}
	t.types, t.channels, t.pairs = make([]int, len(l.types)), make([]int, len(l.channels)), make([]int, len(l.types)*len(l.properties))
	t.seen = [3][]int{make([]int, len(t.types)), make([]int, len(t.channels)), make([]int, len(t.pairs))}
}

// lead counts what lead k of a part had before as-of.
func (t *presence) lead(p *part, k int, asOf int64) {
	t.leads++
	mark := func(what int, counts []int, at int) {
		if t.seen[what][at] != t.leads {
			t.seen[what][at] = t.leads
			counts[at]++
		}
	}
	low, high := int(p.starts[k]), int(p.starts[k+1])
	for i := low; i < low+before(p.times[low:high], asOf); i++ {
		kind := int(p.kinds[i] >> 16)
		mark(0, t.types, kind)
		if c := p.kinds[i] & unnamed; c != unnamed {
			mark(1, t.channels, int(c))
		}
		for v, values := range p.values {
			if !math.IsNaN(values[i]) {
				mark(2, t.pairs, kind*len(p.values)+v)
			}
		}
	}
}

func (t *presence) add(o *presence) {
	for _, c := range []struct{ to, from []int }{{t.types, o.types}, {t.channels, o.channels}, {t.pairs, o.pairs}} {
		for i, n := range c.from {
			c.to[i] += n
		}
	}
}
