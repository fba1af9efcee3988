package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/api"
)

const ndjson = "application/x-ndjson"

// outcomes says of each row its id or its error's code.
func outcomes(t *testing.T, a answer, array bool) (out []string) {
	t.Helper()
	var rows []api.Row
	if array {
		if err := json.Unmarshal([]byte(a.body), &rows); err != nil {
			t.Fatalf("%v\n%s", err, a.body)
		}
	} else {
		for _, line := range strings.Split(strings.TrimSuffix(a.body, "\n"), "\n") {
			var row api.Row
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v\n%s", err, line)
			}
			rows = append(rows, row)
		}
	}
	for _, r := range rows {
		if r.Error != nil {
			out = append(out, r.Error.Code)
			if r.Error.RequestID == "" {
				t.Error("a row's error without request id")
			}
		} else {
			out = append(out, r.Answer.LeadID)
		}
	}
	return out
}

func lead(id string) string { return `{"lead":{"lead_id":"` + id + `","visits":3}}` }

// TestBatchRows: a row for a row, in order, errors in place, in both forms.
func TestBatchRows(t *testing.T) {
	h := newHarness(t, Limits{Body: 300}, loadedModel(t, "won"))
	rows := []string{
		lead("a"), `{"lead":{"shoe":1}}`, `{"lead":`, lead("b"), `7`, `{"lead":{"notes":"` + strings.Repeat("x", 400) + `"}}`, `{"lead":{},"lead":{}}`, lead("c"),
	}
	want := "[a unknown_attribute invalid_json b invalid_json too_large duplicate_key c]"
	a := h.do(t, "POST", "/v1/score/batch", ndjson, "\n"+strings.Join(rows, "\n\r\n"))
	if got := fmt.Sprint(outcomes(t, a, false)); got != want || a.status != 200 || a.header.Get("Content-Type") != ndjson {
		t.Errorf("NDJSON: %d %s, want %s", a.status, got, want)
	}
	rows[2] = `{"lead":}` // in an array a bracket that does not close takes the rest with it
	a = h.do(t, "POST", "/v1/score/batch", jsonBody, "["+strings.Join(rows, " ,\n")+"]\n")
	if got := fmt.Sprint(outcomes(t, a, true)); got != want || a.status != 200 || a.header.Get("Content-Type") != jsonBody {
		t.Errorf("array: %d %s, want %s", a.status, got, want)
	}

	h.use(t, func(l *model.Lead) error {
		if l.Values[0].Str == "b" {
			return errors.New("a model that cannot")
		}
		return nil
	})
	a = h.do(t, "POST", "/v1/score/batch", ndjson, lead("a")+"\n"+lead("b")+"\n"+lead("c"))
	if got := fmt.Sprint(outcomes(t, a, false)); got != "[a internal c]" || strings.Contains(a.body, "cannot") || !strings.Contains(h.log.String(), `"row":2,"error":"scoring a lead: a model that cannot"`) {
		t.Errorf("a row that is our fault: %s\n%s", a.body, h.log)
	}
}

// TestBatchIsScore: a row's answer is the bytes that the lead alone gets.
func TestBatchIsScore(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	table := leads(t, 100, 9)
	var batch, single strings.Builder
	for row := range 100 {
		b := body(t, table, row)
		batch.Write(append(b, '\n'))
		single.WriteString(h.do(t, "POST", "/v1/score", jsonBody, string(b)).body)
	}
	if got := h.do(t, "POST", "/v1/score/batch", ndjson, batch.String()).body; got != single.String() {
		t.Error("a batch answers otherwise than its rows alone")
	}
}

// TestScoresAreTheScorers: what HTTP answers are the bits of Scorer.Score over the same rows as a table.
func TestScoresAreTheScorers(t *testing.T) {
	m := loadedModel(t, "won")
	h := newHarness(t, Limits{}, m)
	table := leads(t, 200, 21)
	var columns model.Columns
	if err := m.ScoreBatch(table.Batches[0], &columns); err != nil {
		t.Fatal(err)
	}
	for row := range 200 {
		var a api.Answer
		if err := json.Unmarshal([]byte(h.do(t, "POST", "/v1/score", jsonBody, string(body(t, table, row))).body), &a); err != nil {
			t.Fatal(err)
		}
		if a.Probability != columns.Probability[row] || a.Score != columns.Score[row] || a.RuleScore != columns.RuleScore[row] ||
			a.Recommendation.Stage != string(columns.Stage[row]) || a.Probabilities["sql"] != columns.Probabilities[1][row] {
			t.Fatalf("row %d: %+v", row, a)
		}
	}
}

func TestBatchRefusals(t *testing.T) {
	h := newHarness(t, Limits{BatchBody: 1000}, loadedModel(t, "won"))
	for _, test := range []routeTest{
		{name: "empty array", body: "[]", status: 200, want: []string{"[]"}},
		{name: "empty NDJSON", contentType: ndjson, body: "\n", status: 200},
		{name: "no array", body: lead("a"), status: 400, want: []string{"invalid_json"}},
		{name: "bytes after", body: "[" + lead("a") + "] x", status: 400, not: []string{"probability"}},
		{name: "cut", body: "[" + lead("a"), status: 400, want: []string{"closing bracket"}},
		{name: "nothing", body: "", status: 400},
		{name: "too large", contentType: ndjson, body: strings.Repeat("\n", 1001), status: 413, want: []string{"1000 bytes"}},
		{name: "yaml", contentType: "application/yaml", body: "a", status: 415, want: []string{ndjson, csvMedia, arrowMedia}},
		{name: "a form", contentType: "application/x-www-form-urlencoded", body: "[]", status: 415},
		{name: "compressed", body: "[]", header: []string{"Content-Encoding", "br"}, status: 415},
		{name: "no such model", path: "/v1/score/batch?model=x", body: "[]", status: 404, field: "model"},
	} {
		if test.path == "" {
			test.path = "/v1/score/batch"
		}
		test.run(t, h)
	}
}

// listen serves h on loopback through Run and returns its address; Run has ended when the test has.
func (h *harness) listen(t testing.TB) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil) // only for its listener, on 127.0.0.1
	l := server.Listener
	ctx, cancel := contextOf(t)
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return l.Addr().String()
}

// endless yields lines until it is told to stop.
type endless struct {
	line []byte
	left int
	rest []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.line
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func client(t testing.TB) *http.Client {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 60 * time.Second}
}

// TestBatchStreamsInFlatMemory: 12 times the rows take no more memory; held, they would take 20 MiB more, both sides of the
// connection being in this process.
func TestBatchStreamsInFlatMemory(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	url := "http://" + h.listen(t) + "/v1/score/batch"
	hc := client(t)
	for _, form := range []struct{ contentType, head, between, tail string }{{ndjson, "", "\n", ""}, {jsonBody, "[", ",\n", lead("z") + "]"}} {
		peak := func(rows int) uint64 {
			src := io.MultiReader(strings.NewReader(form.head), &endless{line: []byte(lead("a") + form.between), left: rows}, strings.NewReader(form.tail))
			resp, err := hc.Post(url, form.contentType, src)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			var top uint64
			in := bufio.NewScanner(resp.Body)
			got := 0
			for ; in.Scan(); got++ {
				if got%4_000 == 0 {
					runtime.GC()
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					top = max(top, m.HeapAlloc)
				}
				if !strings.Contains(in.Text(), `"probability":`) {
					t.Fatalf("row %d: %s", got, in.Text())
				}
			}
			if want := rows + strings.Count(form.tail, "lead_id"); in.Err() != nil || got != want {
				t.Fatalf("%d rows of %d, error %v", got, want, in.Err())
			}
			return top
		}
		small := peak(2_000)
		if large := peak(24_000); large > small+8<<20 {
			t.Errorf("%s: %d bytes of heap with 24,000 rows, %d with 2,000", form.contentType, large, small)
		}
	}
}

// TestBatchAnswersAsItGoes: a client that sends one line and waits gets its answer, and the time limits of a single
// request are not those of a batch.
func TestBatchAnswersAsItGoes(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Read: 100 * time.Millisecond, Write: 100 * time.Millisecond, Drain: time.Millisecond}, loadedModel(t, "won"))
	r, w := io.Pipe()
	resp := make(chan *http.Response, 1) // closed below
	url := "http://" + h.listen(t) + "/v1/score/batch"
	hc := client(t)
	go func() {
		a, err := hc.Post(url, ndjson, r) //nolint:bodyclose // by whoever receives it
		if err != nil {
			t.Error(err)
		}
		resp <- a
	}()
	var in *bufio.Scanner
	for i := range 3 {
		time.Sleep(100 * time.Millisecond)
		if _, err := fmt.Fprintln(w, lead(fmt.Sprint("id", i))); err != nil {
			t.Fatal(err)
		}
		if in == nil {
			a := <-resp
			if a == nil {
				t.FailNow()
			}
			defer func() { _ = a.Body.Close() }()
			in = bufio.NewScanner(a.Body)
		}
		if !in.Scan() || !strings.Contains(in.Text(), fmt.Sprint("id", i)) {
			t.Fatalf("line %d: %q, %v", i, in.Text(), in.Err())
		}
	}
	_ = w.Close()
	if in.Scan() || in.Err() != nil {
		t.Errorf("after the end: %q, %v", in.Text(), in.Err())
	}
}

// TestBatchThatBreaksOff: once part of the answer is out, what goes wrong with the stream is its last row.
func TestBatchThatBreaksOff(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{BatchBody: 200_000, BatchIdle: 300 * time.Millisecond, Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	post := func(contentType string, body io.Reader) string {
		resp, err := client(t).Post("http://"+addr+"/v1/score/batch", contentType, io.MultiReader(body)) // chunked: no length is known
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%d, %v", resp.StatusCode, err)
		}
		return string(b)
	}
	many := strings.Repeat(lead("a")+",\n", 1000)
	for name, test := range map[string]struct{ contentType, body, code string }{
		"an array with bytes after": {jsonBody, "[" + many + lead("z") + "] x", "invalid_json"},
		"an array that is cut":      {jsonBody, "[" + many, "invalid_json"},
		"an array too large":        {jsonBody, "[" + strings.Repeat(many, 8), "too_large"},
	} {
		var rows []api.Row
		if err := json.Unmarshal([]byte(post(test.contentType, strings.NewReader(test.body))), &rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if last := rows[len(rows)-1]; len(rows) < 1001 || last.Error == nil || last.Error.Code != test.code || rows[len(rows)-2].Error != nil {
			t.Errorf("%s: %d rows, the last %+v", name, len(rows), last.Error)
		}
	}
	lines := strings.Split(strings.TrimSpace(post(ndjson, strings.NewReader(strings.Repeat(lead("a")+"\n", 8000)))), "\n")
	if last := lines[len(lines)-1]; len(lines) < 1000 || !strings.Contains(last, `"too_large"`) {
		t.Errorf("NDJSON too large: %d rows, the last %s", len(lines), last)
	}
	r, w := io.Pipe()
	go func() { _, _ = io.WriteString(w, lead("a")+"\n"+lead("b")+"\n") }() // and then nothing
	start := time.Now()
	lines = strings.Split(strings.TrimSpace(post(ndjson, r)), "\n")
	_ = w.Close()
	if len(lines) != 3 || !strings.Contains(lines[2], `"timeout"`) || !strings.Contains(lines[2], `"status":408`) || time.Since(start) > 5*time.Second {
		t.Errorf("a batch that stalls: %q after %s", lines, time.Since(start))
	}
}

// TestBatchWhoseClientVanishes: nothing is left running (goleak) and the next client is answered.
func TestBatchWhoseClientVanishes(t *testing.T) {
	h := newHarness(t, Limits{BatchIdle: 500 * time.Millisecond, Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n", ndjson)
	_, _ = c.Write(bytes.Repeat([]byte(lead("a")+"\n"), 500))
	_ = c.Close()
	resp, err := client(t).Get("http://" + addr + "/healthz")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}
