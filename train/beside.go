package train

import (
	"context"
	"fmt"

	"leadscore/model"
	"leadscore/train/evaluate"
)

// otherSplit is the split to measure beside the chosen one: at random beside by time and the other way round; ""
// where there is none, because no as-of says what came first, because rows were split by group, or because the
// configuration does not want it.
func (d *data) otherSplit(s Split) string {
	switch {
	case d.form.none() || s.Beside == "none":
		return ""
	case d.splitBy == "time":
		return "random"
	case d.splitBy == "random":
		return "time"
	}
	return ""
}

// beside fits the same configuration with the hold-out chosen in the other way and measures it. Nothing that it fits
// goes anywhere else: d is copied first. What is not needed for AUC and log loss is left out: covariances,
// rules, blend, policy, and the bootstrap. A split that cannot be made is a finding, not an error.
func (d *data) beside(ctx context.Context, c *Config, by string) (map[string]*model.Beside, error) {
	e := *d
	e.findings, e.quick, e.keep = nil, true, false
	other := c.Split
	other.By = by
	if err := e.split(other); err != nil {
		d.findings = append(d.findings, model.Finding{Reason: "beside", Text: fmt.Sprintf("not measured beside, split by %s: %v", by, err)})
		return nil, nil
	}
	pipeline, _, err := e.fitFeatures(ctx, c)
	if err != nil {
		return nil, err
	}
	var fits []*fitted
	for i := range e.outcomes {
		f, err := e.fit(ctx, i, pipeline, c, false)
		if err != nil {
			return nil, fmt.Errorf("fitting target %q: %w", e.outcomes[i].Target.Name, err)
		}
		fits = append(fits, f)
	}
	p, err := e.probabilities(fits, c, pipeline)
	if err != nil {
		return nil, err
	}
	out := map[string]*model.Beside{}
	for i, o := range e.outcomes {
		s, err := e.scored(i, p[i])
		if err != nil {
			return nil, err
		}
		m, err := evaluate.Measure(s, evaluate.Options{Replicates: noBootstrap})
		if err != nil {
			return nil, fmt.Errorf("evaluating target %q: %w", o.Target.Name, err)
		}
		out[o.Target.Name] = &model.Beside{
			Split: by, Train: e.sample(i, false), Holdout: e.sample(i, true), Scores: map[string]model.Metrics{"model": m},
		}
	}
	return out, nil
}
