package model

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestStrongest: inserting finds what sorting does, ties and zeros among the effects.
func TestStrongest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		effects := make([]float64, r.IntN(40))
		for f := range effects {
			effects[f] = float64(r.IntN(13) - 6)
		}
		n := r.IntN(fewReasons+2) - 1
		if got, want := strongest(nil, effects, n), sorted(nil, effects, n); !slices.Equal(got, want) {
			t.Fatalf("%v, %d: %v, want %v", effects, n, got, want)
		}
	}
}
