package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"leadscore/model"
)

// ContestTerminal writes a contest compactly: a row a scorer, a row a pair, a few leads that move, calibration of the first as
// sparks, and the sentence.
func ContestTerminal(out io.Writer, of *model.Contest, o Options) error {
	w, err := o.words()
	if err != nil {
		return err
	}
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	width = max(width, narrowest)
	c := contestView{of, w}
	paint := func(code, s string) string {
		if !o.Colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var b bytes.Buffer
	rate := noFigure
	if c.Rows.Rows > 0 {
		rate = w.Pct(float64(c.Rows.Positives)/float64(c.Rows.Rows), 1)
	}
	lines := func(code, text string) {
		for _, line := range wrap(text, width) {
			fmt.Fprintln(&b, paint(code, line))
		}
	}
	lines("1", w.T("contest.summary", c.Target, w.Int(c.Rows.Rows), w.Int(c.Rows.Positives), rate, c.Model))
	b.WriteString("\n")
	c.grid(&b, c.figures, width, paint)
	for _, s := range c.Scorers {
		if s.Missing > 0 {
			lines("2", w.T("contest.missing", w.Int(s.Missing), c.name(s.Name)))
		}
	}
	fmt.Fprintln(&b)
	shown := c.pairs()
	head := w.T("contest.differences")
	if c.Verdict.Pairs > 1 {
		head = w.T("contest.differences_many", w.Int(c.Verdict.Pairs))
	}
	if len(shown) < len(c.Overlaps) {
		head = w.T("contest.some_pairs", head)
	}
	lines("2", head)
	c.grid(&b, c.differences, width, paint)
	c.movers(&b, width, paint)
	c.sparks(&b, paint)
	tone := "36"
	if c.Verdict.Tells {
		tone = "32"
	}
	fmt.Fprintln(&b)
	lines("1;"+tone, c.sentence())
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// grid writes a table with its intervals beside the figures, or below them, or without the columns that can be spared, or without
// intervals: what fits first.
func (c contestView) grid(b *bytes.Buffer, lay func(placing, int) [][]string, width int, paint func(string, string) string) {
	grid := lay(beside, 0)
	for _, place := range []placing{below, nowhere} {
		for spare := 0; spare <= mostSpared && gridWidth(grid) > width; spare++ {
			grid = lay(place, spare)
		}
	}
	for gridWidth(grid) > width && len(grid[0]) > 2 {
		for i := range grid {
			grid[i] = grid[i][:len(grid[i])-1]
		}
	}
	widths := columnWidths(grid)
	for i, row := range grid {
		var line strings.Builder
		for j, s := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			line.WriteString(s + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(s)))
		}
		text := strings.TrimRight(line.String(), " ")
		if i == 0 || row[0] == "" {
			text = paint("2", text)
		}
		fmt.Fprintln(b, text)
	}
}

// mostSpared is how many columns of a table can be spared, in the order of sparable.
const mostSpared = 2

// sparable are the metrics that go first where there is little room.
var sparable = []string{"pr_auc", "ece"}

// cut shortens a name for a table.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

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
		row, under := []string{cut(c.short(s.Name), nameWidth)}, []string{""}
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
		row, under := []string{cut(c.short(pair.A), pairWidth) + " − " + cut(c.short(pair.B), pairWidth)}, []string{""}
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

func (c contestView) movers(b *bytes.Buffer, width int, paint func(string, string) string) {
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
		for _, line := range wrap(w.T(d.key, c.name(c.Movers.A), c.name(c.Movers.B), w.Int(c.Rows.Rows)), width) {
			fmt.Fprintln(b, paint("2", line))
		}
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
			for i, part := range wrap(line, width-2) {
				lead := "  "
				if i == 0 {
					lead = "· "
				}
				fmt.Fprintln(b, lead+part)
			}
		}
	}
}

// sparks draws the calibration of the first scorer.
func (c contestView) sparks(b *bytes.Buffer, paint func(string, string) string) {
	w, bins := c.words, c.Scorers[0].Calibration
	if len(bins) < 2 {
		return
	}
	expected, observed, top := make([]float64, len(bins)), make([]float64, len(bins)), 0.0
	for i, x := range bins {
		expected[i], observed[i] = x.Expected, x.Observed.Value
		top = math.Max(top, math.Max(x.Expected, x.Observed.Value))
	}
	names := []string{w.T("terminal.predicted"), w.T("terminal.observed")}
	pad := max(utf8.RuneCountInString(names[0]), utf8.RuneCountInString(names[1]))
	fmt.Fprintf(b, "\n%s\n", paint("2", c.short(c.Scorers[0].Name)+": "+w.T("terminal.spark")))
	for i, values := range [][]float64{expected, observed} {
		fmt.Fprintf(b, "%s  %s  %s\n", names[i]+strings.Repeat(" ", pad-utf8.RuneCountInString(names[i])),
			paint("34", sparks(values, top)), w.Pct(values[0], 1)+" → "+w.Pct(values[len(values)-1], 1))
	}
}
