package report

import (
	"image/color"
	"math"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot"
	align "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"leadscore/model"
)

// mostSide is the largest number of levels of a pair's side that are shown: of a category the most
// frequent; of a number it is all.
const mostSide = 24

// heatSteps are the odds ratios at which a cell has the next stronger colour: the colours mean the same in
// every pair. A colour scale of its own for each pair was rejected: it makes noise look strong.
var heatSteps = []float64{1.05, 1.15, 1.35, 1.75}

// heat is the colour of an effect in log-odds: −4 to 4, 0 where it is next to none.
func heat(x float64) int {
	k := 0
	for k < len(heatSteps) && math.Abs(x) >= math.Log(heatSteps[k]) {
		k++
	}
	if x < 0 {
		return -k
	}
	return k
}

// heatColour is the stand-in of a colour; see themed.
func heatColour(k int) color.NRGBA { return color.NRGBA{R: 1, G: 3, B: uint8(5 + k), A: 255} }

// grid is the cells of a pair; the side down the page is the first.
type grid struct {
	down, across shownSide
	cells        map[[2]int]model.Coefficient
	cut          bool // there are more levels
}

// shownSide is a side with the levels that are shown.
type shownSide model.Side

// newGrid places the cells. A side without an order goes down the page, where its names have room.
func newGrid(s model.Shape, coefficients []model.Coefficient) grid {
	g := grid{down: shownSide(s.Sides[0]), across: shownSide(s.Sides[1]), cells: map[[2]int]model.Coefficient{}}
	flip := g.down.Ordered > 0 && (g.across.Ordered == 0 || len(g.across.Levels) > len(g.down.Levels))
	if g.down.Ordered == 0 && g.across.Ordered == 0 {
		flip = len(g.across.Levels) > len(g.down.Levels)
	}
	place := map[string][2]int{}
	for i, a := range s.Sides[0].Levels {
		for j, b := range s.Sides[1].Levels {
			place[a+" × "+b] = [2]int{i, j}
		}
	}
	if flip {
		g.down, g.across = g.across, g.down
	}
	reached := [2]map[int]bool{{}, {}}
	all := map[[2]int]model.Coefficient{}
	for _, c := range coefficients {
		at, ok := place[c.Level]
		if !ok {
			continue
		}
		if flip {
			at[0], at[1] = at[1], at[0]
		}
		all[at], reached[0][at[0]], reached[1][at[1]] = c, true, true
	}
	downTo, acrossTo := g.down.keep(reached[0]), g.across.keep(reached[1])
	g.cut = len(reached[0]) > mostSide || len(reached[1]) > mostSide
	for at, c := range all {
		i, shown := downTo[at[0]]
		j, too := acrossTo[at[1]]
		if shown && too {
			g.cells[[2]int{i, j}] = c
		}
	}
	return g
}

// keep leaves out levels that have no cell, and what is beyond mostSide; it returns the new place of each old one.
func (s *shownSide) keep(reached map[int]bool) map[int]int {
	to := map[int]int{}
	var levels []string
	for k, level := range s.Levels {
		if reached[k] && len(levels) < mostSide {
			to[k] = len(levels)
			levels = append(levels, level)
		}
	}
	s.Levels = levels
	return to
}

// heatMap draws what a pair adds to its two features, a cell for each two levels; a cell that training
// rows did not reach stays empty.
func (t targetView) heatMap(s model.Shape, coefficients []model.Coefficient) (figure, error) {
	w := t.words
	g := newGrid(s, coefficients)
	rows, columns := len(g.down.Levels), len(g.across.Levels)
	var down, across []plot.Tick
	for i, level := range g.down.Levels {
		down = append(down, plot.Tick{Value: float64(-i), Label: short(w.known("level", level), labelRunes-8)})
	}
	longest := 0
	for j, level := range g.across.Levels {
		label := short(strings.TrimPrefix(w.known("level", level), "= "), labelRunes-8)
		across = append(across, plot.Tick{Value: float64(j), Label: label})
		longest = max(longest, utf8.RuneCountInString(label))
	}
	p := newPlot(axis{short(g.across.Feature, 2*labelRunes), -.5, float64(columns) - .5, across, false},
		axis{"", .5 - float64(rows), .5, down, false})
	height := vg.Length(60 + 19*rows)
	if len(fitTicks(across, nil, float64(columns))) < columns {
		p.X.Tick.Label.Rotation = math.Pi / 2
		p.X.Tick.Length = 7 // upright text needs air that level text has by its height
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = align.XRight, align.YCenter
		height += vg.Length(runeWidth * float64(longest))
	}
	for i := range rows {
		for j := 0; j < columns; {
			c, ok := g.cells[[2]int{i, j}]
			from := j
			for j++; j < columns; j++ { // neighbours of one colour are one rectangle
				next, there := g.cells[[2]int{i, j}]
				if there != ok || ok && heat(next.Estimate) != heat(c.Estimate) {
					break
				}
			}
			if ok {
				p.Add(bar(float64(from)-.48, float64(-i)-.47, float64(j)-.52, float64(-i)+.47, heatColour(heat(c.Estimate))))
			}
		}
	}
	legend := []swatch{{"block h9", w.T("heat.from", "× "+w.Odds(heatSteps[3]))}, {"block h7", w.T("heat.from", "× "+w.Odds(heatSteps[1]))},
		{"block h5", w.T("heat.none")}, {"block h3", w.T("heat.to", "× "+w.Odds(1/heatSteps[1]))}, {"block h1", w.T("heat.to", "× "+w.Odds(1/heatSteps[3]))}}
	f, err := newFigure(p, height, s.Feature, legend...)
	if err != nil {
		return f, err
	}
	if g.cut {
		f.Note = w.T("heat.cut", w.Int(mostSide))
	}
	f.Table, f.Fold = g.table(w), w.T("effects.table")
	return f, nil
}

// table is the cells as odds ratios.
func (g grid) table(w *words) *table {
	tab := &table{Head: []string{g.down.Feature + " \\ " + g.across.Feature}, Left: 1}
	for _, level := range g.across.Levels {
		tab.Head = append(tab.Head, w.known("level", level))
	}
	for i, level := range g.down.Levels {
		row := []cell{{Main: w.known("level", level)}}
		for j := range g.across.Levels {
			c, ok := g.cells[[2]int{i, j}]
			if !ok {
				row = append(row, cell{Main: noFigure})
				continue
			}
			row = append(row, cell{Main: w.Odds(c.Odds.Value), Small: w.Range(c.Odds, w.Odds)})
		}
		tab.Rows = append(tab.Rows, row)
	}
	return tab
}
