package features

import "leadscore/datasets"

// Known reports whether an attribute whose value is the moment t may inform a prediction made
// at asOf, both in microseconds since 1970 UTC: t ≤ asOf. A later moment had not come yet, so
// the cell is read as missing, whatever the file says now. A moment equal to asOf counts: an
// attribute of the row, unlike an event of a log, was part of the picture taken then. Where asOf
// is datasets.MissingTime nothing is known to be later, and every t counts.
func Known(t, asOf int64) bool {
	return t != datasets.MissingTime && (asOf == datasets.MissingTime || t <= asOf)
}

// moment returns the as-of moment of a row: the one that was handed in, else the cell of the
// as-of column (position column; −1: there is none).
func moment(row []datasets.Value, column int, asOf int64) int64 {
	if asOf == datasets.MissingTime && column >= 0 && row[column].Kind == datasets.Time {
		return row[column].Time
	}
	return asOf
}

// Before reports whether an event at t may inform a prediction made at asOf, both in microseconds since 1970
// UTC: t < asOf. An event stamped exactly at the cutoff may not: it can be the conversion itself. Where asOf is
// datasets.MissingTime nothing is known to be later, and every event with a time counts. This is the
// only place where an event's moment is compared with a cutoff.
func Before(t, asOf int64) bool {
	return t != datasets.MissingTime && (asOf == datasets.MissingTime || t < asOf)
}
