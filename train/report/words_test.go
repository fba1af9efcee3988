package report

import (
	"math"
	"strings"
	"testing"

	"leadscore/model"
)

func TestNumbersInBothLanguages(t *testing.T) {
	en, es := newWords("en"), newWords("es")
	for _, c := range []struct{ got, want string }{
		{en.Int(1234567), "1,234,567"}, {es.Int(1234567), "1.234.567"},
		{en.Num(-.1234, 3), "−0.123"}, {es.Num(-.1234, 3), "−0,123"}, {en.Num(-.0001, 2), "0.00"},
		{en.Num(math.NaN(), 2), "–"}, {en.Num(math.Inf(1), 2), "–"},
		{en.Signed(.5, 1), "+0.5"}, {en.Signed(.0001, 1), "0.0"}, {en.Signed(-.5, 1), "−0.5"},
		{en.Pct(.385, 1), "38.5%"}, {es.Pct(.385, 1), "38,5\u00a0%"}, {en.Pct(math.NaN(), 1), "–"},
		{en.Score(38.5), "38.5"}, {en.Score(82), "82"}, {en.Score(.12345), "0.1235"}, {es.Score(7.25), "7,25"},
		{en.P(.0004), "< 0.001"}, {en.P(.049), "0.049"},
		{en.Odds(2.345), "2.35"}, {en.Odds(.0321), "0.032"}, {en.Odds(12.34), "12.3"}, {en.Odds(1e9), "> 999"}, {en.Odds(0), "< 0.001"},
		{en.Range(model.Estimate{Lower: .1, Upper: .2}, func(x float64) string { return en.Num(x, 1) }), "0.1–0.2"},
		{en.Range(model.Estimate{Lower: -.1, Upper: .2}, func(x float64) string { return en.Signed(x, 1) }), "−0.1 … +0.2"},
		{es.Interval(model.Estimate{Lower: .1, Upper: .2}, func(x float64) string { return es.Num(x, 1) }), "de 0,1 a 0,2"},
		{en.Range(model.Estimate{Lower: .1, Upper: .2}, func(x float64) string { return en.Pct(x, 0) }), "10–20%"},
		{es.Range(model.Estimate{Lower: .1, Upper: .2}, func(x float64) string { return es.Pct(x, 0) }), "10–20\u00a0%"},
		{en.Interval(model.Estimate{Lower: math.NaN(), Upper: .2}, func(x float64) string { return en.Num(x, 1) }), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestQuality(t *testing.T) {
	for want, e := range map[string]model.Estimate{
		"unsure":    {Value: .7, Lower: .5, Upper: .85},
		"worse":     {Value: .4, Lower: .32, Upper: .49},
		"weak":      {Value: .6, Lower: .55, Upper: .65},
		"fair":      {Value: .65, Lower: .6, Upper: .7},
		"good":      {Value: .75, Lower: .7, Upper: .8},
		"excellent": {Value: .85, Lower: .8, Upper: .9},
		"suspect":   {Value: .97, Lower: .96, Upper: .98},
	} {
		if got := qualityOf(e); got != want {
			t.Errorf("%+v is %q, want %q", e, got, want)
		}
	}
	if got := qualityOf(model.Estimate{Value: .8, Lower: math.NaN(), Upper: math.NaN()}); got != "unsure" {
		t.Errorf("no interval is %q", got)
	}
}

// sentences returns the recommendation for a target with an AUC of .8 and one comparison.
func sentences(t *testing.T, c model.Comparison, extra ...string) string {
	t.Helper()
	m := model.Metrics{AUC: model.Estimate{Value: .8, Lower: .75, Upper: .85}, ECE: model.Estimate{Value: .01}, Lift10: model.Estimate{Value: 2}}
	target := &model.TargetCard{Scores: map[string]model.Metrics{"model": m, "rules": m}, Comparisons: []model.Comparison{c}, Holdout: model.Sample{Rows: 1000, Positives: 300}}
	for _, name := range extra {
		target.Scores[name] = m
	}
	v := targetView{name: "x", card: target, words: newWords("en")}.verdict()
	return strings.Join(append(v.Sentences, v.Notes...), "\n")
}

func TestVerdictAgainstRules(t *testing.T) {
	up, down := model.Estimate{Value: .05, Lower: .03, Upper: .07}, model.Estimate{Value: -.05, Lower: -.07, Upper: -.03}
	for _, c := range []struct {
		comparison model.Comparison
		want       string
	}{
		{model.Comparison{A: "model", B: "rules", Metric: "auc", Difference: up, P: .001}, "The model ranks better than the rules: AUC +0.050 (+0.030 to +0.070)."},
		{model.Comparison{A: "rules", B: "model", Metric: "auc", Difference: down, P: .001}, "The model ranks better than the rules: AUC +0.050 (+0.030 to +0.070)."},
		{model.Comparison{A: "model", B: "rules", Metric: "auc", Difference: down, P: .001}, "The rules rank better than the model"},
		{model.Comparison{A: "model", B: "rules", Metric: "auc", Difference: up, P: .05}, "The data cannot tell whether the model ranks better"},
		{model.Comparison{A: "model", B: "rules", Metric: "auc", Difference: up, P: math.NaN()}, "The data cannot tell whether the model ranks better"},
		{model.Comparison{A: "blend", B: "model", Metric: "auc", Difference: up, P: .01}, "Blending the rules in improves"},
	} {
		if got := sentences(t, c.comparison, "blend"); !strings.Contains(got, c.want) {
			t.Errorf("%+v says\n%s\nwant %q", c.comparison, got, c.want)
		}
	}
}

func TestLossesAreBetterWhenLess(t *testing.T) {
	c := model.Comparison{A: "a", B: "b", Metric: "log_loss", Difference: model.Estimate{Value: -.1}, P: .01}
	if got := outcome(c, true); got != "better" {
		t.Errorf("a lower log loss is %q", got)
	}
	if got := outcome(c, false); got != "worse" {
		t.Errorf("a lower AUC is %q", got)
	}
}

func TestTicks(t *testing.T) {
	w := newWords("en")
	for _, c := range []struct {
		low, high float64
		want      string
	}{{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"}, {0, .12, "0.00 0.02 0.04 0.06 0.08 0.10 0.12"}, {.7, .9, "0.70 0.75 0.80 0.85 0.90"}, {0, 250, "0 50 100 150 200 250"}, {-250, 400, "−200 0 200 400"}} {
		var got []string
		for _, x := range numberTicks(w, c.low, c.high) {
			got = append(got, x.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, s, c.want)
		}
	}
}

func TestTermFitsBesideAPlot(t *testing.T) {
	w := newWords("es")
	for _, c := range []struct{ feature, level, want string }{
		{"pais", "ES", "pais: ES"},
		{"Total Time Spent on Website", "", "Total Time Spent on Websi…"},
		{"What is your current occupation", "Working Professional", "What is you…: Working Pro…"},
		{"What is your current occupation", "missing", "What is your c…: sin valor"},
		{"país", "una categoría que es muy muy larga", "país: una categoría que e…"},
	} {
		got := w.term(model.Coefficient{Feature: c.feature, Level: c.level})
		if got != c.want || len([]rune(got)) > labelRunes {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A difference that is told as one is not written as 0.000.
func TestDifferenceShowsThatItIsOne(t *testing.T) {
	w := newWords("en")
	for _, c := range []struct {
		e    model.Estimate
		want string
	}{
		{model.Estimate{Value: .0123, Lower: .001, Upper: .02}, "+0.012"},
		{model.Estimate{Value: -.0004, Lower: -.0007, Upper: -.0001}, "−0.0004"},
		{model.Estimate{Value: -.00002, Lower: -.00003, Upper: -.00001}, "−0.00002"},
		{model.Estimate{Value: 1e-9, Lower: 1e-10, Upper: 1e-8}, "0.000000"},
		{model.Estimate{Value: .0001, Lower: -.0002, Upper: .0004}, "0.000"}, // holds 0: the decimals asked for
		{model.Estimate{Value: 0, Lower: math.NaN(), Upper: math.NaN()}, "0.000"},
	} {
		if got := w.Difference(c.e, 3)(c.e.Value); got != c.want {
			t.Errorf("%+v is written %s, want %s", c.e, got, c.want)
		}
	}
}
