package evaluate

import (
	"errors"
	"fmt"
	"math"

	"leadscore/model"
)

// Scorer is one way of scoring the same rows.
type Scorer struct {
	Name        string
	Score       []float64 // any scale, higher is likelier
	Probability []float64 // nil, or NaN for some row: the score is not a probability
}

// baseline is the scorer that others are compared with.
const baseline = "rules"

// calibrationBins is the number of bins of the reliability diagram.
const calibrationBins = 10

// distributionBins is the number of bins of the score's histogram.
const distributionBins = 20

// Card fills the part of a target's card that evaluation knows: figures, curves and net benefit of every scorer,
// comparisons of each pair of them (the later minus the earlier one, but always something minus
// "rules", since what a team has already is what a model is measured by), deciles, calibration, months and segments of the
// first scorer, and thresholds, stages and distribution of scores, which is what the policy cuts (0–100;
// nil: 100 times the first scorer's probability). Options.Weight and Options.Cluster hold for all of it, but the intervals of
// deciles, calibration and stages take rows as independent. Rows, splits, coefficients, fit and months of training are the caller's to fill.
func Card(label []bool, scorers []Scorer, scores []float64, o Options) (*model.TargetCard, error) {
	if len(scorers) == 0 {
		return nil, fmt.Errorf("evaluating: no scorers")
	}
	if err := o.checkCohorts(len(label)); err != nil {
		return nil, err
	}
	t := &model.TargetCard{Scores: map[string]model.Metrics{}, Curves: map[string][]model.CurvePoint{}}
	samples, err := o.samples("evaluating", label, scorers)
	if err != nil {
		return nil, err
	}
	p := newPanel(samples, o)
	// What is left to do is in parts that do not need each other.
	metrics, curves := make([]model.Metrics, len(scorers)), make([][]model.CurvePoint, len(scorers))
	failed := make([]error, len(scorers)+1)
	work := []func(){
		func() { failed[len(scorers)] = fillTables(t, samples[0], scorers[0].Name, scores, o.Cuts) },
		func() { t.Segments = p.segments(o.Segments, o.Weight, o.Workers) },
		func() { t.Comparisons = p.comparisons(scorers) },
		func() { t.Months = p.months(o.Months) },
		func() { t.Benefit = p.benefit(scorers) },
	}
	for i, s := range scorers {
		work = append(work, func() { metrics[i] = p.metrics(i) }, func() {
			if curves[i], failed[i] = Curve(samples[i]); failed[i] != nil {
				failed[i] = fmt.Errorf("evaluating %q: %w", s.Name, failed[i])
			}
		})
	}
	parallel(o.Workers, len(work), func(k int) { work[k]() })
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	for i, s := range scorers {
		t.Scores[s.Name], t.Curves[s.Name] = metrics[i], curves[i]
	}
	return t, nil
}

// comparisons compares each scorer with those before it.
func (p *panel) comparisons(scorers []Scorer) (out []model.Comparison) {
	for i, s := range scorers {
		for j, earlier := range scorers[:i] {
			if s.Name == baseline {
				out = append(out, p.compare(earlier.Name, j, s.Name, i)...)
			} else {
				out = append(out, p.compare(s.Name, i, earlier.Name, j)...)
			}
		}
	}
	return out
}

// benefit is the decision curve of the scorers.
func (p *panel) benefit(scorers []Scorer) (curve []model.NetBenefit) {
	buf := make([]float64, len(p.t.label))
	for i, s := range p.scorers {
		if s.calibrated != nil {
			curve = addBenefit(curve, scorers[i].Name, s.calibrated, s.calibrated.arranged(p.t.weight, buf))
		}
	}
	return curve
}

// fillTables fills what is counted of the first scorer, and of the scores that the policy cuts.
func fillTables(t *model.TargetCard, first Sample, name string, scores []float64, cuts []Cut) (err error) {
	if t.Deciles, err = Deciles(first); err != nil {
		return fmt.Errorf("evaluating %q: %w", name, err)
	}
	if first.Probability != nil {
		if t.Calibration, err = Calibration(first, calibrationBins); err != nil {
			return fmt.Errorf("evaluating %q: %w", name, err)
		}
	}
	if scores == nil && first.Probability != nil {
		scores = make([]float64, len(first.Probability))
		for i, p := range first.Probability {
			scores[i] = 100 * p
		}
	} else if scores == nil {
		scores = first.Score
	}
	cut := Sample{Label: first.Label, Score: scores, Weight: first.Weight}
	if t.Thresholds, err = Thresholds(cut, 0); err != nil {
		return fmt.Errorf("evaluating the scores: %w", err)
	}
	if t.Distribution, err = Distribution(cut, distributionBins); err != nil {
		return fmt.Errorf("evaluating the scores: %w", err)
	}
	if t.Stages, err = Stages(cut, cuts); err != nil {
		return fmt.Errorf("evaluating the scores: %w", err)
	}
	return nil
}

// samples are the scorers on the same rows, checked; doing opens the errors. A scorer that lacks a probability for some rows has none.
func (o Options) samples(doing string, label []bool, scorers []Scorer) ([]Sample, error) {
	samples := make([]Sample, len(scorers))
	named := map[string]bool{}
	for i, s := range scorers {
		if named[s.Name] {
			return nil, fmt.Errorf("%s: two scorers are named %q", doing, s.Name)
		}
		named[s.Name] = true
		samples[i] = Sample{Label: label, Score: s.Score, Probability: s.Probability, Weight: o.Weight, Cluster: o.Cluster}
		if lacksSome(s.Probability) {
			samples[i].Probability = nil
		}
		if err := samples[i].check(); err != nil {
			return nil, fmt.Errorf("%s %q: %w", doing, s.Name, err)
		}
	}
	return samples, nil
}

// lacksSome reports whether some row has no probability, as with a blend that is the rules alone for part of the leads: figures of
// probabilities would be of the other rows, not of the scorer.
func lacksSome(probability []float64) bool {
	for _, p := range probability {
		if math.IsNaN(p) {
			return true
		}
	}
	return false
}
