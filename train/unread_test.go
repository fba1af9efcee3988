package train

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
)

// An excluded column is not parsed, unless something else asks for it.
func TestUnreadColumns(t *testing.T) {
	exclude := []string{"a", "id", "created", "team", "outcome", "closed", "email", "phone", "forced", "ruled", "z"}
	c := Config{
		Leads: Leads{ID: "id", AsOf: "created"}, Split: Split{Group: "team"},
		Targets:  []Target{{Name: "won", Column: "outcome", At: "closed"}},
		Policy:   PolicyConfig{MQL: StageConfig{Required: []string{"email"}}, SQL: StageConfig{Required: []string{"phone"}}},
		Force:    map[string]datasets.Field{"forced": {Kind: datasets.Numeric}},
		Rules:    &rules.File{Scorecards: []rules.Scorecard{{Hard: []rules.HardRule{{When: rules.Condition{Field: "ruled"}}}}}},
		Features: config("").Features,
	}
	c.Features.Exclude = exclude
	if got := c.unread(); !slices.Equal(got, []string{"a", "z"}) {
		t.Errorf("unread are %q", got)
	}
}

// Excluding a column gives the model of a file whose column is empty, to the bit, whatever stands in it; a lead
// may have it all the same.
func TestExcludedColumnIsNotLookedAt(t *testing.T) {
	leads := makeLeads(2000, 8)
	train := func(size func(i int) string) *Result {
		with := slices.Clone(leads)
		for i := range with {
			with[i].size = size(i)
		}
		c := config(writeLeads(t, with))
		c.Features.Exclude = []string{"company_size"}
		return run(t, c)
	}
	r := train(func(int) string { return "" })
	junk := train(func(i int) string { return []string{"03/04/2024", "1-10", "7"}[i%3] })
	if string(artifactBytes(t, r.Artifact)) != string(artifactBytes(t, junk.Artifact)) {
		t.Error("what stands in an excluded column changes the model")
	}
	i := r.Artifact.Schema.Index("company_size")
	if i < 0 || r.Artifact.Schema.Fields[i].Kind != datasets.Unknown {
		t.Fatalf("column company_size is at %d of the schema %v", i, r.Artifact.Schema.Fields)
	}
	for _, value := range []string{`"1-10"`, `7`, `true`} {
		_, warnings, err := r.Artifact.ParseLead(map[string]json.RawMessage{"visits": json.RawMessage("3"), "company_size": json.RawMessage(value)}, false)
		if err != nil || len(warnings) > 0 {
			t.Errorf("a lead with company_size %s: %v, %v", value, warnings, err)
		}
	}
	if !slices.ContainsFunc(r.Card.Findings, func(f model.Finding) bool { return f.Column == "company_size" && f.Reason == "excluded" }) {
		t.Error("the report does not say that the column is excluded")
	}
}

// A name in exclude that the file does not have is still an error.
func TestExcludedColumnMustBeThere(t *testing.T) {
	c := config(filepath.Join(t.TempDir(), "leads.csv"))
	if err := os.Rename(writeLeads(t, makeLeads(400, 1)), c.Leads.Path); err != nil {
		t.Fatal(err)
	}
	c.Features.Exclude = []string{"company_sise"}
	if _, err := Run(t.Context(), c, nil); err == nil || !strings.Contains(err.Error(), `did you mean "company_size"?`) {
		t.Errorf("error %v", err)
	}
}
