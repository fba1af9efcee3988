package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWrongSettingsOfOperation: each is told, those of one section together, with exit code 2 and before anything listens.
func TestWrongSettingsOfOperation(t *testing.T) {
	for _, test := range []struct {
		args string
		want []string
	}{
		{"--log-format xml --access-log some --trace-sample 2 --drift-window -1h --drift-rows 7", []string{
			`--log-format: "xml" is no format; want json or text`, `--access-log: "some"`, "--trace-sample: 2 is no share", "--drift-window: -1h0m0s is too short", "--drift-rows: 7 are too few"}},
		{"--log-level LOUD", []string{"LOUD"}},
		{"--max-concurrent -1 --queue -2 --max-batches 9999999 --queue-timeout 0s", []string{
			"--max-concurrent: -1", "--queue: -2", "--max-batches: 9999999", "--queue-timeout: 0s is not above 0"}},
		{"--max-held 67108864", []string{"--max-held: 67108864 leaves no room for a body of 67108864", "or 0 for twice as many"}},
		{"--max-held -1", []string{"--max-held: -1 leaves no room"}},
		{"--otlp-endpoint collector:4318", []string{"--otlp-endpoint", "want one such as http://collector:4318"}},
		{"--admin-addr 0.0.0.0:0", []string{"0.0.0.0:0 is not loopback", "--admin-remote"}},
		{"--admin-addr :6060", []string{"is not loopback"}},
		{"--admin-addr example.com:6060", []string{"is not loopback"}},
		{"--admin-addr 6060", []string{"--admin-addr", "missing port"}},
	} {
		var out, log bytes.Buffer
		args := append([]string{"serve", "--model", "../../../../model/testdata/model.v1.json", "--addr", "127.0.0.1:0"}, strings.Fields(test.args)...)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		code := Run(ctx, args, Streams{Out: &out, Err: &log, Now: time.Now})
		cancel()
		if code != exitUsage {
			t.Errorf("%s: exit code %d\n%s", test.args, code, &log)
		}
		for _, want := range test.want {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: lacks %q\n%s", test.args, want, &log)
			}
		}
	}
}

// TestServeWithAllOfOperation: the settings reach the server, and the log is whole when it has stopped.
func TestServeWithAllOfOperation(t *testing.T) {
	collector := "http://127.0.0.1:1" // nobody is there, which the server must not mind
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan int, 1)
	go func() {
		done <- Run(ctx, []string{"serve", "--model", "../../../../model/testdata/model.v1.json", "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0",
			"--max-concurrent", "3", "--queue", "-1", "--log-format", "text", "--access-log", "errors", "--drain", "1ms",
			"--otlp-endpoint", collector, "--trace-sample", "1"}, Streams{Out: w, Err: w, Now: time.Now})
		_ = w.Close()
	}()
	log := bufio.NewScanner(r)
	address := func(what string) string {
		for log.Scan() {
			if strings.Contains(log.Text(), what) {
				_, addr, _ := strings.Cut(log.Text(), "http://")
				return "http://" + addr
			}
		}
		t.Fatalf("no line tells of %q", what)
		return ""
	}
	admin, own := address("profiles"), address("serving")
	rest := make(chan string, 1)
	go func() {
		var b strings.Builder
		for log.Scan() {
			b.WriteString(log.Text() + "\n")
		}
		rest <- b.String()
	}()
	get := func(url string) string {
		t.Helper()
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return string(b)
	}
	if page := get(admin + "/metrics"); !strings.Contains(page, "leadscore_log_lines_dropped_total 0") || !strings.Contains(page, `leadscore_otlp_failures_total{signal="traces"}`) {
		t.Error("the metrics lack those of the log or of OTLP")
	}
	get(own + "/healthz")
	get(own + "/nothing")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	cancel()
	if code := <-done; code != exitDone {
		t.Errorf("exit code %d", code)
	}
	text := <-rest
	if strings.Count(text, "msg=request") != 1 || !strings.Contains(text, "status=404") || !strings.Contains(text, "trace_id=") || !strings.Contains(text, "msg=stopping") {
		t.Errorf("the log: %s", text)
	}
}
