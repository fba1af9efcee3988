package features

import (
	"math"

	"leadscore/datasets"
)

// training is the training rows of a table, column by column.
type training struct {
	table *datasets.Table
	use   []bool // nil: all rows
	rows  int    // training rows
	asOf  int    // position of the as-of column; −1: there is none
}

// count returns the number of training rows.
func (t *training) count() int {
	if t.use == nil {
		return t.table.Rows()
	}
	n := 0
	for _, u := range t.use {
		if u {
			n++
		}
	}
	return n
}

// each calls do with every batch and the marks of its rows (nil: all).
func (t *training) each(do func(b *datasets.Batch, use []bool)) {
	at := 0
	for _, b := range t.table.Batches {
		var use []bool
		if t.use != nil {
			use = t.use[at : at+b.Rows()]
		}
		do(b, use)
		at += b.Rows()
	}
}

// numbers returns the numbers of a Numeric or Boolean column, in row order, and how many rows lack one.
func (t *training) numbers(column int) (xs []float64, missing int) {
	xs = make([]float64, 0, t.rows)
	t.each(func(b *datasets.Batch, use []bool) {
		for i, x := range b.Column(column).Numbers {
			if use != nil && !use[i] {
				continue
			}
			if math.IsNaN(x) {
				missing++
			} else {
				xs = append(xs, x)
			}
		}
	})
	return xs, missing
}

// words counts the texts of a Categorical or Text column.
func (t *training) words(column int) tally {
	out := tally{rows: map[string]int{}}
	var count []int
	t.each(func(b *datasets.Batch, use []bool) {
		c := b.Column(column)
		for i, s := range c.Texts {
			switch {
			case use != nil && !use[i]:
			case s == "":
				out.missing++
			default:
				out.rows[s]++
			}
		}
		// Levels are counted by code and looked up once a batch, not once a row.
		if cap(count) < len(c.Levels) {
			count = make([]int, len(c.Levels))
		}
		count = count[:len(c.Levels)]
		clear(count)
		for i, k := range c.Codes {
			switch {
			case use != nil && !use[i]:
			case k < 0:
				out.missing++
			default:
				count[k]++
			}
		}
		for k, n := range count {
			if n > 0 {
				out.rows[c.Levels[k]] += n
			}
		}
	})
	return out
}

// moments are the times of a column in the training rows that are known at their as-of moment.
type moments struct {
	times, asOf []int64 // of the same rows; asOf is datasets.MissingTime where the row has none
	missing     int     // rows without a time
	later       int     // rows whose time was still to come at their as-of moment: missing as well
}

// moments returns the times of a Time column.
func (t *training) moments(column int) moments {
	m := moments{times: make([]int64, 0, t.rows), asOf: make([]int64, 0, t.rows)}
	t.each(func(b *datasets.Batch, use []bool) {
		var asOf []int64
		if t.asOf >= 0 {
			asOf = b.Column(t.asOf).Times
		}
		for i, at := range b.Column(column).Times {
			if use != nil && !use[i] {
				continue
			}
			now := int64(datasets.MissingTime)
			if asOf != nil {
				now = asOf[i]
			}
			switch {
			case at == datasets.MissingTime:
				m.missing++
			case !Known(at, now):
				m.later++
			default:
				m.times, m.asOf = append(m.times, at), append(m.asOf, now)
			}
		}
	})
	return m
}

// numbers returns one part of the moments and how many rows lack it.
func (m *moments) numbers(r reading) (xs []float64, missing int) {
	xs = make([]float64, 0, len(m.times))
	missing = m.missing + m.later
	for i, t := range m.times {
		if r == readAge && m.asOf[i] == datasets.MissingTime {
			missing++
			continue
		}
		xs = append(xs, timePart(r, t, m.asOf[i]))
	}
	return xs, missing
}
