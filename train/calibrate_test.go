package train

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/model"
)

// drawn gives n logits and labels whose true logit is bend of the logit, with five folds.
func drawn(n int, bend func(float64) float64) (labels []bool, eta []float64, folds []uint8) {
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range n {
		e := rng.NormFloat64() * 2
		eta = append(eta, e)
		labels = append(labels, rng.Float64() < model.Sigmoid(bend(e)))
		folds = append(folds, uint8(i%5))
	}
	return labels, eta, folds
}

func TestCalibrateLeavesAGoodModelAlone(t *testing.T) {
	labels, eta, folds := drawn(20000, func(e float64) float64 { return e })
	c, err := calibrate(context.Background(), labels, nil, eta, folds, 5)
	if err != nil || c != nil {
		t.Errorf("got %+v, %v; want none", c, err)
	}
}

func TestCalibrateMendsWhatIsBent(t *testing.T) {
	bends := map[string]func(float64) float64{
		"over-confident": func(e float64) float64 { return .5*e - 1 },
		"one-sided":      func(e float64) float64 { return math.Min(e, 0)*2 + math.Max(e, 0)*.3 },
	}
	for name, bend := range bends {
		labels, eta, folds := drawn(20000, bend)
		c, err := calibrate(context.Background(), labels, nil, eta, folds, 5)
		if err != nil || c == nil {
			t.Fatalf("%s: %+v, %v; want a map", name, c, err)
		}
		for _, e := range []float64{-2, -1, 0, 1, 2} {
			if got, want := c.Apply(e), model.Sigmoid(bend(e)); math.Abs(got-want) > .05 {
				t.Errorf("%s: %s gives %.3f at logit %g, the truth is %.3f", name, c.Method, got, e, want)
			}
		}
	}
}

func TestIsotonicIsMonotoneAndKeepsTheMean(t *testing.T) {
	labels, eta, _ := drawn(3000, func(e float64) float64 { return math.Sin(3 * e) })
	c := isotonic(labels, nil, eta)
	rate, got := 0.0, 0.0
	for i := range eta {
		if labels[i] {
			rate++
		}
		got += c.Apply(eta[i])
	}
	for i := 1; i < len(c.X); i++ {
		if c.X[i] <= c.X[i-1] || c.Y[i] < c.Y[i-1] {
			t.Fatalf("knot %d falls: %v %v", i, c.X[i-1:i+1], c.Y[i-1:i+1])
		}
	}
	if math.Abs(got-rate)/float64(len(eta)) > .02 {
		t.Errorf("mean %.4f, rate %.4f", got/float64(len(eta)), rate/float64(len(eta)))
	}
}
