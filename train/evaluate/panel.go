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
	replicates [][]float64 // by replicate: the figures of each scorer in turn, at prAUCAt … correctedAt
}

// scored is one scorer of a panel.
type scored struct {
	score, probability int   // columns of the table; probability is −1 without one
	ranks              *view // by score
	calibrated         *view // by probability; nil without one
	sameOrder          bool  // both views have the same order of rows
	sameGroups         bool  // and the same ties: one walk gives the figures of both
	places             placements
	figures            measured
	effect             float64 // design effect of y − p, see ece
	bins               [eceBins]part
}

// measured is the figures of a scorer that the bootstrap gives standard errors.
type measured struct {
	ranking
	ece, corrected float64
}

// Where a replicate has a scorer's figures.
const (
	prAUCAt = iota
	ksAt
	lift1At
	lift5At
	lift10At
	lift20At
	eceAt
	correctedAt
	figures
)

// newPanel sorts and resamples checked samples with the same labels, weights and clusters.
func newPanel(samples []Sample, o Options) *panel {
	var columns [][]float64
	for _, s := range samples {
		columns = append(columns, s.Score, s.Probability)
	}
	p := &panel{t: arrangeClusters(samples[0].Label, samples[0].Weight, samples[0].Cluster, columns...)}
	own := newWalk(p.t)
	p.scorers = make([]scored, len(samples))
	for i := range samples {
		s := &p.scorers[i]
		*s = scored{score: 2 * i, probability: -1, ranks: p.t.by(2 * i), effect: 1}
		s.places = p.t.placed(s.ranks)
		if samples[i].Probability != nil {
			s.probability = 2*i + 1
			s.calibrated = p.t.by(s.probability)
			s.sameOrder = slices.Equal(s.ranks.at, s.calibrated.at)
			s.sameGroups = s.sameOrder && slices.Equal(s.ranks.last, s.calibrated.last)
			s.effect = p.t.calibrationEffect(p.t.columns[s.probability])
		}
		s.figures, s.bins = own.measure(s, p.t.weight)
	}
	p.replicates = p.t.bootstrap(figures*len(p.scorers), o, func() func(w, dst []float64) {
		own := newWalk(p.t)
		return func(w, dst []float64) {
			for i := range p.scorers {
				m, _ := own.measure(&p.scorers[i], w)
				of := dst[figures*i:]
				of[prAUCAt], of[ksAt], of[eceAt], of[correctedAt] = m.prAUC, m.ks, m.ece, m.corrected
				of[lift1At], of[lift5At], of[lift10At], of[lift20At] = m.lift1, m.lift5, m.lift10, m.lift20
			}
		}
	})
	return p
}

// calibrationEffect is the design effect of clusters on Σw(y − p).
func (t *table) calibrationEffect(probability []float64) float64 {
	if t.cluster == nil {
		return 1
	}
	rest := make([]float64, len(probability))
	for i, p := range probability {
		if rest[i] = -p; t.label[i] {
			rest[i]++
		}
	}
	m, _ := mean(rest, t.weight)
	return t.designEffect(func(i int) float64 { return rest[i] - m })
}

// walk is what one worker needs to go over the rows.
type walk struct {
	weight []float64
	down   []part
}

func newWalk(t *table) *walk {
	return &walk{make([]float64, len(t.label)), make([]part, len(t.label)/chunkRows+1)}
}

// measure computes the figures of a scorer under weights of the table's rows.
func (k *walk) measure(s *scored, w []float64) (m measured, bins [eceBins]part) {
	value := s.ranks.value
	if s.sameGroups {
		value = s.calibrated.value
	}
	arranged := s.ranks.arranged(w, k.weight)
	down := k.down[:len(s.ranks.chunk)]
	area := s.ranks.sums(arranged, value, down)
	m = measured{s.ranks.rank(area, arranged, down), nan, nan}
	if s.calibrated == nil {
		return m, bins
	}
	if !s.sameGroups {
		if !s.sameOrder {
			arranged = s.calibrated.arranged(w, k.weight)
		}
		down = k.down[:len(s.calibrated.chunk)]
		s.calibrated.sums(arranged, s.calibrated.value, down)
	}
	bins = s.calibrated.bins(arranged, s.calibrated.value, down)
	m.ece, m.corrected = ece(bins, s.effect)
	return m, bins
}

// se returns the bootstrap's standard error of one figure of a scorer.
func (p *panel) se(scorer, figure int) float64 {
	return deviation(p.replicates, func(r []float64) float64 { return r[figures*scorer+figure] })
}

// metrics returns the figures of a scorer.
func (p *panel) metrics(scorer int) model.Metrics {
	s, t := &p.scorers[scorer], p.t
	pos, neg := t.evidence()
	m := model.NoMetrics()
	m.AUC = t.estimate(s.places)
	m.Gini = model.Estimate{Value: 2*m.AUC.Value - 1, Lower: 2*m.AUC.Lower - 1, Upper: 2*m.AUC.Upper - 1}
	m.PRAUC = shareEstimate(s.figures.prAUC, p.se(scorer, prAUCAt), pos)
	m.KS = shareEstimate(s.figures.ks, p.se(scorer, ksAt), math.Min(pos, neg))
	for _, f := range []struct {
		share, lift  float64
		at           int
		ofLift, part *model.Estimate
	}{
		{share1, s.figures.lift1, lift1At, &m.Lift1, &m.Recall1},
		{share5, s.figures.lift5, lift5At, &m.Lift5, &m.Recall5},
		{share10, s.figures.lift10, lift10At, &m.Lift10, &m.Recall10},
		{share20, s.figures.lift20, lift20At, &m.Lift20, &m.Recall20},
	} {
		*f.ofLift = liftEstimate(f.lift, p.se(scorer, f.at), f.share, pos, neg, s.places.pos/(s.places.pos+s.places.neg))
		*f.part = model.Estimate{Value: f.share * f.ofLift.Value, Lower: f.share * f.ofLift.Lower, Upper: f.share * f.ofLift.Upper}
	}
	if s.calibrated == nil {
		return m
	}
	probability := t.columns[s.probability]
	losses := logLosses(t.label, probability)
	loss, lossSE := t.mean(losses)
	m.LogLoss = within(loss, lossSE, 0, math.Inf(1))
	m.Skill = t.skill(losses)
	brier, brierSE := t.mean(brierLosses(t.label, probability))
	m.Brier = within(brier, brierSE, 0, 1)
	m.BrierParts = brierParts(s.bins, brier)
	m.ECE = within(s.figures.ece, p.se(scorer, eceAt), 0, 1)
	m.ECECorrected = within(s.figures.corrected, p.se(scorer, correctedAt), 0, 1)
	r := t.recalibration(probability)
	m.Slope, m.Intercept = r.slope(), r.intercept()
	return m
}

// liftEstimate is the interval of a lift at a share of the rows. Where the selected rows are all positive, or none is, every
// replicate says so and the bootstrap knows nothing of them: there Wilson's end for their rate, over the base rate, stands in.
func liftEstimate(lift, se, share, pos, neg, base float64) model.Estimate {
	e := within(lift, se, 0, 1/share)
	rows := share * (pos + neg)
	switch rate := lift * base; {
	case math.IsNaN(se):
	case rate > 1-1e-9:
		e.Lower = math.Min(e.Lower, Wilson(rows, rows).Lower/base)
	case rate < 1e-9:
		e.Upper = math.Min(1/share, math.Max(e.Upper, Wilson(0, rows).Upper/base))
	}
	return e
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
	sa, sb, t := &p.scorers[a], &p.scorers[b], p.t
	var out []model.Comparison
	add := func(metric string, e model.Estimate, pValue float64) {
		if math.IsNaN(e.Lower) { // no interval, no test: too few rows, or no bootstrap wanted
			return
		}
		out = append(out, model.Comparison{A: nameA, B: nameB, Metric: metric, Difference: e, P: pValue})
	}
	e, pValue := t.comparePlaced(sa.places, sb.places)
	add("auc", e, pValue)
	for _, f := range []struct {
		metric            string
		at                int
		difference, bound float64
	}{
		{"pr_auc", prAUCAt, sa.figures.prAUC - sb.figures.prAUC, 1},
		{"lift_at_10pct", lift10At, sa.figures.lift10 - sb.figures.lift10, 1 / share10},
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
		m, se := t.mean(d)
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
