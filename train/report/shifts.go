package report

import (
	"html/template"
	"slices"
	"strings"

	"gonum.org/v1/plot"

	"leadscore/model"
)

// Bounds on what is shown of drift; the rest is in metrics.json.
const (
	openShifts = 12  // features with bars of their own
	mostShifts = 200 // features in the folded table
	mostBins   = 24  // of a small picture
	mostNew    = 4   // new levels that are named
)

// driftSentence says in one line whether the test period is like training; "" where it was not measured.
func (t targetView) driftSentence() string {
	w, d := t.words, t.card.Drift
	if d == nil {
		return ""
	}
	sentence := w.T("shifts.only." + t.period())
	if finite(float64(d.Score.PSI)) && d.Score.Rank != "" {
		sentence = w.T("shifts.score."+t.period(), w.Num(float64(d.Score.PSI), 2), w.known("rank", d.Score.Rank))
	}
	const named = 3
	var moved []string
	more := 0
	for _, f := range d.Features {
		if f.Calendar || f.Rank != "moved" && f.Rank != "shifted" {
			continue
		}
		if len(moved) == named {
			more++
			continue
		}
		moved = append(moved, w.T("shifts.named", short(f.Feature, labelRunes), w.Num(float64(f.PSI), 2)))
	}
	switch {
	case len(moved) == 0:
		return sentence + " " + w.T("shifts.none", w.Int(len(d.Features)))
	case more > 0:
		moved = append(moved, w.T("segments.more", w.Int(more)))
	}
	return sentence + " " + w.T("shifts.moved", strings.Join(moved, ", "))
}

// period is what the hold-out is: a period of its own, another file, or a part of all leads.
func (t targetView) period() string {
	if s := t.card.Split; s == "time" || s == "file" {
		return s
	}
	return "other"
}

// drift is the section that compares the test period with training; it is empty where that was not measured.
func (t targetView) drift(plots bool) (section, error) {
	w, d := t.words, t.card.Drift
	if d == nil {
		return section{}, nil
	}
	s := section{ID: "drift", Nav: w.T("nav.drift"), Heading: w.T("shifts.heading"),
		Intro: w.T("shifts.intro", w.Int(d.Rows), w.Int(d.Reference))}
	score := block{Lead: t.driftSentence(), Table: t.driftFacts()}
	if plots && len(d.Score.Bins) > 1 {
		f, err := t.shiftPlot(w.T("shifts.title"), d.Score)
		if err != nil {
			return s, err
		}
		score.Figures = []figure{f}
	}
	s.Blocks = append(s.Blocks, score)
	if len(d.Features) == 0 {
		return s, nil
	}
	n := min(openShifts, len(d.Features))
	open, err := t.shiftTable(d.Features[:n], plots)
	if err != nil {
		return s, err
	}
	b := block{Heading: w.T("shifts.each"), Lead: w.T("shifts.each.intro"), Table: open, Note: w.T("shifts.note")}
	if slices.ContainsFunc(d.Features, func(f model.FeatureShift) bool { return f.Calendar }) {
		b.Note += " " + w.T("shifts.calendar.note")
	}
	if plots {
		b.Legend = []swatch{{"muted block soft", w.T("shifts.old")}, {"s1 block", w.T("shifts.new")}}
	}
	s.Blocks = append(s.Blocks, b)
	if rest := d.Features[n:]; len(rest) > 0 {
		b := block{Fold: w.T("shifts.rest", w.Int(len(rest)))}
		if more := len(rest) - mostShifts; more > 0 {
			rest, b.Note = rest[:mostShifts], w.T("data.morefinding", w.Int(more))
		}
		if b.Table, err = t.shiftTable(rest, false); err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, b)
	}
	return s, nil
}

// driftFacts sets the score of the test period beside that of training; nil without figures.
func (t targetView) driftFacts() *table {
	w, d := t.words, t.card.Drift
	tab := &table{Head: []string{w.T("accuracy.metric"), w.T("data.train"), w.T("data.holdout")}, Left: 1}
	add := func(key string, old, new model.Figure, number func(float64) string) {
		if finite(float64(old)) && finite(float64(new)) && (old != 0 || new != 0) {
			tab.Rows = append(tab.Rows, []cell{{Main: w.T(key), Small: w.T(key + ".help")}, text(number(float64(old))), text(number(float64(new)))})
		}
	}
	add("shifts.mean", d.MeanTrained, d.MeanScore, func(x float64) string { return w.Pct(x, 1) })
	add("shifts.auc", d.Training, d.ExpectedAUC, func(x float64) string { return w.Num(x, 3) })
	if len(tab.Rows) == 0 {
		return nil
	}
	return tab
}

// shiftTable has a line a feature; its picture is of the shares of its bins, as bars in HTML and as blocks in text.
func (t targetView) shiftTable(features []model.FeatureShift, plots bool) (*table, error) {
	w := t.words
	tab := &table{Head: []string{w.T("drivers.feature"), w.T("shifts.psi"), w.T("shifts.picture"), w.T("shifts.missing")}, Left: 1}
	for _, f := range features {
		name := cell{Main: f.Feature}
		if len(f.NewLevels) > 0 {
			levels := make([]string, 0, mostNew)
			for _, l := range f.NewLevels[:min(mostNew, len(f.NewLevels))] {
				levels = append(levels, short(l, labelRunes))
			}
			if len(f.NewLevels) > mostNew {
				levels = append(levels, "…")
			}
			name.Small = w.T("shifts.levels", w.share(f.Unknown), strings.Join(levels, ", "))
		}
		picture := text("")
		if len(f.Bins) > 1 {
			picture = cell{Main: pictureOf(f.Bins)}
			if plots {
				svg, err := smallBars(f.Bins, w.T("shifts.picture.of", f.Feature))
				if err != nil {
					return nil, err
				}
				picture = cell{SVG: svg}
			}
		}
		missing := text(noFigure)
		if f.MissingOld > 0 || f.MissingNew > 0 {
			missing = text(w.T("shifts.from", w.share(f.MissingOld), w.share(f.MissingNew)))
		}
		psi := text(w.Num(float64(f.PSI), 2))
		switch { // the few words show where to look
		case f.Calendar:
			psi.Small = w.T("shifts.calendar")
		case f.Rank != "stable" && f.Rank != "":
			psi.Small = w.known("rank", f.Rank)
		}
		tab.Rows = append(tab.Rows, []cell{name, psi, picture, missing})
	}
	tab.dropEmpty()
	return tab, nil
}

// pictureOf writes the shares as blocks: training, an arrow, the new rows.
func pictureOf(bins []model.ShiftBin) string {
	var old, now []float64
	top := 0.0
	for _, b := range bins[:min(mostBins, len(bins))] {
		old, now = append(old, b.Old), append(now, b.New)
		top = reach(top, b.Old, b.New)
	}
	return sparks(old, top) + " → " + sparks(now, top)
}

// smallBars draws the bins of a shift in a line of a table: training as broad pale bars, the new rows as narrow ones in them.
func smallBars(bins []model.ShiftBin, label string) (template.HTML, error) {
	const width, height = 132, 30
	bins = bins[:min(mostBins, len(bins))]
	top := 0.0
	for _, b := range bins {
		top = reach(top, b.Old, b.New)
	}
	if top == 0 {
		top = 1
	}
	p := plot.New()
	p.BackgroundColor = nil
	p.HideAxes()
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -.5, float64(max(len(bins), 6))-.5, 0, top
	for i, b := range bins {
		at := float64(i)
		p.Add(bar(at-.44, 0, at+.44, b.Old, softMuted), bar(at-.2, 0, at+.2, b.New, series[0]))
	}
	svg, err := renderAt(p, width, height, 0, label)
	return template.HTML(strings.Replace(string(svg), "<svg ", `<svg class="small" `, 1)), err
}

// shiftPlot draws the shares of a shift's bins, training beside new.
func (t targetView) shiftPlot(title string, s model.Shift) (figure, error) {
	w := t.words
	end := 0.0
	names := make([]string, len(s.Bins))
	for i, b := range s.Bins {
		end = reach(end, b.Old, b.New)
		names[i] = b.Name
	}
	end = upTo(end)
	n := float64(len(s.Bins))
	p := newPlot(axis{w.T("shifts.x"), -.6, n - .4, fitTicks(binTicks(w, names), nil, n), false},
		axis{w.T("shifts.y"), 0, end, percentTicks(w, 0, end), true})
	for i, b := range s.Bins {
		at := float64(i)
		p.Add(bar(at-.42, 0, at-.02, b.Old, softMuted), bar(at+.02, 0, at+.42, b.New, series[0]))
	}
	f, err := newFigure(p, plotHeight-20, title, swatch{"muted block soft", w.T("shifts.old")}, swatch{"s1 block", w.T("shifts.new")})
	if err != nil {
		return f, err
	}
	tab := &table{Head: []string{w.T("shifts.bin"), w.T("data.train"), w.T("data.holdout")}, Left: 1}
	for _, b := range s.Bins {
		tab.Rows = append(tab.Rows, []cell{text(b.Name), text(w.Pct(b.Old, 1)), text(w.Pct(b.New, 1))})
	}
	f.Table, f.Fold = tab, w.T("shifts.table")
	return f, nil
}
