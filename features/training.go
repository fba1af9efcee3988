package features

import (
	"cmp"
	"math"
	"slices"

	"leadscore/datasets"
)

// training is the training rows of a table, column by column.
type training struct {
	table  *datasets.Table
	use    []bool    // nil: all rows
	weight []float64 // of the table's rows; nil: all 1
	rows   int       // training rows of the file, whatever they weigh
	asOf   int       // position of the as-of column; −1: there is none
}

// figures are the numbers of a column in the training rows that have one.
type figures struct {
	xs      []float64 // none is NaN
	weight  []float64 // of each; nil: all 1
	missing float64   // weight of the rows that lack one
}

// add appends a number of a row, or counts the row as missing where it is NaN. Weights are kept where w is given.
func (f *figures) add(x float64, w []float64, row int) {
	weight := 1.0
	if w != nil {
		weight = w[row]
	}
	if math.IsNaN(x) {
		f.missing += weight
		return
	}
	f.xs = append(f.xs, x)
	if w != nil {
		f.weight = append(f.weight, weight)
	}
}

// of is the weight of number i.
func (f *figures) of(i int) float64 {
	if f.weight == nil {
		return 1
	}
	return f.weight[i]
}

// total is the weight of the numbers, missing ones not among them.
func (f *figures) total() float64 {
	if f.weight == nil {
		return float64(len(f.xs))
	}
	sum := 0.0
	for _, w := range f.weight {
		sum += w
	}
	return sum
}

// sort puts the numbers into their order, the lighter first among equals, so that no sum over them depends on
// the order of the rows.
func (f *figures) sort() {
	if f.weight == nil {
		slices.Sort(f.xs)
		return
	}
	order := make([]int, len(f.xs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.xs[a], f.xs[b]), cmp.Compare(f.weight[a], f.weight[b]))
	})
	xs, weight := make([]float64, len(order)), make([]float64, len(order))
	for to, from := range order {
		xs[to], weight[to] = f.xs[from], f.weight[from]
	}
	f.xs, f.weight = xs, weight
}

// runs calls do for each different number of the sorted figures with the weight that it has.
func (f *figures) runs(do func(x, weight float64)) {
	for i := 0; i < len(f.xs); {
		x, weight := f.xs[i], 0.0
		for ; i < len(f.xs) && f.xs[i] == x; i++ {
			weight += f.of(i)
		}
		do(x, weight)
	}
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

// each calls do with every batch, the marks of its rows and their weights (nil: all, and all 1).
func (t *training) each(do func(b *datasets.Batch, use []bool, weight []float64)) {
	at := 0
	for _, b := range t.table.Batches {
		var use []bool
		if t.use != nil {
			use = t.use[at : at+b.Rows()]
		}
		var weight []float64
		if t.weight != nil {
			weight = t.weight[at : at+b.Rows()]
		}
		do(b, use, weight)
		at += b.Rows()
	}
}

// numbers returns the numbers of a Numeric or Boolean column, in row order.
func (t *training) numbers(column int) figures {
	f := figures{xs: make([]float64, 0, t.rows)}
	t.each(func(b *datasets.Batch, use []bool, weight []float64) {
		numbers := b.Column(column).Numbers
		if weight == nil && use != nil { // the commonest, in a loop that does nothing else
			xs, missing := f.xs, 0
			for i, u := range use {
				if x := numbers[i]; u && x == x {
					xs = append(xs, x)
				} else if u {
					missing++
				}
			}
			f.xs, f.missing = xs, f.missing+float64(missing)
			return
		}
		for i, x := range numbers {
			if use == nil || use[i] {
				f.add(x, weight, i)
			}
		}
	})
	return f
}

// words counts the texts of a Categorical or Text column.
func (t *training) words(column int) tally {
	out := tally{rows: map[string]float64{}}
	var count []float64
	t.each(func(b *datasets.Batch, use []bool, weight []float64) {
		c := b.Column(column)
		of := func(i int) float64 {
			if weight == nil {
				return 1
			}
			return weight[i]
		}
		for i, s := range c.Texts {
			switch {
			case use != nil && !use[i]:
			case s == "":
				out.missing += of(i)
			default:
				out.rows[s] += of(i)
				out.filled++
			}
		}
		// Levels are counted by code and looked up once a batch, not once a row.
		if cap(count) < len(c.Levels) {
			count = make([]float64, len(c.Levels))
		}
		count = count[:len(c.Levels)]
		clear(count)
		for i, k := range c.Codes {
			switch {
			case use != nil && !use[i]:
			case k < 0:
				out.missing += of(i)
			default:
				count[k] += of(i)
				out.filled++
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
	times, asOf []int64   // of the same rows; asOf is datasets.MissingTime where the row has none
	weight      []float64 // of the same rows; nil: all 1
	missing     float64   // weight of the rows without a time, and of the later ones
	later       int       // rows whose time was still to come at their as-of moment: missing as well
}

// moments returns the times of a Time column.
func (t *training) moments(column int) moments {
	m := moments{times: make([]int64, 0, t.rows), asOf: make([]int64, 0, t.rows)}
	t.each(func(b *datasets.Batch, use []bool, weight []float64) {
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
			w := 1.0
			if weight != nil {
				w = weight[i]
			}
			switch {
			case at == datasets.MissingTime:
				m.missing += w
			case !Known(at, now):
				m.later++
				m.missing += w
			default:
				m.times, m.asOf = append(m.times, at), append(m.asOf, now)
				if weight != nil {
					m.weight = append(m.weight, w)
				}
			}
		}
	})
	return m
}

// numbers returns one part of the moments.
func (m *moments) numbers(r reading) figures {
	f := figures{xs: make([]float64, 0, len(m.times)), missing: m.missing}
	for i, t := range m.times {
		x := math.NaN()
		if r != readAge || m.asOf[i] != datasets.MissingTime {
			x = timePart(r, t, m.asOf[i])
		}
		f.add(x, m.weight, i)
	}
	return f
}
