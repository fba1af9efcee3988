package report

import (
	"math"
	"strings"
	"testing"

	"leadscore/model"
)

// A fit without standard errors has effects in order of their size, and neither z nor p: a p of 0 would look like proof.
func TestEffectsWithoutStandardErrors(t *testing.T) {
	c := sampleCard(t, 300, 4)
	target := *c.Targets["converted"]
	target.Coefficients = nil
	for i, b := range []float64{.1, -2, .5} {
		odds := math.Exp(b)
		target.Coefficients = append(target.Coefficients, model.Coefficient{
			Feature: []string{"weak", "strong", "middling"}[i], Rows: 10, Estimate: b, Odds: model.Estimate{Value: odds, Lower: odds, Upper: odds},
		})
	}
	c.Targets["converted"] = &target
	text := markdown(t, c, Options{})
	at := func(name string) int { return strings.Index(text, "| "+name) }
	if at("strong") < 0 || at("strong") > at("middling") || at("middling") > at("weak") {
		t.Fatalf("not in the order of their size:\n%s", text)
	}
	line, _, _ := strings.Cut(text[at("strong"):], "\n")
	if strings.Contains(line, "< 0.001") || strings.Contains(line, "+0.0") || strings.Count(line, noFigure) != 2 {
		t.Errorf("strong: %s", line)
	}
}
