package datasets

import "slices"

// Field says what one column holds and how its texts are read.
type Field struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Layout is how a Time is written: "iso" (2006-01-02, year first), "dd/mm/yyyy" or
	// "mm/dd/yyyy"; the separator is -, / or ., day and month may have one digit, the year has four.
	// After a space or T a time of day may follow: 15:04, 15:04:05, 15:04:05.999999 or 3:04 PM, and
	// then a zone: Z, UTC or +02:00. Empty means iso.
	Layout string `json:"layout,omitempty"`
	// Zone names the zone (IANA: Europe/Madrid) whose clocks a time of day without a zone of its own is read
	// by; empty is UTC. A date without a time of day is its midnight UTC whatever the zone.
	Zone string `json:"zone,omitempty"`
	// DecimalComma: numbers are written 1.234,5 rather than 1,234.5. The thousands separators
	// may be left out, but not stand elsewhere.
	DecimalComma bool `json:"decimal_comma,omitempty"`
	// Required: a row without a value is a bad row, and a file without the column an error. It is for Numeric, Boolean
	// and Time; a Categorical or Text column is not looked at.
	Required bool `json:"required,omitempty"`
}

// Schema is the columns of a table, in file order, and the texts that mean "missing".
// It is immutable once made; Fields may be read by many goroutines.
type Schema struct {
	Fields []Field `json:"fields"`
	// Nulls are the texts, after trimming spaces, that mean missing. The empty text always does.
	Nulls []string `json:"nulls"`
}

// DefaultNulls are the texts that mean missing where the configuration names none.
// "Select" is what a web form sends when nothing was chosen.
var DefaultNulls = []string{"", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "Select"}

// Index returns the position of the column with that name, or -1.
func (s *Schema) Index(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// blind returns the schema with the named columns of Unknown kind; a nil one stays nil.
func (s *Schema) blind(names []string) *Schema {
	if s == nil || len(names) == 0 {
		return s
	}
	skip := nameSet(names)
	out := &Schema{Fields: slices.Clone(s.Fields), Nulls: s.Nulls}
	for i := range out.Fields {
		if skip[out.Fields[i].Name] {
			out.Fields[i] = Field{Name: out.Fields[i].Name}
		}
	}
	return out
}

func nameSet(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}
