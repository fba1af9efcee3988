package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/model"
	"leadscore/train/evaluate"
)

// sampleCard is a card as training writes it, of made-up leads: a model, rules that know a part of what it
// knows, and their blend. Names are as rude as those of real exports.
func sampleCard(t testing.TB, rows int, features int) *model.Card {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	label := make([]bool, rows)
	p, points, blend, score := make([]float64, rows), make([]float64, rows), make([]float64, rows), make([]float64, rows)
	positives := 0
	for i := range rows {
		fit, visits := rng.NormFloat64(), rng.NormFloat64()
		label[i] = rng.Float64() < model.Sigmoid(-.7+1.5*fit+1.1*visits)
		if label[i] {
			positives++
		}
		p[i] = model.Sigmoid(-.75 + 1.4*fit + 1.1*visits + .2*rng.NormFloat64())
		points[i] = math.Max(0, math.Min(100, 10*math.Round(4+2.5*fit)))
		blend[i] = model.Sigmoid(model.Logit(p[i])*.95 + .4*points[i]/100 - .15)
		score[i] = math.Round(1000*blend[i]) / 10
	}
	target, err := evaluate.Card(label, []evaluate.Scorer{
		{Name: "model", Score: p, Probability: p},
		{Name: "rules", Score: points},
		{Name: "blend", Score: blend, Probability: blend},
	}, score, evaluate.Options{Seed: 1, Replicates: 20, Cuts: []evaluate.Cut{{Stage: "MQL", Score: 38.5}, {Stage: "SQL", Score: 82}}})
	if err != nil {
		t.Fatal(err)
	}
	addEvaluation(target, label, p)
	target.BaseRate, target.Split = .3853, "random"
	target.Train = model.Sample{Rows: 4 * rows, Positives: 4*positives + 3, From: "2023-01-02T08:00:00Z", To: "2024-05-30T17:12:00Z"}
	target.Holdout = model.Sample{Rows: rows, Positives: positives, From: "2024-05-31T06:02:11Z", To: "2024-09-12T21:40:00Z"}
	target.Fit = model.FitSummary{Kind: "additive", Status: "converged", Iterations: 9, Columns: 161, Lambda: 2.154434690031884, Objective: 2987.1182, LogLik: -2911.0442, DF: 74.3}
	names := []string{"Total Time Spent on Website", "What is your current occupation", "Lead Origin", "Lead Source", "Country", "How did you hear about X Education", "Last URL <script>alert(1)</script> & co"}
	levels := []string{"one standard deviation more", "Working Professional", "Lead Add Form", "Olark Chat", "missing", "other", "Student of \"some\" school"}
	for i := range features {
		b, se := 1.2*rng.NormFloat64(), .05+.2*rng.Float64()
		target.Coefficients = append(target.Coefficients, model.Coefficient{
			Feature: names[i%len(names)], Level: levels[(i/2)%len(levels)], Rows: 20 + rng.IntN(7000), Estimate: b, SE: se, Z: b / se,
			P:    math.Erfc(math.Abs(b/se) / math.Sqrt2),
			Odds: model.Estimate{Value: math.Exp(b), Lower: math.Exp(b - 1.96*se), Upper: math.Exp(b + 1.96*se)},
		})
	}
	c := &model.Card{
		Targets: map[string]*model.TargetCard{"converted": target}, Primary: "converted", Rows: 5*rows + 212, SetAside: 200, BadRows: 12,
		Digest: "9f2b5a1c7e0d4b6f8a3c2e1d0f9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a",
		Findings: []model.Finding{
			{Column: "Magazine", Reason: "constant", Text: "the same value in every training row"},
			{Column: "Prospect ID", Reason: "id-like", Text: "a different text in 7392 of 7392 rows"},
		},
		Run: &model.Run{At: "2024-09-14T10:21:07Z", Seconds: 2.31, Version: "1.0.0", Go: "go1.26", Cores: 2, Seed: 1, SplitSeed: 1, Config: "version: 1\ntargets:\n  converted: {column: \"Converted </pre>\", positive: [1]} # ``` \n"},
	}
	c.Audit, c.Audited = sampleAudit()
	if features == 0 {
		target.Coefficients = nil
	}
	return c
}

// twoTargets has a second, small and useless model without rules.
func twoTargets(t testing.TB) *model.Card {
	c := sampleCard(t, 900, 12)
	rng := rand.New(rand.NewPCG(3, 3))
	label, p := make([]bool, 120), make([]float64, 120)
	for i := range label {
		label[i], p[i] = rng.Float64() < .2, .1+.2*rng.Float64()
	}
	won, err := evaluate.Card(label, []evaluate.Scorer{{Name: "model", Score: p, Probability: p}}, nil, evaluate.Options{Replicates: 20})
	if err != nil {
		t.Fatal(err)
	}
	won.Holdout, won.Train, won.Split = model.Sample{Rows: 120, Positives: 24}, model.Sample{Rows: 480, Positives: 90}, "time"
	won.Account = []model.Count{
		{What: model.CountRead, Rows: 700, Text: "rows of the file"}, {What: "immature", Rows: 60, Text: "the window was open"},
		{What: "purged", Rows: 40, Text: "purged"}, {What: model.CountTrain, Rows: 480}, {What: model.CountHoldout, Rows: 120},
	}
	won.Beside = &model.Beside{Split: "random", Train: won.Train, Holdout: model.Sample{Rows: 121, Positives: 25}, Scores: map[string]model.Metrics{"model": won.Scores["model"]}}
	won.Chain = &model.Chain{Given: "converted", Used: model.WayDirect, Scores: map[string]model.Metrics{"direct": won.Scores["model"], "chained": won.Scores["model"]}, Comparisons: []model.Comparison{
		{A: "chained", B: "direct", Metric: "log_loss", Difference: model.Estimate{Value: -.01, Lower: -.018, Upper: -.002}, P: .01},
		{A: "chained", B: "direct", Metric: "auc", Difference: model.Estimate{Value: .012, Lower: -.004, Upper: .028}, P: .14},
	}}
	c.Targets["a won deal"] = won
	return c
}
