package evaluate

import (
	"math"

	"leadscore/model"
)

// Limits of what a single column may tell honestly: the lower end of the AUC's interval, so that a small hold-out names
// nothing by luck. What marketing knows before contact rarely gets a single column past .75, and whether a form
// field was filled in rarely past .60; no such column is known to reach .85, or .75 by its presence. The upper
// limits make a suspected leak, two of the lower ones together as well, one alone is worth a look.
const (
	lookAlone    = .75
	leakAlone    = .85
	lookPresence = .60
	leakPresence = .75
)

// prior is the number of rows of the base rate that each level starts with, so that a rare level says little and
// an id nothing.
const prior = 5

// alone is the hold-out AUC, with DeLong's interval, of the column by itself. A row's score is the training rate
// of its code, shrunk: (won + 5·base)/(rows + 5). Rows of a code have equal scores, so that the AUC comes from
// the counts alone. It needs both classes in the hold-out, else the figure is NaN and nothing fires.
func (t *counts) alone() (model.AuditCheck, bool) {
	var s Sample
	for i := range t.cells {
		x := &t.cells[i]
		score := (x.class[training][1] + prior*t.base) / (x.class[training][0] + x.class[training][1] + prior)
		s.add(score, x.class[heldOut])
	}
	e := s.aucOrNaN()
	c := model.AuditCheck{Kind: model.CheckAlone, Figure: e}
	c.Text = sayAlone(&c)
	return c, e.Lower >= lookAlone
}

// presence is the AUC, with DeLong's interval, of "is filled in", or of "is missing" where that is above .5. Nothing is
// learnt but the direction, so that all rows with an outcome count. AUC = ½ + ½ |share filled among the
// positives − among the negatives|.
func (t *counts) presence() (model.AuditCheck, bool) {
	var missing, filled, all [2]float64
	for i := range t.cells {
		for side := range 2 {
			for class := range 2 {
				n := t.cells[i].class[side][class]
				all[class] += n
				if i == 0 {
					missing[class] += n
				} else {
					filled[class] += n
				}
			}
		}
	}
	var s Sample
	up := 1.0
	if all[0]*filled[1] < all[1]*filled[0] {
		up = -1
	}
	s.add(0, missing)
	s.add(up, filled)
	e := s.aucOrNaN()
	c := model.AuditCheck{Kind: model.CheckPresence, Figure: e, Shares: []float64{ratio(filled[1], all[1]), ratio(filled[0], all[0])}}
	c.Text = sayPresence(&c)
	return c, e.Lower >= lookPresence
}

// add gives a score to so many rows of each class.
func (s *Sample) add(score float64, rows [2]float64) {
	for class, n := range rows {
		if n > 0 {
			s.Label, s.Score, s.Weight = append(s.Label, class == 1), append(s.Score, score), append(s.Weight, n)
		}
	}
}

// aucOrNaN is AUC, or NaN where a class has no rows.
func (s *Sample) aucOrNaN() model.Estimate {
	e, err := AUC(*s)
	if err != nil {
		return model.Estimate{Value: nan, Lower: nan, Upper: nan}
	}
	return e
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func whole(x float64) bool { return x == math.Trunc(x) && !math.IsInf(x, 0) }
