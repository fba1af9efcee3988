package train

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"leadscore/model"
	"leadscore/model/rules"
)

// axesRules is a scorecard with groups on both axes, and one on none.
func axesRules() *rules.File {
	points := func(x float64) rules.Points { return rules.Points{Fixed: x} }
	zero, five := 0.0, 5.0
	return &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{
		{Name: "fit", Rules: []rules.Rule{
			{Name: "partner", When: rules.Condition{Field: "source", In: []any{"partner"}}, Points: points(50)},
			{Name: "large", When: rules.Condition{Field: "company_size", In: []any{"51-200"}}, Points: points(20)},
		}},
		{Name: "engagement", Rules: []rules.Rule{{Name: "visits", When: rules.Condition{Field: "visits"}, Points: rules.Points{Table: []rules.TableRow{{To: &zero, Points: 0}, {To: &five, Points: 20}, {Points: 40}}}}}},
		{Name: "other", Rules: []rules.Rule{{Name: "web", When: rules.Condition{Field: "source", In: []any{"ads"}}, Points: points(-10)}}},
	}}}}
}

// Of axes without cut-offs at most a quarter of the training rows is A, a half B and better, and so on; given ones are taken as they are.
func TestGradesAreQuartersOfTheTrainingRows(t *testing.T) {
	c := config(writeLeads(t, makeLeads(2000, 8)))
	c.Rules = axesRules()
	r := run(t, c)
	g := r.Artifact.Policy.Grades
	if g == nil || len(g.Fit) != 3 || len(g.Engagement) != 3 {
		t.Fatalf("grades %+v", g)
	}
	counts := map[byte]int{}
	for _, a := range r.Holdout.Columns.Axes {
		counts[a.Grade[0]]++
		counts[a.Grade[1]]++
	}
	n := len(r.Holdout.Labels)
	if float64(counts['A']) > .3*float64(n) || float64(counts['1']) > .3*float64(n) || counts['D'] == 0 || counts['4'] == 0 {
		t.Errorf("of %d rows %v", n, counts)
	}
	c.Policy.Grades = &GradesConfig{Fit: []float64{60, 40, 10}}
	r = run(t, c)
	if got := r.Artifact.Policy.Grades; fmt.Sprint(got.Fit) != "[60 40 10]" || fmt.Sprint(got.Engagement) != fmt.Sprint(g.Engagement) {
		t.Errorf("grades %+v, auto %+v", got, g)
	}
	c.Rules.Scorecards[0].Groups[1].Axis = "none"
	if _, err := Run(t.Context(), c, nil); err == nil {
		t.Error("grades of an axis that the rules do not have")
	} else {
		mustContain(t, err, "policy.grades", "axis engagement")
	}
	c.Policy.Grades = nil
	if g := run(t, c).Artifact.Policy.Grades; g != nil {
		t.Errorf("one axis has grades: %+v", g)
	}
}

// The upgrade is a score that the share of the training rows above the percentile has, and lifts leads that the rules reject.
func TestGateUpgrade(t *testing.T) {
	c := config(writeLeads(t, makeLeads(3000, 9)))
	c.Rules = axesRules()
	low, high, share := 50.0, 95.0, .9
	c.Blend = BlendConfig{Method: "gate", Low: &low, High: &high}
	plain := run(t, c)
	c.Blend.Upgrade = &share
	r := run(t, c)
	b := r.Artifact.Blend
	if b.Low != 50 || b.High != 95 || b.Upgrade <= 0 || plain.Artifact.Blend.Upgrade != 0 {
		t.Fatalf("%+v and %+v", b, plain.Artifact.Blend)
	}
	above, lifted := 0, 0
	for i, p := range r.Holdout.Columns.Probability {
		own, rule := model.ScoreOf(p), r.Holdout.Columns.RuleScore[i]
		if own >= b.Upgrade {
			above++
			if rule < low {
				lifted++
				if r.Holdout.Columns.Score[i] < own || plain.Holdout.Columns.Score[i] != max(rule, 0) {
					t.Fatalf("row %d: %v by the model, %v by the rules, %v blended, %v without the upgrade", i, own, rule, r.Holdout.Columns.Score[i], plain.Holdout.Columns.Score[i])
				}
			}
		}
	}
	if n := float64(len(r.Holdout.Labels)); float64(above) < .05*n || float64(above) > .15*n || lifted == 0 {
		t.Errorf("%d of %v hold-out rows are above the 90th percentile of training, %d lifted", above, n, lifted)
	}
}

// twoTargets writes leads with two outcomes: sql, and won, which goes by visits more.
func twoTargets(t *testing.T, n int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(10, 1))
	var b bytes.Buffer
	b.WriteString("lead_id,source,visits,sql,won\n")
	for i, l := range makeLeads(n, 12) {
		won := "no"
		if r.Float64() < model.Sigmoid(.4*l.visits-4) {
			won = "yes"
		}
		fmt.Fprintf(&b, "L%05d,%s,%g,%s,%s\n", i, l.source, l.visits, map[string]string{"won": "yes", "lost": "no"}[l.label], won)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A stage that a target decides has its cut-off from that target's scores, is measured on its outcomes, and is given by its probability.
func TestStagesByTarget(t *testing.T) {
	c := Config{Leads: Leads{Path: twoTargets(t, 4000), ID: "lead_id"}, Targets: []Target{
		{Name: "sql", Column: "sql", Positive: []string{"yes"}}, {Name: "won", Column: "won", Positive: []string{"yes"}},
	}}
	plain := run(t, c)
	c.Policy.MQL.Target, c.Policy.SQL.Target = "sql", "won"
	r := run(t, c)
	p := r.Artifact.Policy
	if p.MQL.MinScore != plain.Artifact.Policy.MQL.MinScore || p.SQL.MinScore == plain.Artifact.Policy.SQL.MinScore {
		t.Errorf("cut-offs %+v, by the score %+v", p, plain.Artifact.Policy)
	}
	selected := 0
	for i, stage := range r.Holdout.Columns.Stage {
		won := model.ScoreOf(r.Holdout.Columns.Probabilities[1][i])
		if (stage == model.SQL) != (won >= p.SQL.MinScore) {
			t.Fatalf("row %d: %s with a score of won of %v, SQL from %v", i, stage, won, p.SQL.MinScore)
		}
		if stage == model.SQL {
			selected++
		}
	}
	choice := r.Card.Targets["sql"].Choices[1]
	stages := r.Card.Targets["won"].Stages[1]
	if choice.Stage != "SQL" || choice.Selected != selected || stages.Selected != selected || choice.Precision != stages.Precision {
		t.Errorf("SQL selects %d of the hold-out; the choice says %+v and the card of won %+v", selected, choice, stages)
	}
	c.Targets[1].Via = "sql"
	if _, err := Run(t.Context(), c, nil); err == nil {
		t.Error("a cut-off was chosen of a conditional target")
	} else {
		mustContain(t, err, `target "won" is conditional on "sql"`, "min_score")
	}
	cut := 30.0
	c.Policy.SQL.MinScore = &cut
	if r := run(t, c); r.Artifact.Policy.SQL.MinScore != 30 || r.Artifact.Targets[1].Given != "sql" {
		t.Errorf("%+v", r.Artifact.Policy)
	}
}

// A limit for leaving that is above a cut-off which training chose is lowered to it, and a finding says so.
func TestLeaveIsNeverAboveTheCutoff(t *testing.T) {
	c := config(writeLeads(t, makeLeads(1500, 3)))
	leave := 99.0
	c.Policy.MQL.Leave, c.Policy.MQL.Stay = &leave, 1e6
	r := run(t, c)
	p := r.Artifact.Policy.MQL
	if p.Leave == nil || *p.Leave != p.MinScore || p.Stay != 1e6 {
		t.Errorf("%+v", p)
	}
	for _, f := range r.Card.Findings {
		if f.Reason == "threshold" {
			return
		}
	}
	t.Errorf("nothing says so: %+v", r.Card.Findings)
}
