package train

import (
	"slices"

	"leadscore/features"
	"leadscore/model"
)

// share puts the fits of all targets on one pipeline: the features of base and every pair that some target
// kept. A pair that a target did not keep has an effect of zero in its tables.
func share(base *features.Pipeline, fits []*fitted) (*features.Pipeline, []model.Target, error) {
	var pairs [][2]string
	seen := map[string]bool{}
	for _, f := range fits {
		all := f.pipeline.Features()
		for _, feature := range all {
			if feature.Parents != nil && !seen[feature.Name] {
				seen[feature.Name] = true
				pairs = append(pairs, [2]string{all[feature.Parents[0]].Name, all[feature.Parents[1]].Name})
			}
		}
	}
	p := base
	if len(fits) == 1 {
		p = fits[0].pipeline // its pairs may have finer sides than base has
	} else if len(pairs) > 0 {
		var err error
		if p, err = base.WithPairs(pairs); err != nil {
			return nil, nil, err
		}
	}
	place := map[string]int{}
	for k, feature := range p.Features() {
		place[feature.Name] = k
	}
	targets := make([]model.Target, len(fits))
	for i, f := range fits {
		effects := map[string]model.TermEffect{}
		for k, feature := range f.pipeline.Features() {
			effects[feature.Name] = f.target.Effects[k]
		}
		targets[i] = f.target
		targets[i].Effects = make([]model.TermEffect, len(p.Features()))
		for k, feature := range p.Features() {
			e, ok := effects[feature.Name]
			if !ok {
				e.Table = make([]float64, len(feature.Levels))
			}
			targets[i].Effects[k] = e
		}
		targets[i].Covariance = nil // scoring answers the primary target alone with an interval
		if c := f.target.Covariance; c != nil && i == 0 {
			to := func(feature int) int { return place[f.pipeline.Features()[feature].Name] }
			moved := *c
			moved.Terms = slices.Clone(c.Terms)
			for k := range moved.Terms {
				moved.Terms[k].Feature = to(moved.Terms[k].Feature)
			}
			if c.Levels != nil {
				levels := *c.Levels
				levels.Feature = to(levels.Feature)
				moved.Levels = &levels
			}
			targets[i].Covariance = &moved
		}
	}
	return p, targets, nil
}
