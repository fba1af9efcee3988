package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gonum.org/v1/gonum/mat"

	"leadscore/features"
	"leadscore/train/glm"
)

// monotone makes the effects of monotone features rise or fall as they were asked to: neighbouring bins that
// violate the order are pooled into one coefficient (pool adjacent violators), the model is fitted
// again, and so on until none does. Missing is free. A fit that keeps to the order comes back as it is. Each time at
// least two coefficients become one, so it ends. Rejected: inequality constraints in the solver, whose optimum
// has the same flat stretches but no covariance.
//
// The promise is of the model, not of a term: a monotone feature is therefore in no pair, see screen and
// checkPairs, and calibration never falls.
func (d *data) monotone(ctx context.Context, fit *additiveFit, rows []bool, y []float64, s glm.AdditiveSettings) (*additiveFit, error) {
	for {
		groups, changed := fit.pooled()
		if !changed {
			return fit, nil
		}
		before := *fit
		before.groups = groups
		var err error
		if fit, err = d.estimate(ctx, fit.pipeline, rows, y, &before, s); err != nil {
			return nil, err
		}
	}
}

// pooled returns the groups of fit with the violators of a monotone order pooled.
func (a *additiveFit) pooled() (groups map[int][]int, changed bool) {
	groups = maps.Clone(a.groups)
	if groups == nil {
		groups = map[int][]int{}
	}
	tables := a.tables()
	for f, feature := range a.pipeline.Features() {
		if feature.Monotone == "" || feature.Ordered < 2 {
			continue
		}
		rows := a.levelWeights(f)
		values := slices.Clone(tables[f].Table[:feature.Ordered])
		if feature.Monotone == "decreasing" {
			for i := range values {
				values[i] = -values[i]
			}
		}
		group := pool(values, rows, a.groups[f])
		if group == nil {
			continue
		}
		changed = true
		next := group[len(group)-1]
		for range feature.Levels[feature.Ordered:] {
			next++
			group = append(group, next)
		}
		groups[f] = group
	}
	return groups, changed
}

// pool gives the groups of neighbours, numbered from 0, that the values' falling ones are pooled into, their
// means weighted by rows; nil where no value is below the one before. Values that are in one group
// of before (nil: none is) stay so.
func pool(values, rows []float64, before []int) []int {
	type run struct {
		mean, weight float64
		size         int
	}
	var runs []run
	fell := false
	for i, v := range values {
		fell = fell || i > 0 && v < values[i-1]
		now := run{v, rows[i] + 1e-9, 1} // a bin without rows has next to no say
		if i > 0 && before != nil && before[i] == before[i-1] {
			last := runs[len(runs)-1]
			runs = runs[:len(runs)-1]
			now = run{last.mean, last.weight + now.weight, last.size + 1}
		}
		for len(runs) > 0 && runs[len(runs)-1].mean > now.mean {
			last := runs[len(runs)-1]
			runs = runs[:len(runs)-1]
			weight := last.weight + now.weight
			now = run{(last.mean*last.weight + now.mean*now.weight) / weight, weight, last.size + now.size}
		}
		runs = append(runs, now)
	}
	if !fell {
		return nil
	}
	var group []int
	for g, r := range runs {
		for range r.size {
			group = append(group, g)
		}
	}
	return group
}

// pooledPenalty is the penalty of grouped levels: that of the levels with β_l = γ of l's group, G′SG. What
// S leaves free of it is the constant alone, for a straight line is not constant in a group.
func pooledPenalty(s *mat.SymDense, group []int, ordered int) (*mat.SymDense, int) {
	size := group[len(group)-1] + 1
	free := 1
	out := mat.NewSymDense(size, nil)
	for i, g := range group {
		for j, h := range group {
			if g <= h {
				out.SetSym(g, h, out.At(g, h)+s.At(i, j))
			}
		}
	}
	if group[ordered-1] == 0 { // one group of all bins: a constant, which only a ridge determines
		out.SetSym(0, 0, 1)
		free = 0
	}
	return out, size - free
}

// checkPairs refuses pairs that were asked for by name and have a monotone side.
func checkPairs(p *features.Pipeline, pairs [][2]string) error {
	if len(pairs) == 0 {
		return nil
	}
	with, err := p.WithPairs(pairs)
	if err != nil {
		return err
	}
	var problems []error
	all := with.Features()
	for _, feature := range all {
		for _, parent := range feature.Parents {
			if all[parent].Monotone != "" {
				problems = append(problems, fmt.Errorf("features.interactions: %s: %q is to be %s, which a pair could break; take one of the two out", feature.Name, all[parent].Name, all[parent].Monotone))
			}
		}
	}
	return errors.Join(problems...)
}
