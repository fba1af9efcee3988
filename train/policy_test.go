package train

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"leadscore/datasets"
)

// The thresholds are told from two sorted lists; here they are told from their definitions.
func TestThresholdsAreTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var won, lost []float64
		for range 1 + rng.IntN(30) {
			won = append(won, float64(rng.IntN(12))) // many ties, within a class and across
		}
		for range 1 + rng.IntN(30) {
			lost = append(lost, float64(rng.IntN(10)))
		}
		slices.Sort(won)
		slices.Sort(lost)
		all := slices.Concat(won, lost)
		slices.SortFunc(all, func(a, b float64) int { return int(b - a) })

		share := func(of []float64, cut float64) float64 {
			n := 0
			for _, s := range of {
				if s >= cut {
					n++
				}
			}
			return float64(n) / float64(len(of))
		}
		best, want := math.Inf(-1), 0.0
		for _, cut := range all {
			if j := share(won, cut) - share(lost, cut); j > best {
				best, want = j, cut
			}
		}
		if got := youden(scores{score: won}, scores{score: lost}); got != want {
			t.Fatalf("positives %v, negatives %v: the cut-off is %v, want %v", won, lost, got, want)
		}
		for k := 1; k <= len(all); k++ {
			if got := topScore(scores{score: won}, scores{score: lost}, float64(k)); got != all[k-1] {
				t.Fatalf("positives %v, negatives %v: score %d from the top is %v, want %v", won, lost, k, got, all[k-1])
			}
		}
	}
}

func TestForgottenIDsStayInTheHoldout(t *testing.T) {
	d := labelled(t, "id,x,won\na,1,1\nb,2,0\nc,3,1\nd,4,0\n")
	d.holdout = []bool{false, true, true, false}
	var err error
	if d.heldOut, err = datasets.SelectRows(d.leads, d.holdout); err != nil {
		t.Fatal(err)
	}
	if err := d.forgetIDs(); err != nil {
		t.Fatal(err)
	}
	var held, left []string
	for _, b := range d.heldOut.Batches {
		held = append(held, b.Column(d.ids).Texts...)
	}
	for _, b := range d.leads.Batches {
		left = append(left, b.Column(d.ids).Texts...)
	}
	if !slices.Equal(held, []string{"b", "c"}) || !slices.Equal(left, []string{"", "", "", ""}) {
		t.Errorf("the hold-out has the ids %q and the rest %q", held, left)
	}
	if x := d.leads.Batches[0].Column(d.leads.Schema.Index("x")).Numbers; !slices.Equal(x, []float64{1, 2, 3, 4}) {
		t.Errorf("another column became %v", x)
	}
}

func labelled(t *testing.T, csv string) *data {
	t.Helper()
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(csv), 0o644); err != nil {
		t.Fatal(err)
	}
	c := Config{Leads: Leads{Path: path, ID: "id"}, Targets: []Target{{Name: "won", Column: "won", Positive: []string{"1"}}}, AllowSmall: true}
	table, err := datasets.Read(context.Background(), path, c.readOptions())
	if err != nil {
		t.Fatal(err)
	}
	d, err := label(context.Background(), table, &c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
