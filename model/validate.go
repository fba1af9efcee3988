package model

import (
	"fmt"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// InvalidError is an artifact that cannot score, with every reason.
type InvalidError struct{ Problems []string }

func (e *InvalidError) Error() string {
	const shown = 10
	text := "the model is not usable: " + strings.Join(e.Problems[:min(shown, len(e.Problems))], "; ")
	if n := len(e.Problems) - shown; n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	return text
}

// compile checks all that scoring relies on, so that it needs no check of its own, and returns the scorer.
func compile(a *Artifact) (*Scorer, error) {
	c := &checker{a: a}
	s := &Scorer{artifact: a, asOf: -1, id: -1, targeted: [2]int{-1, -1}}
	if a.Format < 1 || a.Format > Format {
		c.say("format %d is none of 1 to %d", a.Format, Format)
	}
	if a.Name == "" {
		c.say("it has no name")
	}
	if c.schema() {
		s.columns = newColumns(a)
		if a.ID != "" {
			s.id = c.column(a.ID, "id")
		}
		if a.AsOf != "" {
			if s.asOf = c.column(a.AsOf, "as_of"); s.asOf >= 0 && a.Schema.Fields[s.asOf].Kind != datasets.Time {
				c.say("as_of: column %q is %v, want time", a.AsOf, a.Schema.Fields[s.asOf].Kind)
			}
		}
		s.required[0], s.required[1] = c.stage("MQL", &a.Policy.MQL), c.stage("SQL", &a.Policy.SQL)
		if a.Rules != nil {
			set, problems := rules.Compile(a.Rules, a.Schema)
			for _, p := range problems {
				c.say("rules: %s: %s", p.Path, p.Text)
			}
			s.rules = set
		}
		s.targeted[0], s.targeted[1] = c.decisive("MQL", &a.Policy.MQL), c.decisive("SQL", &a.Policy.SQL)
		c.grades(s.rules)
		s.events = c.events(s.rules)
		c.trainedRows()
		s.actions = c.actions()
		if a.Pipeline == nil {
			c.say("it has no pipeline")
		} else if err := a.bind(); err != nil {
			c.say("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
		} else {
			c.targets(a.Pipeline.Features())
			c.reference()
		}
	}
	c.blend(s.rules)
	if len(c.problems) > 0 {
		return nil, &InvalidError{c.problems}
	}
	s.prepare()
	return s, nil
}

// bind binds the pipeline to the schema once: scorers of one artifact share the pipeline, and one may be
// scoring while another is made.
func (a *Artifact) bind() error {
	now := binding{a.Pipeline, a.Schema}
	if a.bound == now {
		return nil
	}
	if err := a.Pipeline.Bind(a.Schema); err != nil {
		return err
	}
	a.bound = now
	return nil
}

type binding struct {
	pipeline *features.Pipeline
	schema   *datasets.Schema
}

// given returns the place of the target that target i is conditional on; -1: none.
func (a *Artifact) given(i int) int {
	for g := range i {
		if a.Targets[i].Given != "" && a.Targets[g].Name == a.Targets[i].Given {
			return g
		}
	}
	return -1
}

type checker struct {
	a        *Artifact
	problems []string
}

func (c *checker) say(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) schema() bool {
	if c.a.Schema == nil || len(c.a.Schema.Fields) == 0 {
		c.say("it has no schema")
		return false
	}
	before := len(c.problems)
	seen := map[string]bool{}
	for i, f := range c.a.Schema.Fields {
		switch {
		case f.Name == "":
			c.say("schema: column %d has no name", i+1)
		case seen[f.Name]:
			c.say("schema: column %q stands twice", f.Name)
		case f.Kind > datasets.Text:
			c.say("schema: column %q has an unknown kind", f.Name)
		case datasets.CheckZone(f.Zone) != nil:
			c.say("schema: column %q: %v", f.Name, datasets.CheckZone(f.Zone))
		}
		seen[f.Name] = true
	}
	if w := c.a.Weight; w != nil && (w.Name == "" || w.Kind != datasets.Numeric) {
		c.say("weight: column %q is %v, want a name and numeric", w.Name, w.Kind)
	}
	for i, name := range c.a.Unread() {
		if what := "outcomes"; seen[name] {
			if i == len(c.a.Outcomes) {
				what = "weight"
			}
			c.say("%s: column %q is in the schema or stands twice", what, name)
		}
		seen[name] = true
	}
	return len(c.problems) == before
}

func (c *checker) column(name, what string) int {
	i := c.a.Schema.Index(name)
	if i < 0 {
		c.say("%s: no column %q", what, name)
	}
	return i
}

func (c *checker) targets(all []features.Feature) {
	if len(c.a.Targets) == 0 {
		c.say("it has no targets")
	}
	seen := map[string]bool{}
	for i := range c.a.Targets {
		t := &c.a.Targets[i]
		at := fmt.Sprintf("target %q", t.Name)
		if t.Name == "" || seen[t.Name] {
			c.say("%s: the name is empty or stands twice", at)
		}
		if t.Given != "" && (t.Given == t.Name || !seen[t.Given]) {
			c.say("%s: given %q, which is no target before it", at, t.Given)
		}
		seen[t.Name] = true
		if !(t.BaseRate > 0 && t.BaseRate < 1) {
			c.say("%s: base rate %v is not between 0 and 1", at, t.BaseRate)
		}
		if !bounded(t.Intercept) {
			c.say("%s: intercept %v is not a usable number", at, t.Intercept)
		}
		if err := t.Calibration.check(); err != nil {
			c.say("%s: %s", at, err)
		}
		if t.Covariance != nil {
			if problem := t.Covariance.check(all); problem != "" {
				c.say("%s: covariance: %s", at, problem)
			}
		}
		if len(t.Effects) != len(all) {
			c.say("%s: %d effects for %d features", at, len(t.Effects), len(all))
			continue
		}
		for f := range all {
			if problem := t.Effects[f].check(&all[f]); problem != "" {
				c.say("%s: effect of %q: %s", at, all[f].Name, problem)
			}
		}
	}
}

func (e *TermEffect) check(f *features.Feature) string {
	unusable := func(x float64) bool { return !bounded(x) }
	levels := len(f.Levels)
	switch {
	case len(e.Table) != levels && (len(e.Table) > 0 || !f.Linear):
		return fmt.Sprintf("a table of %d for %d levels", len(e.Table), levels)
	case unusable(e.Slope) || unusable(e.Mean) || slices.ContainsFunc(e.Table, unusable):
		return "a number in it is not usable"
	case e.Slope != 0 && !f.Linear:
		return "a slope for a feature that is not linear"
	case e.Rows != nil && len(e.Rows) != levels || e.Positives != nil && len(e.Positives) != levels:
		return fmt.Sprintf("counts of %d and %d codes for %d levels", len(e.Rows), len(e.Positives), levels)
	case len(e.Rows) != len(e.Positives):
		return "rows without positives"
	}
	for code, rows := range e.Rows {
		if e.Positives[code] < 0 || e.Positives[code] > rows {
			return fmt.Sprintf("%d positives of %d rows", e.Positives[code], rows)
		}
	}
	return ""
}
