package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stagesModel trains a small model whose rules have two axes and whose stages are hard to leave, and writes leads with the stages that
// they were in.
func stagesModel(t *testing.T) (modelPath, leads string) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "leads.csv", scoredLeads(1200, 0, false))
	write(t, dir, "rules.yaml", `version: 1
scorecards:
  - name: default
    groups:
      - {name: fit, rules: [{name: web, when: {field: source, in: [web]}, points: 30}]}
      - {name: engagement, rules: [{name: visits, when: {cel: 'lead["visits"] > 3.0'}, points: 40}]}
`)
	write(t, dir, "lead.yaml", `version: 1
data: {leads: {path: leads.csv, id: id}}
targets: {won: {column: won, positive: [yes], negative: [no]}}
features: {exclude: [crm]}
rules: rules.yaml
policy:
  mql: {min_score: 60, leave: 55, stay: 7d}
  sql: {min_score: 70, leave: 65}
`)
	cmd(t, 0, "train", "-c", filepath.Join(dir, "lead.yaml"), "--out", filepath.Join(dir, "run"))
	text := scoredLeads(400, 5000, false)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := range lines {
		if i == 0 {
			lines[i] += ",stage,since"
			continue
		}
		lines[i] += []string{",,", ",mql,2026-01-01T00:00:00Z", ",SQL,2026-01-09T00:00:00Z", ",nurture,2026-01-01T00:00:00Z"}[i%4]
	}
	return filepath.Join(dir, "run", "model.json"), write(t, dir, "today.csv", strings.Join(lines, "\n")+"\n")
}

func TestScoreWithPreviousStagesAndACapacity(t *testing.T) {
	m, leads := stagesModel(t)
	out := filepath.Join(t.TempDir(), "scored.csv")
	count := func(rows []map[string]string, column, value string) (n int) {
		for _, r := range rows {
			if r[column] == value {
				n++
			}
		}
		return n
	}

	cmd(t, 0, "score", "--model", m, "--in", leads, "--out", out)
	plain := csvRows(t, out)
	if _, there := plain[0]["changed"]; there || plain[0]["axis_grade"] == "" || plain[0]["fit"] == "" {
		t.Errorf("%v", plain[0])
	}

	stdout, stderr := cmd(t, 0, "score", "--model", m, "--in", leads, "--out", out, "--previous-stage", "stage", "--previous-since", "since")
	says(t, stdout, "entered now")
	says(t, stderr, "want --as-of")
	held := csvRows(t, out)
	given := csvRows(t, leads)
	rank := map[string]int{"": 0, "nurture": 0, "mql": 1, "MQL": 1, "SQL": 2}
	for i, r := range held {
		before := given[i]["stage"]
		if r["changed"] != fmt.Sprint(rank[r["recommendation"]] > rank[before]) {
			t.Fatalf("row %d: from %q to %s, changed %s", i, before, r["recommendation"], r["changed"])
		}
		if rank[r["recommendation"]] < rank[plain[i]["recommendation"]] {
			t.Fatalf("row %d: %s with a stage before, %s without", i, r["recommendation"], plain[i]["recommendation"])
		}
	}
	if a, b := count(plain, "recommendation", "MQL"), count(held, "recommendation", "MQL"); b <= a {
		t.Errorf("%d MQL with the stages before, %d without", b, a)
	}

	// A week from the first of January is over on the 10th, and not on the 3rd.
	nurtured := func(asOf string) int {
		cmd(t, 0, "score", "--model", m, "--in", leads, "--out", out, "--previous-stage", "stage", "--previous-since", "since", "--as-of", asOf)
		return count(csvRows(t, out), "recommendation", "nurture")
	}
	if early, late := nurtured("2026-01-03T00:00:00Z"), nurtured("2026-01-20T00:00:00Z"); early >= late {
		t.Errorf("%d nurture during the stay, %d after it", early, late)
	}

	stdout, _ = cmd(t, 0, "score", "--model", m, "--in", leads, "--out", out, "--capacity", "SQL=5", "--capacity", "mql=7")
	says(t, stdout, "SQL 5 ", "capacity of 5 SQL", "capacity of 7 MQL")
	limited := csvRows(t, out)
	if count(limited, "recommendation", "SQL") != 5 || count(limited, "recommendation", "MQL") != 7 || count(limited, "because", "") == len(limited) {
		t.Errorf("capacities exceeded, or nobody is told: %s", stdout)
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	cmd(t, 0, "score", "--model", m, "--in", leads, "--out", out, "--capacity", "MQL=7", "--capacity", "SQL=5")
	if again, err := os.ReadFile(out); err != nil || string(again) != string(first) {
		t.Error("the order of the flags makes a difference")
	}
}

func TestScoreRefusesWhatIsWrong(t *testing.T) {
	m, leads := stagesModel(t)
	out := filepath.Join(t.TempDir(), "never.csv")
	for _, c := range []struct {
		code int
		args []string
		want string
	}{
		{2, []string{"--capacity", "SQL=0"}, "1 or more"},
		{2, []string{"--capacity", "SQL"}, "such as SQL=50"},
		{2, []string{"--capacity", "nurture=5"}, "want MQL or SQL"},
		{2, []string{"--capacity", "SQL=5", "--capacity", "sql=6"}, "given twice"},
		{2, []string{"--previous-since", "since"}, "want --previous-stage too"},
		{2, []string{"--previous-stage", "stage", "--previous-since", "stage"}, "want two columns"},
		{2, []string{"--previous-stage", "stagee"}, `no column "stagee"`},
		{2, []string{"--previous-stage", "visits"}, "want one of texts"},
		{1, []string{"--previous-stage", "source"}, "want nurture, MQL, SQL or disqualify"},
		{2, []string{"--previous-stage", "stage", "--previous-since", "sincee"}, `no column "sincee"`},
	} {
		args := append([]string{"score", "--model", m, "--in", leads, "--out", out}, c.args...)
		_, stderr := cmd(t, c.code, args...)
		says(t, stderr, c.want)
		exists(t, false, out)
	}
}
