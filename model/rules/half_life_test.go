package rules

import (
	"math"
	"math/rand/v2"
	"testing"
)

// halved is 2^−x: as math.Exp2 has it but for the last bits, and exactly where a half-life is over.
func TestHalvedIsTwoToThePower(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	check := func(x float64) {
		t.Helper()
		want := math.Exp2(-x)
		if got := halved(x); !(math.Abs(got-want) <= 4*0x1p-53*want) {
			t.Errorf("2^−%v is %v, want %v", x, got, want)
		}
	}
	for range 20_000 {
		check(r.Float64())
		check(r.Float64() * 1100)
		check(math.Exp2(-60 * r.Float64()))
	}
	for i := range 64 * 1100 {
		x := float64(i) / 64
		check(x)
		check(math.Nextafter(x, math.Inf(1)))
		if i > 0 {
			check(math.Nextafter(x, 0))
		}
	}
	for x := 0.0; x < 1100; x++ {
		if got := halved(x); got != math.Ldexp(1, -int(x)) {
			t.Errorf("2^−%v is %v", x, got)
		}
	}
	if got := halved(math.Inf(1)); got != 0 {
		t.Errorf("2^−∞ is %v", got)
	}
	if got := halved(math.NaN()); !math.IsNaN(got) {
		t.Errorf("NaN is told as %v", got)
	}
}
