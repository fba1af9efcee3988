package datasets

import (
	"fmt"
	"sync"
	"time"
)

// clockForm says what a written time tells of its zone.
type clockForm uint8

const (
	noClock    clockForm = iota // no time of day: a date stands for its midnight UTC in every zone, so that it stays that date
	ownZone                     // Z, UTC, +02:00
	withoutOne                  // a time of day on somebody's clock
)

// ZoneCount says how the times of a column are written: with a zone of their own, or without one. Dates
// without a time of day are in neither.
type ZoneCount struct {
	Column  string `json:"column"`
	With    int    `json:"with"`
	Without int    `json:"without"`
}

// Mixed reports whether some times of the column have a zone and some have none.
func (z ZoneCount) Mixed() bool { return z.With > 0 && z.Without > 0 }

var locations sync.Map // name of a zone → *time.Location

// location finds a zone of the IANA database by its name, such as Europe/Madrid; "" is UTC.
func location(zone string) (*time.Location, error) {
	if found, ok := locations.Load(zone); ok {
		return found.(*time.Location), nil
	}
	if zone == "Local" { // it would mean another thing on every machine
		return nil, fmt.Errorf("unknown time zone %q; want a name such as Europe/Madrid or UTC", zone)
	}
	found, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("unknown time zone %q; want a name such as Europe/Madrid or UTC", zone)
	}
	locations.Store(zone, found)
	return found, nil
}

// CheckZone says what is wrong with the name of a time zone; nil where there is one of that name, and for "".
func CheckZone(zone string) error {
	_, err := location(zone)
	return err
}

// fromClock turns the reading of a clock in a zone, counted as if it were UTC, into the moment. An hour that
// the clock skips is taken by the offset before the change, one that it has twice for the first; not ok
// where there is no such zone.
func fromClock(reading int64, zone string) (micros int64, ok bool) {
	if zone == "" {
		return reading, true
	}
	in, err := location(zone)
	if err != nil {
		return 0, false
	}
	offset := func(at int64) int64 {
		_, seconds := time.UnixMicro(at).In(in).Zone()
		return int64(seconds) * 1_000_000
	}
	// time.Date does not say which of two moments it gives; the offsets of the days before and after do.
	t := reading - offset(reading-microsPerDay)
	if later := reading - offset(reading+microsPerDay); reading-offset(t) != t && reading-offset(later) == later {
		t = later
	}
	return t, t >= firstMoment && t <= lastMoment
}

// zoned gives a time the zone of the plan, unless it has its own.
func (p *plan) zoned(f Field) Field {
	if f.Kind == Time && f.Zone == "" {
		f.Zone = p.zone
	}
	return f
}

// countZones enters how the times of the schema's columns are written.
func (r *ReadReport) countZones(s *Schema, chunks []*parsed) {
	for i := range s.Fields {
		if s.Fields[i].Kind != Time {
			continue
		}
		z := ZoneCount{Column: s.Fields[i].Name}
		for _, c := range chunks {
			z.With += c.zones[i].With
			z.Without += c.zones[i].Without
		}
		if z.With+z.Without > 0 {
			r.Zones = append(r.Zones, z)
		}
	}
}
