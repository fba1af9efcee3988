package features

import (
	"errors"
	"fmt"

	"leadscore/datasets"
)

// Cell is what a feature makes of one row.
type Cell struct {
	Code uint32  // index into the feature's Levels; len(Levels) is allowed: no effect (never seen in training)
	Z    float64 // standardised number of a linear feature; 0 otherwise and when missing
}

// Note is something Fit decided that a user should know, such as a dropped column.
type Note struct {
	Column string `json:"column"`
	Reason string `json:"reason"` // constant | all missing | id-like | text | rare | too large | excluded | derived | not known yet | ignored
	Text   string `json:"text"`   // a sentence
}

// Feature is one fitted feature.
type Feature struct {
	Name   string   `json:"name"`             // "employees", "email.domain_class", "created_at.weekday", "employees × country"
	Column string   `json:"column,omitempty"` // the source column; empty for a pair
	Levels []string `json:"levels"`           // name of each code, in order
	Linear bool     `json:"linear,omitempty"` // has a dense column (Z) beside its codes
	// Ordered is the number of leading codes of which each is the neighbour of the next (bins of a
	// number, hours, months); 0 where the codes have no order.
	Ordered int `json:"ordered,omitempty"`
	// Other is the code of the rare levels that share one, Missing that of a missing cell; −1: there is none.
	Other   int `json:"other"`
	Missing int `json:"missing"`
	// Monotone is the direction asked for: "", increasing or decreasing.
	Monotone string `json:"monotone,omitempty"`
	// Parents are the two features that a pair combines, as positions in Pipeline.Features; nil otherwise.
	Parents []int `json:"parents,omitempty"`
}

// Pipeline is fitted features; immutable but for Bind, shared by goroutines, and JSON in the artifact.
type Pipeline struct {
	encoding Encoding
	asOfName string
	fitted   []fitted  // what was learned: the JSON
	features []Feature // of fitted, for Features
	coders   []coder   // compiled from fitted

	schema *datasets.Schema // nil until bound
	asOf   int              // position of the as-of column in schema; −1: there is none
}

// newPipeline compiles what was learned, or says why it is not the work of Fit.
func newPipeline(e Encoding, asOf string, learned []fitted) (*Pipeline, error) {
	if e != Linear && e != Additive {
		return nil, fmt.Errorf("unknown encoding %q", e)
	}
	p := &Pipeline{encoding: e, asOfName: asOf, fitted: learned, asOf: -1}
	p.features = make([]Feature, len(learned))
	p.coders = make([]coder, len(learned))
	names := make(map[string]bool, len(learned))
	for i := range learned {
		f := &learned[i]
		if f.Name == "" || names[f.Name] {
			return nil, fmt.Errorf("feature %d: the name %q is empty or taken", i, f.Name)
		}
		names[f.Name] = true
		c, err := compile(learned, i, asOf)
		if err != nil {
			return nil, fmt.Errorf("feature %q: %w", f.Name, err)
		}
		p.features[i], p.coders[i] = f.Feature, c
	}
	return p, nil
}

// Features returns the fitted features in order; shared, not to be changed.
func (p *Pipeline) Features() []Feature { return p.features }

// Encoding returns the kind of design that the features are laid out for.
func (p *Pipeline) Encoding() Encoding { return p.encoding }

// Uses reports whether a feature depends on the column with that name.
func (p *Pipeline) Uses(column string) bool {
	for i := range p.fitted {
		f := &p.fitted[i]
		// Every part of a time is held against the as-of moment (see Known).
		if column != "" && (f.Column == column || f.Read.isTime() && column == p.asOfName) {
			return true
		}
	}
	return false
}

// Bind finds the pipeline's columns in a schema by name; rows and batches encoded from then on are
// in that schema's order. It is called once after loading, before any other goroutine uses the
// pipeline; Fit has bound its own. Columns that are not there, or hold another kind
// than the pipeline was fitted on, are an error that names them all, and nothing is bound.
func (p *Pipeline) Bind(s *datasets.Schema) error {
	positions := make([]int, len(p.fitted))
	var problems []error
	find := func(name string, want datasets.Kind) int {
		i := s.Index(name)
		switch {
		case i < 0:
			names := make([]string, len(s.Fields))
			for j := range s.Fields {
				names[j] = s.Fields[j].Name
			}
			hint := ""
			if n := datasets.Nearest(name, names); n != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", n)
			}
			problems = append(problems, fmt.Errorf("binding features: there is no column %q%s", name, hint))
		case s.Fields[i].Kind != want:
			problems = append(problems, fmt.Errorf("binding features: column %q is %v; the model was trained on a %v one", name, s.Fields[i].Kind, want))
		}
		return i
	}
	seen := map[string]int{}
	for i := range p.fitted {
		f := &p.fitted[i]
		if f.Form == formPair {
			positions[i] = -1
			continue
		}
		at, ok := seen[f.Column]
		if !ok {
			at = find(f.Column, f.Kind)
			seen[f.Column] = at
		}
		positions[i] = at
		if at >= 0 && s.Fields[at].Kind != f.Kind && ok {
			problems = append(problems, fmt.Errorf("binding features: feature %q needs column %q to be %v", f.Name, f.Column, f.Kind))
		}
	}
	asOf := -1
	if p.asOfName != "" {
		at, ok := seen[p.asOfName]
		if !ok {
			at = find(p.asOfName, datasets.Time)
		}
		asOf = at
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	for i := range p.coders {
		p.coders[i].column = positions[i]
	}
	p.schema, p.asOf = s, asOf
	return nil
}

// mustBind panics where rows are encoded before Bind: nobody knows then which cell is which.
func (p *Pipeline) mustBind() {
	if p.schema == nil {
		panic("features: a pipeline was used before Bind")
	}
}
