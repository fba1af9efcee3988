package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// draws are samples of the sorts of numbers that leads have.
func draws(rng *rand.Rand) map[string][]float64 {
	make := func(n int, next func() float64) []float64 {
		xs := []float64{}
		for range n {
			xs = append(xs, next())
		}
		return xs
	}
	return map[string][]float64{
		"normal":     make(2000, rng.NormFloat64),
		"zeros":      make(2000, func() float64 { return max(0, math.Round(100*rng.NormFloat64())) }),
		"integers":   make(2000, func() float64 { return math.Floor(300 * math.Pow(rng.Float64(), 3)) }),
		"few":        make(500, func() float64 { return float64(rng.IntN(7)) }),
		"heavy":      make(2000, func() float64 { return math.Floor(rng.ExpFloat64() * 6) }),
		"999":        make(2000, func() float64 { return []float64{999, rng.Float64()}[rng.IntN(2)] }),
		"one":        {3},
		"neighbours": {1, math.Nextafter(1, 2), 1, math.Nextafter(1, 2)},
		"widest":     {-math.MaxFloat64, math.MaxFloat64, 0},
		"many heavy": make(2000, func() float64 { return []float64{float64(rng.IntN(15)), 20 * rng.Float64()}[rng.IntN(8)/7] }),
	}
}

func TestBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 20))
	for name, xs := range draws(rng) {
		for _, limit := range []int{2, 3, 6, 32, 1024} {
			b := learnBins(figures{xs: slices.Clone(xs)}, limit)
			t.Run(fmt.Sprintf("%s/%d", name, limit), func(t *testing.T) { checkBins(t, xs, limit, b) })
		}
	}
}

func checkBins(t *testing.T, xs []float64, limit int, b bins) {
	if len(b.rows) > limit || len(b.edges) != len(b.rows)-1 || !rising(b.edges) {
		t.Fatalf("%d bins of at most %d, edges %v", len(b.rows), limit, b.edges)
	}
	c := coder{form: formBins, search: padded(b.edges), count: len(b.edges)}
	rows := make([]float64, len(b.rows))
	inBin := make([]map[float64]int, len(b.rows))
	counts := map[float64]int{}
	for _, x := range xs {
		k := c.numberCode(x)
		linear := 0
		for linear < len(b.edges) && b.edges[linear] < x {
			linear++
		}
		if int(k) != linear {
			t.Fatalf("%v has code %d, want %d", x, k, linear)
		}
		rows[k]++
		counts[x]++
		if inBin[k] == nil {
			inBin[k] = map[float64]int{}
		}
		inBin[k][x]++
	}
	if !slices.Equal(rows, b.rows) || slices.Contains(rows, 0) {
		t.Fatalf("rows of bins %v, learned %v", rows, b.rows)
	}
	var distinct []float64
	for x := range counts {
		distinct = append(distinct, x)
	}
	slices.Sort(distinct)
	if len(distinct) <= limit && len(b.rows) != len(distinct) {
		t.Fatalf("%d different values in %d bins", len(distinct), len(b.rows))
	}
	heavy := 0
	for _, n := range counts {
		if n*massShare > len(xs) {
			heavy++
		}
	}
	for k := range inBin {
		if b.single[k] != (len(inBin[k]) == 1) {
			t.Fatalf("bin %d of %d values is single: %v", k, len(inBin[k]), b.single[k])
		}
		for x, n := range inBin[k] {
			if n*massShare > len(xs) && n*limit > len(xs) && len(inBin[k]) > 1 && 2*heavy+1 <= limit {
				t.Fatalf("%v holds %d of %d rows and shares its bin", x, n, len(xs))
			}
		}
		if int(rows[k])*limit > 3*len(xs) && len(inBin[k]) > 2 && heavy == 0 {
			t.Errorf("bin %d holds %v of %d rows", k, rows[k], len(xs))
		}
	}
	for i, e := range b.edges {
		k, _ := slices.BinarySearch(distinct, e)
		low, high := distinct[max(k-1, 0)], distinct[min(k, len(distinct)-1)]
		if k < len(distinct) && distinct[k] == e {
			low, high = e, distinct[k+1]
		}
		if middle := low/2 + high/2; e != middle && e != low {
			t.Errorf("edge %d is %v, between %v and %v", i, e, low, high)
		}
	}
	names := b.names(numberText)
	slices.Sort(names)
	if d := slices.Compact(slices.Clone(names)); len(d) != len(names) {
		t.Errorf("bins share names: %q", names)
	}
}

func TestBinNames(t *testing.T) {
	var xs []float64
	for i := range 100 {
		xs = append(xs, 0, float64(i)+.5)
	}
	b := learnBins(figures{xs: xs}, 4)
	if got := strings.Join(b.names(numberText), " | "); got != "= 0 | 0.25 – 33 | 33 – 67 | > 67" {
		t.Errorf("names are %s", got)
	}
	b = learnBins(figures{xs: []float64{1, 1, 2, 2, 3, 4, 5, 6, 7, 8}}, 2)
	if got := strings.Join(b.names(numberText), " | "); got != "≤ 3.5 | > 3.5" && got != "≤ 4.5 | > 4.5" {
		t.Errorf("names are %s", got)
	}
}

// Pair sides: runs of fine bins, at most six.
func TestCoarseBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	for name, xs := range draws(rng) {
		b := learnBins(figures{xs: slices.Clone(xs)}, 32)
		c := b.coarse(coarseBins, 1, numberText)
		if !c.fits(len(b.rows) + 1) {
			t.Fatalf("%s: coarse codes %v for %d bins", name, c.Of, len(b.rows))
		}
		if len(c.Levels) > coarseBins+1 || len(c.Levels) < min(len(b.rows), coarseBins)/2 {
			t.Errorf("%s: %d coarse bins of %d", name, len(c.Levels)-1, len(b.rows))
		}
		if n := len(c.Of); c.Of[n-1] != -1 || c.Of[n-2] != len(c.Levels)-1 || !slices.IsSorted(c.Of[:n-1]) {
			t.Errorf("%s: coarse codes %v", name, c.Of)
		}
	}
}

func TestNewBinsReachTheSameCodesWhateverTheTransform(t *testing.T) {
	xs := []float64{}
	rng := rand.New(rand.NewPCG(22, 22))
	for range 500 {
		xs = append(xs, math.Exp(3*rng.NormFloat64()))
	}
	plain := mustFit(t, tableOf(t, 0, numbersOf("x", xs...)), nil, Spec{Encoding: Additive})
	logged := mustFit(t, tableOf(t, 0, numbersOf("x", xs...)), nil, Spec{Encoding: Additive, Columns: map[string]ColumnSpec{"x": {Transform: "log"}}})
	if !slices.Equal(plain.fitted[0].Edges, logged.fitted[0].Edges) {
		t.Error("a monotone transform moved the bins")
	}
}

// Beside a value that stands alone the other bins hold equally many rows, on both sides of it.
func TestBinsAreBalancedAroundAMassPoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	var xs []float64
	for range 4000 {
		switch rng.IntN(10) {
		case 0, 1, 2:
			xs = append(xs, 0)
		case 3:
			xs = append(xs, -rng.Float64())
		default:
			xs = append(xs, rng.Float64())
		}
	}
	b := learnBins(figures{xs: xs}, 32)
	if len(b.rows) != 32 {
		t.Fatalf("%d bins", len(b.rows))
	}
	for k, n := range b.rows {
		if share := 0.7 * 4000 / 31; !b.single[k] && (n < .7*share || n > 1.4*share) {
			t.Errorf("bin %v holds %v rows, about %.0f would be even", k, n, share)
		}
	}
	names := b.coarse(coarseBins, 0, numberText).Levels
	if len(names) != coarseBins || !slices.Contains(names, "= 0") {
		t.Errorf("coarse bins %q", names)
	}
	// A value of six in a hundred rows is worth one of six coarse bins, though quantiles alone would not part it.
	xs = xs[:0]
	for i := range 1000 {
		xs = append(xs, float64(max(i-60, 0)))
	}
	wide := learnBins(figures{xs: xs}, 32)
	if names := wide.coarse(coarseBins, 0, numberText).Levels; !slices.Contains(names, "= 0") {
		t.Errorf("coarse bins %q", names)
	}
}
