package evaluate

import (
	"fmt"
	"math"

	"leadscore/model"
)

// curvePoints is the most points of a curve, beside its two ends: more cannot be seen in a plot.
const curvePoints = 100

// Curve returns the ROC and gains curve: a point for each distinct score, or some 100 of them at equal
// steps along the ROC curve, from (0, 0, 0) to (1, 1, 1). Tied rows are one straight step.
func Curve(s Sample) ([]model.CurvePoint, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing a curve: %w", err)
	}
	levels, pos, neg := arrange(s.Label, s.Weight, s.Score).levels()
	point := func(l level) model.CurvePoint {
		return model.CurvePoint{
			Share:       math.Min(1, l.selected/(pos+neg)),
			FalseAlarms: math.Min(1, (l.selected-l.pos)/neg),
			Recall:      math.Min(1, l.pos/pos),
		}
	}
	out := []model.CurvePoint{{}}
	for _, i := range spread(len(levels), curvePoints, func(i int) float64 {
		p := point(levels[i])
		return (p.FalseAlarms + p.Recall) / 2
	}) {
		out = append(out, point(levels[i]))
	}
	return out, nil
}

// Distribution counts positives and negatives in bins of equal width over the scores: over 0 to 100 where
// they lie in it, else over their range. Weighted counts are rounded.
func Distribution(s Sample, bins int) ([]model.ScoreBin, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing the score distribution: %w", err)
	}
	if bins < 1 {
		return nil, fmt.Errorf("computing the score distribution: %d bins; want at least 1", bins)
	}
	low, high := 0.0, 100.0
	for _, x := range s.Score {
		low, high = math.Min(low, x), math.Max(high, x)
	}
	if low < 0 || high > 100 {
		low, high = s.Score[0], s.Score[0]
		for _, x := range s.Score {
			low, high = math.Min(low, x), math.Max(high, x)
		}
		if low == high {
			high = low + 1
		}
	}
	pos, neg := make([]float64, bins), make([]float64, bins)
	out := make([]model.ScoreBin, bins)
	edge := func(b int) float64 { return low + (high-low)*float64(b)/float64(bins) }
	for b := range out {
		out[b].From, out[b].To = edge(b), edge(b+1)
	}
	for i, x := range s.Score {
		b := min(bins-1, max(0, int((x-low)/(high-low)*float64(bins))))
		// The division may land beside an edge; the edges decide.
		for b > 0 && x < out[b].From {
			b--
		}
		for b < bins-1 && x >= out[b].To {
			b++
		}
		w := 1.0
		if s.Weight != nil {
			w = s.Weight[i]
		}
		if s.Label[i] {
			pos[b] += w
		} else {
			neg[b] += w
		}
	}
	for b := range out {
		out[b].Positives, out[b].Negatives = int(math.Round(pos[b])), int(math.Round(neg[b]))
	}
	return out, nil
}
