package datasets

import (
	"fmt"
)

// ColumnOf makes a column of the values of n rows, each missing or of the column's kind; any other is missing
// too. Levels are in the order of their first row.
func ColumnOf(kind Kind, n int, value func(row int) Value) Column {
	c := missingColumn(kind, n)
	code := map[string]int32{}
	for row := range n {
		v := value(row)
		if v.Kind != kind {
			continue
		}
		switch kind {
		case Numeric, Boolean:
			c.Numbers[row] = v.Num
		case Categorical:
			k, ok := code[v.Str]
			if !ok {
				k = int32(len(c.Levels))
				code[v.Str] = k
				c.Levels = append(c.Levels, v.Str)
			}
			c.Codes[row] = k
		case Time:
			c.Times[row] = v.Time
		case Text:
			c.Texts[row] = v.Str
		}
	}
	return c
}

// InferTexts returns the field that reads all texts of a column, as the inference over a file would have
// it. Missing ones (o.Nulls) say nothing. The error is an *AmbiguousError.
func InferTexts(name string, texts []string, o ReadOptions) (Field, error) {
	nulls := o.Nulls
	if nulls == nil {
		nulls = DefaultNulls
	}
	e := evidence{alive: asAnything}
	for i, text := range texts {
		if text = trim(text); text != "" && !isNull(nulls, text) {
			e.observe(text, formText, func() int { return i + 1 })
		}
	}
	f := e.guess(name)
	if a, ambiguous := e.ambiguity(&f, false); ambiguous {
		return f, &AmbiguousError{Path: fmt.Sprintf("the values of %s", Quoted(name)), Columns: []Ambiguity{a}}
	}
	if f.Kind == Time {
		f.Zone = o.Zone
	}
	return f, nil
}

// Replace returns a table with columns put in the place of those of the same name, and the others behind; each
// holds the cells of all rows in order.
func Replace(t *Table, fields []Field, columns []Column) (*Table, error) {
	s := &Schema{Nulls: t.Schema.Nulls, Fields: append([]Field(nil), t.Schema.Fields...)}
	at := make([]int, len(fields))
	for i, f := range fields {
		if n := columns[i].Len(); f.Kind != Unknown && n != t.Rows() {
			return nil, fmt.Errorf("adding column %q: %d cells for %d rows", f.Name, n, t.Rows())
		}
		if at[i] = s.Index(f.Name); at[i] < 0 {
			at[i] = len(s.Fields)
			s.Fields = append(s.Fields, f)
		}
		s.Fields[at[i]] = f
	}
	out := &Table{Schema: s, Report: t.Report}
	from := 0
	for _, b := range t.Batches {
		all := make([]Column, len(s.Fields))
		copy(all, b.columns)
		for i := range columns {
			all[at[i]] = columns[i].slice(from, from+b.rows)
		}
		nb, err := NewBatch(s, b.rows, all)
		if err != nil {
			return nil, err
		}
		out.Batches = append(out.Batches, nb)
		from += b.rows
	}
	return out, nil
}
