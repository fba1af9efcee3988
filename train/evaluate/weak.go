package evaluate

import (
	"maps"
	"math"
	"slices"

	"leadscore/model"
)

const (
	// weakLevel bounds the chance that a model with nothing wrong has any weak segment.
	weakLevel = .05
	// fewInClass is the fewest rows of each class (clusters with some) that a segment's ranking is tested on.
	fewInClass = 10
)

// The words of model.Segment.Weak.
const (
	weakRanking     = "ranking"
	weakCalibration = "calibration"
)

// suspicion is the p values of the tests of a segment; NaN where one was not made.
type suspicion struct{ ranking, calibration float64 }

// weak marks the segments whose p values are too small for chance. All tests of all columns are one family (holm);
// Benjamini & Hochberg's correction was rejected, since a segment that is named alone should be right 95 times in 100. Of two faults of a
// segment the surer one is named.
func weak(segments []model.Segment, tests []suspicion) {
	p := make([]float64, 0, 2*len(tests))
	for _, s := range tests {
		p = append(p, s.ranking, s.calibration)
	}
	corrected := holm(p)
	for i, s := range tests {
		ranking, calibration := corrected[2*i] <= weakLevel, corrected[2*i+1] <= weakLevel // NaN is not
		switch {
		case ranking && !(calibration && s.calibration < s.ranking):
			segments[i].Weak = weakRanking
		case calibration:
			segments[i].Weak = weakCalibration
		}
	}
}

// influences are what each row adds to the error of the AUC of all rows: (V − AUC)/√(m(m−1)) of placements, so that the
// squares add up to DeLong's variance. Clusters add up theirs first.
type influences struct {
	row     []float64
	cluster []float64 // sums; nil without clusters
	of      []int32   // cluster of each row
	total   float64   // Σ squares
}

func (t *table) influences(p placements) *influences {
	f := &influences{row: make([]float64, len(p.value)), of: t.cluster}
	for i, v := range p.value {
		f.row[i] = t.influence(i, v, p)
	}
	if t.cluster == nil {
		for i, x := range f.row {
			f.total += t.weight[i] * x * x
		}
		return f
	}
	f.cluster = make([]float64, t.groups)
	for i, c := range t.cluster {
		f.cluster[c] += t.weight[i] * f.row[i]
	}
	for _, x := range f.cluster {
		f.total += x * x
	}
	return f
}

// influence is 0 where a class weighs too little for a variance, which rankingP does not ask for.
func (t *table) influence(i int, placement float64, p placements) float64 {
	class := p.neg
	if t.label[i] {
		class = p.pos
	}
	if class <= 1 {
		return 0
	}
	return (placement - p.auc) / math.Sqrt(class*(class-1))
}

// rankingP returns the p value of a segment's ranking, one-sided: the greater of two.
//
// The first is that its AUC is below that of all rows (DeLong's variance of the difference of the two, which share the segment's rows).
// But a segment in which all leads are alike has a low AUC with the best of models. So the second is that its AUC is
// below what its own probabilities foretell; without probabilities there is only the first. A model that is right about
// the segment fails the second test by chance alone, whatever the first says, so what is named is rarely wrong.
func (c cohort) rankingP(p *placements, auc float64, whole *influences) float64 {
	if p == nil {
		return nan
	}
	if pos, neg := c.evidence(); pos < fewInClass || neg < fewInClass {
		return nan
	}
	value := below((p.auc-auc)/math.Sqrt(c.differenceVariance(*p, whole)), p.auc < auc)
	if c.columns[1] == nil {
		return value
	}
	own := c.deLong(p.value, p.pos, p.neg, p.auc)
	foretold := c.foretoldAUC()
	return math.Max(value, below((p.auc-foretold)/math.Sqrt(own), p.auc < foretold))
}

// differenceVariance returns the variance of the segment's AUC minus that of all rows; at least 0.
func (c cohort) differenceVariance(p placements, whole *influences) float64 {
	variance := whole.total
	sums := map[int32]float64{} // of the clusters that the segment has rows of
	for k, i := range c.whole {
		own, w := c.influence(k, p.value[k], p), c.weight[k]
		if whole.cluster == nil {
			x := whole.row[i]
			variance += w * (own - 2*x) * own // (own − x)² in the place of x²
			continue
		}
		sums[whole.of[i]] += w * own
	}
	for _, g := range slices.Sorted(maps.Keys(sums)) {
		variance += (sums[g] - 2*whole.cluster[g]) * sums[g]
	}
	return math.Max(0, variance)
}

// below returns P(Z ≤ z); where a variance is 0, 0 or 1 as the difference says.
func below(z float64, less bool) float64 {
	switch {
	case math.IsNaN(z), math.IsInf(z, 0):
		if less {
			return 0
		}
		return 1
	}
	return math.Erfc(-z/math.Sqrt2) / 2
}

// foretoldAUC returns the AUC that is to be expected if every row is positive with its probability:
// Σ p_i (1−p_j) over the pairs i ≠ j with i above j, ties counting half, over that of all pairs; ½ where there is none.
func (c cohort) foretoldAUC() float64 {
	var allNeg float64
	for i, p := range c.columns[1] {
		allNeg += c.weight[i] * (1 - p)
	}
	var hits, pairs, pos, neg, above float64 // pos, neg: of the group; above: negatives not below it
	for i, p := range c.columns[1] {         // the table is by falling score
		w := c.weight[i]
		pos += w * p
		neg += w * (1 - p)
		self := w * p * (1 - p)
		hits -= self / 2
		pairs += w*p*allNeg - self
		if i+1 == len(c.label) || c.columns[0][i+1] != c.columns[0][i] {
			hits += pos * (allNeg - above - neg/2)
			above += neg
			pos, neg = 0, 0
		}
	}
	if !(pairs > 0) {
		return .5
	}
	return hits / pairs
}

// calibrationP returns the two-sided p value of a segment's number of positives, if every row is positive with its
// probability. Clustered rows count as so many fewer independent ones as their design effect says: that of all rows, see ece, or the
// segment's own where it is greater. A t test of the clusters' sums was rejected: with few conversions it
// named a segment of a good model in one of five samples.
func (c cohort) calibrationP(effect float64) float64 {
	p := c.columns[1]
	if len(p) == 0 {
		return nan
	}
	if c.cluster == nil && effect <= 1 {
		return countP(c.label, p, c.weight)
	}
	effect = math.Max(math.Max(1, effect), c.calibrationEffect(p))
	weight := make([]float64, len(c.weight))
	for i, w := range c.weight {
		weight[i] = w / effect
	}
	return countP(c.label, p, weight)
}
