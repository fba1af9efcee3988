package report

import (
	"io"
	"math"
	"strings"

	"leadscore/model"
)

// ReplayTerminal writes a replay: volume and quality of both sides, who moves in and out, a few of them, and the months.
func ReplayTerminal(out io.Writer, r *model.Replay, o Options) error {
	w, err := o.words()
	if err != nil {
		return err
	}
	p := newSheet(w, o)
	if r.Rows.Labelled > 0 {
		p.say("1", w.T("replay.summary", w.Int(r.Rows.Leads), w.Int(r.Rows.Labelled), w.Int(r.Rows.Positives), w.Pct(float64(r.Rows.Positives)/float64(r.Rows.Labelled), 1)))
	} else {
		p.say("1", w.T("replay.summary_open", w.Int(r.Rows.Leads)))
	}
	if r.Rows.Days > 0 {
		p.say("2", w.T("replay.period", date(r.Rows.From), date(r.Rows.To), w.Int(r.Rows.Days)))
	}
	p.blank()
	p.replaySides(r)
	if r.AUC != nil {
		signed := func(x float64) string { return w.Signed(x, 3) }
		p.blank()
		p.say("1;36", w.T("replay.auc", signed(r.AUC.Difference.Value), w.Interval(r.AUC.Difference, signed), w.P(r.AUC.P)))
	}
	p.replayMoved("replay.in", r.In, r)
	p.replayMoved("replay.out", r.Out, r)
	p.replayMonths(r)
	return p.flush(out, "writing the replay")
}

func (p *sheet) replaySides(r *model.Replay) {
	w := p.words
	labelled, days := r.Rows.Labelled > 0, r.Rows.Days > 0
	grid := [][]string{{"", w.T("replay.current", cutText(r.Current.Name, nameWidth)), w.T("replay.new", cutText(r.New.Name, nameWidth))}}
	add := func(head string, of func(s *model.ReplaySide) string) {
		grid = append(grid, []string{head, of(&r.Current), of(&r.New)})
	}
	from := func(x model.Figure, scale string) string {
		if math.IsNaN(float64(x)) {
			return w.T("replay.hard_only")
		}
		if scale == model.ReplayPoints {
			return w.T("replay.points", w.Score(float64(x)))
		}
		return w.T("replay.score", w.Num(float64(x), 1))
	}
	add(w.T("replay.mql_from"), func(s *model.ReplaySide) string { return from(s.MQLFrom, s.Scale) })
	add(w.T("replay.sql_from"), func(s *model.ReplaySide) string { return from(s.SQLFrom, s.Scale) })
	volume := func(v model.Volume) string {
		text := w.Int(v.Leads)
		if r.Rows.Leads > 0 {
			text += " (" + w.Pct(float64(v.Leads)/float64(r.Rows.Leads), 1) + ")"
		}
		if days {
			text = w.T("replay.a_day", text, w.Num(float64(v.PerDay), 1))
		}
		return text
	}
	for i := range r.Current.Stages {
		add(w.known("replay.stage", string(r.Current.Stages[i].Stage)), func(s *model.ReplaySide) string { return volume(s.Stages[i]) })
	}
	add(w.T("replay.selected"), func(s *model.ReplaySide) string { return volume(s.Selected) })
	if labelled {
		estimate := func(e model.Estimate, format func(float64) string) string {
			text := format(e.Value)
			if i := w.Range(e, format); i != "" {
				text += " " + i
			}
			return text
		}
		pct, three := func(x float64) string { return w.Pct(x, 1) }, func(x float64) string { return w.Num(x, 3) }
		add(w.T("replay.precision"), func(s *model.ReplaySide) string { return estimate(s.Precision, pct) })
		add(w.T("replay.recall"), func(s *model.ReplaySide) string { return estimate(s.Recall, pct) })
		if r.AUC != nil {
			add(w.T("terminal.metric.auc"), func(s *model.ReplaySide) string { return estimate(s.AUC, three) })
		}
	}
	p.table(grid)
}

// replayMoved tells of the leads that move in, or out.
func (p *sheet) replayMoved(key string, m model.ReplayMoved, r *model.Replay) {
	w := p.words
	p.blank()
	text := w.T(key, w.Int(m.Leads))
	if r.Rows.Labelled > 0 && m.Leads > 0 {
		pct := func(x float64) string { return w.Pct(x, 0) }
		text = w.T("replay.outcomes", text, w.Int(m.Converted), w.Int(m.Lost), pct(m.Rate.Value), w.Range(m.Rate, pct))
		if m.Open > 0 {
			text = w.T("replay.open", text, w.Int(m.Open))
		}
	}
	p.say("1", text)
	number := func(x float64) string { return w.Num(x, 1) }
	for _, e := range m.Examples {
		line := w.T("replay.mover", e.Lead, string(e.CurrentStage), number(e.Current), string(e.NewStage), number(e.New))
		if e.Outcome != "" {
			line += "; " + w.known("replay.outcome", strings.ReplaceAll(e.Outcome, " ", "_"))
		}
		const shown = 3
		var parts []string
		for _, c := range e.Changes[:min(shown, len(e.Changes))] {
			parts = append(parts, p.change(c))
		}
		if n := len(e.Changes) - shown; n > 0 {
			parts = append(parts, w.T("replay.more", w.Int(n)))
		}
		if len(parts) > 0 {
			line += "; " + strings.Join(parts, ", ")
		}
		for i, part := range wrap(line, p.width-2) {
			lead := "  "
			if i == 0 {
				lead = "· "
			}
			p.WriteString(lead + part + "\n")
		}
	}
}

func (p *sheet) change(c model.RuleChange) string {
	w := p.words
	if c.Kind == "hard" {
		return c.Rule + " (" + c.Text + ")"
	}
	name := cutText(c.Rule, nameWidth)
	if c.Kind != "rule" {
		name = strings.TrimSpace(name + " " + c.Kind)
	}
	return w.T("replay.change", name, w.Score(c.Current), w.Score(c.New))
}

func (p *sheet) replayMonths(r *model.Replay) {
	if len(r.Months) == 0 {
		return
	}
	w := p.words
	pct := func(x float64) string { return w.Pct(x, 0) }
	p.blank()
	grid := [][]string{{w.T("replay.month"), w.T("replay.leads"), w.T("replay.month_selected"), w.T("replay.moves")}}
	if r.Rows.Labelled > 0 {
		grid[0] = []string{w.T("replay.month"), w.T("replay.leads"), w.T("replay.month_selected"), w.T("replay.moves"), w.T("replay.precision"), w.T("replay.recall")}
	}
	for _, m := range r.Months {
		name := m.Month
		if name == "" {
			name = noFigure
		}
		row := []string{name, w.Int(m.Leads), w.T("replay.from_to", w.Int(m.Current.Selected), w.Int(m.New.Selected)), w.T("replay.in_out", w.Int(m.In), w.Int(m.Out))}
		if r.Rows.Labelled > 0 {
			row = append(row, w.T("replay.from_to", pct(m.Current.Precision.Value), pct(m.New.Precision.Value)), w.T("replay.from_to", pct(m.Current.Recall.Value), pct(m.New.Recall.Value)))
		}
		grid = append(grid, row)
	}
	p.table(grid)
}
