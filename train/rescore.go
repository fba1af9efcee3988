package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// Evaluate measures a trained model on a labelled file that it was not trained on. The file must hold
// the column of at least the primary target; o.Schema and o.Nulls are set here. Rows are made and labelled as training
// made and labelled them: the same as-of moments, and the same horizon up to the latest moment of this file that is
// not after now (zero: not bounded). Rows of one lead and one moment with different outcomes are left out.
// events are the files of the leads' event log; without them a model with event features takes those columns from the file.
// Rows that were in training are measured too; a finding says how many they are.
func Evaluate(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions, now time.Time, events ...string) (_ *model.Card, err error) {
	a := s.Artifact()
	f, err := readLabelled(ctx, "evaluating on "+path, s, a.Targets, path, o, now, events)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	holdout, drift, err := f.score(ctx)
	if err != nil {
		return nil, err
	}
	card := f.card(f.read)
	card.Findings = f.findings(card.Findings)
	for i := range f.outcomes {
		k := targetIndex(a, f.outcomes[i].Target.Name)
		t, err := measure(f.data, i, k, holdout, a, f.config.Model.Seed, o.Workers)
		if err != nil {
			return nil, fmt.Errorf("evaluating target %q: %w", a.Targets[k].Name, err)
		}
		t.BaseRate, t.Account = a.Targets[k].BaseRate, f.account(i)
		if k == 0 {
			t.Drift = drift.Drift()
		}
		card.Targets[a.Targets[k].Name] = t
	}
	return card, nil
}

// arrange puts the columns of the leads in the order of the artifact: moments that were made here stand behind the others.
func (d *data) arrange(as *datasets.Schema) (err error) {
	names := make([]string, len(as.Fields))
	for i := range names {
		names[i] = as.Fields[i].Name
	}
	if slices.Equal(names, columnNames(d.leads.Schema)) {
		return nil
	}
	id := ""
	if d.ids >= 0 {
		id = d.leads.Schema.Fields[d.ids].Name
	}
	if d.leads, err = datasets.SelectColumns(d.leads, names); err == nil && d.ids >= 0 {
		d.ids = d.leads.Schema.Index(id)
	}
	return err
}

// withoutColumn returns a table without one of its columns.
func withoutColumn(t *datasets.Table, name string) (*datasets.Table, error) {
	var names []string
	for _, f := range t.Schema.Fields {
		if f.Name != name {
			names = append(names, f.Name)
		}
	}
	without, err := datasets.SelectColumns(t, names)
	if err == nil {
		without.Report = t.Report
	}
	return without, err
}

func targetIndex(a *model.Artifact, name string) int {
	for i := range a.Targets {
		if a.Targets[i].Name == name {
			return i
		}
	}
	return -1
}
