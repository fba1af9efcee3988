package cli

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/model"
)

func TestThresholdsOfAFile(t *testing.T) {
	dir := demo(t)
	modelPath, data := filepath.Join(dir, "run", "model.json"), filepath.Join(dir, "snap.csv")
	curve := filepath.Join(dir, "curve.parquet")
	out, _ := cmd(t, 0, "thresholds", "--model", modelPath, "--data", data, "--precision", "0.3", "--precision", "0.5", "--capacity", "1/day", "--capacity", "10%",
		"--contact", "5", "--win", "60", "--stage", "sql", "--out", curve)
	says(t, out, "labelled leads", "leads came a day", "the model’s own", "precision: 0.3", "precision: 0.5", "capacity: 1/day", "capacity: 10%", "cost: 5 / 60", "net_benefit: 5 / 60",
		"policy: {sql: {min_score: ", "policy: {sql: {precision: 0.3}}", "wrote "+curve)
	points := table(t, curve)
	var scores, share, perDay []float64
	for _, b := range points.Batches {
		scores = append(scores, b.Column(b.Schema().Index("score")).Numbers...)
		share = append(share, b.Column(b.Schema().Index("share")).Numbers...)
		perDay = append(perDay, b.Column(b.Schema().Index("leads_per_day")).Numbers...)
		for _, name := range []string{"selected", "precision", "precision_lower", "precision_upper", "recall", "recall_lower", "recall_upper", "benefit_per_lead"} {
			if b.Schema().Index(name) < 0 {
				t.Errorf("the curve has no %s", name)
			}
		}
	}
	if share[0] != 1 || scores[0] >= scores[len(scores)-1] || perDay[0] <= perDay[len(perDay)-1] {
		t.Errorf("the curve goes from %v to %v", scores[0], scores[len(scores)-1])
	}

	text, _ := cmd(t, 0, "thresholds", "--model", modelPath, "--data", data, "--capacity", "1/day", "--json")
	var card model.ChoiceCard
	if err := json.Unmarshal([]byte(text), &card); err != nil {
		t.Fatal(err)
	}
	if len(card.Current) != 2 || len(card.Choices) != 1 || card.Stage != "MQL" || card.Choices[0].Volume.Value > 1.3 || card.Choices[0].Volume.Value < .7 {
		t.Errorf("%+v", card)
	}
	// What the JSON says the policy is to be, training takes as it is.
	config := filepath.Join(dir, "leadscore.yaml")
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	yaml := string(b)
	if i := strings.Index(yaml, "policy:"); i >= 0 {
		yaml = yaml[:i]
	}
	again := filepath.Join(dir, "again.yaml")
	if err := os.WriteFile(again, []byte(yaml+"\npolicy: {mql: {capacity: 1/day}, sql: {min_score: {net_benefit: {contact: 5, win: 60}}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text, _ = cmd(t, 0, "train", "-c", again, "--out", filepath.Join(dir, "again"), "--json")
	var trained model.Card
	if err := json.Unmarshal([]byte(text), &trained); err != nil {
		t.Fatal(err)
	}
	choices := trained.Targets[trained.Primary].Choices
	if c := choices[0]; c.Asked != "capacity: 1/day" || c.Stage != "MQL" || !math.IsNaN(c.Benefit.Value) {
		t.Errorf("%+v", c)
	}
	if c := choices[1]; c.By != "net_benefit" || math.IsNaN(c.Benefit.Value) {
		t.Errorf("%+v", c)
	}

	out, _ = cmd(t, 0, "thresholds", "--model", modelPath, "--data", data, "--lang", "es")
	says(t, out, "umbrales sobre", "mejor separación", "Para conservar el umbral")

	// A file without outcomes, and mistakes of usage: all of them at once, and nothing is written.
	bare := filepath.Join(dir, "bare.csv")
	if err := os.WriteFile(bare, []byte("lead_id\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	never := filepath.Join(dir, "never.csv")
	_, errs := cmd(t, 1, "thresholds", "--model", modelPath, "--data", bare, "--out", never)
	says(t, errs, "bare.csv", "outcome")
	_, errs = cmd(t, 2, "thresholds", "--model", modelPath, "--data", data, "--capacity", "50/hour", "--precision", "3", "--win", "5", "--stage", "foo", "--seed", "0", "--lang", "fr", "--out", never)
	says(t, errs, "--capacity", "--precision", "--contact and --win", "--stage", "--seed", "--lang")
	cmd(t, 2, "thresholds", "--model", modelPath, "--data", data, "--out", filepath.Join(dir, "curve.xyz"))
	exists(t, false, never)
}

// The marketplace's leads came ever more often: the capacity of the training period is exceeded in the hold-out, and training says so.
func TestThresholdsOfRealLeads(t *testing.T) {
	root := os.Getenv("LEADSCORE_DATA")
	if root == "" {
		t.Skip("LEADSCORE_DATA is not set")
	}
	dir := t.TempDir()
	data := filepath.Join(root, "olist_mql.csv")
	config := filepath.Join(dir, "olist.yaml")
	text := "version: 1\ndata:\n  leads: {path: \"" + data + "\", id: mql_id, as_of: first_contact_date}\n  deals: {path: \"" + filepath.Join(root, "olist_closed_deals.csv") +
		"\", lead: mql_id, matched: won}\ntargets:\n  won: {column: won, positive: [\"true\"], at: won_date, horizon: 90d}\nsplit: {beside: none}\nmodel: {kind: linear}\npolicy:\n  mql: {capacity: 5/day}\n  sql: {precision: 0.9}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	_, errs := cmd(t, 0, "train", "-c", config, "--out", run)
	says(t, errs, "SQL by precision: 0.9: not reached: the highest precision of 30 leads or more is 0.", "MQL by capacity: 5/day: in the hold-out's days it selects")
	snap := filepath.Join(dir, "snap.csv")
	cmd(t, 0, "features", "-c", config, "--out", snap)
	out, _ := cmd(t, 0, "thresholds", "--model", filepath.Join(run, "model.json"), "--data", snap, "--capacity", "5/day", "--json")
	var card model.ChoiceCard
	if err := json.Unmarshal([]byte(out), &card); err != nil {
		t.Fatal(err)
	}
	if got := card.Choices[0].Volume; got.Lower > 5 || got.Value < 3 || card.Days != 352 || card.Current[1].Met || card.Current[1].Selected != 0 {
		t.Errorf("%+v", card)
	}
}
