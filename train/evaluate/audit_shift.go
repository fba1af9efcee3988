package evaluate

import (
	"leadscore/model"
)

// lookShift is the lower end of the AUC from which a column that tells training from hold-out rows is worth a look: at
// .60 the column is distributed visibly otherwise; a random split gives .50.
const lookShift = .60

// pull is how far each code is pulled to the hold-out, as learnt on each half of the rows: the logit of its share of
// hold-out rows, shrunk as in alone, less that of the half. Less that of the half, because the half with more hold-out
// rows meets a half with fewer: shares as they are would put a constant column below .5.
type pull struct {
	logit [2][]float64 // by half, by code
	auc   model.Estimate
}

// pull learns on one half of the rows and measures on the other, both ways, so that rare levels gain nothing.
func (t *counts) pull() *pull {
	p := &pull{}
	for h := range 2 {
		var side [2]float64
		for i := range t.cells {
			side[0] += t.cells[i].half[h][0]
			side[1] += t.cells[i].half[h][1]
		}
		p.logit[h] = make([]float64, len(t.cells))
		if side[0] == 0 || side[1] == 0 {
			continue
		}
		all := side[0] + side[1]
		for i := range t.cells {
			n := t.cells[i].half[h]
			excess := (n[1]*side[0] - n[0]*side[1]) / (all * (n[0] + n[1] + prior)) // (n₁ + 5·base)/(n + 5) − base
			if excess != 0 {
				p.logit[h][i] = model.Logit(side[1]/all+excess) - model.Logit(side[1]/all)
			}
		}
	}
	var s Sample
	for i := range t.cells {
		for h := range 2 {
			s.add(p.logit[1-h][i], t.cells[i].half[h])
		}
	}
	p.auc = s.aucOrNaN()
	return p
}

// check is the AUC of training row against hold-out row from one column. In a split forward in time, columns of times
// and time proxies differ by design: they are told apart and do not fire.
func (p *pull) check() (model.AuditCheck, bool) {
	c := model.AuditCheck{Kind: model.CheckShift, Figure: p.auc}
	c.Text = sayShift(&c)
	return c, p.auc.Lower >= lookShift
}

// mostTogether bounds the rows on which all columns together are measured: they are sorted by a score of their own.
const mostTogether = 20_000

// together is the AUC of training against hold-out from all columns but those expected to differ, as naive Bayes does
// it: the sum of the pulls of the columns. Columns that tell the same make it no larger than the best of them by
// much, so that it is a coarse figure; a classifier of its own would cost as much as the model.
func (a *audit) together(columns []AuditColumn, pulls []*pull) model.Estimate {
	step := (len(a.Class) + mostTogether - 1) / mostTogether
	if step > 1 && step%2 == 0 {
		step++ // both halves
	}
	var rows []int
	for i := 0; i < len(a.Class); i += step {
		if a.Class[i] >= 0 {
			rows = append(rows, i)
		}
	}
	s := Sample{Label: make([]bool, len(rows)), Score: make([]float64, len(rows))}
	for k, i := range rows {
		s.Label[k] = a.Holdout[i]
	}
	for j, p := range pulls {
		if p == nil {
			continue
		}
		for k, i := range rows {
			s.Score[k] += p.logit[1-i&1][columns[j].Codes[i]]
		}
	}
	return s.aucOrNaN()
}
