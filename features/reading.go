package features

import (
	"fmt"
	"math"

	"leadscore/datasets"
)

// reading says what is taken from a cell before it is coded: a number or a word.
type reading uint8

const (
	readNumber     reading = iota // the number of a Numeric or Boolean cell
	readWord                      // the text of a Categorical or Text cell
	readEmail                     // class of an e-mail address's domain: a word
	readSeniority                 // of a job title: a word
	readDepartment                // of a job title: a word
	readSize                      // of a company, from a range in words: a number
	readWeekday                   // of a Time cell, as the rest: numbers
	readMonth
	readHour
	readDay
	readAge
	readPair // the codes of two other features
)

var readingNames = [...]string{"number", "word", "email_domain_class", "seniority", "department",
	"company_size", "weekday", "month", "hour", "day", "age", "pair"}

// MarshalText writes the reading's name.
func (r reading) MarshalText() ([]byte, error) { return []byte(readingNames[r]), nil }

// UnmarshalText reads the reading's name.
func (r *reading) UnmarshalText(b []byte) error {
	for i, n := range readingNames {
		if n == string(b) {
			*r = reading(i)
			return nil
		}
	}
	return fmt.Errorf("unknown reading %q", b)
}

// isWord reports whether the reading gives a word; otherwise it gives a number.
func (r reading) isWord() bool {
	return r == readWord || r == readEmail || r == readSeniority || r == readDepartment
}

// isTime reports whether the reading is a part of a time.
func (r reading) isTime() bool { return r >= readWeekday && r <= readAge }

// accepts reports whether the reading can be taken from cells of a kind.
func (r reading) accepts(k datasets.Kind) bool {
	switch {
	case r == readNumber:
		return k == datasets.Numeric || k == datasets.Boolean
	case r.isTime():
		return k == datasets.Time
	case r == readPair:
		return k == datasets.Unknown
	}
	return k == datasets.Categorical || k == datasets.Text
}

// suffix is what the reading adds to the name of its column.
func (r reading) suffix() string {
	switch r {
	case readNumber, readWord:
		return ""
	case readEmail:
		return ".domain_class"
	case readSize:
		return ".size"
	}
	return "." + readingNames[r]
}

// word returns what a word reading makes of a text that is not empty; "" is missing.
func (r reading) word(s string) string {
	switch r {
	case readEmail:
		return emailClass(s)
	case readSeniority:
		seniority, _ := classifyTitle(s)
		return seniority
	case readDepartment:
		_, department := classifyTitle(s)
		return department
	}
	return s
}

// number returns what a number reading makes of a cell; NaN is missing. A cell of a kind
// that the reading does not take is missing: the schema has been checked by Bind. asOf is the as-of
// moment of the row, and what is read where the column is the as-of one.
func (r reading) number(v *datasets.Value, asOf int64, isAsOf bool) float64 {
	switch r {
	case readNumber:
		if v.Kind == datasets.Numeric || v.Kind == datasets.Boolean {
			return v.Num
		}
	case readSize:
		if v.Kind == datasets.Categorical || v.Kind == datasets.Text {
			return companySize(v.Str)
		}
	default:
		t := int64(datasets.MissingTime)
		if v.Kind == datasets.Time {
			t = v.Time
		}
		return r.part(t, asOf, isAsOf)
	}
	return math.NaN()
}

// part is number for a time reading of the moment t.
func (r reading) part(t, asOf int64, isAsOf bool) float64 {
	if isAsOf {
		t = asOf
	}
	if !Known(t, asOf) || r == readAge && asOf == datasets.MissingTime {
		return math.NaN()
	}
	return timePart(r, t, asOf)
}
