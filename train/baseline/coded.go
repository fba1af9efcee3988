package baseline

import (
	"errors"
	"fmt"
	"slices"

	"leadscore/datasets"
	"leadscore/features"
)

// Coded makes rows of a table with the codes of an additive pipeline, a column a feature: the very bins and levels that our model
// sees, learnt from its training rows. Pairs and an offset are left out: naive Bayes would count a pair's columns
// twice, and an offset has no levels. A code behind the named levels stands for what training never saw. The
// pipeline must be bound to the table's schema. label nil is for rows to score.
func Coded(p *features.Pipeline, t *datasets.Table, label []bool) (rows Rows, err error) {
	const doing = "coding rows"
	defer func() {
		if r := recover(); r != nil { // a pipeline that is not bound, or bound to other columns
			err = fmt.Errorf("%s: %v", doing, r)
		}
	}()
	if p.Encoding() != features.Additive {
		return Rows{}, errors.New(doing + ": the pipeline leaves numbers without codes; want one of the additive encoding")
	}
	if label != nil && len(label) != t.Rows() {
		return Rows{}, fmt.Errorf("%s: %d labels for %d rows", doing, len(label), t.Rows())
	}
	all := p.Features()
	var kept []int
	for f := range all {
		if all[f].Parents == nil && !all[f].Linear {
			kept = append(kept, f)
			rows.Columns = append(rows.Columns, Column{Name: all[f].Name, Levels: len(all[f].Levels) + 1})
		}
	}
	if len(kept) == 0 {
		return Rows{}, errors.New(doing + ": the pipeline has no feature with codes")
	}
	rows.Label = slices.Clone(label)
	var block features.Block
	for _, b := range t.Batches {
		p.Cells(b, &block)
		for i, f := range kept {
			rows.Columns[i].Codes = append(rows.Columns[i].Codes, block.Codes[f]...)
		}
	}
	return rows, nil
}
