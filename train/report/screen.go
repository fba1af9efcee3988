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

// screen is a text for a terminal in the making: lines that fit its width, and colours where it has some.
type screen struct {
	bytes.Buffer
	width  int
	colour bool
}

func newScreen(o Options) *screen {
	width := o.Width
	if width <= 0 {
		width = defaultWidth
	}
	return &screen{width: max(width, narrowest), colour: o.Colour}
}

// paint colours a text by an ANSI code; "" leaves it as it is.
func (s *screen) paint(code, text string) string {
	if !s.colour || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// say writes a text in one colour.
func (s *screen) say(code, text string) {
	for _, line := range wrap(text, s.width) {
		fmt.Fprintln(s, s.paint(code, line))
	}
}

// list writes each text behind a dot.
func (s *screen) list(texts []string) {
	for _, text := range texts {
		for i, line := range wrap(text, s.width-2) {
			lead := "  "
			if i == 0 {
				lead = "· "
			}
			fmt.Fprintln(s, lead+line)
		}
	}
}

// grid writes a table: the columns that are named to the right, the others to the left, each row in the colour that tone says.
func (s *screen) grid(grid [][]string, tone func(row int) string, right ...int) {
	widths := columnWidths(grid)
	toRight := map[int]bool{}
	for _, j := range right {
		toRight[j] = true
	}
	for i, row := range grid {
		var line strings.Builder
		for j, text := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text))
			if toRight[j] {
				text = pad + text
			} else {
				text += pad
			}
			line.WriteString(text)
		}
		fmt.Fprintln(s, s.paint(tone(i), strings.TrimRight(line.String(), " ")))
	}
}

// faintHeads is the tone of heads, and of intervals below their figures.
func faintHeads(grid [][]string) func(row int) string {
	return func(row int) string {
		if row == 0 || grid[row][0] == "" {
			return "2"
		}
		return ""
	}
}

// calibration draws predicted and observed rates as two lines of sparks on one scale; nothing of fewer than two bins.
func (s *screen) calibration(w *words, head string, bins []model.CalibrationBin) {
	if len(bins) < 2 {
		return
	}
	expected, observed, top := make([]float64, len(bins)), make([]float64, len(bins)), 0.0
	for i, x := range bins {
		expected[i], observed[i] = x.Expected, x.Observed.Value
		top = math.Max(top, math.Max(x.Expected, x.Observed.Value))
	}
	fmt.Fprintf(s, "\n%s\n", s.paint("2", head))
	var lines [][]string
	for i, values := range [][]float64{expected, observed} {
		lines = append(lines, []string{w.T([]string{"terminal.predicted", "terminal.observed"}[i]),
			s.paint("34", sparks(values, top)), w.Pct(values[0], 1) + " → " + w.Pct(values[len(values)-1], 1)})
	}
	s.grid(lines, func(int) string { return "" })
}

// flush writes what was made; doing opens its error.
func (s *screen) flush(out io.Writer, doing string) error {
	if _, err := out.Write(s.Bytes()); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// shorten drops the last columns until a table fits; at least so many stay.
func shorten(grid [][]string, width, least int) {
	for gridWidth(grid) > width && len(grid[0]) > least {
		for i := range grid {
			grid[i] = grid[i][:len(grid[i])-1]
		}
	}
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

// cutText shortens a text to a width, with dots for what is gone.
func cutText(s string, width int) string {
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}
