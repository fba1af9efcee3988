package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestQuantilesAreThoseOfTheSample, to a 64th, of durations from nanoseconds to minutes.
func TestQuantilesAreThoseOfTheSample(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var a, b, all histogram
	sample := make([]time.Duration, 20000)
	for i := range sample {
		sample[i] = time.Duration(math.Exp(r.Float64() * 25))
		if i%2 == 0 {
			a.add(sample[i])
		} else {
			b.add(sample[i])
		}
	}
	all.merge(&a)
	all.merge(&b)
	slices.Sort(sample)
	for _, q := range []float64{0.001, .1, .5, .9, .99, .999, 1} {
		want := sample[int(math.Ceil(q*float64(len(sample))))-1]
		if got := all.quantile(q); got < want || float64(got) > float64(want)*(1+1./64) {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if all.n != 20000 || all.quantile(1) != sample[len(sample)-1] || all.most != sample[len(sample)-1] {
		t.Errorf("%d, at most %d", all.n, all.most)
	}
	var none histogram
	if none.quantile(.5) != 0 {
		t.Error("nothing has a quantile")
	}
	none.add(math.MaxInt64)
	none.add(-1)
	if none.quantile(1) != math.MaxInt64 || none.quantile(.5) != 0 {
		t.Errorf("%d %d", none.quantile(1), none.quantile(.5))
	}
}
