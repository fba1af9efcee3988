package train

import (
	"context"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// ruledRows is what the first scorecard says of the training rows of the primary target, in the order of the file.
type ruledRows struct {
	scores          []float64
	names           []string    // of the groups
	groups          [][]float64 // points, by group
	fit, engagement []float64   // sums of the axes
	axes            bool        // the scorecard has both
}

// scoreRules scores the training rows by the rules; nil without rules.
func scoreRules(set *rules.Set, d *data, a *model.Artifact) (*ruledRows, error) {
	if set == nil {
		return nil, nil
	}
	out := &ruledRows{names: set.Groups(0)}
	hasFit, hasEngagement := set.Axes(0)
	out.axes = hasFit && hasEngagement
	out.groups = make([][]float64, len(out.names))
	parts := make([]float64, len(out.names))
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
				r := set.ResultGroups(0, row, d.eventsAt(at), asOf, parts)
				out.scores = append(out.scores, r.Score)
				for k, points := range parts {
					out.groups[k] = append(out.groups[k], points)
				}
				out.fit, out.engagement = append(out.fit, r.Fit), append(out.engagement, r.Engagement)
			}
			at++
		}
	}
	return out, nil
}

// row puts the points of a row's groups into parts, which is empty where the blend does not weigh them.
func (r *ruledRows) row(i int, parts []float64) (score float64) {
	for k := range parts {
		parts[k] = r.groups[k][i]
	}
	return r.scores[i]
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
