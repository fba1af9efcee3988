package train

import (
	"errors"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
)

func championFrom(t *testing.T, r *Result) *Champion {
	t.Helper()
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	return &Champion{Version: "v1", Scorer: s}
}

// quick trains quickly.
func quick(path string) Config {
	c := config(path)
	c.Interactions = "none"
	return c
}

// blunt makes a number nearly useless, which the file still has.
func blunt(c Config) Config {
	c.Features.Columns = map[string]features.ColumnSpec{"visits": {Clip: []float64{0, 1}}}
	return c
}

func reasonSays(t *testing.T, g *model.Gate, parts ...string) {
	t.Helper()
	if g.Passed || len(g.Reasons) == 0 {
		t.Fatalf("it passed: %+v", g)
	}
	for _, p := range parts {
		if !strings.Contains(strings.Join(g.Reasons, "; "), p) {
			t.Errorf("%v does not say %q", g.Reasons, p)
		}
	}
}

func TestGateComparesOnTheHoldout(t *testing.T) {
	path := writeLeads(t, makeLeads(3000, 41))
	good, bad := run(t, quick(path)), run(t, blunt(quick(path)))
	champion := championFrom(t, good)

	for _, metric := range []string{"", model.GateLogLoss} {
		same := JudgeGate(GateConfig{Metric: metric, Test: model.GateNonInferior}, good, champion)
		if !same.Passed || same.Difference != (model.Estimate{}) || same.ChallengerValue != same.ChampionValue || same.Rows != 600 {
			t.Errorf("the same model: %+v", same)
		}
		if same.Trained == nil || *same.Trained != 0 || len(same.Notes) != 0 {
			t.Errorf("the champion was trained on other rows: %+v", same)
		}
		worse := JudgeGate(GateConfig{Metric: metric}, bad, champion)
		reasonSays(t, worse, "it is worse than v1 by more than 0.005")
		if better := JudgeGate(GateConfig{Metric: metric}, good, championFrom(t, bad)); !better.Passed {
			t.Errorf("a better model: %+v", better)
		}
	}
	if auc := good.Card.Targets["won"].Scores["model"].AUC.Value; float64(JudgeGate(GateConfig{}, bad, champion).ChampionValue) != auc {
		t.Errorf("the champion has another AUC on the same hold-out than its own card says, %v", auc)
	}
	wide := .5
	if g := JudgeGate(GateConfig{Margin: &wide}, bad, champion); !g.Passed {
		t.Errorf("a margin of .5: %v", g.Reasons)
	}
}

// TestGateLetsNoiseThrough: models of other samples of the same leads are as good as each other, and are not refused for chance.
func TestGateLetsNoiseThrough(t *testing.T) {
	refused := 0
	for seed := range uint64(6) {
		a := run(t, quick(writeLeads(t, makeLeads(1500, 200+seed))))
		b := run(t, quick(writeLeads(t, makeLeads(1500, 300+seed))))
		if g := JudgeGate(GateConfig{}, a, championFrom(t, b)); !g.Passed {
			refused++
		}
	}
	if refused > 1 {
		t.Errorf("%d of 6 equally good challengers were refused", refused)
	}
}

func TestGateOfAFirstVersion(t *testing.T) {
	r := run(t, quick(writeLeads(t, makeLeads(1500, 42))))
	if g := JudgeGate(GateConfig{}, r, nil); !g.Passed || g.Rows != 0 || g.Sentence() != "" || len(g.Notes) > 0 {
		t.Errorf("%+v", g)
	}
	high, low := .99, .0001
	reasonSays(t, JudgeGate(GateConfig{MinAUC: &high, MaxECE: &low}, r, nil), "below gate.min_auc, 0.99", "above gate.max_ece, 0.0001")
}

func TestGateRefusesWhatCannotBeCompared(t *testing.T) {
	leads := makeLeads(1500, 43)
	path := writeLeads(t, leads)
	r := run(t, quick(path))
	champion := championFrom(t, r)

	c := quick(path)
	c.Features.Exclude = []string{"source", "company_size"}
	reasonSays(t, JudgeGate(GateConfig{}, run(t, c), champion), "reads columns that this training did not", "source, company_size")

	c = quick(path)
	c.Force = map[string]datasets.Field{"visits": {Name: "visits", Kind: datasets.Categorical}}
	reasonSays(t, JudgeGate(GateConfig{}, run(t, c), champion), "another kind: visits (numeric, now categorical)")

	c = quick(path)
	c.Targets[0].Positive = []string{"lost"}
	reasonSays(t, JudgeGate(GateConfig{}, run(t, c), champion), "another outcome", `"status" is won`, `this one "status" is lost`)

	reasonSays(t, JudgeGate(GateConfig{}, r, &Champion{Version: "v7", Err: errors.New("edited or damaged")}), "cannot be compared with v7: edited or damaged")

	// A column that only rules and stages read does not keep the models from being compared.
	c = quick(path)
	c.Features.Exclude, c.Policy.MQL.Required = []string{"company_size"}, []string{"company_size"}
	required := championFrom(t, run(t, c))
	c.Policy.MQL.Required = nil
	if g := JudgeGate(GateConfig{}, run(t, c), required); !g.Passed || g.Rows != 300 {
		t.Errorf("%+v", g)
	}
}

// TestGateWithWeightsAndAsOf: rows of weight count as so many leads.
func TestGateWithWeightsAndAsOf(t *testing.T) {
	c := quick(writeDriftLeads(t, makeLeads(1500, 36)))
	c.Leads.AsOf, c.Split.Beside, c.Leads.Weight = "created_at", "none", "copies"
	r := run(t, c)
	g := JudgeGate(GateConfig{}, r, championFrom(t, r))
	if !g.Passed || g.Rows != r.Card.Targets["won"].Holdout.Rows || g.Rows <= len(r.Holdout.Labels) {
		t.Errorf("%d rows of %+v: %+v", len(r.Holdout.Labels), r.Card.Targets["won"].Holdout, g)
	}
}
