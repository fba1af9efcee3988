package cli

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/model"
)

// write puts a text into a file of a directory.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// scoredLeads are leads with an id from the given number on, of which visits and source tell something and crm a little; of noise
// nothing tells anything.
func scoredLeads(n, from int, noise bool) string {
	rng := rand.New(rand.NewPCG(uint64(from), 3))
	var b strings.Builder
	b.WriteString("id,source,visits,crm,won\n")
	for i := range n {
		source, visits := rng.IntN(3), rng.ExpFloat64()*4
		eta := -2 + .3*visits + float64(source)
		crm := eta + 4*rng.NormFloat64()
		if noise {
			eta = -.5
		}
		won := "no"
		if rng.Float64() < model.Sigmoid(eta) {
			won = "yes"
		}
		fmt.Fprintf(&b, "L%d,%s,%.1f,%.2f,%s\n", from+i, []string{"web", "ads", "partner"}[source], visits, crm, won)
	}
	return b.String()
}

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	train := write(t, dir, "train.csv", scoredLeads(1500, 0, false))
	test := write(t, dir, "test.csv", scoredLeads(800, 5000, false))
	noise := write(t, dir, "noise.csv", scoredLeads(400, 9000, true))
	rules := write(t, dir, "rules.yaml", "version: 1\nscorecards:\n  - name: default\n    groups:\n      - name: engagement\n        rules:\n"+
		"          - {name: visits, when: {field: visits}, points: {table: [{to: 2, points: 0}, {points: 10}]}}\n")
	bad := write(t, dir, "bad.yaml", "version: 1\nscorecards:\n  - name: default\n    groups:\n      - name: engagement\n        rules:\n"+
		"          - {name: visits, when: {field: visit}, points: 5}\n")
	config := write(t, dir, "lead.yaml", "version: 1\ndata:\n  leads: {path: train.csv, id: id}\ntargets:\n  won: {column: won, positive: [yes]}\nfeatures: {exclude: [crm]}\nrules: rules.yaml\n")
	run := filepath.Join(dir, "run")
	cmd(t, 0, "train", "-c", config, "--out", run)
	cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "again"), "--registry", filepath.Join(dir, "models"), "--name", "won")

	stdout, stderr := cmd(t, 0, "compare", "--model", run, "--data", test, "--column", "crm", "--with", "twin="+run, "--win", "100", "--contact", "2", "--capacity", "80")
	says(t, stdout, "won: 800 leads", "AUC", "Caught of 80", "Earned", "p is corrected for 10 pairs", "model − crm", "placed higher by the model than by the rules",
		"model: calibration", "Ranking by the", "is better than by", "against the nearest of them", "the data cannot tell", "among the best 80 leads", "in money")
	if stderr != "" && strings.Contains(stderr, "training") {
		t.Errorf("stderr %q", stderr)
	}
	stdout, stderr = cmd(t, 0, "compare", "--model", run, "--data", test, "--rules", rules, "--lang", "es")
	says(t, stdout, "800 leads", "Ordenar por el modelo es mejor que por las reglas", "calibración")
	says(t, stderr, "the blend is left out")
	cmd(t, 0, "compare", "--model", "won", "--with", "won@v1", "--registry", filepath.Join(dir, "models"), "--data", test)

	stdout, _ = cmd(t, 0, "compare", "--model", run, "--data", test, "--json", "--column", "crm")
	var c model.Contest
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Scorers) != 4 || c.Rows.Rows != 800 || c.Sentence == "" || c.Run == nil || !strings.HasPrefix(c.Model, "won@") {
		t.Errorf("comparison %+v", c)
	}
	stdout, _ = cmd(t, 0, "compare", "--model", run, "--data", noise)
	says(t, stdout, "The data cannot tell which ranks better")

	for name, x := range map[string]struct {
		exit int
		args []string
		says []string
	}{
		"training rows": {1, []string{"--data", train}, []string{"1200 of 1500 rows were in the training of the model", "--allow-training-rows"}},
		"bad rules":     {2, []string{"--data", test, "--rules", bad}, []string{"bad.yaml:7", "visit", "did you mean"}},
		"no rules file": {2, []string{"--data", test, "--rules", "nowhere.yaml"}, []string{"nowhere.yaml"}},
		"column":        {1, []string{"--data", test, "--column", "crn"}, []string{`no column "crn"`, `did you mean "crm"`}},
		"text":          {1, []string{"--data", test, "--column", "source"}, []string{"is categorical; a score is numeric"}},
		"same":          {2, []string{"--data", test, "--column", "crm", "--column", "crm"}, []string{`two scorers are named "crm"`}},
		"with":          {1, []string{"--data", test, "--with", "nobody"}, []string{"reading --with nobody"}},
		"flags": {2, []string{"--data", test, "--lang", "fr", "--capacity", "-1", "--contact", "3", "--baseline", "tree"},
			[]string{`unknown language "fr"`, "--capacity: -1", "--contact: without --win", "say with --train"}},
		"files": {2, []string{"--data", test, "--with", "nobody", "--with", "noone", "--rules", "no.yaml", "--column", "rules"},
			[]string{"reading --with nobody", "reading --with noone", "reading no.yaml", `two scorers are named "rules"`}},
		"train":  {2, []string{"--data", test, "--train", train}, []string{"only baselines are fitted"}},
		"money":  {2, []string{"--data", test, "--win", "-1"}, []string{"reading --win: -1"}},
		"events": {2, []string{"--data", test, "--events", "x.csv"}, []string{"no event features"}},
	} {
		_, stderr := cmd(t, x.exit, append([]string{"compare", "--model", run}, x.args...)...)
		t.Run(name, func(t *testing.T) { says(t, stderr, x.says...) })
	}
	stdout, stderr = cmd(t, 0, "compare", "--model", run, "--data", train, "--allow-training-rows")
	says(t, stdout, "won: 1,500 leads")
	says(t, stderr, "1200 of 1500 rows were in the training of the model: these figures flatter it")
	_, stderr = cmd(t, 0, "evaluate", "--model", run, "--data", train)
	says(t, stderr, "1200 of 1500 rows were in the training of the model: these figures flatter it")
}

// A model with event features is compared by the log, and refuses the leads that it was trained on at the same moments.
func TestCompareWithEvents(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	cmd(t, 0, "demo", "--no-serve", "--leads", "1500", "--dir", dir)
	run, leads, events := filepath.Join(dir, "run"), filepath.Join(dir, "leads.csv"), filepath.Join(dir, "events.parquet")
	_, stderr := cmd(t, 1, "compare", "--model", run, "--data", leads, "--events", events)
	says(t, stderr, "rows were in the training of the model")
	stdout, _ := cmd(t, 0, "compare", "--model", run, "--data", leads, "--events", events, "--allow-training-rows", "--with", "twin="+run)
	says(t, stdout, "model − twin", "0.000 p = 1.000")
	_, stderr = cmd(t, 1, "compare", "--model", run, "--data", leads, "--allow-training-rows")
	says(t, stderr, "its event features need the log of events")

	other := filepath.Join(t.TempDir(), "crm")
	cmd(t, 0, "datasets", "generate", "--leads", "800", "--seed", "9", "--dir", other)
	// The generator counts leads from 1 again, but at other moments: they are other rows.
	stdout, _ = cmd(t, 0, "compare", "--model", run, "--data", filepath.Join(other, "leads.csv"), "--events", filepath.Join(other, "events.parquet"))
	says(t, stdout, "model − rules", "pairs)")
}
