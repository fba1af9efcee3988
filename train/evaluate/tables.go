package evaluate

import (
	"fmt"
	"math"

	"leadscore/model"
)

// slice is a run of rows in falling order of their value.
type slice struct {
	rows, positives int
	mean            float64 // of the value
	high, low       float64 // of the value
}

// slices cuts the rows, from the highest value down, into parts of equal numbers: with N the rounded
// weight of all rows, part d ends after ⌊N d/parts⌋ of them. Rows of equal value at a cut lie on both
// sides in proportion; their positives likewise, rounded so that the parts add up. So the order in which
// tied rows stood in the file, often by outcome, decides nothing. Parts without a row are left out.
func (v *view) slices(w []float64, parts int) []slice {
	type group struct{ value, pos, all float64 }
	var groups []group
	var total float64
	v.groups(w, func(value, pos, neg float64) {
		groups = append(groups, group{value, pos, pos + neg})
		total += pos + neg
	})
	n := math.Round(total)
	var out []slice
	var rows, positives float64 // down to here
	var cut slice               // rows and positives down to the last cut, as rounded
	next, used := 0, 0.0        // the group to take from; how much of it was taken
	for d := 1; d <= parts; d++ {
		end := math.Floor(n*float64(d)/float64(parts)) * total / n
		s := slice{}
		var sum, got float64
		for next < len(groups) && (rows < end || d == parts) {
			g := groups[next]
			take := g.all - used
			if d < parts && take > end-rows {
				take = end - rows
				used += take
			} else {
				next, used = next+1, 0
			}
			if got == 0 {
				s.high = g.value
			}
			s.low = g.value
			rows += take
			positives += float64(take*g.pos) / g.all
			sum += float64(take * g.value)
			got += take
		}
		// The small addition: a sum of fractions that is a half must round up on every machine.
		s.rows = int(math.Round(rows+1e-9)) - cut.rows
		s.positives = int(math.Round(positives+1e-9)) - cut.positives
		s.positives = min(s.positives, s.rows)
		s.mean = sum / got
		if s.rows > 0 {
			out = append(out, s)
			cut.rows += s.rows
			cut.positives += s.positives
		}
	}
	return out
}

// Deciles cuts the rows by falling score into 10 groups of equal size (fewer than 10 rows: one a row);
// 1 is the best. Ties at a cut are shared in proportion, whole rows. MeanScore is the mean of Probability, or of
// Score without one; Lift is over the rate of all the rows; Rows and Positives of weighted rows are rounded weights.
func Deciles(s Sample) ([]model.Decile, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing deciles: %w", err)
	}
	value := s.Score
	if s.Probability != nil {
		value = s.Probability
	}
	t := arrange(s.Label, s.Weight, value)
	pos, neg := s.totals()
	base := pos / (pos + neg)
	var out []model.Decile
	captured := 0
	for i, part := range t.by(0).slices(t.weight, 10) {
		captured += part.positives
		rate := Wilson(float64(part.positives), float64(part.rows))
		out = append(out, model.Decile{
			Decile: i + 1, Rows: part.rows, Positives: part.positives, MeanScore: part.mean,
			Rate: rate, Lift: rate.Value / base, Captured: math.Min(1, float64(captured)/pos),
		})
	}
	return out, nil
}

// Calibration cuts the rows by rising probability into bins of equal size, as Deciles does; bins that
// lie within one value are joined, so that a scorer of three levels has at most three bins with all their rows.
func Calibration(s Sample, bins int) ([]model.CalibrationBin, error) {
	if s.Probability == nil {
		return nil, fmt.Errorf("computing calibration: the scorer gives no probabilities")
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("computing calibration: %w", err)
	}
	if bins < 1 {
		return nil, fmt.Errorf("computing calibration: %d bins; want at least 1", bins)
	}
	t := arrange(s.Label, s.Weight, s.Probability)
	parts := t.by(0).slices(t.weight, bins)
	var joined []slice
	for i := len(parts) - 1; i >= 0; i-- {
		p := parts[i]
		if k := len(joined) - 1; k >= 0 && p.high == p.low && joined[k].high == joined[k].low && p.high == joined[k].high {
			joined[k].rows += p.rows
			joined[k].positives += p.positives
			continue
		}
		joined = append(joined, p)
	}
	out := make([]model.CalibrationBin, len(joined))
	for i, p := range joined {
		out[i] = model.CalibrationBin{Rows: p.rows, Expected: p.mean, Observed: Wilson(float64(p.positives), float64(p.rows))}
	}
	return out, nil
}
