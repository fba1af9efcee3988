package design

import (
	"errors"
	"fmt"
	"math"
	"sync"
)

// Dense is one numeric column. The operations see (Values[i] − Center)/Scale, and zero where
// Values[i] is NaN: a missing number is the mean.
type Dense struct {
	Values        []float64
	Center, Scale float64

	ready bool // Values are standardised already (see Matrix.Standardise)
}

// At is row i as the operations see it, but NaN where the number is missing.
func (d *Dense) At(i int) float64 {
	if d.ready {
		return d.Values[i]
	}
	return (d.Values[i] - d.Center) / d.Scale
}

// Matrix is the dense columns followed by the code blocks, without an intercept column.
// Column numbers run over Dense in order, then over the levels of each block in order.
// It is immutable, but for Standardise, and shared by goroutines.
type Matrix struct {
	rows   int
	dense  []Dense
	codes  []Codes
	starts []int // first column of each code block
	cols   int

	gaps   []bool // of each dense column: has a NaN
	absent []bool // of each code block: has a code equal to Levels

	packOnce sync.Once
	packs    []pack

	groupOnce sync.Once
	groups    *Groups
}

// NewMatrix checks that all columns have the same length, every code is in range and every number
// is finite or NaN (missing). All problems are reported at once, each with its first row (from 0).
// The slices are kept, not copied.
func NewMatrix(rows int, dense []Dense, codes []Codes) (*Matrix, error) {
	m := &Matrix{rows: rows, dense: dense, codes: codes, cols: len(dense)}
	var problems []error
	bad := func(format string, a ...any) {
		problems = append(problems, fmt.Errorf("making a design matrix: "+format, a...))
	}
	if rows < 0 {
		bad("%d rows", rows)
	}
	found := make([]struct {
		gap      bool
		infinite int
	}, len(dense))
	var looking sync.WaitGroup
	for j := range dense {
		looking.Go(func() { found[j].gap, found[j].infinite = gapsOf(dense[j].Values) })
	}
	looking.Wait()
	for j := range dense {
		d := &dense[j]
		if len(d.Values) != rows {
			bad("dense column %d has %d rows, want %d", j, len(d.Values), rows)
		}
		if math.IsNaN(d.Center) || math.IsInf(d.Center, 0) {
			bad("dense column %d is centred on %v, want a finite number", j, d.Center)
		}
		if !(d.Scale > 0) || math.IsInf(d.Scale, 0) {
			bad("dense column %d is scaled by %v, want a finite number above 0", j, d.Scale)
		}
		if infinite := found[j].infinite; infinite >= 0 {
			bad("dense column %d, row %d: %v, want a finite number, or NaN where missing", j, infinite, d.Values[infinite])
		}
		m.gaps = append(m.gaps, found[j].gap)
	}
	for b := range codes {
		c := &codes[b]
		if n := c.Len(); n != rows {
			bad("code block %d has %d rows, want %d", b, n, rows)
		}
		if c.Levels < 0 || int64(c.Levels) > math.MaxUint32 {
			bad("code block %d has %d levels", b, c.Levels)
		}
		if (len(c.U8) > 0 && len(c.U16) > 0) || (len(c.U8) > 0 && len(c.U32) > 0) || (len(c.U16) > 0 && len(c.U32) > 0) {
			bad("code block %d has codes of two widths", b)
		}
		absent, beyond := c.check()
		if beyond >= 0 {
			bad("code block %d, row %d: code %d, want at most %d", b, beyond, c.At(beyond), c.Levels)
		}
		m.absent = append(m.absent, absent)
		m.starts = append(m.starts, m.cols)
		m.cols += c.Levels
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return m, nil
}

// gapsOf reports whether v holds a NaN, and the first index of an infinity (−1: none).
func gapsOf(v []float64) (gap bool, infinite int) {
	for i, x := range v {
		if x-x != 0 { // NaN or ±Inf; false for every finite x
			if !math.IsNaN(x) {
				return gap, i
			}
			gap = true
		}
	}
	return gap, -1
}

// Rows returns the number of rows.
func (m *Matrix) Rows() int { return m.rows }

// Cols returns the number of columns, the intercept not counted.
func (m *Matrix) Cols() int { return m.cols }

// Dense returns the dense columns; they are shared, not to be changed.
func (m *Matrix) Dense() []Dense { return m.dense }

// Blocks returns the code blocks; they are shared, not to be changed.
func (m *Matrix) Blocks() []Codes { return m.codes }

// BlockStart returns the column number of the first level of code block b.
func (m *Matrix) BlockStart(b int) int { return m.starts[b] }

// Standardise writes the dense columns down as the operations see them, in the place of their values; NaN stays NaN, and Center and
// Scale still say what was done. Every operation gives the same bits, and passes that come again and again, as those of a fit, are
// spared the work. It is for who has just made the matrix and shares it and its slices with nobody yet.
func (m *Matrix) Standardise() {
	var working sync.WaitGroup
	for j := range m.dense {
		d := &m.dense[j]
		if d.ready {
			continue
		}
		d.ready = true
		working.Go(func() {
			inverse := 1 / d.Scale
			for i, v := range d.Values {
				d.Values[i] = (v - d.Center) * inverse
			}
		})
	}
	working.Wait()
}

// Take returns a matrix of the given rows in the given order; a row may be taken twice. The columns
// are copied (a code costs 1 to 4 bytes, a number 8), and since they are, the dense ones are
// copied as the operations see them: standardised, missing values 0, to spare every later pass the work.
func (m *Matrix) Take(rows []int) *Matrix {
	t := &Matrix{rows: len(rows), cols: m.cols, starts: m.starts, gaps: make([]bool, len(m.dense)), absent: m.absent}
	for j, d := range m.dense {
		values := make([]float64, len(rows))
		for i, r := range rows {
			values[i] = d.Values[r]
		}
		m.standardiseAs(j, values, values)
		t.dense = append(t.dense, Dense{Values: values, Scale: 1})
	}
	for b := range m.codes {
		t.codes = append(t.codes, m.codes[b].take(rows))
	}
	return t
}

// Select returns the matrix of the dense columns and code blocks for which the sets say so, in the
// same order. It shares their storage.
func (m *Matrix) Select(dense, blocks []bool) *Matrix {
	s := &Matrix{rows: m.rows}
	for j, in := range dense {
		if in {
			s.dense, s.gaps = append(s.dense, m.dense[j]), append(s.gaps, m.gaps[j])
		}
	}
	s.cols = len(s.dense)
	for b, in := range blocks {
		if in {
			s.codes, s.absent = append(s.codes, m.codes[b]), append(s.absent, m.absent[b])
			s.starts = append(s.starts, s.cols)
			s.cols += m.codes[b].Levels
		}
	}
	return s
}
