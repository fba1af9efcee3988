package train

import (
	"fmt"

	"leadscore/model"
)

// correctPriors corrects for negatives (or positives) that were left out of the file: the odds of the file are
// those of the population times a constant, so every logit is off by the same amount (King & Zeng 2001,
// Political Analysis 9:137, equation 7),
//
//	δ = logit(prior) − logit(share of positives among the training rows),
//
// and slopes are right as they are. It reports whether any target has a prior. The hold-out has been
// subsampled like the training rows, so it is measured before the correction. Thresholds must be chosen anew.
func correctPriors(a *model.Artifact, fits []*fitted, c *Config) bool {
	any := false
	for i, target := range c.Targets {
		if target.Prior == 0 {
			continue
		}
		any = true
		t := &a.Targets[i]
		delta := priorShift(target, t.BaseRate)
		a.Card.Findings = append(a.Card.Findings, model.Finding{Column: target.Column, Reason: "prior", Text: fmt.Sprintf(
			"target %q: probabilities are corrected from the file's %.4g to a base rate of %.4g (log-odds %+.3f); the figures of the hold-out are from before that, because its rows were chosen as the training rows were",
			target.Name, t.BaseRate, target.Prior, delta)})
		t.BaseRate = target.Prior
		if t.Calibration == nil {
			t.Intercept += delta
		} else {
			t.Calibration = shiftCalibration(t.Calibration, delta)
		}
		if i > 0 {
			continue
		}
		for k := range fits[0].logits {
			fits[0].logits[k] += delta
			fits[0].own[k] += delta
		}
		a.Blend.RuleIntercept += delta
		if a.Blend.Method == model.BlendLogit {
			a.Blend.Intercept += delta * (1 - a.Blend.Logit)
		}
		if a.Blend.Upgrade > 0 {
			a.Blend.Upgrade = model.ScoreOf(model.Sigmoid(model.Logit(model.ProbabilityAt(a.Blend.Upgrade)) + delta))
		}
	}
	return any
}

// shiftCalibration is the map c with its result moved by delta in log-odds.
func shiftCalibration(c *model.Calibration, delta float64) *model.Calibration {
	s := *c
	switch c.Method {
	case model.CalibrateSigmoid:
		s.B += delta
	case model.CalibrateBeta:
		s.C += delta
	case model.CalibrateIsotonic:
		s.Y = make([]float64, len(c.Y))
		for i, y := range c.Y {
			s.Y[i] = model.Sigmoid(model.Logit(y) + delta)
		}
	}
	return &s
}
