package evaluate

import (
	"math"
	"sort"
)

// ranking is the figures that only the order of the rows decides.
type ranking struct {
	prAUC, ks                    float64
	lift1, lift5, lift10, lift20 float64 // at shares of the rows
}

// The shares of the rows that lift and recall are about. Recall at a share is the lift there times the share.
const (
	share1  = .01
	share5  = .05
	share10 = .1
	share20 = .2
)

// part is the sums over some rows.
type part struct {
	all, pos float64 // weight, of the positives
	excess   float64 // Σ w (y − value)
}

func (p part) minus(q part) part { return part{p.all - q.all, p.pos - q.pos, p.excess - q.excess} }

// sums walks down a view once and returns the average precision times the weight of the positives (see rank) and, in
// down, what is above the end of each chunk. value is the column that the excess is about.
func (v *view) sums(w, value []float64, down []part) (area float64) {
	var at part
	before, k := 0.0, 0 // pos at the end of the group before
	for c, end := range v.chunk {
		for ; k < int(end); k++ {
			pos := w[k] * float64(v.one[k])
			at.all += w[k]
			at.pos += pos
			at.excess += pos - float64(w[k]*value[k])
			if v.last[k] {
				if at.all > 0 {
					area += (at.pos - before) * at.pos / at.all
				}
				before = at.pos
			}
		}
		down[c] = at
	}
	return area
}

// chunkAt returns where a chunk begins and what is above it.
func (v *view) chunkAt(c int, down []part) (start int, above part) {
	if c == 0 {
		return 0, part{}
	}
	return int(v.chunk[c-1]), down[c-1]
}

// upTo returns the sums over the topmost rows with the given weight. The group that this cuts counts by the part of it
// that fits in, so the order of tied rows is irrelevant.
func (v *view) upTo(weight float64, w, value []float64, down []part) part {
	c := sort.Search(len(down)-1, func(c int) bool { return down[c].all >= weight })
	start, above := v.chunkAt(c, down)
	var group part
	for k := start; k < int(v.chunk[c]); k++ {
		pos := w[k] * float64(v.one[k])
		group.all += w[k]
		group.pos += pos
		group.excess += pos - float64(w[k]*value[k])
		if !v.last[k] {
			continue
		}
		if above.all+group.all >= weight {
			if group.all > 0 {
				share := math.Max(0, (weight-above.all)/group.all)
				above.pos += share * group.pos
				above.excess += share * group.excess
				above.all = weight
			}
			return above
		}
		above = part{above.all + group.all, above.pos + group.pos, above.excess + group.excess}
		group = part{}
	}
	return above
}

// rank computes, from the sums of a view:
//
//	PR-AUC  Σ (Rₖ − Rₖ₋₁) Pₖ over the groups, R recall and P precision down to and with group k: average
//	        precision as scikit-learn defines it (no interpolation, which would flatter)
//	KS      max |TPR − FPR| over the groups: scipy's two-sided ks_2samp of the two classes' scores
//	lift    rate of positives among the best-scored 1, 5, 10, 20 % of the weight over the rate of all; the
//	        group at the cut counts by the part of it that fits in
//
// All are NaN without a positive or without a negative.
func (v *view) rank(area float64, w []float64, down []part) ranking {
	total := down[len(down)-1]
	if total.pos == 0 || total.pos == total.all {
		return ranking{nan, nan, nan, nan, nan, nan}
	}
	lift := func(share float64) float64 {
		cut := share * total.all
		return v.upTo(cut, w, v.value, down).pos / cut / (total.pos / total.all)
	}
	return ranking{
		prAUC: math.Min(1, area/total.pos), ks: v.ks(w, down),
		lift1: lift(share1), lift5: lift(share5), lift10: lift(share10), lift20: lift(share20),
	}
}

// ks returns max |TPR − FPR|. Only chunks in which it can lie are walked: inside one the difference is off from that
// at its ends by at most the chunk's share of a class.
func (v *view) ks(w []float64, down []part) float64 {
	total := down[len(down)-1]
	neg := total.all - total.pos
	gap := func(p part) float64 { return math.Abs(p.pos*neg - (p.all-p.pos)*total.pos) } // times P·N
	most := 0.0
	for _, p := range down {
		most = math.Max(most, gap(p))
	}
	for c := range down {
		start, above := v.chunkAt(c, down)
		in := down[c].minus(above)
		if math.Max(gap(above), gap(down[c]))+math.Max(in.pos*neg, (in.all-in.pos)*total.pos) <= most {
			continue
		}
		for k := start; k < int(v.chunk[c]); k++ {
			above.all += w[k]
			above.pos += w[k] * float64(v.one[k])
			if v.last[k] {
				most = math.Max(most, gap(above))
			}
		}
	}
	return math.Min(1, most/(total.pos*neg))
}
