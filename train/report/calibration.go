package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// calibration is the section on whether the probabilities are right: the reliability diagram with the figures beside it, and
// the months of the hold-out.
func (t targetView) calibration(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "calibration", Nav: w.T("nav.calibrate"), Heading: w.T("calibration.heading"), Intro: w.T("calibration.intro")}
	if len(c.Calibration) == 0 {
		s.Intro = w.T("calibration.none")
		return s, nil
	}
	figures := block{Lead: t.slopeSentence()}
	if tab := t.calibrationFigures(); tab != nil {
		figures.Table, figures.Note = tab, w.T("calibration.note")
	}
	if plots {
		f, err := t.calibrationPlot()
		if err != nil {
			return s, err
		}
		f.Table, f.Fold = t.calibrationTable(), w.T("calibration.table")
		figures.Figures = []figure{f}
	}
	s.Blocks = append(s.Blocks, figures)
	if !plots {
		s.Blocks = append(s.Blocks, block{Table: t.calibrationTable(), Fold: w.T("calibration.table")})
	}
	months, err := t.calibrationByMonth(plots)
	if err != nil {
		return s, err
	}
	s.Blocks = append(s.Blocks, months...)
	return s, nil
}

func (t targetView) calibrationTable() *table {
	w := t.words
	tab := &table{Head: []string{w.T("calibration.expected"), w.T("calibration.observed"), w.T("calibration.rows")}}
	pct := func(x float64) string { return w.Pct(x, 1) }
	for _, b := range t.card.Calibration {
		tab.Rows = append(tab.Rows, []cell{text(pct(b.Expected)), {Main: pct(b.Observed.Value), Small: w.Range(b.Observed, pct)}, text(w.Int(b.Rows))})
	}
	return tab
}

// slopeSentence reads slope and intercept of the main scorer: what their intervals exclude is told, nothing else. "" without them.
func (t targetView) slopeSentence() string {
	w := t.words
	m, ok := t.main()
	if !ok || !measured(m) || !finite(m.Slope.Value) {
		return ""
	}
	key := "slope.right"
	switch {
	case m.Slope.Upper < 1:
		key = "slope.sure"
	case m.Slope.Lower > 1:
		key = "slope.shy"
	}
	sentence := w.T(key)
	switch {
	case m.Intercept.Upper < 0:
		sentence += " " + w.T("slope.high")
	case m.Intercept.Lower > 0:
		sentence += " " + w.T("slope.low")
	case finite(m.Intercept.Value):
		sentence += " " + w.T("slope.level")
	}
	return sentence
}

// brierRows are the parts of the Brier score.
var brierRows = []struct {
	key string
	of  func(model.BrierParts) model.Figure
}{
	{"brier.reliability", func(p model.BrierParts) model.Figure { return p.Reliability }},
	{"brier.resolution", func(p model.BrierParts) model.Figure { return p.Resolution }},
	{"brier.uncertainty", func(p model.BrierParts) model.Figure { return p.Uncertainty }},
	{"brier.within", func(p model.BrierParts) model.Figure { return p.Within }},
}

// calibrationFigures are the figures of the scorers that have probabilities; nil without any.
func (t targetView) calibrationFigures() *table {
	w := t.words
	tab := t.metricTable(calibrationRows, true)
	for _, r := range brierRows {
		row, any := []cell{{Main: w.T(r.key), Small: w.T(r.key + ".help")}}, false
		for _, name := range t.scorers() {
			m := t.card.Scores[name]
			if !slices.ContainsFunc(calibrationRows, func(r metricRow) bool { _, ok := r.figureOf(m); return ok }) {
				continue // it has no column
			}
			x := math.NaN()
			if m.BrierParts.Uncertainty > 0 { // 0 on a card of an older run
				x = float64(r.of(m.BrierParts))
			}
			any = any || finite(x)
			row = append(row, text(w.Num(x, 4)))
		}
		if any {
			tab.Rows = append(tab.Rows, row)
		}
	}
	if len(tab.Rows) == 0 {
		return nil
	}
	return tab
}

// calibrationByMonth sets what was expected of each month of the hold-out against what came; nothing where there are not two.
func (t targetView) calibrationByMonth(plots bool) ([]block, error) {
	w := t.words
	months := newCalendar(t.card.Months)
	months.keep(func(m model.Month) bool { return m.Part != "train" && finite(float64(m.Expected)) })
	if len(months.at) < 2 {
		return nil, nil
	}
	tab := &table{Head: []string{w.T("months.month"), w.T("calibration.rows"), w.T("calibration.expected"), w.T("calibration.observed"), w.T("metric.auc")}, Left: 1}
	pct := func(x float64) string { return w.Pct(x, 1) }
	two := func(x float64) string { return w.Num(x, 2) }
	for _, m := range months.at {
		tab.Rows = append(tab.Rows, []cell{text(w.month(m.month)), text(w.Int(m.Rows)), text(pct(float64(m.Expected))),
			{Main: pct(m.Observed.Value), Small: w.Range(m.Observed, pct)}, {Main: two(m.AUC.Value), Small: w.Range(m.AUC, two)}})
	}
	tab.dropEmpty()
	b := block{Heading: w.T("months.calibration"), Lead: w.T("months.calibration.intro"), Table: tab}
	if plots {
		end := months.end(func(m model.Month) float64 { return float64(m.Expected) })
		p := newPlot(months.axis(w), axis{w.T("calibration.y"), 0, end, percentTicks(w, 0, end), true})
		var expected [][2]float64
		for _, m := range months.at {
			p.Add(upright(m.place, m.Observed.Lower, min(m.Observed.Upper, end), draw.LineStyle{Color: series[0], Width: 1.25}), dot(m.place, m.Observed.Value, 3.5, series[0]))
			expected = append(expected, [2]float64{m.place, float64(m.Expected)})
		}
		p.Add(line(expected, draw.LineStyle{Color: series[1], Width: 1.25}))
		for _, x := range expected {
			p.Add(dot(x[0], x[1], 2.5, series[1]))
		}
		f, err := newFigure(p, plotHeight, w.T("months.calibration.title"), swatch{"s1 round", w.T("calibration.bin")}, swatch{"s2", w.T("deciles.expected")})
		if err != nil {
			return nil, err
		}
		b.Figures = []figure{f}
	}
	return []block{b}, nil
}

// dropEmpty removes columns of numbers in which no row has a figure.
func (t *table) dropEmpty() {
	for j := len(t.Head) - 1; j >= t.Left; j-- {
		if slices.ContainsFunc(t.Rows, func(row []cell) bool { return row[j].Main != noFigure && row[j].Main != "" || row[j].SVG != "" }) {
			continue
		}
		t.Head = slices.Delete(t.Head, j, j+1)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], j, j+1)
		}
	}
}
