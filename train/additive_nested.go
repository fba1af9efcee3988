package train

import (
	"context"
	"fmt"

	"leadscore/train/glm"
)

// stages are the numbers of pairs to fit, one after the other, on the way to all of them: the ones of pairCounts
// below, then all. Pairs that vanished at one stage do not burden the next.
func stages(pairs int) []int {
	var out []int
	for _, n := range pairCounts {
		if n < pairs {
			out = append(out, n)
		}
	}
	if pairs > 0 {
		out = append(out, pairs)
	}
	return out
}

// rough is the tolerances of a fit whose only use is a log loss: a λ that is off
// by a quarter changes that in the fifth digit.
func rough(s glm.AdditiveSettings) glm.AdditiveSettings {
	s.LambdaTol, s.MaxRounds = .25, 8
	s.DecrementTol, s.GradientTol = 1e-6, 1e-4
	return s
}

// selectionRows is how many training rows the number of pairs is chosen on. More of them cost time and memory and
// change nothing: the mean log loss of half a million rows that were not fitted is known to the third digit, and
// the pairs themselves are screened and fitted on all rows.
const selectionRows = 1 << 20

// thinned is a sample of at most so many rows of s, evenly spaced, and their folds.
func (s *sample) thinned(folds []uint8, most int) (*sample, []uint8) {
	n := len(s.y)
	if n <= most {
		return s, folds
	}
	out := &sample{outcome: s.outcome, rows: make([]bool, len(s.rows))}
	var outFolds []uint8
	at := 0
	for i, used := range s.rows {
		if !used {
			continue
		}
		if int(int64(at+1)*int64(most)/int64(n)) > len(out.y) {
			out.rows[i] = true
			out.labels, out.y, outFolds = append(out.labels, s.labels[at]), append(out.y, s.y[at]), append(outFolds, folds[at])
			if s.weight != nil {
				out.weight = append(out.weight, s.weight[at])
			}
			if s.offset != nil {
				out.offset = append(out.offset, s.offset[at])
			}
		}
		at++
	}
	return out, outFolds
}

// trial is the fits of nested in one fold.
type trial struct {
	in, out   []bool
	yIn, yOut []float64
	main, fit *additiveFit
	best      *additiveFit // fit at the best number of pairs so far
	pairs     [][2]string
}

// nested returns how many of the available pairs to take: the number with the least log loss on rows that
// had no part in choosing or fitting them. In each of the first nestedFolds folds main effects are
// fitted, pairs screened and fitted on the rows of the other folds alone. A number that is no better
// than the one before ends the search. It reports too whether finer sides of the pairs do better yet (see finer).
func (d *data) nested(ctx context.Context, full *additiveFit, s *sample, folds []uint8, available int, settings glm.AdditiveSettings) (int, bool, error) {
	settings = rough(settings)
	if available == 0 {
		return 0, false, nil
	}
	trials := make([]*trial, nestedFolds)
	least := 0.0
	for fold := range trials {
		t := &trial{in: make([]bool, d.rows()), out: make([]bool, d.rows())}
		trials[fold] = t
		at := 0
		for i, used := range s.rows {
			if !used {
				continue
			}
			if int(folds[at]) == fold {
				t.out[i] = true
				t.yOut = append(t.yOut, s.y[at])
			} else {
				t.in[i] = true
				t.yIn = append(t.yIn, s.y[at])
			}
			at++
		}
		var err error
		if t.main, err = d.estimate(ctx, full.pipeline, t.in, t.yIn, full, settings); err != nil {
			return 0, false, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		if t.pairs, err = t.main.screen(ctx, t.yIn, settings.Workers); err != nil {
			return 0, false, fmt.Errorf("fold %d: %w", fold+1, err)
		}
		t.fit, t.best = t.main, t.main
		loss, err := t.loss(d)
		if err != nil {
			return 0, false, err
		}
		least += loss
	}
	best := 0
	for _, n := range stages(min(available, pairCounts[len(pairCounts)-1])) {
		sum := 0.0
		for fold, t := range trials {
			var err error
			more := t.pairs[min(best, len(t.pairs)):min(n, len(t.pairs))]
			if t.fit, err = d.withPairs(ctx, t.main, t.fit, more, t.in, t.yIn, settings); err != nil {
				return 0, false, fmt.Errorf("fold %d: %w", fold+1, err)
			}
			loss, err := t.loss(d)
			if err != nil {
				return 0, false, err
			}
			sum += loss
		}
		if sum >= least {
			break
		}
		best, least = n, sum
		for _, t := range trials {
			t.best = t.fit
		}
	}
	finer, err := d.finerHelps(ctx, trials, settings)
	return best, finer, err
}

// loss is the log loss of the rows that the trial's fit has not seen, added up.
func (t *trial) loss(d *data) (float64, error) {
	eta, err := t.fit.predict(d, t.out)
	if err != nil {
		return 0, err
	}
	return logLoss(eta, t.yOut, d.weightsOf(t.out)), nil
}
