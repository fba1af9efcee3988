package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"leadscore/features"
	"leadscore/model"
	"leadscore/train/baseline"
	"leadscore/train/evaluate"
)

// baselineBins is the number of bins of a standardised number, which a linear model does not code.
const baselineBins = 10

// addBaselines fits golearn's classifiers to other labelled leads, coded as the model codes them, and scores the rows.
func (m *contest) addBaselines(ctx context.Context, c Contenders) (err error) {
	if len(c.Baselines) == 0 {
		return nil
	}
	a := m.scorer.Artifact()
	f, err := readLabelled(ctx, "reading "+c.TrainOn+" for the baselines", m.scorer, a.Targets[:1], c.TrainOn, m.options, m.now, m.events)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.log.close()) }()
	taken, err := f.without(m.labelledFile)
	if err != nil {
		return fmt.Errorf("reading %s for the baselines: %w", c.TrainOn, err)
	}
	coded := &coding{pipeline: a.Pipeline}
	fitted, err := coded.rows(f, true)
	if err != nil {
		return err
	}
	measured, err := coded.rows(m.labelledFile, false)
	if err != nil {
		return err
	}
	for _, name := range c.Baselines {
		b, err := baseline.Fit(name, fitted, f.config.Model.Seed)
		if err != nil {
			return fmt.Errorf("fitting %s to %s: %w", name, c.TrainOn, err)
		}
		p, err := b.Probabilities(measured)
		if err != nil {
			return fmt.Errorf("%s by %s: %w", m.doing, name, err)
		}
		m.entrants = append(m.entrants, evaluate.Entrant{Scorer: evaluate.Scorer{Name: name, Score: p, Probability: p}, Kind: model.ContestBaseline})
	}
	m.found = append(m.found, model.Finding{Reason: "baseline", Text: fmt.Sprintf("the baselines were fitted to %d leads of %s; %d that are measured here were left out of them", len(fitted.Label), c.TrainOn, taken)})
	return nil
}

// without leaves the leads of another file out of what is held: by their id, whatever the moment, or without an id by all their columns.
func (l *labelledFile) without(other *labelledFile) (taken int, err error) {
	columns, byID := l.namingColumns()
	if byID {
		columns = columns[:1]
	}
	named := &model.TrainedRows{Salt: "00000000000000000000000000000000", Columns: columns, ByID: byID}
	every := func(f *labelledFile) ([]model.RowDigest, error) {
		all := make([]bool, f.rows())
		for i := range all {
			all[i] = true
		}
		return digests(named, f.leads, all)
	}
	mine, err := every(l)
	if err != nil {
		return 0, err
	}
	theirs, err := every(other)
	if err != nil {
		return 0, err
	}
	measured := make(map[model.RowDigest]bool, len(theirs))
	for i, x := range theirs {
		if other.holdout[i] && x != model.NoDigest {
			measured[x] = true
		}
	}
	l.holdout = slices.Clone(l.holdout)
	for i, x := range mine {
		if l.holdout[i] && measured[x] {
			l.holdout[i] = false
			taken++
		}
	}
	if !slices.Contains(l.holdout, true) {
		return taken, errors.New("all of its leads are measured here: none is left to fit to")
	}
	return taken, nil
}

// coding turns leads into codes by the pipeline of a model. Pairs are left out: their sides are there. A value that
// training never saw has a level of its own, and a standardised number is cut into bins of equally many of the first rows that come.
type coding struct {
	pipeline *features.Pipeline
	edges    [][]float64 // by feature; nil: coded
}

// rows codes the held rows of a file; with learn their numbers say where bins end.
func (c *coding) rows(f *labelledFile, learn bool) (baseline.Rows, error) {
	all := c.pipeline.Features()
	codes, z := make([][]uint32, len(all)), make([][]float64, len(all))
	var out baseline.Rows
	var block features.Block
	row := 0
	for _, b := range f.leads.Batches {
		c.pipeline.Cells(b, &block)
		for i := range b.Rows() {
			if !f.holdout[row+i] {
				continue
			}
			out.Label = append(out.Label, f.outcomes[0].Label[row+i] == positive)
			for k := range all {
				if all[k].Parents != nil {
					continue
				}
				codes[k] = append(codes[k], block.Codes[k][i])
				if all[k].Linear {
					z[k] = append(z[k], block.Z[k][i])
				}
			}
		}
		row += b.Rows()
	}
	if learn {
		c.edges = make([][]float64, len(all))
		for k := range all {
			if z[k] != nil {
				c.edges[k] = quantileEdges(z[k], codes[k], baselineBins)
			}
		}
	}
	for k, feature := range all {
		if feature.Parents != nil {
			continue
		}
		column := baseline.Column{Name: feature.Name, Codes: codes[k], Levels: len(feature.Levels) + 1}
		if z[k] != nil { // code 0 is a number, 1 a missing one
			for i, x := range z[k] {
				if column.Codes[i] == 0 {
					column.Codes[i] = 2 + uint32(sort.SearchFloat64s(c.edges[k], math.Nextafter(x, math.Inf(1))))
				}
			}
			column.Levels = len(c.edges[k]) + 3
		}
		out.Columns = append(out.Columns, column)
	}
	return out, nil
}

// quantileEdges returns the values at which the second and each further of so many bins begins; codes other than 0 do not count.
func quantileEdges(values []float64, codes []uint32, bins int) []float64 {
	var known []float64
	for i, x := range values {
		if codes[i] == 0 {
			known = append(known, x)
		}
	}
	slices.Sort(known)
	var edges []float64
	for k := 1; k < bins && len(known) > 0; k++ {
		if x := known[k*len(known)/bins]; x > known[0] {
			edges = append(edges, x)
		}
	}
	return slices.Compact(edges)
}
