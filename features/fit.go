package features

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"leadscore/datasets"
)

// Fit learns a pipeline from the rows of t for which use is true (nil: all rows) and binds it to
// t.Schema. What stands in other rows changes not a bit of it. Notes say, in the order of the
// columns, which were dropped and why, and what was derived; they are returned with an error too. Every problem
// of the spec is in the one error. Columns are learned in parallel; the result does not depend on it.
func Fit(t *datasets.Table, use []bool, spec Spec) (*Pipeline, []Note, error) {
	return FitWeighted(t, use, nil, spec)
}

// FitWeighted is Fit where each row of t has a weight, a finite number above 0 (nil: all 1), that is a frequency: a
// row of weight 2 teaches what two equal rows would. Mean, standard deviation and share of missing cells
// are weighted, quantile bins hold equal weight, a level needs a weight of MinLevel. Two decisions look at the rows of the
// file alone: whether a column is an id, for weights do not make its values less unique, and how many rows a
// note tells. Weights are not brought to a mean of 1: rows that stand for half a lead teach half as much. A row of weight 0
// is to be left out by use.
func FitWeighted(t *datasets.Table, use []bool, weight []float64, spec Spec) (*Pipeline, []Note, error) {
	spec = spec.withDefaults()
	if err := spec.check(t.Schema); err != nil {
		return nil, nil, err
	}
	if n := t.Rows(); use != nil && len(use) != n {
		return nil, nil, fmt.Errorf("fitting features: %d marks of training rows for a table of %d rows", len(use), n)
	}
	if n := t.Rows(); weight != nil && len(weight) != n {
		return nil, nil, fmt.Errorf("fitting features: %d weights for a table of %d rows", len(weight), n)
	}
	for i, w := range weight {
		if (use == nil || use[i]) && !(w > 0 && w <= math.MaxFloat64) {
			return nil, nil, fmt.Errorf("fitting features: row %d: weight %v, want a finite number above 0", i+1, w)
		}
	}
	f := &fitter{training: training{table: t, use: use, weight: weight, asOf: -1}, spec: &spec}
	if spec.AsOf != "" {
		f.asOf = t.Schema.Index(spec.AsOf)
	}
	f.rows = f.count()
	if f.rows == 0 {
		return nil, nil, errors.New("fitting features: there are no training rows")
	}
	columns := make([]outcome, len(t.Schema.Fields))
	parallel(len(columns), func(i int) { f.column(i, &columns[i]) })
	var all []fitted
	var notes []Note
	for i := range columns {
		all = append(all, columns[i].features...)
		notes = append(notes, columns[i].notes...)
	}
	if len(all) == 0 {
		return nil, notes, nothingLeft(notes)
	}
	p, err := newPipeline(spec.Encoding, f.asOfName(all), all)
	if err != nil {
		return nil, notes, fmt.Errorf("fitting features: %w", err)
	}
	if err := p.Bind(t.Schema); err != nil {
		return nil, notes, err
	}
	return p, notes, nil
}

// asOfName returns the as-of column where a feature depends on it, "" otherwise.
func (f *fitter) asOfName(all []fitted) string {
	for i := range all {
		if all[i].Read.isTime() {
			return f.spec.AsOf
		}
	}
	return ""
}

// nothingLeft is the error of a table without a usable column.
func nothingLeft(notes []Note) error {
	var why []string
	for _, n := range notes {
		if n.Reason != "derived" {
			why = append(why, fmt.Sprintf("%s (%s)", n.Column, n.Reason))
		}
	}
	if len(why) == 0 {
		return errors.New("fitting features: no column is left to learn from but the id, the targets and their times")
	}
	const shown = 20
	more := ""
	if len(why) > shown {
		more = fmt.Sprintf(" and %d more", len(why)-shown)
		why = why[:shown]
	}
	return fmt.Errorf("fitting features: no column is left to learn from; dropped were %s%s", strings.Join(why, ", "), more)
}

// parallel calls do(0) … do(n−1) on as many goroutines as there are cores and returns when all are done.
// Each call writes to places of its own, so that the order of calls does not matter.
func parallel(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}
