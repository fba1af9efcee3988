package glm

import "math"

// rows replaces the linear predictors eta by the residuals μ − y, sets w = μ(1−μ) and returns the
// loss Σ log(1 + e^η) − yη. Everything comes from one e = exp(−|η|):
//
//	log(1 + e^η) = max(η, 0) + log(1 + e),   w = e/(1 + e)²,   μ = ½ ± (½ − e/(1 + e))
//
// The logarithms are taken of products: at most 512 factors of 1 to 2 stay within a float64's range and
// one rounding a factor, which is no worse than the rounding of the sum that it replaces. The
// residual is exact to 1e-16 absolutely, not relatively: like the terms that it is added to.
func rows(eta, y, w []float64) float64 {
	y, w = y[:len(eta)], w[:len(eta)]
	loss, product := 0.0, 1.0
	for i, v := range eta {
		a := math.Abs(v)
		e := expNegative(a)
		q := 1 / (1 + e)
		small := e * q
		product *= 1 + e
		loss += .5*(v+a) - y[i]*v
		w[i] = small * q
		eta[i] = .5 + math.Copysign(.5-small, v) - y[i]
	}
	return loss + math.Log(product)
}

// weightedRows is rows with a weight on each.
func weightedRows(eta, y, weight, w []float64) float64 {
	y, w, weight = y[:len(eta)], w[:len(eta)], weight[:len(eta)]
	loss := 0.0
	for i, v := range eta {
		a := math.Abs(v)
		e := expNegative(a)
		q := 1 / (1 + e)
		small := e * q
		loss += weight[i] * (.5*(v+a) - y[i]*v + math.Log1p(e))
		w[i] = weight[i] * small * q
		eta[i] = weight[i] * (.5 + math.Copysign(.5-small, v) - y[i])
	}
	return loss
}

// expNegative is e^−a for a ≥ 0, within 1.5 units of the last place for a ≤ 700 and e^−700 (1e-304)
// beyond; NaN for NaN. The method is that of ARM's optimized routines: −a = k·ln2/128 + r with
// |r| ≤ ln2/256, a table of 2^(i/128) and a polynomial of degree 5. It is half as long as math.Exp
// because it need not watch for overflow, infinities and subnormal results.
func expNegative(a float64) float64 {
	if a > 700 {
		a = 700
	}
	shifted := a*-(128/math.Ln2) + expShift
	k := math.Float64bits(shifted)
	n := shifted - expShift
	r := (-a - n*expLn2High) - n*expLn2Low
	scale := math.Float64frombits(expTable[k%128] + k<<45)
	return scale + scale*(r+r*r*((.5+r*(1./6))+r*r*(1./24+r*(1./120))))
}

const (
	expShift   = 0x1.8p52              // adding it rounds to an integer, in the low bits
	expLn2High = 0x1.62e42fefa0000p-8  // ln2/128, its upper bits: n times it is exact
	expLn2Low  = 0x1.cf79abc9e3b39p-47 // the rest
)

// expTable[i] is the bits of 2^(i/128), less what k<<45 adds for the i in k's low bits.
var expTable = func() (t [128]uint64) {
	for i := range t {
		t[i] = math.Float64bits(math.Exp2(float64(i)/128)) - uint64(i)<<45
	}
	return t
}()
