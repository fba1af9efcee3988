package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The cut-offs are told from counts by step; here they are told from their definitions.
func TestCutoffsAreTheirDefinitions(t *testing.T) {
	for name, draw := range map[string]func(rng *rand.Rand, won bool) float64{
		"ties":     func(rng *rand.Rand, _ bool) float64 { return float64(rng.IntN(12)) }, // within a class and across
		"separate": func(rng *rand.Rand, won bool) float64 { return 100 * math.Sqrt(rng.Float64()) },
		"one step": func(rng *rand.Rand, _ bool) float64 { return 50 + 1e-5*rng.Float64() },
		"ends":     func(rng *rand.Rand, _ bool) float64 { return []float64{0, 100, 99.999}[rng.IntN(3)] },
		"good": func(rng *rand.Rand, won bool) float64 {
			if won {
				return 60 + 5*rng.Float64()
			}
			return 58 + 5*rng.Float64()
		},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			n := 2 + rng.IntN(60)
			scores, won := make([]float64, n), make([]bool, n)
			positives := 1 + rng.IntN(n-1)
			for i := range scores {
				won[i] = i < positives
				scores[i] = draw(rng, won[i])
			}
			rng.Shuffle(n, func(i, j int) {
				scores[i], scores[j] = scores[j], scores[i]
				won[i], won[j] = won[j], won[i]
			})
			all := slices.Sorted(slices.Values(scores))
			slices.Reverse(all)
			best, want := math.Inf(-1), 0.0
			for _, cut := range all {
				tp, fp := 0, 0
				for i, s := range scores {
					if s >= cut && won[i] {
						tp++
					} else if s >= cut {
						fp++
					}
				}
				if j := float64(tp)/float64(positives) - float64(fp)/float64(n-positives); j > best {
					best, want = j, cut
				}
			}
			l := newLadder(scores, won)
			if got := l.youden(); got != want {
				t.Fatalf("%s: scores %v, won %v: the cut-off is %v, want %v", name, scores, won, got, want)
			}
			for k := 1; k <= n; k++ {
				if got := l.top(k); got != all[k-1] {
					t.Fatalf("%s: scores %v: score %d from the top is %v, want %v", name, scores, k, got, all[k-1])
				}
			}
		}
	}
}
