package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"leadscore/model"
	"leadscore/train/baseline"
	"leadscore/train/evaluate"
)

// addBaselines fits golearn's classifiers to other labelled leads, coded as the model codes them, and scores the rows.
func (m *contest) addBaselines(ctx context.Context, c Contenders) (err error) {
	if len(c.Baselines) == 0 {
		return nil
	}
	a := m.scorer.Artifact()
	f, err := readLabelled(ctx, "reading "+c.TrainOn+" for the baselines", m.scorer, a.Targets[:1], c.TrainOn, m.options, m.now, m.events)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	taken, err := f.without(m.labelledFile)
	if err != nil {
		return fmt.Errorf("reading %s for the baselines: %w", c.TrainOn, err)
	}
	coding := baseline.NewCoding(a.Pipeline)
	won := make([]bool, f.rows())
	for i, l := range f.outcomes[0].Label {
		won[i] = l == positive
	}
	fitted, err := coding.Fit(f.leads, f.holdout, won)
	if err != nil {
		return err
	}
	measured, err := coding.Score(m.leads, m.holdout)
	if err != nil {
		return err
	}
	for _, name := range c.Baselines {
		b, err := baseline.Fit(name, fitted, f.config.Model.Seed)
		if err != nil {
			return fmt.Errorf("fitting %s to %s: %w", name, c.TrainOn, err)
		}
		p, err := b.Probabilities(measured)
		if err != nil {
			return fmt.Errorf("%s by %s: %w", m.doing, name, err)
		}
		m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: name, Score: p, Probability: p}, Kind: model.ContestBaseline})
	}
	text := fmt.Sprintf("the baselines were fitted to %d leads of %s", len(fitted.Label), c.TrainOn)
	if taken > 0 {
		text += fmt.Sprintf(", without the %d that are measured here", taken)
	}
	m.found = append(m.found, model.Finding{Reason: "baseline", Text: text})
	return nil
}

// without leaves the leads of another file out of what is held: by their id, whatever the moment, or without an id by all their columns.
func (l *labelledFile) without(other *labelledFile) (taken int, err error) {
	columns, byID := l.namingColumns()
	if byID {
		columns = columns[:1]
	}
	named := &model.TrainedRows{Salt: "00000000000000000000000000000000", Columns: columns, ByID: byID}
	every := func(f *labelledFile) ([]model.RowDigest, error) {
		all := make([]bool, f.rows())
		for i := range all {
			all[i] = true
		}
		return digests(named, f.leads, all)
	}
	mine, err := every(l)
	if err != nil {
		return 0, err
	}
	theirs, err := every(other)
	if err != nil {
		return 0, err
	}
	measured := make(map[model.RowDigest]bool, len(theirs))
	for i, x := range theirs {
		if other.holdout[i] && x != model.NoDigest {
			measured[x] = true
		}
	}
	l.holdout = slices.Clone(l.holdout)
	for i, x := range mine {
		if l.holdout[i] && measured[x] {
			l.holdout[i] = false
			taken++
		}
	}
	if !slices.Contains(l.holdout, true) {
		return taken, errors.New("all of its leads are measured here: none is left to fit to")
	}
	return taken, nil
}
