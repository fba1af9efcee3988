package features

import (
	"time"

	"leadscore/datasets"
)

// A time column becomes parts of the calendar, all in UTC, and a distance:
//
//	weekday  1 Monday … 7 Sunday, levels
//	month    1 … 12, levels in order; only where the training rows span two years, for
//	         before that a month is a period of the history and not a season
//	hour     0 … 23, levels in order; only where the hours of the training rows differ
//	age      as-of − t in days, a number; of columns other than the as-of one, which has
//	day      days since 1970-01-01, a number held within the days of the training rows
//
// The day lets the model follow the base rate over time. Forward in time every lead lies beyond the
// last training day; it is then treated as one of that day, which is the most recent
// rate that is known, and neither a trend drawn on into the future nor a gap. A
// month of the year, or a day without that bound, would extrapolate. Set derive: time_parts to go without the day.
const (
	microsPerHour = 3600 * 1e6
	microsPerDay  = 24 * microsPerHour
	// seasonDays is the span of training rows, in days, from which a month is a season.
	seasonDays = 730
)

// timePart returns one part of the moment t; asOf is the as-of moment. Known has been asked.
func timePart(r reading, t, asOf int64) float64 {
	switch r {
	case readWeekday:
		d := (floorDiv(t, microsPerDay) + 3) % 7 // 1970-01-01 was a Thursday
		if d < 0 {
			d += 7
		}
		return float64(d + 1)
	case readMonth:
		return float64(time.UnixMicro(t).UTC().Month())
	case readHour:
		return float64(floorDiv(t, microsPerHour) - 24*floorDiv(t, microsPerDay))
	case readDay:
		return float64(floorDiv(t, microsPerDay))
	default: // readAge; in float64, where a difference cannot overflow
		return (float64(asOf) - float64(t)) / microsPerDay
	}
}

// floorDiv is a/b rounded down, so that the parts before 1970 are right as well.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// timeText shows a part as a person would.
func timeText(r reading, x float64) string {
	switch r {
	case readWeekday:
		if x >= 1 && x <= 7 {
			return time.Weekday(int(x) % 7).String()
		}
	case readMonth:
		if x >= 1 && x <= 12 {
			return time.Month(int(x)).String()
		}
	case readHour:
		return numberText(x) + " h"
	case readDay:
		if x > -7e5 && x < 3e6 { // years 53 to 10183
			return time.Unix(86400*int64(x), 0).UTC().Format(time.DateOnly)
		}
	case readAge:
		return numberText(x) + " days"
	}
	return numberText(x)
}

// timeReadings returns the parts that a time column is worth, given the moments of its training rows.
func timeReadings(derive string, isAsOf, hasAsOf bool, times []int64) []reading {
	if derive == deriveNone {
		return nil
	}
	first, last := int64(datasets.MissingTime), int64(datasets.MissingTime)
	hours := false
	for _, t := range times {
		if first == datasets.MissingTime {
			first, last = t, t
		}
		first, last = min(first, t), max(last, t)
		hours = hours || timePart(readHour, t, 0) != timePart(readHour, times[0], 0)
	}
	parts := []reading{readWeekday}
	if derive == deriveTime || floorDiv(last, microsPerDay)-floorDiv(first, microsPerDay) >= seasonDays {
		parts = append(parts, readMonth)
	}
	if hours {
		parts = append(parts, readHour)
	}
	switch {
	case derive == deriveTime:
	case isAsOf:
		parts = append(parts, readDay)
	case hasAsOf:
		parts = append(parts, readAge)
	}
	return parts
}
