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

// centred is the covariance of centred tables. With m_b = Σ_c share_c β_bc the mean of block b over the training
// rows, what scoring adds up is θ_bc = β_bc − m_b and θ₀ = β₀ + Σ_b m_b. A constant may move between a block
// and the intercept at the price of the tiny ridge alone, so the variances of β are those of the ridge and of
// no use; in θ they are gone. A pair's cell without a column has β = 0 and so θ = −m_b: all
// of these share the column −1 of their term.
type centred struct {
	terms   []model.CovarianceTerm
	entries []entry
	fit     *additiveFit
	toMean  [][]float64 // of each term: Cov(m, β_j), j = 0 the intercept
	means   [][]float64 // Cov(m, m′) of two terms
	spread  []float64   // of each term: Cov(m, Σ m′)
}

// entry is a column of the covariance but the intercept: a term and its column in V, −1 none. Pooled levels have
// the same.
type entry struct{ term, column int }

// centre prepares the covariance of the fit's tables as countEffects has centred them.
func (a *additiveFit) centre(effects []model.TermEffect) *centred {
	c := &centred{fit: a}
	n := size(a.weight, a.x.Rows())
	var shares [][]float64
	for f := range a.pipeline.Features() {
		if a.result.Dropped[f] {
			continue
		}
		t := model.CovarianceTerm{Feature: f}
		term, b := len(c.terms), a.blocks[f]
		share := make([]float64, b.Size)
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
			t.Codes = append(t.Codes, int(level))
			share[k] += rows[level] / n
			c.entries = append(c.entries, entry{term, 1 + b.Start + k})
		}
		if len(covered) < len(effects[f].Table) {
			t.Codes = append(t.Codes, -1)
			c.entries = append(c.entries, entry{term, -1})
		}
		c.terms = append(c.terms, t)
		shares = append(shares, share)
	}
	v := a.result.Covariance
	if v == nil { // too large, see glm.AdditiveResult.Contrasts
		return c
	}
	for t, share := range shares {
		start := 1 + a.blocks[c.terms[t].Feature].Start
		m := make([]float64, v.SymmetricDim())
		for k, s := range share {
			for j := range m {
				m[j] += s * v.At(start+k, j)
			}
		}
		c.toMean = append(c.toMean, m)
	}
	for t := range shares {
		row, sum := make([]float64, len(shares)), 0.0
		for u, share := range shares {
			start := 1 + a.blocks[c.terms[u].Feature].Start
			for k, s := range share {
				row[u] += s * c.toMean[t][start+k]
			}
			sum += row[u]
		}
		c.means, c.spread = append(c.means, row), append(c.spread, sum)
	}
	return c
}

// at is Cov(θᵢ, θⱼ), i ≤ j, in the columns of model.Covariance.
func (c *centred) at(i, j int) float64 {
	v := c.fit.result.Covariance
	if j == 0 {
		sum := v.At(0, 0)
		for t := range c.terms {
			sum += 2*c.toMean[t][0] + c.spread[t]
		}
		return sum
	}
	q := c.entries[j-1]
	if i == 0 {
		sum := -c.toMean[q.term][0] - c.spread[q.term]
		if q.column >= 0 {
			sum += v.At(0, q.column)
			for t := range c.terms {
				sum += c.toMean[t][q.column]
			}
		}
		return sum
	}
	p := c.entries[i-1]
	sum := c.means[p.term][q.term]
	if p.column >= 0 {
		sum -= c.toMean[q.term][p.column]
	}
	if q.column >= 0 {
		sum -= c.toMean[p.term][q.column]
	}
	if p.column >= 0 && q.column >= 0 {
		sum += v.At(p.column, q.column)
	}
	return sum
}

// contrasts tells each level's effect relative to the average training row, with its standard error: the
// level alone means nothing, see centred.
func (a *additiveFit) contrasts(effects []model.TermEffect, v *centred) []model.Coefficient {
	const z95 = 1.959963984540054
	out := []model.Coefficient{}
	at := 0
	variance := func(i int) float64 { return v.at(i, i) }
	if a.result.Covariance == nil {
		variance = func(i int) float64 {
			if column := v.entries[i-1].column; column > 0 {
				return a.result.Contrasts[column-1]
			}
			return 0
		}
	}
	for _, term := range v.terms {
		feature := a.pipeline.Features()[term.Feature]
		e := &effects[term.Feature]
		for _, level := range term.Codes {
			at++
			if level < 0 || e.Rows[level] == 0 {
				continue
			}
			b, se, z := e.Table[level], math.Sqrt(max(0, variance(at))), 0.0
			if se > 0 {
				z = b / se
			}
			out = append(out, model.Coefficient{
				Feature: feature.Name, Level: feature.Levels[level], Rows: e.Rows[level], Estimate: b, SE: se, Z: z, P: math.Erfc(math.Abs(z) / math.Sqrt2),
				Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - z95*se), Upper: math.Exp(b + z95*se)},
			})
		}
	}
	return out
}
