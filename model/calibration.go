package model

import (
	"fmt"
	"math"
	"sort"
)

// Calibration is a monotone map from the model's probability to the calibrated one, fitted out of fold.
//
//	none      p
//	sigmoid   logit q = A·logit(p) + B                                     (Platt 1999, on the logit)
//	beta      logit q = A·log(p) − B·log(1 − p) + C                        (Kull, Silva Filho & Flach 2017)
//	isotonic  q = linear interpolation of (X, Y), constant beyond the ends
//
// The result is kept strictly between 0 and 1, as every probability of this package: an isotonic step at
// 0 or 1 says only that no such lead was seen.
type Calibration struct {
	Method string    `json:"method"` // none | sigmoid | beta | isotonic
	A      float64   `json:"a,omitempty"`
	B      float64   `json:"b,omitempty"`
	C      float64   `json:"c,omitempty"`
	X      []float64 `json:"x,omitempty"` // probabilities, increasing
	Y      []float64 `json:"y,omitempty"` // not decreasing, 0 to 1, one an X
}

// The methods of a Calibration.
const (
	CalibrateNone     = "none"
	CalibrateSigmoid  = "sigmoid"
	CalibrateBeta     = "beta"
	CalibrateIsotonic = "isotonic"
)

// Apply calibrates the probability of an uncalibrated logit; a nil Calibration is the identity.
func (c *Calibration) Apply(logit float64) float64 {
	if c == nil {
		return probability(logit)
	}
	switch c.Method {
	case CalibrateSigmoid:
		return probability(float64(c.A*logit) + c.B)
	case CalibrateBeta:
		// log p = −log(1 + e^−x) and log(1 − p) = −log(1 + e^x) of the logit x, without cancellation.
		return probability(float64(-c.A*Log1pExp(-logit)) + float64(c.B*Log1pExp(logit)) + c.C)
	case CalibrateIsotonic:
		const least = 1.0 / (1 << 52)
		return min(max(c.interpolate(Sigmoid(logit)), least), 1-least)
	}
	return probability(logit)
}

func (c *Calibration) interpolate(p float64) float64 {
	i := sort.SearchFloat64s(c.X, p) // the first X ≥ p
	switch {
	case i == len(c.X):
		return c.Y[i-1]
	case i == 0 || c.X[i] == p:
		return c.Y[i]
	}
	t := (p - c.X[i-1]) / (c.X[i] - c.X[i-1])
	// The upper bound holds the map monotone where rounding would step over the next knot.
	return min(c.Y[i-1]+float64(t*(c.Y[i]-c.Y[i-1])), c.Y[i])
}

// check reports why the map is not monotone or not defined.
func (c *Calibration) check() error {
	if c == nil {
		return nil
	}
	for _, x := range []float64{c.A, c.B, c.C} {
		if !bounded(x) {
			return fmt.Errorf("calibration %s: parameter %v is not a usable number", c.Method, x)
		}
	}
	switch c.Method {
	case CalibrateNone:
	case CalibrateSigmoid:
		if c.A < 0 {
			return fmt.Errorf("calibration sigmoid: a = %v falls with the probability; want a ≥ 0", c.A)
		}
	case CalibrateBeta:
		if c.A < 0 || c.B < 0 {
			return fmt.Errorf("calibration beta: a = %v, b = %v fall with the probability; want both ≥ 0", c.A, c.B)
		}
	case CalibrateIsotonic:
		if len(c.X) == 0 || len(c.X) != len(c.Y) {
			return fmt.Errorf("calibration isotonic: %d x and %d y; want as many of both, at least one", len(c.X), len(c.Y))
		}
		for i := range c.X {
			if !inUnit(c.X[i]) || !inUnit(c.Y[i]) {
				return fmt.Errorf("calibration isotonic: point %d (%v, %v) is not within 0 and 1", i, c.X[i], c.Y[i])
			}
			if i > 0 && (c.X[i] <= c.X[i-1] || c.Y[i] < c.Y[i-1]) {
				return fmt.Errorf("calibration isotonic: point %d (%v, %v) does not rise from the one before", i, c.X[i], c.Y[i])
			}
		}
	default:
		return fmt.Errorf("unknown calibration method %q; want none, sigmoid, beta or isotonic", c.Method)
	}
	return nil
}

func inUnit(x float64) bool { return x >= 0 && x <= 1 }

// limit is the largest size of a fitted number that Load accepts: an effect of a million log-odds is a
// damaged file, and below it no sum of effects can overflow.
const limit = 1e6

func bounded(x float64) bool { return math.Abs(x) <= limit }
