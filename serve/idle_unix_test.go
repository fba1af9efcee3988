//go:build unix

package serve

import (
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// openFiles raises the limit of open files as far as this process may, and returns it.
func openFiles(t testing.TB) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return int(min(limit.Max, 1<<20))
}

// TestIdleConnections keeps 10,000 of them, or as many as this process may have: each has had an answer and waits. Others are answered, an idle
// one costs little memory, and one of them that asks again is answered too.
func TestIdleConnections(t *testing.T) {
	connections := (openFiles(t) - 500) / 2 // both ends are in this process
	if connections > 10_000 {
		connections = 10_000
	}
	if connections < 2000 {
		t.Fatalf("this process may have only %d connections; want a hard limit of open files of at least 4500", connections)
	}
	h := newHarness(t, Limits{Idle: 5 * time.Minute, Drain: time.Millisecond}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	addr := h.listen(t)
	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := used()
	all := make([]net.Conn, connections)
	errs := make(chan error, connections)
	var opening sync.WaitGroup
	for first := range 16 {
		opening.Go(func() {
			for i := first; i < connections; i += 16 {
				c, err := net.Dial("tcp", addr)
				if err == nil {
					all[i] = c
					_, err = io.WriteString(c, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
				}
				if err == nil {
					err = readAnswer(c)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	opening.Wait()
	defer func() {
		for _, c := range all {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
	each := int64(used()-before) / int64(connections)
	half := askFor(t, client(t), "http://"+addr, want, 100)
	t.Logf("%d idle connections of %d bytes each, both ends; half of the answers beside them within %s", connections, each, half)
	if each > 32<<10 {
		t.Errorf("an idle connection costs %d bytes", each)
	}
	if half > 250*time.Millisecond {
		t.Errorf("half of the answers took more than %s", half)
	}
	for _, i := range []int{0, connections / 2, connections - 1} {
		if _, err := io.WriteString(all[i], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := readAnswer(all[i]); err != nil {
			t.Error(err)
		}
	}
}
