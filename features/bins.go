package features

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// massShare: a value that holds more than 1/massShare of the training rows that have a value (5 %)
// has a bin to itself: 0 and 999 mean something of their own. With few bins, where that is less than
// a bin's fair share, only a third of the bins are spent on such values: see cut.
const massShare = 20

// bins are the bins of a number, learned from training rows.
type bins struct {
	edges  []float64 // bin k holds edges[k−1] < x ≤ edges[k]
	single []bool    // the training rows of the bin hold one value
	low    []float64 // least training value of the bin
	rows   []float64 // training rows of the bin, by weight
}

// learnBins divides numbers, at least one, into at most limit bins of about
// equally many rows; with no more different numbers than limit each has its own. It sorts f.xs.
// An edge falls midway between the neighbouring training values that it parts, so that a new value goes
// with the training value that is nearest to it.
func learnBins(f figures, limit int) bins {
	f.sort()
	var values, rows []float64
	f.runs(func(x, weight float64) {
		values, rows = append(values, x+0), append(rows, weight) // +0: −0 and 0 are one value
	})
	total := f.total()
	cuts := cut(rows, limit, func(k int) bool { return rows[k]*massShare > total })
	var b bins
	from := 0
	for _, to := range append(cuts, len(values)) {
		if to < len(values) {
			b.edges = append(b.edges, between(values[to-1], values[to]))
		}
		n := 0.0
		for _, r := range rows[from:to] {
			n += r
		}
		b.single = append(b.single, to-from == 1)
		b.low = append(b.low, values[from])
		b.rows = append(b.rows, n)
		from = to
	}
	return b
}

// between returns the middle of a < b, or a where there is no number strictly below b: a ≤ middle < b.
func between(a, b float64) float64 {
	m := float64(a/2) + float64(b/2)
	if m < a || m >= b {
		return a
	}
	return m
}

// cut divides a row of values, the k-th held by rows[k] rows, into at most limit ≥ 1 runs of neighbours
// that hold about equally many rows, and returns where each run but the first begins. A value that is
// to stand alone does so while the limit allows, the heaviest first: one that holds more than 1/limit
// of the rows before all, of the others as many as make a third of the limit.
func cut(rows []float64, limit int, alone func(k int) bool) []int {
	if len(rows) <= limit {
		all := make([]int, len(rows)-1)
		for i := range all {
			all[i] = i + 1
		}
		return all
	}
	// Segments are what lies between the values that stand alone.
	var heavy, chosen []int
	for k := range rows {
		if alone(k) {
			heavy = append(heavy, k)
		}
	}
	slices.SortStableFunc(heavy, func(a, b int) int { return cmp.Compare(rows[b], rows[a]) })
	total, many := 0.0, float64(limit)
	for _, n := range rows {
		total += n
	}
	for _, k := range heavy {
		if rows[k]*many <= total && 3*len(chosen) >= limit-2 {
			break // so are all that follow
		}
		with := append(slices.Clone(chosen), k)
		slices.Sort(with)
		if len(with)+len(segments(rows, with)) <= limit {
			chosen = with
		}
	}
	parts := segments(rows, chosen)
	for spare := limit - len(chosen) - len(parts); spare > 0; spare-- {
		// The next bin goes where bins are fullest (D'Hondt), the first among equals.
		best := -1
		for i := range parts {
			p := &parts[i]
			if p.bins < p.to-p.from && (best < 0 || p.rows*float64(parts[best].bins) > parts[best].rows*float64(p.bins)) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		parts[best].bins++
	}
	var cuts []int
	for _, k := range chosen {
		cuts = append(cuts, k, k+1)
	}
	for i := range parts {
		cuts = append(cuts, parts[i].cuts(rows)...)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	return slices.DeleteFunc(cuts, func(k int) bool { return k == 0 || k == len(rows) })
}

// segment is a run of values from ≤ k < to that is to be divided into bins.
type segment struct {
	from, to, bins int
	rows           float64
}

// segments returns the runs between the values that stand alone, which are sorted.
func segments(rows []float64, alone []int) []segment {
	var out []segment
	from := 0
	for i := 0; i <= len(alone); i++ {
		to := len(rows)
		if i < len(alone) {
			to = alone[i]
		}
		if from < to {
			s := segment{from: from, to: to, bins: 1}
			for _, r := range rows[from:to] {
				s.rows += r
			}
			out = append(out, s)
		}
		from = to + 1
	}
	return out
}

// cuts returns where the segment's bins but the first begin: the j-th where the rows before it come
// nearest to j/bins of the segment's.
func (s *segment) cuts(rows []float64) []int {
	var out []int
	k, before := s.from, 0.0 // before: rows of the values from s.from to k−1
	distance := func(n float64, j int) float64 {
		return math.Abs(float64(n*float64(s.bins)) - float64(float64(j)*s.rows))
	}
	for j := 1; j < s.bins; j++ {
		before, k = before+rows[k], k+1
		for k < s.to && distance(before+rows[k], j) < distance(before, j) {
			before, k = before+rows[k], k+1
		}
		if k >= s.to {
			break
		}
		out = append(out, k)
	}
	return out
}

// names returns a readable name of each bin: "≤ 12.5", "12.5 – 30", "> 30", and "= 0" where the training
// rows of the bin hold one value.
func (b *bins) names(show func(float64) string) []string {
	edges := make([]string, len(b.edges))
	for i, x := range brief(b.edges) {
		edges[i] = show(x)
	}
	names := make([]string, len(b.rows))
	for k := range names {
		switch last := len(names) - 1; {
		case b.single[k]:
			names[k] = "= " + show(b.low[k])
		case last == 0:
			names[k] = "any"
		case k == 0:
			names[k] = "≤ " + edges[0]
		case k == last:
			names[k] = "> " + edges[last-1]
		default:
			names[k] = edges[k-1] + " – " + edges[k]
		}
	}
	return names
}

// brief rounds rising numbers to the fewest significant digits, four at least, at which they still rise.
func brief(edges []float64) []float64 {
	out := make([]float64, len(edges))
	for digits := 4; digits <= 17; digits++ {
		for i, x := range edges {
			out[i], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
		}
		if rising(out) {
			break
		}
	}
	return out
}
