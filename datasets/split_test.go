package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func randomLabels(rng *rand.Rand, n int, share float64) (labels, use []bool) {
	labels, use = make([]bool, n), make([]bool, n)
	for i := range labels {
		labels[i], use[i] = rng.Float64() < share, rng.Float64() < 0.8
	}
	return labels, use
}

func countOf(marks []bool, among ...[]bool) (n int) {
	for i, m := range marks {
		for _, a := range among {
			m = m && a[i]
		}
		if m {
			n++
		}
	}
	return n
}

func not(marks []bool) []bool {
	out := make([]bool, len(marks))
	for i := range marks {
		out[i] = !marks[i]
	}
	return out
}

func TestStratifiedSplitKeepsSizeAndClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		n := 1 + rng.IntN(2000)
		labels, use := randomLabels(rng, n, rng.Float64())
		share := 0.01 + 0.98*rng.Float64()
		holdout, err := StratifiedSplit(labels, use, share, rng.Uint64())
		if err != nil {
			t.Fatal(err)
		}
		if countOf(holdout, not(use)) > 0 {
			t.Fatal("a row out of use is held out")
		}
		total := countOf(use)
		if got, want := countOf(holdout), int(math.Round(share*float64(total))); got != want {
			t.Fatalf("%d of %d rows, want %d", got, total, want)
		}
		for _, class := range [][]bool{labels, not(labels)} {
			got, exact := float64(countOf(holdout, class)), share*float64(countOf(use, class))
			if math.Abs(got-exact) > 1 {
				t.Fatalf("%v rows of a class, %v expected", got, exact)
			}
		}
	}
}

func TestStratifiedSplitOfXEducation(t *testing.T) {
	labels := make([]bool, 9240)
	for i := range 3561 {
		labels[i] = true
	}
	a, err := StratifiedSplit(labels, nil, 0.2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n, p := countOf(a), countOf(a, labels); n != 1848 || p != 712 {
		t.Errorf("%d rows, %d of them positive", n, p)
	}
	b, _ := StratifiedSplit(labels, nil, 0.2, 1)
	c, _ := StratifiedSplit(labels, nil, 0.2, 2)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("the seed alone decides")
	}
	// one class alone, and rows that nobody uses, do not disturb the others' draw
	if _, err := StratifiedSplit(make([]bool, 10), nil, 0.3, 1); err != nil {
		t.Error(err)
	}
}

func TestTimeSplitTestsOnTheLatest(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		n := 10 + rng.IntN(500)
		times := make([]int64, n)
		for i := range times {
			times[i] = rng.Int64N(int64(1 + n/(1+rng.IntN(4)))) // with ties
		}
		_, use := randomLabels(rng, n, 0)
		share := 0.05 + 0.9*rng.Float64()
		holdout, err := TimeSplit(times, use, nil, share)
		if err != nil {
			continue
		}
		latest, earliest := int64(math.MinInt64), int64(math.MaxInt64)
		for i := range times {
			switch {
			case holdout[i] && !use[i]:
				t.Fatal("a row out of use is held out")
			case holdout[i]:
				earliest = min(earliest, times[i])
			case use[i]:
				latest = max(latest, times[i])
			}
		}
		if earliest <= latest {
			t.Fatalf("training goes to %d, testing starts at %d", latest, earliest)
		}
		// no fewer than asked; without the ties at the cut, no more
		asked, ties := int(math.Round(share*float64(countOf(use)))), 0
		for i := range times {
			if use[i] && times[i] == earliest {
				ties++
			}
		}
		if got := countOf(holdout); got < asked || got-ties >= asked {
			t.Fatalf("%d rows held out, %d asked, %d at the cut", got, asked, ties)
		}
		// the order of rows decides nothing
		perm := rng.Perm(n)
		times2, use2 := make([]int64, n), make([]bool, n)
		for to, from := range perm {
			times2[to], use2[to] = times[from], use[from]
		}
		moved, err := TimeSplit(times2, use2, nil, share)
		if err != nil {
			t.Fatal(err)
		}
		for to, from := range perm {
			if moved[to] != holdout[from] {
				t.Fatal("another order, another hold-out")
			}
		}
	}
}

func TestTimeSplitRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		times []int64
		share float64
		want  string
	}{
		"missing":  {[]int64{1, MissingTime, 3, MissingTime, 5}, 0.2, "2 of 5"},
		"one time": {[]int64{4, 4, 4, 4}, 0.25, "same moment"},
		"too few":  {[]int64{1, 2}, 0.1, "empty"},
		"all":      {[]int64{1, 2, 3}, 1, "share"},
		"nothing":  {[]int64{1, 2, 3}, 0, "share"},
		"NaN":      {[]int64{1, 2, 3}, math.NaN(), "share"},
	} {
		if _, err := TimeSplit(c.times, nil, nil, c.share); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a missing time of a row that is not used is nobody's problem
	if _, err := TimeSplit([]int64{1, MissingTime, 3, 4}, []bool{true, false, true, true}, nil, 0.3); err != nil {
		t.Error(err)
	}
}

func TestGroupSplitNeverParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for trial := range 200 {
		n := 50 + rng.IntN(500)
		groups := make([]string, n)
		for i := range groups {
			if trial%2 == 0 || rng.IntN(10) > 0 {
				groups[i] = fmt.Sprint("g", rng.IntN(30))
			}
		}
		_, use := randomLabels(rng, n, 0)
		share, seed := 0.1+0.5*rng.Float64(), rng.Uint64()
		holdout, err := GroupSplit(groups, use, nil, share, seed)
		if err != nil {
			t.Fatal(err)
		}
		side, size := map[string]bool{}, map[string]int{}
		for i, g := range groups {
			if !use[i] {
				if holdout[i] {
					t.Fatal("a row out of use is held out")
				}
				continue
			}
			if g == "" {
				continue
			}
			if s, met := side[g]; met && s != holdout[i] {
				t.Fatalf("group %s is on both sides", g)
			}
			side[g] = holdout[i]
			size[g]++
		}
		largest := 0
		for _, s := range size {
			largest = max(largest, s)
		}
		asked := int(math.Round(share * float64(countOf(use))))
		if got := countOf(holdout); got > asked || got <= asked-largest {
			t.Fatalf("%d rows held out, %d asked, largest group %d", got, asked, largest)
		}
		// groups stay where they are when rows come in another order
		perm := rng.Perm(n)
		groups2, use2 := make([]string, n), make([]bool, n)
		for to, from := range perm {
			groups2[to], use2[to] = groups[from], use[from]
		}
		if slices.Contains(groups, "") {
			continue // rows without a group are told apart by their place
		}
		moved, err := GroupSplit(groups2, use2, nil, share, seed)
		if err != nil {
			t.Fatal(err)
		}
		for to, from := range perm {
			if moved[to] != holdout[from] {
				t.Fatal("another order, another hold-out")
			}
		}
	}
	if _, err := GroupSplit([]string{"a", "a", "a"}, nil, nil, 0.3, 1); err == nil {
		t.Error("one group was split")
	}
}

func TestFoldsAreStratified(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		k := 2 + rng.IntN(9)
		labels, use := randomLabels(rng, 100+rng.IntN(900), 0.1+0.8*rng.Float64())
		folds, err := Folds(labels, use, k, rng.Uint64())
		if err != nil {
			if min(countOf(labels, use), countOf(not(labels), use)) >= k {
				t.Fatal(err)
			}
			continue
		}
		for _, class := range [][]bool{labels, not(labels), make([]bool, 0)} {
			sizes := make([]int, k)
			for i, f := range folds {
				if use[i] && (len(class) == 0 || class[i]) {
					sizes[f]++
				}
			}
			if slices.Max(sizes)-slices.Min(sizes) > 1 {
				t.Fatalf("folds of %v rows", sizes)
			}
		}
	}
	if _, err := Folds([]bool{true, false, false}, nil, 2, 1); err == nil {
		t.Error("two folds with one positive")
	}
	if _, err := Folds(make([]bool, 100), nil, 1, 1); err == nil {
		t.Error("one fold")
	}
}

// The draws of a seed are part of what a configuration means; they may not change silently.
func TestSplitOfASeedIsFixed(t *testing.T) {
	labels := make([]bool, 20)
	for i := range labels {
		labels[i] = i%3 == 0
	}
	holdout, err := StratifiedSplit(labels, nil, 0.3, 42)
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for i, h := range holdout {
		if h {
			rows = append(rows, i)
		}
	}
	if want := []int{0, 2, 4, 5, 14, 15}; !slices.Equal(rows, want) {
		t.Errorf("held out %v, want %v", rows, want)
	}
	folds, err := Folds(labels, nil, 3, 42)
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint8{2, 0, 1, 2, 2, 2, 0, 0, 0, 1, 2, 0, 1, 1, 1, 0, 0, 1, 1, 2}; !slices.Equal(folds, want) {
		t.Errorf("folds %v, want %v", folds, want)
	}
}
