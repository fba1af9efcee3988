package train

import (
	"math"
	"slices"
	"sync"

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
	var won, lost []float64 // scores of the positives and of the negatives
	for i, eta := range f.logits {
		rule := 0.0
		if ruleScores != nil {
			rule = ruleScores[i]
		}
		score, _ := b.Score(model.Sigmoid(eta), rule)
		if f.labels[i] {
			won = append(won, score)
		} else {
			lost = append(lost, score)
		}
	}
	var sorting sync.WaitGroup
	sorting.Go(func() { slices.Sort(won) })
	slices.Sort(lost)
	sorting.Wait()
	mql, sql := youden(won, lost), topScore(won, lost, int(math.Ceil(topShare*float64(len(f.logits)))))
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

// youden returns the cut-off c that maximises TPR − FPR of {score ≥ c}; the highest of equals. Both
// classes are sorted, the lowest score first: two sorts of numbers, side by side, and a merge take less
// time than one stable sort of row numbers.
func youden(won, lost []float64) float64 {
	best, cut := math.Inf(-1), math.NaN()
	tp, fp := 0, 0
	for tp < len(won) || fp < len(lost) {
		at := highest(won[:len(won)-tp], lost[:len(lost)-fp])
		for tp < len(won) && won[len(won)-1-tp] == at {
			tp++
		}
		for fp < len(lost) && lost[len(lost)-1-fp] == at {
			fp++
		}
		if j := float64(tp)/float64(len(won)) - float64(fp)/float64(len(lost)); j > best {
			best, cut = j, at
		}
	}
	return cut
}

// topScore returns the k-th highest score of two sorted classes, 1 ≤ k ≤ the number of both.
func topScore(won, lost []float64, k int) float64 {
	for ; k > 1; k-- {
		if len(lost) == 0 || len(won) > 0 && won[len(won)-1] >= lost[len(lost)-1] {
			won = won[:len(won)-1]
		} else {
			lost = lost[:len(lost)-1]
		}
	}
	return highest(won, lost)
}

// highest returns the greatest of two sorted lists, of which one may be empty.
func highest(a, b []float64) float64 {
	if len(a) == 0 || len(b) > 0 && b[len(b)-1] > a[len(a)-1] {
		return b[len(b)-1]
	}
	return a[len(a)-1]
}

// roundScore keeps one decimal: a threshold is read by people.
func roundScore(s float64) float64 { return math.Round(s*10) / 10 }
