package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// JoinOptions say how two tables are joined.
type JoinOptions struct {
	LeftKey, RightKey string
	// Matched names a Boolean column of the result that says whether the row had a partner; "": none.
	Matched string
	// Columns of the right table to take; nil: all but its key.
	Columns []string
}

// JoinReport counts what a join found.
type JoinReport struct {
	Rows      int // of the left table, and of the result
	Matched   int // of them, with a partner
	Unmatched int // rows of the right table that no row on the left asked for
}

// Join adds to each row of left the columns of the row of right that has the same key; without one they
// are missing. Keys are compared by their texts, missing keys match nothing. A key that stands
// twice on the right, and a column name on both sides, are errors that name them.
func Join(left, right *Table, o JoinOptions) (*Table, JoinReport, error) {
	report := JoinReport{Rows: left.Rows()}
	lk, rk := left.Schema.Index(o.LeftKey), right.Schema.Index(o.RightKey)
	if lk < 0 {
		return nil, report, fmt.Errorf("joining: left: %w", noColumn(left.Schema, o.LeftKey))
	}
	if rk < 0 {
		return nil, report, fmt.Errorf("joining: right: %w", noColumn(right.Schema, o.RightKey))
	}
	take, err := joinColumns(left.Schema, right.Schema, rk, o)
	if err != nil {
		return nil, report, err
	}
	whole, err := oneBatch(right)
	if err != nil {
		return nil, report, err
	}
	rowOf, err := uniqueKeys(whole, rk, o.RightKey)
	if err != nil {
		return nil, report, err
	}
	schema := &Schema{Nulls: left.Schema.Nulls, Fields: slices.Clone(left.Schema.Fields)}
	for _, j := range take {
		schema.Fields = append(schema.Fields, right.Schema.Fields[j])
	}
	if o.Matched != "" {
		schema.Fields = append(schema.Fields, Field{Name: o.Matched, Kind: Boolean})
	}
	out := &Table{Schema: schema}
	asked := map[int]bool{}
	for _, b := range left.Batches {
		partner := make([]int, b.Rows())
		matched := make([]float64, b.Rows())
		for i := range partner {
			partner[i] = -1
			if r, ok := rowOf[b.Value(lk, i).String()]; ok {
				partner[i], matched[i] = r, 1
				asked[r] = true
				report.Matched++
			}
		}
		columns := slices.Clone(b.columns)
		for _, j := range take {
			columns = append(columns, whole.Column(j).partners(partner))
		}
		if o.Matched != "" {
			columns = append(columns, Column{Kind: Boolean, Numbers: matched})
		}
		nb, err := NewBatch(schema, b.Rows(), columns)
		if err != nil {
			return nil, report, err
		}
		out.Batches = append(out.Batches, nb)
	}
	report.Unmatched = whole.Rows() - len(asked)
	return out, report, nil
}

func joinColumns(left, right *Schema, key int, o JoinOptions) ([]int, error) {
	var take []int
	if o.Columns == nil {
		for j := range right.Fields {
			if j != key {
				take = append(take, j)
			}
		}
	}
	for _, name := range o.Columns {
		j := right.Index(name)
		if j < 0 {
			return nil, fmt.Errorf("joining: right: %w", noColumn(right, name))
		}
		take = append(take, j)
	}
	var clash []string
	for _, j := range take {
		if name := right.Fields[j].Name; left.Index(name) >= 0 || name == o.Matched {
			clash = append(clash, fmt.Sprintf("%q", name))
		}
	}
	if o.Matched != "" && left.Index(o.Matched) >= 0 {
		clash = append(clash, fmt.Sprintf("%q", o.Matched))
	}
	if clash != nil {
		return nil, fmt.Errorf("joining: both sides have the columns %s; rename one, or name the columns to take", strings.Join(clash, ", "))
	}
	return take, nil
}

// oneBatch puts a table's rows into one batch.
func oneBatch(t *Table) (*Batch, error) {
	switch len(t.Batches) {
	case 0:
		columns := make([]Column, len(t.Schema.Fields))
		for j := range columns {
			columns[j].Kind = t.Schema.Fields[j].Kind
		}
		return NewBatch(t.Schema, 0, columns)
	case 1:
		return t.Batches[0], nil
	}
	columns := make([]Column, len(t.Schema.Fields))
	for j := range columns {
		c := &columns[j]
		c.Kind = t.Schema.Fields[j].Kind
		code := map[string]int32{}
		for _, b := range t.Batches {
			from := b.Column(j)
			c.Numbers = append(c.Numbers, from.Numbers...)
			c.Times = append(c.Times, from.Times...)
			c.Texts = append(c.Texts, from.Texts...)
			for _, k := range from.Codes {
				if k < 0 {
					c.Codes = append(c.Codes, -1)
					continue
				}
				level := from.Levels[k]
				n, ok := code[level]
				if !ok {
					n = int32(len(c.Levels))
					code[level] = n
					c.Levels = append(c.Levels, level)
				}
				c.Codes = append(c.Codes, n)
			}
		}
	}
	return NewBatch(t.Schema, t.Rows(), columns)
}

func uniqueKeys(b *Batch, key int, name string) (map[string]int, error) {
	rowOf := make(map[string]int, b.Rows())
	var twice []string
	for i := range b.Rows() {
		v := b.Value(key, i)
		if v.Missing() {
			continue
		}
		k := v.String()
		if _, ok := rowOf[k]; ok {
			twice = append(twice, fmt.Sprintf("%q", k))
			continue
		}
		rowOf[k] = i
	}
	if twice != nil {
		n := len(twice)
		return nil, fmt.Errorf("joining: right: %d rows repeat a key of column %q: %s; which one is meant is not known", n, name, strings.Join(twice[:min(n, 5)], ", "))
	}
	return rowOf, nil
}

// partners returns the cells of the given rows; −1 is a missing cell.
func (c *Column) partners(rows []int) Column {
	out := Column{Kind: c.Kind, Levels: c.Levels}
	for _, r := range rows {
		var v Value
		if r >= 0 && c.Kind != Unknown {
			v = c.Value(r)
		}
		switch c.Kind {
		case Numeric, Boolean:
			x := v.Num
			if v.Missing() {
				x = math.NaN()
			}
			out.Numbers = append(out.Numbers, x)
		case Categorical:
			code := int32(-1)
			if r >= 0 {
				code = c.Codes[r]
			}
			out.Codes = append(out.Codes, code)
		case Time:
			at := v.Time
			if v.Missing() {
				at = MissingTime
			}
			out.Times = append(out.Times, at)
		case Text:
			out.Texts = append(out.Texts, v.Str)
		}
	}
	return out
}
