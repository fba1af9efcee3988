package evaluate

import (
	"cmp"
	"math"
	"slices"

	"leadscore/model"
)

// ordered returns the rows from the highest score down, rows of equal scores in their own order, and calls group for each run of
// equal scores.
func ordered(score []float64, group func(rows []ranked)) {
	keys := make([]ranked, len(score))
	for i, x := range score {
		keys[i] = ranked{key: ^keyOf(x), row: int32(i)}
	}
	keys = sortRanked(keys)
	for start := 0; start < len(keys); {
		end := start + 1
		for end < len(keys) && keys[end].key == keys[start].key {
			end++
		}
		group(keys[start:end])
		start = end
	}
}

// topShares returns of each row how much of it is in the best share of all weight: 1, 0, or for the rows of equal score at the
// cut the part of them that fits.
func topShares(score, weight []float64, share float64) []float64 {
	at := func(i int32) float64 {
		if weight == nil {
			return 1
		}
		return weight[i]
	}
	total := 0.0
	for i := range score {
		total += at(int32(i))
	}
	out := make([]float64, len(score))
	left := share * total
	ordered(score, func(rows []ranked) {
		all := 0.0
		for _, r := range rows {
			all += at(r.row)
		}
		part := 1.0
		if all > left {
			part = math.Max(0, left) / all
		}
		for _, r := range rows {
			out[r.row] = part
		}
		left -= all
	})
	return out
}

// overlapOf compares two tops. Of a row that is in both in part the smaller part is shared, so that a scorer shares all of its
// top with itself.
func overlapOf(label []bool, weight, a, b []float64) model.Overlap {
	var all, both, onlyA, onlyB, posA, posB float64
	for i := range a {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		shared := math.Min(a[i], b[i])
		all += w * a[i]
		both += w * shared
		onlyA += w * (a[i] - shared)
		onlyB += w * (b[i] - shared)
		if label[i] {
			posA += w * (a[i] - shared)
			posB += w * (b[i] - shared)
		}
	}
	return model.Overlap{Shared: model.Figure(math.Min(1, both/all)), OnlyA: Wilson(posA, onlyA), OnlyB: Wilson(posB, onlyB)}
}

// mostMovers is how many leads are shown in each direction.
const mostMovers = 5

// movers returns the rows whose places under a and b differ most.
func movers(label []bool, a, b Scorer) *model.Movers {
	placeA, placeB := places(a.Score), places(b.Score)
	rows := make([]int, len(label))
	for i := range rows {
		rows[i] = i
	}
	m := &model.Movers{A: a.Name, B: b.Name}
	pick := func(sign float64) (out []model.Mover) {
		gain := func(i int) float64 { return sign * (placeB[i] - placeA[i]) }
		slices.SortFunc(rows, func(x, y int) int { return cmp.Or(cmp.Compare(gain(y), gain(x)), cmp.Compare(x, y)) })
		for _, i := range rows[:min(mostMovers, len(rows))] {
			if gain(i) > 0 {
				out = append(out, model.Mover{Row: i, A: placeA[i], B: placeB[i], Positive: label[i]})
			}
		}
		return out
	}
	m.Up, m.Down = pick(1), pick(-1)
	return m
}

// places returns of each row its place by falling score, from 1; equal scores share the mean of theirs.
func places(score []float64) []float64 {
	out := make([]float64, len(score))
	before := 0
	ordered(score, func(rows []ranked) {
		for _, r := range rows {
			out[r.row] = float64(before) + float64(len(rows)+1)/2
		}
		before += len(rows)
	})
	return out
}
