package train

import (
	"cmp"
	"math"
	"slices"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// months returns the calendar months in UTC of the as-of moments of the rows for which in is true; nil without as-of.
func (d *data) months(in func(row int) bool) []evaluate.Month {
	if d.asOf == nil {
		return nil
	}
	var out []evaluate.Month
	for row, at := range d.asOf {
		if in(row) {
			out = append(out, monthOf(at))
		}
	}
	return out
}

func monthOf(at int64) evaluate.Month {
	if at == datasets.MissingTime {
		return evaluate.NoMonth
	}
	t := time.UnixMicro(at).UTC()
	return evaluate.Month(12*t.Year() + int(t.Month()) - 1)
}

// withTraining adds to the months of the hold-out those of the rows that train a target, of which only the base rate is told:
// scores of rows that a model was fitted on say nothing.
func (d *data) withTraining(target int, heldOut []model.Month) []model.Month {
	if d.asOf == nil {
		return nil
	}
	type sums struct{ rows, positives float64 }
	by := map[evaluate.Month]*sums{}
	for row, at := range d.asOf {
		m := monthOf(at)
		if m == evaluate.NoMonth || !d.trains(target, row) {
			continue
		}
		if by[m] == nil {
			by[m] = &sums{}
		}
		w := weightAt(d.weights, row)
		by[m].rows += w
		if d.outcomes[target].Label[row] == positive {
			by[m].positives += w
		}
	}
	nan := math.NaN()
	var out []model.Month
	for m, s := range by {
		out = append(out, model.Month{Month: m.String(), Part: "train", Cohort: model.Cohort{
			Rows: rounded(s.rows), Positives: rounded(s.positives), Expected: model.Figure(nan),
			Observed: evaluate.Wilson(s.positives, s.rows), AUC: model.Estimate{Value: nan, Lower: nan, Upper: nan},
		}})
	}
	out = append(out, heldOut...)
	slices.SortFunc(out, func(a, b model.Month) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), -cmp.Compare(a.Part, b.Part)) // training first
	})
	return out
}
