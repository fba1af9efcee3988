package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"leadscore/model"
)

// Choices writes cut-offs as a compact table, a row a way of choosing them, how their figures came about, and the lines of
// configuration that put the asked ones to use. Intervals stand beside the figures, below them, or, where the width is too
// small for either, nowhere; where even that is too wide the last figures are left out. Columns that nothing is known for are never there.
func Choices(out io.Writer, c *model.ChoiceCard, o Options) error {
	w, err := o.words()
	if err != nil {
		return err
	}
	b := newScreen(o)
	rate := noFigure
	if c.Data.Rows > 0 {
		rate = w.Pct(float64(c.Data.Positives)/float64(c.Data.Rows), 1)
	}
	b.say("1", w.T("choice.summary", c.Target, w.Int(c.Data.Rows), w.Int(c.Data.Positives), rate))
	if x := float64(c.PerDay); !math.IsNaN(x) {
		b.say("", w.T("choice.arrivals", w.Num(x, 1), w.Int(int(math.Round(float64(c.Days))))))
	}
	b.WriteString("\n")
	grid := choiceGrid(w, c, beside)
	for _, place := range []placing{below, nowhere} {
		if gridWidth(grid) > b.width {
			grid = choiceGrid(w, c, place)
		}
	}
	shorten(grid, b.width, 4)            // the last figures are the least needed
	b.grid(grid, faintHeads(grid), 2, 3) // counts to the right
	if len(c.Choices) > 0 {
		chosen := c.Data.Rows
		for _, x := range c.Choices {
			chosen = min(chosen, x.Chosen)
		}
		b.WriteString("\n")
		b.say("", w.T("choice.crossfit", w.Int(chosen)))
	}
	for _, x := range c.Choices {
		if !x.Met || x.Asked == "" {
			continue
		}
		b.WriteString("\n")
		stage := strings.ToLower(c.Stage)
		b.say("", w.T("choice.fixed", x.Asked))
		fmt.Fprintf(b, "  policy: {%s: {min_score: %s}}\n", stage, strconv.FormatFloat(x.Score, 'f', -1, 64))
		b.say("", w.T("choice.anew"))
		fmt.Fprintf(b, "  policy: {%s: {%s}}\n", stage, x.Asked)
		break // the others go the same way
	}
	return b.flush(out, "writing the cut-offs")
}

// shortAsked writes costs in less room: net_benefit: 5 / 400.
var shortAsked = strings.NewReplacer("{contact: ", "", ", win: ", " / ", "}", "")

// choiceColumn is a figure of the table.
type choiceColumn struct {
	key    string
	of     func(model.Choice) model.Estimate
	format func(float64) string
}

// choiceGrid is the table: the cut-offs of the model first.
func choiceGrid(w *words, c *model.ChoiceCard, intervals placing) [][]string {
	all := append(append([]model.Choice{}, c.Current...), c.Choices...)
	pct := func(x float64) string { return w.Pct(x, 0) }
	var columns []choiceColumn
	for _, col := range []choiceColumn{
		{"choice.volume", func(x model.Choice) model.Estimate { return x.Volume }, func(x float64) string { return w.Num(x, 1) }},
		{"choice.precision", func(x model.Choice) model.Estimate { return x.Precision }, pct},
		{"choice.recall", func(x model.Choice) model.Estimate { return x.Recall }, pct},
		{"choice.benefit", func(x model.Choice) model.Estimate { return x.Benefit }, func(x float64) string { return w.Num(x, 2) }},
	} {
		for _, x := range all {
			if !math.IsNaN(col.of(x).Value) {
				columns = append(columns, col)
				break
			}
		}
	}
	head := []string{w.T("choice.stage"), w.T("choice.by"), w.T("choice.score"), w.T("choice.selected")}
	for _, col := range columns {
		head = append(head, w.T(col.key))
	}
	grid := [][]string{head}
	for i, x := range all {
		by := shortAsked.Replace(x.Asked)
		switch {
		case i < len(c.Current):
			by = w.T("choice.own")
		case by == "" && x.By == "top":
			by = w.T("choice.top")
		case by == "":
			by = w.T("choice.youden")
		}
		score := w.Score(x.Score)
		if !x.Met {
			score = w.T("choice.unmet")
		}
		row, under := []string{x.Stage, by, score, w.Int(x.Selected)}, []string{"", "", "", ""}
		for _, col := range columns {
			e := col.of(x)
			s, interval := col.format(e.Value), w.Range(e, col.format)
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
