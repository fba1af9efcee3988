package history

import (
	"math"
	"sort"

	"leadscore/datasets"
	"leadscore/features"
)

// past is the events of one lead in the terms of a plan, in the order of time, and at one moment by their properties. Of events at
// the same moment with the same properties the order changes no column.
type past struct {
	times    []int64
	types    []int32     // place in the plan; −1: it has no columns of its own
	channels []int32     // place in the plan, the number of channels for one that is not there; −1: unknown
	values   [][]float64 // of each used property; nil: all are missing
}

// before returns how many of the times, which rise, lie before the as-of moment.
func before(times []int64, asOf int64) int {
	return sort.Search(len(times), func(i int) bool { return !features.Before(times[i], asOf) })
}

// sums is what a sweep over the events of a lead finds. A bucket holds the events of an age between two bounds of the plan.
type sums struct {
	counts, days []int32   // by slot and bucket; after the sweep up to and with the bucket
	amounts      []float64 // by pair and bucket, likewise
	shares       []int32   // by channel and bucket, likewise; the last channel is all events with one
	lastDay      []int64   // by slot: the day of the event before in the sweep
	recent       []int64   // by slot: the latest event
	decayed      []float64 // by slot
	lasts        []float64 // by pair
	lastAt       []int64   // by pair
	n            int       // events before as-of
	end          int64     // what ages are counted to
	first        int64
	gapLast      uint64
	gapMax       uint64
	channels     [2]int32 // first and last; −1: none is known
	channelAt    [2]int64 // their moments
}

const noDay = math.MinInt64

func (p *Plan) slots() int { return len(p.learned.Types) + 1 }

func (s *sums) reset(p *Plan) {
	slots, buckets, channels := p.slots(), len(p.bounds), len(p.learned.Channels)
	s.counts, s.days = resize(s.counts, slots*buckets), resize(s.days, slots*buckets)
	s.amounts, s.shares = resize(s.amounts, len(p.pairs)*buckets), resize(s.shares, (channels+2)*buckets)
	s.lastDay, s.recent, s.decayed = resize(s.lastDay, slots), resize(s.recent, slots), resize(s.decayed, slots)
	s.lasts, s.lastAt = resize(s.lasts, len(p.pairs)), resize(s.lastAt, len(p.pairs))
	clear(s.counts)
	clear(s.days)
	clear(s.amounts)
	clear(s.shares)
	clear(s.decayed)
	for i := range s.lastDay {
		s.lastDay[i] = noDay
	}
	for i := range s.lasts {
		s.lasts[i] = math.NaN()
	}
	s.channels = [2]int32{-1, -1}
	s.gapLast, s.gapMax = 0, 0
}

// sweep goes through the events before as-of from the latest to the first.
func (p *Plan) sweep(e *past, asOf int64, s *sums) {
	s.reset(p)
	n := before(e.times, asOf)
	s.n = n
	if n == 0 {
		return
	}
	if s.end = asOf; asOf == datasets.MissingTime {
		s.end = e.times[n-1]
	}
	s.first = e.times[0]
	buckets := len(p.bounds)
	halfLife := float64(p.learned.HalfLife)
	bucket := 0
	for i := n - 1; i >= 0; i-- {
		t := e.times[i]
		age := uint64(s.end) - uint64(t) // t ≤ end: right for all numbers
		for bucket < buckets && age > p.bounds[bucket] {
			bucket++
		}
		if i < n-1 {
			gap := uint64(e.times[i+1]) - uint64(t)
			s.gapMax = max(s.gapMax, gap)
			if i == n-2 {
				s.gapLast = gap
			}
		}
		today := dayOf(t)
		weight := math.Exp2(-float64(age) / halfLife)
		s.event(0, bucket, buckets, today, t, weight)
		if k := e.types[i]; k >= 0 {
			s.event(int(k)+1, bucket, buckets, today, t, weight)
			for q := p.pairFrom[k]; q < p.pairFrom[k+1]; q++ {
				v := e.values[p.usedAt[p.pairs[q].property]]
				if v == nil || math.IsNaN(v[i]) {
					continue
				}
				if bucket < buckets {
					s.amounts[int(q)*buckets+bucket] += v[i]
				}
				if math.IsNaN(s.lasts[q]) || t == s.lastAt[q] && v[i] > s.lasts[q] {
					s.lasts[q], s.lastAt[q] = v[i], t
				}
			}
		}
		if c := e.channels[i]; c >= 0 {
			s.channel(c, bucket, buckets, t, int32(len(p.learned.Channels)))
		}
	}
	accumulate(s.counts, buckets)
	accumulate(s.days, buckets)
	accumulate(s.amounts, buckets)
	accumulate(s.shares, buckets)
}

// event enters an event into a slot.
func (s *sums) event(slot, bucket, buckets int, today, t int64, weight float64) {
	if s.lastDay[slot] == noDay {
		s.recent[slot] = t
	}
	s.decayed[slot] += weight
	if bucket < buckets {
		at := slot*buckets + bucket
		s.counts[at]++
		if s.lastDay[slot] != today { // the latest event of a day lies in every window that has one of that day
			s.days[at]++
		}
	}
	s.lastDay[slot] = today
}

// channel enters an event with a channel. Of channels at the same moment the one that comes first in the plan counts.
func (s *sums) channel(c int32, bucket, buckets int, t int64, channels int32) {
	if bucket < buckets {
		s.shares[int(c)*buckets+bucket]++
		s.shares[int(channels+1)*buckets+bucket]++
	}
	if s.channels[1] < 0 || t == s.channelAt[1] && c < s.channels[1] {
		s.channels[1], s.channelAt[1] = c, t
	}
	if s.channels[0] < 0 || t != s.channelAt[0] || c < s.channels[0] {
		s.channels[0], s.channelAt[0] = c, t
	}
}

// accumulate makes of what lies in each bucket what lies up to and with it.
func accumulate[T int32 | float64](of []T, buckets int) {
	for from := 0; from < len(of); from += buckets {
		for b := from + 1; b < from+buckets; b++ {
			of[b] += of[b-1]
		}
	}
}

// dayOf returns the day since 1970-01-01 UTC.
func dayOf(t int64) int64 {
	d := t / day
	if t%day < 0 {
		d--
	}
	return d
}

func daysIn(micros uint64) float64 { return float64(micros) / float64(day) }

// value returns a column's value after a sweep; NaN is missing, a categorical one is its channel's place.
func (p *Plan) value(c *column, s *sums) float64 {
	buckets := len(p.bounds)
	inner, outer := p.windows[c.window][0]-1, p.windows[c.window][1]-1
	at := int(c.slot) * buckets
	switch c.measure {
	case count:
		return float64(s.counts[at+inner])
	case days:
		return float64(s.days[at+inner])
	case trend:
		return float64(2*s.counts[at+inner] - s.counts[at+outer])
	case sum:
		if x := s.amounts[at+inner]; !math.IsInf(x, 0) && !math.IsNaN(x) {
			return x + 0
		}
		return math.NaN() // beyond what a number can hold
	case last:
		return s.lasts[c.slot]
	case recency:
		if s.lastDay[c.slot] != noDay {
			return daysIn(uint64(s.end) - uint64(s.recent[c.slot]))
		}
	case decayed:
		return s.decayed[c.slot]
	case firstTouch:
		if s.n > 0 {
			return daysIn(uint64(s.end) - uint64(s.first))
		}
	case gapMean:
		if s.n > 1 {
			return daysIn(uint64(s.recent[0])-uint64(s.first)) / float64(s.n-1)
		}
	case gapLast:
		if s.n > 1 {
			return daysIn(s.gapLast)
		}
	case gapMax:
		if s.n > 1 {
			return daysIn(s.gapMax)
		}
	case share:
		if all := s.shares[(len(p.learned.Channels)+1)*buckets+inner]; all > 0 {
			return float64(s.shares[at+inner]) / float64(all)
		}
	case firstChannel:
		if s.channels[0] >= 0 {
			return float64(s.channels[0])
		}
	case lastChannel:
		if s.channels[1] >= 0 {
			return float64(s.channels[1])
		}
	}
	return math.NaN()
}
