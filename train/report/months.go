package report

import (
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"leadscore/model"
)

// mostMonths is how many months are drawn at most, the latest.
const mostMonths = 60

// calendar places months along an axis, so that one without leads is a gap.
type calendar struct {
	at    []placed
	first int  // months since year 0
	cut   bool // there were earlier ones
}

// placed is a month with its place on the axis: 0 is the first.
type placed struct {
	model.Month
	month int     // since year 0
	place float64 // where training and hold-out share a month, they stand side by side
	half  float64 // half the width of its bar
}

// newCalendar places the latest months of a card; what is no month is passed over.
func newCalendar(months []model.Month) calendar {
	var c calendar
	last := 0
	shared := map[int]int{}
	for _, m := range months {
		at, err := time.Parse("2006-01", m.Month)
		if err != nil || m.Rows <= 0 || !finite(m.Observed.Value) {
			continue
		}
		n := 12*at.Year() + int(at.Month()) - 1
		c.at = append(c.at, placed{Month: m, month: n, half: .4})
		last = max(last, n)
		shared[n]++
	}
	before := len(c.at)
	c.at = slices.DeleteFunc(c.at, func(p placed) bool { return p.month <= last-mostMonths })
	c.cut = len(c.at) < before
	c.keep(func(model.Month) bool { return true })
	for i := range c.at {
		if p := &c.at[i]; shared[p.month] > 1 {
			p.half = .2
			p.place += map[bool]float64{true: -.21, false: .21}[p.Part == "train"]
		}
	}
	return c
}

// keep leaves out months and begins the axis at the first of the others.
func (c *calendar) keep(wanted func(model.Month) bool) {
	c.at = slices.DeleteFunc(c.at, func(p placed) bool { return !wanted(p.Month) })
	c.first = math.MaxInt
	for _, p := range c.at {
		c.first = min(c.first, p.month)
	}
	for i := range c.at {
		c.at[i].place = float64(c.at[i].month - c.first)
	}
}

// axis is the months along the page.
func (c calendar) axis(w *words) axis {
	var ticks []plot.Tick
	last := 0.0
	for _, p := range c.at {
		last = math.Max(last, float64(p.month-c.first))
	}
	for k := 0; float64(k) <= last; k++ {
		ticks = append(ticks, plot.Tick{Value: float64(k), Label: w.month(c.first + k)})
	}
	return axis{"", -.6, last + .6, fitTicks(ticks, nil, last+1.2), false}
}

// end is where an axis of rates ends. It holds every rate and what of the intervals is within one and a half times the largest, so that the
// interval of a month of three leads does not flatten all others.
func (c calendar) end(also func(model.Month) float64) float64 {
	most, upper := 0.0, 0.0
	for _, p := range c.at {
		most = reach(most, p.Observed.Value, also(p.Month))
		upper = reach(upper, p.Observed.Upper)
	}
	return shareEnd(math.Max(most, math.Min(upper, 1.5*most)))
}

// month writes months since year 0 as "Jan 26".
func (w *words) month(n int) string {
	return w.T("month."+strconv.Itoa(n%12+1), time.Date(n/12, 1, 1, 0, 0, 0, 0, time.UTC).Format("06"))
}

// monthBlock draws base rate and number of leads by month; ok is false where there are not two months.
func (t targetView) monthBlock(plots bool) (b block, ok bool, err error) {
	w := t.words
	c := newCalendar(t.card.Months)
	if len(c.at) < 2 {
		return b, false, nil
	}
	b = block{Heading: t.heading(w.T("months.heading")), Lead: w.T("months.intro")}
	if c.cut {
		b.Note = w.T("months.cut", w.Int(mostMonths))
	}
	tab := &table{Head: []string{w.T("months.month"), w.T("data.sample"), w.T("data.count"), w.T("data.positives"), w.T("data.rate")}, Left: 2}
	pct := func(x float64) string { return w.Pct(x, 1) }
	for _, m := range c.at {
		tab.Rows = append(tab.Rows, []cell{text(w.month(m.month)), text(w.part(m.Part)), text(w.Int(m.Rows)), text(w.Int(m.Positives)),
			{Main: pct(m.Observed.Value), Small: w.Range(m.Observed, pct)}})
	}
	if !plots {
		b.Table, b.Fold = tab, w.T("months.table")
		return b, true, nil
	}
	rates, err := t.ratePlot(c)
	if err != nil {
		return b, false, err
	}
	leads, err := t.leadsPlot(c)
	if err != nil {
		return b, false, err
	}
	rates.Table, rates.Fold = tab, w.T("months.table")
	b.Figures = []figure{rates, leads}
	return b, true, nil
}

// part names the rows of a month: training or hold-out.
func (w *words) part(name string) string {
	if name == "train" {
		return w.T("data.train")
	}
	return w.T("data.holdout")
}

func (t targetView) ratePlot(c calendar) (figure, error) {
	w := t.words
	end := c.end(func(model.Month) float64 { return 0 })
	x := c.axis(w)
	p := newPlot(x, axis{w.T("data.rate"), 0, end, percentTicks(w, 0, end), true})
	for _, m := range c.at {
		fill, stroke := softMuted, muted
		if m.Part != "train" {
			fill, stroke = softFirst, series[0]
		}
		p.Add(bar(m.place-m.half, 0, m.place+m.half, m.Observed.Value, fill))
		if len(c.at) <= mostMonths/2 {
			p.Add(upright(m.place, m.Observed.Lower, math.Min(m.Observed.Upper, end), draw.LineStyle{Color: stroke, Width: 1}))
		}
	}
	legend := t.partLegend(c)
	if base := t.card.BaseRate; base > 0 && base < end {
		p.Add(line([][2]float64{{x.min, base}, {x.max, base}}, dashed(muted)))
		legend = append(legend, swatch{"muted dash", w.T("months.base", w.Pct(base, 1))})
	}
	return newFigure(p, plotHeight-20, w.T("months.rate"), legend...)
}

func (t targetView) leadsPlot(c calendar) (figure, error) {
	w := t.words
	most := 0.0
	for _, m := range c.at {
		most = math.Max(most, float64(m.Rows))
	}
	end := upTo(most)
	p := newPlot(c.axis(w), axis{w.T("distribution.y"), 0, end, ticks(0, end, func(x float64, _ int) string { return w.Int(int(math.Round(x))) }), true})
	for _, m := range c.at {
		fill := softMuted
		if m.Part != "train" {
			fill = softFirst
		}
		p.Add(bar(m.place-m.half, 0, m.place+m.half, float64(m.Rows), fill))
	}
	return newFigure(p, plotHeight-20, w.T("months.leads"), t.partLegend(c)...)
}

func (t targetView) partLegend(c calendar) []swatch {
	var legend []swatch
	for _, part := range []struct {
		train bool
		class string
	}{{true, "muted block soft"}, {false, "s1 block soft"}} {
		if slices.ContainsFunc(c.at, func(p placed) bool { return (p.Part == "train") == part.train }) {
			name := "holdout"
			if part.train {
				name = "train"
			}
			legend = append(legend, swatch{part.class, t.words.part(name)})
		}
	}
	return legend
}
