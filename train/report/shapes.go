package report

import (
	"image/color"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// Bounds on the effects that are drawn one by one, so that a page of 200 features stays readable and small.
const (
	openEffects  = 8   // stand open, the strongest first; the others are folded
	openPairs    = 4   // likewise
	mostEffects  = 200 // are drawn at all, of all targets together; the figures of the others are in metrics.json
	mostPairs    = 24  // likewise
	mostBars     = 12  // levels of a category in its plot
	mostLevels   = 60  // rows of an effect's table
	leastVisible = 1e-3
)

// effects are the figures of an additive model's effects, one a feature, main effects and pairs apart, and
// the number of those that are not drawn.
func (t targetView) effects() (main, pairs []figure, more int, err error) {
	of := map[string][]model.Coefficient{}
	for _, c := range t.card.Coefficients {
		if finite(c.Estimate) {
			of[c.Feature] = append(of[c.Feature], c)
		}
	}
	shapes := slices.Clone(t.card.Shapes)
	sort.SliceStable(shapes, func(i, j int) bool { return shapes[i].Importance > shapes[j].Importance })
	for _, s := range shapes {
		coefficients := of[s.Feature]
		if !(s.Importance >= leastVisible) || len(coefficients) == 0 {
			continue
		}
		var f figure
		switch {
		case len(s.Sides) == 2 && len(pairs) < mostPairs/t.of:
			f, err = t.heatMap(s, coefficients)
			pairs = append(pairs, f)
		case len(s.Sides) == 0 && len(main) < mostEffects/t.of && len(s.Ordered) > 1:
			f, err = t.stepPlot(s, coefficients)
			main = append(main, f)
		case len(s.Sides) == 0 && len(main) < mostEffects/t.of:
			f, err = t.barPlot(s, coefficients)
			main = append(main, f)
		default:
			more++
		}
		if err != nil {
			return nil, nil, 0, err
		}
	}
	return main, pairs, more, nil
}

// effectBlocks lays out the effects one by one.
func (t targetView) effectBlocks() ([]block, error) {
	main, pairs, more, err := t.effects()
	if err != nil {
		return nil, err
	}
	w := t.words
	var out []block
	add := func(figures []figure, open int, heading, rest, note string) {
		if len(figures) == 0 {
			return
		}
		n := min(open, len(figures))
		out = append(out, block{Heading: heading, Lead: note, Figures: figures[:n]})
		if n < len(figures) {
			out = append(out, block{Figures: figures[n:], FigureFold: rest})
		}
	}
	add(main, openEffects, w.T("effects.heading"), w.T("effects.rest", w.Int(len(main)-openEffects)), w.T("effects.intro"))
	add(pairs, openPairs, w.T("effects.pairs"), w.T("effects.pairs.rest", w.Int(len(pairs)-openPairs)), w.T("effects.pairs.intro"))
	if more > 0 {
		out = append(out, block{Note: w.T("effects.more", w.Int(more))})
	}
	return out, nil
}

// oddsScale is the axis of odds ratios for some effects, in log-odds. It holds 0 and every estimate, and
// of the intervals what is within twice the largest |estimate|, so that the band of a bin of three leads
// does not flatten all others.
type oddsScale struct {
	low, high float64
	ticks     []plot.Tick
}

func newOddsScale(w *words, coefficients []model.Coefficient) oddsScale {
	var s oddsScale
	largest := 0.0
	for _, c := range coefficients {
		largest = math.Max(largest, math.Abs(c.Estimate))
	}
	most := math.Min(farthest, math.Max(2*largest, .05))
	for _, c := range coefficients {
		low, high := ends(c)
		s.low = math.Min(s.low, math.Max(low, -most))
		s.high = math.Max(s.high, math.Min(high, most))
	}
	ladder := oddsLadders[len(oddsLadders)-1]
	for _, l := range oddsLadders {
		if math.Max(s.high, -s.low) <= math.Log(l[len(l)-1]) {
			ladder = l
			break
		}
	}
	// At least the ticks beside 1 are on the axis, or no reader knows its scale.
	middle := len(ladder) / 2
	s.low, s.high = math.Min(s.low, math.Log(ladder[middle-1])), math.Max(s.high, math.Log(ladder[middle+1]))
	room := .03 * (s.high - s.low)
	s.low, s.high = s.low-room, s.high+room
	for _, x := range ladder {
		if at := math.Log(x); at >= s.low && at <= s.high {
			s.ticks = append(s.ticks, plot.Tick{Value: at, Label: oddsLabel(w, x)})
		}
	}
	return s
}

// within moves what lies beyond the axis to its end.
func (s oddsScale) within(x float64) float64 { return math.Max(s.low, math.Min(s.high, x)) }

// ends is the interval of an effect in log-odds; the estimate itself where there is none.
func ends(c model.Coefficient) (low, high float64) {
	low, high = nanLog(c.Odds.Lower), nanLog(c.Odds.Upper)
	if math.IsNaN(low) || math.IsNaN(high) {
		return c.Estimate, c.Estimate
	}
	return low, high
}

// stepPlot draws the effect of what has an order, a step a bin with its interval as a band; what has
// no place in the order, such as missing, stands apart as a dot.
func (t targetView) stepPlot(s model.Shape, coefficients []model.Coefficient) (figure, error) {
	w := t.words
	odds := newOddsScale(w, coefficients)
	within := odds.within
	place := map[string]int{}
	for k, level := range s.Ordered {
		place[level] = k
	}
	bins := make([]*model.Coefficient, len(s.Ordered))
	var apart []model.Coefficient
	for i, c := range coefficients {
		if k, ok := place[c.Level]; ok {
			bins[k] = &coefficients[i]
		} else {
			apart = append(apart, c)
		}
	}
	n := float64(len(bins))
	gap := math.Max(1, n/12)
	last := n - .5
	var others []plot.Tick
	for _, c := range apart {
		last += gap
		others = append(others, plot.Tick{Value: last, Label: short(w.known("level", c.Level), 12)})
	}
	if len(apart) > 0 {
		last += gap / 2
	}
	x := axis{"", -.5, last, fitTicks(binTicks(w, s.Ordered), others, last+.5), false}
	p := newPlot(x, axis{w.T("effects.ratio"), odds.low, odds.high, odds.ticks, true})
	p.Add(line([][2]float64{{-.5, 0}, {last, 0}}, draw.LineStyle{Color: muted, Width: 1}))
	for from := 0; from < len(bins); from++ { // a run of bins that training rows fell into
		if bins[from] == nil {
			continue
		}
		to := from
		var steps, under, over [][2]float64
		for ; to < len(bins) && bins[to] != nil; to++ {
			low, high := ends(*bins[to])
			left, right := float64(to)-.5, float64(to)+.5
			steps = append(steps, [2]float64{left, within(bins[to].Estimate)}, [2]float64{right, within(bins[to].Estimate)})
			under = append(under, [2]float64{left, within(low)}, [2]float64{right, within(low)})
			over = append(over, [2]float64{left, within(high)}, [2]float64{right, within(high)})
		}
		slices.Reverse(under)
		p.Add(area(append(over, under...), softFirst), line(steps, solid(series[0])))
		from = to
	}
	for i, c := range apart {
		low, high := ends(c)
		p.Add(upright(others[i].Value, within(low), within(high), draw.LineStyle{Color: series[1], Width: 1.5}),
			dot(others[i].Value, within(c.Estimate), 3.5, series[1]))
	}
	return t.effectFigure(p, plotHeight-40, s, coefficients, "", swatch{"s1", w.T("effects.estimate")}, swatch{"s1 block soft", w.T("effects.band")})
}

// barPlot draws the effect of levels without an order, a bar each with its interval, the highest first.
func (t targetView) barPlot(s model.Shape, coefficients []model.Coefficient) (figure, error) {
	w := t.words
	shown := coefficients
	note := ""
	if len(shown) > mostBars {
		shown = strongest(coefficients)[:mostBars]
		note = w.T("effects.bars", w.Int(mostBars), w.Int(len(coefficients)))
	}
	shown = slices.Clone(shown)
	sort.SliceStable(shown, func(i, j int) bool { return shown[i].Estimate > shown[j].Estimate })
	odds := newOddsScale(w, shown)
	within := odds.within
	n := float64(len(shown))
	var labels []plot.Tick
	for i, c := range shown {
		labels = append(labels, plot.Tick{Value: float64(-i), Label: short(w.known("level", c.Level), labelRunes-4)})
	}
	p := newPlot(axis{w.T("effects.ratio"), odds.low, odds.high, odds.ticks, true}, axis{"", .4 - n, .6, labels, false})
	for i, c := range shown {
		colour, soft := series[0], softFirst
		if c.Estimate < 0 {
			colour, soft = series[1], softSecond
		}
		y := float64(-i)
		low, high := ends(c)
		p.Add(bar(0, y-.3, within(c.Estimate), y+.3, soft), flat(y, within(low), within(high), draw.LineStyle{Color: colour, Width: 1.75}),
			dot(within(c.Estimate), y, 2.75, colour))
	}
	p.Add(line([][2]float64{{0, .4 - n}, {0, .6}}, draw.LineStyle{Color: muted, Width: 1}))
	return t.effectFigure(p, vg.Length(54+21*len(shown)), s, coefficients, note)
}

// effectFigure adds the table of an effect to its plot.
func (t targetView) effectFigure(p *plot.Plot, height vg.Length, s model.Shape, coefficients []model.Coefficient, note string, legend ...swatch) (figure, error) {
	w := t.words
	f, err := newFigure(p, height, s.Feature, legend...)
	if err != nil {
		return f, err
	}
	tab := &table{Head: []string{w.T("effects.level"), w.T("effects.ratio"), w.T("drivers.rows")}, Left: 1}
	for i, c := range coefficients {
		if i == mostLevels {
			note = strings.TrimSpace(note + " " + w.T("drivers.more", w.Int(len(coefficients)-mostLevels)))
			break
		}
		tab.Rows = append(tab.Rows, []cell{text(w.known("level", c.Level)), {Main: w.Odds(c.Odds.Value), Small: w.Range(c.Odds, w.Odds)}, text(w.Int(c.Rows))})
	}
	f.Note, f.Table, f.Fold = note, tab, w.T("effects.table")
	return f, nil
}

// area fills a polygon.
func area(points [][2]float64, fill color.Color) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		at := make([]vg.Point, len(points))
		for i, p := range points {
			at[i] = vg.Point{X: x(p[0]), Y: y(p[1])}
		}
		c.FillPolygon(fill, at)
	}
}

// binTicks are the ticks that the names of ordered levels give, level k standing from k − ½ to k + ½: the
// upper edge of a bin at its end, the one value of a bin and a word in the middle.
func binTicks(w *words, levels []string) []plot.Tick {
	isBins := strings.HasPrefix(levels[0], "≤ ") || strings.HasPrefix(levels[0], "= ")
	var out []plot.Tick
	for k, level := range levels {
		at := float64(k)
		if isBins {
			if strings.HasPrefix(level, "> ") {
				continue
			}
			if value, ok := strings.CutPrefix(level, "= "); ok {
				level = value
			} else {
				at += .5
				level = strings.TrimPrefix(level, "≤ ")
				if _, high, ok := strings.Cut(level, " – "); ok {
					level = high
				}
			}
		}
		out = append(out, plot.Tick{Value: at, Label: compact(w, level)})
	}
	return out
}

// compact writes a number in few characters, 12.3 k or 104 M, and a percentage as the language does; a text that is none stays, shortened.
func compact(w *words, s string) string {
	if x, ok := strings.CutSuffix(s, " %"); ok {
		if _, err := strconv.ParseFloat(x, 64); err == nil {
			return w.T("format.percent", compact(w, x))
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !finite(x) {
		return short(s, 14)
	}
	unit, scale := "", 1.0
	switch a := math.Abs(x); {
	case a >= 1e15:
		return s
	case a >= 1e9:
		unit, scale = " G", 1e9
	case a >= 1e6:
		unit, scale = " M", 1e6
	case a >= 1e4:
		unit, scale = " k", 1e3
	}
	x /= scale
	decimals := 0
	if a := math.Abs(x); a > 0 && a < 100 {
		decimals = int(math.Min(4, 2-math.Floor(math.Log10(a))))
	}
	text := w.Num(x, decimals)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".,")
	}
	return text + unit
}

// Widths in points: of a plot's data area, at least, and of a character of a tick.
const (
	dataWidth = 325
	runeWidth = 6.6
)

// fitTicks leaves out every other tick, two of three and so on until none touches its neighbour or one
// that is fixed, on an axis of so many units.
func fitTicks(ticks, fixed []plot.Tick, units float64) []plot.Tick {
	width := func(t plot.Tick) float64 {
		return (float64(utf8.RuneCountInString(t.Label)) + 1.5) * runeWidth / dataWidth * units
	}
	apart := func(a, b plot.Tick) bool { return math.Abs(a.Value-b.Value) >= (width(a)+width(b))/2 }
	for step := 1; step <= len(ticks); step++ {
		var chosen []plot.Tick
		fits := true
		for i := step / 2; i < len(ticks) && fits; i += step {
			if slices.ContainsFunc(fixed, func(f plot.Tick) bool { return !apart(f, ticks[i]) }) {
				continue
			}
			fits = len(chosen) == 0 || apart(chosen[len(chosen)-1], ticks[i])
			chosen = append(chosen, ticks[i])
		}
		if fits {
			return append(chosen, fixed...)
		}
	}
	return fixed
}
