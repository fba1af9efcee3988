package train

import (
	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
)

// reference is what drift from the training rows is measured against: the primary target's probabilities out of fold,
// calibrated, and the linear features. The counts by code are in the effects already.
func (d *data) reference(primary *fitted, offsetColumn string) *model.Reference {
	numbers := primary.numbers
	if d.offsets != nil { // the last feature, which no matrix has (see appendOffset); the same rows as those of the fit
		rows := make([]bool, d.rows())
		for i := range rows {
			rows[i] = d.trains(0, i)
		}
		offset := d.offsetsOf(rows)
		center := mean(d.offsetsOf(d.train), d.weightsOf(d.train))
		z := make([]float64, len(offset))
		for i, x := range offset {
			z[i] = x - center
		}
		numbers = append(numbers[:len(numbers):len(numbers)], model.NumberTally(offsetColumn, z, primary.weight))
	}
	return model.NewReference(primary.logits, primary.weight, numbers)
}

// tallyNumbers counts the training rows by bins of each linear feature, standardised.
func tallyNumbers(p *features.Pipeline, l *features.Layout, x *design.Matrix, weight []float64) []model.Tally {
	all := make([]model.Tally, len(l.Features))
	eachOf(len(all), func(f int) {
		at := l.Features[f].Dense
		if at < 0 {
			return
		}
		dense := &x.Dense()[at]
		z := make([]float64, len(dense.Values))
		for i, v := range dense.Values {
			z[i] = (v - dense.Center) / dense.Scale // NaN stays missing
		}
		all[f] = model.NumberTally(p.Features()[f].Name, z, weight)
	})
	var out []model.Tally
	for f, t := range all {
		if l.Features[f].Dense >= 0 {
			out = append(out, t)
		}
	}
	return out
}
