package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"leadscore/model"
)

// ContestTerminal writes a contest compactly: a row a scorer, a row a pair, a few leads that move, calibration of the first as
// sparks, and the sentence.
func ContestTerminal(out io.Writer, of *model.Contest, o Options) error {
	w, err := o.words()
	if err != nil {
		return err
	}
	c := contestView{of, w}
	b := newScreen(o)
	rate := noFigure
	if c.Rows.Rows > 0 {
		rate = w.Pct(float64(c.Rows.Positives)/float64(c.Rows.Rows), 1)
	}
	b.say("1", w.T("contest.summary", c.Target, w.Int(c.Rows.Rows), w.Int(c.Rows.Positives), rate, c.Model))
	b.WriteString("\n")
	c.grid(b, c.figures)
	for _, s := range c.Scorers {
		if s.Missing > 0 {
			b.say("2", w.T("contest.missing", w.Int(s.Missing), c.name(s.Name)))
		}
	}
	fmt.Fprintln(b)
	shown := c.pairs()
	head := w.T("contest.differences")
	if c.Verdict.Pairs > 1 {
		head = w.T("contest.differences_many", w.Int(c.Verdict.Pairs))
	}
	if len(shown) < len(c.Overlaps) {
		head = w.T("contest.some_pairs", head)
	}
	b.say("2", head)
	c.grid(b, c.differences)
	c.movers(b)
	first := c.Scorers[0]
	b.calibration(w, c.short(first.Name)+": "+w.T("terminal.spark"), first.Calibration)
	tone := "36"
	if c.Verdict.Tells {
		tone = "32"
	}
	fmt.Fprintln(b)
	b.say("1;"+tone, c.sentence())
	return b.flush(out, "writing the comparison")
}

// grid writes a table with its intervals beside the figures, or below them, or without the columns that can be spared, or without
// intervals: what fits first.
func (c contestView) grid(b *screen, lay func(placing, int) [][]string) {
	grid := lay(beside, 0)
	for _, place := range []placing{below, nowhere} {
		for spare := 0; spare <= mostSpared && gridWidth(grid) > b.width; spare++ {
			grid = lay(place, spare)
		}
	}
	shorten(grid, b.width, 2)
	b.grid(grid, faintHeads(grid))
}

// mostSpared is how many columns of a table can be spared, in the order of sparable.
const mostSpared = 2

// sparable are the metrics that go first where there is little room.
var sparable = []string{"pr_auc", "ece"}

// The most runes of a scorer's name in the two tables.
const (
	nameWidth = 24
	pairWidth = 14
)

// figures is the table of the scorers.
func (c contestView) figures(intervals placing, spare int) [][]string {
	w := c.words
	head := []string{""}
	keys := slices.DeleteFunc(slices.Clone(terminalMetrics), func(key string) bool { return slices.Contains(sparable[:spare], key) })
	for _, key := range keys {
		head = append(head, w.T("terminal.metric."+key))
	}
	head = append(head, w.T("contest.caught", w.Num(c.Capacity.Leads, 0)))
	if c.Capacity.Win != nil {
		head = append(head, w.T("contest.earned"))
	}
	grid := [][]string{head}
	for _, s := range c.Scorers {
		row, under := []string{cutText(c.short(s.Name), nameWidth)}, []string{""}
		add := func(e model.Estimate, decimals int) {
			number := func(x float64) string { return w.Num(x, decimals) }
			figure, interval := number(e.Value), w.Range(e, number)
			if intervals == beside && interval != "" {
				figure += " " + interval
			}
			row, under = append(row, figure), append(under, interval)
		}
		for _, key := range keys {
			r, _ := metric(key)
			add(r.of(s.Metrics), min(r.decimals, 3))
		}
		add(s.Caught, 0)
		if c.Capacity.Win != nil {
			add(s.Earned, 0)
		}
		grid = append(grid, row)
		if intervals == below {
			grid = append(grid, under)
		}
	}
	return grid
}

// contestPairs is the most pairs that a terminal shows; of more, those with the first scorer.
const contestPairs = 6

func (c contestView) pairs() []model.Overlap {
	if len(c.Overlaps) <= contestPairs {
		return c.Overlaps
	}
	var some []model.Overlap
	for _, o := range c.Overlaps {
		if o.A == c.Scorers[0].Name {
			some = append(some, o)
		}
	}
	return some
}

// contestColumn is a metric in the table of the pairs.
type contestColumn struct {
	metric   string
	head     string
	decimals int
}

// differences is the table of the pairs.
func (c contestView) differences(intervals placing, _ int) [][]string {
	w := c.words
	tests := []contestColumn{
		{"auc", w.T("terminal.metric.auc"), 3}, {"log_loss", w.T("terminal.metric.log_loss"), 3},
		{"lift_at_10pct", w.T("terminal.metric.lift_at_10pct"), 2}, {"caught", w.T("contest.caught", w.Num(c.Capacity.Leads, 0)), 0},
	}
	tests = slices.DeleteFunc(tests, func(t contestColumn) bool { // as the log loss of scorers without probabilities
		return !slices.ContainsFunc(c.Tests, func(x model.ContestTest) bool { return x.Metric == t.metric })
	})
	grid := [][]string{{""}}
	for _, t := range tests {
		grid[0] = append(grid[0], t.head)
	}
	grid[0] = append(grid[0], w.T("contest.shared"))
	for _, pair := range c.pairs() {
		row, under := []string{cutText(c.short(pair.A), pairWidth) + " − " + cutText(c.short(pair.B), pairWidth)}, []string{""}
		for _, t := range tests {
			figure, interval := noFigure, ""
			for _, x := range c.Tests {
				if x.Metric == t.metric && x.A == pair.A && x.B == pair.B {
					signed := func(v float64) string { return w.Signed(v, t.decimals) }
					figure, interval = signed(x.Difference.Value)+" "+c.p(x.Holm), w.Range(x.Difference, signed)
				}
			}
			if intervals == beside && interval != "" {
				figure += " " + interval
			}
			row, under = append(row, figure), append(under, interval)
		}
		row, under = append(row, w.Pct(float64(pair.Shared), 0)), append(under, "")
		grid = append(grid, row)
		if intervals == below {
			grid = append(grid, under)
		}
	}
	return grid
}

// How many leads a terminal shows in each direction, and with how many of the strongest effects each.
const (
	shownMovers  = 3
	shownReasons = 3
)

func (c contestView) movers(b *screen) {
	w := c.words
	if c.Movers == nil {
		return
	}
	for _, d := range []struct {
		key    string
		movers []model.Mover
	}{{"contest.up", c.Movers.Up}, {"contest.down", c.Movers.Down}} {
		if len(d.movers) == 0 {
			continue
		}
		fmt.Fprintln(b)
		b.say("2", w.T(d.key, c.name(c.Movers.A), c.name(c.Movers.B), w.Int(c.Rows.Rows)))
		for _, m := range d.movers[:min(shownMovers, len(d.movers))] {
			came := w.T("contest.lost")
			if m.Positive {
				came = w.T("contest.converted")
			}
			place := func(x float64) string { return w.Num(x, 0) }
			line := w.T("contest.mover", m.Lead, place(m.A), place(m.B), came)
			var reasons []string
			for _, r := range m.Reasons[:min(shownReasons, len(m.Reasons))] {
				reasons = append(reasons, fmt.Sprintf("%s: %s (%s)", r.Feature, w.known("level", r.Value), w.Signed(r.Effect, 1)))
			}
			if len(reasons) > 0 {
				line += "; " + strings.Join(reasons, ", ")
			}
			b.list([]string{line})
		}
	}
}
