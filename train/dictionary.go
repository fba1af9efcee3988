package train

import (
	"fmt"
	"slices"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model"
)

// Dictionary says what a snapshot table holds.
type Dictionary struct {
	Rows    int                `json:"rows"`
	Leads   int                `json:"leads"`           // different ones
	AsOf    string             `json:"as_of,omitempty"` // as configured; "": there is none
	Moment  string             `json:"moment"`          // a sentence: what the rows are pictures of
	End     string             `json:"end,omitempty"`   // RFC 3339, of the data
	EndText string             `json:"end_meaning,omitempty"`
	Split   DictionarySplit    `json:"split"`
	Targets []DictionaryTarget `json:"targets"` // the first is the primary one
	Columns []DictionaryColumn `json:"columns"` // in the order of the table
	LeftOut []DictionaryColumn `json:"left_out,omitempty"`
	Notes   []string           `json:"notes,omitempty"` // what was found while the table was made
}

// DictionarySplit is how rows were divided.
type DictionarySplit struct {
	By      string `json:"by"`
	Meaning string `json:"meaning"`
	Train   int    `json:"train"`
	Holdout int    `json:"holdout"`
	None    int    `json:"none"`
}

// DictionaryTarget is how a label was made, and where the rows went.
type DictionaryTarget struct {
	Name    string        `json:"name"`
	Label   string        `json:"label"`  // column
	Status  string        `json:"status"` // column
	Column  string        `json:"column"`
	At      string        `json:"at,omitempty"`
	Horizon string        `json:"horizon,omitempty"`
	Via     string        `json:"via,omitempty"`
	Meaning string        `json:"meaning"`
	Account []model.Count `json:"account"` // what comes in equals the sum of the other lines
}

// DictionaryColumn is a column of the table.
type DictionaryColumn struct {
	history.Description
	Role     string   `json:"role"`
	From     string   `json:"from,omitempty"`     // leads, deals, changes, events, or made here
	Excluded bool     `json:"excluded,omitempty"` // by features.exclude: no model sees it
	Missing  float64  `json:"missing_share"`
	Levels   []string `json:"levels,omitempty"` // of a categorical column: the most frequent ones first, at most 20, none of fewer than 20 rows: those may name a person
	Distinct int      `json:"distinct_levels,omitempty"`
}

const (
	roleID        = "id"
	roleAsOf      = "as-of"
	roleAttribute = "attribute"
	roleOffset    = "offset"
	roleEvents    = "event feature"
	roleOutcome   = "outcome" // as it stands in the file; never a feature
	roleWeight    = "weight"
	roleLabel     = "label"
	roleStatus    = "status"
	roleSplit     = "split"

	mostLevels = 20 // that a dictionary names
	leastNamed = 20 // rows of a level of an attribute that it names
)

func (d *data) dictionary(c *Config, table *datasets.Table, t *tableMaker) *Dictionary {
	out := &Dictionary{Rows: d.rows(), Leads: d.countLeads(), AsOf: c.Leads.AsOf, Moment: d.momentText(), Split: d.splitText(c)}
	if p := d.period; p.end != datasets.MissingTime && !d.form.none() {
		out.End, out.EndText = moment(p.end), "The latest moment in the data; what happened after it is not known."
		if p.given {
			out.EndText = "As configured (data.end); nothing at or after it is known."
		}
	}
	for k, o := range d.outcomes {
		out.Targets = append(out.Targets, DictionaryTarget{
			Name: o.Target.Name, Label: t.labels[k], Status: o.Target.Name + statusSuffix, Column: o.Target.Column, At: o.Target.At,
			Horizon: o.Target.Horizon, Via: o.Target.Via, Meaning: o.meaning(), Account: d.account(k),
		})
	}
	described := map[string]history.Description{}
	if d.events != nil {
		for _, e := range d.events.Describe() {
			described[e.Name] = e
		}
	}
	for i, f := range t.fields {
		col := DictionaryColumn{Description: history.Description{Name: f.Name, Kind: f.Kind}, Role: t.roles[i], Excluded: slices.Contains(c.Features.Exclude, f.Name)}
		d.describe(&col, described, c, t)
		col.Missing = missingShare(table, i)
		if f.Kind == datasets.Categorical {
			levels := levelCounts(table, i)
			col.Distinct = len(levels)
			for _, l := range levels[:min(len(levels), mostLevels)] {
				if l.rows >= leastNamed || t.roles[i] != roleAttribute {
					col.Levels = append(col.Levels, l.level)
				}
			}
		}
		out.Columns = append(out.Columns, col)
	}
	for _, name := range t.leftOut {
		col := DictionaryColumn{Description: history.Description{Name: name, Meaning: "It has no value in any row."}, Role: roleAttribute, From: "leads", Missing: 1}
		if slices.Contains(c.Features.Exclude, name) {
			col.Excluded, col.Missing, col.Meaning = true, 0, "It is excluded (features.exclude) and nothing else reads it."
		}
		out.LeftOut = append(out.LeftOut, col)
	}
	for _, f := range append(append([]model.Finding{}, d.findings...), d.history()...) {
		text := f.Text
		if f.Column != "" {
			text = f.Column + ": " + text
		}
		out.Notes = append(out.Notes, text)
	}
	return out
}

// describe fills in what a column means and where it comes from.
func (d *data) describe(col *DictionaryColumn, events map[string]history.Description, c *Config, t *tableMaker) {
	col.From = "leads"
	switch col.Role {
	case roleID:
		col.Meaning = "The lead."
	case roleAsOf:
		col.Meaning = "The as-of moment: the row shows its lead as it was known just before it."
		if !d.form.plain() {
			col.From = "made here"
		}
	case roleEvents:
		col.Description, col.From = events[col.Name], "events"
	case roleOffset:
		col.Meaning, col.Unit = "Log-odds that are added to every logit as they are.", "log-odds"
	case roleWeight:
		col.Meaning, col.Unit = "How many leads the row stands for.", "leads"
	case roleOutcome:
		col.Meaning = "An outcome or its time as it stands in the file. It was written after the as-of moment: never a feature."
		if c.Deals != nil {
			col.From = "leads or deals"
		}
	case roleLabel, roleStatus:
		col.From = "made here"
		for k, o := range d.outcomes {
			switch col.Name {
			case t.labels[k]:
				col.Meaning = o.meaning()
			case o.Target.Name + statusSuffix:
				col.Meaning = fmt.Sprintf("%q where the row trains or tests %s, else why it does not.", statusUsed, o.Target.Name)
			}
		}
	case roleSplit:
		col.From, col.Meaning = "made here", d.splitText(c).Meaning
	default:
		col.Meaning = "An attribute of the lead as it stands in the file."
		if slices.Contains(d.changed, col.Name) {
			col.From, col.Meaning = "changes", "An attribute of the lead: its last value before the as-of moment by the log of changes."
		}
	}
}

func (d *data) momentText() string {
	f := d.form
	if f.none() {
		return "The rows have no as-of moment: each shows its lead as it stands in the file."
	}
	base := fmt.Sprintf("the moment in column %q", f.Column)
	if f.Event != "" {
		base = fmt.Sprintf("the lead's first event of type %q", f.Event)
	}
	switch {
	case f.Every > 0 && f.For > 0:
		base = fmt.Sprintf("%s and each %s after it while the lead is open and less than %s have passed", base, spanWords(f.Every), spanWords(f.For))
	case f.Every > 0:
		base = fmt.Sprintf("%s and each %s after it while the lead is open", base, spanWords(f.Every))
	case f.Delay > 0:
		base = spanWords(f.Delay) + " after " + base
	}
	return "A row shows its lead as it was known just before the as-of moment, which is " + base + "; events and changes count if they came strictly before it."
}

// spanWords writes microseconds in the largest of d, h and m that divides them.
func spanWords(micros int64) string {
	const m = 60_000_000
	for _, u := range []struct {
		span int64
		name string
	}{{24 * 60 * m, "d"}, {60 * m, "h"}} {
		if micros%u.span == 0 {
			return fmt.Sprintf("%d%s", micros/u.span, u.name)
		}
	}
	return fmt.Sprintf("%dm", micros/m)
}

func (d *data) splitText(c *Config) DictionarySplit {
	s := DictionarySplit{By: d.splitBy}
	for row := range d.rows() {
		switch {
		case d.train[row]:
			s.Train++
		case d.holdout[row]:
			s.Holdout++
		default:
			s.None++
		}
	}
	how := "chosen at random, leads whole"
	switch d.splitBy {
	case "time":
		how = "those from " + moment(d.cut) + " on"
	case "group":
		how = fmt.Sprintf("whole groups of %q", c.Split.Group)
	}
	s.Meaning = fmt.Sprintf("The side of the row for the primary target, %s: train, holdout (%s), or none for a row that is not used.", d.outcomes[0].Target.Name, how)
	return s
}

// meaning tells in a sentence how a target's labels come about.
func (o *Outcomes) meaning() string {
	t := o.Target
	one := fmt.Sprintf("%s is %s", t.Column, quoted(t.Positive))
	var text string
	switch {
	case o.horizon > 0:
		text = fmt.Sprintf("1 if %s and %s is at most %s after the as-of moment; 0 if not, once those %s were over at the end of the data", one, t.At, t.Horizon, t.Horizon)
	case len(t.Negative) > 0:
		text = fmt.Sprintf("1 if %s; 0 if it is %s", one, quoted(t.Negative))
	default:
		text = fmt.Sprintf("1 if %s; 0 if it is the other value", one)
	}
	text += fmt.Sprintf("; missing where that is not known, for the reason in %s.", t.Name+statusSuffix)
	if o.given >= 0 {
		text += fmt.Sprintf(" Modelled given %s.", t.Via)
	}
	return text
}

// countLeads counts the different leads of the rows.
func (d *data) countLeads() int {
	if d.lead == nil {
		return d.rows()
	}
	seen := map[int32]struct{}{}
	for _, l := range d.lead {
		seen[l] = struct{}{}
	}
	return len(seen)
}

// missingShare is the share of rows without a value.
func missingShare(t *datasets.Table, column int) float64 {
	missing, rows := 0, 0
	for _, b := range t.Batches {
		for i := range b.Rows() {
			if b.Value(column, i).Missing() {
				missing++
			}
		}
		rows += b.Rows()
	}
	return float64(missing) / float64(max(rows, 1))
}
