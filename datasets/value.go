package datasets

// Value is one cell. Its zero value is a missing cell.
type Value struct {
	Kind Kind    // Unknown when missing
	Num  float64 // Numeric: finite; Boolean: 0 or 1
	Time int64   // Time: microseconds since 1970, UTC
	Str  string  // Categorical, Text: not empty
}

// Missing reports whether the cell has no value.
func (v Value) Missing() bool { return v.Kind == Unknown }

// Number, Level, Bool, At and Words make a Value of each kind.
func Number(x float64) Value { return Value{Kind: Numeric, Num: x} }

// Level makes a Categorical value.
func Level(s string) Value { return Value{Kind: Categorical, Str: s} }

// Words makes a Text value.
func Words(s string) Value { return Value{Kind: Text, Str: s} }

// At makes a Time value from microseconds since 1970, UTC.
func At(micros int64) Value { return Value{Kind: Time, Time: micros} }

// Bool makes a Boolean value.
func Bool(b bool) Value {
	if b {
		return Value{Kind: Boolean, Num: 1}
	}
	return Value{Kind: Boolean}
}
