package datasets

import (
	"fmt"
	"math"
)

// lacking is the error for a missing value of a required field.
func (f *Field) lacking() *CellError {
	e := f.unreadable("")
	e.Not += ", which every row needs"
	return e
}

// absentError is the error for a file without the column of a required field.
func (f *Field) absentError() error {
	return fmt.Errorf("there is no column %q, which every row needs", f.Name)
}

// eachLacking calls do for the rows of a required column that lack a value.
func (f *Field) eachLacking(c *Column, do func(row int)) {
	if !f.Required {
		return
	}
	for row, x := range c.Numbers {
		if math.IsNaN(x) {
			do(row)
		}
	}
	for row, x := range c.Times {
		if x == MissingTime {
			do(row)
		}
	}
}

// checkJSON turns a missing value of a required field into an error.
func (f *Field) checkJSON(v Value, err error) (Value, error) {
	if err == nil && f.Required && v.Missing() {
		return Value{}, f.lacking()
	}
	return v, err
}
