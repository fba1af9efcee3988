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
func Evaluate(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions, now time.Time, events ...string) (*model.Card, error) {
	r, err := rescore(ctx, s, path, o, now, events...)
	if err != nil {
		return nil, err
	}
	a, d, holdout := s.Artifact(), r.data, r.holdout
	card := d.card(r.read)
	card.Findings = append(card.Findings, r.lacks(a)...)
	for i := range d.outcomes {
		k := targetIndex(a, d.outcomes[i].Target.Name)
		t, err := measure(d, i, k, holdout, a, r.seed, o.Workers)
		if err != nil {
			return nil, fmt.Errorf("evaluating target %q: %w", a.Targets[k].Name, err)
		}
		t.BaseRate, t.Account = a.Targets[k].BaseRate, d.account(i)
		if k == 0 {
			t.Drift = r.drift.Drift()
		}
		card.Targets[a.Targets[k].Name] = t
	}
	return card, nil
}

// rescored is a labelled file as a trained model scores it: all rows with a known outcome are its hold-out.
type rescored struct {
	data    *data
	holdout *Holdout
	drift   *model.DriftMeter // of those rows
	read    *datasets.ReadReport
	absent  map[string]bool // columns of the artifact's schema, outcomes and weight that the file lacks
	logged  bool            // whether event features came from a log
	seed    uint64
}

// rescore reads, labels and scores a file as Evaluate says.
func rescore(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions, now time.Time, events ...string) (_ *rescored, err error) {
	a := s.Artifact()
	if len(events) > 0 && a.Events == nil {
		return nil, fmt.Errorf("evaluating on %s: the model has no event features, so no log is needed", path)
	}
	c := Config{Name: a.Name, Leads: Leads{Path: path, ID: a.ID, AsOf: QuoteAsOf(a.AsOf)}, AllowSmall: true, Duplicates: DropDuplicates, Now: now}.withDefaults()
	schema := &datasets.Schema{Nulls: a.Schema.Nulls, Fields: append([]datasets.Field(nil), a.Schema.Fields...)}
	known := map[string]bool{}
	add := func(name string, kind datasets.Kind) {
		if name != "" && !known[name] {
			schema.Fields = append(schema.Fields, datasets.Field{Name: name, Kind: kind})
			known[name] = true
		}
	}
	for _, t := range a.Targets {
		add(t.Outcome.Column, datasets.Categorical)
	}
	for _, t := range a.Targets {
		add(t.Outcome.At, datasets.Time)
	}
	if a.Weight != nil {
		schema.Fields = append(schema.Fields, *a.Weight)
	}
	segments := segmentsOf(a.Card, a.Targets[0].Name)
	o.Schema = schema
	o.Skip = slices.DeleteFunc(s.Unread(), func(name string) bool { return slices.Contains(segments, name) })
	if form, err := ParseAsOf(a.Snapshots); err == nil && form.Column != "" { // a moment starts from it where the file has none
		o.Skip = slices.DeleteFunc(o.Skip, func(name string) bool { return name == form.Column })
	}
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
			target := Target{Name: t.Name, Column: t.Outcome.Column, Positive: t.Outcome.Positive, Negative: t.Outcome.Negative, At: t.Outcome.At, Horizon: t.Outcome.Horizon}
			if absent[target.At] {
				if target.At = ""; target.Horizon != "" {
					return nil, fmt.Errorf("evaluating on %s: no column %q, the time of the outcome of target %q, which counts for %s", path, t.Outcome.At, t.Name, t.Outcome.Horizon)
				}
			}
			c.Targets = append(c.Targets, target)
		}
	}
	if a.Weight != nil && !absent[a.Weight.Name] {
		c.Leads.Weight = a.Weight.Name
	}
	if a.AsOf != "" && absent[a.AsOf] {
		c.Leads.AsOf = a.Snapshots // "": without as-of
		if a.Snapshots != "" {
			if table, err = withoutColumn(table, a.AsOf); err != nil {
				return nil, err
			}
		}
	}
	var log *eventLog
	if len(events) > 0 {
		c.Events, c.Workers = &Events{Source: a.Events.Source(events, a.Schema.Nulls)}, o.Workers
		c.Events.BadRows, c.Events.MaxBadRows = o.BadRows, o.MaxBadRows
		if log, err = c.readEvents(ctx, table); err != nil {
			return nil, fmt.Errorf("evaluating on %s: %w", path, err)
		}
		c.EventMoments = log
		defer func() { err = errors.Join(err, log.close()) }()
	}
	d, err := label(ctx, table, &c)
	if err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", path, err)
	}
	if err := d.recallEvents(ctx, log, a.Events, o.Workers); err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", path, err)
	}
	if err := d.arrange(a.Schema); err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", path, err)
	}
	d.holdout, d.train, d.splitBy, d.segments = d.used, make([]bool, d.rows()), "file", segments
	set, err := compileRules(a.Rules, d.leads)
	if err != nil {
		return nil, err
	}
	if err := d.readRuleEvents(ctx, set); err != nil {
		return nil, err
	}
	drift := s.NewDriftMeter()
	holdout, err := scoreHoldout(s, d, drift)
	if err != nil {
		return nil, err
	}
	return &rescored{data: d, holdout: holdout, drift: drift, read: read, absent: absent, logged: log != nil, seed: c.Model.Seed}, nil
}

// lacks says what the file has not that the model looks at.
func (r *rescored) lacks(a *model.Artifact) (out []model.Finding) {
	made := a.EventColumns()
	if !r.logged && a.LacksEvents(r.read.Absent) {
		out = append(out, model.Finding{Reason: "absent", Text: model.NoEventsText})
	}
	for _, name := range r.read.Absent { // in the order of the schema: the card is the same each time
		if !made[name] && a.Pipeline.Uses(name) && (name != a.AsOf || a.Snapshots == "") {
			out = append(out, model.Finding{Column: name, Reason: "absent", Text: fmt.Sprintf("the file has no column %q: scored as missing", name)})
		}
	}
	if a.Weight != nil && r.absent[a.Weight.Name] {
		out = append(out, model.Finding{Column: a.Weight.Name, Reason: "absent", Text: fmt.Sprintf(
			"the file has no column %q, by which the training rows were weighted: every row counts as one lead", a.Weight.Name)})
	}
	return out
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
