package evaluate

import (
	"fmt"
	"math"

	"leadscore/model"
)

// maxThresholds is the most cut-offs that Thresholds gives unasked.
const maxThresholds = 100

// level is one distinct score with what selecting it and everything above gives.
type level struct {
	score         float64
	selected, pos float64
}

// levels returns the distinct scores from the highest down.
func (t *table) levels() (levels []level, pos, neg float64) {
	v := t.by(0)
	var at level
	v.groups(t.weight, func(score, p, n float64) {
		at.score = score
		at.selected += p + n
		at.pos += p
		levels = append(levels, at)
	})
	return levels, at.pos, at.selected - at.pos
}

// Thresholds returns, by rising score, what selecting the rows with score ≥ a cut-off gives, for
// at most the given number of cut-offs (0: 100): every distinct score where they are few, else those nearest to
// equal steps in the number of rows selected. A cut-off is the shortest decimal that selects the same
// rows: 37.3 for scores 37.288 and 37.291 on its two sides would not do, 37.29 does. The lowest
// selects every row, the highest the best score's; nothing is never selected.
func Thresholds(s Sample, most int) ([]model.Threshold, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing thresholds: %w", err)
	}
	if most == 0 {
		most = maxThresholds
	}
	if most < 2 {
		return nil, fmt.Errorf("computing thresholds: at most %d; want at least 2", most)
	}
	levels, pos, neg := arrange(s.Label, s.Weight, s.Score).levels()
	chosen := spread(len(levels), most, func(i int) float64 { return levels[i].selected / (pos + neg) })
	out := make([]model.Threshold, len(chosen))
	for k, i := range chosen {
		l := levels[i]
		below := math.Inf(-1)
		if i+1 < len(levels) {
			below = levels[i+1].score
		}
		out[len(out)-1-k] = model.Threshold{
			Score: shortest(below, l.score), Selected: int(math.Round(l.selected)),
			Precision: math.Min(1, l.pos/l.selected), Recall: math.Min(1, l.pos/pos),
		}
	}
	return out, nil
}

// spread chooses at most most of n things whose position rises to 1, the first and the last among
// them: of each step of equal length the first that reaches it.
func spread(n, most int, position func(int) float64) []int {
	if n <= most {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	chosen := []int{0}
	step := 1
	for i := 1; i < n-1; i++ {
		if p := position(i); p >= float64(step)/float64(most-1) && len(chosen) < most-1 {
			chosen = append(chosen, i)
			step = int(math.Floor(p*float64(most-1))) + 1
		}
	}
	return append(chosen, n-1)
}

// shortest returns the number of fewest decimals in (low, high], the least of them; of (−∞, high]
// it is 0, or high where that is negative.
func shortest(low, high float64) float64 {
	if math.IsInf(low, -1) {
		return math.Min(0, high)
	}
	for scale := 1.0; scale <= 1e15; scale *= 10 {
		if x := (math.Floor(low*scale) + 1) / scale; x > low && x <= high {
			return x
		}
	}
	return high
}

// Stages returns what each cut-off of a policy selects on these rows, by score alone.
func Stages(s Sample, cuts []Cut) ([]model.StageCut, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing stages: %w", err)
	}
	allPos, _ := s.totals()
	out := make([]model.StageCut, len(cuts))
	for i, c := range cuts {
		scores := s.Score
		if c.Of != nil {
			if scores = c.Of; len(scores) != len(s.Label) {
				return nil, fmt.Errorf("computing stages: %d scores of %s for %d rows", len(scores), c.Stage, len(s.Label))
			}
		}
		var pos, selected float64
		for k, score := range scores {
			if !(score >= c.Score) {
				continue
			}
			w := 1.0
			if s.Weight != nil {
				w = s.Weight[k]
			}
			selected += w
			if s.Label[k] {
				pos += w
			}
		}
		out[i] = model.StageCut{Stage: c.Stage, Target: c.Target, Score: c.Score, Selected: int(math.Round(selected)),
			Precision: Wilson(pos, selected), Recall: Wilson(pos, allPos)}
	}
	return out, nil
}
