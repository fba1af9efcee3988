package evaluate

import (
	"fmt"
	"math"
	"sync"

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

// Card fills the part of a target's card that evaluation knows: figures and curves of every scorer,
// comparisons of each pair of them (the later minus the earlier one, but always something minus
// "rules", since what a team has already is what a model is measured by), deciles and calibration of the
// first scorer, and thresholds, stages and distribution of scores, which is what the policy cuts (0–100;
// nil: 100 times the first scorer's probability). Options.Weight holds for all of it. Rows, splits, coefficients and fit are the caller's to fill.
func Card(label []bool, scorers []Scorer, scores []float64, o Options) (*model.TargetCard, error) {
	if len(scorers) == 0 {
		return nil, fmt.Errorf("evaluating: no scorers")
	}
	t := &model.TargetCard{Scores: map[string]model.Metrics{}, Curves: map[string][]model.CurvePoint{}}
	samples := make([]Sample, len(scorers))
	for i, s := range scorers {
		if _, twice := t.Curves[s.Name]; twice {
			return nil, fmt.Errorf("evaluating: two scorers are named %q", s.Name)
		}
		samples[i] = Sample{Label: label, Score: s.Score, Probability: s.Probability, Weight: o.Weight}
		if lacksSome(s.Probability) {
			samples[i].Probability = nil
		}
		var err error
		if t.Curves[s.Name], err = Curve(samples[i]); err != nil {
			return nil, fmt.Errorf("evaluating %q: %w", s.Name, err)
		}
	}
	// The tables and the intervals do not need each other.
	var tables sync.WaitGroup
	var failed error
	tables.Go(func() { failed = fillTables(t, samples[0], scorers[0].Name, scores, o.Cuts) })
	p := newPanel(samples, o)
	for i, s := range scorers {
		t.Scores[s.Name] = p.metrics(i)
		for j, earlier := range scorers[:i] {
			if s.Name == baseline {
				t.Comparisons = append(t.Comparisons, p.compare(earlier.Name, j, s.Name, i)...)
			} else {
				t.Comparisons = append(t.Comparisons, p.compare(s.Name, i, earlier.Name, j)...)
			}
		}
	}
	tables.Wait()
	if failed != nil {
		return nil, failed
	}
	return t, nil
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
