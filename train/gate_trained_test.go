package train

import (
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// otherHoldout trains on the same file with another choice of the hold-out, most of which the first run was trained on.
func otherHoldout(t *testing.T, c Config) *Result {
	t.Helper()
	c.Split.Seed = 77
	return run(t, c)
}

func TestGateLeavesOutWhatTrainedTheChampion(t *testing.T) {
	c := quick(writeLeads(t, makeLeads(3000, 44)))
	first := run(t, c)
	held := map[string]bool{}
	for _, id := range first.Holdout.IDs {
		held[id] = true
	}
	second := otherHoldout(t, c)
	both := 0
	for _, id := range second.Holdout.IDs {
		if held[id] {
			both++
		}
	}
	g := JudgeGate(GateConfig{}, second, championFrom(t, first))
	if g.Trained == nil || *g.Trained != 600-both || g.Rows != both || len(g.Notes) != 1 || !strings.Contains(g.Notes[0], "made on the") {
		t.Errorf("%d of 600 rows were held out in both: %+v", both, g)
	}

	c = quick(writeLeads(t, makeLeads(900, 45)))
	first = run(t, c)
	if g = JudgeGate(GateConfig{}, otherHoldout(t, c), championFrom(t, first)); g.Rows != 180 || g.Trained == nil || *g.Trained < 100 || !strings.Contains(g.Notes[0], "too few are left") {
		t.Errorf("few rows: %+v", g)
	}
}

// TestGateWithASampleOfDigests: of many training rows the artifact keeps a sample, and those hold-out rows are compared that it speaks of.
func TestGateWithASampleOfDigests(t *testing.T) {
	r := run(t, quick(writeLeads(t, makeLeads(3000, 46))))
	leads, champion := r.Holdout.Leads, championFrom(t, r)
	sampled := func(trained func(row int) bool) *model.Artifact {
		a := *champion.Scorer.Artifact()
		old := a.TrainedRows
		all, err := digestHoldout(&a, leads)
		if err != nil {
			t.Fatal(err)
		}
		var sketch model.RowSketch
		rng := rand.New(rand.NewPCG(3, 4))
		for range 2 * model.MaxTrainedRows {
			sketch.Add([]model.RowDigest{model.RowDigest(rng.Uint64() >> 16)})
		}
		for row, d := range all {
			if trained(row) {
				sketch.Add([]model.RowDigest{d})
			}
		}
		a.TrainedRows = sketch.TrainedRows(old.Salt, old.Columns, old.ByID)
		if a.TrainedRows.All {
			t.Fatal("all digests are kept")
		}
		return &a
	}

	g := &model.Gate{Champion: "v1"}
	use := unseen(g, r.Holdout, sampled(func(row int) bool { return row%3 == 0 }))
	compared := 0
	for row := range r.Holdout.Labels {
		if !use(row) {
			continue
		}
		if compared++; row%3 == 0 {
			t.Fatalf("row %d was in training", row)
		}
	}
	if g.Trained == nil || *g.Trained < 150 || *g.Trained > 250 || compared < 150 || compared > 250 || !strings.Contains(g.Notes[0], "about 3") {
		t.Errorf("%d of 600 compared: %+v", compared, g)
	}

	g = &model.Gate{Champion: "v1"} // of none that it speaks of it was trained on any: all count
	use = unseen(g, r.Holdout, sampled(func(int) bool { return false }))
	for row := range r.Holdout.Labels {
		if !use(row) {
			t.Fatalf("row %d is left out", row)
		}
	}
	if g.Trained == nil || *g.Trained != 0 || len(g.Notes) != 0 {
		t.Errorf("%+v", g)
	}
}

func TestGateThatCannotTell(t *testing.T) {
	path := writeLeads(t, makeLeads(1500, 47))
	r := run(t, quick(path))
	note := func(r *Result, champion *model.Artifact, says string) {
		t.Helper()
		g := &model.Gate{Champion: "v1"}
		if use := unseen(g, r.Holdout, champion); !use(0) || g.Trained != nil || len(g.Notes) != 1 || !strings.Contains(g.Notes[0], says) {
			t.Errorf("want %q: %+v", says, g)
		}
	}
	old := *r.Artifact
	old.TrainedRows = nil
	note(r, &old, "an older leadscore made it")

	c := quick(path)
	c.Leads.ID = ""
	c.Features.Exclude = []string{"lead_id"}
	anonymous := run(t, c)
	c.Force = map[string]datasets.Field{"visits": {Name: "visits", Kind: datasets.Categorical}}
	note(run(t, c), anonymous.Artifact, `known by column "visits" as numeric, which is categorical now`)
	c.Leads.ID, c.Features.Exclude, c.Force = "lead_id", []string{"source"}, nil
	note(run(t, c), anonymous.Artifact, "which this training did not read")
}
