package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer is a stream that a server writes to while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// serving runs leadscore serve and returns its address, and what stops it and gives its stdout.
func serving(t *testing.T, args ...string) (url string, stopped func() string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	log, out, done := &addressLog{found: make(chan string, 1)}, &lockedBuffer{}, make(chan int, 1)
	go func() {
		done <- Run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--drain", "1ms"}, args...), Streams{Out: out, Err: log, Now: time.Now})
	}()
	select {
	case url = <-log.found:
	case <-time.After(20 * time.Second):
		stop()
		t.Fatal("the server did not say where it listens")
	}
	return url, func() string {
		t.Helper()
		http.DefaultClient.CloseIdleConnections()
		stop()
		select {
		case code := <-done:
			if code != 0 {
				t.Errorf("exit %d after a stop, want 0", code)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the server did not stop")
		}
		return out.String()
	}
}

// heldOut writes the hold-out rows of snap.csv to a file of their own and returns it, and the requests for them without outcomes.
func heldOut(t *testing.T, dir string) (path string, requests []string) {
	t.Helper()
	held := map[string]bool{}
	for _, b := range table(t, filepath.Join(dir, "run", "predictions.parquet")).Batches {
		for i := range b.Rows() {
			held[b.Value(0, i).String()] = true
		}
	}
	f, err := os.Open(filepath.Join(dir, "leads.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kept := [][]string{rows[0]}
	for _, row := range rows[1:] {
		if !held[row[0]] {
			continue
		}
		kept = append(kept, row)
		lead := map[string]string{}
		for j, name := range rows[0] {
			if name != "status" && name != "closed_at" {
				lead[name] = row[j]
			}
		}
		body, err := json.Marshal(map[string]any{"lead": lead})
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, string(body))
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(kept); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "heldout.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, requests
}

// figures are the scores of a card, as its JSON has them.
func figures(t *testing.T, out string) map[string]any {
	t.Helper()
	var card struct {
		Targets map[string]struct {
			Holdout struct{ Rows int }
			Scores  map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(out), &card); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	won := card.Targets["won"]
	return map[string]any{"rows": won.Holdout.Rows, "scores": won.Scores}
}

// TestLoggedPredictionsAreMeasuredAsTheModelIs: leads are scored over HTTP and logged, to files and to stdout, with plain and with hashed ids; their
// log, held against the outcomes, gives the figures that the model has on the same leads.
func TestLoggedPredictionsAreMeasuredAsTheModelIs(t *testing.T) {
	dir := demo(t)
	run, log, salt := filepath.Join(dir, "run"), filepath.Join(dir, "log"), filepath.Join(dir, "salt")
	if err := os.Mkdir(log, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(salt, []byte("0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data, requests := heldOut(t, dir)
	score := func(url string) {
		t.Helper()
		r, err := http.Post(url+"/v1/score/batch", "application/x-ndjson", strings.NewReader(strings.Join(requests, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		answers, err := io.ReadAll(r.Body)
		if e := r.Body.Close(); err != nil || e != nil || strings.Count(string(answers), `"probability"`) != len(requests) {
			t.Fatalf("%v %v %.300s", err, e, answers)
		}
	}
	url, stopped := serving(t, "--model", run, "--prediction-log", log, "--prediction-log-hash-ids", salt)
	score(url)
	if out := stopped(); out != "" {
		t.Errorf("stdout: %.200s", out)
	}
	url, stopped = serving(t, "--model", run, "--prediction-log", "-")
	score(url)
	lines := filepath.Join(dir, "predictions.jsonl")
	if err := os.WriteFile(lines, []byte(stopped()), 0o600); err != nil {
		t.Fatal(err)
	}
	direct, _ := cmd(t, 0, "evaluate", "--model", run, "--data", data, "--json")
	want := figures(t, direct)
	if want["rows"].(int) < 100 {
		t.Fatalf("%v", want)
	}
	for _, args := range [][]string{
		{"--log", log, "--log-salt", salt, "--model", run},
		{"--log", lines, "-c", filepath.Join(dir, "leadscore.yaml")},
		{"--log", lines, "--model", run, "--log-pick", "last"},
	} {
		out, _ := cmd(t, 0, append([]string{"evaluate", "--data", data, "--json"}, args...)...)
		if got := figures(t, out); !reflect.DeepEqual(got, want) {
			t.Errorf("%v\ngot  %v\nwant %v", args, got, want)
		}
	}
	out, errs := cmd(t, 0, "evaluate", "--data", data, "--log", lines, "--model", run, "--lang", "es")
	says(t, out, "predicciones del registro", "medidas")
	says(t, errs, "were answered after the outcome")
}

func TestMistakesWithLogs(t *testing.T) {
	short := filepath.Join(t.TempDir(), "salt")
	if err := os.WriteFile(short, []byte("pepper"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"evaluate", "--data", "x.csv"}, []string{"model", "log"}},
		{[]string{"evaluate", "--data", "x.csv", "--model", "m", "--log-pick", "last", "--id", "x"}, []string{"--log-pick: it goes with --log", "--id: it goes with --log"}},
		{[]string{"evaluate", "--data", "x.csv", "--log", "l"}, []string{"--model or with -c"}},
		{[]string{"evaluate", "--data", "x.csv", "--log", "l", "--model", "m", "-c", "c"}, []string{"not with both"}},
		{[]string{"evaluate", "--data", "x.csv", "--log", "l", "--model", "m", "--log-pick", "best", "--events", "e"}, []string{`--log-pick: "best"`, "--events"}},
		{[]string{"serve", "--model", "m", "--prediction-log-hash-ids", short, "--prediction-log-buffer", "0", "--idempotency", "-1s"}, []string{
			"--prediction-log-buffer: 0", "--idempotency: -1s", "holds 6 bytes; want at least 16", "there is no --prediction-log"}},
		{[]string{"serve", "--model", "m", "--idempotency", "0", "--idempotency-request-ids"}, []string{"nothing is kept"}},
	} {
		_, errs := cmd(t, 2, test.args...)
		for _, want := range test.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%v: %s\nlacks %s", test.args, errs, want)
			}
		}
	}
}
