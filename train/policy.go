package train

import (
	"math"
	"slices"
	"sort"

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
	}
	scores := make([]float64, len(f.logits))
	for i, eta := range f.logits {
		rule := 0.0
		if ruleScores != nil {
			rule = ruleScores[i]
		}
		scores[i], _ = b.Score(model.Sigmoid(eta), rule)
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return scores[order[i]] > scores[order[j]] })
	mql, sql := youden(scores, f.labels, order), scores[order[int(math.Ceil(topShare*float64(len(order))))-1]]
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

// youden returns the cut-off c that maximises TPR − FPR of {score ≥ c}; the highest of equals.
func youden(scores []float64, labels []bool, order []int) float64 {
	positives := 0
	for _, l := range labels {
		if l {
			positives++
		}
	}
	negatives := len(labels) - positives
	best, cut := math.Inf(-1), scores[order[0]]
	tp, fp := 0, 0
	for k, i := range order {
		if labels[i] {
			tp++
		} else {
			fp++
		}
		if k+1 < len(order) && scores[order[k+1]] == scores[i] {
			continue
		}
		if j := float64(tp)/float64(positives) - float64(fp)/float64(negatives); j > best {
			best, cut = j, scores[i]
		}
	}
	return cut
}

// roundScore keeps one decimal: a threshold is read by people.
func roundScore(s float64) float64 { return math.Round(s*10) / 10 }
