package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

func calibrations() []*Calibration {
	return []*Calibration{
		nil,
		{Method: CalibrateNone},
		{Method: CalibrateSigmoid, A: 1.3, B: -.4},
		{Method: CalibrateBeta, A: .7, B: 1.6, C: .2},
		{Method: CalibrateIsotonic, X: []float64{.1, .2, .6, .61, .9}, Y: []float64{0, .05, .05, .7, 1}},
		{Method: CalibrateIsotonic, X: []float64{.5}, Y: []float64{.3}},
	}
}

func TestCalibrationIsMonotoneAndNeverCertain(t *testing.T) {
	for _, c := range calibrations() {
		if err := c.check(); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		last := 0.0
		for x := -800.0; x <= 800; x += .37 {
			q := c.Apply(x)
			if !(q > 0 && q < 1) {
				t.Fatalf("%+v: logit %v gives %v, want strictly between 0 and 1", c, x, q)
			}
			if q < last {
				t.Fatalf("%+v: logit %v gives %v, below %v before it", c, x, q, last)
			}
			last = q
		}
	}
}

func TestCalibrationFormulas(t *testing.T) {
	for _, p := range []float64{.003, .25, .5, .97} {
		x := Logit(p)
		sigmoid := Calibration{Method: CalibrateSigmoid, A: 1.3, B: -.4}
		beta := Calibration{Method: CalibrateBeta, A: .7, B: 1.6, C: .2}
		// Kull et al. 2017, equation 5: q = 1 / (1 + 1/(e^c p^a / (1−p)^b)).
		odds := math.Exp(.2) * math.Pow(p, .7) / math.Pow(1-p, 1.6)
		for name, got := range map[string][2]float64{
			"sigmoid": {sigmoid.Apply(x), 1 / (1 + math.Exp(-(1.3*x - .4)))},
			"beta":    {beta.Apply(x), odds / (1 + odds)},
		} {
			if math.Abs(got[0]-got[1]) > 1e-14 {
				t.Errorf("%s of %v: %v, want %v", name, p, got[0], got[1])
			}
		}
	}
	iso := Calibration{Method: CalibrateIsotonic, X: []float64{.2, .4, .8}, Y: []float64{.1, .3, .5}}
	for p, want := range map[float64]float64{.1: .1, .2: .1, .3: .2, .4: .3, .6: .4, .8: .5, .9: .5} {
		if got := iso.Apply(Logit(p)); math.Abs(got-want) > 1e-12 {
			t.Errorf("isotonic of %v: %v, want %v", p, got, want)
		}
	}
}

func TestCalibrationCheckRefuses(t *testing.T) {
	for name, c := range map[string]*Calibration{
		"unknown method":    {Method: "platt"},
		"falling sigmoid":   {Method: CalibrateSigmoid, A: -1},
		"falling beta":      {Method: CalibrateBeta, A: 1, B: -.1},
		"not a number":      {Method: CalibrateSigmoid, A: math.NaN()},
		"no points":         {Method: CalibrateIsotonic},
		"lengths differ":    {Method: CalibrateIsotonic, X: []float64{.1, .2}, Y: []float64{.1}},
		"x falls":           {Method: CalibrateIsotonic, X: []float64{.2, .1}, Y: []float64{.1, .2}},
		"x twice":           {Method: CalibrateIsotonic, X: []float64{.2, .2}, Y: []float64{.1, .2}},
		"y falls":           {Method: CalibrateIsotonic, X: []float64{.1, .2}, Y: []float64{.2, .1}},
		"y above 1":         {Method: CalibrateIsotonic, X: []float64{.1}, Y: []float64{1.1}},
		"y is not a number": {Method: CalibrateIsotonic, X: []float64{.1}, Y: []float64{math.NaN()}},
	} {
		if c.check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestIsotonicIsMonotoneBetweenItsPoints(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := &Calibration{Method: CalibrateIsotonic}
	x, y := 0.0, 0.0
	for range 50 {
		x += r.Float64() / 60
		y += r.Float64() / 60
		c.X, c.Y = append(c.X, x), append(c.Y, y)
	}
	last := 0.0
	for p := 1e-9; p < 1; p += 1e-4 {
		q := c.interpolate(p)
		if q < last {
			t.Fatalf("at %v: %v, below %v before it", p, q, last)
		}
		last = q
	}
}
