package train

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

var sale = evaluate.Cost{Contact: 5, Win: 20}

// policyRun trains a small linear model, which is quick, with the ways for the two stages.
func policyRun(t *testing.T, c Config, mql, sql *evaluate.Way) *Result {
	t.Helper()
	c.Model.Kind, c.Split.Beside = "linear", "none"
	c.Policy.MQL.Choose, c.Policy.SQL.Choose = mql, sql
	return run(t, c)
}

func timedConfig(t *testing.T, n int) Config {
	c := config(writeLeads(t, makeLeads(n, 5)))
	c.Leads.AsOf = "created_at"
	return c
}

func thresholdFindings(c *model.Card) (out []string) {
	for _, f := range c.Findings {
		if f.Reason == "threshold" {
			out = append(out, f.Text)
		}
	}
	return out
}

// The card tells how each of the policy's cut-offs was chosen and measures it on the hold-out, then the other ways.
func TestPolicyIsChosenAsAskedAndMeasuredOnTheHoldout(t *testing.T) {
	capacity := evaluate.Way{By: evaluate.ByCapacity, Leads: 2, Per: 1}
	for _, test := range []struct {
		mql, sql evaluate.Way
	}{
		{evaluate.Way{By: evaluate.ByPrecision, Target: .4}, evaluate.Way{By: evaluate.ByPrecision, Target: .6}},
		{capacity, evaluate.Way{By: evaluate.ByCapacity, Share: .05}},
		{evaluate.Way{By: evaluate.ByCost, Cost: sale}, evaluate.Way{By: evaluate.ByNetBenefit, Cost: evaluate.Cost{Contact: 5, Win: 8}}},
	} {
		r := policyRun(t, timedConfig(t, 1500), &test.mql, &test.sql)
		card := r.Card.Targets["won"]
		choices := card.Choices
		if len(choices) < 8 || len(choices) > 10 {
			t.Fatalf("%d choices", len(choices))
		}
		for i, w := range []evaluate.Way{test.mql, test.sql} {
			c := choices[i]
			if c.Stage != []string{"MQL", "SQL"}[i] || c.By != w.By || c.Asked != w.String() || !c.Met || !c.Out || c.Chosen != card.Train.Rows {
				t.Errorf("%v: %+v", w, c)
			}
			if stage := card.Stages[i]; c.Score != stage.Score || c.Selected != stage.Selected || c.Precision != stage.Precision || c.Recall != stage.Recall {
				t.Errorf("%v: the choice %+v differs from the stage %+v", w, c, stage)
			}
			if math.IsNaN(c.Benefit.Value) == w.Known() || !(c.Volume.Lower < c.Volume.Value && c.Volume.Value < c.Volume.Upper) {
				t.Errorf("%v: benefit %v, volume %v", w, c.Benefit, c.Volume)
			}
		}
		if p := r.Artifact.Policy; p.MQL.MinScore != choices[0].Score || p.SQL.MinScore != choices[1].Score || p.SQL.MinScore < p.MQL.MinScore {
			t.Errorf("the policy %+v differs from the choices", p)
		}
		for _, c := range choices[2:] {
			if c.Stage != "" || c.Asked == choices[0].Asked || c.Asked == choices[1].Asked {
				t.Errorf("another way: %+v", c)
			}
			if math.IsNaN(c.Benefit.Value) == test.mql.Known() {
				t.Errorf("%s: benefit %v", c.Asked, c.Benefit)
			}
		}
		if _, err := json.Marshal(card); err != nil {
			t.Error(err)
		}
	}
}

// A number of leads a day is told from all leads that came in the days of training, with those that were held out and those without an outcome.
func TestCapacityCountsAllLeadsThatCame(t *testing.T) {
	leads := makeLeads(3000, 5)
	for i := range leads {
		leads[i].created = time.Date(2025, 1, 1+i/10, i%24, 0, 0, 0, time.UTC).Format(time.RFC3339) // ten a day for 300 days
		if i%4 == 0 {
			leads[i].label = "open"
		}
	}
	for _, by := range []string{"time", "random"} {
		c := config(writeLeads(t, leads))
		c.Leads.AsOf, c.Split.By = "created_at", by
		c.Targets[0].Negative = []string{"lost"}
		w := evaluate.Way{By: evaluate.ByCapacity, Leads: 14, Per: 7}
		r := policyRun(t, c, &w, &w)
		got := r.Card.Targets["won"].Choices[0]
		// Two of ten a day are a fifth of the leads.
		if share := float64(got.Selected) / float64(r.Card.Targets["won"].Holdout.Rows); math.Abs(share-.2) > .05 {
			t.Errorf("by %s: a fifth of the leads is asked for, %.3f are selected", by, share)
		}
		if math.Abs(got.Volume.Value-2) > .5 {
			t.Errorf("by %s: %v leads a day, want about 2", by, got.Volume)
		}
		s, err := model.NewScorer(r.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		card, curve, err := Thresholds(context.Background(), s, c.Leads.Path, datasets.ReadOptions{}, time.Time{}, ThresholdOptions{Ways: []evaluate.Way{w}})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(card.PerDay)-10) > .1 || card.Days != 300 || card.Choices[0].Volume.Value > 2.3 {
			t.Errorf("by %s: %v leads a day in %v days, of which %v are selected", by, card.PerDay, card.Days, card.Choices[0].Volume)
		}
		if curve[0].PerDay < 9.9 || curve[0].Recall.Value != 1 {
			t.Errorf("the lowest cut-off gives %+v", curve[0])
		}
	}
}

func TestCapacityADayNeedsMoments(t *testing.T) {
	w := evaluate.Way{By: evaluate.ByCapacity, Leads: 5, Per: 1}
	leads := makeLeads(400, 1)
	c := config(writeLeads(t, leads))
	c.Policy.MQL.Choose, c.Policy.SQL.Choose = &w, &evaluate.Way{By: evaluate.ByPrecision, Target: 2}
	_, err := Run(context.Background(), c, nil)
	if err == nil || !strings.Contains(err.Error(), "policy.mql: capacity: 5/day: the leads have no as-of moments") || !strings.Contains(err.Error(), "policy.sql: precision 2") {
		t.Errorf("without moments: %v", err)
	}
	for i := range leads {
		leads[i].created = fmt.Sprintf("2025-03-0%dT10:00:00Z", 1+i%4)
	}
	c = config(writeLeads(t, leads))
	c.Leads.AsOf, c.Policy.MQL.Choose = "created_at", &w
	if _, err = Run(context.Background(), c, nil); err == nil || !strings.Contains(err.Error(), "want 7 days at least") {
		t.Errorf("of a few days: %v", err)
	}
}

func TestPolicyThatCannotBeReachedSaysSo(t *testing.T) {
	r := policyRun(t, timedConfig(t, 1500), &evaluate.Way{By: evaluate.ByPrecision, Target: .9999}, &evaluate.Way{By: evaluate.ByCapacity, Share: .05})
	if p := r.Artifact.Policy; p.MQL.MinScore != evaluate.Nothing || p.SQL.MinScore != evaluate.Nothing {
		t.Errorf("the policy is %+v", p)
	}
	if c := r.Card.Targets["won"].Choices[0]; c.Met || c.Selected != 0 {
		t.Errorf("%+v", c)
	}
	said := strings.Join(thresholdFindings(r.Card), "\n")
	for _, want := range []string{"MQL by precision: 0.9999: not reached: the highest precision of 30 leads or more is 0.", "which no score reaches", "SQL by capacity: 5%: the cut-off is raised from "} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not say %q", said, want)
		}
	}
	for _, stage := range r.Holdout.Columns.Stage {
		if stage != model.Nurture {
			t.Fatalf("a lead is %s", stage)
		}
	}
}

// A number is taken as it is, and a chosen SQL is never below it.
func TestGivenScoresStayAsTheyAre(t *testing.T) {
	c := timedConfig(t, 1500)
	high := 88.125
	c.Policy.MQL.MinScore = &high
	r := policyRun(t, c, nil, &evaluate.Way{By: evaluate.ByCapacity, Share: .9})
	if p := r.Artifact.Policy; p.MQL.MinScore != high || p.SQL.MinScore != high {
		t.Errorf("the policy is %+v", p)
	}
	if c := r.Card.Targets["won"].Choices[0]; c.By != evaluate.ByScore || c.Asked != "min_score: 88.125" || c.Chosen != 0 || c.Out {
		t.Errorf("%+v", c)
	}
	low := 1.
	c.Policy.MQL.MinScore, c.Policy.SQL.MinScore = nil, &low
	r = policyRun(t, c, nil, nil)
	if said := thresholdFindings(r.Card); r.Artifact.Policy.SQL.MinScore != 1 || len(said) != 1 || !strings.Contains(said[0], "no lead becomes MQL") {
		t.Errorf("%+v: %q", r.Artifact.Policy, said)
	}
}

func TestEveryBlendHasItsCutoffs(t *testing.T) {
	cost := evaluate.Way{By: evaluate.ByCost, Cost: sale}
	precision := evaluate.Way{By: evaluate.ByPrecision, Target: .5}
	for _, method := range []string{"model", "logit", "linear", "gate", "rules"} {
		c := timedConfig(t, 1000)
		c.Rules, c.Blend.Method = partnerRule(), method
		r := policyRun(t, c, &cost, &precision)
		got, said := r.Card.Targets["won"].Choices[0], strings.Join(thresholdFindings(r.Card), "\n")
		if probable := method == "model" || method == "logit"; probable && (got.By != evaluate.ByCost || got.Score != 50) || !probable && (got.By != evaluate.ByNetBenefit || !strings.Contains(said, "no probability")) {
			t.Errorf("%s: %+v, %q", method, got, said)
		}
		if p := r.Artifact.Policy; p.SQL.MinScore < p.MQL.MinScore {
			t.Errorf("%s: %+v", method, p)
		}
	}
}

// A file of weighted rows has the cut-offs of the file with each row so many times.
func TestWeightedRowsHaveTheCutoffsOfTheirCopies(t *testing.T) {
	leads := makeLeads(900, 7)
	copies := drawCopies(len(leads))
	ways := []evaluate.Way{{By: evaluate.ByPrecision, Target: .5}, {By: evaluate.ByCapacity, Share: .2}, {By: evaluate.ByNetBenefit, Cost: sale}, {By: evaluate.ByCapacity, Leads: 1, Per: 7}, {By: evaluate.ByYouden}, {By: evaluate.ByTop, Share: .1}}
	for _, w := range ways {
		var got [2]model.Policy
		for i, asCopies := range []bool{false, true} {
			labels, logits, weight := []bool{}, []float64{}, []float64(nil)
			for k, l := range leads {
				times := 1
				if asCopies {
					times = copies[k]
				} else {
					weight = append(weight, float64(copies[k]))
				}
				for range times {
					labels, logits = append(labels, l.label == "won"), append(logits, l.visits/4-2)
				}
			}
			p, err := choosePolicy(PolicyConfig{MQL: StageConfig{Choose: &w}}, &fittedModels{
				population: func(int, bool) evaluate.Population { return evaluate.Population{Days: 100} }, targets: []Target{{}},
				fits: []*fitted{{labels: labels, logits: logits, weight: weight}}, blend: model.Blend{Method: model.BlendModel},
			})
			if err != nil {
				t.Fatal(err)
			}
			got[i] = p.policy
		}
		if got[0].MQL.MinScore != got[1].MQL.MinScore || got[0].SQL.MinScore != got[1].SQL.MinScore {
			t.Errorf("%v: %+v by weight, %+v by copies", w, got[0], got[1])
		}
	}
}

// With the true base rate given, precision and net benefit are those of all leads, and the leads selected are the same before the
// correction, when the hold-out is measured, and after it.
func TestPriorHoldsInTheCutoffs(t *testing.T) {
	leads := makeLeads(16000, 21)
	var kept []lead
	won, all, lost := 0, 0, 0
	for _, l := range leads {
		all++
		if l.label == "won" {
			won++
			kept = append(kept, l)
		} else if lost++; lost%5 == 0 {
			kept = append(kept, l)
		}
	}
	c := config(writeLeads(t, kept))
	c.Targets[0].Prior = float64(won) / float64(all)
	for _, w := range []evaluate.Way{{By: evaluate.ByPrecision, Target: .6}, {By: evaluate.ByCost, Cost: sale}, {By: evaluate.ByCapacity, Share: .2}} {
		r := policyRun(t, c, &w, nil)
		got := r.Card.Targets["won"].Choices[0]
		if w.By == evaluate.ByPrecision {
			whole := policyRun(t, config(writeLeads(t, leads)), &w, nil).Card.Targets["won"].Choices[0]
			if math.Abs(whole.Score-got.Score) > 3 || math.Abs(whole.Precision.Value-got.Precision.Value) > .04 {
				t.Errorf("%v: %v with a precision of %.3f of all leads, %v with %.3f of those kept", w, whole.Score, whole.Precision.Value, got.Score, got.Precision.Value)
			}
		}
		if before := r.Card.Targets["won"].Stages[0]; math.Abs(float64(before.Selected-got.Selected)) > .02*float64(len(kept)) {
			t.Errorf("%v: %d rows are selected before the correction, %d after it", w, before.Selected, got.Selected)
		}
		if r.Artifact.Policy.MQL.MinScore != got.Score {
			t.Errorf("%v: the policy has %v", w, r.Artifact.Policy.MQL.MinScore)
		}
	}
}

func TestThresholdsAreTheSameEachTimeAndOfASeed(t *testing.T) {
	r := policyRun(t, timedConfig(t, 1500), nil, nil)
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	path := writeLeads(t, makeLeads(1000, 9))
	get := func(seed uint64, workers int) string {
		card, _, err := Thresholds(context.Background(), s, path, datasets.ReadOptions{Workers: workers}, time.Time{}, ThresholdOptions{Stage: model.SQL, Cost: sale, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range card.Current {
			if want := []float64{r.Artifact.Policy.MQL.MinScore, r.Artifact.Policy.SQL.MinScore}[i]; c.Score != want || c.Chosen != 0 {
				t.Errorf("a cut-off of the model: %+v", c)
			}
		}
		if len(card.Choices) < 6 || slices.ContainsFunc(card.Choices, func(c model.Choice) bool {
			return c.Stage != "SQL" || c.Chosen != 500 || math.IsNaN(c.Benefit.Value)
		}) {
			t.Errorf("%+v", card.Choices)
		}
		b, err := json.Marshal(card)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if a, b, c := get(1, 1), get(1, 2), get(2, 1); a != b || a == c {
		t.Error("the same seed gives other figures, or another the same")
	}
}
