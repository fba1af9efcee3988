package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// rulesLeads is the data that the rules files in testdata are checked against.
func rulesLeads(t *testing.T) *datasets.Table {
	t.Helper()
	schema := &datasets.Schema{Nulls: []string{""}, Fields: []datasets.Field{
		{Name: "country", Kind: datasets.Categorical}, {Name: "employees", Kind: datasets.Numeric},
		{Name: "Do Not Email", Kind: datasets.Boolean}, {Name: "created_at", Kind: datasets.Time}, {Name: "fax"},
	}}
	at, err := rules.Moment("2026-01-31")
	if err != nil {
		t.Fatal(err)
	}
	b, err := datasets.NewBatch(schema, 3, []datasets.Column{
		{Kind: datasets.Categorical, Levels: []string{"ES", "MX", "PE"}, Codes: []int32{0, 1, 2}},
		{Kind: datasets.Numeric, Numbers: []float64{10, 20, 30}}, {Kind: datasets.Boolean, Numbers: []float64{0, 1, 0}},
		{Kind: datasets.Time, Times: []int64{at, at, at}}, {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}
}

// rulesMistakes is what is said of a rules file, by its shape or else beside the data.
func rulesMistakes(t *testing.T, path string) error {
	t.Helper()
	f, at, err := LoadRules(path)
	if err != nil {
		return err
	}
	_, problems := rules.Compile(f, rulesLeads(t).Schema)
	return at.Problems(problems)
}

// Each testdata/*.warn.yml compiles and gives the warnings in the .err file beside it; without data only those that need none.
func TestLikelyMistakesAndTheirWarnings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.warn.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	leads := rulesLeads(t)
	for _, path := range files {
		f, at, err := LoadRules(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := rules.Compile(f, leads.Schema); problems != nil {
			t.Fatal(at.Problems(problems))
		}
		got := ""
		for _, with := range []*datasets.Table{leads, nil} {
			if err := at.Problems(rules.Warnings(f, with)); err != nil {
				got += err.Error() + "\n\n"
			}
		}
		golden := strings.TrimSuffix(path, ".yml") + ".err"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}
