package train

import (
	"math"
	"slices"

	"leadscore/model"
)

// topShare is the share of training leads that the automatic SQL threshold lets through: the band that
// sales can be expected to call first. A healthy funnel has 15–35 % of its leads in the top band of
// MQL; SQL is the sharper end of it.
const topShare = .1

// choosePolicy fixes the thresholds that the configuration leaves open, on training scores whose
// model part is out of fold. MQL is where the cut-off separates best (the largest true minus false
// positive rate, Youden's J, the point of the KS statistic); SQL is the score of the best tenth, and
// never below MQL.
func choosePolicy(c PolicyConfig, b model.Blend, f *fitted, ruleScores []float64) model.Policy {
	p := model.Policy{
		MQL: model.StageRule{Required: slices.Clone(c.MQL.Required)},
		SQL: model.StageRule{Required: slices.Clone(c.SQL.Required)},

		Actionable: slices.Clone(c.Actionable),
	}
	scores := make([]float64, len(f.logits))
	inParallel(len(scores), func(lo, hi int) {
		for i, eta := range f.logits[lo:hi] {
			rule := 0.0
			if ruleScores != nil {
				rule = ruleScores[lo+i]
			}
			scores[lo+i], _ = b.Score(model.Sigmoid(eta), rule)
		}
	})
	var mql, sql float64
	if f.weight == nil {
		l := newLadder(scores, f.labels)
		mql, sql = l.youden(), l.top(int(math.Ceil(topShare*float64(len(scores)))))
	} else {
		mql, sql = weightedCuts(scores, f.labels, f.weight)
	}
	if c.MQL.MinScore != nil {
		mql = *c.MQL.MinScore
	}
	sql = max(sql, mql)
	if c.SQL.MinScore != nil {
		sql = *c.SQL.MinScore
	}
	p.MQL.MinScore, p.SQL.MinScore = roundScore(mql), roundScore(sql)
	return p
}

// roundScore keeps one decimal: a threshold is read by people.
func roundScore(s float64) float64 { return math.Round(s*10) / 10 }
