package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// ThresholdOptions say which cut-offs Thresholds looks for.
type ThresholdOptions struct {
	Stage model.Stage    // that they are for; "": MQL
	Ways  []evaluate.Way // none: those that the card of a training tells of
	Cost  evaluate.Cost  // for the benefit of every cut-off; zero: NaN
	Seed  uint64         // of the halves; 0: 1
}

// Thresholds chooses cut-offs of a trained model's score on a labelled file, which is read, labelled and scored as Evaluate
// does it, and returns with them the curve of all cut-offs. The rows are taken for all leads of their time: a file that
// was subsampled by outcome needs weights. model.ChoiceCard says how the figures come about.
func Thresholds(ctx context.Context, s *model.Scorer, path string, o datasets.ReadOptions, now time.Time, t ThresholdOptions, events ...string) (_ *model.ChoiceCard, _ []evaluate.CutPoint, err error) {
	f, err := readLabelled(ctx, "choosing thresholds on "+path, s, s.Artifact().Targets, path, o, now, events)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	h, _, err := f.score(ctx)
	if err != nil {
		return nil, nil, err
	}
	if t.Seed == 0 {
		t.Seed = 1
	}
	if t.Stage == "" {
		t.Stage = model.MQL
	}
	card, curve, err := f.thresholds(h, t)
	if err != nil {
		return nil, nil, fmt.Errorf("choosing thresholds on %s: %w", path, err)
	}
	return card, curve, nil
}

func (l *labelledFile) thresholds(h *Holdout, t ThresholdOptions) (*model.ChoiceCard, []evaluate.CutPoint, error) {
	a, d, p := l.scorer.Artifact(), l.data, l.population(0, true)
	rows := evaluate.Sample{Label: h.Labels, Score: h.Columns.Score, Weight: h.Weights}
	if a.Blend.Method == model.BlendModel || a.Blend.Method == model.BlendLogit {
		rows.Probability = h.Columns.Blended
	}
	card := &model.ChoiceCard{
		Target: a.Targets[0].Name, Stage: string(t.Stage), Data: d.sample(0, true), Days: model.Figure(math.NaN()), PerDay: model.Figure(math.NaN()),
		Choices: []model.Choice{}, Findings: l.findings(append([]model.Finding{}, d.findings...)), Seed: t.Seed,
	}
	if p.Days > 0 {
		card.Days = model.Figure(p.Days)
		if p.CheckDays() == nil {
			card.PerDay = model.Figure(size(h.Weights, len(h.Labels)) * p.Leads / p.Days)
		}
	}
	curve, err := evaluate.CutCurve(rows, p, t.Cost)
	if err != nil {
		return nil, nil, err
	}
	half, err := d.halves(h.Labels, t.Seed)
	if err != nil {
		return nil, nil, err
	}
	for _, own := range []struct {
		stage model.Stage
		score float64
	}{{model.MQL, a.Policy.MQL.MinScore}, {model.SQL, a.Policy.SQL.MinScore}} {
		// Not by CrossFit: what a model has may be Nothing, which nobody can ask for.
		by := evaluate.Sample{Label: rows.Label, Score: a.StageScores(own.stage, &h.Columns), Weight: rows.Weight}
		c, err := evaluate.MeasureChoice(model.Choice{Stage: string(own.stage), By: evaluate.ByScore, Score: own.score, Met: own.score <= 100}, by, p, t.Cost)
		if err != nil {
			return nil, nil, err
		}
		card.Current = append(card.Current, c)
	}
	ways := t.Ways
	if len(ways) == 0 {
		ways = otherWays(curve[0].Precision.Value)
	}
	for _, w := range ways {
		cost := t.Cost
		if w.Known() {
			cost = w.Cost
		}
		c, note, err := evaluate.CrossFit(rows, half, p, w, cost)
		if err != nil {
			return nil, nil, err
		}
		c.Stage = string(t.Stage)
		if note != "" {
			card.Findings = append(card.Findings, model.Finding{Reason: "threshold", Text: fmt.Sprintf("%s: %s", c.Asked, note)})
		}
		card.Choices = append(card.Choices, c)
	}
	return card, curve, nil
}

// halves deals the rows of the hold-out into two halves, with the rows of a lead in one.
func (d *data) halves(labels []bool, seed uint64) ([]uint8, error) {
	var leads []int32
	if d.lead != nil {
		for i, in := range d.holdout {
			if in {
				leads = append(leads, d.lead[i])
			}
		}
	}
	return datasets.LeadFolds(labels, leads, nil, 2, seed)
}
