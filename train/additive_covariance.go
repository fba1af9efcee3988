package train

import (
	"context"
	"math"

	"leadscore/model"
	"leadscore/train/glm"
)

// addCovariance computes the covariance at the optimum, once it is known which fit is kept.
func (a *additiveFit) addCovariance(ctx context.Context, y []float64, s glm.AdditiveSettings) error {
	s.Covariance = true
	s.Start = append([]float64{a.result.Intercept}, a.result.Coef...)
	r, err := glm.Additive(ctx, &glm.Problem{X: a.x, Y: y, Weight: a.weight, Offset: a.offset}, a.fixed(), s)
	if err != nil {
		return err
	}
	r.Iterations += a.result.Iterations
	r.Rounds = a.result.Rounds
	a.result = r
	return r.Status.Err()
}

// centre prepares the covariance of the fit's tables as countEffects has centred them.
func (a *additiveFit) centre(effects []model.TermEffect) *centred {
	var c *centred
	place := func(column int) int { return 1 + column }
	if e := a.result.Eliminated; e == nil {
		c = newCentred(a.result.Covariance)
	} else {
		c = newCentred(e.Outer)
		rows := make(map[int]int, len(e.Columns))
		for i, column := range e.Columns {
			rows[column] = 1 + i
		}
		place = func(column int) int { return rows[column] }
	}
	n := size(a.weight, a.x.Rows())
	for f := range a.pipeline.Features() {
		b := a.blocks[f]
		if a.result.Dropped[f] {
			continue
		}
		if e := a.result.Eliminated; e != nil && b.Start == e.Start {
			c.levels = &apart{f, e}
			continue
		}
		c.term(f)
		rows := a.levelWeights(f)
		covered := a.cells[f]
		if covered == nil {
			covered = make([]uint32, len(effects[f].Table))
			for level := range covered {
				covered[level] = uint32(level)
			}
		}
		for k, level := range covered {
			if group := a.groups[f]; group != nil {
				k = group[level]
			}
			c.code(int(level), place(b.Start+k), 1, rows[level]/n)
		}
		if len(covered) < len(effects[f].Table) {
			c.code(-1, -1, 0, 0) // all cells without a column share it
		}
	}
	c.done()
	return c
}

// contrasts tells each level's effect relative to the average training row, with its standard error: the
// level alone means nothing, see centred.
func (a *additiveFit) contrasts(effects []model.TermEffect, c *centred) []model.Coefficient {
	const z95 = 1.959963984540054
	out := []model.Coefficient{}
	add := func(f, level int, variance float64) {
		feature, e := a.pipeline.Features()[f], &effects[f]
		if level < 0 || e.Rows[level] == 0 {
			return
		}
		b, se, z := e.Table[level], math.Sqrt(max(0, variance)), 0.0
		if se > 0 {
			z = b / se
		}
		out = append(out, model.Coefficient{
			Feature: feature.Name, Level: feature.Levels[level], Rows: e.Rows[level], Estimate: b, SE: se, Z: z, P: math.Erfc(math.Abs(z) / math.Sqrt2),
			Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - z95*se), Upper: math.Exp(b + z95*se)},
		})
	}
	terms, at := c.terms, 0
	for f := range a.pipeline.Features() {
		if c.levels != nil && c.levels.feature == f {
			for level, v := range c.levels.Variances {
				add(f, level, v)
			}
		}
		if len(terms) == 0 || terms[0].Feature != f {
			continue
		}
		for _, level := range terms[0].Codes {
			at++
			add(f, level, c.at(at, at))
		}
		terms = terms[1:]
	}
	return out
}
