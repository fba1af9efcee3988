package baseline

import (
	"fmt"
	"slices"
	"strings"
)

// Model is a fitted baseline. It is immutable and may be used by many goroutines.
type Model interface {
	// Probabilities gives each row its probability of conversion, strictly between 0 and 1. The columns must be those of
	// the training rows: names, order and levels. No rows give an empty slice.
	Probabilities(rows Rows) ([]float64, error)
}

// The baselines.
const (
	naiveBayesName = "naive_bayes"
	treeName       = "tree"
)

// Names lists what Fit can fit.
func Names() []string { return []string{naiveBayesName, treeName} }

// Fit fits the baseline of that name to training rows of both classes. The order of the rows does not matter to the
// result, nor does seed: what golearn leaves to chance (see the package comment) is not used. seed is kept in the
// signature for a baseline that needs one. All problems of the rows are in the one error.
func Fit(name string, train Rows, seed uint64) (m Model, err error) {
	_ = seed
	defer recovered(&err, "fitting "+name)
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("fitting a baseline: unknown name %q; want %s", name, strings.Join(Names(), " or "))
	}
	if err := train.checkLabelled(); err != nil {
		return nil, fmt.Errorf("fitting %s: %w", name, err)
	}
	if name == naiveBayesName {
		m, err = fitNaiveBayes(&train)
	} else {
		m, err = fitTree(&train)
	}
	if err != nil {
		return nil, fmt.Errorf("fitting %s: %w", name, err)
	}
	return m, nil
}

// recovered makes an error of a panic, which is how golearn answers what it does not like.
func recovered(err *error, doing string) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: stopped by a panic: %v", doing, p)
	}
}
