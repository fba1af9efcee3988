//go:build unix

package serve

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"leadscore/model/registry"
)

// TestModelsAreFiles: a pipe or a device where a model.json stood is told of at once and waited for by nobody; what was served before answers on.
func TestModelsAreFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.json")
	write(t, path, versionOf(t, "won", 1))
	h := catalogHarness(t, Catalog{Wanted: []Ref{{Path: path}}})
	for name, put := range map[string]func() error{
		"a pipe": func() error { return syscall.Mkfifo(path, 0o600) }, "a device": func() error { return os.Symlink("/dev/zero", path) },
	} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		h.Reload()
		if got := h.do(t, "GET", "/v1/models", "", "").body; !strings.Contains(got, "is a pipe or a device; want a file") {
			t.Errorf("%s: %s", name, got)
		}
		h.answeredBy(t, "")
	}
}

// stuckRegistry never answers, as a network mount may, once it is told to.
type stuckRegistry struct {
	*registry.Registry
	stuck, asked chan struct{}
}

func (r *stuckRegistry) List() ([]registry.Model, error) {
	if r.stuck != nil {
		r.asked <- struct{}{}
		<-r.stuck
	}
	return r.Registry.List()
}

// TestStopsWhileTheDiskIsStuck: it answers, and ends when it is told to.
func TestStopsWhileTheDiskIsStuck(t *testing.T) {
	r := &stuckRegistry{Registry: shelf(t, 1, "won"), asked: make(chan struct{})}
	tick := make(chan time.Time, 1)
	h := catalogHarness(t, Catalog{Registry: r, Tick: tick}, func(c *Config) {
		c.Limits.Stop, c.Clock = 50*time.Millisecond, time.Now
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.stuck = make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx, l) }()
	tick <- time.Now()
	<-r.asked
	h.answeredBy(t, "")
	cancel()
	select {
	case err := <-ended:
		if err != nil || h.lines("stopping while the disk is still being looked at") != 1 {
			t.Error(err, h.log)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not stop")
	}
	close(r.stuck) // so that nothing is left running
}
