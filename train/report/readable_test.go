package report

import (
	"strings"
	"testing"

	"leadscore/model"
)

// TestBooleansAreYesAndNoEverywhere: in segments as among the effects, and in the language of the report.
func TestBooleansAreYesAndNoEverywhere(t *testing.T) {
	for lang, want := range map[string][]string{"en": {"yes", "no", "missing", "Web"}, "es": {"sí", "no", "sin valor", "Web"}} {
		w := newWords(lang)
		for i, value := range []string{"true", "false", "", "Web"} {
			if got := w.segmentName(model.Segment{Value: value}); got != want[i] {
				t.Errorf("%s: %q is %q, want %q", lang, value, got, want[i])
			}
		}
		if got := w.known("level", "yes"); got != want[0] {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

// TestSmallDifferencesKeepTheirSign: a difference that is called one is not rounded to an interval with 0 in it, which would say the opposite.
func TestSmallDifferencesKeepTheirSign(t *testing.T) {
	c := sampleCard(t, 900, 12)
	c.Targets["converted"].Comparisons = []model.Comparison{
		{Metric: "auc", A: "blend", B: "model", P: .036, Difference: model.Estimate{Value: -.00049, Lower: -.00094, Upper: -.00003}},
		{Metric: "auc", A: "model", B: "rules", P: .4, Difference: model.Estimate{Value: .0001, Lower: -.0003, Upper: .0004}},
	}
	page := markdown(t, c, Options{})
	for _, want := range []string{"−0.00049", "−0.00094 … −0.00003", "0.000"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
	// The blend may follow the model so closely that only its dashes over it are seen: in ROC, gains and decision curve.
	if html := pageOf(t, c, Options{}); strings.Count(html, `class="s3 dash"`) != 3 || strings.Count(html, "stroke-dasharray:") < 3 {
		t.Errorf("%d curves of the blend are dashed", strings.Count(html, `class="s3 dash"`))
	}
	if strings.Contains(page, "Penalty λ") {
		t.Error("an additive model has no one penalty")
	}
	c.Targets["converted"].Fit.Kind = "linear"
	if !strings.Contains(markdown(t, c, Options{}), "Penalty λ") {
		t.Error("the report lacks the penalty of a linear model")
	}
}
