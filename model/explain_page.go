package model

import (
	"io"
	"strconv"
	"strings"

	"leadscore/model/rules"
)

// WritePage writes an explanation of the scorer as a page of text in the scorer's language: the recommendation and why,
// model effects and rule points beside each other, and what would change it.
func (s *Scorer) WritePage(out io.Writer, e *Explanation) error {
	w, a := s.words, s.artifact
	var b strings.Builder
	line := func(indent string, parts ...string) {
		b.WriteString(indent)
		for _, part := range parts {
			b.WriteString(part)
		}
		b.WriteByte('\n')
	}
	head := func(key string) { line("", "\n", w.T(key)) }
	percent := func(p float64) string { return w.fixed(100*p, 1) + " %" }

	id := e.LeadID
	if id == "" {
		id = w.T("page.lead")
	}
	line("", w.T("page.stage", id, string(e.Stage)))
	for i := range a.Targets {
		interval := ""
		if i == 0 && e.Interval.Known() {
			interval = w.T("page.interval", w.fixed(100*e.Interval.Lower, 1), percent(e.Interval.Upper))
		}
		line("  ", w.T("page.probability", a.Targets[i].Name, percent(e.Probabilities[i]), interval, percent(a.Targets[i].BaseRate)))
	}
	points := ""
	if a.Rules != nil {
		points = w.T("page.rules", w.number(e.RuleScore))
	}
	line("  ", w.T("page.score", w.fixed(e.Score, 1), e.Grade), points)
	for i := 1; i < len(e.RuleScores); i++ {
		line("  ", w.T("page.card", a.Rules.Scorecards[i].Name, w.number(e.RuleScores[i])))
	}
	if e.Axes.Grade != "" {
		line("  ", w.T("page.axes", w.number(e.Axes.Fit), w.number(e.Axes.Engagement), e.Axes.Grade))
	}
	if e.Previous != "" {
		key := "page.unchanged"
		if e.Changed {
			key = "page.changed"
		}
		line("  ", w.T(key, string(e.Previous)))
	}

	head("page.because")
	for _, text := range e.Because {
		line("  ", text)
	}
	for _, side := range []struct {
		key  string
		sign float64
	}{{"page.for", 1}, {"page.against", -1}} {
		first := true
		for i := range e.Reasons {
			if r := &e.Reasons[i]; r.Effect*side.sign > 0 {
				if first {
					head(side.key)
				}
				first = false
				line("  ", signed(w.fixed(r.Effect, 2), 6), "  ", r.Text)
			}
		}
	}
	if len(e.Reasons) == 0 {
		line("", "\n", w.T("page.none"))
	}
	trace := func(title string, lines []rules.Line) {
		if len(lines) > 0 {
			line("", "\n", title)
		}
		for i := range lines {
			l := &lines[i]
			line("  ", signed(w.number(l.Points), 6), "  ", strings.Trim(l.Group+" / "+l.Rule, " /"), " (", l.Kind, ") ", l.Text)
		}
	}
	trace(w.T("page.trace"), e.Trace)
	for i, lines := range e.Traces {
		trace(w.T("page.cardTrace", a.Rules.Scorecards[i+1].Name), lines)
	}
	head("page.changes")
	for _, c := range e.Counterfactuals {
		line("  ", w.T("page.change", string(c.Stage), w.fixed(c.Score, 1), percent(c.Probability)))
		for i := range c.Changes {
			line("    · ", c.Changes[i].Text)
		}
	}
	switch {
	case len(e.Counterfactuals) > 0:
	case e.Stage == SQL:
		line("  ", w.T("page.top", string(SQL)))
	case len(a.Policy.Actionable) == 0:
		line("  ", w.T("page.unmarked"))
	default:
		line("  ", w.T("page.beyond", strconv.Itoa(MostChanges)))
	}
	for i, text := range e.Warnings {
		if i == 0 {
			line("")
		}
		line("", w.T("page.warning", text))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// signed gives a number its sign and fills it up with spaces in front.
func signed(number string, width int) string {
	if !strings.HasPrefix(number, "-") {
		number = "+" + number
	}
	return strings.Repeat(" ", max(0, width-len(number))) + number
}
