package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leadscore/datasets"
)

// FieldError is what is wrong with one attribute of a lead.
type FieldError struct {
	Field string
	Value string // as it was sent; "" where the name is the problem
	Text  string
}

// FieldErrors are all that is wrong with the attributes of a lead, columns of the schema first and in
// its order, then unknown names by the alphabet.
type FieldErrors []FieldError

func (e FieldErrors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = fmt.Sprintf("%q: %s", e[i].Field, e[i].Text)
	}
	return "reading the lead: " + strings.Join(lines, "; ")
}

// columns finds what a lead's attribute means.
type columns struct {
	schema   *datasets.Schema
	index    map[string]int
	outcomes map[string]bool
	names    []string // all that may be sent
}

func newColumns(a *Artifact) columns {
	c := columns{schema: a.Schema, index: make(map[string]int, len(a.Schema.Fields)), outcomes: map[string]bool{}}
	for i := range a.Schema.Fields {
		c.index[a.Schema.Fields[i].Name] = i
		c.names = append(c.names, a.Schema.Fields[i].Name)
	}
	for _, name := range a.Unread() {
		c.outcomes[name] = true
		c.names = append(c.names, name)
	}
	return c
}

// ParseLead reads the attributes of a lead by name into the order of the schema; what is not sent is
// missing. A value is read as the training file's cells were (datasets.Schema.ParseJSON), so that the
// same lead scores the same from a file and over HTTP. Columns of outcomes and weights (Artifact.Unread) are accepted and not looked at, and
// so is a column that was missing in all of the training file. An unknown name is an error that
// offers the nearest known one, or with unknownOK a warning. The error is a FieldErrors.
func (s *Scorer) ParseLead(attributes map[string]json.RawMessage, unknownOK bool) (values []datasets.Value, warnings []string, err error) {
	return s.columns.parse(attributes, unknownOK)
}

// ParseLead is Scorer.ParseLead for one lead; a Scorer has the names looked up already.
func (a *Artifact) ParseLead(attributes map[string]json.RawMessage, unknownOK bool) (values []datasets.Value, warnings []string, err error) {
	c := newColumns(a)
	return c.parse(attributes, unknownOK)
}

func (c *columns) parse(attributes map[string]json.RawMessage, unknownOK bool) (values []datasets.Value, warnings []string, err error) {
	values = make([]datasets.Value, len(c.schema.Fields))
	var wrong FieldErrors
	found := 0
	for i := range c.schema.Fields {
		f := &c.schema.Fields[i]
		raw, sent := attributes[f.Name]
		if !sent {
			if f.Required {
				wrong = append(wrong, FieldError{Field: f.Name, Text: "is missing; " + NeededText})
			}
			continue
		}
		found++
		if f.Kind == datasets.Unknown {
			continue
		}
		v, err := c.schema.ParseJSON(i, raw)
		if err != nil {
			wrong = append(wrong, FieldError{Field: f.Name, Value: abridge(string(raw)), Text: reasonOf(err)})
			continue
		}
		values[i] = v
	}
	if found < len(attributes) {
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			if _, known := c.index[name]; known || c.outcomes[name] {
				continue
			}
			text := "the training file has no such column"
			if near := datasets.Nearest(name, c.names); near != "" {
				text += fmt.Sprintf(" (did you mean %q?)", near)
			}
			if unknownOK {
				warnings = append(warnings, fmt.Sprintf("%q: not used: %s", name, text))
			} else {
				wrong = append(wrong, FieldError{Field: name, Text: text})
			}
		}
	}
	if wrong != nil {
		return nil, warnings, wrong
	}
	return values, warnings, nil
}

// reasonOf is what is wrong with a value, without the name of its column, which the field tells.
func reasonOf(err error) string {
	if c := (*datasets.CellError)(nil); errors.As(err, &c) {
		return c.Reason()
	}
	return err.Error()
}

// abridge keeps an echoed value short.
func abridge(s string) string {
	const most = 80
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
