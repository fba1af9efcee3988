package glm

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestExpNegativeIsExactToAUnitAndAHalf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	worst := 0.0
	for i := range 20000 {
		a := r.ExpFloat64() * 10
		if i%10 == 0 {
			a = r.Float64() * 700
		}
		got := expNegative(a)
		want, _ := bigExp(-a).Float64()
		unit := math.Nextafter(want, math.Inf(1)) - want
		worst = max(worst, math.Abs(got-want)/unit)
	}
	if worst > 1.5 {
		t.Errorf("off by %.2f units of the last place", worst)
	}
	for a, want := range map[float64]float64{0: 1, 5e-324: 1, 700: math.Exp(-700), 1e9: math.Exp(-700), math.Inf(1): math.Exp(-700)} {
		if got := expNegative(a); math.Abs(got/want-1) > 1e-15 {
			t.Errorf("e^-%v = %v, want %v", a, got, want)
		}
	}
	if !math.IsNaN(expNegative(math.NaN())) {
		t.Error("e^NaN is a number")
	}
}

// bigExp is e^x by its series at x/2^20, squared 20 times, in 200 bits.
func bigExp(x float64) *big.Float {
	const bits, halvings = 240, 20
	y := new(big.Float).SetPrec(bits).SetFloat64(x)
	y.SetMantExp(y, -halvings)
	sum, term := big.NewFloat(1).SetPrec(bits), big.NewFloat(1).SetPrec(bits)
	for k := int64(1); k < 30; k++ {
		term.Mul(term, y)
		term.Quo(term, new(big.Float).SetPrec(bits).SetInt64(k))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

func TestRowsAreTheDefinitions(t *testing.T) {
	eta := []float64{0, 1, -1, 30, -30, 800, -800, 1e-9, 12.5, -3.25}
	y := []float64{1, 0, 1, 1, 0, 0, 1, .25, 1, 0}
	weight := []float64{1, 2, 0, 1, 1, 1, 1, 3, .5, 1}
	for _, weighted := range []bool{false, true} {
		got, w := append([]float64(nil), eta...), make([]float64, len(eta))
		loss, want := 0.0, 0.0
		if weighted {
			loss += weightedRows(got, y, weight, w)
		} else {
			loss += rows(got, y, w)
		}
		for i, e := range eta {
			factor := 1.0
			if weighted {
				factor = weight[i]
			}
			mu := sigmoid(e)
			want += factor * ((max(e, 0) + math.Log1p(math.Exp(-math.Abs(e)))) - y[i]*e)
			if math.Abs(got[i]-factor*(mu-y[i])) > 1e-15*(1+factor) {
				t.Errorf("residual at η = %v: %v, want %v", e, got[i], factor*(mu-y[i]))
			}
			if v := factor * mu * sigmoid(-e); math.Abs(w[i]-v) > 1e-15*v+1e-300 {
				t.Errorf("curvature at η = %v: %v, want %v", e, w[i], v)
			}
		}
		if math.Abs(loss-want) > 1e-14*want {
			t.Errorf("loss %v, want %v", loss, want)
		}
	}
}

func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
