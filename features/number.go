package features

import (
	"math"
	"strconv"
)

const (
	// farthest bounds |z|: no training row can reach it (|z| ≤ √rows there), and with it no
	// number that may come later, however absurd, makes a log-odds infinite or NaN.
	farthest = 1e6
	// largest is the greatest magnitude of a training number that can be standardised
	// without overflow in the sum over rows.
	largest = 1e290
)

// scaler turns a number into z = (t(x) − center)/scale, where t clips x and then takes the log
// where that was asked for.
type scaler struct {
	clipLow, clipHigh float64 // in units of the column; ±Inf without a clip
	log               bool
	center, scale     float64
	low, high         float64 // bounds of t that keep |z| ≤ farthest
}

// newScaler reports false where the figures are not those of a training column.
func newScaler(f *fitted) (scaler, bool) {
	s := transformer(f.Clip, f.Log)
	s.center, s.scale = f.Center, f.Scale
	s.low, s.high = s.center-float64(farthest*s.scale), s.center+float64(farthest*s.scale)
	clip := len(f.Clip) == 0 || len(f.Clip) == 2 && rising(f.Clip)
	return s, clip && s.scale > 0 && math.Abs(s.center) <= largest && s.scale <= largest && f.MissingShare >= 0 && f.MissingShare < 1
}

// transformer is the part of a scaler that is known before the training rows are.
func transformer(clip []float64, log bool) scaler {
	s := scaler{clipLow: math.Inf(-1), clipHigh: math.Inf(1), log: log, low: math.Inf(-1), high: math.Inf(1)}
	if len(clip) == 2 {
		s.clipLow, s.clipHigh = clip[0], clip[1]
	}
	return s
}

// value is t(x), NaN for NaN.
func (s *scaler) value(x float64) float64 {
	if x < s.clipLow {
		x = s.clipLow
	}
	if x > s.clipHigh {
		x = s.clipHigh
	}
	if s.log {
		x = math.Copysign(math.Log1p(math.Abs(x)), x)
	}
	if x < s.low {
		x = s.low
	}
	if x > s.high {
		x = s.high
	}
	return x
}

// valuesOf sets dst to value of each of xs. Most columns have neither clip nor log.
func (s *scaler) valuesOf(dst, xs []float64) {
	low, high := s.low, s.high
	dst = dst[:len(xs)]
	if s.log || !math.IsInf(s.clipLow, -1) || !math.IsInf(s.clipHigh, 1) {
		for i, x := range xs {
			dst[i] = s.value(x)
		}
		return
	}
	for i, x := range xs {
		if x < low {
			x = low
		}
		if x > high {
			x = high
		}
		dst[i] = x
	}
}

// z standardises t(x). A design.Dense sees the same expression of the same three numbers.
func (s *scaler) z(t float64) float64 { return (t - s.center) / s.scale }

// standardise returns the mean of the numbers, at least one, and the standard deviation of all
// rows where the missing ones hold the mean: √(Σw(x − mean)²/Σw), ddof 0, the second sum over the missing too. That is
// scikit-learn's SimpleImputer(strategy="mean") and StandardScaler one after the other, so
// that a penalty means the same here and there. scale is 0 where all numbers are equal.
func standardise(f figures) (center, scale float64) {
	xs, total := f.xs, f.total()
	low, high, sum := xs[0], xs[0], 0.0
	for i, x := range xs {
		if x < low { // min and max would look for NaN and −0 each time
			low = x
		}
		if x > high {
			high = x
		}
		sum += float64(f.of(i) * x)
	}
	if low == high {
		return low, 0
	}
	center = min(max(sum/total, low), high)
	// Relative to the largest deviation no square over- or underflows.
	far := max(high-center, center-low)
	squares := 0.0
	for i, x := range xs {
		d := (x - center) / far
		squares += float64(f.of(i) * float64(d*d))
	}
	return center, far * math.Sqrt(squares/(total+f.missing))
}

// bounds returns the least and the greatest of the numbers, at least one and none of them NaN.
func bounds(xs []float64) (low, high float64) {
	low, high = xs[0], xs[0]
	for _, x := range xs {
		if x < low {
			low = x
		}
		if x > high {
			high = x
		}
	}
	return low, high
}

// indicatorScale returns the centre and scale of the standardised indicator of missing rows.
func indicatorScale(share float64) (center, scale float64) {
	return share, math.Sqrt(share * (1 - share))
}

// numberText is the shortest text of a number, without an exponent where a person would not write one.
func numberText(x float64) string {
	if x == 0 {
		return "0" // not −0
	}
	if a := math.Abs(x); a >= 1e-4 && a < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
