package features

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// Encoding says which kind of design the features are laid out for.
type Encoding string

const (
	// Linear: a number is one standardised column and a missing indicator, a category its levels.
	Linear Encoding = "linear"
	// Additive: a number is a code for its bin, as a category is for its level.
	Additive Encoding = "additive"
)

// Spec says what features are wanted. Its zero value takes every usable column with its
// inferred treatment. Fit does not change it.
type Spec struct {
	Encoding Encoding              `json:"encoding"`          // "" is Linear
	Drop     []string              `json:"drop,omitempty"`    // id, targets and their times: never features, dropped without a note
	Exclude  []string              `json:"exclude,omitempty"` // by the user's wish; each must exist
	AsOf     string                `json:"as_of,omitempty"`   // Time column that ages are counted to; "" has no ages
	Columns  map[string]ColumnSpec `json:"columns,omitempty"` // each must exist
	// MinLevel is the fewest training rows of a level with an effect of its own; rarer ones share
	// the level "other". 0 is 10.
	MinLevel int `json:"min_level,omitempty"`
	// Bins is the largest number of quantile bins of a number in Additive, 2 to 1024; missing is
	// not counted. 0 is 32.
	Bins int `json:"bins,omitempty"`
}

// ColumnSpec overrides the treatment of one column.
type ColumnSpec struct {
	// Kind is the treatment, where that makes sense of a column as it was read: numeric as
	// categorical (a level a number) or, of 0 and 1, boolean; boolean as numeric or categorical;
	// text as categorical; anything as text, which drops it. Unknown: as inferred. A kind
	// given here also keeps a column that looks like an id.
	Kind      datasets.Kind `json:"kind,omitempty"`
	Transform string        `json:"transform,omitempty"` // "" (none; log of a company size) | none | "log": log(1+x), x < 0 → −log(1−x). Bins do not depend on it
	Clip      []float64     `json:"clip,omitempty"`      // [low, high] in units of the column, before the transform; values beyond are moved to the bound
	Monotone  string        `json:"monotone,omitempty"`  // "" | increasing | decreasing (Additive only)
	// Derive overrides the derivation: "" automatic | none | email_domain | job_title | company_size | time_parts
	// (of a time: weekday, month and hour, without age or day).
	Derive string `json:"derive,omitempty"`
}

const (
	deriveNone  = "none"
	deriveEmail = "email_domain"
	deriveTitle = "job_title"
	deriveSize  = "company_size"
	deriveTime  = "time_parts"

	transformNone = "none"
	transformLog  = "log"

	maxBins = 1024
)

// withDefaults returns the spec with its zeros replaced by what they mean.
func (s Spec) withDefaults() Spec {
	if s.Encoding == "" {
		s.Encoding = Linear
	}
	if s.MinLevel == 0 {
		s.MinLevel = 10
	}
	if s.Bins == 0 {
		s.Bins = 32
	}
	return s
}

// check returns every problem of a spec (with defaults) under a schema, joined.
func (s *Spec) check(schema *datasets.Schema) error {
	names := make([]string, len(schema.Fields))
	for i := range schema.Fields {
		names[i] = schema.Fields[i].Name
	}
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("fitting features: "+format, args...))
	}
	find := func(where, name string) int {
		i := slices.Index(names, name)
		if i < 0 {
			hint := ""
			if n := datasets.Nearest(name, names); n != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", n)
			}
			bad("%s: there is no column %q%s", where, name, hint)
		}
		return i
	}
	if s.Encoding != Linear && s.Encoding != Additive {
		bad("unknown encoding %q; want linear or additive", s.Encoding)
	}
	if s.MinLevel < 0 {
		bad("min_level: %d is negative; want a number of rows", s.MinLevel)
	}
	if s.Bins < 2 || s.Bins > maxBins {
		bad("bins: %d is out of range; want 2 to %d", s.Bins, maxBins)
	}
	for _, name := range s.Exclude {
		find("exclude", name)
	}
	if s.AsOf != "" {
		if i := find("as_of", s.AsOf); i >= 0 && schema.Fields[i].Kind != datasets.Time {
			bad("as_of: column %q is %v; want a column of times", s.AsOf, schema.Fields[i].Kind)
		}
	}
	for _, name := range sortedKeys(s.Columns) {
		c := s.Columns[name]
		i := find("columns", name)
		for _, err := range c.check() {
			bad("columns: %q: %w", name, err)
		}
		if i < 0 || slices.Contains(s.Drop, name) || slices.Contains(s.Exclude, name) {
			continue
		}
		if err := c.suits(schema.Fields[i].Kind); err != nil {
			bad("columns: %q: %w", name, err)
		}
	}
	return errors.Join(problems...)
}

// check returns the problems of a column's settings by themselves.
func (c *ColumnSpec) check() (problems []error) {
	switch c.Transform {
	case "", transformNone, transformLog:
	default:
		problems = append(problems, fmt.Errorf("unknown transform %q; want none or log", c.Transform))
	}
	switch c.Monotone {
	case "", "increasing", "decreasing":
	default:
		problems = append(problems, fmt.Errorf("unknown monotone %q; want increasing or decreasing", c.Monotone))
	}
	switch c.Derive {
	case "", deriveNone, deriveEmail, deriveTitle, deriveSize, deriveTime:
	default:
		problems = append(problems, fmt.Errorf("unknown derive %q; want none, email_domain, job_title, company_size or time_parts", c.Derive))
	}
	if len(c.Clip) != 0 && (len(c.Clip) != 2 || !finite(c.Clip[0]) || !finite(c.Clip[1]) || c.Clip[0] >= c.Clip[1]) {
		problems = append(problems, fmt.Errorf("clip: %v; want two numbers, the lower one first", c.Clip))
	}
	if c.Kind > datasets.Text {
		problems = append(problems, fmt.Errorf("unknown kind; want numeric, categorical, boolean, time or text"))
	}
	return problems
}

// suits says what is wrong with the settings for a column that was read as kind; nil where nothing is.
func (c *ColumnSpec) suits(kind datasets.Kind) error {
	if kind == datasets.Unknown || c.Kind == datasets.Text {
		return nil
	}
	if treatment(kind, c.Kind) == datasets.Unknown {
		return fmt.Errorf("kind: a column that was read as %v cannot be treated as %v; say so before it is read, or leave kind out", kind, c.Kind)
	}
	switch words := kind == datasets.Categorical || kind == datasets.Text; {
	case c.Derive == deriveTime && kind != datasets.Time:
		return fmt.Errorf("derive: time_parts needs a column of times, this one is %v", kind)
	case (c.Derive == deriveEmail || c.Derive == deriveTitle || c.Derive == deriveSize) && !words:
		return fmt.Errorf("derive: %s needs a column of texts, this one is %v", c.Derive, kind)
	}
	if len(c.Clip) > 0 || c.Transform == transformLog || c.Monotone != "" {
		t := treatment(kind, c.Kind)
		if t != datasets.Numeric && (t != datasets.Categorical || c.Derive != "" && c.Derive != deriveSize) {
			return fmt.Errorf("clip, transform and monotone need a number, this column is %v", t)
		}
	}
	return nil
}

// treatment returns the kind that a column read as one kind is treated as when another is
// asked for (Unknown: nothing was), and Unknown where that makes no sense.
func treatment(read, asked datasets.Kind) datasets.Kind {
	switch {
	case asked == datasets.Unknown || asked == read:
		return read
	case asked == datasets.Text:
		return asked
	case read == datasets.Numeric && (asked == datasets.Categorical || asked == datasets.Boolean),
		read == datasets.Boolean && (asked == datasets.Numeric || asked == datasets.Categorical),
		read == datasets.Text && asked == datasets.Categorical:
		return asked
	}
	return datasets.Unknown
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
