package train

import (
	"cmp"
	"math"
	"slices"
)

// cutSteps is the number of equal steps of the score, 0 to 100, that rows are counted by before any are sorted.
const cutSteps = 1 << 14

// ladder is training scores, 0 to 100, counted by steps. A cut-off is found by looking at the rows of
// the few steps in which it can lie; sorting half a million scores took longer than making them.
type ladder struct {
	scores    []float64
	won       []bool
	wins      [cutSteps]int32 // positives of each step
	rows      [cutSteps]int32
	positives int
}

func newLadder(scores []float64, won []bool) *ladder {
	l := &ladder{scores: scores, won: won}
	for i, s := range scores {
		k := stepOf(s)
		l.rows[k]++
		if won[i] {
			l.wins[k]++
			l.positives++
		}
	}
	return l
}

// stepOf is the step that a score lies in; it never falls where the score rises.
func stepOf(score float64) int {
	return min(max(int(score*(cutSteps/100.)), 0), cutSteps-1)
}

// rung is a training row on the ladder.
type rung struct {
	score float64
	won   bool
}

// within returns the rows of the steps that are wanted, the highest score first.
func (l *ladder) within(wanted func(step int) bool) []rung {
	var out []rung
	for i, s := range l.scores {
		if wanted(stepOf(s)) {
			out = append(out, rung{s, l.won[i]})
		}
	}
	slices.SortFunc(out, func(a, b rung) int { return cmp.Compare(b.score, a.score) })
	return out
}

// youden returns the cut-off c that maximises TPR − FPR of {score ≥ c}; the highest of equals. NaN where no
// cut-off gives a number, which is where a class has no row.
//
// At the end of a step J is known from the counts alone, and within it J is at most what it would be with all
// positives of the step and none of its negatives: steps that stay below the best end are passed over.
func (l *ladder) youden() float64 {
	positives, negatives := float64(l.positives), float64(len(l.scores)-l.positives)
	j := func(tp, fp int) float64 { return float64(tp)/positives - float64(fp)/negatives }
	best := math.Inf(-1)
	tp, fp := 0, 0
	for k := cutSteps - 1; k >= 0; k-- {
		if l.rows[k] > 0 {
			tp, fp = tp+int(l.wins[k]), fp+int(l.rows[k]-l.wins[k])
			best = max(best, j(tp, fp))
		}
	}
	var wanted [cutSteps]bool
	tp, fp = 0, 0
	for k := cutSteps - 1; k >= 0; k-- {
		wanted[k] = l.rows[k] > 0 && j(tp+int(l.wins[k]), fp) >= best
		tp, fp = tp+int(l.wins[k]), fp+int(l.rows[k]-l.wins[k])
	}
	rows := l.within(func(k int) bool { return wanted[k] })
	best, cut := math.Inf(-1), math.NaN()
	tp, fp = 0, 0
	next := 0
	for k := cutSteps - 1; k >= 0; k-- {
		if !wanted[k] {
			tp, fp = tp+int(l.wins[k]), fp+int(l.rows[k]-l.wins[k])
			continue
		}
		for end := next + int(l.rows[k]); next < end; next++ {
			if rows[next].won {
				tp++
			} else {
				fp++
			}
			if next+1 < end && rows[next+1].score == rows[next].score {
				continue
			}
			if v := j(tp, fp); v > best {
				best, cut = v, rows[next].score
			}
		}
	}
	return cut
}

// top returns the n-th highest score, 1 ≤ n ≤ the number of rows.
func (l *ladder) top(n int) float64 {
	above := 0
	for k := cutSteps - 1; ; k-- {
		if above+int(l.rows[k]) >= n {
			return l.within(func(step int) bool { return step == k })[n-1-above].score
		}
		above += int(l.rows[k])
	}
}
