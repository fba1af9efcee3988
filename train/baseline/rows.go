package baseline

import (
	"errors"
	"fmt"
)

// Column is a coded column: a code a row, 0 to Levels − 1. A missing cell has a code like any other.
type Column struct {
	Name   string
	Codes  []uint32
	Levels int // ≥ 1; a level may stand in no row
}

// Rows are coded leads and what became of them.
type Rows struct {
	Columns []Column
	Label   []bool // true: converted; Probabilities does not look at it
}

// len is the number of rows by the first column.
func (r *Rows) len() int {
	if len(r.Columns) == 0 {
		return 0
	}
	return len(r.Columns[0].Codes)
}

// check returns every problem of the columns in one error: none at all, lengths other than rows, codes out of range.
func (r *Rows) check(rows int) error {
	var problems []error
	if len(r.Columns) == 0 {
		problems = append(problems, errors.New("there is no column; want at least one"))
	}
	for c := range r.Columns {
		column := &r.Columns[c]
		if column.Levels < 1 {
			problems = append(problems, fmt.Errorf("column %q has %d levels; want at least 1", column.Name, column.Levels))
			continue
		}
		if len(column.Codes) != rows {
			problems = append(problems, fmt.Errorf("column %q has %d codes; want %d, one a row", column.Name, len(column.Codes), rows))
		}
		for i, code := range column.Codes {
			if uint64(code) >= uint64(column.Levels) {
				problems = append(problems, fmt.Errorf("column %q: row %d has code %d; want 0 to %d", column.Name, i+1, code, column.Levels-1))
				break
			}
		}
	}
	return errors.Join(problems...)
}

// checkLabelled is check for training rows: there must be some, of both classes.
func (r *Rows) checkLabelled() error {
	converted := 0
	for _, l := range r.Label {
		if l {
			converted++
		}
	}
	var problem error
	switch {
	case len(r.Label) == 0:
		problem = errors.New("there are no rows")
	case converted == 0 || converted == len(r.Label):
		problem = fmt.Errorf("%d of %d rows converted; want rows of both classes", converted, len(r.Label))
	}
	return errors.Join(problem, r.check(len(r.Label)))
}

// layout is what rows must have in common with those that a model was fitted on.
type layout []Column

func newLayout(r *Rows) layout {
	l := make(layout, len(r.Columns))
	for c := range r.Columns {
		l[c] = Column{Name: r.Columns[c].Name, Levels: r.Columns[c].Levels}
	}
	return l
}

// suits returns every way in which rows differ from the fitted ones, and what is wrong with the rows themselves.
func (l layout) suits(r *Rows) error {
	if len(r.Columns) != len(l) {
		return fmt.Errorf("there are %d columns; the model was fitted on %d", len(r.Columns), len(l))
	}
	var problems []error
	for c := range l {
		if have := &r.Columns[c]; have.Name != l[c].Name || have.Levels != l[c].Levels {
			problems = append(problems, fmt.Errorf("column %d is %q with %d levels; the model was fitted on %q with %d",
				c+1, have.Name, have.Levels, l[c].Name, l[c].Levels))
		}
	}
	return errors.Join(append(problems, r.check(r.len()))...)
}
