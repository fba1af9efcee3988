package rules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"leadscore/datasets"
)

// Guess returns the columns that a file speaks of, each of the kind that the file takes it for, to check the file where no data
// is at hand. A column that is compared with numbers is numeric, one that is compared with times is a time, one whose values are
// all true or false boolean, and other texts are categorical; of a column that only an expression reads, the leads of the
// tests tell, else it may be anything. Names and kinds that the data has otherwise are found by Compile with the data's schema alone.
func Guess(f *File) *datasets.Schema {
	g := guesser{}
	f.visit(func(_ string, c *Condition) {
		if c.CEL != "" {
			for _, column := range celColumns(c.CEL) {
				g.see(column, datasets.Unknown)
			}
		}
		if c.Field == "" {
			return
		}
		g.see(c.Field, datasets.Unknown)
		g.values(c.Field, c.In)
		for _, s := range []*Scalar{c.Above, c.From, c.Below, c.To} {
			if s != nil {
				g.limit(c.Field, s.V)
			}
		}
		if c.Contains != nil || c.Matches != "" {
			g.see(c.Field, datasets.Categorical)
		}
	}, func(e *Evidence) {
		for _, a := range e.Answers {
			g.values(e.Field, a.In)
			if a.To != nil {
				g.see(e.Field, datasets.Numeric)
			}
		}
		if e.Answered != "" {
			g.see(e.Answered, datasets.Time)
		}
		if e.Confidence != nil {
			if column, ok := e.Confidence.V.(string); ok {
				g.see(column, datasets.Numeric)
			}
		}
	})
	for _, card := range f.Scorecards {
		for _, group := range card.Groups {
			for _, r := range group.Rules {
				for _, row := range r.Points.Table {
					g.values(r.When.Field, row.In)
					if row.To != nil {
						g.see(r.When.Field, datasets.Numeric)
					}
				}
			}
		}
	}
	for _, t := range f.Tests {
		for column, v := range t.Lead {
			if k, there := g[column]; there && k == datasets.Unknown {
				g.values(column, Values{v})
			}
		}
	}
	s := &datasets.Schema{Nulls: datasets.DefaultNulls}
	delete(g, "")
	for _, name := range slices.Sorted(maps.Keys(g)) {
		s.Fields = append(s.Fields, datasets.Field{Name: name, Kind: g[name]})
	}
	return s
}

// guesser is the kinds of columns as far as they are known.
type guesser map[string]datasets.Kind

// see notes that a file takes a column for a kind; the first kind but boolean, which texts may turn out to be, stays.
func (g guesser) see(column string, k datasets.Kind) {
	if now := g[column]; now == datasets.Unknown || now == datasets.Boolean && k == datasets.Categorical {
		g[column] = k
	}
}

// values notes what a list holds: numbers alone, true and false alone, or texts.
func (g guesser) values(column string, values Values) {
	kind := datasets.Unknown
	for _, v := range values {
		k := datasets.Unknown
		switch v := v.(type) {
		case bool:
			k = datasets.Boolean
		case json.Number, float64, int:
			k = datasets.Numeric
		case string:
			k = datasets.Categorical
			switch strings.ToLower(v) { // as a file of leads may write a boolean
			case "yes", "no", "true", "false":
				k = datasets.Boolean
			}
		}
		if kind != datasets.Unknown && k != datasets.Unknown && k != kind {
			k = datasets.Categorical
		}
		if k != datasets.Unknown {
			kind = k
		}
	}
	g.see(column, kind)
}

// limit notes what the end of a range is.
func (g guesser) limit(column string, v any) {
	if text, ok := v.(string); ok {
		if _, err := Moment(text); err == nil {
			g.see(column, datasets.Time)
			return
		}
	}
	g.see(column, datasets.Numeric)
}
