package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// thresholds is the section of cut-offs and capacity: those of the policy and other ways to choose them, the curve over all,
// and what acting on the probability is worth.
func (t targetView) thresholds(plots bool) (section, error) {
	w, c := t.words, t.card
	s := section{ID: "thresholds", Nav: w.T("nav.threshold"), Heading: w.T("thresholds.heading"), Intro: w.T("thresholds.intro")}
	if b, ok := t.choiceBlock(); ok {
		s.Blocks = append(s.Blocks, b)
	} else if len(c.Stages) > 0 {
		s.Blocks = append(s.Blocks, block{Heading: w.T("thresholds.policy"), Table: t.stageTable()})
	}
	if plots && len(c.Thresholds) > 0 {
		f, err := t.thresholdPlot()
		if err != nil {
			return s, err
		}
		f.Table, f.Fold = t.thresholdTable(), w.T("thresholds.table")
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
	if tab := t.thresholdTable(); !plots && len(tab.Rows) > 0 {
		s.Blocks = append(s.Blocks, block{Table: tab, Fold: w.T("thresholds.table")})
	}
	b, ok, err := t.benefitBlock(plots)
	if err != nil {
		return s, err
	}
	if ok {
		s.Blocks = append(s.Blocks, b)
	}
	return s, nil
}

func (t targetView) stageTable() *table {
	w := t.words
	pct := func(x float64) string { return w.Pct(x, 1) }
	tab := &table{Head: []string{w.T("thresholds.stage"), w.T("thresholds.score"), w.T("thresholds.selected"), w.T("thresholds.col.prec"), w.T("thresholds.col.rec")}, Left: 1}
	for _, x := range t.card.Stages {
		tab.Rows = append(tab.Rows, []cell{
			text(t.stageName(x)), text(w.Score(x.Score)), t.selected(x.Selected),
			{Main: pct(x.Precision.Value), Small: w.Range(x.Precision, pct)}, {Main: pct(x.Recall.Value), Small: w.Range(x.Recall, pct)},
		})
	}
	return tab
}

// selected is a number of leads of the hold-out with its share.
func (t targetView) selected(n int) cell {
	return cell{Main: t.words.Int(n), Small: share(t.words, n, t.card.Holdout.Rows)}
}

func (t targetView) thresholdTable() *table {
	w := t.words
	pct := func(x float64) string { return w.Pct(x, 1) }
	tab := &table{Head: []string{w.T("thresholds.score"), w.T("thresholds.selected"), w.T("thresholds.share"), w.T("thresholds.col.prec"), w.T("thresholds.col.rec")}}
	for _, x := range t.card.Thresholds {
		tab.Rows = append(tab.Rows, []cell{
			text(w.Score(x.Score)), text(w.Int(x.Selected)), text(share(w, x.Selected, t.card.Holdout.Rows)), text(pct(x.Precision)), text(pct(x.Recall)),
		})
	}
	return tab
}

// choiceBlock sets the policy's cut-offs, first, beside those that other ways of choosing would give. A column without any
// figure, such as leads a day where there are no moments, is left out.
func (t targetView) choiceBlock() (b block, ok bool) {
	w, choices := t.words, t.card.Choices
	if len(choices) == 0 {
		return b, false
	}
	pct := func(x float64) string { return w.Pct(x, 1) }
	one := func(x float64) string { return w.Num(x, 1) }
	two := func(x float64) string { return w.Signed(x, 2) }
	tab := &table{Head: []string{w.T("cutoffs.by"), w.T("thresholds.score"), w.T("thresholds.selected"), w.T("cutoffs.volume"), w.T("thresholds.col.prec"),
		w.T("thresholds.col.rec"), w.T("cutoffs.benefit")}, Left: 1}
	figure := func(e model.Estimate, number func(float64) string) cell {
		if !finite(e.Value) {
			return text(noFigure)
		}
		return cell{Main: number(e.Value), Small: w.Range(e, number)}
	}
	unmet := false
	for i, x := range choices {
		way := cell{Main: w.known("cutoffs.way", x.By), Small: x.Asked}
		if !x.Met {
			unmet = true
			way.Main += " *"
		}
		score := w.Num(x.Score, 1)
		if x.Score > 100 {
			score = w.T("cutoffs.above")
		}
		// A stage's own cut-off comes first; what follows for it is an alternative.
		if x.Stage != "" && !slices.ContainsFunc(choices[:i], func(before model.Choice) bool { return before.Stage == x.Stage }) {
			way.Main = w.T("cutoffs.own", x.Stage, way.Main)
		}
		tab.Rows = append(tab.Rows, []cell{way, text(score), t.selected(x.Selected),
			figure(x.Volume, one), figure(x.Precision, pct), figure(x.Recall, pct), figure(x.Benefit, two)})
	}
	tab.dropEmpty()
	b = block{Heading: w.T("cutoffs.heading"), Lead: w.T("cutoffs.intro"), Table: tab}
	if x := choices[0]; x.Chosen > 0 && x.Out {
		b.Note = w.T("cutoffs.out", w.Int(x.Chosen))
	} else if x.Chosen > 0 {
		b.Note = w.T("cutoffs.chosen", w.Int(x.Chosen))
	}
	if unmet {
		b.Note = w.T("cutoffs.unmet") + " " + b.Note
	}
	return b, true
}

// leastBenefit is the share of the greatest net benefit below which the decision curve's right end is not worth showing.
const leastBenefit = .01

// benefitBlock draws the decision curve: what acting on each scorer's probability is worth beside acting on everyone and on no
// one. ok is false where no scorer has a figure.
func (t targetView) benefitBlock(plots bool) (b block, ok bool, err error) {
	w, curve := t.words, slices.Clone(t.card.Benefit)
	slices.SortStableFunc(curve, func(a, b model.NetBenefit) int { return sign(a.Threshold - b.Threshold) })
	var names []string
	most := 0.0
	for _, name := range t.scorers() {
		any := false
		for _, x := range curve {
			if v, has := x.Scorers[name]; has && finite(float64(v)) {
				any = true
				most = math.Max(most, float64(v))
			}
		}
		if any {
			names = append(names, name)
		}
	}
	if len(names) == 0 || len(curve) < 2 || most <= 0 {
		return b, false, nil
	}
	b = block{Heading: w.T("benefit.heading"), Lead: w.T("benefit.intro")}
	tab := t.benefitTable(curve, names)
	if !plots {
		b.Table, b.Fold = tab, w.T("benefit.table")
		return b, true, nil
	}
	right := curve[len(curve)-1].Threshold
	for _, x := range curve { // beyond, a handful of leads makes the curve jump
		if !slices.ContainsFunc(names, func(name string) bool { return float64(x.Scorers[name]) > leastBenefit*most }) {
			right = x.Threshold
			break
		}
	}
	for _, x := range curve {
		if x.Threshold <= right {
			most = reach(most, x.All)
		}
	}
	low, high := -.15*most, 1.06*most
	p := newPlot(axis{w.T("benefit.x"), 0, right, percentTicks(w, 0, right), true},
		axis{w.T("benefit.y"), low, high, ticks(0, high, func(x float64, decimals int) string { return w.Num(100*x, max(0, decimals-2)) }), true})
	all := make([][2]float64, len(curve))
	for i, x := range curve {
		all[i] = [2]float64{x.Threshold, x.All}
	}
	p.Add(line([][2]float64{{0, 0}, {right, 0}}, draw.LineStyle{Color: muted, Width: 1}), line(all, dashed(muted)))
	legend := t.addCurves(p, names, func(name string) (points [][2]float64) {
		for _, x := range curve {
			if v, has := x.Scorers[name]; has {
				points = append(points, [2]float64{x.Threshold, float64(v)})
			}
		}
		return points
	})
	f, err := newFigure(p, plotHeight, w.T("benefit.title"), append(legend, swatch{"muted dash", w.T("benefit.all")}, swatch{"muted", w.T("benefit.none")})...)
	if err != nil {
		return b, false, err
	}
	f.Table, f.Fold = tab, w.T("benefit.table")
	b.Figures = []figure{f}
	b.Aside = []string{w.T("benefit.read"), w.T("benefit.example")}
	return b, true, nil
}

// benefitTable has the decision curve's figures at about every fifth percent.
func (t targetView) benefitTable(curve []model.NetBenefit, names []string) *table {
	w := t.words
	tab := &table{Head: []string{w.T("benefit.x")}}
	for _, name := range names {
		tab.Head = append(tab.Head, w.known("scorer", name))
	}
	tab.Head = append(tab.Head, w.T("benefit.all"))
	step := max(1, len(curve)/20)
	for i := step - 1; i < len(curve); i += step {
		x := curve[i]
		row := []cell{text(w.Pct(x.Threshold, 0))}
		for _, name := range names {
			v, has := x.Scorers[name]
			if !has {
				v = model.Figure(math.NaN())
			}
			row = append(row, text(w.Signed(100*float64(v), 2)))
		}
		tab.Rows = append(tab.Rows, append(row, text(w.Signed(100*x.All, 2))))
	}
	return tab
}

// sign is -1, 0 or 1.
func sign(x float64) int {
	switch {
	case x < 0:
		return -1
	case x > 0:
		return 1
	}
	return 0
}
