package history

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

const (
	second = int64(1_000_000) // in microseconds
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour

	maxWindow = 36_500 * day
)

// Spec says what columns are wanted. Its zero value is the defaults named below.
type Spec struct {
	// Windows are the spans that counts are taken over, in microseconds, rising; nil: 7, 30 and 90 days. At most 16,
	// each at most 36,500 days.
	Windows []int64
	// HalfLife is the age at which an event counts half in the decayed count, in microseconds. 0: 14 days.
	HalfLife int64
	// MinLeads is how many training leads must have a type, a channel or a property of a type before their
	// as-of moment for it to have columns of its own. 0: 20.
	MinLeads int
	// MaxTypes, MaxChannels and MaxProperties (of each type) bound the number of columns; those that most training leads have
	// come first, the earlier name first among equals. 0: 50, 10 and 5. At most 1000, 1000 and 32.
	MaxTypes, MaxChannels, MaxProperties int
}

const (
	mostWindows    = 16
	mostTypes      = 1000
	mostChannels   = 1000
	mostProperties = 32      // numeric columns of a log
	mostColumns    = 100_000 // of a plan
)

// withDefaults returns the spec with its zeros replaced by what they mean.
func (s Spec) withDefaults() Spec {
	if s.Windows == nil {
		s.Windows = []int64{7 * day, 30 * day, 90 * day}
	}
	for _, d := range []struct {
		to   *int
		zero int
	}{{&s.MinLeads, 20}, {&s.MaxTypes, 50}, {&s.MaxChannels, 10}, {&s.MaxProperties, 5}} {
		if *d.to == 0 {
			*d.to = d.zero
		}
	}
	if s.HalfLife == 0 {
		s.HalfLife = 14 * day
	}
	return s
}

// check returns every problem of a spec with defaults, joined.
func (s *Spec) check() error {
	problems := []error{checkSpans(s.Windows, s.HalfLife)}
	bound := func(name string, n, most int) {
		if n < 1 || n > most {
			problems = append(problems, fmt.Errorf("%s: %d; want 1 to %d", name, n, most))
		}
	}
	if s.MinLeads < 1 {
		problems = append(problems, fmt.Errorf("min leads: %d; want 1 or more", s.MinLeads))
	}
	bound("max types", s.MaxTypes, mostTypes)
	bound("max channels", s.MaxChannels, mostChannels)
	bound("max properties", s.MaxProperties, mostProperties)
	return errors.Join(problems...)
}

// checkSpans returns what is wrong with windows and a half-life.
func checkSpans(windows []int64, halfLife int64) error {
	var problems []error
	if len(windows) == 0 || len(windows) > mostWindows {
		problems = append(problems, fmt.Errorf("windows: %d of them; want 1 to %d", len(windows), mostWindows))
	}
	for i, w := range windows {
		if w <= 0 || w > maxWindow {
			problems = append(problems, fmt.Errorf("windows: %d microseconds; want more than 0 and at most %s", w, spanText(maxWindow)))
		} else if i > 0 && w <= windows[i-1] {
			problems = append(problems, fmt.Errorf("windows: %s after %s; want them rising", spanText(w), spanText(windows[i-1])))
		}
	}
	if halfLife <= 0 || halfLife > maxWindow {
		problems = append(problems, fmt.Errorf("half-life: %d microseconds; want more than 0 and at most %s", halfLife, spanText(maxWindow)))
	}
	return errors.Join(problems...)
}

// spanText writes a span in the largest unit that divides it: 30d, 36h, 90m, 45s, 1500000us.
func spanText(micros int64) string {
	for _, u := range []struct {
		span int64
		name string
	}{{day, "d"}, {hour, "h"}, {minute, "m"}, {second, "s"}} {
		if micros%u.span == 0 {
			return strconv.FormatInt(micros/u.span, 10) + u.name
		}
	}
	return strconv.FormatInt(micros, 10) + "us"
}

// boundaries returns the ages at which an event leaves a window or the window before it: every w and 2w, rising.
func boundaries(windows []int64) []uint64 {
	var all []uint64
	for _, w := range windows {
		all = append(all, uint64(w), 2*uint64(w))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
