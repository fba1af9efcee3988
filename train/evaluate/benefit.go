package evaluate

import (
	"fmt"

	"leadscore/model"
)

// benefitSteps is the number of steps of the decision curve: thresholds of 1, 2, … 99 %.
const benefitSteps = 100

// DecisionCurve returns the net benefit of acting on probability ≥ threshold, at thresholds of 1 to 99 %, for every
// scorer that has a probability (Vickers & Elkin 2006, Medical Decision Making 26:565):
//
//	TP/n − FP/n · p/(1−p)
//
// and that of acting on everyone. All scorers are on the same rows; nil where none has a probability.
func DecisionCurve(names []string, samples []Sample) ([]model.NetBenefit, error) {
	if len(names) != len(samples) {
		return nil, fmt.Errorf("computing the decision curve: %d names for %d scorers", len(names), len(samples))
	}
	var out []model.NetBenefit
	for i, s := range samples {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("computing the decision curve of %q: %w", names[i], err)
		}
		if err := checkPair(samples[0], s); err != nil {
			return nil, fmt.Errorf("computing the decision curve: %w", err)
		}
		if s.Probability == nil {
			continue
		}
		t := arrange(s.Label, s.Weight, s.Probability)
		out = addBenefit(out, names[i], t.by(0), t.weight)
	}
	return out, nil
}

// addBenefit adds a scorer to a decision curve, nil for a new one. v is its view by probability.
func addBenefit(curve []model.NetBenefit, name string, v *view, w []float64) []model.NetBenefit {
	threshold := func(i int) float64 { return float64(i) / benefitSteps }
	odds := func(i int) float64 { return float64(i) / float64(benefitSteps-i) }
	pos, neg := v.totals(w)
	n := pos + neg
	if curve == nil {
		for i := 1; i < benefitSteps; i++ {
			curve = append(curve, model.NetBenefit{Threshold: threshold(i), All: pos/n - neg/n*odds(i), Scorers: map[string]model.Figure{}})
		}
	}
	var hits, alarms float64 // above the threshold
	k := 0
	for i := benefitSteps - 1; i >= 1; i-- {
		for ; k < len(v.value) && v.value[k] >= threshold(i); k++ {
			p := w[k] * float64(v.one[k])
			hits += p
			alarms += w[k] - p
		}
		curve[i-1].Scorers[name] = model.Figure(hits/n - alarms/n*odds(i))
	}
	return curve
}
