package evaluate

import (
	"math"
	"slices"

	"leadscore/model"
)

// panel is several scorers on the same rows, with one bootstrap for all: a replicate is drawn once, and the
// differences between scorers are paired by it.
type panel struct {
	t          *table
	scorers    []scored
	replicates [][]float64 // by replicate: the figures of each scorer in turn, at prAUCAt … eceAt
}

// scored is one scorer of a panel.
type scored struct {
	score, probability int   // columns of the table; probability is −1 without one
	ranks              *view // by score
	calibrated         *view // by probability; nil without one
	sameOrder          bool  // both views have the same order of rows
	ranking            ranking
	ece                float64
}

// Where a replicate has a scorer's figures.
const (
	prAUCAt = iota
	ksAt
	liftAt
	eceAt
	figures
)

// newPanel sorts and resamples checked samples with the same labels and weights.
func newPanel(samples []Sample, o Options) *panel {
	var columns [][]float64
	for _, s := range samples {
		columns = append(columns, s.Score, s.Probability)
	}
	p := &panel{t: arrange(samples[0].Label, samples[0].Weight, columns...)}
	buf := make([]float64, len(p.t.label))
	for i := range samples {
		s := scored{score: 2 * i, probability: -1, ranks: p.t.by(2 * i), ece: nan}
		s.ranking = s.ranks.ranking(s.ranks.arranged(p.t.weight, buf))
		if samples[i].Probability != nil {
			s.probability = 2*i + 1
			s.calibrated = p.t.by(s.probability)
			s.sameOrder = slices.Equal(s.ranks.at, s.calibrated.at)
			s.ece = s.calibrated.ece(s.calibrated.arranged(p.t.weight, buf))
		}
		p.scorers = append(p.scorers, s)
	}
	p.replicates = bootstrap(p.t.weight, figures*len(p.scorers), o, func() func(w, dst []float64) {
		buf := make([]float64, len(p.t.label))
		return func(w, dst []float64) {
			for i, s := range p.scorers {
				of := dst[figures*i:]
				arranged := s.ranks.arranged(w, buf)
				r := s.ranks.ranking(arranged)
				of[prAUCAt], of[ksAt], of[liftAt], of[eceAt] = r.prAUC, r.ks, r.lift, nan
				if s.calibrated == nil {
					continue
				}
				if !s.sameOrder {
					arranged = s.calibrated.arranged(w, buf)
				}
				of[eceAt] = s.calibrated.ece(arranged)
			}
		}
	})
	return p
}

// se returns the bootstrap's standard error of one figure of a scorer.
func (p *panel) se(scorer, figure int) float64 {
	return deviation(p.replicates, func(r []float64) float64 { return r[figures*scorer+figure] })
}

// metrics returns the figures of a scorer.
func (p *panel) metrics(scorer int) model.Metrics {
	s, t := p.scorers[scorer], p.t
	places := t.placements(s.score)
	none := model.Estimate{Value: nan, Lower: nan, Upper: nan}
	m := model.Metrics{
		AUC:     t.estimate(places),
		PRAUC:   shareEstimate(s.ranking.prAUC, p.se(scorer, prAUCAt), places.pos),
		KS:      shareEstimate(s.ranking.ks, p.se(scorer, ksAt), math.Min(places.pos, places.neg)),
		Lift10:  within(s.ranking.lift, p.se(scorer, liftAt), 0, 1/liftShare),
		LogLoss: none, Skill: none, Brier: none, ECE: none,
	}
	if s.calibrated == nil {
		return m
	}
	probability := t.columns[s.probability]
	losses := logLosses(t.label, probability)
	loss, lossSE := mean(losses, t.weight)
	m.LogLoss = within(loss, lossSE, 0, math.Inf(1))
	m.Skill = t.skill(losses)
	brier, brierSE := mean(brierLosses(t.label, probability), t.weight)
	m.Brier = within(brier, brierSE, 0, 1)
	m.ECE = within(s.ece, p.se(scorer, eceAt), 0, 1)
	return m
}

// shareEstimate is the interval of PR-AUC and KS, on the logit scale (for PR-AUC: Boyd, Eng & Page 2013).
// At 1 every replicate is 1 and the bootstrap knows nothing: there Wilson's lower end for the
// given number of rows stands in.
func shareEstimate(value, se, rows float64) model.Estimate {
	switch {
	case value >= 1:
		return model.Estimate{Value: value, Lower: Wilson(rows, rows).Lower, Upper: 1}
	case value <= 0:
		return within(value, se, 0, 1)
	}
	return withinLogit(value, se)
}

// compare returns the paired differences of scorer a minus scorer b; see Compare.
func (p *panel) compare(nameA string, a int, nameB string, b int) []model.Comparison {
	sa, sb, t := p.scorers[a], p.scorers[b], p.t
	var out []model.Comparison
	add := func(metric string, e model.Estimate, pValue float64) {
		if math.IsNaN(e.Lower) { // no interval, no test: too few rows, or no bootstrap wanted
			return
		}
		out = append(out, model.Comparison{A: nameA, B: nameB, Metric: metric, Difference: e, P: pValue})
	}
	e, pValue := t.compareAUC(sa.score, sb.score)
	add("auc", e, pValue)
	for _, f := range []struct {
		metric            string
		at                int
		difference, bound float64
	}{
		{"pr_auc", prAUCAt, sa.ranking.prAUC - sb.ranking.prAUC, 1},
		{"lift_at_10pct", liftAt, sa.ranking.lift - sb.ranking.lift, 1 / liftShare},
	} {
		se := deviation(p.replicates, func(r []float64) float64 { return r[figures*a+f.at] - r[figures*b+f.at] })
		add(f.metric, within(f.difference, se, -f.bound, f.bound), ratioP(f.difference, se))
	}
	if sa.calibrated == nil || sb.calibrated == nil {
		return out
	}
	for _, f := range []struct {
		metric string
		losses func([]bool, []float64) []float64
	}{{"log_loss", logLosses}, {"brier", brierLosses}} {
		d := f.losses(t.label, t.columns[sa.probability])
		for i, x := range f.losses(t.label, t.columns[sb.probability]) {
			d[i] -= x
		}
		m, se := mean(d, t.weight)
		add(f.metric, within(m, se, math.Inf(-1), math.Inf(1)), ratioP(m, se))
	}
	return out
}

// ratioP is the two-sided p value of value/se; equal scorers have 1.
func ratioP(value, se float64) float64 {
	if value == 0 {
		return 1
	}
	return twoSided(value / se)
}
