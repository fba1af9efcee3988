package train

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// What the policy marks actionable is kept in the artifact, changes nothing else of it, and moves leads.
func TestActionableIsKept(t *testing.T) {
	path := writeLeads(t, makeLeads(1500, 5))
	c := config(path)
	plain := run(t, c).Artifact
	if old := artifactBytes(t, plain); bytes.Contains(old, []byte("actionable")) {
		t.Error("an artifact without it has the key")
	}
	c.Policy.Actionable = []model.Actionable{{Field: "visits", Direction: model.Increase}}
	marked := run(t, c).Artifact
	back, err := model.Read(bytes.NewReader(artifactBytes(t, marked)))
	if err != nil || !slices.Equal(back.Policy.Actionable, c.Policy.Actionable) {
		t.Fatalf("read back: %v, %+v", err, back.Policy.Actionable)
	}
	s, err := model.NewScorer(back)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for visits := range 10 {
		l := &model.Lead{Values: make([]datasets.Value, len(back.Schema.Fields)), AsOf: datasets.MissingTime}
		l.Values[back.Schema.Index("visits")] = datasets.Number(float64(visits))
		e, err := s.Explain(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		told += len(e.Counterfactuals)
	}
	if told == 0 {
		t.Error("no number of visits moves any lead")
	}
	back.Policy.Actionable = nil
	if !bytes.Equal(artifactBytes(t, back), artifactBytes(t, plain)) {
		t.Error("marking a field changed more than the mark")
	}
}

func TestActionableIsCheckedBeforeFitting(t *testing.T) {
	c := config(writeLeads(t, makeLeads(300, 5)))
	c.Policy.Actionable = []model.Actionable{{Field: "vists"}, {Field: "source"}, {Event: "demo"}}
	_, err := Run(t.Context(), c, func(step string) {
		if step == "fitting features" {
			t.Error("features were fitted")
		}
	})
	var wrong *PolicyError
	if !errors.As(err, &wrong) || len(wrong.Problems) != 2 || wrong.Problems[0].Path != "policy.actionable[0]" {
		t.Fatalf("%v", err)
	}
	mustContain(t, err, `policy.actionable[0]: field vists: the leads have no such column (did you mean "visits"?)`, "policy.actionable[2]: event demo: neither the model nor a rule looks at such events")
}
