package train

import (
	"math"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// population says what the training rows of a target, or with held those of its hold-out, stand for among the leads.
//
// Days are calendar days of UTC from the first as-of moment to the last, both in. Of the leads that came in those days some have
// no outcome or were purged: they are counted by their moments. A hold-out that was not chosen by time came in the same days:
// all of it is counted, and none of its moments looked at. Rows that are in the file twice are not. A grid has a lead once a
// moment, and so often it is counted here.
func (d *data) population(target int, held bool) evaluate.Population {
	if d.asOf == nil {
		return evaluate.Population{}
	}
	of := func(row int) bool {
		switch {
		case held && target > 0:
			return d.measured(target)(row)
		case held:
			return d.holdout[row]
		}
		return d.trains(target, row)
	}
	low, high := int64(math.MaxInt64), int64(datasets.MissingTime)
	rows := 0.0
	for i, at := range d.asOf {
		if of(i) && at != datasets.MissingTime {
			low, high = min(low, at), max(high, at)
			rows += weightAt(d.weights, i)
		}
	}
	if rows == 0 {
		return evaluate.Population{}
	}
	leads := 0.0
	for i, at := range d.asOf {
		if d.holdout[i] && !held {
			if d.splitBy != "time" {
				leads += weightAt(d.weights, i)
			}
		} else if at >= low && at <= high {
			leads += weightAt(d.weights, i)
		}
	}
	leads -= float64(d.outcomes[target].why[rowTwice])
	return evaluate.Population{Days: float64(dayOf(high) - dayOf(low) + 1), Leads: max(1, leads/rows)}
}

// dayOf numbers the calendar days of UTC.
func dayOf(micros int64) int64 {
	const day = 24 * 3600 * 1e6
	return int64(math.Floor(float64(micros) / day))
}

// subsampled is p of a file that was subsampled by the outcome: delta is what correctPriors adds to each logit, done whether it has.
func subsampled(p evaluate.Population, delta float64, done bool) evaluate.Population {
	p.Odds = math.Exp(delta)
	if !done {
		p.Pending = delta
	}
	return p
}

// priorShift is what a target's logits are off where the file was subsampled by outcome; 0 without a prior.
func priorShift(t Target, base float64) float64 {
	if t.Prior == 0 {
		return 0
	}
	return model.Logit(t.Prior) - model.Logit(base)
}
