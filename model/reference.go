package model

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Reference is what drift is measured against beside TermEffect.Rows: how the primary target's probability, and the numbers
// of linear features, lay on the training rows.
//
// Score counts what the model itself says of these rows, as it does of new ones. Out-of-fold probabilities were rejected there:
// many leads are alike, the models of the folds put such a lump a little to this side of an edge or that, and on real leads
// this alone had a PSI of .1. Mean and ExpectedAUC, which lumps do not touch and a model's own rows flatter, are out of
// fold where training made such probabilities.
type Reference struct {
	Score       Tally   `json:"score"` // of the calibrated probability
	Mean        float64 `json:"mean_probability"`
	ExpectedAUC Figure  `json:"expected_auc"`      // see gauge.expectedAUC; NaN with fewer than two rows
	Numbers     []Tally `json:"numbers,omitempty"` // of z, a linear feature each; an additive model has bins of its own
}

// Tally counts rows by bins of a number: bin k holds Edges[k−1] < x ≤ Edges[k], the first and the last are open.
type Tally struct {
	Feature string    `json:"feature,omitempty"`
	Edges   []float64 `json:"edges"` // rising
	Rows    []int     `json:"rows"`  // by bin, one more than edges; of weighted rows the rounded weight
}

const (
	scoreBins  = 20
	numberBins = 10
	// tallySample is how many values, evenly spaced, the edges are learned from: sorting ten million is as dear as
	// fitting them, and a bin of a tenth is off by a fortieth of itself. All rows are counted.
	tallySample = 1 << 14
)

// NewReference learns the reference from the calibrated log-odds of the training rows: those of the model itself, and those out of
// fold. weight is a frequency, nil is 1 each. numbers are those of the linear features (NumberTally).
func NewReference(own, outOfFold, weight []float64, numbers []Tally) *Reference {
	var g gauge
	p := make([]float64, len(own))
	for i, eta := range outOfFold {
		p[i] = probability(eta)
		g.addAt(eta, p[i], weightOf(weight, i))
	}
	for i, eta := range own {
		if eta != outOfFold[i] { // in sample the two are the same
			p[i] = probability(eta)
		}
	}
	r := &Reference{Score: newTally("", standardised{p, 0, 1}, weight, scoreBins), ExpectedAUC: Figure(g.expectedAUC()), Numbers: numbers}
	if g.rows > 0 {
		r.Mean = g.sum / g.rows
	}
	return r
}

// NumberTally counts the z = (value − center)/scale of a linear feature on the training rows, a value being NaN where the cell is
// missing.
func NumberTally(feature string, values []float64, center, scale float64, weight []float64) Tally {
	return newTally(feature, standardised{values, center, scale}, weight, numberBins)
}

// standardised is the numbers (value − center)/scale, which are not written down: those of millions of rows need not be there at once.
type standardised struct {
	values        []float64
	center, scale float64
}

func (s *standardised) at(i int) float64 { return s.z(s.values[i]) }

func (s *standardised) z(value float64) float64 { return (value - s.center) / s.scale }

// upTo is the greatest value whose z is at most a number: z never falls as the value rises.
func (s *standardised) upTo(z float64) float64 {
	low, high := rank(math.Inf(-1)), rank(math.Inf(1)) // z(low) ≤ z < z(high)
	for low+1 < high {
		if middle := low + int64((uint64(high)-uint64(low))/2); s.z(ranked(middle)) <= z {
			low = middle
		} else {
			high = middle
		}
	}
	return ranked(low)
}

// rank numbers the floats in their order, −0 before 0; NaN has none.
func rank(x float64) int64 {
	if b := int64(math.Float64bits(x)); b >= 0 {
		return b
	}
	return ^int64(math.Float64bits(x) &^ (1 << 63))
}

// ranked is the float with a rank.
func ranked(rank int64) float64 {
	if rank >= 0 {
		return math.Float64frombits(uint64(rank))
	}
	return math.Float64frombits(uint64(^rank) | 1<<63)
}

// number finds the tally of a linear feature; nil: there is none.
func (r *Reference) number(feature string) *Tally {
	if r == nil {
		return nil
	}
	for i := range r.Numbers {
		if r.Numbers[i].Feature == feature {
			return &r.Numbers[i]
		}
	}
	return nil
}

// newTally cuts values into about equally heavy bins, at most so many, and counts them; NaN counts nowhere. Edges are
// values of the data, rounded up.
func newTally(feature string, values standardised, weight []float64, bins int) Tally {
	sample, total := sampled(values, weight)
	t := Tally{Feature: feature, Edges: []float64{}}
	before, next := 0.0, 1
	for i, s := range sample {
		before += s.w
		if last := i == len(sample)-1; last || before*float64(bins) < float64(next)*total || sample[i+1].x == s.x {
			continue
		}
		for before*float64(bins) >= float64(next)*total {
			next++
		}
		t.Edges = append(t.Edges, edgeBetween(s.x, sample[i+1].x))
	}
	ends := make([]float64, len(t.Edges)) // of bins, in units of the values, which are then counted as they are
	for k, edge := range t.Edges {
		ends[k] = values.upTo(edge)
	}
	counts := countBins(ends, values.values, weight)
	t.Rows = make([]int, len(counts))
	for k, n := range counts {
		t.Rows[k] = int(math.Round(n))
	}
	return t
}

// weighed is a number and its weight.
type weighed struct{ x, w float64 }

// sampled returns the numbers that edges are learned from, rising, and their weight.
func sampled(values standardised, weight []float64) (sample []weighed, total float64) {
	n := len(values.values)
	step := (n + tallySample - 1) / tallySample
	if weight == nil { // plain numbers are sorted in half the time
		var xs []float64
		for i := 0; i < n; i += step {
			if x := values.at(i); !math.IsNaN(x) {
				xs = append(xs, x)
			}
		}
		slices.Sort(xs)
		for _, x := range xs {
			sample = append(sample, weighed{x, 1})
		}
		return sample, float64(len(xs))
	}
	for i := 0; i < n; i += step {
		if x, w := values.at(i), weight[i]; !math.IsNaN(x) && w > 0 {
			sample = append(sample, weighed{x, w})
			total += w
		}
	}
	slices.SortFunc(sample, func(a, b weighed) int { return cmp.Compare(a.x, b.x) })
	return sample, total
}

// edgeBetween is an edge that parts a from b > a, a little above a: a later sum of the same effects may differ from a in its last
// bits, and many leads may have it.
func edgeBetween(a, b float64) float64 {
	for _, digits := range []float64{1e4, 1e6, 1e8} {
		scale := digits / math.Pow(10, math.Floor(math.Log10(max(math.Abs(a), 1e-9))))
		if x := math.Ceil(a*scale+1e-3) / scale; x > a && x < b {
			return x
		}
	}
	if x := a/2 + b/2; x < b {
		return max(a, x)
	}
	return a
}

// bin is the bin of x, which is not NaN: the number of edges below it.
func (t *Tally) bin(x float64) int {
	k, _ := slices.BinarySearch(t.Edges, x) // x on an edge is in the bin that ends there
	return k
}

// countBins sums the weights of values by their bin, as Tally.bin has it, NaN nowhere; edges never fall. Equally wide cells
// between the edges say where to begin: an edge in an earlier cell is below x. A binary search for each of millions of values takes several
// times as long.
func countBins(edges, values, weight []float64) []float64 {
	const cells = 256
	low, high := 0.0, 0.0
	if n := len(edges); n > 0 {
		low, high = edges[0], edges[n-1]
	}
	perUnit := 0.0
	if width := high - low; width > 0 && !math.IsInf(cells/width, 0) {
		perUnit = cells / width
	}
	cell := func(x float64) int { // never falls as x rises
		switch y := (x - low) * perUnit; {
		case !(y > 0): // ∞·0 too, where there is one cell
			return 0
		case y >= cells:
			return cells
		default:
			return int(y)
		}
	}
	var begin [cells + 1]int
	for _, e := range edges {
		for c := cell(e) + 1; c <= cells; c++ {
			begin[c]++
		}
	}
	edges = append(slices.Clone(edges), math.Inf(1)) // which no number is above
	bin := func(x float64) int {
		k := begin[cell(x)]
		for edges[k] < x {
			k++
		}
		return k
	}
	counts := make([]float64, len(edges))
	if weight != nil {
		for i, x := range values {
			if x == x {
				counts[bin(x)] += weight[i]
			}
		}
		return counts
	}
	rows := make([]int, len(edges))
	for _, x := range values {
		if x == x {
			rows[bin(x)]++
		}
	}
	for k, n := range rows {
		counts[k] = float64(n)
	}
	return counts
}

func (t *Tally) total() float64 {
	n := 0.0
	for _, rows := range t.Rows {
		n += float64(rows)
	}
	return n
}

// check says what is wrong with a tally from a file; "": nothing.
func (t *Tally) check() string {
	if len(t.Rows) != len(t.Edges)+1 {
		return fmt.Sprintf("%d counts for %d edges, want one more", len(t.Rows), len(t.Edges))
	}
	for k, x := range t.Edges {
		if !(math.Abs(x) <= maxZ) || k > 0 && x <= t.Edges[k-1] {
			return fmt.Sprintf("edge %d, %v, does not rise from the one before or is not usable", k, x)
		}
	}
	for k, n := range t.Rows {
		if n < 0 {
			return fmt.Sprintf("%d rows in bin %d", n, k)
		}
	}
	return ""
}

// reference checks the reference of the artifact against its linear features.
func (c *checker) reference() {
	r := c.a.Reference
	if r == nil {
		return
	}
	if problem := r.Score.check(); problem != "" {
		c.say("reference: score: %s", problem)
	}
	if auc := float64(r.ExpectedAUC); !inUnit(r.Mean) || auc < 0 || auc > 1 {
		c.say("reference: mean probability %v or expected AUC %v is not within 0 and 1", r.Mean, auc)
	}
	linear := map[string]bool{}
	for _, f := range c.a.Pipeline.Features() {
		linear[f.Name] = f.Linear
	}
	for i := range r.Numbers {
		t := &r.Numbers[i]
		if !linear[t.Feature] {
			c.say("reference: %q is no linear feature, or stands twice", t.Feature)
		} else if problem := t.check(); problem != "" {
			c.say("reference: %q: %s", t.Feature, problem)
		}
		linear[t.Feature] = false
	}
}

// weightOf is weight i, 1 where all are.
func weightOf(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// sixDigits rounds to six significant digits.
func sixDigits(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return x
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(x))))
	if y := math.Round(x*scale) / scale; !math.IsInf(y, 0) && !math.IsNaN(y) {
		return y
	}
	return x
}
