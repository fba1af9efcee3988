package model

import (
	"math"
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

	next  map[[2]int32]int32 // text and what was added to it: rows lack the same columns again and again
	last  []int              // of each row: the column that was warned of last
	cells []features.Cell
	parts []part
}

// Note tells of a batch that ScoreBatch has scored into c. ahead is what the warnings of every row begin with; "": nothing.
// Intervals and warnings are those that Advise gives each row alone, with c.AsOf as the moment of rows without one, and after
// Assumed's of a lead without a list of events.
func (s *Scorer) Note(b *datasets.Batch, c *Columns, ahead string, dst *Notes) {
	n := b.Rows()
	dst.LeadIDs = grow(dst.LeadIDs, n)
	for row := range n {
		dst.LeadIDs[row] = ""
		if s.id >= 0 {
			dst.LeadIDs[row] = text(b.Value(s.id, row), "")
		}
	}
	dst.Warnings, dst.Texts, dst.Counts, dst.next, dst.last = grow(dst.Warnings, n), nil, nil, map[[2]int32]int32{}, grow(dst.last, n)
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
		brought := make([]bool, b.Rows())
		for _, column := range s.events.columns {
			gone := missingIn(b.Column(column))
			for row := range brought {
				brought[row] = brought[row] || !gone(row)
			}
		}
		dst.all(s.words.T("warning.events"), -1, func(row int) bool { return !brought[row] })
	}
	if s.asOf >= 0 && c.AsOf == nil {
		dst.all(s.words.T("warning.as_of", strconv.Quote(s.artifact.AsOf)), -2, missingIn(b.Column(s.asOf)))
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
		absent, gone, made := s.words.T("warning.missing", name), missingIn(b.Column(column)), s.events.makes(column)
		codes, levels, linear := c.block.Codes[f], len(s.features[f].Levels), s.features[f].Linear
		for row := range b.Rows() {
			switch {
			case dst.last[row] == column:
			case gone(row):
				if !made { // else it says that there was no such event
					dst.Warnings[row] = dst.then(dst.Warnings[row], int32(f), absent)
					dst.last[row] = column
				}
			case !linear && int(codes[row]) >= levels:
				value := b.Value(column, row)
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

// all adds a text to the rows that it holds for. key tells texts apart, beside the features.
func (d *Notes) all(text string, key int32, holds func(row int) bool) {
	for row := range d.Warnings {
		if holds(row) {
			d.Warnings[row] = d.then(d.Warnings[row], key, text)
		}
	}
}

// then is add for a text that comes with many rows.
func (d *Notes) then(before, key int32, text string) int32 {
	at := [2]int32{before, key}
	code, ok := d.next[at]
	if !ok {
		code = d.add(before, text)
		d.next[at] = code
	}
	return code
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

// missingIn tells of the rows of a column which have no value.
func missingIn(c *datasets.Column) func(row int) bool {
	switch c.Kind {
	case datasets.Numeric, datasets.Boolean:
		return func(row int) bool { return math.IsNaN(c.Numbers[row]) }
	case datasets.Categorical:
		return func(row int) bool { return c.Codes[row] < 0 }
	case datasets.Time:
		return func(row int) bool { return c.Times[row] == datasets.MissingTime }
	case datasets.Text:
		return func(row int) bool { return c.Texts[row] == "" }
	}
	return func(int) bool { return true }
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
