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

// sampleReplay has a part of every sort: hard rules, caps, months without outcomes, a lead without a moment.
func sampleReplay() *model.Replay {
	nan := math.NaN()
	e := func(x float64) model.Estimate { return model.Estimate{Value: x, Lower: x - .1, Upper: x + .1} }
	none := model.Estimate{Value: nan, Lower: nan, Upper: nan}
	volumes := func(n ...int) (all []model.Volume) {
		for i, s := range []model.Stage{model.Nurture, model.MQL, model.SQL, model.Disqualify} {
			all = append(all, model.Volume{Stage: s, Leads: n[i], PerDay: model.Figure(float64(n[i]) / 30)})
		}
		return all
	}
	mover := model.ReplayMover{Row: 3, Lead: "L3", CurrentStage: model.Nurture, NewStage: model.MQL, Current: -3, New: 41.5, Outcome: "not converted", Changes: []model.RuleChange{
		{Rule: "competitor", Kind: "hard", Text: "current: disqualify"}, {Rule: "a rule with a name that is much too long for a line", Kind: "rule", New: 20}, {Rule: "fit", Kind: "cap", Current: -5}, {Rule: "other", Kind: "rule", New: 1},
	}}
	return &model.Replay{
		Rows:    model.ReplayRows{Leads: 1000, Labelled: 900, Positives: 90, From: "2026-01-01T00:00:00Z", To: "2026-01-30T00:00:00Z", Days: 30, Undated: 1},
		Current: model.ReplaySide{Name: "old.yaml", Scale: model.ReplayPoints, MQLFrom: 40, SQLFrom: model.Figure(nan), Stages: volumes(900, 80, 0, 20), Selected: model.Volume{Leads: 80, PerDay: 2.7}, Precision: e(.3), Recall: e(.4), AUC: e(.7)},
		New:     model.ReplaySide{Name: "new.yaml", Scale: model.ReplayScore, MQLFrom: 61.3, SQLFrom: 90, Stages: volumes(850, 100, 50, 0), Selected: model.Volume{Leads: 150, PerDay: 5}, Precision: e(.4), Recall: e(.5), AUC: e(.8)},
		AUC:     &model.Comparison{A: "new", B: "current", Metric: "auc", Difference: e(.1), P: .0001},
		In:      model.ReplayMoved{Leads: 90, Converted: 30, Lost: 50, Open: 10, Rate: e(.375), Examples: []model.ReplayMover{mover}},
		Out:     model.ReplayMoved{Rate: none},
		Months: []model.ReplayMonth{
			{Month: "", Leads: 1, Current: model.ReplayMonthSide{Precision: none, Recall: none}, New: model.ReplayMonthSide{Precision: none, Recall: none}},
			{Month: "2026-01", Leads: 999, Labelled: 900, Current: model.ReplayMonthSide{Selected: 80, Precision: e(.3), Recall: e(.4)}, New: model.ReplayMonthSide{Selected: 150, Precision: e(.4), Recall: e(.5)}, In: 90, Out: 20},
		},
	}
}

func sampleSuggestion() *model.Suggestion {
	e := model.Estimate{Value: .8, Lower: .7, Upper: .9}
	rival := model.SuggestionRival{AUC: e, Difference: model.Estimate{Value: -.01, Lower: -.02, Upper: .001}, P: .06}
	s := &model.Suggestion{Model: "won@1", Target: "won", PointsToDouble: 12.5, Kept: .93, Measured: &model.SuggestionResult{
		Rows: model.Sample{Rows: 800, Positives: 90}, AUC: e, Model: rival, Current: &rival, Ranking: .98, Agreement: .96,
		MQL: model.SuggestedCut{Points: -4, Rules: model.SelectedLeads{Leads: 80, Share: .1, Precision: e, Recall: e}, Model: model.SelectedLeads{Leads: 81, Share: .101, Precision: e, Recall: e}},
	}}
	for _, g := range []string{"fit", "engagement", "intent"} {
		s.Lines = append(s.Lines, model.SuggestedRule{Group: g, Rule: "a rule of " + g, Cells: []model.SuggestedCell{{Points: -3, Rows: 1200, Rate: .1}, {Points: 8, Rows: 90, Rate: .4}}, Kept: .2},
			model.SuggestedRule{Group: g, Rule: "another one", Cells: []model.SuggestedCell{{Points: 8, Rows: 90, Rate: model.Figure(math.NaN())}}, Kept: .1})
	}
	for _, r := range []string{model.LeftSmall, model.LeftDerived, model.LeftEvent, model.LeftPair, model.LeftSmall, model.LeftSmall, model.LeftSmall} {
		s.LeftOut = append(s.LeftOut, model.LeftOut{Feature: "f", Reason: r, Share: .01})
	}
	return s
}

// TestRuleTablesFit lays both out in both languages and widths: no line is too wide, no key shows.
func TestRuleTablesFit(t *testing.T) {
	odd := regexp.MustCompile(`\[[a-z]+\.[a-z_.]+\]|%!|%s|EXTRA|MISSING|NaN|Inf|suggest\.|replay\.`)
	open := sampleReplay()
	open.Rows.Labelled, open.Rows.Days, open.AUC = 0, 0, nil
	bare := sampleSuggestion()
	bare.Measured, bare.LeftOut = nil, nil
	for _, lang := range Languages() {
		for _, width := range []int{0, 60, 140} {
			for name, lay := range map[string]func(b *bytes.Buffer, o Options) error{
				"replay":          func(b *bytes.Buffer, o Options) error { return ReplayTerminal(b, sampleReplay(), o) },
				"open replay":     func(b *bytes.Buffer, o Options) error { return ReplayTerminal(b, open, o) },
				"suggestion":      func(b *bytes.Buffer, o Options) error { return SuggestionTerminal(b, sampleSuggestion(), o) },
				"bare suggestion": func(b *bytes.Buffer, o Options) error { return SuggestionTerminal(b, bare, o) },
			} {
				var b bytes.Buffer
				if err := lay(&b, Options{Lang: lang, Width: width}); err != nil {
					t.Fatal(err)
				}
				if m := odd.FindString(b.String()); m != "" {
					t.Errorf("%s, %s, %d: %s in\n%s", name, lang, width, m, b.String())
				}
				if width == 0 {
					width = defaultWidth
				}
				for _, line := range strings.Split(b.String(), "\n") {
					if n := utf8.RuneCountInString(line); n > max(width, narrowest)+2 {
						t.Errorf("%s, %s, %d: %d runes: %s", name, lang, width, n, line)
					}
				}
			}
		}
	}
	var b bytes.Buffer
	if err := ReplayTerminal(&b, sampleReplay(), Options{Lang: "de"}); err == nil {
		t.Error("no error for an unknown language")
	}
	if err := SuggestionTerminal(&b, sampleSuggestion(), Options{Lang: "de"}); err == nil {
		t.Error("no error for an unknown language")
	}
}

// TestReplaySays holds the figures of a replay in its text.
func TestReplaySays(t *testing.T) {
	var b bytes.Buffer
	if err := ReplayTerminal(&b, sampleReplay(), Options{Width: 140}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1,000 past leads; of 900 the outcome is known, 90 converted (10.0%)", "from 2026-01-01 to 2026-01-30, 30 days", "40 points", "score 61.3", "hard rules only",
		"80 (8.0%), 2.7 a day", "AUC of the new minus the current: +0.100", "90 leads would move in: 30 converted, 50 did not", "of 10 the outcome is not known",
		"L3: nurture (−3.0) → MQL (41.5); did not convert; competitor (current: disqualify)", "fit cap −5 → 0", "and 1 more", "0 leads would move out", "+90 −20", "80 → 150", "30% → 40%",
	} {
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
