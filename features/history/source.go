package history

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"leadscore/datasets"
)

// Source says where an event log is and what its columns are called.
type Source struct {
	Paths          []string // files of any format that datasets reads; how the events are spread over them changes nothing
	Lead, At, Type string   // columns that every file has
	ID, Channel    string   // "": there is none
	// Properties are the columns of numbers (yes/no counts as 1 and 0). Nil: every numeric column that is none of
	// the others. At most 32.
	Properties []string
	// Nulls, Force, BadRows and MaxBadRows (of each file) are those of datasets.ReadOptions; Force settles the layout of times.
	Nulls      []string
	Force      map[string]datasets.Field
	BadRows    datasets.BadRows
	MaxBadRows int
	Zone       string // of times that name none, see datasets.ReadOptions
	// Until is the end of the data, in microseconds since 1970 UTC: an event at or after it is in the future, left
	// out and counted. 0 or datasets.MissingTime: there is no bound.
	Until int64
}

// check returns every problem of a source that can be seen without a file, joined.
func (s *Source) check() error {
	var problems []error
	if len(s.Paths) == 0 {
		problems = append(problems, errors.New("no file is named"))
	}
	used := map[string]string{}
	take := func(role, name string, needed bool) {
		switch {
		case name == "" && needed:
			problems = append(problems, fmt.Errorf("the column of the %s is not named", role))
		case name != "" && used[name] != "":
			problems = append(problems, fmt.Errorf("column %q is both the %s and the %s", name, used[name], role))
		default:
			used[name] = role
		}
	}
	take("lead", s.Lead, true)
	take("time", s.At, true)
	take("type", s.Type, true)
	take("id", s.ID, false)
	take("channel", s.Channel, false)
	for _, p := range s.Properties {
		take("property", p, true)
	}
	if len(s.Properties) > mostProperties {
		problems = append(problems, fmt.Errorf("%d properties are named; want at most %d", len(s.Properties), mostProperties))
	}
	return errors.Join(problems...)
}

// layout is how the files are read: one schema each, and the properties of all of them by name.
type layout struct {
	schemas    []*datasets.Schema
	properties []string
	zones      datasets.ZoneCount // of the moments
}

// inspect finds out what the files hold.
func (s *Source) inspect(ctx context.Context, workers int) (*layout, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	l := &layout{properties: slices.Clone(s.Properties), zones: datasets.ZoneCount{Column: s.At}}
	found := make([]*datasets.Schema, len(s.Paths))
	for i, path := range s.Paths {
		var report *datasets.ReadReport
		var err error
		if found[i], report, err = s.infer(ctx, path, workers); err != nil {
			return nil, err
		}
		for _, z := range report.Zones {
			if z.Column == s.At {
				l.zones.With += z.With
				l.zones.Without += z.Without
			}
		}
		if s.Properties == nil {
			for _, f := range found[i].Fields {
				if f.Kind == datasets.Numeric && !s.names(f.Name) {
					l.properties = append(l.properties, f.Name)
				}
			}
		}
	}
	slices.Sort(l.properties)
	l.properties = slices.Compact(l.properties)
	var problems []error
	if len(l.properties) > mostProperties {
		problems = append(problems, fmt.Errorf("reading events: there are %d numeric columns; name the properties that are wanted, at most %d", len(l.properties), mostProperties))
	}
	has := map[string]bool{}
	for i, path := range s.Paths {
		schema, err := s.schema(found[i], l.properties, has)
		if err != nil {
			problems = append(problems, fmt.Errorf("reading %s: %w", path, err))
		}
		l.schemas = append(l.schemas, schema)
	}
	for _, p := range l.properties {
		if !has[p] {
			problems = append(problems, fmt.Errorf("reading events: no file has the property %q", p))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return l, nil
}

// infer returns the schema of a file. A date in a column that is not wanted, and could be read in two ways, is no reason to ask.
func (s *Source) infer(ctx context.Context, path string, workers int) (*datasets.Schema, *datasets.ReadReport, error) {
	o := datasets.ReadOptions{Nulls: s.Nulls, Force: s.forced(), Zone: s.Zone, BadRows: s.BadRows, MaxBadRows: s.MaxBadRows, Workers: workers}
	found, report, err := datasets.InferSchema(ctx, path, o)
	var ask *datasets.AmbiguousError
	if !errors.As(err, &ask) {
		return found, report, err
	}
	for _, c := range ask.Columns {
		date := c.Ways[0] == "dd/mm/yyyy"
		if s.names(c.Column) || slices.Contains(s.Properties, c.Column) || s.Properties == nil && !date {
			return nil, nil, err
		}
		o.Force[c.Column] = datasets.Field{Kind: datasets.Text}
	}
	return datasets.InferSchema(ctx, path, o)
}

// names reports whether a column is one of those with a meaning of their own.
func (s *Source) names(column string) bool {
	return slices.Contains([]string{s.Lead, s.At, s.Type, s.ID, s.Channel}, column)
}

// forced is Force with the kinds of the columns that have a meaning of their own.
func (s *Source) forced() map[string]datasets.Field {
	force := map[string]datasets.Field{}
	for name, f := range s.Force {
		force[name] = f
	}
	force[s.Lead] = datasets.Field{Kind: datasets.Text}
	force[s.Type] = datasets.Field{Kind: datasets.Categorical}
	if s.ID != "" {
		force[s.ID] = datasets.Field{Kind: datasets.Text}
	}
	if s.Channel != "" {
		force[s.Channel] = datasets.Field{Kind: datasets.Categorical}
	}
	return force
}

// The fields of a schema that a log is read under, in this order; then come the properties.
const (
	fieldLead = iota
	fieldAt
	fieldType
	fieldID
	fieldChannel
	fieldProperties
)

// schema returns the schema that one file is read under: only the columns that are wanted, so that no other is decoded. A column
// that there is not is of Unknown kind. has collects the properties that are there.
func (s *Source) schema(found *datasets.Schema, properties []string, has map[string]bool) (*datasets.Schema, error) {
	var problems []error
	wanted := &datasets.Schema{Nulls: found.Nulls}
	names := make([]string, len(found.Fields))
	for i := range found.Fields {
		names[i] = found.Fields[i].Name
	}
	for i, name := range []string{s.Lead, s.At, s.Type, s.ID, s.Channel} {
		f := datasets.Field{Name: name}
		at := -1
		if name != "" {
			at = found.Index(name)
		}
		switch {
		case name == "":
			f.Name = fmt.Sprintf("\x00%d", i) // no file has it
		case at < 0:
			hint := ""
			if near := datasets.Nearest(name, names); near != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", near)
			}
			problems = append(problems, fmt.Errorf("there is no column %q%s", name, hint))
		default:
			f = found.Fields[at]
		}
		if i == fieldAt && at >= 0 {
			switch f.Kind {
			case datasets.Time, datasets.Unknown:
			case datasets.Categorical, datasets.Text:
				f.Kind = datasets.Time // of a columnar file: its texts are read as times; what is none is a bad row
			default:
				problems = append(problems, fmt.Errorf("column %q is %v; want times", name, f.Kind))
			}
		}
		wanted.Fields = append(wanted.Fields, f)
	}
	for _, name := range properties {
		f := datasets.Field{Name: name}
		if at := found.Index(name); at >= 0 {
			has[name] = true
			f = found.Fields[at]
			if f.Kind != datasets.Numeric && f.Kind != datasets.Boolean && f.Kind != datasets.Unknown {
				problems = append(problems, fmt.Errorf("column %q is %v; want numbers for a property", name, f.Kind))
			}
		}
		wanted.Fields = append(wanted.Fields, f)
	}
	return wanted, errors.Join(problems...)
}
