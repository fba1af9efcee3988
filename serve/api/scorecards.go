package api

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// PerScorecard is something of each of several scorecards, in the order of the rules file. As JSON it is an object with the names of the
// scorecards as keys, in that order: a map would lose it.
type PerScorecard[T any] []OfScorecard[T]

// OfScorecard is something of one scorecard.
type OfScorecard[T any] struct {
	Name  string // of the scorecard
	Value T
}

// Of returns what is there of the scorecard of a name; false: there is none.
func (s PerScorecard[T]) Of(name string) (value T, ok bool) {
	for i := range s {
		if s[i].Name == name {
			return s[i].Value, true
		}
	}
	return value, false
}

// MarshalJSON writes an object; nil is one without keys, which omitempty leaves out. Characters of HTML stay as they are, for the caller's
// encoder to decide on.
func (s PerScorecard[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(s[i].Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := e.Encode(s[i].Value); err != nil {
			return nil, fmt.Errorf("scorecard %q: %w", s[i].Name, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object in the order of its keys; null is nil. A name that comes twice is an error: nobody could tell which counts.
func (s *PerScorecard[T]) UnmarshalJSON(text []byte) error {
	*s = nil
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return fmt.Errorf("reading what belongs to scorecards: %w", err)
	}
	if open == nil {
		return nil
	}
	if open != json.Delim('{') {
		return fmt.Errorf("reading what belongs to scorecards: %v; want an object with their names as keys", open)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("reading what belongs to scorecards: %w", err)
		}
		of := OfScorecard[T]{Name: key.(string)} // a key of an object is a string
		if err := d.Decode(&of.Value); err != nil {
			return fmt.Errorf("reading what belongs to scorecard %q: %w", of.Name, err)
		}
		if seen[of.Name] {
			return fmt.Errorf("reading what belongs to scorecards: %q comes twice", of.Name)
		}
		seen[of.Name] = true
		*s = append(*s, of)
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("reading what belongs to scorecards: %w", err)
	}
	return nil
}
