package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpShowsExamplesOnce looks at the help of every command.
func TestHelpShowsExamplesOnce(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" {
			return
		}
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		help, _ := cmd(t, 0, args...)
		if n := strings.Count(help, "Examples:"); n != 1 {
			t.Errorf("%v: %d times examples:\n%s", args, n, help)
		}
		says(t, help, "Usage:", "Flags:")
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot(Streams{}))
}

// TestCommandsSkipBadRows: whatever reads a whole file refuses bad rows, says how to go on without them, and then counts them.
func TestCommandsSkipBadRows(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	var rows strings.Builder
	rows.WriteString("id,visits,won\n")
	for i := range 100 {
		rows.WriteString([]string{"a", "b"}[i%2] + strings.Repeat("i", i) + "," + string(rune('0'+i%9)) + "," + []string{"0", "1"}[i%2] + "\n")
		if i%50 == 7 {
			rows.WriteString("wrapped whole\n")
		}
	}
	if err := os.WriteFile(in("leads.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"init", in("leads.csv"), "--target", "won", "-o", in("lead.yaml")},
		{"datasets", "inspect", in("leads.csv")},
		{"datasets", "convert", in("leads.csv"), in("out.parquet")},
		{"datasets", "split", in("leads.csv"), "--train", in("train.csv"), "--test", in("test.csv")},
	} {
		_, stderr := cmd(t, 1, args...)
		says(t, stderr, "2 bad rows of 102", "(--bad-rows skip leaves them out and counts them)")
		_, stderr = cmd(t, 1, append(args, "--bad-rows", "skip", "--max-bad-rows", "1")...)
		says(t, stderr, "more than the 1 allowed")
		if strings.Contains(stderr, "leaves them out") {
			t.Errorf("%v: %s", args, stderr)
		}
		_, stderr = cmd(t, 2, append(args, "--bad-rows", "perhaps")...)
		says(t, stderr, "want fail or skip")
		_, stderr = cmd(t, 0, append(args, "--bad-rows", "skip")...)
		if stderr != "warning: 2 bad rows were skipped\n" {
			t.Errorf("%v: %q", args, stderr)
		}
	}
	proposed, err := os.ReadFile(in("lead.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(proposed), "  bad_rows: skip ")
	cmd(t, 0, "train", "-c", in("lead.yaml"), "--out", in("run")) // takes what was proposed
}

// TestNoCommandWritesOverWhatItReads: the leads are still there when --out, by whatever name, is their file.
func TestNoCommandWritesOverWhatItReads(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	const text = "id,won\na,1\nb,0\nc,1\nd,0\n"
	for _, name := range []string{"leads.csv", "deals.csv"} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(in("leads.csv"), in("link.csv")); err != nil {
		t.Fatal(err)
	}
	leads, link := in("leads.csv"), in("link.csv")
	for _, args := range [][]string{
		{"score", "--model", "none", "--in", leads, "--out", leads},
		{"score", "--model", "none", "--in", leads, "--out", link},
		{"score", "--model", "none", "--in", in("deals.csv"), "--events", leads, "--out", leads},
		{"rules", "score", "--rules", "none", "--data", leads, "--out", dir + "/../" + filepath.Base(dir) + "/leads.csv"},
		{"thresholds", "--model", "none", "--data", leads, "--out", leads},
		{"datasets", "join", in("deals.csv"), leads, "--on", "id", "--out", leads},
		{"datasets", "split", leads, "--train", leads, "--test", in("test.csv")},
		{"datasets", "split", leads, "--train", in("train.csv"), "--test", link},
	} {
		_, stderr := cmd(t, 2, args...)
		says(t, stderr, "is read; want another file")
	}
	if left, err := os.ReadFile(leads); err != nil || string(left) != text {
		t.Errorf("%s: %v", left, err)
	}
	exists(t, false, in("train.csv"))
}
