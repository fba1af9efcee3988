package model

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// around is a difference with a standard error.
func around(value, se float64) Estimate {
	const z95 = 1.959963984540054
	return Estimate{Value: value, Lower: value - z95*se, Upper: value + z95*se}
}

func TestGateJudgesByTheHarmBeyondTheMargin(t *testing.T) {
	for _, tt := range []struct {
		metric, test string
		d            Estimate
		passed       bool
		p            float64 // of scipy.stats.norm.sf(z)
	}{
		{GateAUC, GateWorse, around(0, 0), true, 1},
		{GateAUC, GateWorse, around(.02, .004), true, 1},
		{GateAUC, GateWorse, around(-.004, .004), true, .5987}, // z = −.25
		{GateAUC, GateWorse, around(-.0146, .0036), false, .0038},
		{GateAUC, GateWorse, around(-.0116, .004), false, .0495}, // z = 1.65
		{GateAUC, GateWorse, around(-.01156, .004), true, .0505}, // z = 1.64
		{GateAUC, GateWorse, around(-.05, .05), true, .1841},     // too noisy to tell
		{GateAUC, GateWorse, around(-.005, 0), true, 1},          // just the margin is not beyond it
		{GateAUC, GateWorse, around(-.006, 0), false, 0},
		{GateAUC, GateNonInferior, around(0, 0), true, 0},
		{GateAUC, GateNonInferior, around(0, .004), false, .1056}, // z = 1.25
		{GateAUC, GateNonInferior, around(0, .002), true, .0062},
		{GateAUC, GateNonInferior, around(-.006, 0), false, 1},
		{GateLogLoss, GateWorse, around(.0146, .0036), false, .0038}, // more is worse
		{GateLogLoss, GateWorse, around(-.0146, .0036), true, 1},
		{GateLogLoss, GateNonInferior, around(-.01, .004), true, .0001},
	} {
		g := &Gate{Passed: true, Metric: tt.metric, Test: tt.test, Margin: .005, Champion: "v1", Difference: tt.d}
		g.Judge()
		if g.Passed != tt.passed || math.Abs(float64(g.P)-tt.p) > 2e-4 || g.Passed != (len(g.Reasons) == 0) {
			t.Errorf("%s, %s, %+v: passed %v with p %.4f, want %v with %.4f; %v", tt.metric, tt.test, tt.d, g.Passed, float64(g.P), tt.passed, tt.p, g.Reasons)
		}
	}
	g := &Gate{Passed: true, Metric: GateAUC, Test: GateWorse, Difference: Estimate{.1, math.NaN(), math.NaN()}}
	if g.Judge(); g.Passed {
		t.Error("a difference without an interval passes")
	}
}

// TestGateErrsAsOftenAsItSays: a challenger that is worse by just the margin is refused, or let through, in 5 of 100 samples.
func TestGateErrsAsOftenAsItSays(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	const samples = 4000
	for _, test := range []string{GateWorse, GateNonInferior} {
		for metric, sign := range map[string]float64{GateAUC: -1, GateLogLoss: 1} {
			rare := 0
			for range samples {
				g := &Gate{Passed: true, Metric: metric, Test: test, Margin: .005, Difference: around(sign*.005+.003*r.NormFloat64(), .003)}
				g.Judge()
				if g.Passed == (test == GateNonInferior) {
					rare++
				}
			}
			if share := float64(rare) / samples; math.Abs(share-.05) > .012 {
				t.Errorf("%s, %s: errs in %v of the samples, want .05", test, metric, share)
			}
		}
	}
}

func TestGateDemandsMinima(t *testing.T) {
	low, most := .7, .05
	for _, tt := range []struct {
		auc, ece float64
		reasons  int
	}{{.7, .05, 0}, {.6999, .05, 1}, {.8, .051, 1}, {.6, .2, 2}, {math.NaN(), math.NaN(), 2}} {
		g := &Gate{Passed: true, MinAUC: &low, MaxECE: &most, AUC: Figure(tt.auc), ECE: Figure(tt.ece)}
		if g.Demand(); len(g.Reasons) != tt.reasons || g.Passed != (tt.reasons == 0) {
			t.Errorf("AUC %v, ECE %v: %v", tt.auc, tt.ece, g.Reasons)
		}
	}
	g := &Gate{Passed: true, AUC: Figure(math.NaN())}
	if g.Demand(); !g.Passed {
		t.Errorf("nothing is demanded: %v", g.Reasons)
	}
}

func TestGateSaysWhatTheRowsDoNotExclude(t *testing.T) {
	g := &Gate{Passed: true, Metric: GateAUC, Margin: .005, Champion: "v3", Rows: 200, ChallengerValue: .8, ChampionValue: .81, Difference: around(-.01, .01)}
	if s := g.Sentence(); !strings.Contains(s, "worse by up to 0.0296") || !strings.Contains(s, "champion v3 0.8100") || !strings.Contains(s, "−0.0100 (−0.0296 to +0.0096)") {
		t.Error(s)
	}
	g.Difference = around(.01, .002)
	if s := g.Sentence(); strings.Contains(s, "exclude") {
		t.Error(s)
	}
	g = &Gate{P: Figure(math.NaN()), ChallengerValue: Figure(math.NaN()), Difference: Estimate{math.NaN(), math.NaN(), math.NaN()}}
	if s := g.Sentence(); s != "" {
		t.Errorf("without a comparison: %q", s)
	}
	if b, err := json.Marshal(g); err != nil || !strings.Contains(string(b), `"trained_on":null`) || !strings.Contains(string(b), `"p":null`) {
		t.Errorf("%s, %v", b, err)
	}
}
