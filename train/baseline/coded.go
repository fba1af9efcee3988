package baseline

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"leadscore/datasets"
	"leadscore/features"
)

// numberBins is the number of bins of a standardised number, which a linear model does not code.
const numberBins = 10

// Coding makes rows of tables with the codes of a pipeline, a column a feature: the very bins and levels that our model
// sees, learnt from its training rows. Pairs are left out: naive Bayes would count their sides twice. A code behind the named
// levels stands for what training never saw. A number that the model has as a straight line, or as an offset, has no
// levels: it is cut into ten bins of about equally many of the rows that Fit is given.
type Coding struct {
	pipeline *features.Pipeline
	edges    [][]float64 // by feature; nil: coded
}

// NewCoding returns the coding by a pipeline, which must be bound to the schema of the tables.
func NewCoding(p *features.Pipeline) *Coding { return &Coding{pipeline: p} }

// Fit codes the rows to fit to, and learns bins from them. keep tells which rows of the table are taken, nil all of
// them; label is that of every row of the table.
func (c *Coding) Fit(t *datasets.Table, keep, label []bool) (Rows, error) {
	const doing = "coding rows to fit to"
	if len(label) != t.Rows() {
		return Rows{}, fmt.Errorf("%s: %d labels for %d rows", doing, len(label), t.Rows())
	}
	return c.rows(doing, t, keep, label, true)
}

// Score codes rows as Fit coded its own; without linear features it needs no Fit before. The rows have no labels.
func (c *Coding) Score(t *datasets.Table, keep []bool) (Rows, error) {
	return c.rows("coding rows to score", t, keep, nil, false)
}

func (c *Coding) rows(doing string, t *datasets.Table, keep, label []bool, learn bool) (out Rows, err error) {
	defer func() {
		if r := recover(); r != nil { // a pipeline that is not bound, or bound to other columns
			err = fmt.Errorf("%s: %v", doing, r)
		}
	}()
	if keep != nil && len(keep) != t.Rows() {
		return out, fmt.Errorf("%s: %d marks for %d rows", doing, len(keep), t.Rows())
	}
	all := c.pipeline.Features()
	codes, z := make([][]uint32, len(all)), make([][]float64, len(all))
	var block features.Block
	row := 0
	for _, b := range t.Batches {
		c.pipeline.Cells(b, &block)
		for i := range b.Rows() {
			if keep != nil && !keep[row+i] {
				continue
			}
			if label != nil {
				out.Label = append(out.Label, label[row+i])
			}
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
				c.edges[k] = quantileEdges(z[k], codes[k])
			}
		}
	}
	for k, feature := range all {
		if feature.Parents != nil {
			continue
		}
		column := Column{Name: feature.Name, Codes: codes[k], Levels: len(feature.Levels) + 1}
		if feature.Linear {
			if c.edges == nil {
				return Rows{}, fmt.Errorf("%s: %q is a number without bins: none were learned", doing, feature.Name)
			}
			for i, x := range z[k] { // code 0 is a number, 1 a missing one
				if column.Codes[i] == 0 {
					column.Codes[i] = 2 + uint32(sort.SearchFloat64s(c.edges[k], math.Nextafter(x, math.Inf(1))))
				}
			}
			column.Levels = len(c.edges[k]) + 3
		}
		out.Columns = append(out.Columns, column)
	}
	if len(out.Columns) == 0 {
		return Rows{}, errors.New(doing + ": the pipeline has no feature")
	}
	return out, nil
}

// quantileEdges returns the values at which the second and each further bin begins; codes other than 0 do not count.
func quantileEdges(values []float64, codes []uint32) []float64 {
	var known []float64
	for i, x := range values {
		if codes[i] == 0 {
			known = append(known, x)
		}
	}
	slices.Sort(known)
	var edges []float64
	for k := 1; k < numberBins && len(known) > 0; k++ {
		if x := known[k*len(known)/numberBins]; x > known[0] {
			edges = append(edges, x)
		}
	}
	return slices.Compact(edges)
}
