package rules

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

const (
	microsPerDay = 24 * 60 * 60 * 1_000_000
	maxSpan      = 100 * 365 * microsPerDay
)

// Span reads a duration such as 30m, 12h, 14d or 2w (one number, decimals allowed, and one unit) as
// microseconds; a day is 24 hours. It is above 0 and at most 36,500 days.
func Span(s string) (int64, error) {
	bad := fmt.Errorf("%q is not a duration; want a number and m, h, d or w, such as 30m, 12h, 14d or 2w", s)
	if len(s) < 2 {
		return 0, bad
	}
	var unit float64
	switch s[len(s)-1] {
	case 'm':
		unit = 60 * 1e6
	case 'h':
		unit = 3600 * 1e6
	case 'd':
		unit = microsPerDay
	case 'w':
		unit = 7 * microsPerDay
	default:
		return 0, bad
	}
	number := s[:len(s)-1]
	for _, r := range number {
		if (r < '0' || r > '9') && r != '.' {
			return 0, bad
		}
	}
	x, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, bad
	}
	x = math.Round(x * unit)
	if x < 1 {
		return 0, fmt.Errorf("%q is no time at all; want a duration above 0, such as 14d", s)
	}
	if x > maxSpan {
		return 0, fmt.Errorf("%q is more than 36500 days", s)
	}
	return int64(x), nil
}

// Moment reads an RFC 3339 time, or a date (midnight in UTC), as microseconds since 1970.
func Moment(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if t, err = time.Parse(time.DateOnly, s); err != nil {
			return 0, fmt.Errorf("%q is not a time; want RFC 3339, such as 2026-03-31T09:30:00Z, or a date, such as 2026-03-31", s)
		}
	}
	return t.UnixMicro(), nil
}

func formatTime(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }
