package report

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"leadscore/model"
	"leadscore/train/evaluate"
)

// sampleContest compares a model, rules and a column on made-up leads; knows is how much the model knows more than the others.
func sampleContest(t testing.TB, rows int, knows float64, money bool) *model.Contest {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 2))
	label := make([]bool, rows)
	p, points, crm := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	for i := range rows {
		x := rng.NormFloat64()
		label[i] = rng.Float64() < model.Sigmoid(-1+knows*x)
		p[i] = model.Sigmoid(-1 + knows*x + .1*rng.NormFloat64())
		points[i] = 10 * math.Round(3+rng.NormFloat64())
		crm[i] = rng.NormFloat64()
	}
	o := evaluate.ContestOptions{Options: evaluate.Options{Seed: 1, Replicates: 40}}
	if money {
		win := 900.0
		o.Win = &win
	}
	c, err := evaluate.Contest(label, []evaluate.Entrant{
		{Scorer: evaluate.Scorer{Name: "model", Score: p, Probability: p}, Kind: model.ContestModel},
		{Scorer: evaluate.Scorer{Name: "rules", Score: points}, Kind: model.ContestRules},
		{Scorer: evaluate.Scorer{Name: "a CRM’s <own> score of 1–100 %s", Score: crm}, Kind: model.ContestColumn, Missing: 12},
		{Scorer: evaluate.Scorer{Name: "naive_bayes", Score: crm, Probability: p}, Kind: model.ContestBaseline},
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	c.Model, c.Target, c.Rows = "won@57bdc5016bf6", "won", model.Sample{Rows: rows, Positives: rows / 4}
	for i := range c.Movers.Up {
		c.Movers.Up[i].Lead = "L1"
		c.Movers.Up[i].Reasons = []model.MoverReason{{Feature: "visits", Value: "12", Effect: 1.25}}
	}
	return c
}

func contestText(t testing.TB, c *model.Contest, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := ContestTerminal(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestContestTerminal(t *testing.T) {
	brackets := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|EXTRA|MISSING|NaN|Inf`)
	for _, lang := range Languages() {
		for _, money := range []bool{false, true} {
			for _, width := range []int{60, 80, 100, 140} {
				text := contestText(t, sampleContest(t, 400, 1.5, money), Options{Lang: lang, Width: width})
				if m := brackets.FindString(text); m != "" {
					t.Errorf("%s at %d: %s in\n%s", lang, width, m, text)
				}
				for _, line := range strings.Split(text, "\n") {
					if n := utf8.RuneCountInString(line); n > width {
						t.Errorf("%s at %d: %d runes: %s", lang, width, n, line)
					}
				}
			}
		}
	}
	text := contestText(t, sampleContest(t, 400, 1.5, true), Options{})
	for _, want := range []string{"won: 400 leads, 100 converted (25.0%), model won@57bdc5016bf6", "Caught of 40", "Earned", "12 leads have no value in “a CRM’s <own> score of 1–100 %s”",
		"naive Bayes", "p is corrected for 6 pairs", "visits: 12 (+1.2)", "model: calibration"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || !strings.Contains(contestText(t, sampleContest(t, 400, 1.5, true), Options{Colour: true}), "\x1b[1;32m") {
		t.Error("colours where none are wanted, or none where they are")
	}
}

func TestContestSentence(t *testing.T) {
	told := sampleContest(t, 400, 2, false)
	noise := sampleContest(t, 400, 0, false)
	for lang, want := range map[string][2]string{
		"en": {"Ranking by the model is better than by the rules, “a CRM’s <own> score of 1–100 %s” and golearn’s naive Bayes; against the nearest of them", "The data cannot tell which ranks better: the AUC is "},
		"es": {"Ordenar por el modelo es mejor que por las reglas, «a CRM’s <own> score of 1–100 %s» y el Bayes ingenuo de golearn; frente a lo más cercano", "Los datos no permiten decir qué ordena mejor: el AUC es "},
	} {
		for i, c := range []*model.Contest{told, noise} {
			got, err := ContestSentence(c, Options{Lang: lang})
			if err != nil {
				t.Fatal(err)
			}
			// The beaten ones stand by their AUC, which is near ½ for all: look at their names in any order.
			if i == 0 {
				c.Verdict.Than = []string{"rules", "a CRM’s <own> score of 1–100 %s", "naive_bayes"}
				if got, err = ContestSentence(c, Options{Lang: lang}); err != nil {
					t.Fatal(err)
				}
			}
			if !strings.HasPrefix(got, want[i]) || !strings.HasSuffix(got, ".") || strings.Count(got, ". ") > 0 {
				t.Errorf("%s: %q, want one sentence that begins with %q", lang, got, want[i])
			}
			if !strings.Contains(got, newWords(lang).Num(c.Verdict.Nearest.Difference.Lower, 3)) && !strings.Contains(got, newWords(lang).Signed(c.Verdict.Nearest.Difference.Lower, 3)) {
				t.Errorf("%s: %q has no interval", lang, got)
			}
		}
	}
	if _, err := ContestSentence(told, Options{Lang: "fr"}); err == nil {
		t.Error("no error for an unknown language")
	}
}

func TestContestJSON(t *testing.T) {
	c := sampleContest(t, 400, 1, true)
	var b bytes.Buffer
	if err := ContestJSON(&b, c); err != nil {
		t.Fatal(err)
	}
	var back model.Contest
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Tests) != len(c.Tests) || back.Tests[0] != c.Tests[0] || back.Verdict.Better != c.Verdict.Better || *back.Capacity.Win != 900 {
		t.Errorf("came back as %+v", back)
	}
	for _, key := range []string{`"p_holm"`, `"metric"`, `"a"`, `"shared"`, `"caught"`, `"earned"`, `"verdict"`, `"tells"`} {
		if !strings.Contains(b.String(), key) {
			t.Errorf("no key %s", key)
		}
	}
}
