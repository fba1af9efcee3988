package datasets

import "fmt"

// Kind says what the values of a column are.
type Kind uint8

const (
	// Unknown is the kind of a column without a single value, and of a missing Value.
	Unknown Kind = iota
	// Numeric values are finite float64.
	Numeric
	// Categorical values are texts of which many are equal: levels.
	Categorical
	// Boolean values are yes/no, true/false, y/n in any case. A column of 0 and 1 is Numeric.
	Boolean
	// Time values are instants, kept in microseconds since 1970 in UTC.
	Time
	// Text is free text and ids: kept, never counted by level, never a feature by itself.
	// It is never inferred, only asked for.
	Text
)

var kindNames = [...]string{"unknown", "numeric", "categorical", "boolean", "time", "text"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind is the inverse of Kind.String for the kinds a user may ask for.
func ParseKind(s string) (Kind, error) {
	for k := Numeric; k <= Text; k++ {
		if kindNames[k] == s {
			return k, nil
		}
	}
	return Unknown, fmt.Errorf("unknown kind %q; want numeric, categorical, boolean, time or text", s)
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the kind's name.
func (k *Kind) UnmarshalText(b []byte) error {
	if string(b) == kindNames[Unknown] {
		*k = Unknown
		return nil
	}
	v, err := ParseKind(string(b))
	*k = v
	return err
}
