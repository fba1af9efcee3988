package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"leadscore/model"
)

// ContestJSON writes a contest, indented.
func ContestJSON(w io.Writer, c *model.Contest) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("writing the comparison as JSON: %w", err)
	}
	return nil
}

// contestView is a contest with what its texts need.
type contestView struct {
	*model.Contest
	words *words
}

// name is a scorer in a sentence.
func (c contestView) name(of string) string {
	w := c.words
	for _, s := range c.Scorers {
		if s.Name != of {
			continue
		}
		switch {
		case s.Kind == model.ContestModel:
			return w.T("contest.name.model")
		case s.Kind == model.ContestRules:
			return w.T("contest.name.rules")
		case s.Kind == model.ContestBlend:
			return w.T("contest.name.blend")
		case s.Kind == model.ContestBaseline && of == "naive_bayes":
			return w.T("contest.name.naive_bayes")
		case s.Kind == model.ContestBaseline && of == "tree":
			return w.T("contest.name.tree")
		}
	}
	return w.T("contest.name.quoted", of)
}

// short is a scorer in a table.
func (c contestView) short(of string) string {
	for _, s := range c.Scorers {
		if s.Name == of && (s.Kind == model.ContestVersion || s.Kind == model.ContestColumn) {
			return of
		}
	}
	return c.words.known("scorer", of)
}

func (c contestView) scorer(name string) model.Contestant {
	for _, s := range c.Scorers {
		if s.Name == name {
			return s
		}
	}
	return model.Contestant{}
}

// list writes names as a sentence does: a, b and c.
func (c contestView) list(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, c.name(n))
	}
	if n := len(all); n > 1 {
		return c.words.T("contest.and", strings.Join(all[:n-1], ", "), all[n-1])
	}
	return strings.Join(all, "")
}

// ContestSentence says in one sentence which scorer ranks better, by how much and how surely, or that the data cannot tell.
func ContestSentence(c *model.Contest, o Options) (string, error) {
	w, err := o.words()
	if err != nil {
		return "", err
	}
	return contestView{c, w}.sentence(), nil
}

func (c contestView) sentence() string {
	w, v := c.words, c.Verdict
	three := func(x float64) string { return w.Num(x, 3) }
	signed := func(x float64) string { return w.Signed(x, 3) }
	auc := func(name string) string { return three(c.scorer(name).Metrics.AUC.Value) }
	d := v.Nearest.Difference
	sure := w.T("contest.sure", w.Interval(d, signed), c.p(v.Nearest.Holm))
	if v.Pairs > 1 {
		sure = w.T("contest.corrected", sure, w.Int(v.Pairs))
	}
	if !v.Tells {
		return w.T("contest.cannot", auc(v.Nearest.A), c.name(v.Nearest.A), auc(v.Nearest.B), c.name(v.Nearest.B), signed(d.Value), sure)
	}
	text := w.T("contest.better", c.name(v.Better), c.list(v.Than))
	if len(v.Than) > 1 {
		text = w.T("contest.better_many", text, c.name(v.Nearest.B))
	}
	text = w.T("contest.by", text, auc(v.Better), auc(v.Nearest.B), signed(d.Value), sure)
	if len(v.Level) > 0 {
		text = w.T("contest.level", text, c.name(v.Better), c.list(v.Level))
	}
	if g := v.Gain; g != nil {
		count := func(x float64) string { return w.Signed(x, 0) }
		text = w.T("contest.gain", text, w.Num(c.Capacity.Leads, 0), count(g.Difference.Value), w.Interval(g.Difference, count))
		if win := c.Capacity.Win; win != nil {
			money := func(x float64) string { return w.Signed(x*float64(*win), 0) }
			text = w.T("contest.money", text, money(g.Difference.Value), w.Interval(g.Difference, money))
		}
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// p writes a p value with its sign.
func (c contestView) p(p float64) string {
	s := c.words.P(p)
	if strings.HasPrefix(s, "<") {
		return "p " + s
	}
	return "p = " + s
}

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

// grid writes a table with its intervals where there is room, and without its last columns where there is not.
func (c contestView) grid(b *bytes.Buffer, lay func(placing) [][]string, width int, paint func(string, string) string) {
	grid := lay(beside)
	for _, place := range []placing{below, nowhere} {
		if gridWidth(grid) > width {
			grid = lay(place)
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

// figures is the table of the scorers.
func (c contestView) figures(intervals placing) [][]string {
	w := c.words
	head := []string{""}
	for _, key := range terminalMetrics {
		head = append(head, w.T("terminal.metric."+key))
	}
	head = append(head, w.T("contest.caught", w.Num(c.Capacity.Leads, 0)))
	if c.Capacity.Win != nil {
		head = append(head, w.T("contest.earned"))
	}
	grid := [][]string{head}
	for _, s := range c.Scorers {
		row, under := []string{c.short(s.Name)}, []string{""}
		add := func(e model.Estimate, decimals int) {
			number := func(x float64) string { return w.Num(x, decimals) }
			figure, interval := number(e.Value), w.Range(e, number)
			if intervals == beside && interval != "" {
				figure += " " + interval
			}
			row, under = append(row, figure), append(under, interval)
		}
		for _, key := range terminalMetrics {
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

// differences is the table of the pairs.
func (c contestView) differences(intervals placing) [][]string {
	w := c.words
	tests := []struct {
		metric   string
		head     string
		decimals int
	}{
		{"auc", w.T("terminal.metric.auc"), 3}, {"log_loss", w.T("terminal.metric.log_loss"), 3},
		{"lift_at_10pct", w.T("terminal.metric.lift_at_10pct"), 2}, {"caught", w.T("contest.caught", w.Num(c.Capacity.Leads, 0)), 0},
	}
	grid := [][]string{{""}}
	for _, t := range tests {
		grid[0] = append(grid[0], t.head)
	}
	grid[0] = append(grid[0], w.T("contest.shared"))
	for _, pair := range c.pairs() {
		row, under := []string{c.short(pair.A) + " − " + c.short(pair.B)}, []string{""}
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

// shownMovers is how many leads a terminal shows in each direction.
const shownMovers = 3

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
			for _, r := range m.Reasons {
				reasons = append(reasons, fmt.Sprintf("%s: %s (%s)", r.Feature, r.Value, w.Signed(r.Effect, 1)))
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
