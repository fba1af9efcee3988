package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// writeDriftLeads writes the leads with an old logit and a number of copies beside them.
func writeDriftLeads(t testing.TB, leads []lead) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("lead_id,created_at,source,company_size,visits,old_logit,copies,status\n")
	for i, l := range leads {
		visits := fmt.Sprint(l.visits)
		if i%9 == 0 {
			visits = ""
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%g,%d,%s\n", l.id, l.created, l.source, l.size, visits, -1+.01*float64(i%37), 1+i%3, l.label)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTrainingRowsDoNotDrift: the training rows, scored from a file by the finished model, lie in the bins that training counted
// them in, each one, whatever the model.
func TestTrainingRowsDoNotDrift(t *testing.T) {
	leads := makeLeads(1500, 36)
	path := writeDriftLeads(t, leads)
	for name, change := range map[string]func(c *Config){
		"additive": func(*Config) {},
		"linear":   func(c *Config) { c.Model.Kind = "linear" },
		"lasso":    func(c *Config) { c.Model.Kind, c.Model.L1Ratio = "linear", .5 },
		"prior":    func(c *Config) { c.Targets[0].Prior = .05 },
		"offset":   func(c *Config) { c.Leads.Offset = "old_logit" },
		"weights":  func(c *Config) { c.Leads.Weight = "copies" },
		"linear, prior, offset, weights": func(c *Config) {
			c.Model.Kind, c.Targets[0].Prior, c.Leads.Offset, c.Leads.Weight = "linear", .05, "old_logit", "copies"
		},
	} {
		c := config(path)
		c.Leads.AsOf, c.Split.Beside, c.Interactions = "created_at", "none", "none"
		change(&c)
		if c.Leads.Weight == "" {
			c.Features.Exclude = []string{"copies"}
		}
		t.Log(name)
		r := run(t, c)
		held := map[string]bool{}
		for _, id := range r.Holdout.IDs {
			held[id] = true
		}
		all, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, line := range strings.Split(string(all), "\n") {
			if id, _, _ := strings.Cut(line, ","); !held[id] {
				kept = append(kept, line)
			}
		}
		trained := filepath.Join(t.TempDir(), "trained.csv")
		if err := os.WriteFile(trained, []byte(strings.Join(kept, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := model.NewScorer(r.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		card, err := Evaluate(context.Background(), s, trained, datasets.ReadOptions{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		d := card.Targets["won"].Drift
		if d == nil || d.Rows != d.Reference || d.Reference < 1000 {
			t.Fatalf("%s: %+v", name, d)
		}
		for _, f := range append(d.Features, model.FeatureShift{Feature: "score", Shift: d.Score}) {
			if f.PSI != 0 || f.Rank != model.ShiftStable || len(f.Bins) < 2 {
				t.Errorf("%s: %s: %+v", name, f.Feature, f)
			}
			for _, b := range f.Bins {
				if b.Old != b.New {
					t.Errorf("%s: %s: bin %q had %v of the rows, has %v", name, f.Feature, b.Name, b.Old, b.New)
				}
			}
		}
		if math.Abs(float64(d.MeanScore-d.MeanTrained)) > .01 || math.Abs(float64(d.ExpectedAUC-d.Training)) > .03 {
			t.Errorf("%s: mean %v against %v out of fold, expected AUC %v against %v", name, d.MeanScore, d.MeanTrained, d.ExpectedAUC, d.Training)
		}
	}
}

// TestDriftOfTheTestPeriod: a hold-out at random lies as the training rows do; one in time tells what came later.
func TestDriftOfTheTestPeriod(t *testing.T) {
	leads := makeLeads(2000, 32)
	d := run(t, config(writeLeads(t, leads))).Card.Targets["won"].Drift
	if d.Rows != 400 || d.Reference != 1600 || len(d.Beyond(.1)) > 0 || d.Score.Rank != model.ShiftStable {
		t.Errorf("at random: %+v", d)
	}
	for i := range leads {
		if i >= 1700 && i%2 == 0 {
			leads[i].source = "podcast"
		}
	}
	c := config(writeLeads(t, leads))
	c.Leads.AsOf, c.Split.Beside = "created_at", "none"
	d = run(t, c).Card.Targets["won"].Drift
	first := d.Features[0]
	if first.Feature != "source" || first.Rank != model.ShiftShifted || len(first.NewLevels) != 1 || first.NewLevels[0] != "podcast" {
		t.Errorf("a source that only the latest leads have: %+v", first)
	}
}

// TestHoldoutDoesNotReachTheReference: the reference is of training rows alone (TestHoldoutDoesNotReachTheArtifact holds the bytes).
func TestHoldoutDoesNotReachTheReference(t *testing.T) {
	a := run(t, config(writeLeads(t, makeLeads(2000, 33)))).Artifact
	rows := 0
	for _, n := range a.Reference.Score.Rows {
		rows += n
	}
	if rows != 1600 || !(a.Reference.Mean > 0 && a.Reference.Mean < 1) || !(a.Reference.ExpectedAUC > .7) {
		t.Errorf("%+v", a.Reference)
	}
}
