package train

import (
	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// scoreRules gives the rule score of each training row of the primary target, in the order of the
// file; nil without rules.
func scoreRules(set *rules.Set, d *data, a *model.Artifact) ([]float64, error) {
	if set == nil {
		return nil, nil
	}
	var scores []float64
	row := make([]datasets.Value, len(a.Schema.Fields))
	at := 0
	for _, b := range d.leads.Batches {
		for i := range b.Rows() {
			if d.train[at] {
				b.Row(i, row)
				asOf := int64(datasets.MissingTime)
				if d.asOf != nil {
					asOf = d.asOf[at]
				}
				s, _ := set.Score(row, nil, asOf)
				scores = append(scores, s)
			}
			at++
		}
	}
	return scores, nil
}
