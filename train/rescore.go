package train

import (
	"context"
	"fmt"

	"leadscore/datasets"
	"leadscore/model"
)

// Evaluate measures a trained model on a labelled file that it was not trained on. The file must hold
// the column of at least the primary target; o.Schema and o.Nulls are set here.
func Evaluate(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions) (*model.Card, error) {
	a := s.Artifact()
	c := Config{Name: a.Name, Leads: Leads{Path: path, ID: a.ID, AsOf: a.AsOf}, AllowSmall: true}.withDefaults()
	schema := &datasets.Schema{Nulls: a.Schema.Nulls, Fields: append([]datasets.Field(nil), a.Schema.Fields...)}
	known := map[string]bool{}
	for _, t := range a.Targets {
		if !known[t.Outcome.Column] {
			schema.Fields = append(schema.Fields, datasets.Field{Name: t.Outcome.Column, Kind: datasets.Categorical})
			known[t.Outcome.Column] = true
		}
	}
	if a.Weight != nil {
		schema.Fields = append(schema.Fields, *a.Weight)
	}
	o.Schema = schema
	table, err := datasets.Read(ctx, path, o)
	if err != nil {
		return nil, err
	}
	absent := map[string]bool{}
	for _, name := range table.Report.Absent {
		absent[name] = true
	}
	var there []string // what the file lacks of outcomes and weight is no column of the leads
	for _, f := range table.Schema.Fields {
		if a.Schema.Index(f.Name) >= 0 || !absent[f.Name] {
			there = append(there, f.Name)
		}
	}
	read := table.Report
	if table, err = datasets.SelectColumns(table, there); err != nil {
		return nil, err
	}
	for i, t := range a.Targets {
		if absent[t.Outcome.Column] && i == 0 {
			return nil, fmt.Errorf("evaluating on %s: no column %q, which holds the outcome of target %q", path, t.Outcome.Column, t.Name)
		}
		if !absent[t.Outcome.Column] {
			c.Targets = append(c.Targets, Target{Name: t.Name, Column: t.Outcome.Column, Positive: t.Outcome.Positive, Negative: t.Outcome.Negative})
		}
	}
	if a.Weight != nil && !absent[a.Weight.Name] {
		c.Leads.Weight = a.Weight.Name
	}
	c.Leads.AsOf = "" // times are told by sample below only where every row has one; a hold-out is not split
	d, err := label(table, &c)
	if err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", path, err)
	}
	d.holdout, d.train, d.splitBy = d.used, make([]bool, d.rows()), "file"
	if a.AsOf != "" && !absent[a.AsOf] {
		if d.asOf, err = times(d.leads, a.AsOf); err != nil {
			return nil, err
		}
	}
	holdout, err := scoreHoldout(s, d)
	if err != nil {
		return nil, err
	}
	card := d.card(read)
	for _, name := range read.Absent { // in the order of the schema: the card is the same each time
		if a.Pipeline.Uses(name) {
			card.Findings = append(card.Findings, model.Finding{Column: name, Reason: "absent", Text: fmt.Sprintf("the file has no column %q: scored as missing", name)})
		}
	}
	if a.Weight != nil && absent[a.Weight.Name] {
		card.Findings = append(card.Findings, model.Finding{Column: a.Weight.Name, Reason: "absent", Text: fmt.Sprintf(
			"the file has no column %q, by which the training rows were weighted: every row counts as one lead", a.Weight.Name)})
	}
	for i := range d.outcomes {
		k := targetIndex(a, d.outcomes[i].Target.Name)
		t, err := measure(d, i, k, holdout, a, c.Model.Seed, o.Workers)
		if err != nil {
			return nil, fmt.Errorf("evaluating target %q: %w", a.Targets[k].Name, err)
		}
		t.BaseRate = a.Targets[k].BaseRate
		card.Targets[a.Targets[k].Name] = t
	}
	return card, nil
}

func targetIndex(a *model.Artifact, name string) int {
	for i := range a.Targets {
		if a.Targets[i].Name == name {
			return i
		}
	}
	return -1
}
