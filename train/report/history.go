package report

import (
	"strings"

	"leadscore/model"
)

// accountBlock tells where each row of the file went for a target; ok is false where all of them train or test.
func (t targetView) accountBlock() (b block, ok bool) {
	w := t.words
	if !t.leftOut() {
		return b, false
	}
	b = block{Heading: t.heading(w.T("account.heading")), Lead: w.T("account.intro"), Table: &table{Head: []string{w.T("account.line"), w.T("data.count")}, Left: 1}}
	for _, c := range t.card.Account {
		b.Table.Rows = append(b.Table.Rows, []cell{text(w.known("account", c.What)), text(w.Int(c.Rows))})
	}
	return b, true
}

// leftOut reports whether any row of the account is neither in training nor in the hold-out.
func (t targetView) leftOut() bool {
	for _, c := range t.card.Account {
		switch c.What {
		case model.CountRead, model.CountTrain, model.CountHoldout:
		default:
			return true
		}
	}
	return false
}

// accountLine is the account in one line; "" where every row trains or tests.
func (t targetView) accountLine() string {
	w := t.words
	if !t.leftOut() {
		return ""
	}
	var in, out []string
	for _, c := range t.card.Account {
		what := c.What
		if t.card.Split == "file" { // of evaluate: nothing trains, and what is measured was not held out
			if what == model.CountTrain {
				continue
			}
			if what == model.CountHoldout {
				what = "measured"
			}
		}
		part := w.T("account.part", w.Int(c.Rows), w.known("account", what))
		if c.What == model.CountRead || c.What == model.CountRepeated || c.What == model.CountLogged {
			in = append(in, part)
		} else {
			out = append(out, part)
		}
	}
	return w.T("terminal.account", strings.Join(in, " + "), strings.Join(out, ", "))
}

// besideLine is the figures of the other split in one line; "" without them.
func (t targetView) besideLine() string {
	b := t.card.Beside
	if b == nil {
		return ""
	}
	w, m := t.words, b.Scores["model"]
	three := func(x float64) string { return w.Num(x, 3) }
	return w.T("terminal.beside", w.known("split", b.Split), three(m.AUC.Value), w.Interval(m.AUC, three), three(m.LogLoss.Value), w.Interval(m.LogLoss, three),
		w.Int(b.Holdout.Rows))
}

// besideBlock sets the figures of both splits side by side.
func (t targetView) besideBlock() (out block, ok bool) {
	b, w := t.card.Beside, t.words
	if b == nil {
		return out, false
	}
	out = block{Heading: w.T("beside.heading"), Lead: w.T("beside.intro"), Note: w.T("interval.caption")}
	out.Table = &table{Head: []string{w.T("accuracy.metric"), w.known("split", t.card.Split), w.known("split", b.Split)}, Left: 1}
	out.Table.Rows = append(out.Table.Rows,
		[]cell{text(w.T("data.train")), text(w.Int(t.card.Train.Rows)), text(w.Int(b.Train.Rows))},
		[]cell{text(w.T("data.holdout")), text(w.Int(t.card.Holdout.Rows)), text(w.Int(b.Holdout.Rows))},
		[]cell{text(w.T("data.positives")), text(w.Int(t.card.Holdout.Positives)), text(w.Int(b.Holdout.Positives))})
	out.Table.addMetrics(w, t.card.Scores["model"], b.Scores["model"])
	return out, true
}

// chainSentence says which way to a later target is better on the hold-out, by its log loss; "" where no other way
// was tried.
func (t targetView) chainSentence() string {
	c, w := t.card.Chain, t.words
	if c == nil {
		return ""
	}
	var loss, auc model.Comparison
	loss.P = 1
	for _, x := range c.Comparisons {
		switch x.Metric {
		case "log_loss":
			loss = x
		case "auc":
			auc = x
		}
	}
	four := func(x float64) string { return w.Signed(x, 4) }
	three := func(x float64) string { return w.Signed(x, 3) }
	return w.T("chain."+outcome(loss, true), t.name, c.Given, t.name, c.Given,
		four(loss.Difference.Value), w.Interval(loss.Difference, four), three(auc.Difference.Value), w.Interval(auc.Difference, three)) +
		" " + w.T("chain.used."+c.Used)
}

// chainBlock sets the figures of both ways side by side.
func (t targetView) chainBlock() (b block, ok bool) {
	c, w := t.card.Chain, t.words
	if c == nil {
		return b, false
	}
	b = block{Heading: w.T("chain.heading"), Lead: t.chainSentence()}
	b.Table = &table{Head: []string{w.T("accuracy.metric"), w.T("chain.direct"), w.T("chain.chained", c.Given, t.name, c.Given)}, Left: 1}
	b.Table.addMetrics(w, c.Scores[model.WayDirect], c.Scores[model.WayChained])
	return b, true
}

// addMetrics adds a line a figure of accuracy with a column for each of some metrics; what none of them has is left out.
func (t *table) addMetrics(w *words, all ...model.Metrics) {
	for _, r := range metricRows {
		row, any := []cell{text(w.T("metric." + r.key))}, false
		for _, m := range all {
			_, ok := r.figureOf(m)
			any = any || ok
			row = append(row, r.cell(m, w))
		}
		if any {
			t.Rows = append(t.Rows, row)
		}
	}
}
