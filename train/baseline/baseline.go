// Package baseline fits golearn's classifiers to the coded columns of leads, for comparison with a model.
package baseline

import "errors"

// Column is a coded column: every code is below Levels.
type Column struct {
	Name   string
	Codes  []uint32
	Levels int
}

// Rows are leads as codes, with their labels.
type Rows struct {
	Columns []Column
	Label   []bool
}

// Model gives probabilities of rows with the columns that it was fitted to.
type Model interface {
	Probabilities(rows Rows) ([]float64, error)
}

// Names are the baselines that Fit knows.
func Names() []string { return []string{"naive_bayes", "tree"} }

// Fit fits a baseline.
func Fit(string, Rows, uint64) (Model, error) {
	return nil, errors.New("fitting a baseline: there is none in this build")
}
