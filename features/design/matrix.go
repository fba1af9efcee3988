package design

import "fmt"

// Codes is a block of category codes: row i has the indicator column Codes[i] of Levels.
// Exactly one of the slices is set, the narrowest that holds Levels. A code equal to Levels
// means "no column": the row's entry in this block is zero (an unseen level).
type Codes struct {
	Levels int // number of columns of the block
	U8     []uint8
	U16    []uint16
	U32    []uint32
}

// Dense is one numeric column. The operations see (Values[i] − Center)/Scale, and zero where
// Values[i] is NaN: a missing number is the mean.
type Dense struct {
	Values        []float64
	Center, Scale float64
}

// Matrix is the dense columns followed by the code blocks, without an intercept column.
// Column numbers run over Dense in order, then over the levels of each block in order.
// It is immutable and shared by goroutines.
type Matrix struct {
	rows   int
	dense  []Dense
	codes  []Codes
	starts []int // first column of each code block
	cols   int
}

// NewMatrix checks that all columns have the same length and every code is in range.
func NewMatrix(rows int, dense []Dense, codes []Codes) (*Matrix, error) {
	m := &Matrix{rows: rows, dense: dense, codes: codes, cols: len(dense)}
	for j := range dense {
		if len(dense[j].Values) != rows {
			return nil, fmt.Errorf("making a design matrix: dense column %d has %d rows, want %d", j, len(dense[j].Values), rows)
		}
	}
	for b := range codes {
		if n := codes[b].Len(); n != rows {
			return nil, fmt.Errorf("making a design matrix: code block %d has %d rows, want %d", b, n, rows)
		}
		m.starts = append(m.starts, m.cols)
		m.cols += codes[b].Levels
	}
	return m, nil
}

// Len returns the number of rows of the block.
func (c *Codes) Len() int { return max(len(c.U8), len(c.U16), len(c.U32)) }

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
