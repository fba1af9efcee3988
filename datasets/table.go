package datasets

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// slice returns cells from to to-1; the cells are shared.
func (c *Column) slice(from, to int) Column {
	s := Column{Kind: c.Kind, Levels: c.Levels}
	switch c.Kind {
	case Numeric, Boolean:
		s.Numbers = c.Numbers[from:to]
	case Categorical:
		s.Codes = c.Codes[from:to]
	case Time:
		s.Times = c.Times[from:to]
	case Text:
		s.Texts = c.Texts[from:to]
	}
	return s
}

// Pick returns a batch of the given rows, in that order; a row may come more than once. It shares no
// cells with b: the texts of a few rows do not keep those of a whole file in memory.
func (b *Batch) Pick(rows []int) *Batch {
	picked := &Batch{schema: b.schema, rows: len(rows), columns: make([]Column, len(b.columns))}
	for i := range b.columns {
		from, to := &b.columns[i], &picked.columns[i]
		to.Kind, to.Levels = from.Kind, from.Levels
		switch from.Kind {
		case Numeric, Boolean:
			to.Numbers = pick(from.Numbers, rows)
		case Categorical:
			to.Codes = pick(from.Codes, rows)
		case Time:
			to.Times = pick(from.Times, rows)
		case Text:
			to.Texts = pick(from.Texts, rows)
			for k, s := range to.Texts {
				to.Texts[k] = strings.Clone(s)
			}
		}
	}
	return picked
}

func pick[T any](from []T, rows []int) []T {
	to := make([]T, len(rows))
	for i, r := range rows {
		to[i] = from[r]
	}
	return to
}

// SelectRows returns a table of the rows for which keep is true, in the same order and with
// the same schema. len(keep) is the number of rows; batches without a kept row are left out.
func SelectRows(t *Table, keep []bool) (*Table, error) {
	if n := t.Rows(); len(keep) != n {
		return nil, fmt.Errorf("selecting rows: %d marks for %d rows", len(keep), n)
	}
	marks := make([][]bool, len(t.Batches))
	for k, b := range t.Batches {
		marks[k], keep = keep[:b.rows], keep[b.rows:]
	}
	picked := make([]*Batch, len(t.Batches)) // nil: no row is kept
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(len(picked), runtime.GOMAXPROCS(0)) {
		done.Go(func() {
			for k := int(next.Add(1)) - 1; k < len(picked); k = int(next.Add(1)) - 1 {
				picked[k] = t.Batches[k].kept(marks[k])
			}
		})
	}
	done.Wait()
	selected := &Table{Schema: t.Schema}
	for _, b := range picked {
		if b != nil {
			selected.Batches = append(selected.Batches, b)
		}
	}
	return selected, nil
}

// kept returns the batch of the marked rows, b itself where all are and nil where none is.
func (b *Batch) kept(marks []bool) *Batch {
	var rows []int
	for r, wanted := range marks {
		if wanted {
			rows = append(rows, r)
		}
	}
	switch len(rows) {
	case 0:
		return nil
	case b.rows:
		return b
	}
	return b.Pick(rows)
}

// SelectColumns returns a table of the named columns, in that order. The cells are shared.
func SelectColumns(t *Table, names []string) (*Table, error) {
	at := make([]int, len(names))
	s := &Schema{Nulls: t.Schema.Nulls}
	for i, name := range names {
		if at[i] = t.Schema.Index(name); at[i] < 0 {
			return nil, fmt.Errorf("selecting columns: %w", noColumn(t.Schema, name))
		}
		s.Fields = append(s.Fields, t.Schema.Fields[at[i]])
	}
	selected := &Table{Schema: s}
	for _, b := range t.Batches {
		columns := make([]Column, len(at))
		for i, c := range at {
			columns[i] = b.columns[c]
		}
		selected.Batches = append(selected.Batches, &Batch{schema: s, rows: b.rows, columns: columns})
	}
	return selected, nil
}

// noColumn is the error for a column that a schema does not have.
func noColumn(s *Schema, name string) error {
	names := make([]string, len(s.Fields))
	for i := range s.Fields {
		names[i] = s.Fields[i].Name
	}
	if near := Nearest(name, names); near != "" {
		return fmt.Errorf("there is no column %q (did you mean %q?)", name, near)
	}
	return fmt.Errorf("there is no column %q", name)
}

// Concat appends the tables' rows one after the other. They must have the same columns: names,
// kinds and order. The schema is that of the first one.
func Concat(tables ...*Table) (*Table, error) {
	if len(tables) == 0 {
		return nil, fmt.Errorf("joining tables: none given")
	}
	all := &Table{Schema: tables[0].Schema}
	for n, t := range tables {
		if len(t.Schema.Fields) != len(all.Schema.Fields) {
			return nil, fmt.Errorf("joining tables: table %d has %d columns, the first has %d", n+1, len(t.Schema.Fields), len(all.Schema.Fields))
		}
		for i := range t.Schema.Fields {
			if a, b := &all.Schema.Fields[i], &t.Schema.Fields[i]; a.Name != b.Name || a.Kind != b.Kind {
				return nil, fmt.Errorf("joining tables: column %d of table %d is %v %q, of the first %v %q", i+1, n+1, b.Kind, b.Name, a.Kind, a.Name)
			}
		}
		for _, b := range t.Batches {
			all.Batches = append(all.Batches, &Batch{schema: all.Schema, rows: b.rows, columns: b.columns})
		}
	}
	return all, nil
}
