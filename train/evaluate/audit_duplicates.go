package evaluate

import "leadscore/model"

// Duplicates counts what the hold-out shares with the training rows.
type Duplicates struct {
	Compared int     // hold-out rows
	Equal    int     // of them, those that equal a training row in all columns but id and as-of
	Same     float64 // mean share of the equal training rows that have the row's outcome
	Repeated int     // hold-out rows that equal an earlier hold-out row
}

const (
	lookEqual = .01 // share of the hold-out
	coarse    = .5  // share of the hold-out that equals another row of it, from which equality means nothing
)

// Check names rows that are on both sides: 1 % of the hold-out and more. Where half of
// the hold-out's rows equal another one of it, columns are few and coarse, rows coincide without being copies, and
// nothing is said. Rows of people who answered nothing coincide too: it is worth a look, no more.
func (d Duplicates) Check() []model.Suspect {
	var out []model.Suspect
	n := float64(d.Compared)
	if d.Equal > 0 && float64(d.Equal) >= lookEqual*n && float64(d.Repeated) < coarse*n {
		c := model.AuditCheck{Kind: model.CheckDuplicates, Rows: d.Equal, Of: d.Compared, Shares: []float64{d.Same}, Figure: Wilson(float64(d.Equal), n)}
		c.Text = sayDuplicates(&c)
		out = append(out, model.Suspect{Severity: model.LookAtIt, Checks: []model.AuditCheck{c}})
	}
	return out
}
