package train

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// fitted is a conversion model and what its training rows say about it.
type fitted struct {
	pipeline     *features.Pipeline
	target       model.Target
	summary      model.FitSummary
	coefficients []model.Coefficient
	labels       []bool        // of the training rows of this target, in order
	weight       []float64     // of those rows; nil: all 1
	logits       []float64     // of those rows, each from a fit that had not seen it unless inSample
	inSample     bool          // the logits are those of the fit itself (see fitLinear)
	own          []float64     // of those rows by the model itself; of the primary target alone, and so numbers
	numbers      []model.Tally // of the linear features on those rows
}

// sample is the training rows of one target.
type sample struct {
	outcome *Outcomes
	given   string  // name of the target that this one is conditional on; "" none
	rows    []bool  // of the table
	labels  []bool  // of those rows, in order
	leads   []int32 // of those rows; nil: each is a lead of its own
	y       []float64
	weight  []float64 // nil: all 1
	offset  []float64 // log-odds; nil: none
}

func (d *data) trainingSample(target int) *sample {
	s := &sample{outcome: d.outcomes[target], rows: make([]bool, d.rows())}
	if g := s.outcome.given; g >= 0 {
		s.given = d.outcomes[g].Target.Name
	}
	n := s.outcome.Positives + s.outcome.Negatives
	s.labels, s.y = make([]bool, 0, n), make([]float64, 0, n)
	for i, l := range s.outcome.Label {
		if d.trains(target, i) {
			s.rows[i] = true
			s.labels = append(s.labels, l == positive)
			s.y = append(s.y, float64(l))
			if d.lead != nil {
				s.leads = append(s.leads, d.lead[i])
			}
		}
	}
	s.weight, s.offset = d.weightsOf(s.rows), d.offsetsOf(s.rows)
	return s
}

// target begins the artifact's entry.
func (s *sample) target(intercept float64) model.Target {
	t := s.outcome.Target
	return model.Target{
		Name: t.Name, Given: s.given, BaseRate: mean(s.y, s.weight), Intercept: intercept,
		Outcome: model.Outcome{Column: t.Column, Positive: t.Positive, Negative: t.Negative, At: t.At, Horizon: t.Horizon},
	}
}

// optimism is the share of the training rows that the effective degrees of freedom may be for
// in-sample logits to stand in for out-of-fold ones: the expected excess of the in-sample log loss is
// df/n (Akaike), here below two thousandths.
const optimism = 2e-3

// fitLinear fits the penalised logistic regression of one target: ridge, or elastic net where
// ModelConfig.L1Ratio is above 0. λ is fixed by the configuration or chosen by cross-validation. needFolds asks for out-of-fold logits whatever the cost; else they are
// left out where λ is fixed and the optimism of in-sample logits is negligible.
func (d *data) fitLinear(ctx context.Context, target int, p *features.Pipeline, c *Config, needFolds bool) (*fitted, error) {
	for _, name := range slices.Sorted(maps.Keys(c.Features.Columns)) {
		if c.Features.Columns[name].Monotone != "" {
			return nil, fmt.Errorf("features.columns.%s.monotone: needs model.kind additive; linear has one straight line a number", name)
		}
	}
	s := d.trainingSample(target)
	x, layout, err := p.Matrix(d.leads, s.rows)
	if err != nil {
		return nil, err
	}
	if target == len(d.outcomes)-1 && c.Rules == nil && !d.keep {
		d.leads = nil // nothing reads the training rows again: their memory is as much as the matrix's
	}
	f := &fitted{pipeline: p, labels: s.labels, weight: s.weight}
	if target == 0 {
		f.numbers = tallyNumbers(p, layout, x, s.weight)
	}
	x.Standardise()
	problem := &glm.Problem{X: x, Y: s.y, Weight: s.weight, Offset: s.offset}
	settings := glm.Settings{Workers: c.Workers, L1Ratio: c.Model.L1Ratio}

	var cv *glm.CVResult
	crossValidate := func(lambdas []float64) error {
		folds, err := d.folds(s, c)
		if err != nil {
			return err
		}
		cv, err = glm.CrossValidate(ctx, problem, folds, c.Model.Folds, lambdas, settings)
		return err
	}
	var lambda float64
	if c.Model.Penalty != nil {
		lambda = *c.Model.Penalty
	} else {
		if err := crossValidate(nil); err != nil {
			return nil, err
		}
		lambda = cv.Lambda
	}
	settings.Covariance = true
	r, err := glm.ElasticNet(ctx, problem, lambda, c.Model.L1Ratio, settings)
	if err != nil {
		return nil, err
	}
	if err := r.Status.Err(); err != nil {
		return nil, err
	}
	wanted := needFolds || c.Model.Calibrate != "none"
	if cv == nil && (wanted || r.DF > optimism*size(s.weight, len(s.y))) {
		if err := crossValidate([]float64{lambda}); err != nil {
			return nil, err
		}
	}
	if cv != nil {
		f.logits = cv.Eta
	} else {
		f.logits, f.inSample = predictor(x, r), true
		addOffset(f.logits, s.offset)
	}
	effects, shift := p.Effects(layout, x, r.Coef)
	centred, mean := countEffects(effects, p, layout, x, s)
	f.target = s.target(r.Intercept + shift + mean)
	f.target.Effects = centred
	if cv != nil && c.Model.Calibrate != "none" {
		folds, err := d.folds(s, c)
		if err != nil {
			return nil, err
		}
		if f.target.Calibration, err = calibrate(ctx, s.labels, s.weight, f.logits, folds, c.Model.Folds); err != nil {
			return nil, err
		}
	}
	if r.Covariance != nil {
		f.target.Covariance = centreLinear(p, layout, x, r, f.target.Effects).pack()
	}
	if target == 0 {
		if f.inSample { // and not calibrated
			f.own = slices.Clone(f.logits)
		} else {
			f.own = f.ownLogits(layout, x, s.offset)
		}
	}
	f.summary = summary("linear", x, r)
	f.coefficients, err = coefficients(p, layout, x, r, f.target.Effects)
	return f, err
}

// predictor is the linear predictor of each row, without an offset.
func predictor(x *design.Matrix, r *glm.Result) []float64 {
	eta := make([]float64, x.Rows())
	x.MatVec(eta, r.Coef)
	for i := range eta {
		eta[i] += r.Intercept
	}
	return eta
}

func summary(kind string, x *design.Matrix, r *glm.Result) model.FitSummary {
	return model.FitSummary{
		Kind: kind, Status: r.Status.String(), Iterations: r.Iterations, Columns: x.Cols(), Lambda: r.Lambda,
		Objective: r.Objective, LogLik: r.LogLik, DF: r.DF,
	}
}

// countEffects counts the training rows and positives by code of each feature, by weight, and centres its table on
// them before the counts are rounded: the mean effect goes to the intercept (the second result), so that a level that training never saw, whose
// effect is zero, counts as the average lead.
func countEffects(effects []features.Effect, p *features.Pipeline, l *features.Layout, x *design.Matrix, s *sample) ([]model.TermEffect, float64) {
	total := size(s.weight, len(s.labels))
	out, means := make([]model.TermEffect, len(effects)), make([]float64, len(effects))
	eachOf(len(effects), func(f int) {
		e := model.TermEffect{Effect: effects[f]}
		rows, positives := countCodes(x, l.Features[f], s, len(p.Features()[f].Levels))
		e.Rows, e.Positives = make([]int, len(rows)), make([]int, len(rows))
		// The z of a linear feature is centred on the training rows, so that only the table has a mean.
		mean := 0.0
		for code, n := range rows {
			e.Rows[code], e.Positives[code] = rounded(n), rounded(positives[code])
			if code < len(e.Table) {
				mean += e.Table[code] * n / total
			}
		}
		for code := range e.Table {
			e.Table[code] -= mean
		}
		out[f], means[f] = e, mean
	})
	shift := 0.0
	for _, mean := range means {
		shift += mean
	}
	return out, shift
}

// countCodes counts the rows and the positives of each code of a feature: in a block its levels, of a dense
// column 0 a number and 1 missing. A code beyond the levels is not counted.
func countCodes(x *design.Matrix, place features.Placement, s *sample, levels int) (rows, positives []float64) {
	switch {
	case place.Block >= 0:
		switch b := &x.Blocks()[place.Block]; {
		case b.U8 != nil:
			return tallyCodes(b.U8, s, levels)
		case b.U16 != nil:
			return tallyCodes(b.U16, s, levels)
		default:
			return tallyCodes(b.U32, s, levels)
		}
	case place.Dense >= 0:
		values := x.Dense()[place.Dense].Values
		missing := make([]uint8, len(values))
		for i, v := range values {
			if math.IsNaN(v) {
				missing[i] = 1
			}
		}
		return tallyCodes(missing, s, levels)
	}
	return make([]float64, levels), make([]float64, levels)
}

// tallyCodes counts the rows and the positives of each code below levels.
func tallyCodes[T uint8 | uint16 | uint32](codes []T, s *sample, levels int) (rows, positives []float64) {
	rows, positives = make([]float64, levels), make([]float64, levels)
	if s.weight == nil { // whole numbers, both of a code in one place
		counts := make([][2]int, levels)
		labels := s.labels[:len(codes)]
		for i, code := range codes {
			if int(code) < len(counts) {
				label := 0
				if labels[i] {
					label = 1
				}
				counts[code][label]++
			}
		}
		for code, n := range counts {
			rows[code], positives[code] = float64(n[0]+n[1]), float64(n[1])
		}
		return rows, positives
	}
	for i, code := range codes {
		if int(code) < levels {
			rows[code] += s.weight[i]
			if s.labels[i] {
				positives[code] += s.weight[i]
			}
		}
	}
	return rows, positives
}

// coefficients tells the fitted coefficients of a linear model with their inference (see glm.Inference). A fit
// without a covariance, one with an L1 part or of very many columns, has none: SE, Z and P are left out then,
// the interval of the odds ratio is its value, and columns at zero are not told.
func coefficients(p *features.Pipeline, l *features.Layout, x *design.Matrix, r *glm.Result, effects []model.TermEffect) ([]model.Coefficient, error) {
	var all []glm.Estimate
	if r.Covariance != nil {
		var err error
		if all, err = r.Inference(); err != nil {
			return nil, err
		}
	}
	out := []model.Coefficient{}
	add := func(feature, level string, rows, column int) {
		if all == nil {
			if b := r.Coef[column]; b != 0 {
				odds := math.Exp(b)
				out = append(out, model.Coefficient{
					Feature: feature, Level: level, Rows: rows, Estimate: b, Odds: model.Estimate{Value: odds, Lower: odds, Upper: odds},
				})
			}
			return
		}
		e := all[column+1]
		if e.Alias {
			return
		}
		out = append(out, model.Coefficient{
			Feature: feature, Level: level, Rows: rows, Estimate: e.Coef, SE: e.SE, Z: e.Z, P: e.P,
			Odds: model.Estimate{Value: e.Odds, Lower: e.Lower, Upper: e.Upper},
		})
	}
	for f, feature := range p.Features() {
		place := l.Features[f]
		if place.Dense >= 0 {
			add(feature.Name, "one standard deviation more", effects[f].Rows[0], place.Dense)
		}
		if place.Missing >= 0 {
			add(feature.Name, "missing, standardised", effects[f].Rows[1], place.Missing)
		}
		if place.Block < 0 {
			continue
		}
		start := x.BlockStart(place.Block)
		for code := range x.Blocks()[place.Block].Levels {
			add(feature.Name, feature.Levels[code], effects[f].Rows[code], start+code)
		}
	}
	return out, nil
}

func mean(y, weight []float64) float64 {
	s := 0.0
	for i, v := range y {
		s += float64(weightAt(weight, i) * v)
	}
	return s / size(weight, len(y))
}
