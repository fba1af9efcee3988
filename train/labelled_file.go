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

// labelledFile is a file of leads with outcomes, read and labelled as the training of a model read and labelled its own.
// Its hold-out is every row whose outcome is known. Who asked for it closes the log.
type labelledFile struct {
	*data
	scorer *model.Scorer
	config Config
	read   *datasets.ReadReport
	absent map[string]bool // columns that the file lacks
}

// readLabelled reads a file for a scorer, with the outcomes of targets, which are those of its own artifact or of another one. doing
// opens the errors: "evaluating on newer.csv".
func readLabelled(ctx context.Context, doing string, s *model.Scorer, targets []model.Target, path string, o datasets.ReadOptions, now time.Time, events []string) (_ *labelledFile, err error) {
	a := s.Artifact()
	if len(events) > 0 && a.Events == nil {
		return nil, fmt.Errorf("%s: the model has no event features, so no log is needed", doing)
	}
	l := &labelledFile{scorer: s, absent: map[string]bool{}}
	c := Config{Name: a.Name, Leads: Leads{Path: path, ID: a.ID, AsOf: QuoteAsOf(a.AsOf)}, Measured: true, Duplicates: DropDuplicates, Now: now}.withDefaults()
	segments := segmentsOf(a.Card, a.Targets[0].Name)
	o.Schema = l.schema(targets)
	o.Skip = slices.DeleteFunc(s.Unread(), func(name string) bool { return slices.Contains(segments, name) })
	if form, err := ParseAsOf(a.Snapshots); err == nil && form.Column != "" { // a moment starts from it where the file has none
		o.Skip = slices.DeleteFunc(o.Skip, func(name string) bool { return name == form.Column })
	}
	if t := a.TrainedRows; t != nil { // what a row is known by
		o.Skip = slices.DeleteFunc(o.Skip, func(name string) bool { return slices.Contains(t.Columns, name) })
	}
	for _, t := range targets {
		for _, name := range []string{t.Outcome.Column, t.Outcome.At} {
			if name != "" && a.Schema.Index(name) >= 0 {
				return nil, fmt.Errorf("%s: the model was trained with column %q, which holds the outcome of target %q", doing, name, t.Name)
			}
		}
	}
	table, err := datasets.Read(ctx, path, o)
	if err != nil {
		return nil, err
	}
	l.read = table.Report
	for _, name := range table.Report.Absent {
		l.absent[name] = true
	}
	var there []string // what the file lacks of outcomes and weight is no column of the leads
	for _, f := range table.Schema.Fields {
		if a.Schema.Index(f.Name) >= 0 || !l.absent[f.Name] {
			there = append(there, f.Name)
		}
	}
	if table, err = datasets.SelectColumns(table, there); err != nil {
		return nil, err
	}
	if c.Targets, err = l.targets(targets); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if a.Weight != nil && !l.absent[a.Weight.Name] {
		c.Leads.Weight = a.Weight.Name
	}
	if a.AsOf != "" && l.absent[a.AsOf] {
		c.Leads.AsOf = a.Snapshots // "": without as-of
		if a.Snapshots != "" {
			if table, err = withoutColumn(table, a.AsOf); err != nil {
				return nil, err
			}
		}
	}
	if err := l.label(ctx, table, &c, o, events); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	l.config, l.segments = c, segments
	return l, nil
}

// label makes the rows, with their outcomes and event features.
func (l *labelledFile) label(ctx context.Context, table *datasets.Table, c *Config, o datasets.ReadOptions, events []string) (err error) {
	a := l.scorer.Artifact()
	var log *eventLog
	if len(events) > 0 {
		c.Events, c.Workers = &Events{Source: a.Events.Source(events, a.Schema.Nulls)}, o.Workers
		c.Events.BadRows, c.Events.MaxBadRows = o.BadRows, o.MaxBadRows
		if log, err = c.readEvents(ctx, table); err != nil {
			return err
		}
		c.EventMoments = log
		defer func() {
			if err != nil {
				err = errors.Join(err, log.close())
			}
		}()
	}
	if l.data, err = label(ctx, table, c); err != nil {
		return err
	}
	if err := l.recallEvents(ctx, log, a.Events, o.Workers); err != nil {
		return err
	}
	if err := l.arrange(a.Schema); err != nil {
		return err
	}
	l.holdout, l.train, l.splitBy = l.used, make([]bool, l.rows()), "file"
	return nil
}

// schema is the columns of the artifact, then those of the outcomes and of the weight.
func (l *labelledFile) schema(targets []model.Target) *datasets.Schema {
	a := l.scorer.Artifact()
	schema := &datasets.Schema{Nulls: a.Schema.Nulls, Fields: slices.Clone(a.Schema.Fields)}
	known := map[string]bool{}
	add := func(name string, kind datasets.Kind) {
		if name != "" && !known[name] {
			schema.Fields = append(schema.Fields, datasets.Field{Name: name, Kind: kind})
			known[name] = true
		}
	}
	for _, t := range targets {
		add(t.Outcome.Column, datasets.Categorical)
	}
	for _, t := range targets {
		add(t.Outcome.At, datasets.Time)
	}
	if a.Weight != nil {
		schema.Fields = append(schema.Fields, *a.Weight)
	}
	return schema
}

// noOutcomeError says that a file does not tell how its leads ended.
type noOutcomeError struct{ column, target string }

func (e *noOutcomeError) Error() string {
	return fmt.Sprintf("no column %q, which holds the outcome of target %q; leadscore datasets join adds outcomes that stand in another file", e.column, e.target)
}

// targets are those whose outcomes the file has; the first must be among them.
func (l *labelledFile) targets(of []model.Target) (targets []Target, err error) {
	for i, t := range of {
		if l.absent[t.Outcome.Column] && i == 0 {
			return nil, &noOutcomeError{t.Outcome.Column, t.Name}
		}
		if l.absent[t.Outcome.Column] {
			continue
		}
		target := Target{Name: t.Name, Column: t.Outcome.Column, Positive: t.Outcome.Positive, Negative: t.Outcome.Negative, At: t.Outcome.At, Horizon: t.Outcome.Horizon}
		if l.absent[target.At] {
			if target.At = ""; target.Horizon != "" {
				return nil, fmt.Errorf("no column %q, the time of the outcome of target %q, which counts for %s", t.Outcome.At, t.Name, t.Outcome.Horizon)
			}
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// score scores the rows, with the events that the artifact's rules ask for, and measures how far they have drifted from training.
func (l *labelledFile) score(ctx context.Context) (*Holdout, *model.DriftMeter, error) {
	set, err := compileRules(l.scorer.Artifact().Rules, l.leads)
	if err != nil {
		return nil, nil, err
	}
	if err := l.readRuleEvents(ctx, set); err != nil {
		return nil, nil, err
	}
	drift := l.scorer.NewDriftMeter()
	h, err := scoreHoldout(l.scorer, l.data, drift)
	return h, drift, err
}

// seen says how many of the rows were in the training of the model; false: that cannot be told, for the reason given.
func (l *labelledFile) seen() (model.Seen, string, bool) {
	t := l.scorer.Artifact().TrainedRows
	if t == nil {
		return model.Seen{}, "the model has no digests of its training rows (an older leadscore made it), so it cannot be told whether these rows were among them", false
	}
	for _, name := range t.Columns {
		if l.absent[name] && name != l.form.column() {
			return model.Seen{}, fmt.Sprintf("the file has no column %q, by which the training rows are known, so it cannot be told whether these rows were among them", name), false
		}
	}
	found, err := digests(t, l.leads, l.holdout)
	if err != nil { // the artifact was checked: its columns are those of the leads
		return model.Seen{}, err.Error(), false
	}
	return t.Look(found), "", true
}

// findings adds what the file lacks, and how many of its rows were in training.
func (l *labelledFile) findings(found []model.Finding) []model.Finding {
	a := l.scorer.Artifact()
	made := a.EventColumns()
	if l.log == nil && a.LacksEvents(l.read.Absent) {
		found = append(found, model.Finding{Reason: "absent", Text: model.NoEventsText})
	}
	for _, name := range l.read.Absent { // in the order of the schema: the card is the same each time
		if !made[name] && a.Pipeline.Uses(name) && (name != a.AsOf || a.Snapshots == "") {
			found = append(found, model.Finding{Column: name, Reason: "absent", Text: fmt.Sprintf("the file has no column %q: scored as missing", name)})
		}
	}
	if a.Weight != nil && l.absent[a.Weight.Name] {
		found = append(found, model.Finding{Column: a.Weight.Name, Reason: "absent", Text: fmt.Sprintf(
			"the file has no column %q, by which the training rows were weighted: every row counts as one lead", a.Weight.Name)})
	}
	seen, why, known := l.seen()
	if text := seenText(seen, "the model"); text != "" {
		why = text + ": these figures flatter it"
	}
	if why != "" {
		reason := "in training"
		if !known {
			reason = "in training?"
		}
		found = append(found, model.Finding{Reason: reason, Text: why})
	}
	return found
}
