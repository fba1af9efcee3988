//go:build unix

package serve

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// openFiles raises the limit of open files as far as this process may, and returns it.
func openFiles(t testing.TB) uint64 {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return uint64(limit.Max) //nolint:unconvert // an int64 on FreeBSD
}

// TestIdleConnections keeps 10,000 of them, whose other ends are another process (idle_client_test.go): each has had an answer and waits. Others are
// answered, an idle one costs little memory, and one of them that asks again is answered too.
func TestIdleConnections(t *testing.T) {
	connections, others, dear := 10_000, 500, int64(24<<10) // others: files that the rest of the tests has open; dear: bytes
	if raced {                                              // which takes half a minute for so many, of more bytes each
		connections, dear = 1000, 32<<10
	}
	if most := openFiles(t); most < uint64(connections+others) {
		t.Fatalf("the hard limit of open files is %d; %d idle connections need %d of them: raise it (ulimit -Hn %[3]d)", most, connections, connections+others)
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
	keeper := exec.CommandContext(t.Context(), os.Args[0])
	keeper.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", keepsFor, addr, connections))
	var problems strings.Builder
	keeper.Stderr = &problems
	in, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	expect := func(what string) {
		t.Helper()
		line, err := said.ReadString('\n')
		if strings.TrimSpace(line) != what {
			_ = keeper.Wait()
			t.Fatalf("the client says %q (%v), want %q: %s", line, err, what, problems.String())
		}
	}
	expect("open")
	each := int64(used()-before) / int64(connections)
	half := askFor(t, client(t), "http://"+addr, want, 100)
	t.Logf("%d idle connections of %d bytes each; half of the answers beside them within %s", connections, each, half)
	if each > dear {
		t.Errorf("an idle connection costs %d bytes", each)
	}
	if half > 250*time.Millisecond {
		t.Errorf("half of the answers took more than %s", half)
	}
	if _, err := io.WriteString(in, "\n"); err != nil {
		t.Fatal(err)
	}
	expect("answered")
	_ = in.Close()
	if err := keeper.Wait(); err != nil {
		t.Errorf("the client: %v %s", err, problems.String())
	}
}
