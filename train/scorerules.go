package train

import (
	"context"

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
				s, _ := set.Score(row, d.eventsAt(at), asOf)
				scores = append(scores, s)
			}
			at++
		}
	}
	return scores, nil
}

// readRuleEvents keeps the events that the rules ask for; without a log, or with rules that look at attributes
// alone, there are none.
func (d *data) readRuleEvents(ctx context.Context, set *rules.Set) (err error) {
	if set != nil && d.log != nil {
		d.ruleEvents, err = d.log.log.EventsOf(ctx, d.rowsOfLog, set.Wanted())
	}
	return err
}

// eventsAt are the events of a row that rules ask for: the scorer leaves out the ones that its as-of moment does not know.
func (d *data) eventsAt(row int) []datasets.Event {
	if d.ruleEvents == nil {
		return nil
	}
	return d.ruleEvents[row]
}
