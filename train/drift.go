package train

import (
	"math"

	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
)

// reference is what drift from the training rows is measured against: the primary target's probabilities and the linear
// features. The counts by code are in the effects already.
func (d *data) reference(primary *fitted, offsetColumn string) *model.Reference {
	numbers := primary.numbers
	if d.offsets != nil { // the last feature, which no matrix has (see appendOffset); the same rows as those of the fit
		rows := make([]bool, d.rows())
		for i := range rows {
			rows[i] = d.trains(0, i)
		}
		offset := d.offsetsOf(rows)
		center := mean(d.offsetsOf(d.train), d.weightsOf(d.train))
		numbers = append(numbers[:len(numbers):len(numbers)], model.NumberTally(offsetColumn, offset, center, 1, primary.weight))
	}
	return model.NewReference(primary.own, primary.logits, primary.weight, numbers)
}

// ownLogits is what the model says of its own training rows, calibrated as it calibrates; offset is nil without one.
func (f *fitted) ownLogits(l *features.Layout, x *design.Matrix, offset []float64) []float64 {
	eta := make([]float64, x.Rows())
	for i := range eta {
		eta[i] = f.target.Intercept
	}
	for k, at := range l.Features {
		e := &f.target.Effects[k]
		switch {
		case at.Block >= 0:
			x.Blocks()[at.Block].Each(func(row int, code uint32) {
				if int(code) < len(e.Table) {
					eta[row] += e.Table[code]
				}
			})
		case at.Dense >= 0:
			dense := &x.Dense()[at.Dense]
			for row := range dense.Values {
				if z := dense.At(row); math.IsNaN(z) {
					eta[row] += e.Table[1] // missing
				} else {
					eta[row] += e.Table[0] + float64(e.Slope*z)
				}
			}
		}
	}
	addOffset(eta, offset)
	return calibrated(f.target.Calibration, eta)
}

// tallyNumbers counts the training rows by bins of each linear feature, standardised; the matrix has their numbers as they are.
func tallyNumbers(p *features.Pipeline, l *features.Layout, x *design.Matrix, weight []float64) []model.Tally {
	all := make([]model.Tally, len(l.Features))
	eachOf(len(all), func(f int) {
		at := l.Features[f].Dense
		if at < 0 {
			return
		}
		dense := &x.Dense()[at]
		all[f] = model.NumberTally(p.Features()[f].Name, dense.Values, dense.Center, dense.Scale, weight)
	})
	var out []model.Tally
	for f, t := range all {
		if l.Features[f].Dense >= 0 {
			out = append(out, t)
		}
	}
	return out
}
