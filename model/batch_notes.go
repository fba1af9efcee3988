package model

import (
	"math"
	"slices"
	"strconv"

	"leadscore/datasets"
	"leadscore/features"
)

// Notes are what Advise and Assumed say beside the numbers, of each row of a batch. They may be reused.
type Notes struct {
	LeadIDs []string // "" without an id column or an id
	// Warnings are codes into Texts, −1 none: the warnings of a row, joined by "; ".
	Warnings  []int32
	Texts     []string
	Counts    []int32    // of each of Texts: how many warnings it joins; what every row begins with is one
	Intervals []Interval // of Columns.Probability; empty: the model has none

	next  []int32 // by text + 1: that with another behind it, for rows lack the same columns again and again
	last  []int   // of each row: the column that was warned of last
	rows  []int
	cells []features.Cell
	parts []part
}

// Note tells of a batch that ScoreBatch has scored into c. ahead is what the warnings of every row begin with; "": nothing.
// Intervals and warnings are those that Advise gives each row alone, with c.AsOf as the moment of rows without one, and after
// Assumed's of a lead without a list of events.
func (s *Scorer) Note(b *datasets.Batch, c *Columns, ahead string, dst *Notes) {
	n := b.Rows()
	dst.LeadIDs = grow(dst.LeadIDs, n)
	if clear(dst.LeadIDs); s.id >= 0 {
		if ids := b.Column(s.id); ids.Kind == datasets.Text {
			copy(dst.LeadIDs, ids.Texts)
		} else {
			for row := range n {
				dst.LeadIDs[row] = text(b.Value(s.id, row), "")
			}
		}
	}
	dst.Warnings, dst.Texts, dst.Counts, dst.last = grow(dst.Warnings, n), nil, nil, grow(dst.last, n)
	first := int32(-1)
	if ahead != "" {
		first = dst.add(-1, ahead)
	}
	for row := range n {
		dst.Warnings[row], dst.last[row] = first, -1
	}
	s.noteAssumed(b, c, dst)
	s.noteColumns(b, c, dst)
	s.noteIntervals(c, n, dst)
}

// noteAssumed is Assumed.
func (s *Scorer) noteAssumed(b *datasets.Batch, c *Columns, dst *Notes) {
	if s.events != nil {
		lacking := make([]int, b.Rows()) // columns of events
		for _, column := range s.events.columns {
			dst.rows = missingRows(b.Column(column), b.Rows(), dst.rows[:0])
			for _, row := range dst.rows {
				lacking[row]++
			}
		}
		dst.rows = dst.rows[:0]
		for row, n := range lacking {
			if n == len(s.events.columns) {
				dst.rows = append(dst.rows, row)
			}
		}
		dst.addTo(dst.rows, s.words.T("warning.events"))
	}
	if s.asOf >= 0 && c.AsOf == nil {
		dst.rows = missingRows(b.Column(s.asOf), b.Rows(), dst.rows[:0])
		dst.addTo(dst.rows, s.words.T("warning.as_of", strconv.Quote(s.artifact.AsOf)))
	}
}

// noteColumns is warnings.
func (s *Scorer) noteColumns(b *datasets.Batch, c *Columns, dst *Notes) {
	for f := range s.features {
		column := s.source[f]
		if !s.matters[f] || column < 0 {
			continue
		}
		name := strconv.Quote(s.artifact.Schema.Fields[column].Name)
		if !s.events.makes(column) { // else it says that there was no such event
			dst.rows = missingRows(b.Column(column), b.Rows(), dst.rows[:0])
			dst.rows = slices.DeleteFunc(dst.rows, func(row int) bool { return dst.last[row] == column })
			dst.addTo(dst.rows, s.words.T("warning.missing", name))
			for _, row := range dst.rows {
				dst.last[row] = column
			}
		}
		if s.features[f].Linear {
			continue
		}
		levels := len(s.features[f].Levels)
		for row, code := range c.block.Codes[f] {
			if int(code) < levels || dst.last[row] == column {
				continue
			}
			if value := b.Value(column, row); !value.Missing() {
				dst.Warnings[row] = dst.add(dst.Warnings[row], s.words.T("warning.unseen", name, strconv.Quote(value.String())))
				dst.last[row] = column
			}
		}
	}
}

// noteIntervals is the interval of Advise.
func (s *Scorer) noteIntervals(c *Columns, n int, dst *Notes) {
	dst.Intervals = dst.Intervals[:0]
	t := &s.targets[0]
	if t.covariance == nil {
		return
	}
	dst.Intervals, dst.cells = grow(dst.Intervals, n), grow(dst.cells, len(s.features))
	for row := range n {
		logit := t.intercept
		for f := range dst.cells {
			cell := features.Cell{Code: c.block.Codes[f][row]}
			if z := c.block.Z[f]; z != nil {
				cell.Z = z[row]
			}
			dst.cells[f] = cell
			logit += t.effects[f].of(cell.Code, cell.Z)
		}
		var variance float64
		variance, dst.parts = t.covariance.variance(dst.cells, dst.parts)
		dst.Intervals[row] = t.interval(logit, variance)
	}
}

// addTo adds a text to the warnings of rows, each of them listed once.
func (d *Notes) addTo(rows []int, text string) {
	d.next = grow(d.next, len(d.Texts)+1)
	for i := range d.next {
		d.next[i] = -1
	}
	for _, row := range rows {
		next := &d.next[d.Warnings[row]+1]
		if *next < 0 {
			*next = d.add(d.Warnings[row], text)
		}
		d.Warnings[row] = *next
	}
}

// add is the code of a text behind another.
func (d *Notes) add(before int32, text string) int32 {
	count := int32(1)
	if before >= 0 {
		text, count = d.Texts[before]+"; "+text, d.Counts[before]+1
	}
	d.Texts, d.Counts = append(d.Texts, text), append(d.Counts, count)
	return int32(len(d.Texts) - 1)
}

// missingRows appends the rows of a column which have no value.
func missingRows(c *datasets.Column, rows int, dst []int) []int {
	switch c.Kind {
	case datasets.Numeric, datasets.Boolean:
		for row, x := range c.Numbers {
			if math.IsNaN(x) {
				dst = append(dst, row)
			}
		}
	case datasets.Categorical:
		for row, code := range c.Codes {
			if code < 0 {
				dst = append(dst, row)
			}
		}
	case datasets.Time:
		for row, t := range c.Times {
			if t == datasets.MissingTime {
				dst = append(dst, row)
			}
		}
	case datasets.Text:
		for row, text := range c.Texts {
			if text == "" {
				dst = append(dst, row)
			}
		}
	default:
		for row := range rows {
			dst = append(dst, row)
		}
	}
	return dst
}

// Unseen counts the rows of a scored batch whose code of a feature is beyond its levels: values that training never saw.
func (c *Columns) Unseen(feature, levels int) (rows int) {
	for _, code := range c.block.Codes[feature] {
		if int(code) >= levels {
			rows++
		}
	}
	return rows
}
