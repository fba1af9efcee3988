package datasets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A weight of 2 is the row twice: splits by time and by group hold out the copies of the rows that they hold out by
// weight.
func TestSplitsByWeight(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	for range 300 {
		n := 20 + rng.IntN(60)
		times, weight, use, groups := make([]int64, n), make([]float64, n), make([]bool, n), make([]string, n)
		var times2 []int64
		var groups2 []string
		var from []int
		for i := range n {
			times[i], weight[i], use[i] = int64(rng.IntN(25)), float64(1+rng.IntN(4)), rng.IntN(5) > 0
			groups[i] = fmt.Sprint(rng.IntN(12))
			if use[i] {
				for range int(weight[i]) {
					times2, groups2, from = append(times2, times[i]), append(groups2, groups[i]), append(from, i)
				}
			}
		}
		same := func(name string, got, want []bool, errGot, errWant error) {
			t.Helper()
			if (errGot == nil) != (errWant == nil) {
				t.Fatalf("%s: by weight %v, of copies %v", name, errGot, errWant)
			}
			for k, i := range from {
				if errGot == nil && got[i] != want[k] {
					t.Fatalf("%s: row %d is held out by weight %v, as a copy %v", name, i, got[i], want[k])
				}
			}
		}
		share := .05 + .9*rng.Float64()
		a, errA := TimeSplit(times, use, weight, share)
		b, errB := TimeSplit(times2, nil, nil, share)
		same("time", a, b, errA, errB)
		a, errA = GroupSplit(groups, use, weight, share, 7)
		b, errB = GroupSplit(groups2, nil, nil, share, 7)
		same("group", a, b, errA, errB)
	}
}

// Where weights are no whole numbers the share is one of weight, not rounded to a lead.
func TestSplitsByFractionsOfALead(t *testing.T) {
	times, weight := make([]int64, 100), make([]float64, 100)
	for i := range times {
		times[i], weight[i] = int64(i), 1.0/64
	}
	weight[99] = 13.0 / 64 // all weigh 112/64: a quarter is 28/64
	got, err := TimeSplit(times, nil, weight, .25)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, h := range got {
		if h {
			n++
		}
	}
	if n != 16 {
		t.Errorf("%d rows are held out, want 16: one of 13/64 and 15 of 1/64", n)
	}
}

func TestGroupFolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var labels []bool
	var groups []string
	for i := range 400 {
		labels, groups = append(labels, i%3 == 0), append(groups, fmt.Sprint("g", rng.IntN(60)))
	}
	groups[17], groups[18] = "", ""
	folds, err := GroupFolds(labels, groups, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]uint8{}
	for i, g := range groups {
		if f, seen := of[g]; g != "" && seen && f != folds[i] {
			t.Fatalf("group %q is in folds %d and %d", g, f, folds[i])
		}
		of[g] = folds[i]
	}
	// Neither the order of rows nor copies of them move a group.
	slices.Reverse(labels)
	slices.Reverse(groups)
	labels, groups = append(labels, labels[:50]...), append(groups, groups[:50]...)
	again, err := GroupFolds(labels, groups, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range groups {
		if g != "" && again[i] != of[g] {
			t.Fatalf("group %q moved from fold %d to %d", g, of[g], again[i])
		}
	}
	if _, err := GroupFolds(labels, groups, 1, 3); err == nil {
		t.Error("one fold is no error")
	}
	if _, err := GroupFolds([]bool{true, false, true, false}, []string{"a", "a", "b", "b"}, 3, 1); err == nil {
		t.Error("three folds of two groups are no error")
	}
	if _, err := GroupFolds([]bool{true}, nil, 3, 1); err == nil {
		t.Error("labels without groups are no error")
	}
}
