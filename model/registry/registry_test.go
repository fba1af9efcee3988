package registry

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"leadscore/model"
)

const kept = "../testdata/model.v1.json"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// run is a run directory with a model that loads.
func run(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	b, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"model.json": b, "metrics.json": []byte("{}\n"), ".hidden": nil} {
		write(t, filepath.Join(dir, name), string(content))
	}
	return dir
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB) *Registry {
	t.Helper()
	r, err := Open(filepath.Join(t.TempDir(), "models"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// add adds n versions.
func add(t testing.TB, r *Registry, name string, n int) {
	t.Helper()
	dir := run(t)
	for range n {
		if _, err := r.Add(name, dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALife(t *testing.T) {
	r := open(t)
	if models, err := r.List(); err != nil || len(models) != 0 {
		t.Fatalf("a registry that is not there yet: %v, %v", models, err)
	}
	add(t, r, "won", 3)
	add(t, r, "a-first.model_2", 1)
	models, err := r.List()
	if err != nil || len(models) != 2 || models[0].Name != "a-first.model_2" || !slices.Equal(models[1].Versions, []string{"v1", "v2", "v3"}) || models[1].Champion != "" {
		t.Fatalf("%+v, %v", models, err)
	}
	if _, err := r.Resolve("won"); err == nil || !strings.Contains(err.Error(), "no version of \"won\" is promoted") {
		t.Errorf("no champion: %v", err)
	}
	for i, version := range []string{"v1", "v2", "v2", "v3"} {
		if err := r.Promote("won", version, noon.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for ref, want := range map[string]string{"won": "v3", "won@champion": "v3", "won@v1": "v1"} {
		path, err := r.Resolve(ref)
		if err != nil || path != filepath.Join(r.Dir(), "won", want, "model.json") {
			t.Errorf("%s is %s (%v), want %s", ref, path, err, want)
		}
		if _, err := model.Load(path); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"v2", "v1"} {
		if got, err := r.Rollback("won", noon); err != nil || got != want {
			t.Fatalf("rolled back to %s (%v), want %s", got, err, want)
		}
	}
	if _, err := r.Rollback("won", noon); err == nil || !strings.Contains(err.Error(), "no earlier version") {
		t.Errorf("a rollback too many: %v", err)
	}
	m, err := r.Get("won")
	if err != nil || m.Champion != "v1" {
		t.Fatalf("%+v, %v", m, err)
	}
	history, err := r.History("won")
	want := []Event{
		{"2026-03-01T12:00:00Z", Promoted, "v1", ""}, {"2026-03-01T13:00:00Z", Promoted, "v2", "v1"}, {"2026-03-01T15:00:00Z", Promoted, "v3", "v2"},
		{"2026-03-01T12:00:00Z", RolledBack, "v2", "v3"}, {"2026-03-01T12:00:00Z", RolledBack, "v1", "v2"},
	}
	if err != nil || !slices.Equal(history, want) {
		t.Errorf("history %+v (%v), want %+v", history, err, want)
	}
	if _, err := os.Stat(filepath.Join(r.Dir(), "won", "v1", ".hidden")); err == nil {
		t.Error("a hidden file was copied")
	}
	if _, err := os.Stat(filepath.Join(r.Dir(), "won", "v1", "metrics.json")); err != nil {
		t.Error(err)
	}
}

func TestNamesStayInside(t *testing.T) {
	r := open(t)
	dir := run(t)
	for _, name := range []string{"", ".", "..", "../won", "a/b", `a\b`, "a b", ".hidden", "-flag", "won@v1", "ü", strings.Repeat("x", 101), "a\x00"} {
		if _, err := r.Add(name, dir); err == nil {
			t.Errorf("added as %q", name)
		}
		if err := r.Promote(name, "v1", noon); err == nil {
			t.Errorf("promoted %q", name)
		}
		if _, err := r.History(name); err == nil {
			t.Errorf("read the history of %q", name)
		}
	}
	add(t, r, "won", 1)
	for _, ref := range []string{"won@", "won@v2", "won@v01", "won@../won/v1", "won@v1/../v1", "won@champion@v1", "@v1", "wonn"} {
		if path, err := r.Resolve(ref); err == nil {
			t.Errorf("%q resolved to %s", ref, path)
		}
	}
	if _, err := r.Resolve("wonn"); err == nil || !strings.Contains(err.Error(), `did you mean "won"?`) {
		t.Errorf("a typo: %v", err)
	}
	for _, version := range []string{"", "v2", "champion", "../x"} {
		if err := r.Promote("won", version, noon); err == nil || !strings.Contains(err.Error(), "it has v1") {
			t.Errorf("promoted %q: %v", version, err)
		}
	}
}

func TestFaults(t *testing.T) {
	r := open(t)
	add(t, r, "won", 2)
	home := filepath.Join(r.Dir(), "won")
	if err := r.Promote("won", "v2", noon); err != nil {
		t.Fatal(err)
	}

	t.Run("half-written versions are not versions, and their numbers are not used again", func(t *testing.T) {
		write(t, filepath.Join(home, ".adding-123", "model.json"), "{")
		write(t, filepath.Join(home, "v7", "metrics.json"), "{}")
		write(t, filepath.Join(r.Dir(), "notes.txt"), "")
		write(t, filepath.Join(r.Dir(), ".git", "v1", "model.json"), "")
		models, err := r.List()
		if err != nil || len(models) != 1 || !slices.Equal(models[0].Versions, []string{"v1", "v2"}) {
			t.Fatalf("%+v, %v", models, err)
		}
		if version, err := r.Add("won", run(t)); err != nil || version != "v8" {
			t.Errorf("the next version is %s (%v), want v8", version, err)
		}
	})
	t.Run("versions are in the order of their numbers", func(t *testing.T) {
		add(t, r, "won", 3)
		m, err := r.Get("won")
		if err != nil || !slices.Equal(m.Versions, []string{"v1", "v2", "v8", "v9", "v10", "v11"}) {
			t.Errorf("%+v, %v", m, err)
		}
	})
	t.Run("a broken run is refused and leaves nothing", func(t *testing.T) {
		bad := run(t)
		b, err := os.ReadFile(filepath.Join(bad, "model.json"))
		if err != nil {
			t.Fatal(err)
		}
		before := names(t, home)
		for text, says := range map[string]string{string(b[:len(b)/2]): "truncated", "{}": "no format"} {
			write(t, filepath.Join(bad, "model.json"), text)
			if _, err := r.Add("won", bad); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%v, want it to say %q", err, says)
			}
		}
		if _, err := r.Add("won", filepath.Join(bad, "nowhere")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a run that is not there: %v", err)
		}
		if _, err := os.Stat("/proc/self/mem"); err == nil { // a plain file whose reading fails half-way, on Linux
			broken := run(t)
			if err := os.Symlink("/proc/self/mem", filepath.Join(broken, "report.html")); err != nil {
				t.Fatal(err)
			}
			if version, err := r.Add("won", broken); err == nil {
				t.Errorf("added as %s", version)
			}
		}
		if after := names(t, home); !slices.Equal(before, after) {
			t.Errorf("left behind: %v, before %v", after, before)
		}
	})
	t.Run("a champion that is gone", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Join(home, "v2")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Resolve("won"); err == nil || !strings.Contains(err.Error(), `promoted version v2 of "won" is not there any more; it has v1`) {
			t.Errorf("%v", err)
		}
		if _, err := r.Resolve("won@v1"); err != nil {
			t.Error(err)
		}
		write(t, filepath.Join(home, "champion"), "../../etc\n")
		if _, err := r.Resolve("won"); err == nil || !strings.Contains(err.Error(), "want a version such as v1") {
			t.Errorf("%v", err)
		}
		if err := os.Remove(filepath.Join(home, "champion")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Resolve("won"); err == nil || !strings.Contains(err.Error(), "promoted; it has v1") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a directory that cannot be written to", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Join(home, ".lock")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(home, ".lock"), 0o755); err != nil { // root writes to read-only directories
			t.Fatal(err)
		}
		if err := r.Promote("won", "v1", noon); err == nil || !strings.Contains(err.Error(), "promoting won@v1: the registry cannot be written to") {
			t.Errorf("%v", err)
		}
		write(t, filepath.Join(r.Dir(), "lost"), "a file where the model's directory would be")
		if _, err := r.Add("lost", run(t)); err == nil || !strings.Contains(err.Error(), "adding lost to the registry "+r.Dir()) {
			t.Errorf("%v", err)
		}
		if _, err := Open(filepath.Join(r.Dir(), "lost")); err == nil || !strings.Contains(err.Error(), "is not a directory") {
			t.Errorf("%v", err)
		}
	})
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestHistoryThatWasCutShort(t *testing.T) {
	r := open(t)
	add(t, r, "won", 3)
	for _, v := range []string{"v1", "v2", "v3"} {
		if err := r.Promote("won", v, noon); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(r.Dir(), "won", "history")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(b[:len(b)-10])) // killed while v3's line was written; the champion is v3
	if got, err := r.Rollback("won", noon); err != nil || got != "v2" {
		t.Errorf("rolled back to %s (%v), want v2", got, err)
	}
	whole, cut := string(b[:len(b)-1]), string(b[:len(b)-10])
	for _, text := range []string{cut, whole, "", "{"} { // killed, or the disk was full; then it goes on
		write(t, path, text)
		for _, v := range []string{"v1", "v2"} {
			if err := r.Promote("won", v, noon); err != nil {
				t.Fatal(err)
			}
		}
		events, err := r.History("won")
		if err != nil || events[len(events)-1].Version != "v2" || events[len(events)-2].Version != "v1" {
			t.Errorf("after %.30q: %v, %v", text, events, err)
		}
	}
	write(t, path, "nonsense\n"+string(b))
	if _, err := r.History("won"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("nonsense in the history: %v", err)
	}
}

func TestPrevious(t *testing.T) {
	versions := []string{"v1", "v2", "v3", "v4"}
	p := func(version, from string) Event { return Event{Action: Promoted, Version: version, From: from} }
	b := func(version, from string) Event { return Event{Action: RolledBack, Version: version, From: from} }
	for name, c := range map[string]struct {
		history  []Event
		champion string
		want     string
	}{
		"nothing":                    {nil, "", ""},
		"one":                        {[]Event{p("v1", "")}, "v1", ""},
		"two":                        {[]Event{p("v1", ""), p("v2", "v1")}, "v2", "v1"},
		"after a rollback":           {[]Event{p("v1", ""), p("v2", "v1"), p("v3", "v2"), b("v2", "v3")}, "v2", "v1"},
		"forward after a rollback":   {[]Event{p("v1", ""), p("v2", "v1"), b("v1", "v2"), p("v3", "v1")}, "v3", "v1"},
		"an old one promoted again":  {[]Event{p("v1", ""), p("v2", "v1"), p("v1", "v2")}, "v1", "v2"},
		"a line was never written":   {[]Event{p("v1", ""), p("v2", "v1")}, "v3", "v2"},
		"a lost line in between":     {[]Event{p("v1", ""), p("v3", "v2")}, "v3", "v2"},
		"the one before was deleted": {[]Event{p("v1", ""), p("v9", "v1"), p("v2", "v9")}, "v2", "v1"},
		"no champion file":           {[]Event{p("v1", ""), p("v2", "v1")}, "", "v2"},
	} {
		if got := previous(c.history, Model{Champion: c.champion, Versions: versions}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Several processes add and promote at once: each version is whole and belongs to one of them, and the
// history links up to the champion without a gap. The processes are this test, run again.
func TestProcessesAtOnce(t *testing.T) {
	const workers, each = 4, 6
	work := func(r *Registry, dir string) error {
		for range each {
			version, err := r.Add("won", dir)
			if err != nil {
				return err
			}
			if err := r.Promote("won", version, noon); err != nil {
				return err
			}
			if path, err := r.Resolve("won"); err != nil {
				return err
			} else if _, err := model.Load(path); err != nil {
				return err
			}
		}
		return nil
	}
	if dir := os.Getenv("LEADSCORE_TEST_REGISTRY"); dir != "" {
		r, err := Open(dir)
		if err == nil {
			err = work(r, run(t))
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	r := open(t)
	dir := run(t)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			if w%2 == 0 {
				if err := work(r, dir); err != nil {
					t.Error(err)
				}
				return
			}
			c := exec.Command(os.Args[0], "-test.run=^TestProcessesAtOnce$")
			c.Env = append(os.Environ(), "LEADSCORE_TEST_REGISTRY="+r.Dir())
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wait.Wait()
	m, err := r.Get("won")
	if err != nil || len(m.Versions) != workers*each {
		t.Fatalf("%d versions (%v), want %d", len(m.Versions), err, workers*each)
	}
	for i, v := range m.Versions {
		if v != fmt.Sprintf("v%d", i+1) {
			t.Errorf("version %d is %s", i+1, v)
		}
		if _, err := model.Load(filepath.Join(r.Dir(), "won", v, "model.json")); err != nil {
			t.Error(err)
		}
	}
	history, err := r.History("won")
	if err != nil || len(history) != workers*each || history[len(history)-1].Version != m.Champion {
		t.Fatalf("%d lines of history (%v), champion %s", len(history), err, m.Champion)
	}
	for i := 1; i < len(history); i++ {
		if history[i].From != history[i-1].Version {
			t.Errorf("line %d goes on from %s, the line before ends in %s", i+1, history[i].From, history[i-1].Version)
		}
	}
}

// TestEarlierIsWhatRollbackPromotes, and "" where that is an error.
func TestEarlierIsWhatRollbackPromotes(t *testing.T) {
	r := open(t)
	add(t, r, "won", 3)
	for _, version := range []string{"v1", "v3", "v2"} {
		if err := r.Promote("won", version, noon); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"v3", "v1", ""} {
		earlier, err := r.Earlier("won")
		if err != nil || earlier != want {
			t.Errorf("%q, %v; want %q", earlier, err, want)
		}
		back, err := r.Rollback("won", noon)
		if back != want || (err == nil) != (want != "") {
			t.Errorf("rolled back to %q, %v; want %q", back, err, want)
		}
	}
	if _, err := r.Earlier("wonn"); err == nil {
		t.Error("a model that is not there has an earlier version")
	}
}

// TestListGoesOnPastABrokenModel: the error names it, and the others are there.
func TestListGoesOnPastABrokenModel(t *testing.T) {
	r := open(t)
	add(t, r, "lost", 1)
	add(t, r, "won", 1)
	if err := os.WriteFile(filepath.Join(r.Dir(), "lost", "champion"), []byte("rubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := r.List()
	if err == nil || !strings.Contains(err.Error(), "rubbish") || len(list) != 1 || list[0].Name != "won" {
		t.Errorf("%+v, %v", list, err)
	}
}
