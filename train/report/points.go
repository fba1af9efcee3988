package report

import "leadscore/model"

const (
	openPoints = 40   // rows of a points card that stands open; a longer one is folded
	mostPoints = 1500 // rows that are shown, of all targets together
)

// points is the section of the points card; it is empty where the card has none.
func (t targetView) points(bool) (section, error) {
	w, c := t.words, t.card.PointsCard
	if c == nil {
		return section{}, nil
	}
	s := section{ID: "points", Nav: w.T("nav.points"), Heading: w.T("points.heading"), Intro: w.T("points.intro", w.Int(c.Base), w.Score(c.PDO))}
	s.Blocks = append(s.Blocks, block{Note: t.roundingCost(c)})
	tab := &table{Head: []string{w.T("drivers.feature"), w.T("effects.level"), w.T("points.points"), w.T("drivers.rows"), w.T("points.rate")}, Left: 2}
	note := w.T("points.scale", w.Score(c.PDO), w.Num(c.Offset, 1))
	before := ""
	for i, r := range c.Rows {
		if i == mostPoints/t.of {
			note += " " + w.T("points.more", w.Int(len(c.Rows)-i))
			break
		}
		name := r.Feature
		if name == before {
			name = "" // a feature is named once
		}
		before = r.Feature
		rate := noFigure
		if r.Rows > 0 {
			rate = w.Pct(r.Rate, 1)
		}
		tab.Rows = append(tab.Rows, []cell{text(name), text(w.known("level", r.Level)), text(w.Signed(float64(r.Points), 0)), text(w.Int(r.Rows)), text(rate)})
	}
	b := block{Table: tab, Note: note}
	if len(c.Rows) > openPoints {
		b.Fold = w.T("points.table", w.Int(len(c.Rows)))
	}
	if len(tab.Rows) > 0 {
		s.Blocks = append(s.Blocks, b)
	}
	return s, nil
}

// roundingCost says what the rounding costs on the hold-out.
func (t targetView) roundingCost(c *model.PointsCard) string {
	w := t.words
	if c.Cost == nil {
		return w.T("points.unmeasured")
	}
	four := func(x float64) string { return w.Num(x, 4) }
	signed := func(x float64) string { return w.Signed(x, 4) }
	return w.T("points.cost", four(c.Cost.AUCRounded.Value), four(c.Cost.AUCModel.Value),
		signed(c.Cost.Difference.Value), w.Interval(c.Cost.Difference, signed),
		signed(c.Cost.LogLossDifference.Value), w.Interval(c.Cost.LogLossDifference, signed))
}
