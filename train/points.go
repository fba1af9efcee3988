package train

import (
	"fmt"
	"math"

	"leadscore/features"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// addPoints puts the points card of each target on the card, with what the rounding costs on the
// hold-out, and the shapes of the effects. A linear model has neither, one with an offset no points.
func (d *data) addPoints(a *model.Artifact, fits []*fitted) error {
	if a.Pipeline.Encoding() != features.Additive {
		return nil
	}
	for k := range a.Targets {
		name := a.Targets[k].Name
		t := a.Card.Targets[name]
		t.Shapes = shapes(a.Pipeline, a.Targets[k].Effects)
		if d.offsets != nil {
			continue
		}
		card, err := a.PointsCard(k, model.DefaultPDO)
		if err != nil {
			return fmt.Errorf("rounding target %q: %w", name, err)
		}
		if a.Targets[k].Given == "" { // the card of a conditional model is a part of its probability, and was not measured alone
			if card.Cost, err = d.roundingCost(a, k, &fits[k].target); err != nil {
				return fmt.Errorf("rounding target %q: %w", name, err)
			}
			card.Cost.AUCModel, card.Cost.LogLossModel = t.Scores["model"].AUC, t.Scores["model"].LogLoss
		}
		t.PointsCard, t.Shapes = card, shapes(a.Pipeline, a.Targets[k].Effects)
	}
	return nil
}

// roundingCost compares the rounded score of target k with the model on the hold-out. fit is the target as
// it was fitted: a prior (see correctPriors) moves the probabilities away from the hold-out's base rate,
// and is left out as it is in the other figures.
func (d *data) roundingCost(a *model.Artifact, k int, fit *model.Target) (*model.PointsCost, error) {
	points, err := a.Points(k, model.DefaultPDO)
	if err != nil {
		return nil, err
	}
	rows := make([]bool, d.rows())
	var labels []bool
	for i, in := range d.holdout {
		if l := d.outcomes[k].Label[i]; in && l != setAside {
			rows[i] = true
			labels = append(labels, l == positive)
		}
	}
	x, layout, err := a.Pipeline.Matrix(d.leads, rows)
	if err != nil {
		return nil, err
	}
	score, logit := make([]float64, len(labels)), make([]float64, len(labels))
	for i := range labels {
		score[i], logit[i] = model.BasePoints, fit.Intercept
	}
	average := fit.Intercept
	for f := range a.Pipeline.Features() {
		e := &a.Targets[k].Effects[f]
		average += e.Mean
		x.Blocks()[layout.Features[f].Block].Each(func(row int, code uint32) {
			score[row] += float64(points.At(f, code))
			if int(code) < len(e.Table) {
				logit[row] += e.Table[code]
			}
		})
	}
	weight, cluster := d.weightsOf(rows), d.clusters(func(row int) bool { return rows[row] })
	rounded := evaluate.Sample{Label: labels, Weight: weight, Cluster: cluster, Score: score, Probability: make([]float64, len(labels))}
	exact := evaluate.Sample{Label: labels, Weight: weight, Cluster: cluster, Probability: make([]float64, len(labels))}
	for i := range labels {
		rounded.Probability[i] = fit.Calibration.Apply(average + (score[i]-model.BasePoints)/points.Factor)
		exact.Probability[i] = fit.Calibration.Apply(logit[i])
	}
	exact.Score = exact.Probability
	m, err := evaluate.Measure(rounded, evaluate.Options{Replicates: noBootstrap})
	if err != nil {
		return nil, err
	}
	c := &model.PointsCost{AUCRounded: m.AUC, LogLossRounded: m.LogLoss}
	if c.Difference, _, err = evaluate.CompareAUC(rounded, exact); err != nil {
		return nil, err
	}
	nan := math.NaN()
	c.LogLossDifference = model.Estimate{Value: nan, Lower: nan, Upper: nan}
	all, err := evaluate.Compare("rounded", rounded, "model", exact, evaluate.Options{Replicates: noBootstrap})
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Metric == "log_loss" {
			c.LogLossDifference = x.Difference
		}
	}
	return c, nil
}

// shapes tells of each feature with an effect how it is to be drawn.
func shapes(p *features.Pipeline, effects []model.TermEffect) []model.Shape {
	var out []model.Shape
	all := p.Features()
	for f, feature := range all {
		s := model.Shape{Feature: feature.Name, Importance: effects[f].Spread()}
		if s.Importance == 0 || feature.Linear { // the line of an offset needs no drawing
			continue
		}
		if feature.Ordered > 1 {
			s.Ordered = feature.Levels[:feature.Ordered]
		}
		for _, parent := range feature.Parents {
			_, levels := p.Coarse(parent)
			s.Sides = append(s.Sides, model.Side{Feature: all[parent].Name, Levels: levels, Ordered: model.CoarseOrdered(p, parent)})
		}
		out = append(out, s)
	}
	return out
}
