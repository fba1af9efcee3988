package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// colourOf is the colour of a scorer, the same in every plot.
func (t targetView) colourOf(scorer string) (color.NRGBA, string) {
	for i, name := range t.scorers() {
		if name == scorer {
			k := i % len(series)
			return series[k], fmt.Sprintf("s%d", k+1)
		}
	}
	return muted, "muted"
}

// reach is the largest of the values that are numbers.
func reach(end float64, values ...float64) float64 {
	for _, x := range values {
		if finite(x) {
			end = math.Max(end, x)
		}
	}
	return end
}

func newFigure(p *plot.Plot, height vg.Length, title string, legend ...swatch) (figure, error) {
	svg, err := render(p, height, title)
	return figure{Title: title, SVG: svg, Legend: legend}, err
}

func (t targetView) calibrationPlot() (figure, error) {
	w := t.words
	end := 0.0
	for _, b := range t.card.Calibration {
		end = reach(end, b.Expected, b.Observed.Value, b.Observed.Upper)
	}
	end = shareEnd(end)
	tick := percentTicks(w, 0, end)
	p := newPlot(axis{w.T("calibration.x"), 0, end, tick, true}, axis{w.T("calibration.y"), 0, end, tick, true})
	p.Add(line([][2]float64{{0, 0}, {end, end}}, dashed(muted)))
	var points [][2]float64
	for _, b := range t.card.Calibration {
		points = append(points, [2]float64{b.Expected, b.Observed.Value})
	}
	p.Add(line(points, draw.LineStyle{Color: series[0], Width: 1}))
	for _, b := range t.card.Calibration {
		p.Add(upright(b.Expected, b.Observed.Lower, b.Observed.Upper, draw.LineStyle{Color: series[0], Width: 1.25}))
		p.Add(dot(b.Expected, b.Observed.Value, 3.5, series[0]))
	}
	return newFigure(p, plotHeight+30, w.T("calibration.title"),
		swatch{"s1", w.T("calibration.bin")}, swatch{"muted dash", w.T("calibration.ideal")})
}

// curvePlot draws a curve of each scorer over the unit square.
func (t targetView) curvePlot(title, xLabel, yLabel, diagonal string, x func(model.CurvePoint) float64) (figure, error) {
	w := t.words
	tick := percentTicks(w, 0, 1)
	p := newPlot(axis{xLabel, 0, 1, tick, true}, axis{yLabel, 0, 1, tick, true})
	p.Add(line([][2]float64{{0, 0}, {1, 1}}, dashed(muted)))
	legend := t.addCurves(p, t.scorers(), func(name string) (points [][2]float64) {
		for _, c := range t.card.Curves[name] {
			points = append(points, [2]float64{x(c), c.Recall})
		}
		return points
	})
	return newFigure(p, plotHeight+30, title, append(legend, swatch{"muted dash", diagonal})...)
}

// addCurves draws the curves of scorers and returns their legend; one without points has none. The first is drawn over the others, but for
// the blend, whose dashes lie over the model that it may follow so closely that neither would be seen without the other.
func (t targetView) addCurves(p *plot.Plot, names []string, points func(name string) [][2]float64) (legend []swatch) {
	var over []plot.Plotter
	for _, name := range slices.Backward(names) {
		curve := points(name)
		if len(curve) == 0 {
			continue
		}
		colour, class := t.colourOf(name)
		if name == "blend" {
			style := solid(colour)
			style.Dashes = []vg.Length{6, 6}
			over, class = append(over, line(curve, style)), class+" dash"
		} else {
			p.Add(line(curve, solid(colour)))
		}
		legend = append(legend, swatch{class, t.words.known("scorer", name)})
	}
	p.Add(over...)
	slices.Reverse(legend)
	return legend
}

func (t targetView) rocPlot() (figure, error) {
	w := t.words
	f, err := t.curvePlot(w.T("roc.title"), w.T("roc.x"), w.T("roc.y"), w.T("gains.random"), func(c model.CurvePoint) float64 { return c.FalseAlarms })
	f.Note = w.T("roc.note")
	return f, err
}

func (t targetView) gainsPlot() (figure, error) {
	w := t.words
	return t.curvePlot(w.T("gains.title"), w.T("gains.x"), w.T("gains.y"), w.T("gains.random"), func(c model.CurvePoint) float64 { return c.Share })
}

func (t targetView) decilePlot() (figure, error) {
	w, c := t.words, t.card
	probabilities := len(c.Calibration) > 0
	end, base, n := 0.0, 0.0, float64(len(c.Deciles))
	for _, d := range c.Deciles {
		end = reach(end, d.Rate.Value, d.Rate.Upper)
		if probabilities {
			end = reach(end, d.MeanScore)
		}
	}
	if c.Holdout.Rows > 0 {
		base = float64(c.Holdout.Positives) / float64(c.Holdout.Rows)
	}
	end = shareEnd(end)
	var names []plot.Tick
	for _, d := range c.Deciles {
		names = append(names, plot.Tick{Value: float64(d.Decile), Label: w.Int(d.Decile)})
	}
	p := newPlot(axis{w.T("deciles.x"), .4, n + .6, names, false}, axis{w.T("deciles.y"), 0, end, percentTicks(w, 0, end), true})
	for _, d := range c.Deciles {
		p.Add(bar(float64(d.Decile)-.36, 0, float64(d.Decile)+.36, d.Rate.Value, softFirst))
	}
	p.Add(line([][2]float64{{.4, base}, {n + .6, base}}, dashed(muted)))
	for _, d := range c.Deciles {
		p.Add(upright(float64(d.Decile), d.Rate.Lower, d.Rate.Upper, draw.LineStyle{Color: series[0], Width: 1.25}))
		if probabilities {
			p.Add(dot(float64(d.Decile), d.MeanScore, 3.5, series[1]))
		}
	}
	legend := []swatch{{"s1 block soft", w.T("deciles.observed")}}
	if probabilities {
		legend = append(legend, swatch{"s2 round", w.T("deciles.expected")})
	}
	return newFigure(p, plotHeight+30, w.T("deciles.title"), append(legend, swatch{"muted dash", w.T("deciles.base")})...)
}

func (t targetView) thresholdPlot() (figure, error) {
	w, c := t.words, t.card
	low, high := c.Thresholds[0].Score, c.Thresholds[len(c.Thresholds)-1].Score
	if low >= 0 && high <= 100 {
		low, high = 0, 100
	}
	if low == high {
		high = low + 1
	}
	p := newPlot(axis{w.T("thresholds.x"), low, high, numberTicks(w, low, high), true},
		axis{w.T("thresholds.y"), 0, 1, percentTicks(w, 0, 1), true})
	var precision, recall [][2]float64
	for _, x := range c.Thresholds {
		precision = append(precision, [2]float64{x.Score, x.Precision})
		recall = append(recall, [2]float64{x.Score, x.Recall})
	}
	legend := []swatch{{"s1", w.T("thresholds.precision")}, {"s2", w.T("thresholds.recall")}}
	p.Add(t.stageLines()...)
	p.Add(line(precision, solid(series[0])), line(recall, solid(series[1])))
	return newFigure(p, plotHeight, w.T("thresholds.title"), append(legend, t.stageLegend()...)...)
}

// stageLines are upright lines at the policy's cut-offs.
func (t targetView) stageLines() []plot.Plotter {
	var out []plot.Plotter
	for _, s := range t.card.Stages {
		if finite(s.Score) && s.Target == "" { // another score has no place on this axis
			out = append(out, mark(func(c draw.Canvas, x, _ func(float64) vg.Length) {
				if at := x(s.Score); c.ContainsX(at) {
					c.StrokeLine2(dashed(ink), at, c.Min.Y, at, c.Max.Y)
				}
			}))
		}
	}
	return out
}

func (t targetView) stageLegend() []swatch {
	text := ""
	for i, s := range t.card.Stages {
		if i > 0 {
			text += ", "
		}
		text += t.stageName(s) + " " + t.words.Score(s.Score)
	}
	if text == "" {
		return nil
	}
	return []swatch{{"ink dash", text}}
}

func (t targetView) distributionPlot() (figure, error) {
	w, bins := t.words, t.card.Distribution
	most := 0
	for _, b := range bins {
		most = max(most, b.Positives+b.Negatives)
	}
	low, high, end := bins[0].From, bins[len(bins)-1].To, upTo(float64(most))
	p := newPlot(axis{w.T("distribution.x"), low, high, numberTicks(w, low, high), false},
		axis{w.T("distribution.y"), 0, end, ticks(0, end, func(x float64, _ int) string { return w.Int(int(math.Round(x))) }), true})
	for _, b := range bins {
		gap := (b.To - b.From) * .06
		p.Add(bar(b.From+gap, 0, b.To-gap, float64(b.Positives), series[0]),
			bar(b.From+gap, float64(b.Positives), b.To-gap, float64(b.Positives+b.Negatives), softMuted))
	}
	p.Add(t.stageLines()...)
	return newFigure(p, plotHeight, w.T("distribution.title"), append([]swatch{
		{"s1 block", w.T("distribution.pos")}, {"muted block soft", w.T("distribution.neg")}}, t.stageLegend()...)...)
}

func (t targetView) scorerPlot() (figure, error) {
	w, names := t.words, t.scorers()
	low, high := math.Inf(1), math.Inf(-1)
	for _, name := range names {
		e := t.card.Scores[name].AUC
		for _, x := range []float64{e.Value, e.Lower, e.Upper} {
			if finite(x) {
				low, high = math.Min(low, x), math.Max(high, x)
			}
		}
	}
	if low > high {
		low, high = 0, 1
	}
	// Some room on both sides, to whole twentieths.
	low, high = math.Max(0, math.Floor(20*low-.2)/20), math.Min(1, math.Ceil(20*high+.2)/20)
	var labels []plot.Tick
	for i, name := range names {
		labels = append(labels, plot.Tick{Value: float64(-i), Label: short(w.known("scorer", name), labelRunes)})
	}
	p := newPlot(axis{w.T("compare.axis"), low, high, numberTicks(w, low, high), true},
		axis{"", .6 - float64(len(names)), .6, labels, false})
	for i, name := range names {
		e := t.card.Scores[name].AUC
		colour, _ := t.colourOf(name)
		p.Add(flat(float64(-i), e.Lower, e.Upper, draw.LineStyle{Color: colour, Width: 3}), dot(e.Value, float64(-i), 5, colour))
	}
	return newFigure(p, vg.Length(54+34*len(names)), w.T("compare.title"))
}
