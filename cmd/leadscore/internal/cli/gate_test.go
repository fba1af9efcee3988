package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallLeads writes leads of which visits and source tell who converts; source is a draw among the given ones.
func smallLeads(t *testing.T, path string, n int, seed uint64, sources ...string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 5))
	var b strings.Builder
	b.WriteString("lead_id,source,visits,status\n")
	for i := range n {
		k, visits := rng.IntN(len(sources)), math.Floor(5*rng.ExpFloat64())
		status := "lost"
		if rng.Float64() < 1/(1+math.Exp(1.5-.25*visits-.8*float64(k%3))) {
			status = "won"
		}
		fmt.Fprintf(&b, "L%d,%s,%g,%s\n", i, sources[k], visits, status)
	}
	put(t, path, b.String())
}

func put(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// gateConfig writes a configuration over leads.csv of the folder with more lines.
func gateConfig(t *testing.T, dir, name, more string) string {
	t.Helper()
	return put(t, filepath.Join(dir, name), "version: 1\ndata: {leads: {path: leads.csv, id: lead_id}}\ntargets: {won: {column: status, positive: [won]}}\n"+more)
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	goodFeatures = "features: {interactions: none}\n"
	badFeatures  = "features: {interactions: none, columns: {visits: {clip: [0, 1]}}}\n"
)

func TestGateBeforePromotion(t *testing.T) {
	dir := t.TempDir()
	smallLeads(t, filepath.Join(dir, "leads.csv"), 2000, 1, "web", "partner", "event")
	good, bad := gateConfig(t, dir, "good.yaml", goodFeatures), gateConfig(t, dir, "bad.yaml", badFeatures)
	run, models := filepath.Join(dir, "run"), filepath.Join(dir, "models")
	train := func(code int, config string, more ...string) string {
		_, stderr := cmd(t, code, append([]string{"train", "-c", config, "--out", run, "--registry", models}, more...)...)
		return stderr
	}
	champion := func() string { return string(read(t, filepath.Join(models, "won", "champion"))) }

	says(t, train(0, good), "added won@v1", "promoted won@v1")
	var first struct {
		Passed   bool
		Champion string
		Rows     int
	}
	if err := json.Unmarshal(read(t, filepath.Join(models, "won", "v1", "gate.json")), &first); err != nil || !first.Passed || first.Champion != "" || first.Rows != 0 {
		t.Errorf("gate.json of the first version: %+v, %v", first, err)
	}
	says(t, train(0, good), "added won@v2", "gate: AUC", "champion v1", "+0.0000 (+0.0000 to +0.0000)", "promoted won@v2")
	if gate := string(read(t, filepath.Join(models, "won", "v2", "gate.json"))); !strings.Contains(gate, `"trained_on": 0`) {
		t.Errorf("the digests were not asked: %s", gate)
	}
	if !bytes.Equal(read(t, filepath.Join(models, "won", "v1", "model.json")), read(t, filepath.Join(models, "won", "v2", "model.json"))) {
		t.Error("the artifact depends on which champion there was")
	}

	history := read(t, filepath.Join(models, "won", "history"))
	says(t, train(3, bad), "won@v3 was added but not promoted, v2 stays the champion", "it is worse than v2 by more than 0.005")
	if champion() != "v2\n" || !bytes.Equal(history, read(t, filepath.Join(models, "won", "history"))) {
		t.Errorf("champion %q after a refusal", champion())
	}
	exists(t, true, filepath.Join(models, "won", "v3", "model.json"))
	says(t, string(read(t, filepath.Join(models, "won", "v3", "gate.json"))), `"passed": false`, "it is worse than v2")

	stderr := train(0, bad, "--no-promote")
	says(t, stderr, "added won@v4", "warning: the gate is not met: it is worse than v2")
	says(t, train(0, bad, "--force-promote"), "promoted in spite of the gate (--force-promote): it is worse than v2", "promoted won@v5")
	if champion() != "v5\n" {
		t.Errorf("champion %q after --force-promote", champion())
	}
	says(t, train(2, bad, "--force-promote", "--no-promote"), "--no-promote says the opposite")
	says(t, train(0, good), "promoted won@v6") // a better one

	says(t, train(3, gateConfig(t, dir, "high.yaml", goodFeatures+"gate: {min_auc: 0.99}\n")), "below gate.min_auc, 0.99", "v6 stays the champion")
	says(t, train(3, gateConfig(t, dir, "first.yaml", goodFeatures+"gate: {min_auc: 0.99}\n"), "--name", "other"), "other@v1 was added but not promoted, no version is promoted")
	exists(t, false, filepath.Join(models, "other", "champion"))

	// A champion that is gone or damaged is a reason, not a crash.
	put(t, filepath.Join(models, "won", "v6", "model.json"), "{}")
	says(t, train(3, good), "cannot be compared with v6")
	if err := os.RemoveAll(filepath.Join(models, "won", "v6")); err != nil {
		t.Fatal(err)
	}
	says(t, train(3, good), "cannot be compared with v6", "not there any more")

	// Without a registry there is no gate, and none of an earlier run is left behind.
	exists(t, true, filepath.Join(run, "gate.json"))
	cmd(t, 0, "train", "-c", good, "--out", run)
	exists(t, false, filepath.Join(run, "gate.json"))
}

func TestGateWithEventFeatures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	cmd(t, 0, "demo", "--no-serve", "--leads", "1000", "--dir", dir)
	config, run, models := filepath.Join(dir, "leadscore.yaml"), filepath.Join(dir, "run"), filepath.Join(dir, "models")
	cmd(t, 2, "models", "list", "--registry", models) // there is none yet
	cmd(t, 0, "train", "-c", config, "--out", run, "--registry", models)
	_, stderr := cmd(t, 0, "train", "-c", config, "--out", run, "--registry", models)
	says(t, stderr, "+0.0000 (+0.0000 to +0.0000)", "promoted won@v2")
}

func TestModelsDiff(t *testing.T) {
	dir := t.TempDir()
	smallLeads(t, filepath.Join(dir, "leads.csv"), 1500, 2, "web", "partner", "event")
	run, models := filepath.Join(dir, "run"), filepath.Join(dir, "models")
	for _, more := range []string{goodFeatures, goodFeatures, "features: {interactions: none, exclude: [source]}\nmodel: {kind: linear}\npolicy: {mql: {min_score: 12, required: [source]}}\n"} {
		cmd(t, 0, "train", "-c", gateConfig(t, dir, "lead.yaml", more), "--out", run, "--registry", models, "--no-promote")
	}
	diff := func(code int, more ...string) (string, string) {
		return cmd(t, code, append([]string{"models", "diff", "--registry", models}, more...)...)
	}
	stdout, _ := diff(0, "won@v1", "won@v2")
	says(t, stdout, "the same to the byte")
	stdout, _ = diff(0, "won@v1", "won@v3")
	says(t, stdout, "target won, each on its own hold-out", "AUC", "log loss", "- source", "levels → a straight line", "mql.min_score", "→ 12", "blend: no difference")
	stdout, _ = diff(0, "won@v1", "won@v3", "--json")
	var d struct {
		Same     bool
		Features struct{ Added, Removed, Changed []string }
		Policy   []struct{ Setting string }
		Targets  []struct {
			From, To *struct{ AUC struct{ Value float64 } }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &d); err != nil {
		t.Fatal(err)
	}
	if d.Same || len(d.Features.Removed) != 1 || d.Features.Removed[0] != "source" || len(d.Features.Changed) != 1 || len(d.Policy) < 2 || len(d.Targets) != 1 || !(d.Targets[0].From.AUC.Value > .5) || !(d.Targets[0].To.AUC.Value > .5) {
		t.Errorf("%s", stdout)
	}
	_, stderr := diff(1, "won@v1", "won@v9")
	says(t, stderr, `no version "v9"`)
	_, stderr = diff(2, "won@v1")
	says(t, stderr, "want NAME@V1 NAME@V2")
}

func TestSettingsThatDifferAreBrief(t *testing.T) {
	var b strings.Builder
	err := printModelsDiff(&printer{w: &b}, &modelsDiff{Blend: []settingDiff{{"intercept", -0.09582605068703151, 1.0}, {"method", "logit", "model"}}, Policy: []settingDiff{{"sql.min_score", 85.771, 94.7}}})
	if err != nil {
		t.Fatal(err)
	}
	says(t, b.String(), "intercept: -0.0958261 → 1\n", "method: logit → model\n", "sql.min_score: 85.771 → 94.7\n")
}
