package datasets

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// leadRows draws rows of leads: up to most rows a lead, in no order, labels by row.
func leadRows(rng *rand.Rand, leads, most int, share float64) (labels []bool, groups []int32, use []bool) {
	for lead := range leads {
		for range 1 + rng.IntN(most) {
			labels, groups, use = append(labels, rng.Float64() < share), append(groups, int32(lead)), append(use, rng.Float64() < .8)
		}
	}
	rng.Shuffle(len(labels), func(i, j int) {
		labels[i], labels[j] = labels[j], labels[i]
		groups[i], groups[j] = groups[j], groups[i]
		use[i], use[j] = use[j], use[i]
	})
	return labels, groups, use
}

func distinct(n int) []int32 {
	g := make([]int32, n)
	for i := range g {
		g[i] = int32(n - i)
	}
	return g
}

func TestLeadFoldsKeepLeadsTogetherAndClassesApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for range 200 {
		most := 1 + rng.IntN(6)
		labels, groups, use := leadRows(rng, 60+rng.IntN(300), most, .1+.3*rng.Float64())
		k := 2 + rng.IntN(5)
		folds, err := LeadFolds(labels, groups, use, k, rng.Uint64())
		if err != nil {
			t.Fatal(err)
		}
		of := map[int32]uint8{}
		positive := map[int32]bool{}
		for i, g := range groups {
			if !use[i] {
				continue
			}
			if f, seen := of[g]; seen && f != folds[i] {
				t.Fatalf("lead %d is in folds %d and %d", g, f, folds[i])
			}
			of[g] = folds[i]
			positive[g] = positive[g] || labels[i]
		}
		rows := [2][]int{make([]int, k), make([]int, k)}
		for i, g := range groups {
			if !use[i] {
				continue
			}
			class := 0
			if positive[g] {
				class = 1
			}
			rows[class][folds[i]]++
		}
		for class := range rows {
			if spread := slices.Max(rows[class]) - slices.Min(rows[class]); spread > most {
				t.Fatalf("class %d: rows by fold %v differ by more than the largest lead, %d", class, rows[class], most)
			}
			if slices.Min(rows[class]) == 0 {
				t.Fatalf("class %d: a fold without rows: %v", class, rows[class])
			}
		}
	}
}

// With one row a lead the grouped forms are the plain ones.
func TestLeadFoldsOfSingleRowsAreFolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	for range 100 {
		labels, use := randomLabels(rng, 200+rng.IntN(300), .3)
		k, seed := 2+rng.IntN(5), rng.Uint64()
		want, err := Folds(labels, use, k, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, groups := range [][]int32{nil, distinct(len(labels))} {
			got, err := LeadFolds(labels, groups, use, k, seed)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatal("other folds than Folds")
			}
		}
	}
}

func TestStratifiedLeadSplitKeepsLeadsWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for range 200 {
		most := 1 + rng.IntN(6)
		labels, groups, use := leadRows(rng, 60+rng.IntN(300), most, .2)
		share := .1 + .4*rng.Float64()
		holdout, err := StratifiedLeadSplit(labels, groups, use, share, rng.Uint64())
		if err != nil {
			t.Fatal(err)
		}
		side := map[int32]bool{}
		rows, held := 0, 0
		for i, g := range groups {
			if !use[i] {
				if holdout[i] {
					t.Fatal("a row out of use is held out")
				}
				continue
			}
			if s, seen := side[g]; seen && s != holdout[i] {
				t.Fatalf("lead %d is on both sides", g)
			}
			side[g] = holdout[i]
			rows++
			if holdout[i] {
				held++
			}
		}
		if gap := math.Abs(float64(held) - share*float64(rows)); gap > 2*float64(most) {
			t.Fatalf("%d of %d rows are held out, want about %.0f", held, rows, share*float64(rows))
		}
	}
	labels, use := randomLabels(rng, 400, .3)
	want, err := StratifiedSplit(labels, use, .2, 5)
	if err != nil {
		t.Fatal(err)
	}
	got, err := StratifiedLeadSplit(labels, nil, use, .2, 5)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("without groups it is not StratifiedSplit: %v", err)
	}
}

func TestLeadSplitsRefuse(t *testing.T) {
	if _, err := LeadFolds(make([]bool, 3), make([]int32, 2), nil, 2, 1); err == nil {
		t.Error("groups of another length pass")
	}
	if _, err := LeadFolds([]bool{true, false, true, false}, []int32{1, 1, 2, 2}, nil, 2, 1); err == nil {
		t.Error("folds without leads of one class pass")
	}
	if _, err := StratifiedLeadSplit([]bool{true, false}, []int32{1, 2}, nil, 1, 1); err == nil {
		t.Error("a share of 1 passes")
	}
}
