package report

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"leadscore/model"
)

// The weights are told with their intervals, in the terminal and the report, and why one is held.
//
//nolint:misspell // Spanish.
func TestBlendIsTold(t *testing.T) {
	nan := math.NaN()
	c := twoTargets(t)
	var card *model.TargetCard
	for name, of := range c.Targets {
		if name == c.Primary || card == nil {
			card = of
		}
	}
	card.Blend = &model.BlendCard{Method: "logit", Rows: 7392, Weights: []model.BlendWeight{
		{Scorer: "model", Weight: model.Estimate{Value: .93, Lower: .85, Upper: 1.01}},
		{Scorer: "rules", Group: "fit", Weight: model.Estimate{Value: .4, Lower: 0, Upper: .81}},
		{Scorer: "rules", Group: "negative", Weight: model.Estimate{Value: 0, Lower: nan, Upper: nan}, Held: model.HeldNegative},
		{Scorer: "rules", Group: "none", Weight: model.Estimate{Value: 0, Lower: nan, Upper: nan}, Held: model.HeldConstant},
	}}
	for _, want := range []struct {
		lang     string
		terminal []string
		page     []string
	}{
		{"en", []string{"model 0.93 (0.85–1.01), rules/fit 0.40 (0.00–0.81), rules/negative held at 0"}, []string{"How much each counts", "7,392", "rules/fit", "0.85–1.01", "it would be negative", "have the same points"}},
		{"es", []string{"modelo 0,93 (0,85–1,01), reglas/fit 0,40 (0,00–0,81), reglas/negative fijado en 0"}, []string{"cuenta cada parte", "reglas/fit", "sería negativo", "los mismos puntos"}},
	} {
		var terminal bytes.Buffer
		if err := Terminal(&terminal, c, Options{Lang: want.lang, Width: 1000}); err != nil {
			t.Fatal(err)
		}
		page := pageOf(t, c, Options{Lang: want.lang})
		for _, part := range want.terminal {
			if !strings.Contains(terminal.String(), part) {
				t.Errorf("%s: the terminal lacks %q:\n%s", want.lang, part, terminal.String())
			}
		}
		for _, part := range want.page {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %q", want.lang, part)
			}
		}
	}
	for _, b := range []*model.BlendCard{{Method: "logit", Given: true}, {Method: "gate", Upgrade: 71.3}, {Method: "linear"}} {
		card.Blend = b
		page := pageOf(t, c, Options{})
		if has := strings.Contains(page, "How much each counts"); has != (b.Method != "linear") || b.Upgrade > 0 && !strings.Contains(page, "71.3") {
			t.Errorf("%+v: told %v", b, has)
		}
	}
	card.Stages = []model.StageCut{{Stage: "SQL", Target: "won", Score: 40, Selected: 10, Precision: model.Estimate{Value: .5, Lower: .2, Upper: .8}}}
	if page := pageOf(t, c, Options{}); !strings.Contains(page, "SQL (by won) from a score of 40") {
		t.Error("a stage is not said to be decided by its target")
	}
}
