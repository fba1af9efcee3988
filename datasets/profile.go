package datasets

import (
	"cmp"
	"math"
	"slices"
)

// ColumnProfile describes the cells of one column.
type ColumnProfile struct {
	Name         string       `json:"name"`
	Kind         Kind         `json:"kind"`
	Rows         int          `json:"rows"`
	Missing      int          `json:"missing"`
	MissingShare float64      `json:"missing_share"`
	Distinct     int          `json:"distinct"`      // different values, missing not counted
	Top          []LevelCount `json:"top,omitempty"` // the most frequent values, at most profileTop
	// Low, Mean and High are of Numeric columns; NaN for other kinds and without a value.
	Low  float64 `json:"-"`
	Mean float64 `json:"-"`
	High float64 `json:"-"`
}

// LevelCount is a value and the rows that hold it.
type LevelCount struct {
	Level string `json:"level"`
	Rows  int    `json:"rows"`
}

// profileTop is the number of values that a profile names.
const profileTop = 10

// Profile describes each column of a table, over all rows.
func Profile(t *Table) []ColumnProfile {
	out := make([]ColumnProfile, len(t.Schema.Fields))
	for j := range t.Schema.Fields {
		out[j] = profileColumn(t, j)
	}
	return out
}

func profileColumn(t *Table, column int) ColumnProfile {
	f := t.Schema.Fields[column]
	p := ColumnProfile{Name: f.Name, Kind: f.Kind, Rows: t.Rows(), Low: math.NaN(), Mean: math.NaN(), High: math.NaN()}
	counts := map[Value]int{}
	sum := 0.0
	for _, b := range t.Batches {
		for i := range b.Rows() {
			v := b.Value(column, i)
			if v.Missing() {
				p.Missing++
				continue
			}
			counts[v]++
			if f.Kind == Numeric {
				sum += v.Num
			}
		}
	}
	known := p.Rows - p.Missing
	p.Distinct = len(counts)
	if p.Rows > 0 {
		p.MissingShare = float64(p.Missing) / float64(p.Rows)
	}
	values := make([]Value, 0, len(counts))
	for v := range counts {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.Num, b.Num), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Str, b.Str))
	})
	for _, v := range values[:min(profileTop, len(values))] {
		p.Top = append(p.Top, LevelCount{v.String(), counts[v]})
	}
	if f.Kind == Numeric && known > 0 {
		p.Low, p.High, p.Mean = values[0].Num, values[0].Num, sum/float64(known)
		for _, v := range values {
			p.Low, p.High = min(p.Low, v.Num), max(p.High, v.Num)
		}
	}
	return p
}
