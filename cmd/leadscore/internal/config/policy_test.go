package config

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/train/evaluate"
)

// Each way to choose a threshold may stand beside min_score or be its value, for each stage.
func TestWaysOfChoosingAThreshold(t *testing.T) {
	path, leads := filepath.Join(t.TempDir(), "lead.yaml"), filepath.Join(t.TempDir(), "leads.csv")
	writeFile(t, leads, "a\n1\n")
	cost := evaluate.Cost{Contact: 5, Win: 400}
	for text, want := range map[string]evaluate.Way{
		"precision: 0.3":                       {By: evaluate.ByPrecision, Target: .3},
		"capacity: 50/day":                     {By: evaluate.ByCapacity, Leads: 50, Per: 1},
		"capacity: 250/week":                   {By: evaluate.ByCapacity, Leads: 250, Per: 7},
		"capacity: 1000/month":                 {By: evaluate.ByCapacity, Leads: 1000, Per: 30.4375},
		"capacity: 12.5%":                      {By: evaluate.ByCapacity, Share: .125},
		"cost: {contact: 5, win: 400}":         {By: evaluate.ByCost, Cost: cost},
		"net_benefit: {contact: 5, win: 4e2}":  {By: evaluate.ByNetBenefit, Cost: cost},
		"net_benefit: {win: 400, contact: 5.}": {By: evaluate.ByNetBenefit, Cost: cost},
	} {
		for _, form := range []string{"{%s, required: [a]}", "{min_score: {%s}, required: [a]}", "{enter: {%s}, required: [a]}"} {
			stage := fmt.Sprintf(form, text)
			writeFile(t, path, fmt.Sprintf("version: 1\ndata: {leads: {path: %s, as_of: at}}\ntargets: {won: {column: b, positive: [1]}}\npolicy: {mql: %s, sql: %s}\n", leads, stage, stage))
			c, err := Load(path)
			if err != nil {
				t.Errorf("%s: %v", stage, err)
				continue
			}
			got := c.Train().Policy
			for name, s := range map[string]*evaluate.Way{"mql": got.MQL.Choose, "sql": got.SQL.Choose} {
				if s == nil {
					t.Errorf("%s: %s: no way", stage, name)
				} else if d := cmp.Diff(want, *s); d != "" {
					t.Errorf("%s: %s: %s", stage, name, d)
				}
			}
			if got.MQL.MinScore != nil || len(got.MQL.Required) != 1 {
				t.Errorf("%s: %+v", stage, got.MQL)
			}
		}
	}
}

// enter is another name of min_score: a number is the same threshold under both.
func TestEnterIsMinScore(t *testing.T) {
	path, leads := filepath.Join(t.TempDir(), "lead.yaml"), filepath.Join(t.TempDir(), "leads.csv")
	writeFile(t, leads, "a\n1\n")
	for _, c := range []struct{ enter, minScore string }{
		{"{mql: {enter: 70, leave: 60}}", "{mql: {min_score: 70, leave: 60}}"},
		{"{mql: {enter: 40}, sql: {enter: 70}}", "{mql: {min_score: 40}, sql: {min_score: 70}}"},
		{"{mql: {enter: auto}}", "{mql: {min_score: auto}}"},
	} {
		read := func(policy string) any {
			writeFile(t, path, fmt.Sprintf("version: 1\ndata: {leads: {path: %s}}\ntargets: {won: {column: b, positive: [1]}}\npolicy: %s\n", leads, policy))
			file, err := Load(path)
			if err != nil {
				t.Fatalf("%s: %v", policy, err)
			}
			return file.Train().Policy
		}
		if d := cmp.Diff(read(c.minScore), read(c.enter)); d != "" {
			t.Errorf("%s is not %s: %s", c.enter, c.minScore, d)
		}
	}
}
