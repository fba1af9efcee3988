package report

import "math"

func (t targetView) accuracy(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "accuracy", Nav: w.T("nav.accuracy"), Heading: w.T("accuracy.heading"),
		Intro: w.T("accuracy.intro", w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives))}
	b := block{Table: t.metricTable(metricRows, true), Note: w.T("interval.caption")}
	if plots && len(c.Curves) > 0 && len(c.Scores) < 2 { // of several the curves stand in the comparison
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

// comparison is the section of rules, model and blend: their curves beside the paired tests.
func (t targetView) comparison(plots bool) (section, error) {
	w, c := t.words, t.card
	if len(c.Scores) < 2 {
		return section{}, nil // the recommendation says that there is nothing to compare
	}
	s := section{ID: "compare", Nav: w.T("nav.compare"), Heading: w.T("compare.heading"), Intro: w.T("compare.intro")}
	b := block{Table: t.pairedTests()}
	if plots {
		if len(c.Curves) > 0 {
			roc, err := t.rocPlot()
			if err != nil {
				return s, err
			}
			b.Figures = append(b.Figures, roc)
		}
		f, err := t.scorerPlot()
		if err != nil {
			return s, err
		}
		b.Figures = append(b.Figures, f)
	}
	s.Blocks = append(s.Blocks, b)
	if b, ok := t.blendBlock(); ok {
		s.Blocks = append(s.Blocks, b)
	}
	return s, nil
}

// pairedTests has a line a comparison; nil without any.
func (t targetView) pairedTests() *table {
	w := t.words
	if len(t.card.Comparisons) == 0 {
		return nil
	}
	tab := &table{Head: []string{w.T("compare.pair"), w.T("accuracy.metric"), w.T("compare.difference"), w.T("compare.p")}, Left: 2}
	for _, x := range t.card.Comparisons {
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
		signed := w.Difference(x.Difference, r.decimals)
		tab.Rows = append(tab.Rows, []cell{
			{Main: w.T("compare.minus", a, b), Small: verdict}, text(name),
			{Main: signed(x.Difference.Value), Small: w.Range(x.Difference, signed)}, text(w.P(x.P)),
		})
	}
	return tab
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
	tab := &table{Head: []string{w.T("deciles.decile"), w.T("deciles.of"), w.T("calibration.expected"), w.T("deciles.rate"), w.T("deciles.lift"), w.T("deciles.captured")}}
	pct := func(x float64) string { return w.Pct(x, 1) }
	for _, d := range c.Deciles {
		predicted := text(noFigure)
		if len(c.Calibration) > 0 { // without probabilities it is a mean of scores
			predicted = text(pct(d.MeanScore))
		}
		tab.Rows = append(tab.Rows, []cell{
			text(w.Int(d.Decile)), text(w.Int(d.Positives) + " / " + w.Int(d.Rows)), predicted,
			{Main: pct(d.Rate.Value), Small: w.Range(d.Rate, pct)}, text(w.Num(d.Lift, 2)), text(pct(d.Captured)),
		})
	}
	s.Blocks = append(s.Blocks, block{Table: tab})
	if top := t.metricTable(topRows, false); len(top.Rows) > 1 { // the one is in the table of accuracy
		s.Blocks = append(s.Blocks, block{Heading: w.T("top.heading"), Lead: w.T("top.intro"), Table: top, Note: w.T("interval.caption")})
	}
	return s, nil
}

// finite reports whether x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
