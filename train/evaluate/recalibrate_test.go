package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/model"
)

// sure draws rows whose probability has the true logit times a factor, plus a constant.
func sure(rng *rand.Rand, n int, factor, plus float64) Sample {
	s := Sample{Label: make([]bool, n), Probability: make([]float64, n)}
	for i := range n {
		x := 1.2*rng.NormFloat64() - 1
		s.Label[i] = rng.Float64() < model.Sigmoid(x)
		s.Probability[i] = model.Sigmoid(factor*x + plus)
	}
	s.Score = s.Probability
	return s
}

func TestSlopeAndInterceptCover(t *testing.T) {
	const simulations = 400
	rng := rand.New(rand.NewPCG(71, 1))
	slopes, intercepts := 0, 0
	for range simulations {
		if e := measure(t, sure(rng, 400, 2, .3), Options{Replicates: -1}).Slope; e.Lower <= .5 && .5 <= e.Upper {
			slopes++
		}
		if e := measure(t, sure(rng, 400, 1, .7), Options{Replicates: -1}).Intercept; e.Lower <= -.7 && -.7 <= e.Upper {
			intercepts++
		}
	}
	for name, held := range map[string]int{"slope": slopes, "intercept": intercepts} {
		if share := float64(held) / simulations; share < .91 || share > .985 {
			t.Errorf("the 95 %% interval of the %s holds it in %.1f %% of samples", name, 100*share)
		}
	}
}

func TestSlopeThatDoesNotExistIsNaN(t *testing.T) {
	label := []bool{true, true, false, false}
	for name, p := range map[string][]float64{
		"apart":             {.9, .8, .3, .2},
		"apart backwards":   {.1, .2, .8, .9},
		"apart but for one": {.9, .5, .5, .2},
		"constant":          {.4, .4, .4, .4},
		"certain":           {1, 1, 0, 0},
	} {
		m := measure(t, Sample{Label: label, Score: p, Probability: p}, Options{})
		if !math.IsNaN(m.Slope.Value) || !math.IsNaN(m.Slope.Lower) {
			t.Errorf("%s: slope %+v", name, m.Slope)
		}
		if math.IsNaN(m.Intercept.Value) {
			t.Errorf("%s: intercept %+v", name, m.Intercept)
		}
	}
	// A row of weight 0 on the wrong side is not there.
	m := measure(t, Sample{Label: append(label, false), Score: make([]float64, 5), Probability: []float64{.9, .8, .3, .2, .95}, Weight: []float64{1, 1, 1, 1, 0}}, Options{})
	if !math.IsNaN(m.Slope.Value) {
		t.Errorf("slope %+v of rows that are apart but for one of weight 0", m.Slope)
	}
	p := []float64{1, 0, 1, 0} // certain, and wrong in half of the rows
	if m := measure(t, Sample{Label: label, Score: p, Probability: p}, Options{}); math.Abs(m.Slope.Value) > 1e-6 || math.Abs(m.Intercept.Value) > 1e-6 {
		t.Errorf("half wrong: slope %+v, intercept %+v", m.Slope, m.Intercept)
	}
}

// TestFirstGuessChangesNothing: of many rows the fit begins where a thinned one ends.
func TestFirstGuessChangesNothing(t *testing.T) {
	s := sure(rand.New(rand.NewPCG(73, 1)), thinFrom, 1.5, -.2)
	pos, neg := s.totals()
	tab := arrange(s.Label, nil, s.Score)
	r := tab.recalibration(tab.columns[0])
	_, b, _ := r.solveSlope(math.Log(pos/neg), 0, 1)
	near(t, "slope", r.slope().Value, b)
	a, _ := r.solveIntercept(0, 1)
	near(t, "intercept", r.intercept().Value, a)
}

// TestCorrectedECETakesOffNoise: of a model that is right it is well below ECE, of one that is wrong it is as far off as
// the model is.
func TestCorrectedECETakesOffNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(75, 1))
	var plain, corrected, wrong float64
	const simulations = 80
	for range simulations {
		m := measure(t, sure(rng, 500, 1, 0), Options{Replicates: -1})
		plain += m.ECE.Value / simulations
		corrected += m.ECECorrected.Value / simulations
		wrong += measure(t, sure(rng, 500, 1, 1.5), Options{Replicates: -1}).ECECorrected.Value / simulations
	}
	truth := 0.0
	const n = 200_000
	for range n {
		x := 1.2*rng.NormFloat64() - 1
		truth += (model.Sigmoid(x+1.5) - model.Sigmoid(x)) / n
	}
	if corrected > .7*plain || corrected <= 0 {
		t.Errorf("a model that is right: ECE %.4f, corrected %.4f", plain, corrected)
	}
	if math.Abs(wrong-truth) > .01 {
		t.Errorf("a model that is off by %.4f: corrected ECE %.4f", truth, wrong)
	}
}

func TestBrierPartsOfAKnownModel(t *testing.T) {
	// Ten bins of two rows; the probability is the rate of its bin: nothing is unreliable, nothing is lost within.
	var s Sample
	for b := range 10 {
		for k := range 2 {
			s.Label = append(s.Label, b >= 6 || b >= 3 && k == 0)
			s.Probability = append(s.Probability, []float64{0, 0, 0, .5, .5, .5, 1, 1, 1, 1}[b])
		}
	}
	s.Score = s.Probability
	parts := measure(t, s, Options{Replicates: -1}).BrierParts
	near(t, "reliability", float64(parts.Reliability), 0)
	near(t, "uncertainty", float64(parts.Uncertainty), 11./20*9/20)
	near(t, "resolution", float64(parts.Resolution), (6*.55*.55+6*.05*.05+8*.45*.45)/20)
	near(t, "within", float64(parts.Within), 0)
}

func TestLiftOfAPureTopIsNotCertain(t *testing.T) {
	s := draw(77, 400, -1)
	for i := range s.Label {
		s.Label[i] = s.Label[i] || s.Score[i] > 60
	}
	m := measure(t, s, Options{})
	pos, neg := s.totals()
	base := pos / (pos + neg)
	if math.Abs(m.Lift1.Value-1/base) > 1e-9 {
		t.Fatalf("the top is not pure: lift %+v", m.Lift1)
	}
	if want := Wilson(4, 4).Lower / base; m.Lift1.Lower > want {
		t.Errorf("4 rows of the top: lift %+v, want a lower end of at most %.3f", m.Lift1, want)
	}
	near(t, "recall", m.Recall1.Lower, .01*m.Lift1.Lower)
}
