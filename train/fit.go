package train

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/design"
	"leadscore/model"
	"leadscore/train/glm"
)

// fitted is a conversion model and what its training rows say about it.
type fitted struct {
	target       model.Target
	summary      model.FitSummary
	coefficients []model.Coefficient
	rows         []bool    // training rows of this target
	labels       []bool    // of those rows, in order
	logits       []float64 // of those rows, each from a fit that had not seen it (see fitLinear)
}

// optimism is the share of the training rows that the effective degrees of freedom may be for
// in-sample logits to stand in for out-of-fold ones: the expected excess of the in-sample log loss is
// df/n (Akaike), here below a thousandth.
const optimism = 1e-3

// fitLinear fits the L2-penalised logistic regression of one target. λ is fixed by the configuration or
// chosen by cross-validation. needFolds asks for out-of-fold logits whatever the cost; else they are
// left out where λ is fixed and the optimism of in-sample logits is negligible.
func fitLinear(ctx context.Context, d *data, target int, p *features.Pipeline, c *Config, needFolds bool) (*fitted, error) {
	o := d.outcomes[target]
	f := &fitted{rows: make([]bool, d.rows())}
	var y []float64
	var positives []bool
	for i, in := range d.train {
		if in && o.Label[i] != setAside {
			f.rows[i] = true
			f.labels = append(f.labels, o.Label[i] == positive)
			y = append(y, float64(o.Label[i]))
		}
	}
	positives = f.labels
	x, layout, err := p.Matrix(d.leads, f.rows)
	if err != nil {
		return nil, err
	}
	problem := &glm.Problem{X: x, Y: y}
	settings := glm.Settings{Workers: c.Workers}

	var cv *glm.CVResult
	crossValidate := func(lambdas []float64) error {
		folds, err := datasets.Folds(positives, nil, c.Model.Folds, c.Model.Seed)
		if err != nil {
			return err
		}
		cv, err = glm.CrossValidate(ctx, problem, folds, c.Model.Folds, lambdas, settings)
		return err
	}
	lambda := 0.0
	if c.Model.Penalty != nil {
		lambda = *c.Model.Penalty
	} else {
		if err := crossValidate(nil); err != nil {
			return nil, err
		}
		lambda = cv.Lambda
	}
	settings.Covariance = true
	r, err := glm.Ridge(ctx, problem, lambda, settings)
	if err != nil {
		return nil, err
	}
	if err := r.Status.Err(); err != nil {
		return nil, err
	}
	if cv == nil && (needFolds || r.DF > optimism*float64(len(y))) {
		if err := crossValidate([]float64{lambda}); err != nil {
			return nil, err
		}
	}
	if cv != nil {
		f.logits = cv.Eta
	} else {
		f.logits = make([]float64, len(y))
		x.MatVec(f.logits, r.Coef)
		for i := range f.logits {
			f.logits[i] += r.Intercept
		}
	}

	effects, shift := p.Effects(layout, x, r.Coef)
	f.target = model.Target{
		Name: o.Target.Name, Outcome: model.Outcome{Column: o.Target.Column, Positive: o.Target.Positive, Negative: o.Target.Negative}, BaseRate: mean(y), Intercept: r.Intercept + shift,
		Effects: countEffects(effects, p, layout, x, f.labels),
	}
	f.summary = model.FitSummary{
		Kind: "linear", Status: r.Status.String(), Iterations: r.Iterations, Columns: x.Cols(), Lambda: r.Lambda,
		Objective: r.Objective, LogLik: r.LogLik, DF: r.DF,
	}
	f.coefficients = coefficients(p, layout, x, r, f.target.Effects)
	return f, nil
}

// countEffects counts the training rows and positives by code of each feature, and their mean effect.
func countEffects(effects []features.Effect, p *features.Pipeline, l *features.Layout, x *design.Matrix, labels []bool) []model.TermEffect {
	out := make([]model.TermEffect, len(effects))
	for f := range effects {
		levels := len(p.Features()[f].Levels)
		e := model.TermEffect{Effect: effects[f], Rows: make([]int, levels), Positives: make([]int, levels)}
		place := l.Features[f]
		count := func(row int, code uint32) {
			if int(code) < levels {
				e.Rows[code]++
				if labels[row] {
					e.Positives[code]++
				}
			}
		}
		if place.Block >= 0 {
			x.Blocks()[place.Block].Each(count)
		} else if place.Dense >= 0 {
			for i, v := range x.Dense()[place.Dense].Values {
				code := uint32(0)
				if math.IsNaN(v) {
					code = 1
				}
				count(i, code)
			}
		}
		// The z of a linear feature is centred on the training rows, so that only the table has a mean.
		for code, n := range e.Rows {
			if code < len(e.Table) {
				e.Mean += e.Table[code] * float64(n) / float64(len(labels))
			}
		}
		out[f] = e
	}
	return out
}

// coefficients tells the fitted coefficients with their inference (Wald: z = estimate/SE). With a penalty
// the covariance is H⁻¹, the Bayesian posterior one (Wood 2017, section 6.10), which covers shrunken effects
// better than the sandwich.
func coefficients(p *features.Pipeline, l *features.Layout, x *design.Matrix, r *glm.Result, effects []model.TermEffect) []model.Coefficient {
	const z95 = 1.959963984540054
	one := func(feature, level string, rows, column int) model.Coefficient {
		b, se := r.Coef[column], math.Sqrt(r.Covariance.At(column+1, column+1))
		z := b / se
		return model.Coefficient{
			Feature: feature, Level: level, Rows: rows, Estimate: b, SE: se, Z: z, P: 2 * distuv.UnitNormal.Survival(math.Abs(z)),
			Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - z95*se), Upper: math.Exp(b + z95*se)},
		}
	}
	out := []model.Coefficient{}
	for f, feature := range p.Features() {
		place := l.Features[f]
		if place.Dense >= 0 {
			out = append(out, one(feature.Name, "one standard deviation more", effects[f].Rows[0], place.Dense))
		}
		if place.Missing >= 0 {
			out = append(out, one(feature.Name, "missing, standardised", effects[f].Rows[1], place.Missing))
		}
		if place.Block < 0 {
			continue
		}
		start := x.BlockStart(place.Block)
		for code := range x.Blocks()[place.Block].Levels {
			out = append(out, one(feature.Name, feature.Levels[code], effects[f].Rows[code], start+code))
		}
	}
	return out
}

func mean(y []float64) float64 {
	s := 0.0
	for _, v := range y {
		s += v
	}
	return s / float64(len(y))
}
