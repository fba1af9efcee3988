package datasets

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"sync"
)

// ColumnProfile describes the cells of one column.
type ColumnProfile struct {
	Name         string  `json:"name"`
	Kind         Kind    `json:"kind"`
	Rows         int     `json:"rows"`
	Missing      int     `json:"missing"`
	MissingShare float64 `json:"missing_share"`
	// Distinct counts the different values, missing not counted: exactly up to
	// profileDistinct, at least that many when Capped is set.
	Distinct int  `json:"distinct"`
	Capped   bool `json:"capped,omitempty"`
	// Top is the most frequent values, at most profileTop, the smaller one first among equals. In
	// a capped column it counts the values met first.
	Top []LevelCount `json:"top,omitempty"`
	// Low, Mean and High are of Numeric columns, in JSON too; NaN for other kinds and without a value.
	Low  float64 `json:"-"`
	Mean float64 `json:"-"`
	High float64 `json:"-"`
	// Earliest and Latest are of Time columns; "" for other kinds and without a value.
	Earliest string `json:"earliest,omitempty"`
	Latest   string `json:"latest,omitempty"`
}

// MarshalJSON leaves out what is NaN.
func (p ColumnProfile) MarshalJSON() ([]byte, error) {
	type plain ColumnProfile
	out := struct {
		plain
		Low  *float64 `json:"low,omitempty"`
		Mean *float64 `json:"mean,omitempty"`
		High *float64 `json:"high,omitempty"`
	}{plain: plain(p)}
	if !math.IsNaN(p.Low) {
		out.Low, out.Mean, out.High = &p.Low, &p.Mean, &p.High
	}
	return json.Marshal(out)
}

// LevelCount is a value and the rows that hold it.
type LevelCount struct {
	Level string `json:"level"`
	Rows  int    `json:"rows"`
}

const (
	profileTop      = 10        // the number of values that a profile names
	profileDistinct = 1_000_000 // the number of values that a profile tells apart
)

// Profile describes each column of a table, over all rows.
func Profile(t *Table) []ColumnProfile {
	out := make([]ColumnProfile, len(t.Schema.Fields))
	var wait sync.WaitGroup
	for j := range t.Schema.Fields {
		wait.Add(1)
		go func() {
			defer wait.Done()
			out[j] = profileColumn(t, j)
		}()
	}
	wait.Wait()
	return out
}

func profileColumn(t *Table, column int) ColumnProfile {
	f := t.Schema.Fields[column]
	p := ColumnProfile{Name: f.Name, Kind: f.Kind, Rows: t.Rows(), Low: math.NaN(), Mean: math.NaN(), High: math.NaN()}
	known := 0
	switch f.Kind {
	case Numeric, Boolean:
		counts := tally[float64]{}
		sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
		for _, b := range t.Batches {
			for _, x := range b.columns[column].Numbers {
				if math.IsNaN(x) {
					continue
				}
				known++
				counts.add(x+0, 1) // +0 makes −0 the same value
				sum += x
				low, high = min(low, x), max(high, x)
			}
		}
		if f.Kind == Numeric && known > 0 {
			p.Low, p.Mean, p.High = low, sum/float64(known), high
		}
		counts.into(&p, func(x float64) string { return Value{Kind: f.Kind, Num: x}.String() })
	case Time:
		counts := tally[int64]{}
		first, last := int64(math.MaxInt64), int64(math.MinInt64)
		for _, b := range t.Batches {
			for _, at := range b.columns[column].Times {
				if at == MissingTime {
					continue
				}
				known++
				counts.add(at, 1)
				first, last = min(first, at), max(last, at)
			}
		}
		if known > 0 {
			p.Earliest, p.Latest = At(first).String(), At(last).String()
		}
		counts.into(&p, func(at int64) string { return At(at).String() })
	case Categorical, Text:
		counts := tally[string]{}
		for _, b := range t.Batches {
			known += tallyTexts(&counts, &b.columns[column])
		}
		counts.into(&p, func(s string) string { return s })
	}
	p.Missing = p.Rows - known
	if p.Rows > 0 {
		p.MissingShare = float64(p.Missing) / float64(p.Rows)
	}
	return p
}

// tally counts values, the first profileDistinct different ones.
type tally[T cmp.Ordered] struct {
	rows   map[T]int
	capped bool
}

func (c *tally[T]) add(v T, rows int) {
	if c.rows == nil {
		c.rows = map[T]int{}
	}
	if _, met := c.rows[v]; !met && len(c.rows) == profileDistinct {
		c.capped = true
		return
	}
	c.rows[v] += rows
}

// into writes the counts to a profile.
func (c *tally[T]) into(p *ColumnProfile, text func(T) string) {
	p.Distinct, p.Capped = len(c.rows), c.capped
	values := make([]T, 0, len(c.rows))
	for v := range c.rows {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b T) int { return cmp.Or(cmp.Compare(c.rows[b], c.rows[a]), cmp.Compare(a, b)) })
	for _, v := range values[:min(profileTop, len(values))] {
		p.Top = append(p.Top, LevelCount{text(v), c.rows[v]})
	}
}

// tallyTexts counts the texts of a column, a Categorical one by its codes, and returns how many
// cells have one.
func tallyTexts(c *tally[string], column *Column) (known int) {
	if column.Kind == Text {
		for _, s := range column.Texts {
			if s != "" {
				known++
				c.add(s, 1)
			}
		}
		return known
	}
	rows := make([]int, len(column.Levels))
	for _, k := range column.Codes {
		if k >= 0 {
			rows[k]++
			known++
		}
	}
	for k, n := range rows {
		if n > 0 {
			c.add(column.Levels[k], n)
		}
	}
	return known
}
