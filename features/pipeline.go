package features

import (
	"errors"

	"leadscore/datasets"
	"leadscore/features/design"
)

// Cell is what a feature makes of one row.
type Cell struct {
	Code uint32  // index into the feature's table; Levels() is allowed: no effect (never seen in training)
	Z    float64 // standardised number of a linear feature; 0 otherwise and when missing
}

// Note is something Fit decided that a user should know, such as a dropped column.
type Note struct {
	Column string `json:"column"`
	Reason string `json:"reason"` // constant | all missing | id-like | excluded | derived | ...
	Text   string `json:"text"`   // a sentence
}

// Pipeline is fitted features; immutable, shared by goroutines, and JSON in the artifact.
type Pipeline struct {
	features []Feature
	schema   *datasets.Schema
}

// Feature is one fitted feature.
type Feature struct {
	Name   string   `json:"name"`   // "employees", "email.domain_class", "created_at.weekday", "employees × country"
	Column string   `json:"column"` // the source column
	Levels []string `json:"levels"` // name of each code, in order
	Linear bool     `json:"linear"` // has a dense column (Z) beside its codes
}

var errNotBuilt = errors.New("not built yet")

// Fit learns a pipeline from the rows of t for which use is true (nil: all rows).
func Fit(t *datasets.Table, use []bool, spec Spec) (*Pipeline, []Note, error) {
	return nil, nil, errNotBuilt
}

// Features returns the fitted features in order; shared, not to be changed.
func (p *Pipeline) Features() []Feature { return p.features }

// Row encodes one lead: row is its cells in the order of the schema that the pipeline was
// fitted under, asOf the moment it is a picture of (datasets.MissingTime: unknown), dst one Cell a
// feature. It allocates nothing.
func (p *Pipeline) Row(row []datasets.Value, asOf int64, dst []Cell) {}

// Cells encodes a batch column by column: codes[f][i] and z[f][i] (nil where feature f is not
// Linear) of row i, bit for bit what Row gives. The slices of dst are reused where they are long enough.
func (p *Pipeline) Cells(b *datasets.Batch, dst *Block) {}

// Block is the cells of a batch.
type Block struct {
	Rows  int
	Codes [][]uint32
	Z     [][]float64
}

// Matrix encodes the rows of t for which use is true (nil: all) as the trainer's design:
// the dense columns of linear features, then a code block for each feature that has one.
func (p *Pipeline) Matrix(t *datasets.Table, use []bool) (*design.Matrix, *Layout, error) {
	return nil, nil, errNotBuilt
}

// Layout says which columns of the Matrix belong to which feature.
type Layout struct {
	Features []Placement // one a feature
}

// Placement is the columns of one feature; -1 means it has none of that sort.
type Placement struct {
	Dense   int // index into Matrix.Dense of the linear column
	Missing int // index into Matrix.Dense of its standardised missing indicator
	Block   int // index into Matrix.Blocks
}

// Effects turns coefficients (in the column order of the Matrix) into tables for scoring.
// The second result is added to the intercept.
func (p *Pipeline) Effects(l *Layout, m *design.Matrix, coef []float64) ([]Effect, float64) {
	return nil, 0
}

// Effect is the fitted contribution of one feature to the log-odds: Table[code] + Slope·z.
type Effect struct {
	Slope float64   `json:"slope,omitempty"`
	Table []float64 `json:"table,omitempty"` // one entry a level of the feature
}
