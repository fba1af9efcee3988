package report

import (
	"leadscore/model"
)

// metricRow says how one figure is written.
type metricRow struct {
	key      string
	of       func(model.Metrics) model.Estimate
	decimals int
	less     bool // less is better
	share    bool // written in percent
	later    bool // cards of older runs do not have it: see measured
}

// metricRows are the figures of accuracy.
var metricRows = []metricRow{
	{key: "auc", of: func(m model.Metrics) model.Estimate { return m.AUC }, decimals: 3},
	{key: "gini", of: func(m model.Metrics) model.Estimate { return m.Gini }, decimals: 3, later: true},
	{key: "pr_auc", of: func(m model.Metrics) model.Estimate { return m.PRAUC }, decimals: 3},
	{key: "log_loss", of: func(m model.Metrics) model.Estimate { return m.LogLoss }, decimals: 4, less: true},
	{key: "log_loss_skill", of: func(m model.Metrics) model.Estimate { return m.Skill }, decimals: 3},
	{key: "brier", of: func(m model.Metrics) model.Estimate { return m.Brier }, decimals: 4, less: true},
	{key: "ece", of: func(m model.Metrics) model.Estimate { return m.ECE }, decimals: 4, less: true},
	{key: "ks", of: func(m model.Metrics) model.Estimate { return m.KS }, decimals: 3},
	{key: "lift_at_10pct", of: func(m model.Metrics) model.Estimate { return m.Lift10 }, decimals: 2},
}

// calibrationRows are the figures of calibration.
var calibrationRows = []metricRow{
	{key: "ece", of: func(m model.Metrics) model.Estimate { return m.ECE }, decimals: 4, less: true},
	{key: "ece_corrected", of: func(m model.Metrics) model.Estimate { return m.ECECorrected }, decimals: 4, less: true, later: true},
	{key: "calibration_slope", of: func(m model.Metrics) model.Estimate { return m.Slope }, decimals: 2, later: true},
	{key: "calibration_intercept", of: func(m model.Metrics) model.Estimate { return m.Intercept }, decimals: 2, later: true},
}

// topRows are the figures of the best-scored leads.
var topRows = []metricRow{
	{key: "lift_at_1pct", of: func(m model.Metrics) model.Estimate { return m.Lift1 }, decimals: 2, later: true},
	{key: "lift_at_5pct", of: func(m model.Metrics) model.Estimate { return m.Lift5 }, decimals: 2, later: true},
	{key: "lift_at_10pct", of: func(m model.Metrics) model.Estimate { return m.Lift10 }, decimals: 2},
	{key: "lift_at_20pct", of: func(m model.Metrics) model.Estimate { return m.Lift20 }, decimals: 2, later: true},
	{key: "recall_at_1pct", of: func(m model.Metrics) model.Estimate { return m.Recall1 }, decimals: 1, share: true, later: true},
	{key: "recall_at_5pct", of: func(m model.Metrics) model.Estimate { return m.Recall5 }, decimals: 1, share: true, later: true},
	{key: "recall_at_10pct", of: func(m model.Metrics) model.Estimate { return m.Recall10 }, decimals: 1, share: true, later: true},
	{key: "recall_at_20pct", of: func(m model.Metrics) model.Estimate { return m.Recall20 }, decimals: 1, share: true, later: true},
}

// metric finds how a figure is written by its name in the card.
func metric(key string) (metricRow, bool) {
	for _, rows := range [][]metricRow{metricRows, calibrationRows, topRows} {
		for _, r := range rows {
			if r.key == key {
				return r, true
			}
		}
	}
	return metricRow{key: key, decimals: 4}, false
}

// measured reports whether a card has the figures that were added later. One that was read from an older file, or made
// without them, has zeros in all of them, which no rows give: the recall of all positives in a fifth may be 0, but not
// together with a Gini of exactly 0 and no slope.
func measured(m model.Metrics) bool {
	for _, r := range append(append([]metricRow(nil), calibrationRows...), append(topRows, metricRows...)...) {
		if r.later && r.of(m) != (model.Estimate{}) {
			return true
		}
	}
	return false
}

// figureOf is the estimate of a row and whether there is one.
func (r metricRow) figureOf(m model.Metrics) (model.Estimate, bool) {
	if r.later && !measured(m) {
		return model.Estimate{}, false
	}
	e := r.of(m)
	return e, finite(e.Value)
}

// number is how the row's figures are written.
func (r metricRow) number(w *words) func(float64) string {
	if r.share {
		return func(x float64) string { return w.Pct(x, r.decimals) }
	}
	return func(x float64) string { return w.Num(x, r.decimals) }
}

// cell writes a row's figure with its interval.
func (r metricRow) cell(m model.Metrics, w *words) cell {
	e, ok := r.figureOf(m)
	if !ok {
		return text(noFigure)
	}
	return cell{Main: r.number(w)(e.Value), Small: w.Range(e, r.number(w))}
}

// metricTable has a line a figure and a column a scorer; a figure that no scorer has, and a scorer that has none, are left out.
func (t targetView) metricTable(rows []metricRow, help bool) *table {
	w := t.words
	tab := &table{Head: []string{w.T("accuracy.metric")}, Left: 1}
	var names []string
	for _, name := range t.scorers() {
		for _, r := range rows {
			if _, ok := r.figureOf(t.card.Scores[name]); ok {
				names = append(names, name)
				tab.Head = append(tab.Head, w.known("scorer", name))
				break
			}
		}
	}
	for _, r := range rows {
		line := []cell{{Main: w.T("metric." + r.key)}}
		if help {
			line[0].Small = w.T("metric." + r.key + ".help")
		}
		any := false
		for _, name := range names {
			_, ok := r.figureOf(t.card.Scores[name])
			any = any || ok
			line = append(line, r.cell(t.card.Scores[name], w))
		}
		if any {
			tab.Rows = append(tab.Rows, line)
		}
	}
	return tab
}
