package evaluate

import (
	"math"
	"testing"
)

// The values are worked by hand from the definition.
func TestHolm(t *testing.T) {
	nan := math.NaN()
	p := []float64{.01, nan, .04, .03, .005, .9}
	want := []float64{.04, nan, .09, .09, .025, .9}
	for i, x := range holm(p) {
		if !(math.Abs(x-want[i]) < 1e-15) && !math.IsNaN(want[i]) || math.IsNaN(want[i]) != math.IsNaN(x) {
			t.Errorf("p %v: corrected %v, want %v", p[i], x, want[i])
		}
	}
	if got := holm([]float64{.6, .7}); got[0] != 1 || got[1] != 1 {
		t.Errorf("corrected %v; want at most 1", got)
	}
	if len(holm(nil)) != 0 {
		t.Error("no tests")
	}
}
