package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// ReplayOptions say which change is replayed.
type ReplayOptions struct {
	New     ReplayRules
	Current ReplayRules // without File: what the model recommends as it is
	ByMonth bool        // as-of moments are to be known
	Workers int         // 0: GOMAXPROCS; the result does not depend on it
}

// ReplayRules are rules and how their points become stages.
type ReplayRules struct {
	Name string // of the file
	File *rules.File
	// MQL and SQL are the points from which a lead is that stage. Without MQL the rules are put into the model, in the place of its own, and
	// its policy decides by the score; without SQL only hard rules give SQL.
	MQL, SQL *float64
}

// ReplayRulesError is what is wrong with one of the rules files.
type ReplayRulesError struct {
	Current  bool // false: the new one
	Problems []rules.Problem
}

func (e *ReplayRulesError) Error() string { return (&RulesError{e.Problems}).Error() }

// ReplayLeads are past leads that no model knows how to read.
type ReplayLeads struct {
	Table   *datasets.Table
	ID      string  // column; "": leads are numbered from 1
	AsOf    []int64 // moment of each row; nil: not known
	Outcome *Target // its column is taken out of the table, so that no rule can see it; nil: outcomes are not known
	// Events reads the events that rules ask for, of each row, with notes of what was left out; nil: there is no log.
	Events func(set *rules.Set) ([][]datasets.Event, []string, error)
}

// Replay shows what the new rules would have done on past leads beside the current ones, both by points.
func Replay(ctx context.Context, leads ReplayLeads, o ReplayOptions) (*Replayed, error) {
	if o.New.MQL == nil || o.Current.MQL == nil || o.Current.File == nil {
		return nil, errors.New("replaying rules: without a model both rules files and their points for MQL are needed")
	}
	r := &replay{options: o, table: leads.Table, asOf: leads.AsOf, rows: leads.Table.Rows()}
	if leads.Outcome != nil {
		found, err := readOutcomes(leads.Table, *leads.Outcome)
		if err != nil {
			return nil, err
		}
		r.label = found.Label
		if r.table, err = withoutColumn(leads.Table, leads.Outcome.Column); err != nil {
			return nil, err
		}
	}
	if leads.ID != "" {
		if r.id = r.table.Schema.Index(leads.ID); r.id < 0 {
			return nil, fmt.Errorf("replaying rules: no column %q, which names a lead%s", leads.ID, didYouMean(datasets.Nearest(leads.ID, columnNames(r.table.Schema))))
		}
	} else {
		r.id = -1
	}
	r.number = func(row int) int { return row + 1 }
	events := func(set *rules.Set) ([][]datasets.Event, error) {
		if leads.Events == nil {
			return nil, nil
		}
		all, notes, err := leads.Events(set)
		for _, n := range notes {
			r.find(model.Finding{Reason: "events", Text: n})
		}
		return all, err
	}
	for i, of := range []ReplayRules{o.Current, o.New} {
		set, problems := rules.Compile(of.File, r.table.Schema)
		if len(problems) > 0 {
			return nil, &ReplayRulesError{i == 0, problems}
		}
		side, err := r.points(of, set, r.table, events, leads.Events != nil)
		if err != nil {
			return nil, err
		}
		r.sides[i] = side
	}
	if rep := leads.Table.Report; rep != nil {
		r.digest, r.badRows = rep.Digest, rep.BadTotal
	}
	return r.run(ctx)
}

// ReplayModel is Replay with a model, which says how a file is read, what its outcomes are, and, where no points are given, by which policy
// a lead gets its stage. A file without outcomes is replayed without them.
func ReplayModel(ctx context.Context, s *model.Scorer, path string, read datasets.ReadOptions, now time.Time, events []string, o ReplayOptions) (_ *Replayed, err error) {
	doing := "replaying rules on " + path
	a := s.Artifact()
	f, err := readLabelled(ctx, doing, s, a.Targets[:1], path, read, now, events)
	var none *noOutcomeError
	if errors.As(err, &none) {
		if len(events) > 0 {
			return nil, fmt.Errorf("%w; with --events a model needs the outcomes (without --model they do not matter)", err)
		}
		f, err = readUnlabelled(ctx, s, path, read)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	f.holdout = make([]bool, f.rows())
	for i := range f.holdout {
		f.holdout[i] = true
	}
	m := &contest{labelledFile: f, doing: doing, path: path, options: read, now: now, events: events, refused: &TrainingRowsError{Path: path}}
	r := &replay{options: o, table: f.leads, asOf: f.asOf, rows: f.rows(), id: f.ids, weights: f.weights, number: f.number, digest: f.read.Digest, badRows: f.read.BadTotal}
	if f.outcomes != nil {
		r.label = f.outcomes[0].Label
		r.cluster = f.clusters
		r.findings = append(r.findings, f.data.findings...)
	}
	if o.New.MQL == nil || o.Current.File == nil || o.Current.MQL == nil { // the model itself is on one side
		if err := m.admit("", f); err != nil {
			return nil, err
		}
		r.findings = append(r.findings, m.found...)
	}
	for i, of := range []ReplayRules{o.Current, o.New} {
		if r.sides[i], err = m.replaySide(ctx, r, of, i == 0); err != nil {
			return nil, err
		}
	}
	return r.run(ctx)
}

// readUnlabelled reads a file without outcomes: every row counts. Moments come from the as-of column alone.
func readUnlabelled(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions) (*labelledFile, error) {
	a := s.Artifact()
	o.Schema, o.Skip = a.Schema, s.Unread()
	t, err := datasets.Read(ctx, path, o)
	if err != nil {
		return nil, err
	}
	l := &labelledFile{data: &data{leads: t, ids: a.Schema.Index(a.ID), used: make([]bool, t.Rows())}, scorer: s, read: t.Report, absent: map[string]bool{}}
	for _, name := range t.Report.Absent {
		l.absent[name] = true
	}
	if a.ID == "" || l.absent[a.ID] {
		l.ids = -1
	}
	if a.AsOf != "" && !l.absent[a.AsOf] {
		if l.asOf, err = times(t, a.AsOf); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// replaySide makes the side of some rules, or of the model as it is.
func (m *contest) replaySide(ctx context.Context, r *replay, of ReplayRules, current bool) (*replaySide, error) {
	eventsOf := func(set *rules.Set) ([][]datasets.Event, error) {
		m.ruleEvents = nil
		if err := m.readRuleEvents(ctx, set); err != nil {
			return nil, err
		}
		return m.ruleEvents, nil
	}
	if of.File != nil && of.MQL != nil {
		leads, err := m.withColumns(ctx, Contenders{Rules: of.File})
		if err != nil {
			return nil, err
		}
		set, problems := rules.Compile(of.File, leads.Schema)
		if len(problems) > 0 {
			return nil, &ReplayRulesError{current, problems}
		}
		return r.points(of, set, leads, eventsOf, m.log != nil)
	}
	a, scorer := m.scorer.Artifact(), m.scorer
	side := &replaySide{name: a.Name + "@" + a.Version, scale: model.ReplayScore, leads: m.leads, policy: a.Policy}
	if of.File != nil {
		if _, problems := rules.Compile(of.File, a.Schema); len(problems) > 0 {
			return nil, &ReplayRulesError{current, problems}
		}
		with := *a
		with.Rules = of.File
		if len(a.Blend.Groups) > 0 && !sameGroups(a.Rules, of.File) {
			return nil, fmt.Errorf("%s: the model's blend has weights for the groups of its own rules, and %s has other groups; give the points from which a lead is an MQL (--mql), or train with these rules", m.doing, of.Name)
		}
		var err error
		if scorer, err = model.NewScorer(&with); err != nil {
			return nil, fmt.Errorf("%s: putting %s into the model: %w", m.doing, of.Name, err)
		}
		side.name = of.Name
		if a.Blend.Method == model.BlendModel {
			r.find(model.Finding{Reason: "blend", Text: "the model's blend does not look at points: in it only hard rules change stages (points of their own are replayed with --mql)"})
		} else {
			r.find(model.Finding{Reason: "blend", Text: "the model's blend was fitted to its own rules: retraining with the new ones would weigh them anew"})
		}
	}
	side.scorer = scorer
	if side.scorer.Artifact().Rules != nil {
		set, err := compileRules(side.scorer.Artifact().Rules, m.leads)
		if err != nil {
			return nil, err
		}
		if side.events, err = eventsOf(set); err != nil {
			return nil, err
		}
		side.set = set
	}
	return side, nil
}

// points makes a side of rules by themselves.
func (r *replay) points(of ReplayRules, set *rules.Set, leads *datasets.Table, events func(*rules.Set) ([][]datasets.Event, error), log bool) (*replaySide, error) {
	side := &replaySide{name: of.Name, scale: model.ReplayPoints, leads: leads, set: set}
	side.policy.MQL.MinScore, side.policy.SQL.MinScore = *of.MQL, math.Inf(1)
	if of.SQL != nil {
		side.policy.SQL.MinScore = *of.SQL
	}
	var err error
	if len(set.EventTypes()) > 0 {
		if !log {
			r.find(model.Finding{Reason: "absent", Text: fmt.Sprintf("the rules of %s ask for events, and there is no log of them: they count none", of.Name)})
		}
		side.events, err = events(set)
	}
	return side, err
}

// find notes something once.
func (r *replay) find(f model.Finding) {
	if !slices.Contains(r.findings, f) {
		r.findings = append(r.findings, f)
	}
}

// sameGroups reports whether the first scorecards of two files, which the blend looks at, have the same groups and frameworks in the same order.
func sameGroups(a, b *rules.File) bool {
	names := func(f *rules.File) (names []string) {
		for _, g := range f.Scorecards[0].Groups {
			names = append(names, g.Name)
		}
		for _, w := range f.Scorecards[0].Frameworks {
			names = append(names, w.Name)
		}
		return names
	}
	return slices.Equal(names(a), names(b))
}
