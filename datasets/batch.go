package datasets

import (
	"fmt"
	"math"
)

// MissingTime marks a missing cell of a Time column.
const MissingTime = math.MinInt64

// Column is the cells of one column of a Batch; exactly the slices of its kind are set.
// The slices are read-only views.
type Column struct {
	Kind    Kind
	Numbers []float64 // Numeric: NaN is missing, never ±Inf. Boolean: 0, 1 or NaN
	Codes   []int32   // Categorical: index into Levels, -1 is missing
	Levels  []string  // Categorical: distinct, not empty; a level may stand in no row
	Times   []int64   // Time: microseconds since 1970 UTC, MissingTime is missing
	Texts   []string  // Text: "" is missing
}

// Len returns the number of cells; an Unknown column, all missing, has none stored.
func (c *Column) Len() int {
	return max(len(c.Numbers), len(c.Codes), len(c.Times), len(c.Texts))
}

// Value returns cell i.
func (c *Column) Value(i int) Value {
	switch c.Kind {
	case Numeric, Boolean:
		if x := c.Numbers[i]; !math.IsNaN(x) {
			return Value{Kind: c.Kind, Num: x}
		}
	case Categorical:
		if k := c.Codes[i]; k >= 0 {
			return Level(c.Levels[k])
		}
	case Time:
		if t := c.Times[i]; t != MissingTime {
			return At(t)
		}
	case Text:
		if s := c.Texts[i]; s != "" {
			return Words(s)
		}
	}
	return Value{}
}

// Batch is some consecutive rows of a table, column by column. It is immutable.
type Batch struct {
	schema  *Schema
	rows    int
	columns []Column
}

// NewBatch makes a batch of columns that agree with the schema in number, kind and length.
// The slices are kept, not copied.
func NewBatch(s *Schema, rows int, columns []Column) (*Batch, error) {
	if len(columns) != len(s.Fields) {
		return nil, fmt.Errorf("making a batch: %d columns for a schema of %d", len(columns), len(s.Fields))
	}
	for i := range columns {
		c, f := &columns[i], &s.Fields[i]
		if c.Kind != f.Kind {
			return nil, fmt.Errorf("making a batch: column %q is %v, the schema says %v", f.Name, c.Kind, f.Kind)
		}
		if c.Kind != Unknown && c.Len() != rows {
			return nil, fmt.Errorf("making a batch: column %q has %d cells, want %d", f.Name, c.Len(), rows)
		}
	}
	return &Batch{schema: s, rows: rows, columns: columns}, nil
}

// Schema returns the schema; it is shared, not to be changed.
func (b *Batch) Schema() *Schema { return b.schema }

// Rows returns the number of rows.
func (b *Batch) Rows() int { return b.rows }

// Column returns column i; it is shared, not to be changed.
func (b *Batch) Column(i int) *Column { return &b.columns[i] }

// Value returns one cell.
func (b *Batch) Value(column, row int) Value {
	if b.columns[column].Kind == Unknown {
		return Value{}
	}
	return b.columns[column].Value(row)
}

// Row writes the cells of one row to dst, which is as long as the schema.
func (b *Batch) Row(row int, dst []Value) {
	for i := range b.columns {
		dst[i] = b.Value(i, row)
	}
}

// Table is a whole data set in memory, batch after batch.
type Table struct {
	Schema  *Schema
	Batches []*Batch
	// Report says how the reading went; nil for a table that was not read.
	Report *ReadReport
}

// Rows returns the number of rows of all batches.
func (t *Table) Rows() int {
	n := 0
	for _, b := range t.Batches {
		n += b.rows
	}
	return n
}
