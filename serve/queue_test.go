package serve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/api"
)

// harnessOf is a harness whose configuration the test changes.
func harnessOf(t testing.TB, change func(*Config), models ...*model.Scorer) *harness {
	t.Helper()
	h := &harness{log: &journal{}}
	c := config(h.log, Limits{Drain: time.Millisecond}, models...)
	change(&c)
	var err error
	if h.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	return h
}

func testGate(places, queue int, timeout time.Duration) *gate {
	g := newGate(places, queue, timeout)
	for _, why := range []string{shedFull, shedTimeout, shedGone} {
		g.shed[why] = prometheus.NewCounter(prometheus.CounterOpts{Name: why})
	}
	return g
}

// TestGateNeverLetsInTooMany: whoever comes, waits, gives up or hangs up, no more than the places are taken, and at the end all are free.
func TestGateNeverLetsInTooMany(t *testing.T) {
	for _, test := range []struct{ places, queue int }{{1, 0}, {1, 1}, {2, 3}, {3, 20}} {
		g := testGate(test.places, test.queue, 300*time.Microsecond)
		var inside, let atomic.Int64
		var clients sync.WaitGroup
		for i := range 16 {
			clients.Go(func() {
				for n := range 300 {
					ctx, cancel := context.Background(), context.CancelFunc(func() {})
					if (n+i)%7 == 0 {
						ctx, cancel = context.WithTimeout(ctx, 50*time.Microsecond)
					}
					if g.enter(ctx) {
						let.Add(1)
						if k := inside.Add(1); k > int64(test.places) {
							t.Errorf("%d inside of %d places", k, test.places)
						}
						for range n % 50 {
							runtime.Gosched()
						}
						inside.Add(-1)
						g.leave()
					}
					cancel()
				}
			})
		}
		clients.Wait()
		shed := number(t, g.shed[shedFull]) + number(t, g.shed[shedTimeout]) + number(t, g.shed[shedGone])
		if g.free.Load() != int64(test.places) || len(g.handed) != 0 || g.inFlight() != 0 || g.waiting() != 0 {
			t.Errorf("%+v: %d free and %d on the way at the end", test, g.free.Load(), len(g.handed))
		}
		if let.Load()+int64(shed) != 16*300 {
			t.Errorf("%+v: %d let in, %v refused of %d", test, let.Load(), shed, 16*300)
		}
	}
}

// number is the value of a counter.
func number(t testing.TB, c prometheus.Counter) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	all, err := r.Gather()
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0].Metric[0].Counter.GetValue()
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within 10 s", what)
		}
	}
}

// TestFlood sends far more than is taken at once: what is refused is told when to come again, what is taken is answered right and in bounded
// time, and probes are answered all the while.
func TestFlood(t *testing.T) {
	const work, timeout = 20 * time.Millisecond, 100 * time.Millisecond
	h := harnessOf(t, func(c *Config) { c.Queue = Queue{Concurrent: 2, Waiting: 4, Timeout: timeout, Batches: 1} }, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	var inside, most atomic.Int64
	h.use(t, func(*model.Lead) error {
		k := inside.Add(1)
		for m := most.Load(); k > m && !most.CompareAndSwap(m, k); m = most.Load() {
		}
		time.Sleep(work)
		inside.Add(-1)
		return nil
	})
	url := "http://" + h.listen(t)
	hc := client(t)
	var answered, refused, slowest atomic.Int64
	var clients sync.WaitGroup
	for range 40 {
		clients.Go(func() {
			for range 5 {
				began := time.Now()
				resp, err := hc.Post(url+"/v1/score", jsonBody, strings.NewReader(good))
				if err != nil {
					t.Error(err)
					return
				}
				b, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				switch resp.StatusCode {
				case http.StatusOK:
					answered.Add(1)
					slowest.Store(max(slowest.Load(), int64(time.Since(began))))
					if string(b) != want {
						t.Errorf("answered %s", b)
					}
				case http.StatusServiceUnavailable:
					refused.Add(1)
					var p api.Problem
					if err := json.Unmarshal(b, &p); err != nil || p.Code != api.CodeOverloaded || resp.Header.Get("Retry-After") != "1" || resp.Close {
						t.Errorf("%v %s %v", err, b, resp.Header)
					}
					h.matches(t, "Problem", string(b))
				default:
					t.Errorf("%d %s", resp.StatusCode, b)
				}
			}
		})
	}
	clients.Go(func() {
		for range 20 {
			for _, path := range []string{"/healthz", "/readyz", "/metrics", "/v1/models"} {
				resp, err := hc.Get(url + path)
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("%s: %v %v", path, resp, err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		}
	})
	clients.Wait()
	t.Logf("%d answered, %d refused, the slowest answer after %s", answered.Load(), refused.Load(), time.Duration(slowest.Load()))
	if answered.Load() < 10 || refused.Load() < 10 || most.Load() > 2 {
		t.Errorf("%d answered, %d refused, %d at once", answered.Load(), refused.Load(), most.Load())
	}
	if d := time.Duration(slowest.Load()); d > timeout+work+2*time.Second { // the rest is what this machine needs
		t.Errorf("an answer took %s", d)
	}
	page := h.do(t, "GET", "/metrics", "", "").body
	if !strings.Contains(page, `leadscore_in_flight{work="score"} 0`) || !strings.Contains(page, `leadscore_waiting{work="score"} 0`) ||
		strings.Contains(page, `leadscore_shed_total{reason="full",work="score"} 0`) {
		t.Error("the metrics do not tell of it")
	}
}

// full is a harness whose one place for requests and one for batches are taken, until release is called.
func full(t *testing.T) (h *harness, release func()) {
	t.Helper()
	h = harnessOf(t, func(c *Config) { c.Queue = Queue{Concurrent: 1, Waiting: -1, Timeout: time.Millisecond, Batches: 1} }, loadedModel(t, "won"))
	ctx := context.Background()
	if !h.requests.enter(ctx) || !h.batches.enter(ctx) {
		t.Fatal("the places are taken already")
	}
	return h, func() { h.requests.leave(); h.batches.leave() }
}

// TestOnlyScoringIsShed goes through all routes while nothing more is let in.
func TestOnlyScoringIsShed(t *testing.T) {
	h, release := full(t)
	for _, r := range h.routes() {
		path := strings.NewReplacer(":name", "won", ":version", h.models.Load().all[0].info.Version).Replace(r.path)
		contentType, body := "", ""
		if r.method == http.MethodPost {
			contentType, body = jsonBody, "{}"
		}
		a := h.do(t, r.method, path, contentType, body)
		switch shed := a.status == http.StatusServiceUnavailable && strings.Contains(a.body, "under way than this server takes at once"); {
		case r.scope == score && (!shed || a.header.Get("Retry-After") != "1"):
			t.Errorf("%s %s is let in, or is not told when to come again: %d %s", r.method, path, a.status, a.body)
		case r.scope != score && shed:
			t.Errorf("%s %s is shed", r.method, path)
		}
	}
	if a := h.do(t, "POST", "/v1/score/batch", ndjson, good); a.header.Get("Connection") != "close" {
		t.Error("the rest of a refused batch is waited for")
	}
	release()
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := h.do(t, "POST", "/v1/score/batch", ndjson, strings.ReplaceAll(good, "\n", " ")+"\n"); a.status != 200 || strings.Contains(a.body, "error") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestPlacesAreGivenBack after errors, panics and batches that break off.
func TestPlacesAreGivenBack(t *testing.T) {
	h := harnessOf(t, func(c *Config) { c.Queue = Queue{Concurrent: 1, Waiting: -1, Timeout: time.Millisecond, Batches: 1} }, loadedModel(t, "won"))
	outcome := error(nil)
	h.use(t, func(*model.Lead) error {
		if outcome == nil {
			panic("a bug")
		}
		return outcome
	})
	row := strings.ReplaceAll(good, "\n", " ") + "\n"
	for range 3 {
		outcome = nil
		if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 500 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := h.do(t, "POST", "/v1/score/batch", ndjson, row); a.status != 200 || !strings.Contains(a.body, `"code":"internal"`) { // the row's error
			t.Errorf("%d %s", a.status, a.body)
		}
		outcome = errors.New("another")
		if a := h.do(t, "POST", "/v1/explain", jsonBody, `{"lead":{"no":1}}`); a.status != 400 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 500 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if h.requests.inFlight() != 0 || h.batches.inFlight() != 0 {
		t.Errorf("%v and %v places are lost", h.requests.inFlight(), h.batches.inFlight())
	}
}

// TestASlowBodyHoldsNoPlace: who sends slowly does not keep others out.
func TestASlowBodyHoldsNoPlace(t *testing.T) {
	h := harnessOf(t, func(c *Config) { c.Queue = Queue{Concurrent: 1, Waiting: -1, Timeout: time.Millisecond} }, loadedModel(t, "won"))
	addr := h.listen(t)
	for range 3 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, "POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := client(t).Post("http://"+addr+"/v1/score", jsonBody, strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || h.requests.inFlight() != 0 {
		t.Errorf("%d, %v in flight", resp.StatusCode, h.requests.inFlight())
	}
}

// TestAClientThatWaitsMayHangUp: its place in the queue is free again.
func TestAClientThatWaitsMayHangUp(t *testing.T) {
	g := testGate(1, 1, time.Hour)
	g.enter(context.Background())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { done <- g.enter(ctx) }()
	until(t, "waiter", func() bool { return g.waiting() == 1 })
	if g.enter(context.Background()) {
		t.Error("two wait where one may")
	}
	cancel()
	if <-done || g.waiting() != 0 || number(t, g.shed[shedGone]) != 1 || number(t, g.shed[shedFull]) != 1 {
		t.Error("who hung up was let in, or waits on")
	}
	g.leave()
}

// BenchmarkGate is what coming and going costs, from all processors at once.
func BenchmarkGate(b *testing.B) {
	g := newGate(1<<20, 1, time.Second)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if g.enter(context.Background()) {
				g.leave()
			}
		}
	})
}
