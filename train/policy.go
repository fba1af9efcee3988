package train

import (
	"cmp"
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
	var won, lost scores // of the positives and of the negatives
	for i, eta := range f.logits {
		rule := 0.0
		if ruleScores != nil {
			rule = ruleScores[i]
		}
		score, _ := b.Score(model.Sigmoid(eta), rule)
		class := &lost
		if f.labels[i] {
			class = &won
		}
		class.score = append(class.score, score)
		if f.weight != nil {
			class.weight = append(class.weight, f.weight[i])
		}
	}
	var sorting sync.WaitGroup
	sorting.Go(won.sort)
	lost.sort()
	sorting.Wait()
	mql, sql := youden(won, lost), topScore(won, lost, topShare*size(f.weight, len(f.logits)))
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

// scores are those of a class with the weight of each; weight nil: all 1.
type scores struct{ score, weight []float64 }

// sort puts the lowest score first.
func (s *scores) sort() {
	if s.weight == nil {
		slices.Sort(s.score)
		return
	}
	order := make([]int, len(s.score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.score[a], s.score[b]), cmp.Compare(s.weight[a], s.weight[b]))
	})
	score, weight := make([]float64, len(order)), make([]float64, len(order))
	for to, from := range order {
		score[to], weight[to] = s.score[from], s.weight[from]
	}
	s.score, s.weight = score, weight
}

// takeTop removes the highest scores as long as they are score, and returns their weight.
func (s *scores) takeTop(score float64) float64 {
	n, sum := len(s.score), 0.0
	for n > 0 && s.score[n-1] == score {
		n--
		sum += weightAt(s.weight, n)
	}
	s.score = s.score[:n]
	return sum
}

// youden returns the cut-off c that maximises TPR − FPR of {score ≥ c}; the highest of equals. Both
// classes are sorted, the lowest score first: two sorts of numbers, side by side, and a merge take less
// time than one stable sort of row numbers.
func youden(won, lost scores) float64 {
	best, cut := math.Inf(-1), math.NaN()
	tp, fp, positives, negatives := 0.0, 0.0, size(won.weight, len(won.score)), size(lost.weight, len(lost.score))
	for len(won.score) > 0 || len(lost.score) > 0 {
		score := highest(won.score, lost.score)
		tp += won.takeTop(score)
		fp += lost.takeTop(score)
		if j := tp/positives - fp/negatives; j > best {
			best, cut = j, score
		}
	}
	return cut
}

// topScore returns the highest score from which on the leads of two sorted classes weigh at least so much, or the
// lowest one.
func topScore(won, lost scores, weight float64) float64 {
	cut := math.NaN()
	for sum := 0.0; len(won.score) > 0 || len(lost.score) > 0; {
		cut = highest(won.score, lost.score)
		if sum += won.takeTop(cut) + lost.takeTop(cut); sum >= weight {
			break
		}
	}
	return cut
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
