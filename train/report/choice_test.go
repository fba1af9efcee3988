package report

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"leadscore/model"
)

func estimate(value, lower, upper float64) model.Estimate {
	return model.Estimate{Value: value, Lower: lower, Upper: upper}
}

func choiceCard() *model.ChoiceCard {
	none := estimate(math.NaN(), math.NaN(), math.NaN())
	return &model.ChoiceCard{
		Target: "won", Stage: "SQL", Data: model.Sample{Rows: 7999, Positives: 690}, Days: 352, PerDay: 22.727,
		Current: []model.Choice{
			{Stage: "MQL", By: "score", Score: 15.234, Met: true, Selected: 6241, Volume: estimate(17.7, 17.3, 18.2), Precision: estimate(.11, .102, .118), Recall: estimate(.99, .98, .995), Benefit: estimate(1.24, .87, 1.6)},
			{Stage: "SQL", By: "score", Score: 101, Volume: estimate(0, 0, .01), Precision: none, Recall: estimate(0, 0, .005), Benefit: estimate(0, 0, 0)},
		},
		Choices: []model.Choice{
			{Stage: "SQL", By: "precision", Asked: "precision: 0.9", Score: 101, Volume: estimate(0, 0, .01), Precision: none, Recall: estimate(0, 0, .005), Benefit: estimate(0, 0, 0), Chosen: 3999},
			{Stage: "SQL", By: "capacity", Asked: "capacity: 5/day", Score: 40.644, Met: true, Selected: 1753, Volume: estimate(5, 4.8, 5.2), Precision: estimate(.2, .18, .22), Recall: estimate(.5, .46, .54), Benefit: estimate(-1.5, -1.75, 1.25), Chosen: 3999},
			{Stage: "SQL", By: "cost", Asked: "cost: {contact: 5, win: 400}", Score: 11.19, Met: true, Selected: 7990, Volume: estimate(22, 21, 23), Precision: estimate(.09, .08, .1), Recall: estimate(1, .99, 1), Benefit: estimate(30, 28, 32), Chosen: 3999},
			{Stage: "SQL", By: "youden", Score: 28.1, Met: true, Selected: 4100, Volume: estimate(11, 10, 12), Precision: estimate(.14, .13, .15), Recall: estimate(.84, .82, .87), Benefit: estimate(1.7, 1.4, 2.1), Chosen: 3999},
		},
	}
}

func choiceText(t *testing.T, c *model.ChoiceCard, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Choices(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestChoicesSayWhatTheyGive(t *testing.T) {
	for lang, want := range map[string][]string{
		"en": {
			"won: cut-offs on 7,999 labelled leads, 690 converted (8.6%)", "22.7 leads came a day in 352 days",
			"capacity: 5/day   40.644     1,753  5.0 4.8–5.2     20% 18–22%", "−1.50 −1.75 … 1.25", "precision: 0.9      none         0", "cost: 5 / 400", "best separation",
			"the other half (3,999 leads or more)", "  policy: {sql: {min_score: 40.644}}\n", "  policy: {sql: {capacity: 5/day}}\n",
		},
		"es": {"7.999 leads con resultado", "capacity: 5/day", "40,644", "ninguno", "  policy: {sql: {min_score: 40.644}}\n"},
	} {
		text := choiceText(t, choiceCard(), Options{Lang: lang, Width: 140})
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", lang, part, text)
			}
		}
		if m := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|%s|EXTRA|MISSING|NaN`).FindString(text); m != "" {
			t.Errorf("%s: %s in\n%s", lang, m, text)
		}
		if strings.Contains(text, "\x1b") {
			t.Error("colour that nobody asked for")
		}
	}
	if text := choiceText(t, choiceCard(), Options{Colour: true}); !strings.Contains(text, "\x1b[1mwon") {
		t.Error("no colour")
	}
	if err := Choices(&bytes.Buffer{}, choiceCard(), Options{Lang: "fr"}); err == nil {
		t.Error("a report in French")
	}
}

func TestChoicesFitTheWidth(t *testing.T) {
	for _, lang := range Languages() {
		for _, width := range []int{160, 110, 96, 80, 60} {
			for _, line := range strings.Split(choiceText(t, choiceCard(), Options{Lang: lang, Width: width}), "\n") {
				if n := utf8.RuneCountInString(line); n > width {
					t.Errorf("%s: %d of %d columns: %s", lang, n, width, line)
				}
			}
		}
	}
}

// Without moments and costs there are no columns of leads a day and benefit.
func TestChoicesLeaveOutWhatIsNotKnown(t *testing.T) {
	c := choiceCard()
	c.Days, c.PerDay = model.Figure(math.NaN()), model.Figure(math.NaN())
	none := estimate(math.NaN(), math.NaN(), math.NaN())
	for _, list := range [][]model.Choice{c.Current, c.Choices} {
		for i := range list {
			list[i].Volume, list[i].Benefit = none, none
		}
	}
	if text := choiceText(t, c, Options{}); strings.Contains(text, "a day") && strings.Contains(text, "Leads a day") || strings.Contains(text, "Benefit") || strings.Contains(text, "came") {
		t.Error(text)
	}
}
