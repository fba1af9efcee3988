package features

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// duplicated repeats each row of the columns as often as counts says: 0 leaves it out.
func duplicated(columns []testColumn, counts []float64) []testColumn {
	out := make([]testColumn, len(columns))
	for j, c := range columns {
		out[j] = testColumn{name: c.name, kind: c.kind}
		for i, v := range c.cells {
			for range int(counts[i]) {
				out[j].cells = append(out[j].cells, v)
			}
		}
	}
	return out
}

// sameLearned compares two pipelines: all but centres, scales and shares to the bit, those to a few of the last digits,
// for a weighted sum is added up in another order than a repeated one.
func sameLearned(t *testing.T, got, want *Pipeline) {
	t.Helper()
	if len(got.fitted) != len(want.fitted) {
		t.Fatalf("%d features, want %d", len(got.fitted), len(want.fitted))
	}
	close := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) }
	for f := range want.fitted {
		a, b := got.fitted[f], want.fitted[f]
		if !close(a.Center, b.Center) || !close(a.Scale, b.Scale) || !close(a.MissingShare, b.MissingShare) {
			t.Errorf("%s: centre %v, scale %v, missing %v; want %v, %v, %v", b.Name, a.Center, a.Scale, a.MissingShare, b.Center, b.Scale, b.MissingShare)
		}
		a.Center, a.Scale, a.MissingShare = b.Center, b.Scale, b.MissingShare
		x, errA := json.Marshal(a)
		y, errB := json.Marshal(b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if string(x) != string(y) {
			t.Errorf("%s: weighted %s\nwant %s", b.Name, x, y)
		}
	}
}

// A weight of 2 is the row twice: levels, bins, coarse codes, means and deviations.
func TestWeightTwoIsTheRowTwice(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	columns := crm(rng, 400)
	weight := make([]float64, 400)
	use := make([]bool, 400)
	for i := range weight {
		weight[i] = 1
		if i%8 == 0 {
			weight[i] = float64(2 + i%3)
		}
		use[i] = i%5 != 1
	}
	for _, e := range []Encoding{Linear, Additive} {
		p, _, err := FitWeighted(tableOf(t, 64, columns...), use, weight, crmSpec(e))
		if err != nil {
			t.Fatal(err)
		}
		counts := slices.Clone(weight)
		for i := range counts {
			if !use[i] {
				counts[i] = 0
			}
		}
		want := mustFit(t, tableOf(t, 0, duplicated(columns, counts)...), nil, crmSpec(e))
		sameLearned(t, p, want)
		ones := slices.Repeat([]float64{1}, 400)
		p, _, err = FitWeighted(tableOf(t, 64, columns...), use, ones, crmSpec(e))
		if err != nil {
			t.Fatal(err)
		}
		sameLearned(t, p, mustFit(t, tableOf(t, 64, columns...), use, crmSpec(e)))
	}
}

// Bins hold equal weight, not equally many rows: nine tenths of the weight on the numbers above 900 put most
// edges there.
func TestBinsHoldEqualWeight(t *testing.T) {
	f := figures{}
	for x := range 1000 {
		w := .25
		if x >= 900 {
			w = 20.25
		}
		f.xs, f.weight = append(f.xs, float64(x)), append(f.weight, w)
	}
	b := learnBins(f, 10)
	above := 0
	for _, e := range b.edges {
		if e >= 899 {
			above++
		}
	}
	if len(b.edges) != 9 || above != 9 {
		t.Errorf("edges %v, want all nine from 899.5 on: what is below weighs one tenth", b.edges)
	}
}

func TestLevelsNeedWeightNotRows(t *testing.T) {
	column := wordsOf("source", append(repeat(4, "few but heavy"), repeat(40, "many but light")...)...)
	weight := make([]float64, 44)
	for i := range weight {
		weight[i] = 2.5
		if i >= 4 {
			weight[i] = .2
		}
	}
	p, _, err := FitWeighted(tableOf(t, 0, column, numbersOf("n", make([]float64, 44)...)), nil, weight, Spec{Encoding: Additive})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Features()[0].Levels, []string{"few but heavy", "other"}; !slices.Equal(got, want) {
		t.Errorf("levels %q, want %q: 4 × 2.5 is a weight of 10, 40 × 0.2 is 8", got, want)
	}
}

// Fractional weights in another order of rows give the same bits.
func TestFractionalWeightsWhateverTheOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	xs := make([]float64, 500)
	weight := make([]float64, 500)
	for i := range xs {
		xs[i], weight[i] = float64(rng.IntN(60)), rng.Float64()
	}
	want := learnBins(figures{xs: slices.Clone(xs), weight: slices.Clone(weight)}, 8)
	rng.Shuffle(len(xs), func(i, j int) {
		xs[i], xs[j] = xs[j], xs[i]
		weight[i], weight[j] = weight[j], weight[i]
	})
	got := learnBins(figures{xs: xs, weight: weight}, 8)
	if !slices.Equal(got.rows, want.rows) || !slices.Equal(got.edges, want.edges) {
		t.Errorf("weights of bins %v, want %v", got.rows, want.rows)
	}
}

func TestWrongWeights(t *testing.T) {
	table := tableOf(t, 0, numbersOf("n", 1, 2, 3))
	for name, weight := range map[string][]float64{"short": {1, 2}, "zero": {1, 0, 1}, "negative": {1, -1, 1}, "NaN": {math.NaN(), 1, 1}, "infinite": {1, 1, math.Inf(1)}} {
		if _, _, err := FitWeighted(table, nil, weight, Spec{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := FitWeighted(table, []bool{true, false, true}, []float64{1, 0, 1}, Spec{}); err != nil {
		t.Errorf("a weight of 0 outside of use: %v", err)
	}
}
