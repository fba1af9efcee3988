package access

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// reloadErrors is a counter's value, as a scrape would see it.
func reloadErrors(t *testing.T, f *Files, file string) float64 {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(f)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == "leadscore_access_reload_errors_total" && m.GetLabel()[0].GetValue() == file {
				return m.GetCounter().GetValue()
			}
		}
	}
	return -1
}

// TestFilesAreReadByContent: an equal file is not loaded again, one swapped for a link is, and one that is gone is told.
func TestFilesAreReadByContent(t *testing.T) {
	path := write(t, "a", []byte("1"))
	f := NewFiles(nil)
	var loaded []string
	if err := f.add("keys", []string{path}, func(c [][]byte) error {
		if string(c[0]) == "bad" {
			return errors.New("bad")
		}
		loaded = append(loaded, string(c[0]))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	step := func(fine bool, want string) {
		t.Helper()
		if err := f.Reload(); (err == nil) != fine {
			t.Errorf("Reload: %v", err)
		}
		if got := strings.Join(loaded, " "); got != want {
			t.Errorf("loaded %q, want %q", got, want)
		}
	}
	rewrite(t, path, []byte("1"))
	step(true, "1")
	rewrite(t, path, []byte("2"))
	step(true, "1 2")
	other := write(t, "b", []byte("3"))
	if err := errors.Join(os.Remove(path), os.Symlink(other, path)); err != nil {
		t.Fatal(err)
	}
	step(true, "1 2 3")
	rewrite(t, other, []byte("bad"))
	step(false, "1 2 3")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	step(false, "1 2 3")
	rewrite(t, path, []byte("3"))
	step(true, "1 2 3")
	rewrite(t, path, make([]byte, maxFile+1))
	step(false, "1 2 3")
	if got := reloadErrors(t, f, "keys"); got != 3 {
		t.Errorf("%v errors, want 3", got)
	}
}

func TestWatchReadsAgain(t *testing.T) {
	path := write(t, "a", []byte("1"))
	f := NewFiles(nil)
	loaded := make(chan string, 10)
	if err := f.add("keys", []string{path}, func(c [][]byte) error { loaded <- string(c[0]); return nil }); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan bool)
	go func() { f.Watch(ctx, time.Millisecond); close(done) }()
	<-loaded
	temp := filepath.Join(filepath.Dir(path), "temp")
	rewrite(t, temp, []byte("2"))
	if err := os.Rename(temp, path); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-loaded:
		if got != "2" {
			t.Errorf("read %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("the change was not seen")
	}
	stop()
	<-done
}
