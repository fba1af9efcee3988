package report

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The plots' colours are stand-ins: render replaces each by a colour of the style sheet, so that a plot
// follows light, dark and print. They must be distinct, and none may be black, which vgsvg leaves out.
var (
	ink   = color.NRGBA{R: 1, G: 2, B: 3, A: 255}
	muted = color.NRGBA{R: 1, G: 2, B: 4, A: 255}
	faint = color.NRGBA{R: 1, G: 2, B: 5, A: 255}
	// The soft ones are for areas, through which intervals can be seen. They are colours of their own, since
	// vgsvg multiplies a colour by its alpha, and no stand-in would be left.
	softFirst = color.NRGBA{R: 1, G: 2, B: 10, A: 255}
	softMuted = color.NRGBA{R: 1, G: 2, B: 11, A: 255}

	softSecond = color.NRGBA{R: 1, G: 2, B: 12, A: 255}
	// series are the colours of scorers and bars, in the order of the legend's classes s1 to s4.
	series = []color.NRGBA{{R: 1, G: 2, B: 6, A: 255}, {R: 1, G: 2, B: 7, A: 255}, {R: 1, G: 2, B: 8, A: 255}, {R: 1, G: 2, B: 9, A: 255}}
)

var themed = strings.NewReplacer(
	"#010203", "currentColor", "#010204", "var(--muted)", "#010205", "var(--grid)",
	"#010206", "var(--s1)", "#010207", "var(--s2)", "#010208", "var(--s3)", "#010209", "var(--s4)",
	"#01020A", "var(--s1-soft)", "#01020B", "var(--muted-soft)", "#01020C", "var(--s2-soft)",
	// Of heat maps, from much less to much more likely: see heatColour.
	"#010301", "var(--h1)", "#010302", "var(--h2)", "#010303", "var(--h3)", "#010304", "var(--h4)", "#010305", "var(--h5)",
	"#010306", "var(--h6)", "#010307", "var(--h7)", "#010308", "var(--h8)", "#010309", "var(--h9)",
	// The page chooses the font; the plot's is only what its layout was measured with.
	"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
	"\n\tstyle", " style",
)

// plotWidth and plotHeight are the size of a plot in points: the width of a telephone, so that its
// text is legible there and larger elsewhere.
const (
	plotWidth  = vg.Length(400)
	plotHeight = vg.Length(270)
)

// edge is what is kept free around a plot: half the widest line or glyph.
const edge = 3

// render draws a plot as an <svg> that scales with the page and names itself for screen readers.
func render(p *plot.Plot, height vg.Length, label string) (template.HTML, error) {
	return renderAt(p, plotWidth, height, edge, label)
}

// renderAt is render for a plot of any size with so much kept free around it.
func renderAt(p *plot.Plot, width, height, edge vg.Length, label string) (template.HTML, error) {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), edge, -edge, edge, -edge))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return "", fmt.Errorf("drawing %q: %w", label, err)
	}
	drawn := buf.String()
	// The prologue has a fixed size and names no role: it is written anew.
	start := strings.Index(drawn, "<svg")
	body := strings.IndexByte(drawn[max(0, start):], '>')
	if start < 0 || body < 0 {
		return "", fmt.Errorf("drawing %q: the plot library wrote no <svg>", label)
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`,
		width.Points(), height.Points(), html.EscapeString(label)) + themed.Replace(drawn[start+body+1:])), nil
}
