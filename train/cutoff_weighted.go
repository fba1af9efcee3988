package train

import (
	"cmp"
	"math"
	"slices"
)

// weightedCuts are the cut-offs of choosePolicy where rows have weights: youden and the score from which on the
// leads weigh topShare of all.
func weightedCuts(all []float64, labels []bool, weight []float64) (mql, sql float64) {
	var won, lost scores // of the positives and of the negatives
	for i, score := range all {
		class := &lost
		if labels[i] {
			class = &won
		}
		class.score, class.weight = append(class.score, score), append(class.weight, weight[i])
	}
	won.sort()
	lost.sort()
	return youden(won, lost), topScore(won, lost, topShare*sum(weight))
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
// classes are sorted, the lowest score first.
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
