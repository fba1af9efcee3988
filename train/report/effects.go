package report

import (
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// farthest is the largest |log-odds| that the plot of effects shows: an odds ratio of 1000. What lies
// beyond, as under separation, ends at the edge.
var farthest = math.Log(1000)

// oddsLadders are the odds ratios that are ticks, by how far the plot must reach.
var oddsLadders = [][]float64{
	{.5, .67, .8, 1, 1.25, 1.5, 2},
	{.125, .25, .5, 1, 2, 4, 8},
	{1. / 64, 1. / 16, .25, 1, 4, 16, 64},
	{.01, .1, 1, 10, 100},
	{.001, 1. / 30, 1, 30, 1000},
}

// effectPlot draws the strongest effects as odds ratios on a logarithmic axis, with intervals.
func (t targetView) effectPlot(coefficients []model.Coefficient) (figure, error) {
	w := t.words
	type effect struct{ at, low, high float64 }
	var effects []effect
	var labels []plot.Tick
	reach := 0.0
	within := func(x float64) float64 { return math.Max(-farthest, math.Min(farthest, x)) }
	for _, c := range coefficients {
		if len(effects) == plottedEffects {
			break
		}
		if !finite(c.Estimate) {
			continue
		}
		e := effect{within(c.Estimate), nanLog(c.Odds.Lower), nanLog(c.Odds.Upper)}
		if math.IsNaN(e.low) || math.IsNaN(e.high) {
			e.low, e.high = e.at, e.at
		}
		e.low, e.high = within(e.low), within(e.high)
		reach = math.Max(reach, math.Max(-e.low, e.high))
		labels = append(labels, plot.Tick{Value: -float64(len(effects)), Label: w.term(c)})
		effects = append(effects, e)
	}
	ladder := oddsLadders[len(oddsLadders)-1]
	for _, l := range oddsLadders {
		if reach <= math.Log(l[len(l)-1]) {
			ladder = l
			break
		}
	}
	end := math.Log(ladder[len(ladder)-1]) * 1.02
	var odds []plot.Tick
	for _, x := range ladder {
		odds = append(odds, plot.Tick{Value: math.Log(x), Label: oddsLabel(w, x)})
	}
	n := float64(len(effects))
	p := newPlot(axis{w.T("drivers.axis"), -end, end, odds, true}, axis{"", .4 - n, .6, labels, false})
	p.Add(line([][2]float64{{0, .4 - n}, {0, .6}}, draw.LineStyle{Color: muted, Width: 1}))
	for i, e := range effects {
		colour := series[0]
		if e.at < 0 {
			colour = series[1]
		}
		y := -float64(i)
		p.Add(flat(y, e.low, e.high, draw.LineStyle{Color: colour, Width: 2}), dot(e.at, y, 3.75, colour))
	}
	return newFigure(p, vg.Length(54+21*len(effects)), w.T("drivers.title"),
		swatch{"s1 round", w.T("drivers.up")}, swatch{"s2 round", w.T("drivers.down")})
}

// importancePlot draws how much each effect of an additive model moves the score; ok is false without effects.
func (t targetView) importancePlot() (f figure, ok bool, err error) {
	w := t.words
	shapes := slices.Clone(t.card.Shapes)
	shapes = slices.DeleteFunc(shapes, func(s model.Shape) bool { return !(s.Importance >= leastVisible) || math.IsInf(s.Importance, 0) })
	sort.SliceStable(shapes, func(i, j int) bool { return shapes[i].Importance > shapes[j].Importance })
	shapes = shapes[:min(plottedEffects, len(shapes))]
	if len(shapes) == 0 {
		return f, false, nil
	}
	var labels []plot.Tick
	for i, s := range shapes {
		labels = append(labels, plot.Tick{Value: float64(-i), Label: short(s.Feature, labelRunes)})
	}
	n, end := float64(len(shapes)), upTo(shapes[0].Importance)
	p := newPlot(axis{w.T("importance.axis"), 0, end, numberTicks(w, 0, end), true}, axis{"", .4 - n, .6, labels, false})
	for i, s := range shapes {
		fill := softFirst
		if len(s.Sides) > 0 {
			fill = softMuted
		}
		p.Add(bar(0, float64(-i)-.32, s.Importance, float64(-i)+.32, fill))
	}
	legend := []swatch{{"s1 block soft", w.T("importance.one")}}
	if slices.ContainsFunc(shapes, func(s model.Shape) bool { return len(s.Sides) > 0 }) {
		legend = append(legend, swatch{"muted block soft", w.T("importance.pair")})
	}
	f, err = newFigure(p, vg.Length(54+21*len(shapes)), w.T("importance.title"), legend...)
	return f, err == nil, err
}

// oddsLabel writes a tick: what is one over a whole number from 2 as a fraction, others as decimals.
func oddsLabel(w *words, x float64) string {
	if n := 1 / x; n > 1.5 && math.Abs(n-math.Round(n)) < 1e-9 {
		return "1/" + w.Num(n, 0)
	}
	for d := range 3 {
		if scale := math.Pow(10, float64(d)); math.Abs(x*scale-math.Round(x*scale)) < 1e-9 {
			return w.Num(x, d)
		}
	}
	return w.Num(x, 3)
}

// nanLog is log(x), NaN where x is not a positive number; of +Inf it is +Inf.
func nanLog(x float64) float64 {
	if !(x > 0) {
		if x == 0 {
			return math.Inf(-1)
		}
		return math.NaN()
	}
	return math.Log(x)
}

// labelRunes is the longest label beside a plot.
const labelRunes = 26

// term names what a coefficient belongs to in at most labelRunes runes: "feature: level". Where both
// cannot stand whole, the level has the room that the first dozen runes of the feature leave.
func (w *words) term(c model.Coefficient) string {
	if c.Level == "" {
		return short(c.Feature, labelRunes)
	}
	const between = ": "
	level := w.known("level", c.Level)
	room := labelRunes - len(between)
	feature := max(room-utf8.RuneCountInString(level), min(12, utf8.RuneCountInString(c.Feature)))
	head := short(c.Feature, feature)
	return head + between + short(level, room-utf8.RuneCountInString(head))
}

// short cuts a text to at most n runes, the last an ellipsis.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " ") + "…"
}
