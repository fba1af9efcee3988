package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"leadscore/model"
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
	b := newScreen(o)
	for i, t := range targets(c, words) {
		if i > 0 {
			b.WriteString("\n")
		}
		terminalTarget(b, t)
	}
	return b.flush(w, "writing the result")
}

// ANSI codes of a verdict's tone.
var tones = map[string]string{"good": "32", "fair": "33", "weak": "31", "unsure": "36", "suspect": "31"}

func terminalTarget(b *screen, t targetView) {
	w, c := t.words, t.card
	rate := noFigure
	if c.Holdout.Rows > 0 {
		rate = w.Pct(float64(c.Holdout.Positives)/float64(c.Holdout.Rows), 1)
	}
	summary := w.T("terminal.summary", t.name, w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives), rate, w.known("split", c.Split))
	if c.Split == "file" { // nothing was held out: evaluate measures all of it
		summary = w.T("terminal.summary_file", t.name, w.Int(c.Holdout.Rows), w.Int(c.Holdout.Positives), rate)
	}
	b.say("1", summary)
	b.WriteString("\n")
	grid := t.terminalGrid(beside)
	for _, place := range []placing{below, nowhere} {
		if gridWidth(grid) > b.width {
			grid = t.terminalGrid(place)
		}
	}
	shorten(grid, b.width, 2) // the last figures are the least needed
	b.grid(grid, faintHeads(grid))
	for _, sentence := range []string{t.besideLine(), t.accountLine()} {
		if sentence == "" {
			continue
		}
		b.WriteString("\n")
		b.say("", sentence)
	}
	b.calibration(w, w.T("terminal.spark"), c.Calibration)
	v := t.verdict()
	fmt.Fprintf(b, "\n%s\n", b.paint("1;"+tones[v.Tone], v.Badge))
	b.list(slices.Concat(v.Sentences, v.Notes))
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
