package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/cmd/leadscore/internal/config"
	"leadscore/model"
	"leadscore/model/rules"
)

const visitsYAML = "version: 1\nscorecards:\n  - name: default\n    groups:\n      - name: engagement\n        rules:\n" +
	"          - {name: visits, when: {field: visits}, points: {table: [{to: 2, points: 0}, {to: 6, points: 10}, {points: 25}]}}\n"

// suggestRun trains on 1500 leads and returns a folder with run, test.csv (800 others), train.csv and rules.yaml.
func suggestRun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "train.csv", scoredLeads(1500, 0, false))
	write(t, dir, "test.csv", scoredLeads(800, 5000, false))
	write(t, dir, "rules.yaml", visitsYAML)
	config := write(t, dir, "lead.yaml", "version: 1\ndata:\n  leads: {path: train.csv, id: id}\ntargets:\n  won: {column: won, positive: [yes]}\nfeatures: {exclude: [crm]}\nrules: rules.yaml\n")
	cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "run"))
	return dir
}

func TestRulesSuggestAndReplay(t *testing.T) {
	dir := suggestRun(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	out := in("suggested.yaml")
	stdout, stderr := cmd(t, 0, "rules", "suggest", "--model", in("run"), "--data", in("test.csv"), "-o", out)
	says(t, stdout, "won: ", "rules from the model", "visits", "source: partner", "on 800 labelled leads", "rules in use", "of the model's advantage", "MQL from", "wrote "+out)
	if strings.Contains(stderr, "warning") {
		t.Errorf("stderr %q", stderr)
	}
	says(t, first(cmd(t, 0, "rules", "check", "--rules", out, "--data", in("test.csv"), "--strict")), "tests passed")
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(text), "# Suggested by `leadscore rules suggest`", "table:", "%, n = ", "tests:")
	cmd(t, 0, "rules", "suggest", "--model", in("run"), "--data", in("test.csv"), "-o", in("again.yaml"))
	if again, err := os.ReadFile(in("again.yaml")); err != nil || !bytes.Equal(again, text) {
		t.Errorf("again: %v\n%s", err, again)
	}
	stdout, _ = cmd(t, 0, "rules", "suggest", "--model", in("run"), "--max-rules", "2", "--lang", "es")
	says(t, stdout, "2 reglas a partir del modelo", "Puntos")
	stdout, _ = cmd(t, 0, "rules", "suggest", "--model", in("run"), "--data", in("test.csv"), "--json")
	var s model.Suggestion
	if err := json.Unmarshal([]byte(stdout), &s); err != nil || s.Measured == nil || s.Run == nil || len(s.Lines) == 0 {
		t.Fatalf("%v: %+v", err, s)
	}

	mql := fmt.Sprint(s.Measured.MQL.Points)
	stdout, _ = cmd(t, 0, "rules", "replay", "--rules", out, "--current", in("rules.yaml"), "--data", in("test.csv"), "--id", "id", "--target", "won=yes",
		"--mql", mql, "--current-mql", "10", "--out", in("movers.csv"))
	says(t, stdout, "800 past leads", "MQL and SQL together", "AUC of the new minus the current: +", "would move in", "would move out", "visits 10 → ", "to "+in("movers.csv"))
	// Inside the model new rules need the groups of its own, which the blend weighs.
	_, stderr = cmd(t, 1, "rules", "replay", "--rules", out, "--model", in("run"), "--data", in("test.csv"))
	says(t, stderr, "other groups", "--mql")
	more := write(t, dir, "more.yaml", strings.ReplaceAll(visitsYAML, "points: 10", "points: 30"))
	stdout, stderr = cmd(t, 0, "rules", "replay", "--rules", more, "--model", in("run"), "--data", in("test.csv"), "--lang", "es")
	says(t, stdout, "800 leads pasados", "puntuación", "entrarían")
	says(t, stderr, "retraining with the new ones")
	stdout, _ = cmd(t, 0, "rules", "replay", "--rules", out, "--model", in("run"), "--data", in("test.csv"), "--mql", mql, "--json")
	var r model.Replay
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Run == nil || r.New.Selected.Leads != s.Measured.MQL.Rules.Leads || r.Current.Selected.Leads != s.Measured.MQL.Model.Leads {
		t.Errorf("%v: %+v; suggest selected %+v", err, r, s.Measured.MQL)
	}

	bad := write(t, dir, "bad.yaml", strings.ReplaceAll(visitsYAML, "field: visits", "field: visit"))
	suggest := []string{"rules", "suggest", "--model", in("run")}
	replay := []string{"rules", "replay", "--rules", out, "--data", in("test.csv")}
	for name, x := range map[string]struct {
		exit int
		args []string
		says []string
	}{
		"training rows":   {1, append(suggest, "--data", in("train.csv")), []string{"1200 of 1500 rows were in the training", "--allow-training-rows"}},
		"bad current":     {2, append(suggest, "--data", in("test.csv"), "--rules", bad), []string{"bad.yaml:7", "visit", "did you mean"}},
		"rules, no data":  {2, append(suggest, "--rules", bad, "--max-rules", "0", "--points-to-double", "0"), []string{"--data", "--max-rules: 0; want 1 to 1000", "--points-to-double: 0"}},
		"exists":          {2, append(suggest, "-o", out), []string{"it exists; --force"}},
		"language":        {2, append(suggest, "--lang", "de"), []string{`unknown language "de"`}},
		"no model":        {1, []string{"rules", "suggest", "--model", in("nowhere")}, []string{"nowhere"}},
		"no outcomes":     {1, append(suggest, "--data", write(t, dir, "open.csv", "id,source,visits,crm\n1,web,3,2\n")), []string{`no column "won"`}},
		"alone":           {2, replay, []string{"--current", "--model"}},
		"no points":       {2, append(replay, "--current", out), []string{"--mql"}},
		"order":           {2, append(replay, "--current", out, "--mql", "20", "--sql", "10", "--by", "week"), []string{"SQL from 10 points lies below MQL from 20", `unknown period "week"`}},
		"months":          {2, append(replay, "--current", out, "--mql", "20", "--by", "month"), []string{"--as-of"}},
		"not a number":    {2, append(replay, "--current", out, "--mql", "NaN"), []string{"--mql: NaN"}},
		"target":          {1, append(replay, "--current", out, "--mql", "2", "--target", "wen=yes"), []string{`no column is named "wen"`, `did you mean "won"`}},
		"no value":        {2, append(replay, "--current", out, "--mql", "2", "--target", "won"), []string{"COLUMN=VALUE"}},
		"never":           {1, append(replay, "--current", out, "--mql", "2", "--target", "won=perhaps"), []string{"perhaps"}},
		"model and id":    {2, append(replay, "--model", in("run"), "--id", "id", "--target", "won=yes"), []string{"--id: the model says", "--target: the model says"}},
		"bad new":         {2, []string{"rules", "replay", "--rules", bad, "--current", out, "--data", in("test.csv"), "--mql", "3"}, []string{"bad.yaml:7", "visit"}},
		"outcome in rule": {2, []string{"rules", "replay", "--rules", write(t, dir, "peek.yaml", strings.ReplaceAll(visitsYAML, "field: visits", "field: won")), "--current", out, "--data", in("test.csv"), "--mql", "3", "--target", "won=yes"}, []string{"peek.yaml:7", "won"}},
		"movers exist":    {2, append(replay, "--current", out, "--mql", "3", "--out", in("movers.csv")), []string{"it exists; --force"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, stderr := cmd(t, x.exit, x.args...)
			says(t, stderr, x.says...)
		})
	}
}

func first(a, _ string) string { return a }

// TestSuggestionFileIsItsRules: what is written is read as the same rules, whatever the texts are.
func TestSuggestionFileIsItsRules(t *testing.T) {
	texts := []string{"plain", "two words", "a: b", "# no comment", `"quoted"`, "it's", "[x]", "{y}", "- dash", "yes", "NULL", "1.5", "007", "ñandú €", "a\tb\nc", "&amp <b>", "~", "", `\u0026`, "*x", "%", "@"}
	to := 0.1 + 0.2
	var values rules.Values
	for _, x := range texts {
		values = append(values, x)
	}
	card := rules.Scorecard{Name: "default"}
	s := &model.Suggestion{Model: "m@1", Target: "won", PointsToDouble: 10}
	for i, x := range texts {
		g := rules.Group{Name: fmt.Sprintf("g%d", i)}
		for k, r := range []rules.Rule{
			{When: rules.Condition{Field: "f" + x, In: values}, Points: rules.Points{Fixed: -3}},
			{When: rules.Condition{Field: "n" + x}, Points: rules.Points{Table: []rules.TableRow{{To: &to, Points: 1}, {Points: -1e6}}}},
			{When: rules.Condition{Any: []rules.Condition{{Field: "b" + x, In: rules.Values{true}}, {Field: "b", Missing: true}}}, Points: rules.Points{Fixed: 2}},
			{When: rules.Condition{Event: "e" + x, AtLeast: 3, Within: "30d"}, Points: rules.Points{Fixed: 2}},
			{When: rules.Condition{All: []rules.Condition{{Field: "z", Above: &rules.Scalar{V: 1e-7}, To: &rules.Scalar{V: 1e21}}, {Field: "w" + x}}}, Points: rules.Points{Fixed: 2}},
		} {
			r.Name = fmt.Sprintf("%s %d %d", x, i, k)
			cells := make([]model.SuggestedCell, max(1, len(r.Points.Table)))
			g.Rules, s.Lines = append(g.Rules, r), append(s.Lines, model.SuggestedRule{Cells: cells})
		}
		card.Groups = append(card.Groups, g)
	}
	score := -7.0
	s.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{card}, Tests: []rules.Test{{
		Name: "a: test", Lead: rules.Attributes{"f&x": "R&D: <x>", "n": 0.1, "b": false}, Score: &score, AsOf: "2026-01-31T12:00:00Z",
		Events: []rules.TestEvent{{Type: "e: x", At: "2026-01-30T12:00:00.000001Z"}},
	}}}
	var b bytes.Buffer
	out := &printer{w: &b}
	writeSuggestion(out, s)
	path := write(t, t.TempDir(), "rules.yaml", b.String())
	read, _, err := config.LoadRules(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	plain := func(f *rules.File) (out any) {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if d := cmp.Diff(plain(s.Rules), plain(read)); d != "" {
		t.Error(d)
	}
}
