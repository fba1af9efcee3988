package serve

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"leadscore/model"
)

// padded is a body of JSON of at least n bytes, most of them white space.
func padded(body string, n int) string { return body + strings.Repeat(" ", max(n-len(body), 0)) }

// TestLargeBodiesAreBounded: while the bodies that are on their way take the memory there is for them, another large one is refused and told when to
// come again, at the latest when it has sent as much; single leads are answered, and what was taken is given back, however a request ends.
func TestLargeBodiesAreBounded(t *testing.T) {
	h := harnessOf(t, func(c *Config) { c.Limits.InferBody, c.Limits.Held = 1<<20, 3<<19 }, loadedModel(t, "won"))
	url := "http://" + h.listen(t)
	hc := client(t)
	table := padded(`{"instances":[{"visits":4}]}`, 1<<20)
	slow, more := io.Pipe()
	first := make(chan int, 1)
	go func() {
		resp, err := hc.Post(url+"/invocations", jsonBody, slow)
		if err != nil {
			first <- 0
			return
		}
		_ = resp.Body.Close()
		first <- resp.StatusCode
	}()
	if _, err := io.WriteString(more, table[:len(table)-1]); err != nil {
		t.Fatal(err)
	}
	until(t, "body", func() bool { return h.held.now.Load() >= 1<<20 })
	for _, path := range []string{"/invocations", "/v2/models/won/infer", "/v1/score"} {
		resp, err := hc.Post(url+path, jsonBody, strings.NewReader(padded(good, 900<<10)))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "1" || !resp.Close || !strings.Contains(string(b), "as much memory") {
			t.Errorf("%s: %d %v %s", path, resp.StatusCode, resp.Header, b)
		}
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, padded(good, smallBody)); a.status != 200 {
		t.Errorf("a single lead: %d %s", a.status, a.body)
	}
	if h.metric(t, `leadscore_shed_total{reason="memory",work="body"}`) != "3" || h.metric(t, "leadscore_held_bytes") == "0" {
		t.Error("the metrics do not tell of it")
	}
	if _, err := io.WriteString(more, " "); err != nil || more.Close() != nil {
		t.Fatal(err)
	}
	if status := <-first; status != 200 {
		t.Errorf("the first body: %d", status)
	}
	for _, body := range []string{table, padded(`{"instances":[{"visits":{}}]}`, 1<<20), table + " "} { // answered, refused, too large
		h.do(t, "POST", "/invocations", jsonBody, body)
		if n := h.held.now.Load(); n != 0 {
			t.Errorf("%d bytes are held at the end", n)
		}
	}
	h.use(t, func(*model.Lead) error { panic("a bug") })
	if h.do(t, "POST", "/invocations", jsonBody, table); h.held.now.Load() != 0 {
		t.Errorf("%d bytes are held after a panic", h.held.now.Load())
	}
}

// TestLargeTablesAreLetInAsBatches: tables of many rows do not take the places of single leads.
func TestLargeTablesAreLetInAsBatches(t *testing.T) {
	h := harnessOf(t, func(c *Config) { c.Queue = Queue{Concurrent: 1, Waiting: -1, Timeout: time.Millisecond, Batches: 1} }, loadedModel(t, "won"))
	small := `{"instances":[{"visits":4}]}`
	large := padded(small, smallTable+1)
	status := func(body string) int { return h.do(t, "POST", "/invocations", jsonBody, body).status }
	if h.batches.enter(context.Background()); status(large) != 503 || status(small) != 200 {
		t.Errorf("while batches are at work: %d, %d", status(large), status(small))
	}
	tensor := padded(`{"inputs":[{"name":"visits","shape":[1],"datatype":"FP64","data":[4]}]}`, smallTable+1)
	if a := h.do(t, "POST", "/v2/models/won/infer", jsonBody, tensor); a.status != 503 {
		t.Errorf("tensors while batches are at work: %d", a.status)
	}
	h.batches.leave()
	if h.requests.enter(context.Background()); status(large) != 200 || status(small) != 503 {
		t.Errorf("while leads are at work: %d, %d", status(large), status(small))
	}
	h.requests.leave()
	if n := h.held.most; h.held.take(n) && status(large) != 503 {
		t.Error("a table is let in while answers take all memory")
	}
	if h.held.give(h.held.most); h.requests.inFlight() != 0 || h.batches.inFlight() != 0 {
		t.Error("places are lost")
	}
}

// TestTablesNobodyWaitsForEnd: a table is scored no further when its client has gone, or when the time to answer is over.
func TestTablesNobodyWaitsForEnd(t *testing.T) {
	rows := `{"instances":[{}` + strings.Repeat(",{}", 5000) + `]}`
	for _, test := range []struct {
		name string
		end  func(*time.Time, context.CancelFunc)
		want string
	}{
		{"gone", func(_ *time.Time, hangUp context.CancelFunc) { hangUp() }, "has hung up"},
		{"late", func(now *time.Time, _ context.CancelFunc) { *now = now.Add(time.Minute) }, "send it in parts"},
	} {
		now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
		h := harnessOf(t, func(c *Config) { c.Clock = func() time.Time { return now } }, loadedModel(t, "won"))
		ctx, hangUp := context.WithCancel(t.Context())
		scored := 0
		h.use(t, func(*model.Lead) error {
			if scored++; scored == 10 {
				test.end(&now, hangUp)
			}
			return nil
		})
		r := httptest.NewRequestWithContext(ctx, "POST", "/invocations", strings.NewReader(rows))
		r.Header.Set("Content-Type", jsonBody)
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		h.conforms(t, r, answer{w.Code, w.Header(), w.Body.String()})
		if w.Code != http.StatusRequestTimeout || !strings.Contains(w.Body.String(), test.want) || scored > rowsBetweenLooks {
			t.Errorf("%s: %d rows, %d %s", test.name, scored, w.Code, w.Body)
		}
		hangUp()
	}
}

// hungUp is a client that takes nothing.
type hungUp struct {
	*httptest.ResponseRecorder
	held func() int64
	seen int64
}

func (w *hungUp) Write(b []byte) (int, error) {
	w.seen = w.held()
	return 0, io.ErrClosedPipe
}

// TestAnswersThatAreNotTaken: the memory of a large answer counts while it is sent, and the log tells that it did not arrive.
func TestAnswersThatAreNotTaken(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	w := &hungUp{ResponseRecorder: httptest.NewRecorder(), held: h.held.now.Load}
	r := httptest.NewRequest(http.MethodPost, "/invocations", strings.NewReader(`{"instances":[{}`+strings.Repeat(",{}", 5000)+`]}`))
	r.Header.Set("Content-Type", jsonBody)
	h.Handler().ServeHTTP(w, r)
	if w.seen < 100<<10 || h.held.now.Load() != 0 {
		t.Errorf("%d bytes were held, then %d", w.seen, h.held.now.Load())
	}
	var line struct{ Whole *bool }
	if err := json.Unmarshal([]byte(h.log.String()), &line); err != nil || line.Whole == nil || *line.Whole {
		t.Errorf("%v: %s", err, h.log)
	}
}
