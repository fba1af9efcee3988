package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/features"
	"leadscore/features/design"
	"leadscore/train/glm"
)

// A log gives some hundred columns, of which most say the same: counts over windows that lie within each other, days
// beside counts. All of them in one additive model cost minutes and accuracy. So they are chosen forward, before the fit, on
// the training rows: what a fit without them leaves is screened (glm.ScreenColumns), the best column of each group
// that stands out (see eventScore) joins, and the fit is made anew, until none does. A ridge regression needs no
// choice and has all of them.
//
// The folds of the fit that follows do not choose again, so that out-of-fold figures know of the choice; the
// hold-out does not.
const (
	eventRounds = 5       // times that columns join
	eventRows   = 1 << 18 // training rows that are looked at, evenly spaced, where there are more
)

// eventScore is what a column must score among so many candidates: about one log in a hundred then has a column that tells nothing.
// The score of noise has a heavier tail than the normal, like a χ² of few degrees of freedom, whence the factor.
func eventScore(candidates int) float64 {
	return 2 * math.Sqrt(2*math.Log(float64(max(2, candidates))))
}

// withoutWeakEvents is the spec with the event features that do not help left out, of any target; notes says how many.
func (d *data) withoutWeakEvents(ctx context.Context, c *Config, spec features.Spec) (features.Spec, []features.Note, error) {
	fields, groups := d.events.Fields(), d.events.Groups()
	group := make(map[string]int, len(fields))
	for i, f := range fields {
		group[f.Name] = groups[i]
	}
	all, _, err := features.FitWeighted(d.leads, d.train, d.weights, spec)
	if err != nil {
		return spec, nil, err
	}
	chosen := map[string]bool{}
	for i := range d.outcomes {
		if err := d.chooseEvents(ctx, i, c, spec, all, group, chosen); err != nil {
			return spec, nil, fmt.Errorf("choosing event features for target %q: %w", d.outcomes[i].Target.Name, err)
		}
	}
	drop := slices.Clone(spec.Drop)
	weak := 0
	for _, f := range fields {
		if !chosen[f.Name] {
			drop = append(drop, f.Name)
			weak++
		}
	}
	spec.Drop = drop
	return spec, []features.Note{{Reason: "event features", Text: fmt.Sprintf("%d of %d event features are in the model: the others add nothing that the training rows can tell", len(fields)-weak, len(fields))}}, nil
}

// chooseEvents adds to chosen the event features that a target gains from.
func (d *data) chooseEvents(ctx context.Context, target int, c *Config, spec features.Spec, all *features.Pipeline, group map[string]int, chosen map[string]bool) error {
	s := d.trainingSample(target)
	s, _ = s.thinned(make([]uint8, len(s.y)), eventRows)
	settings := rough(glm.AdditiveSettings{Settings: glm.Settings{Workers: c.Workers}})
	names, columns, err := d.eventCodes(all, s.rows, group)
	if err != nil {
		return err
	}
	var fit *additiveFit
	for range eventRounds {
		now := spec
		now.Drop = slices.Clone(spec.Drop)
		for name := range group {
			if !chosen[name] {
				now.Drop = append(now.Drop, name)
			}
		}
		p, _, err := features.FitWeighted(d.leads, d.train, d.weights, now)
		if err != nil {
			return err
		}
		if fit, err = d.estimate(ctx, p, s.rows, s.y, fit, settings); err != nil {
			return err
		}
		residual, weight := glm.Residuals(&glm.Problem{X: fit.x, Y: s.y, Weight: fit.weight, Offset: fit.offset}, &fit.result.Result)
		scores, err := glm.ScreenColumns(columns, residual, weight)
		if err != nil {
			return err
		}
		best := map[int]int{} // of each group
		for k, name := range names {
			if chosen[name] || scores[k] < eventScore(len(names)) {
				continue
			}
			if before, ok := best[group[name]]; !ok || scores[k] > scores[before] {
				best[group[name]] = k
			}
		}
		if len(best) == 0 {
			return nil
		}
		for _, k := range best {
			chosen[names[k]] = true
		}
	}
	return nil
}

// eventCodes are the coarse codes of the event features on some rows, in the order of the pipeline.
func (d *data) eventCodes(p *features.Pipeline, rows []bool, group map[string]int) (names []string, columns []design.Codes, err error) {
	x, layout, err := p.Matrix(d.leads, rows)
	if err != nil {
		return nil, nil, err
	}
	for f, feature := range p.Features() {
		if _, made := group[feature.Column]; !made {
			continue
		}
		of, levels := p.Coarse(f)
		if of == nil {
			continue
		}
		coarse := make([]uint32, x.Rows())
		x.Blocks()[layout.Features[f].Block].Each(func(row int, code uint32) {
			k := -1
			if int(code) < len(of) {
				k = of[code]
			}
			if k < 0 {
				k = len(levels)
			}
			coarse[row] = uint32(k)
		})
		names, columns = append(names, feature.Column), append(columns, design.MakeCodes(len(levels), coarse))
	}
	return names, columns, nil
}
