package rules

import "slices"

// timeline is the events of one stream of one lead, and what rules want to know of the last n of them. That is counted once for all
// rules of a group, from the last event back, so that a rule takes the same time whatever the number of events.
type timeline struct {
	times []int64 // ascending
	days  []int   // distinct days (UTC) from each event on; empty: not yet counted
	left  []remains
	by    *decay // what left was computed by; nil: not yet
}

// remains is Σ of what a decay leaves of the events from one on.
type remains struct {
	events float64 // of each
	days   float64 // of the latest one of each day
}

func (l *timeline) reset() { l.times, l.days, l.by = l.times[:0], l.days[:0], nil }

// daysOf is the number of distinct days of the last n events; n is above 0.
func (l *timeline) daysOf(n int) int { return l.counted()[len(l.times)-n] }

func (l *timeline) counted() []int {
	if len(l.days) == len(l.times) {
		return l.days
	}
	l.days = slices.Grow(l.days, len(l.times))[:len(l.times)]
	n, next := 0, int64(0)
	for i := len(l.times) - 1; i >= 0; i-- {
		if d := dayOf(l.times[i]); n == 0 || d != next {
			n, next = n+1, d
		}
		l.days[i] = n
	}
	return l.days
}

func dayOf(t int64) int64 {
	d := t / microsPerDay
	if t%microsPerDay < 0 {
		d--
	}
	return d
}

// leftOf returns Σ left(age) over what a rule counts of the last n events, which is above 0: the latest (once), the latest of each
// day, or each.
func (l *timeline) leftOf(n int, each each, d *decay, now int64) float64 {
	last := len(l.times) - 1
	if l.by != d {
		if each == once {
			return d.left(ageOf(l.times[last], now))
		}
		l.decay(d, now)
	}
	switch each {
	case eachEvent:
		return l.left[last+1-n].events
	case eachDay:
		return l.left[last+1-n].days
	}
	return l.left[last].events
}

func (l *timeline) decay(d *decay, now int64) {
	days := l.counted()
	l.left = slices.Grow(l.left[:0], len(l.times))[:len(l.times)]
	l.by = d
	var sum remains
	day := 0
	for i := len(l.times) - 1; i >= 0; i-- {
		left := d.left(ageOf(l.times[i], now))
		sum.events += left
		if days[i] != day {
			day = days[i]
			sum.days += left
		}
		l.left[i] = sum
	}
}
