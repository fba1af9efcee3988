package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"leadscore/datasets"
)

// The demo's snapshot table, in three formats, has the rows that it says; its hold-out, scored, gets the very numbers of
// predictions.parquet; and it can be evaluated.
func TestFeaturesAreScoredAsTraining(t *testing.T) {
	dir := demo(t)
	run := filepath.Join(dir, "run")
	held := table(t, filepath.Join(run, "predictions.parquet"))
	want := map[string]float64{}
	for _, b := range held.Batches {
		for i := range b.Rows() {
			want[b.Value(0, i).String()] = b.Value(2, i).Num
		}
	}
	for _, name := range []string{"snap.parquet", "snap.csv.gz", "snap.jsonl"} {
		file := filepath.Join(dir, name)
		stdout, _ := cmd(t, 0, "features", "-c", filepath.Join(dir, "leadscore.yaml"), "--out", file, "--json")
		var sum featuresSummary
		if err := json.Unmarshal([]byte(stdout), &sum); err != nil {
			t.Fatal(err)
		}
		snap := table(t, file)
		if snap.Rows() != 2000 || sum.Rows != 2000 || sum.Columns["event feature"] < 20 {
			t.Fatalf("%s: %d rows, the summary says %+v", name, snap.Rows(), sum)
		}
		for _, path := range sum.Dictionary {
			exists(t, true, path)
		}
		scored := filepath.Join(dir, "scored-"+name)
		_, stderr := cmd(t, 0, "score", "--model", run, "--in", file, "--out", scored)
		if strings.Contains(stderr, "scored as missing") {
			t.Errorf("%s lacks a column: %s", name, stderr)
		}
		side, result := textColumn(t, snap, "split"), table(t, scored)
		id, p, row, same := result.Schema.Index("lead_id"), result.Schema.Index("probability"), 0, 0
		for _, b := range result.Batches {
			for i := range b.Rows() {
				if side[row] == "holdout" {
					w, ok := want[b.Value(id, i).String()]
					if got := b.Value(p, i).Num; !ok || got != w {
						t.Fatalf("%s: hold-out lead %s has %v, the run had %v", name, b.Value(id, i).String(), got, w)
					}
					same++
				}
				row++
			}
		}
		if same != len(want) || same != sum.Split.Holdout || same < 200 {
			t.Errorf("%s: %d hold-out rows, the run had %d, the summary says %d", name, same, len(want), sum.Split.Holdout)
		}
		stdout, _ = cmd(t, 0, "evaluate", "--model", run, "--data", file)
		says(t, stdout, "won", "AUC")
	}
	stdout, _ := cmd(t, 0, "features", "-c", filepath.Join(dir, "leadscore.yaml"), "--out", filepath.Join(dir, "snap.arrow"))
	says(t, stdout, "wrote 2000 rows of 2000 leads", "event features", "won: 2000 read", "snap.dictionary.md")
	text, err := os.ReadFile(filepath.Join(dir, "snap.dictionary.md"))
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(text), "events.count.60d", "holdout", "at most 90d after the as-of moment", "contract\\_value", "excluded (features.exclude)")
	if strings.Contains(string(text), "@") {
		t.Error("the dictionary names an address of a lead")
	}
}

func textColumn(t *testing.T, table *datasets.Table, name string) []string {
	t.Helper()
	all, err := textsOf(table, name)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFeaturesWriteNothingOfBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("leads.csv", "id,at,won\n"+strings.Repeat("a,2025-01-01,yes\n", 30)+strings.Repeat("b,2025-01-01,no\n", 30))
	good := write("good.yaml", "version: 1\ndata: {leads: {path: leads.csv, id: id, as_of: at}}\ntargets: {won: {column: won, positive: [\"yes\"]}}\n")
	lost := write("lost.yaml", "version: 1\ndata: {leads: {path: leads.csv, id: id, as_of: at}}\ntargets: {won: {column: wan, positive: [\"yes\"]}}\n")
	for _, c := range []struct {
		exit   int
		config string
		out    string
		say    string
	}{
		{1, good, "snap.csv", "at least 40"},
		{1, lost, "snap.csv", `no column is named "wan"`},
		{2, filepath.Join(dir, "none.yaml"), "snap.csv", "none.yaml"},
		{2, good, "snap.xlsx", "unknown format"},
		{2, good, "nowhere/snap.csv", "nowhere"},
	} {
		before, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, stderr := cmd(t, c.exit, "features", "-c", c.config, "--out", filepath.Join(dir, c.out))
		says(t, stderr, c.say)
		after, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(after) != len(before) {
			t.Errorf("%s %s: there are %d files where there were %d", c.config, c.out, len(after), len(before))
		}
	}
	cmd(t, 2, "features", "-c", good)
}
