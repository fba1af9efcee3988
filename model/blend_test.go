package model

import (
	"math"
	"testing"
)

func blends() []Blend {
	return []Blend{
		{Method: BlendModel},
		{Method: BlendRules},
		{Method: BlendLinear, Weight: .7},
		{Method: BlendLogit, Intercept: -.2, Logit: .9, Rule: 1.5},
		{Method: BlendLogit, Intercept: -.2, Logit: .9, Groups: []GroupWeight{{"fit", 1.5}, {"engagement", 0}}},
		{Method: BlendGate, Low: 10, High: 90},
		{Method: BlendGate, Low: 60, High: 90, Upgrade: 35},
	}
}

// The blend may not turn a better lead into a worse one: for a fixed rule score it rises with the model's
// probability, for a fixed probability with the rule score (but for gate, whose rules and model do not share a scale).
func TestBlendIsMonotone(t *testing.T) {
	for _, b := range blends() {
		for rule := -50.0; rule <= 150; rule += 12.5 {
			last := math.Inf(-1)
			for x := -40.0; x <= 40; x += .25 {
				score, p := b.Score(probability(x), rule, []float64{rule, 20})
				if score < last || score < 0 || score > 100 {
					t.Fatalf("%+v: logit %v, rule score %v gives %v after %v", b, x, rule, score, last)
				}
				if p <= 0 || p >= 1 {
					t.Fatalf("%+v: logit %v, rule score %v gives the probability %v", b, x, rule, p)
				}
				last = score
			}
		}
		if b.Method == BlendGate {
			continue
		}
		for x := -10.0; x <= 10; x++ {
			last := math.Inf(-1)
			for rule := -50.0; rule <= 150; rule += 12.5 {
				score, _ := b.Score(probability(x), rule, []float64{rule, 20})
				if score < last {
					t.Fatalf("%+v: logit %v: the score falls to %v at rule score %v", b, x, score, rule)
				}
				last = score
			}
		}
	}
}

func TestBlendValues(t *testing.T) {
	nan := math.NaN()
	p := .25
	for _, c := range []struct {
		b              Blend
		rule           float64
		score, blended float64
	}{
		{Blend{Method: BlendModel}, 80, 50, .25},
		{Blend{Method: BlendRules}, 80, 80, nan},
		{Blend{Method: BlendRules}, 130, 100, nan},
		{Blend{Method: BlendRules}, -5, 0, nan},
		{Blend{Method: BlendLinear, Weight: .6}, 80, .6*50 + .4*80, nan},
		{Blend{Method: BlendLinear, Weight: .6}, 130, .6*50 + .4*100, nan},
		{Blend{Method: BlendGate, Low: 10, High: 90}, 9.99, 9.99, nan},
		{Blend{Method: BlendGate, Low: 10, High: 90}, 10, 50, .25},
		{Blend{Method: BlendGate, Low: 10, High: 90}, 89.99, 50, .25},
		{Blend{Method: BlendGate, Low: 10, High: 90}, 90, 90, nan},
		{Blend{Method: BlendGate, Low: 10, High: 90, Upgrade: 50}, 9.99, 50, .25},
		{Blend{Method: BlendGate, Low: 10, High: 90, Upgrade: 50.01}, 9.99, 9.99, nan},
		{Blend{Method: BlendGate, Low: 60, High: 90, Upgrade: 40}, 55, 55, .25}, // it lifts, and never lowers
		{Blend{Method: BlendLogit, Logit: 1}, 80, 50, .25},
		{Blend{Method: BlendLogit, Intercept: math.Log(3), Rule: 2}, 0, 100 * math.Sqrt(.75), .75},
		{Blend{Method: BlendLogit, Rule: math.Log(3)}, 100, 100 * math.Sqrt(.75), .75},
	} {
		score, blended := c.b.Score(p, c.rule, nil)
		if math.Abs(score-c.score) > 1e-12 || math.Abs(blended-c.blended) > 1e-14 || math.IsNaN(blended) != math.IsNaN(c.blended) {
			t.Errorf("%+v with rule score %v: %v and %v, want %v and %v", c.b, c.rule, score, blended, c.score, c.blended)
		}
	}
}

func TestScoreMap(t *testing.T) {
	for p, want := range map[float64]float64{.01: 10, .0625: 25, .25: 50, .49: 70, 1: 100, 0: 0} {
		if got := ScoreOf(p); math.Abs(got-want) > 1e-12 {
			t.Errorf("score of %v: %v, want %v", p, got, want)
		}
		if back := ProbabilityAt(want); math.Abs(back-p) > 1e-15 {
			t.Errorf("probability at %v: %v, want %v", want, back, p)
		}
	}
}
