package report

import (
	"math"

	"leadscore/model"
)

// metricRow says how one figure is written.
type metricRow struct {
	key      string
	of       func(model.Metrics) model.Estimate
	decimals int
	less     bool // less is better
}

var metricRows = []metricRow{
	{"auc", func(m model.Metrics) model.Estimate { return m.AUC }, 3, false},
	{"pr_auc", func(m model.Metrics) model.Estimate { return m.PRAUC }, 3, false},
	{"log_loss", func(m model.Metrics) model.Estimate { return m.LogLoss }, 4, true},
	{"log_loss_skill", func(m model.Metrics) model.Estimate { return m.Skill }, 3, false},
	{"brier", func(m model.Metrics) model.Estimate { return m.Brier }, 4, true},
	{"ece", func(m model.Metrics) model.Estimate { return m.ECE }, 4, true},
	{"ks", func(m model.Metrics) model.Estimate { return m.KS }, 3, false},
	{"lift_at_10pct", func(m model.Metrics) model.Estimate { return m.Lift10 }, 2, false},
}

// metric finds how a figure is written by its name in the card.
func metric(key string) (metricRow, bool) {
	for _, r := range metricRows {
		if r.key == key {
			return r, true
		}
	}
	return metricRow{key: key, decimals: 4}, false
}

func (t targetView) accuracy(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "accuracy", Nav: w.T("nav.accuracy"), Heading: w.T("accuracy.heading"),
		Intro: w.T("accuracy.intro", w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives))}
	names := t.scorers()
	tab := &table{Head: []string{w.T("accuracy.metric")}, Left: 1}
	for _, name := range names {
		tab.Head = append(tab.Head, w.known("scorer", name))
	}
	for _, r := range metricRows {
		row := []cell{{Main: w.T("metric." + r.key), Small: w.T("metric." + r.key + ".help")}}
		for _, name := range names {
			e := r.of(c.Scores[name])
			number := func(x float64) string { return w.Num(x, r.decimals) }
			row = append(row, cell{Main: number(e.Value), Small: w.Range(e, number)})
		}
		tab.Rows = append(tab.Rows, row)
	}
	b := block{Table: tab, Note: w.T("interval.caption")}
	if plots && len(c.Curves) > 0 {
		f, err := t.rocPlot()
		if err != nil {
			return s, err
		}
		b.Figures = []figure{f}
	}
	s.Blocks = append(s.Blocks, b)
	for _, of := range []func() (block, bool){t.besideBlock, t.chainBlock} {
		if b, ok := of(); ok {
			s.Blocks = append(s.Blocks, b)
		}
	}
	return s, nil
}

func (t targetView) comparison(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "compare", Nav: w.T("nav.compare"), Heading: w.T("compare.heading"), Intro: w.T("compare.intro")}
	if len(c.Scores) < 2 {
		s.Intro = w.T("compare.alone")
	}
	if plots && len(c.Scores) > 1 {
		f, err := t.scorerPlot()
		if err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, block{Figures: []figure{f}})
	}
	if len(c.Comparisons) > 0 {
		tab := &table{Head: []string{w.T("compare.pair"), w.T("accuracy.metric"), w.T("compare.verdict"), w.T("compare.difference"), w.T("compare.p")}, Left: 3}
		for _, x := range c.Comparisons {
			r, known := metric(x.Metric)
			name := x.Metric
			if known {
				name = w.T("metric." + r.key)
			}
			a, b := w.known("scorer", x.A), w.known("scorer", x.B)
			verdict := w.T("compare.tie")
			switch outcome(x, r.less) {
			case "better":
				verdict = w.T("compare.better", a)
			case "worse":
				verdict = w.T("compare.better", b)
			}
			signed := func(v float64) string { return w.Signed(v, r.decimals) }
			tab.Rows = append(tab.Rows, []cell{
				text(w.T("compare.minus", a, b)), text(name), text(verdict),
				{Main: signed(x.Difference.Value), Small: w.Range(x.Difference, signed)}, text(w.P(x.P)),
			})
		}
		s.Blocks = append(s.Blocks, block{Table: tab})
	}
	return s, nil
}

func (t targetView) calibration(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "calibration", Nav: w.T("nav.calibrate"), Heading: w.T("calibration.heading"), Intro: w.T("calibration.intro")}
	if len(c.Calibration) == 0 {
		s.Intro = w.T("calibration.none")
		return s, nil
	}
	tab := &table{Head: []string{w.T("calibration.expected"), w.T("calibration.observed"), w.T("calibration.rows")}}
	pct := func(x float64) string { return w.Pct(x, 1) }
	for _, b := range c.Calibration {
		tab.Rows = append(tab.Rows, []cell{text(pct(b.Expected)), {Main: pct(b.Observed.Value), Small: w.Range(b.Observed, pct)}, text(w.Int(b.Rows))})
	}
	if plots {
		f, err := t.calibrationPlot()
		if err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, block{Figures: []figure{f}})
	}
	s.Blocks = append(s.Blocks, block{Table: tab, Fold: w.T("calibration.table")})
	return s, nil
}

func (t targetView) deciles(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "deciles", Nav: w.T("nav.deciles"), Heading: w.T("deciles.heading"), Intro: w.T("deciles.intro")}
	if plots && len(c.Deciles) > 0 {
		f, err := t.decilePlot()
		if err != nil {
			return s, err
		}
		figures := []figure{f}
		if len(c.Curves) > 0 {
			gains, err := t.gainsPlot()
			if err != nil {
				return s, err
			}
			figures = append(figures, gains)
		}
		s.Blocks = append(s.Blocks, block{Figures: figures})
	}
	tab := &table{Head: []string{w.T("deciles.decile"), w.T("deciles.rows"), w.T("deciles.positive"), w.T("calibration.expected"), w.T("deciles.rate"), w.T("deciles.lift"), w.T("deciles.captured")}}
	pct := func(x float64) string { return w.Pct(x, 1) }
	for _, d := range c.Deciles {
		predicted := text(noFigure)
		if len(c.Calibration) > 0 { // without probabilities it is a mean of scores
			predicted = text(pct(d.MeanScore))
		}
		tab.Rows = append(tab.Rows, []cell{
			text(w.Int(d.Decile)), text(w.Int(d.Rows)), text(w.Int(d.Positives)), predicted,
			{Main: pct(d.Rate.Value), Small: w.Range(d.Rate, pct)}, text(w.Num(d.Lift, 2)), text(pct(d.Captured)),
		})
	}
	s.Blocks = append(s.Blocks, block{Table: tab})
	return s, nil
}

func (t targetView) thresholds(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "thresholds", Nav: w.T("nav.threshold"), Heading: w.T("thresholds.heading"), Intro: w.T("thresholds.intro")}
	pct := func(x float64) string { return w.Pct(x, 1) }
	if len(c.Stages) > 0 {
		tab := &table{Head: []string{w.T("thresholds.stage"), w.T("thresholds.score"), w.T("thresholds.selected"), w.T("thresholds.share"), w.T("thresholds.col.prec"), w.T("thresholds.col.rec")}, Left: 1}
		for _, x := range c.Stages {
			tab.Rows = append(tab.Rows, []cell{
				text(x.Stage), text(w.Score(x.Score)), text(w.Int(x.Selected)), text(share(w, x.Selected, c.Holdout.Rows)),
				{Main: pct(x.Precision.Value), Small: w.Range(x.Precision, pct)}, {Main: pct(x.Recall.Value), Small: w.Range(x.Recall, pct)},
			})
		}
		s.Blocks = append(s.Blocks, block{Heading: w.T("thresholds.policy"), Table: tab})
	}
	if plots && len(c.Thresholds) > 0 {
		f, err := t.thresholdPlot()
		if err != nil {
			return s, err
		}
		figures := []figure{f}
		if len(c.Distribution) > 0 {
			d, err := t.distributionPlot()
			if err != nil {
				return s, err
			}
			figures = append(figures, d)
		}
		s.Blocks = append(s.Blocks, block{Figures: figures})
	}
	tab := &table{Head: []string{w.T("thresholds.score"), w.T("thresholds.selected"), w.T("thresholds.share"), w.T("thresholds.col.prec"), w.T("thresholds.col.rec")}}
	for _, x := range c.Thresholds {
		tab.Rows = append(tab.Rows, []cell{
			text(w.Score(x.Score)), text(w.Int(x.Selected)), text(share(w, x.Selected, c.Holdout.Rows)), text(pct(x.Precision)), text(pct(x.Recall)),
		})
	}
	if len(tab.Rows) > 0 {
		s.Blocks = append(s.Blocks, block{Table: tab, Fold: w.T("thresholds.table")})
	}
	return s, nil
}

// finite reports whether x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
