package datasets

// Field says what one column holds and how its texts are read.
type Field struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Layout is how a Time is written: "iso" (2006-01-02 with an optional time of day and
	// zone, space or T between), "dd/mm/yyyy" or "mm/dd/yyyy" (separator /, - or .; an optional
	// time of day follows). Empty means iso. A time without a zone is UTC.
	Layout string `json:"layout,omitempty"`
	// DecimalComma: numbers are written 1.234,5 rather than 1,234.5.
	DecimalComma bool `json:"decimal_comma,omitempty"`
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
