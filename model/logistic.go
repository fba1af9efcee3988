package model

import "math"

// Sigmoid returns 1/(1 + e^−x) without overflow.
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Logit returns log(p/(1 − p)); ±Inf at 1 and 0.
func Logit(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// Log1pExp returns log(1 + e^x) without overflow (Mächler 2012, "Accurately computing log(1 − exp(−|a|))").
func Log1pExp(x float64) float64 {
	switch {
	case x <= -37:
		return math.Exp(x)
	case x <= 18:
		return math.Log1p(math.Exp(x))
	case x <= 33.3:
		return x + math.Exp(-x)
	}
	return x
}
