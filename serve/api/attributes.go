package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Attributes encodes the attributes of a lead, or the properties of an event, for a Request: texts, numbers, booleans, times (RFC 3339) and nil,
// which is a missing value, by column name; a value that encodes itself as one of those is taken too. A value that JSON has no form for,
// such as NaN or a channel, and one that is not flat are errors, all of them at once; whether the model takes a value is for the server to
// say.
func Attributes(values map[string]any) (map[string]json.RawMessage, error) {
	attributes := make(map[string]json.RawMessage, len(values))
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		raw, err := json.Marshal(values[name])
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("encoding %q: %w; want a text, a number, true, false, a time or nil", name, err))
		case raw[0] == '{' || raw[0] == '[':
			problems = append(problems, fmt.Errorf("encoding %q: %T is nested; want a text, a number, true, false, a time or nil", name, values[name]))
		}
		attributes[name] = raw
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return attributes, nil
}
