package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"leadscore/model"
)

const (
	defaultWidth = 100
	narrowest    = 40
)

// terminalMetrics are the figures that a terminal shows.
var terminalMetrics = []string{"auc", "pr_auc", "log_loss", "ece", "lift_at_10pct"}

// Terminal writes a compact table for each target: a row a scorer, the recommendation in its
// sentences, and calibration as two lines of sparks. Intervals stand beside the figures, below them, or, where
// the width is too small for either, nowhere.
func Terminal(w io.Writer, c *model.Card, o Options) error {
	words, err := o.words()
	if err != nil {
		return err
	}
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	width = max(width, narrowest)
	var b bytes.Buffer
	for i, t := range targets(c, words) {
		if i > 0 {
			b.WriteString("\n")
		}
		terminalTarget(&b, t, o.Colour, width)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// ANSI codes of a verdict's tone.
var tones = map[string]string{"good": "32", "fair": "33", "weak": "31", "unsure": "36", "suspect": "31"}

func terminalTarget(b *bytes.Buffer, t targetView, colour bool, width int) {
	w, c := t.words, t.card
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	rate := noFigure
	if c.Holdout.Rows > 0 {
		rate = w.Pct(float64(c.Holdout.Positives)/float64(c.Holdout.Rows), 1)
	}
	summary := w.T("terminal.summary", t.name, w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives), rate, w.known("split", c.Split))
	if c.Split == "file" { // nothing was held out: evaluate measures all of it
		summary = w.T("terminal.summary_file", t.name, w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives), rate)
	}
	for _, line := range wrap(summary, width) {
		fmt.Fprintln(b, paint("1", line))
	}
	b.WriteString("\n")
	grid := t.terminalGrid(beside)
	for _, place := range []placing{below, nowhere} {
		if gridWidth(grid) > width {
			grid = t.terminalGrid(place)
		}
	}
	for gridWidth(grid) > width && len(grid[0]) > 2 { // the last figures are the least needed
		for i := range grid {
			grid[i] = grid[i][:len(grid[i])-1]
		}
	}
	widths := columnWidths(grid)
	for i, row := range grid {
		var line strings.Builder
		for j, s := range row {
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(s))
			if j > 0 {
				line.WriteString("  ")
			}
			line.WriteString(s + pad)
		}
		text := strings.TrimRight(line.String(), " ")
		if i == 0 || row[0] == "" {
			text = paint("2", text)
		}
		fmt.Fprintln(b, text)
	}
	for _, sentence := range []string{t.besideLine(), t.accountLine()} {
		if sentence == "" {
			continue
		}
		b.WriteString("\n")
		for _, line := range wrap(sentence, width) {
			fmt.Fprintln(b, line)
		}
	}
	if len(c.Calibration) > 1 {
		expected, observed := make([]float64, len(c.Calibration)), make([]float64, len(c.Calibration))
		top := 0.0
		for i, x := range c.Calibration {
			expected[i], observed[i] = x.Expected, x.Observed.Value
			top = math.Max(top, math.Max(x.Expected, x.Observed.Value))
		}
		names := []string{w.T("terminal.predicted"), w.T("terminal.observed")}
		pad := max(utf8.RuneCountInString(names[0]), utf8.RuneCountInString(names[1]))
		last := len(c.Calibration) - 1
		fmt.Fprintf(b, "\n%s\n", paint("2", w.T("terminal.spark")))
		for i, values := range [][]float64{expected, observed} {
			fmt.Fprintf(b, "%s  %s  %s\n", names[i]+strings.Repeat(" ", pad-utf8.RuneCountInString(names[i])),
				paint("34", sparks(values, top)), w.Pct(values[0], 1)+" → "+w.Pct(values[last], 1))
		}
	}
	v := t.verdict()
	fmt.Fprintf(b, "\n%s\n", paint("1;"+tones[v.Tone], v.Badge))
	for _, sentence := range append(v.Sentences, v.Notes...) {
		for i, line := range wrap(sentence, width-2) {
			lead := "  "
			if i == 0 {
				lead = "· "
			}
			fmt.Fprintln(b, lead+line)
		}
	}
}

// placing is where a terminal's table has the intervals.
type placing int

const (
	beside  placing = iota // on the line of the figure
	below                  // on a line of their own
	nowhere                // not at all
)

// terminalGrid is the table of scorers by figures.
func (t targetView) terminalGrid(intervals placing) [][]string {
	w := t.words
	head := []string{""}
	for _, key := range terminalMetrics {
		head = append(head, w.T("terminal.metric."+key))
	}
	grid := [][]string{head}
	for _, name := range t.scorers() {
		row, under := []string{w.known("scorer", name)}, []string{""}
		for _, key := range terminalMetrics {
			r, _ := metric(key)
			decimals := min(r.decimals, 3)
			e := r.of(t.card.Scores[name])
			s := w.Num(e.Value, decimals)
			interval := w.Range(e, func(x float64) string { return w.Num(x, decimals) })
			if intervals == beside && interval != "" {
				s += " " + interval
			}
			row, under = append(row, s), append(under, interval)
		}
		grid = append(grid, row)
		if intervals == below {
			grid = append(grid, under)
		}
	}
	return grid
}

func columnWidths(grid [][]string) []int {
	widths := make([]int, len(grid[0]))
	for _, row := range grid {
		for j, s := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(s))
		}
	}
	return widths
}

func gridWidth(grid [][]string) int {
	total := -2
	for _, n := range columnWidths(grid) {
		total += n + 2
	}
	return total
}

// sparks draws shares from 0 to top as blocks of eight heights; what is not a number is a blank.
func sparks(values []float64, top float64) string {
	blocks := []rune("▁▂▃▄▅▆▇█")
	var out strings.Builder
	for _, x := range values {
		if !finite(x) || !(top > 0) {
			out.WriteRune(' ')
			continue
		}
		out.WriteRune(blocks[max(0, min(len(blocks)-1, int(math.Round(x/top*float64(len(blocks)-1)))))])
	}
	return out.String()
}

// wrap breaks a text at spaces into lines of at most width runes; a longer word has a line of its own.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(s, " ") { // not Fields: a no-break space stays
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
