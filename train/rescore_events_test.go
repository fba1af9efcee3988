package train

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
)

// TestEvaluateWithEvents: on the leads of the hold-out, evaluation makes the rows, the labels and the event features that training
// made, whatever the form of as-of. Without a horizon a row's label does not depend on where the file ends.
func TestEvaluateWithEvents(t *testing.T) {
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: 1500, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := h.Save(dir); err != nil {
		t.Fatal(err)
	}
	penalty := 50.0
	for _, asOf := range []string{"created_at", "created_at + 2d", "first page_view", "every 30d from created_at for 90d"} {
		c := Config{
			Leads:   Leads{Path: filepath.Join(dir, "leads.csv"), ID: "lead_id", AsOf: asOf},
			Targets: []Target{{Name: "won", Column: "status", Positive: []string{"closed_won"}, Negative: []string{"closed_lost"}, At: "closed_at"}},
			Events: &Events{
				Source: history.Source{Paths: []string{filepath.Join(dir, "events.parquet")}, Lead: "lead_id", At: "occurred_at", Type: "event_type"},
				Spec:   history.Spec{Windows: []int64{7 * day, 30 * day}},
			},
			Split: Split{By: "random", Beside: "none"}, Model: ModelConfig{Kind: "linear", Penalty: &penalty}, Interactions: "none",
			Features: features.Spec{}, AllowSmall: true,
		}
		r, err := Run(context.Background(), c, nil)
		if err != nil {
			t.Fatalf("%s: %v", asOf, err)
		}
		held := map[string]bool{}
		for _, id := range r.Holdout.IDs {
			held[id] = true
		}
		keep := make([]bool, 0, h.Leads.Rows())
		for _, b := range h.Leads.Batches {
			for i := range b.Rows() {
				keep = append(keep, held[b.Value(0, i).Str])
			}
		}
		rest, err := datasets.SelectRows(h.Leads, keep)
		if err != nil {
			t.Fatal(err)
		}
		newer := filepath.Join(t.TempDir(), "newer.csv")
		if err := datasets.WriteTable(newer, rest); err != nil {
			t.Fatal(err)
		}
		scorer, err := model.NewScorer(r.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		card, err := Evaluate(context.Background(), scorer, newer, datasets.ReadOptions{}, time.Time{}, filepath.Join(dir, "events.parquet"))
		if err != nil {
			t.Fatalf("%s: %v", asOf, err)
		}
		got, want := card.Targets["won"], r.Card.Targets["won"]
		if got.Holdout != want.Holdout || got.Scores["model"] != want.Scores["model"] {
			t.Errorf("%s: evaluated %+v, AUC %v; the hold-out was %+v, AUC %v", asOf, got.Holdout, got.Scores["model"].AUC.Value, want.Holdout, want.Scores["model"].AUC.Value)
		}
	}
}
