package rules

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Values are the values of a list: string, bool, float64, or json.Number, which is a number as
// it was written: 1.50 may be the number 1.5 or a level that is spelled so, and the column decides.
type Values []any

// UnmarshalJSON keeps numbers as they are written.
func (v *Values) UnmarshalJSON(b []byte) error {
	var list []any
	if err := decodeJSON(b, &list); err != nil {
		return err
	}
	*v = list
	return nil
}

// Attributes are the values of a lead by column; nil is a missing one. Numbers are as in Values.
type Attributes map[string]any

// UnmarshalJSON keeps numbers as they are written.
func (a *Attributes) UnmarshalJSON(b []byte) error {
	var m map[string]any
	if err := decodeJSON(b, &m); err != nil {
		return err
	}
	*a = m
	return nil
}

// Scalar is a value whose type the column decides: string, bool, float64, json.Number as in Values, or nil.
type Scalar struct{ V any }

// MarshalJSON writes the value itself.
func (v Scalar) MarshalJSON() ([]byte, error) { return json.Marshal(v.V) }

// UnmarshalJSON keeps a number as it is written; a list or an object is an error.
func (v *Scalar) UnmarshalJSON(b []byte) error {
	if err := decodeJSON(b, &v.V); err != nil {
		return err
	}
	switch v.V.(type) {
	case map[string]any, []any:
		return errors.New("want a text, a number, true or false")
	}
	return nil
}

type pointsTable struct {
	Table []TableRow `json:"table"`
}

// MarshalJSON writes the number, or {"table": [...]} where there is a table.
func (p Points) MarshalJSON() ([]byte, error) {
	if p.Table != nil {
		return json.Marshal(pointsTable{p.Table})
	}
	return json.Marshal(p.Fixed)
}

// UnmarshalJSON is the inverse of MarshalJSON; an unknown key is an error.
func (p *Points) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '{' {
		var t pointsTable
		if err := decodeJSON(b, &t); err != nil {
			return err
		}
		if t.Table == nil {
			return errors.New("points without a table")
		}
		*p = Points{Table: t.Table}
		return nil
	}
	*p = Points{}
	return decodeJSON(b, &p.Fixed)
}

func decodeJSON(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(v)
}
