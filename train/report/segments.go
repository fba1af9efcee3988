package report

import (
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// Bounds on what is shown of segments; the rest is in metrics.json.
const (
	mostColumns  = 8  // of which the segments are shown
	mostSegments = 14 // of a column in its plot, those with the most rows
	mostWeak     = 12 // that are named
)

// weakSpots are the segments with something wrong beyond chance, the largest first.
func (t targetView) weakSpots() []model.Segment {
	var weak []model.Segment
	for _, s := range t.card.Segments {
		if s.Weak != "" {
			weak = append(weak, s)
		}
	}
	sort.SliceStable(weak, func(i, j int) bool { return weak[i].Rows > weak[j].Rows })
	return weak
}

// segmentName is the value of a segment as people read it.
func (w *words) segmentName(s model.Segment) string {
	switch {
	case s.Other:
		return w.T("segments.other")
	case s.Value == "":
		return w.T("level.missing")
	case s.Value == "true": // a boolean, whose effects have the levels yes and no
		return w.T("level.yes")
	case s.Value == "false":
		return w.T("level.no")
	}
	return s.Value
}

// weakSentence names the weak spots in one line; "" where no segments were measured.
func (t targetView) weakSentence() string {
	w := t.words
	if len(t.card.Segments) == 0 {
		return ""
	}
	weak := t.weakSpots()
	if len(weak) == 0 {
		return w.T("segments.noneweak", w.Int(len(t.card.Segments)))
	}
	const named = 3
	var names []string
	for _, s := range weak[:min(named, len(weak))] {
		names = append(names, w.T("segments.named", short(s.Column, labelRunes), short(w.segmentName(s), labelRunes), w.known("weak", s.Weak)))
	}
	if more := len(weak) - named; more > 0 {
		names = append(names, w.T("segments.more", w.Int(more)))
	}
	return w.T("segments.weak", strings.Join(names, "; "))
}

// segments is the section of the hold-out's parts: the weak spots by name, then a figure a column; it is empty where none were measured.
func (t targetView) segments(plots bool) (section, error) {
	w := t.words
	if len(t.card.Segments) == 0 {
		return section{}, nil
	}
	s := section{ID: "segments", Nav: w.T("nav.segments"), Heading: w.T("segments.heading"), Intro: w.T("segments.intro")}
	weak := block{Heading: w.T("segments.spots"), Note: w.T("segments.correction")}
	if spots := t.weakSpots(); len(spots) > 0 {
		weak.Table = t.segmentTable(spots, true)
	} else {
		weak.Lead = w.T("segments.noneweak", w.Int(len(t.card.Segments)))
	}
	s.Blocks = append(s.Blocks, weak)
	var columns []string
	of := map[string][]model.Segment{}
	for _, x := range t.card.Segments {
		if of[x.Column] == nil {
			columns = append(columns, x.Column)
		}
		of[x.Column] = append(of[x.Column], x)
	}
	note := ""
	if more := len(columns) - mostColumns; more > 0 {
		note = w.T("segments.columns", w.Int(more))
		columns = columns[:mostColumns]
	}
	if !plots {
		var all []model.Segment
		for _, column := range columns {
			all = append(all, of[column]...)
		}
		s.Blocks = append(s.Blocks, block{Table: t.segmentTable(all, true), Note: note})
		return s, nil
	}
	all := block{Heading: w.T("segments.each"), Lead: w.T("segments.each.intro"), Note: note}
	for _, column := range columns {
		f, err := t.segmentPlot(column, of[column])
		if err != nil {
			return s, err
		}
		all.Figures = append(all.Figures, f)
	}
	s.Blocks = append(s.Blocks, all)
	return s, nil
}

// segmentTable has a line a segment; weak ones are marked.
func (t targetView) segmentTable(segments []model.Segment, named bool) *table {
	w := t.words
	tab := &table{Left: 1}
	tab.Head = append(tab.Head, w.T("segments.segment"), w.T("calibration.rows"), w.T("calibration.expected"), w.T("calibration.observed"), w.T("metric.auc"))
	pct := func(x float64) string { return w.Pct(x, 1) }
	two := func(x float64) string { return w.Num(x, 2) }
	for _, s := range segments {
		name := cell{Main: w.segmentName(s)}
		var small []string
		if named {
			small = append(small, s.Column)
		}
		if s.Weak != "" {
			small = append(small, w.T("segments.what", w.known("weak", s.Weak)))
		}
		name.Small = strings.Join(small, " · ")
		tab.Rows = append(tab.Rows, []cell{name, text(w.Int(s.Rows)), text(pct(float64(s.Expected))),
			{Main: pct(s.Observed.Value), Small: w.Range(s.Observed, pct)}, {Main: two(s.AUC.Value), Small: w.Range(s.AUC, two)}})
	}
	tab.dropEmpty()
	return tab
}

// segmentPlot draws what came, with its interval, and what was expected of each segment of a column.
func (t targetView) segmentPlot(column string, segments []model.Segment) (figure, error) {
	w := t.words
	shown := slices.Clone(segments)
	sort.SliceStable(shown, func(i, j int) bool {
		if shown[i].Other != shown[j].Other {
			return shown[j].Other
		}
		return shown[i].Rows > shown[j].Rows
	})
	note := ""
	if len(shown) > mostSegments {
		shown = shown[:mostSegments]
		note = w.T("segments.cut", w.Int(mostSegments), w.Int(len(segments)))
	}
	end := 0.0
	for _, s := range shown {
		end = reach(end, s.Observed.Value, s.Observed.Upper, float64(s.Expected))
	}
	end = shareEnd(end)
	n := float64(len(shown))
	var labels []plot.Tick
	for i, s := range shown {
		labels = append(labels, plot.Tick{Value: float64(-i), Label: short(w.segmentName(s), labelRunes-6)})
	}
	p := newPlot(axis{w.T("segments.axis"), 0, end, percentTicks(w, 0, end), true}, axis{"", .4 - n, .6, labels, false})
	for i, s := range shown {
		y, colour := float64(-i), series[0]
		if s.Weak != "" {
			colour = series[1]
		}
		p.Add(flat(y, s.Observed.Lower, s.Observed.Upper, draw.LineStyle{Color: colour, Width: 2}), dot(s.Observed.Value, y, 3.5, colour),
			post(float64(s.Expected), y, 6.5, draw.LineStyle{Color: ink, Width: 2}))
	}
	legend := []swatch{{"s1 round", w.T("calibration.bin")}, {"ink post", w.T("deciles.expected")}}
	if slices.ContainsFunc(shown, func(s model.Segment) bool { return s.Weak != "" }) {
		legend = slices.Insert(legend, 1, swatch{"s2 round", w.T("segments.weakmark")})
	}
	f, err := newFigure(p, vg.Length(54+21*len(shown)), column, legend...)
	if err != nil {
		return f, err
	}
	f.Note, f.Table, f.Fold = note, t.segmentTable(segments, false), w.T("segments.table")
	return f, nil
}

// post draws a short upright line through a point, half its height in points.
func post(px, py float64, half vg.Length, style draw.LineStyle) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if finite(px) && finite(py) {
			c.StrokeLine2(style, x(px), y(py)-half, x(px), y(py)+half)
		}
	}
}
