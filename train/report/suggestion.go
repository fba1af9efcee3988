package report

import (
	"io"
	"math"
	"strings"

	"leadscore/model"
)

// SuggestionTerminal writes suggested rules: a row a rule, the figures on labelled leads if there are any, and what is left out.
func SuggestionTerminal(out io.Writer, s *model.Suggestion, o Options) error {
	w, err := o.words()
	if err != nil {
		return err
	}
	p := newSheet(w, o)
	p.say("1", w.T("suggest.summary", s.Target, w.Int(len(s.Lines)), s.Model, w.Score(s.PointsToDouble), w.Pct(float64(s.Kept), 0)))
	p.blank()
	grid := [][]string{{w.T("suggest.group"), w.T("suggest.rule"), w.T("suggest.points"), w.T("suggest.rows"), w.T("suggest.rate"), w.T("suggest.kept")}}
	for _, l := range s.Lines {
		grid = append(grid, suggestedRow(w, l))
	}
	p.table(grid)
	if s.Measured != nil {
		p.blank()
		p.measured(s.Measured)
	}
	if len(s.LeftOut) > 0 {
		p.blank()
		const shown = 6
		var names []string
		for _, l := range s.LeftOut[:min(shown, len(s.LeftOut))] {
			names = append(names, w.T("suggest.left", l.Feature, w.Pct(float64(l.Share), 1), w.known("suggest.reason", l.Reason)))
		}
		if n := len(s.LeftOut) - shown; n > 0 {
			names = append(names, w.T("suggest.more", w.Int(n)))
		}
		p.say("2", w.T("suggest.left_out", strings.Join(names, "; ")))
	}
	return p.flush(out, "writing the suggestion")
}

// suggestedRow is a rule: its points from the lowest to the highest, and what training saw of the leads that get them, where that is one
// figure.
func suggestedRow(w *words, l model.SuggestedRule) []string {
	low, high, rows, rate := math.MaxInt, math.MinInt, 0, [2]float64{math.NaN(), math.NaN()}
	for _, c := range l.Cells {
		low, high, rows = min(low, c.Points), max(high, c.Points), rows+c.Rows
	}
	for _, c := range l.Cells {
		if c.Points == low {
			rate[0] = float64(c.Rate)
		}
		if c.Points == high {
			rate[1] = float64(c.Rate)
		}
	}
	points, converted := w.Signed(float64(low), 0), noFigure
	if !math.IsNaN(rate[0]) {
		converted = w.Pct(rate[0], 0)
	}
	if low != high {
		points = w.T("suggest.from_to", points, w.Signed(float64(high), 0))
		if !math.IsNaN(rate[0]) && !math.IsNaN(rate[1]) {
			converted = w.T("suggest.from_to", w.Pct(rate[0], 0), w.Pct(rate[1], 0))
		}
	}
	return []string{w.known("suggest.in", l.Group), cutText(l.Rule, ruleWidth), points, w.Int(rows), converted, w.Pct(float64(l.Kept), 1)}
}

// ruleWidth is the most runes of the name of a rule in a table.
const ruleWidth = 44

// measured writes what labelled leads say.
func (p *sheet) measured(m *model.SuggestionResult) {
	w := p.words
	three, signed := func(x float64) string { return w.Num(x, 3) }, func(x float64) string { return w.Signed(x, 3) }
	grid := [][]string{{"", w.T("terminal.metric.auc"), "", w.T("suggest.difference"), "", ""}}
	row := func(name string, auc model.Estimate, d *model.SuggestionRival) {
		cells := []string{name, three(auc.Value), w.Range(auc, three), "", "", ""}
		if d != nil {
			cells[3], cells[4], cells[5] = signed(d.Difference.Value), w.Range(d.Difference, signed), w.P(float64(d.P))
		}
		grid = append(grid, cells)
	}
	row(w.T("suggest.suggested"), m.AUC, nil)
	row(w.known("scorer", "model"), m.Model.AUC, &m.Model)
	if m.Current != nil {
		row(w.T("suggest.current"), m.Current.AUC, m.Current)
	}
	p.say("2", w.T("suggest.measured", w.Int(m.Rows.Rows), w.Int(m.Rows.Positives)))
	p.table(grid)
	p.blank()
	pct := func(x float64) string { return w.Pct(x, 0) }
	p.say("1;36", w.T("suggest.ranking", pct(float64(m.Ranking)), w.Num(float64(m.Agreement), 2)))
	selected := func(s model.SelectedLeads) string {
		return w.T("suggest.selected", w.Int(s.Leads), pct(float64(s.Share)), pct(s.Precision.Value), w.Range(s.Precision, pct), pct(s.Recall.Value), w.Range(s.Recall, pct))
	}
	p.say("", w.T("suggest.mql", w.Int(m.MQL.Points), selected(m.MQL.Rules)))
	p.say("", w.T("suggest.mql_model", selected(m.MQL.Model)))
}

// sheet is a screen of one language.
type sheet struct {
	*screen
	words *words
}

func newSheet(w *words, o Options) *sheet { return &sheet{newScreen(o), w} }

func (p *sheet) blank() { p.WriteByte('\n') }

// table writes a grid whose first row is the head; where it is too wide, without its last columns.
func (p *sheet) table(grid [][]string) {
	shorten(grid, p.width, 2)
	p.grid(grid, func(row int) string {
		if row == 0 {
			return "2"
		}
		return ""
	})
}
