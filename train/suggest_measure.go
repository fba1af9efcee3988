package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

// Judges are what suggested rules are measured against.
type Judges struct {
	Current           *rules.File // the rules in use; nil: the artifact's, if it has any
	AllowTrainingRows bool        // measure rows that were in the model's training too
}

// Measure scores the leads of a labelled file by the rules, the model and the rules in use, and fills in Measured; the rows are read and labelled
// as Evaluate does. It adds five of the leads to the tests of the file, from the lowest score to the highest. The error is a
// *TrainingRowsError where rows were in training, and a *RulesError for current rules that do not fit the file.
func (s *Suggested) Measure(ctx context.Context, scorer *model.Scorer, path string, o datasets.ReadOptions, now time.Time, events []string, j Judges) (err error) {
	doing := "measuring rules on " + path
	f, err := readLabelled(ctx, doing, scorer, s.artifact.Targets[:1], path, o, now, events)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	m := &contest{labelledFile: f, doing: doing, path: path, options: o, now: now, events: events, refused: &TrainingRowsError{Path: path}}
	if err := m.admit("", f); err != nil {
		return err
	}
	if len(m.refused.Texts) > 0 && !j.AllowTrainingRows {
		return m.refused
	}
	h, _, err := f.score(ctx)
	if err != nil {
		return err
	}
	if err := s.judge(ctx, m, h, j); err != nil {
		return err
	}
	s.Findings = append(slices.Concat(f.card(f.read).Findings, m.found), s.Findings...)
	return nil
}

// judge makes the figures, and the tests.
func (s *Suggested) judge(ctx context.Context, m *contest, h *Holdout, j Judges) error {
	m.entrants = nil
	if err := m.addRules(ctx, s.Rules, m.leads); err != nil {
		return err
	}
	points := m.entrants[0].Score
	if err := s.exemplify(m, points); err != nil {
		return err
	}
	var current []float64
	switch {
	case j.Current != nil:
		m.entrants = nil
		if err := m.addFile(ctx, Contenders{Rules: j.Current}); err != nil {
			return err
		}
		current = m.entrants[0].Score
	case s.artifact.Rules != nil:
		current = h.Columns.RuleScore
	}
	in := func(row int) bool { return m.holdout[row] }
	sample := func(score []float64) evaluate.Sample {
		return evaluate.Sample{Label: h.Labels, Score: score, Weight: h.Weights, Cluster: m.clusters(in)}
	}
	mine := sample(points)
	r := &model.SuggestionResult{Rows: m.sample(0, true), Digest: m.read.Digest, BadRows: m.read.BadTotal}
	var err error
	if r.AUC, err = evaluate.AUC(mine); err != nil {
		return fmt.Errorf("%s: %w", m.doing, err)
	}
	rival := func(score []float64) (x model.SuggestionRival, err error) {
		if x.AUC, err = evaluate.AUC(sample(score)); err != nil {
			return x, fmt.Errorf("%s: %w", m.doing, err)
		}
		var p float64
		x.Difference, p, err = evaluate.CompareAUC(mine, sample(score))
		x.P = model.Figure(p)
		return x, err
	}
	if r.Model, err = rival(h.Columns.Probability); err != nil {
		return err
	}
	if current != nil {
		x, err := rival(current)
		if err != nil {
			return err
		}
		r.Current = &x
	}
	r.Ranking = model.Figure(math.NaN())
	if above := r.Model.AUC.Value - .5; above > 0 {
		r.Ranking = model.Figure((r.AUC.Value - .5) / above)
	}
	r.Agreement = model.Figure(spearman(points, h.Columns.Probability, h.Weights))
	r.MQL = suggestCut(points, h)
	s.Measured = r
	return nil
}

// spearman is the correlation of the places of two scores; equal scores share the mean of their places. NaN where one is the same for all.
func spearman(a, b, weight []float64) float64 {
	return stat.Correlation(places(a, weight), places(b, weight), weight)
}

// places gives each row the weight of the rows below it and half of that of its equals.
func places(score, weight []float64) []float64 {
	order := codesFrom(0, len(score)-1)
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case score[i] < score[j]:
			return -1
		case score[i] > score[j]:
			return 1
		}
		return i - j
	})
	out := make([]float64, len(score))
	below := 0.0
	for from := 0; from < len(order); {
		to, here := from, 0.0
		for to < len(order) && score[order[to]] == score[order[from]] {
			here += weightAt(weight, order[to])
			to++
		}
		for _, i := range order[from:to] {
			out[i] = below + here/2
		}
		below += here
		from = to
	}
	return out
}

// suggestCut finds the points from which about as many are selected as by the model.
func suggestCut(points []float64, h *Holdout) model.SuggestedCut {
	chosen := make([]bool, len(points))
	for i, stage := range h.Columns.Stage {
		chosen[i] = stage == model.MQL || stage == model.SQL
	}
	want, total := 0.0, 0.0
	for i := range points {
		total += weightAt(h.Weights, i)
		if chosen[i] {
			want += weightAt(h.Weights, i)
		}
	}
	order := codesFrom(0, len(points)-1)
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case points[i] > points[j]:
			return -1
		case points[i] < points[j]:
			return 1
		}
		return i - j
	})
	cut, n, nearest := points[order[0]]+1, 0.0, want // nobody has them
	for at := 0; at < len(order); {
		x := points[order[at]]
		for at < len(order) && points[order[at]] == x {
			n += weightAt(h.Weights, order[at])
			at++
		}
		if d := math.Abs(n - want); d < nearest {
			cut, nearest = x, d
		}
	}
	byPoints := make([]bool, len(points))
	for i, x := range points {
		byPoints[i] = x >= cut
	}
	return model.SuggestedCut{Points: int(cut), Rules: selected(byPoints, h.Labels, h.Weights, total), Model: selected(chosen, h.Labels, h.Weights, total)}
}

// selected counts the rows that are chosen.
func selected(chosen, label []bool, weight []float64, total float64) model.SelectedLeads {
	var n, won, all float64
	for i, in := range chosen {
		w := weightAt(weight, i)
		if label[i] {
			all += w
		}
		if in {
			n += w
			if label[i] {
				won += w
			}
		}
	}
	return model.SelectedLeads{Leads: rounded(n), Share: model.Figure(n / total), Precision: evaluate.Wilson(won, n), Recall: evaluate.Wilson(won, all)}
}

// mostEvents is how many events the lead of a test may have.
const mostEvents = 12

// exemplify adds tests of leads of the file, from the lowest score to the highest: the first of those that have the score at each quarter.
func (s *Suggested) exemplify(m *contest, points []float64) error {
	held := m.held()
	order := codesFrom(0, len(points)-1)
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case points[i] < points[j]:
			return -1
		case points[i] > points[j]:
			return 1
		}
		return 0
	})
	reads, types := s.Rules.Reads(), s.Rules.EventTypes()
	seen := map[float64]bool{}
	for quarter := range 5 {
		score := points[order[quarter*(len(order)-1)/4]]
		if seen[score] {
			continue
		}
		seen[score] = true
		for _, i := range order {
			row := held[i]
			if points[i] != score || len(m.eventsAt(row)) > mostEvents {
				continue
			}
			test := rules.Test{Name: fmt.Sprintf("a lead of %v points", score), Score: &score}
			values := make([]datasets.Value, len(m.leads.Schema.Fields))
			b, at := batchOf(m.leads, row)
			b.Row(at, values)
			test.Lead = attributes(m.leads.Schema, values, reads)
			if m.asOf != nil && m.asOf[row] != datasets.MissingTime && len(types) > 0 {
				test.AsOf = momentText(m.asOf[row])
			}
			sent := map[string]bool{}
			for _, e := range m.eventsAt(row) {
				if slices.Contains(types, e.Type) && (e.ID == "" || !sent[e.ID]) { // one that was sent twice counts once
					sent[e.ID] = true
					test.Events = append(test.Events, rules.TestEvent{Type: e.Type, At: momentText(e.At)})
				}
			}
			s.Rules.Tests = append(s.Rules.Tests, test)
			break
		}
	}
	return s.compile()
}

func momentText(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }
