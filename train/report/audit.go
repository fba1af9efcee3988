package report

import (
	"strings"

	"leadscore/model"
)

// mostSuspects bounds what the audit's table shows; the rest is in metrics.json.
const mostSuspects = 100

// auditSection tells what the leakage audit named, with its evidence, and below, folded, what it measured of each column.
// A card without an audit, that of an evaluation or of an older run, has no such section.
func auditSection(c *model.Card, w *words) section {
	a := c.Audited
	if a == nil {
		return section{}
	}
	s := section{ID: "audit", Nav: w.T("nav.audit"), Heading: w.T("audit.heading"), Intro: w.T("audit.intro")}
	named := block{Note: auditNote(a, w)}
	if len(c.Audit) == 0 {
		named.Lead = w.T("audit.none")
	} else {
		named.Table = &table{Head: []string{w.T("data.column"), w.T("audit.evidence")}, Left: 2}
		for i, x := range c.Audit {
			if i == mostSuspects {
				named.Note = w.T("data.morefinding", w.Int(len(c.Audit)-mostSuspects)) + " " + named.Note
				break
			}
			named.Table.Rows = append(named.Table.Rows, suspectRow(x, w))
		}
	}
	s.Blocks = append(s.Blocks, named)
	if len(a.Columns) > 0 {
		s.Blocks = append(s.Blocks, block{Table: auditedColumns(a, w), Fold: w.T("audit.columns", w.Int(len(a.Columns)))})
	}
	return s
}

func suspectRow(x model.Suspect, w *words) []cell {
	column := cell{Main: x.Column}
	if x.Column == "" {
		column.Main = w.T("audit.rows")
	}
	suggestion := w.T("audit.ask")
	if x.Exclude {
		suggestion = w.T("audit.exclude")
	}
	var evidence []string
	for _, check := range x.Checks {
		evidence = append(evidence, w.evidence(&check))
	}
	column.Small = w.T("audit.said", w.known("severity", x.Severity), suggestion)
	return []cell{column, text(strings.Join(evidence, " "))}
}

// evidence is the sentence of a check in the reader's language; of a kind that it does not know the card's own.
func (w *words) evidence(c *model.AuditCheck) string {
	auc := func() (string, string) {
		two := func(x float64) string { return w.Num(x, 2) }
		return two(c.Figure.Value), w.Interval(c.Figure, two)
	}
	pct := func(i int) string {
		if i >= len(c.Shares) {
			return noFigure
		}
		return w.share(c.Shares[i])
	}
	value, interval := auc()
	switch c.Kind {
	case model.CheckAlone:
		return w.T("check.alone", value, interval)
	case model.CheckPresence:
		return w.T("check.presence", pct(0), pct(1), value, interval)
	case model.CheckOpen:
		return w.T("check.open", pct(0), pct(1))
	case model.CheckAfterAsOf:
		return w.T("check.after_as_of", w.share(c.Figure.Value), c.Level)
	case model.CheckAfterEnd:
		return w.T("check.after_end", w.share(c.Figure.Value), c.Level)
	case model.CheckOneClass:
		return w.oneClass(c)
	case model.CheckID:
		return w.T("check.id", w.Int(c.Rows), w.Int(c.Of))
	case model.CheckTime:
		if c.Level == "" {
			return w.T("check.time_rows", w.Num(c.Figure.Value, 2))
		}
		return w.T("check.time", c.Level, w.Num(c.Figure.Value, 2))
	case model.CheckShift:
		return w.T("check.shift", value, interval)
	case model.CheckDuplicates:
		return w.T("check.duplicates", w.Int(c.Rows), w.Int(c.Of), pct(0))
	}
	return c.Text
}

func (w *words) oneClass(c *model.AuditCheck) string {
	level := "«" + c.Level + "»"
	switch c.Level {
	case model.MissingLevel:
		level = w.T("check.no_value")
	case model.AnyValue:
		level = w.T("check.any_value")
	}
	s := w.T("check.none_of", w.Int(c.Rows), level)
	if len(c.Shares) > 0 && c.Shares[0] == 1 {
		s = w.T("check.all_of", w.Int(c.Rows), level)
	}
	if c.Levels > 1 {
		s += " " + w.T("check.more_levels", w.Int(c.Levels-1))
	}
	return s
}

// share writes a share in whole percent that is never 0 or 100 unless it is.
func (w *words) share(x float64) string {
	switch {
	case x > 0 && x < .01:
		return "< " + w.Pct(.01, 0)
	case x > .99 && x < 1:
		return "> " + w.Pct(.99, 0)
	}
	return w.Pct(x, 0)
}

func auditedColumns(a *model.Audit, w *words) *table {
	t := &table{Head: []string{w.T("data.column"), w.T("audit.alone"), w.T("audit.presence"), w.T("audit.filled"), w.T("audit.shift")}, Left: 1}
	two := func(x float64) string { return w.Num(x, 2) }
	figure := func(e model.Estimate) cell { return cell{Main: two(e.Value), Small: w.Range(e, two)} }
	for _, x := range a.Columns {
		shift := figure(x.Shift)
		if x.Expected {
			shift.Small = w.T("audit.expected")
		}
		presence := figure(x.Presence)
		if x.Filled == 1 {
			presence = text(noFigure)
		}
		t.Rows = append(t.Rows, []cell{text(x.Column), figure(x.Alone), presence, text(w.share(x.Filled)), shift})
	}
	return t
}

// auditNote says what was looked at, and what could not be told.
func auditNote(a *model.Audit, w *words) string {
	notes := []string{w.T("audit.looked", w.Int(a.Rows), w.Int(a.Of))}
	if a.Told {
		notes = append(notes, w.T("audit.told", w.Int(a.Open)))
	} else {
		notes = append(notes, w.T("audit.untold"))
	}
	if finite(a.Shift.Value) {
		two := func(x float64) string { return w.Num(x, 2) }
		notes = append(notes, w.T("audit.together", two(a.Shift.Value), w.Interval(a.Shift, two)))
	}
	if a.EqualOf > 0 {
		notes = append(notes, w.T("audit.equal", w.Int(a.Equal), w.Int(a.EqualOf)))
	}
	return strings.Join(notes, " ")
}
