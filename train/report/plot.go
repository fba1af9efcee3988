package report

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mark draws on the data area; x and y turn data into places. It is a plot.Plotter.
type mark func(c draw.Canvas, x, y func(float64) vg.Length)

var _ plot.Plotter = mark(nil)

// Plot implements plot.Plotter.
func (m mark) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	m(c, x, y)
}

// textSize is the size of a plot's text in points: some 10 pixels on a telephone, 15 on a desk.
const textSize = 12.5

// axis is what a plot shows along one side.
type axis struct {
	label    string
	min, max float64
	ticks    []plot.Tick
	grid     bool
}

// newPlot returns an empty plot in the report's style.
func newPlot(x, y axis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	for _, a := range []struct {
		of   *plot.Axis
		want axis
	}{{&p.X, x}, {&p.Y, y}} {
		a.of.Min, a.of.Max = a.want.min, a.want.max
		a.of.Label.Text = a.want.label
		a.of.Label.Padding = 4
		a.of.Label.TextStyle.Font = font.From(sans, textSize)
		a.of.Label.TextStyle.Color = muted
		a.of.Tick.Label.Font = font.From(sans, textSize)
		a.of.Tick.Label.Color = ink
		a.of.Tick.Length = 3
		a.of.Tick.LineStyle = draw.LineStyle{Color: muted, Width: .75}
		a.of.LineStyle = draw.LineStyle{Color: muted, Width: .75}
		a.of.Padding = 0
		a.of.Tick.Marker = plot.ConstantTicks(a.want.ticks)
	}
	if y.label != "" {
		// Beside the ticks the label needs air; gonum's default touches them.
		p.Y.Label.Padding = 6
	}
	p.Add(mark(func(c draw.Canvas, px, py func(float64) vg.Length) {
		style := draw.LineStyle{Color: faint, Width: .75}
		if x.grid {
			for _, t := range x.ticks {
				c.StrokeLine2(style, px(t.Value), c.Min.Y, px(t.Value), c.Max.Y)
			}
		}
		if y.grid {
			for _, t := range y.ticks {
				c.StrokeLine2(style, c.Min.X, py(t.Value), c.Max.X, py(t.Value))
			}
		}
	}))
	return p
}

// ticks returns round numbers from low to high in some four to six steps, written by format, which is
// given the decimals that tell them apart.
func ticks(low, high float64, format func(x float64, decimals int) string) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if (high-low)/(step*m) <= 6 {
			step *= m
			break
		}
	}
	decimals := 0
	for d := step; d < 1e6 && math.Abs(d-math.Round(d)) > 1e-9*math.Max(1, d) && decimals < 6; d *= 10 {
		decimals++
	}
	var out []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		out = append(out, plot.Tick{Value: i * step, Label: format(i*step, decimals)})
	}
	return out
}

// percentTicks are ticks of shares.
func percentTicks(w *words, low, high float64) []plot.Tick {
	return ticks(low, high, func(x float64, decimals int) string { return w.Pct(x, max(0, decimals-2)) })
}

// numberTicks are ticks of numbers.
func numberTicks(w *words, low, high float64) []plot.Tick {
	return ticks(low, high, w.Num)
}

// upTo returns a round end for an axis from 0 that must reach x.
func upTo(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	scale := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if x <= m*scale*(1+1e-9) {
			return m * scale
		}
	}
	return 10 * scale
}

// shareEnd is upTo for shares: never above 1.
func shareEnd(x float64) float64 { return math.Min(1, upTo(x)) }

// line joins points; one that is not a number is left out.
func line(points [][2]float64, style draw.LineStyle) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		var at []vg.Point
		for _, p := range points {
			if finite(p[0]) && finite(p[1]) {
				at = append(at, vg.Point{X: x(p[0]), Y: y(p[1])})
			}
		}
		c.StrokeLines(style, c.ClipLinesXY(at)...)
	}
}

func solid(c color.Color) draw.LineStyle { return draw.LineStyle{Color: c, Width: 2} }

func dashed(c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: 1.25, Dashes: []vg.Length{4, 3}}
}

// bar fills the rectangle between two corners; it, dot, upright and flat draw nothing where a place is
// not a number.
func bar(x0, y0, x1, y1 float64, fill color.Color) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if !finite(y0) || !finite(y1) {
			return
		}
		c.FillPolygon(fill, []vg.Point{{X: x(x0), Y: y(y0)}, {X: x(x1), Y: y(y0)}, {X: x(x1), Y: y(y1)}, {X: x(x0), Y: y(y1)}})
	}
}

// dot fills a disc of a radius in points.
func dot(px, py float64, radius vg.Length, fill color.Color) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if !finite(px) || !finite(py) {
			return
		}
		c.DrawGlyph(draw.GlyphStyle{Color: fill, Radius: radius, Shape: draw.CircleGlyph{}}, vg.Point{X: x(px), Y: y(py)})
	}
}

// upright draws an interval along y with caps; flat one along x without.
func upright(px, low, high float64, style draw.LineStyle) mark {
	const caps = 3
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if !finite(px) || !finite(low) || !finite(high) {
			return
		}
		at := x(px)
		c.StrokeLine2(style, at, y(low), at, y(high))
		c.StrokeLine2(style, at-caps, y(low), at+caps, y(low))
		c.StrokeLine2(style, at-caps, y(high), at+caps, y(high))
	}
}

func flat(py, low, high float64, style draw.LineStyle) mark {
	return func(c draw.Canvas, x, y func(float64) vg.Length) {
		if finite(low) && finite(high) {
			c.StrokeLine2(style, x(low), y(py), x(high), y(py))
		}
	}
}
