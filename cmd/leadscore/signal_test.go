package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asCommand makes the test binary the command itself.
const asCommand = "LEADSCORE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestSecondSignalEndsAtOnce: the first SIGTERM waits for the request under way, the second does not.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	const model = "../../model/testdata/model.v1.json"
	cmd := exec.Command(os.Args[0], "serve", "--model", model, "--addr", "127.0.0.1:0", "--stop-timeout", "10m", "--read-timeout", "10m", "--drain", "1ms", "--log-format", "text")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	timer := time.AfterFunc(60*time.Second, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	log := bufio.NewScanner(stderr)
	wait := func(what string) string {
		t.Helper()
		for log.Scan() {
			if strings.Contains(log.Text(), what) {
				return log.Text()
			}
		}
		t.Fatalf("the log does not tell of %q", what)
		return ""
	}
	_, addr, _ := strings.Cut(wait("http://"), "http://")
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	// A whole request first, so that the connection is known to be served; then half of one.
	if _, err := io.WriteString(c, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("not ready: %s", resp.Status)
	}
	if _, err := fmt.Fprintf(c, "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100") { // the body is being read
		t.Fatal(line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wait("stopping")
	if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("the first signal did not wait for the request: %v", err)
	}
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, stderr)
	err = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if took := time.Since(began); err == nil || !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM || took > 20*time.Second {
		t.Errorf("ended with %v after %s", cmd.ProcessState, took)
	}
}
