package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"leadscore/features/design"
	"leadscore/train/glm"
)

// finerCells is the most cells of all pairs together that finer sides may make: each may cost the solver a column.
const finerCells = 1500

// finer fits the pairs of a fit again with finer sides where the coarse ones hide something; fit itself
// where they do not. main is the main effects that fit has grown from.
//
// A coarse bin is a sixth of its column, and what happens to one age in one season is spread over it. Finer
// cells for every pair would cost the cube of their number and more noise, so only the columns are refined of
// pairs whose residuals, on the finer cells, still pass the screening, the clearest first.
func (d *data) finer(ctx context.Context, main, fit *additiveFit, rows []bool, y []float64, s glm.AdditiveSettings) (*additiveFit, error) {
	names, err := fit.hidden(main, y)
	if err != nil || len(names) == 0 {
		return fit, err
	}
	fine := *main
	if fine.pipeline, _, err = main.pipeline.Finer(names); err != nil {
		return nil, err
	}
	return d.withPairs(ctx, &fine, fit, nil, rows, y, s)
}

// hidden returns the columns whose sides of pairs are too coarse for what the fit has left.
func (a *additiveFit) hidden(main *additiveFit, y []float64) ([]string, error) {
	all := a.pipeline.Features()[:len(main.pipeline.Features())]
	names := make([]string, len(all))
	for f := range all {
		names[f] = all[f].Name
	}
	fine, some, err := main.pipeline.Finer(names)
	if err != nil || !some {
		return nil, err
	}
	// levels and codes of each column, coarse and fine
	coarse, finest := make([]int, len(all)), make([]int, len(all))
	columns := make([]design.Codes, len(all))
	for f := range all {
		if of, levels := fine.Coarse(f); of != nil {
			columns[f], finest[f] = a.regrouped(f, of, len(levels)), len(levels)
			_, levels = a.pipeline.Coarse(f)
			coarse[f] = len(levels)
		}
	}
	residual, weight := glm.Residuals(&glm.Problem{X: a.x, Y: y, Weight: a.weight, Offset: a.offset}, &a.result.Result)
	type candidate struct {
		parents []int
		score   float64
	}
	var kept, candidates []candidate
	for f, feature := range a.pipeline.Features() {
		if feature.Parents == nil || a.result.Dropped[f] {
			continue
		}
		c := candidate{parents: feature.Parents}
		kept = append(kept, c)
		i, j := c.parents[0], c.parents[1]
		if finest[i] > coarse[i] || finest[j] > coarse[j] {
			if c.score = glm.ScorePair(&columns[i], &columns[j], residual, weight); c.score > leastScore {
				candidates = append(candidates, c)
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	var out []string
	for _, c := range candidates {
		levels := slices.Clone(coarse)
		for _, f := range c.parents {
			levels[f] = finest[f]
		}
		cells := 0
		for _, k := range kept {
			cells += levels[k.parents[0]] * levels[k.parents[1]]
		}
		if cells > finerCells {
			continue
		}
		coarse = levels
		for _, f := range c.parents {
			out = append(out, names[f])
		}
	}
	return out, nil
}

// regrouped is the codes of column f grouped, no effect where of is −1.
func (a *additiveFit) regrouped(f int, of []int, levels int) design.Codes {
	codes := make([]uint32, a.x.Rows())
	a.full.Blocks()[f].Each(func(row int, code uint32) {
		c := of[code]
		if c < 0 {
			c = levels
		}
		codes[row] = uint32(c)
	})
	return design.MakeCodes(levels, codes)
}

// finerHelps reports whether finer sides lower the log loss of rows that had no part in choosing or fitting them by
// more than the noise of the comparison, a standard error of the paired difference.
func (d *data) finerHelps(ctx context.Context, trials []*trial, s glm.AdditiveSettings) (bool, error) {
	if len(d.outcomes) > 1 {
		return false, nil // targets share the sides of their pairs
	}
	var gains, weights []float64
	changed := false
	for fold, t := range trials {
		weights = append(weights, d.weightsOf(t.out)...)
		fit, err := d.finer(ctx, t.main, t.best, t.in, t.yIn, s)
		if err != nil {
			return false, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		if fit == t.best {
			gains = append(gains, make([]float64, len(t.yOut))...)
			continue
		}
		changed = true
		before, err := t.best.predict(d, t.out)
		if err != nil {
			return false, err
		}
		after, err := fit.predict(d, t.out)
		if err != nil {
			return false, err
		}
		for i, y := range t.yOut {
			gains = append(gains, rowLoss(before[i], y)-rowLoss(after[i], y))
		}
	}
	if !changed {
		return false, nil
	}
	gain, se := meanAndError(gains, weights)
	return gain > se, nil
}

// rowLoss is the log loss of a logit.
func rowLoss(eta, y float64) float64 {
	return math.Log1p(math.Exp(-math.Abs(eta))) + math.Max(eta, 0) - y*eta
}
