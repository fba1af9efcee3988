package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/api"
)

func contextOf(testing.TB) (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background()) // t.Context would stop the server before the cleanups that wait for it
}

// loopback is a listener on 127.0.0.1.
func loopback() net.Listener { return httptest.NewUnstartedServer(nil).Listener }

// TestStopLosesNoAnswer: clients that do as a load balancer does, asking /readyz and going away when it says no, lose nothing.
func TestStopLosesNoAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Drain: 500 * time.Millisecond}, loadedModel(t, "won"))
	l := loopback()
	ctx, cancel := contextOf(t)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, l) }()
	url := "http://" + l.Addr().String()
	hc := client(t)
	var gone atomic.Bool
	go func() {
		for {
			resp, err := hc.Get(url + "/readyz")
			if err != nil {
				gone.Store(true)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusServiceUnavailable {
				gone.Store(true)
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	var answered atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for i := 0; i < 20_000 && !gone.Load(); i++ {
				resp, err := hc.Post(url+"/v1/score", jsonBody, strings.NewReader(good))
				if err != nil {
					t.Error(err)
					return
				}
				var a api.Answer
				if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode != http.StatusOK || a.LeadID != "L-1" {
					t.Errorf("%d %v %+v", resp.StatusCode, err, a)
				}
				_ = resp.Body.Close()
				if answered.Add(1) == 200 {
					cancel()
				}
			}
		}()
	}
	clients.Wait()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	if answered.Load() < 200 {
		t.Errorf("only %d answers", answered.Load())
	}
	if _, err := net.DialTimeout("tcp", l.Addr().String(), time.Second); err == nil {
		t.Error("the listener is still open")
	}
}

// TestWhileStopping: requests are answered, but on connections that end with them, and /readyz says no.
func TestWhileStopping(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.header.Get("Connection") != "" {
		t.Error("connections end before the server stops")
	}
	h.draining.Store(true)
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 || a.header.Get("Connection") != "close" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := h.do(t, "GET", "/readyz", "", ""); a.status != 503 || !strings.Contains(a.body, "stopping") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestStopWaitsForWhatIsUnderWay, but not longer than its limit.
func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		stop     time.Duration
		answered bool
	}{{"in time", 10 * time.Second, true}, {"too late", 100 * time.Millisecond, false}} {
		t.Run(test.name, func(t *testing.T) {
			h := newHarness(t, Limits{Drain: time.Millisecond, Stop: test.stop}, loadedModel(t, "won"))
			begun, release := make(chan bool), make(chan bool)
			h.use(t, func(*model.Lead) error { begun <- true; <-release; return nil })
			l := loopback()
			ctx, cancel := contextOf(t)
			defer cancel()
			done, status := make(chan error, 1), make(chan int, 1)
			go func() { done <- h.Run(ctx, l) }()
			hc := client(t)
			go func() {
				resp, err := hc.Post("http://"+l.Addr().String()+"/v1/score", jsonBody, strings.NewReader(good))
				if err != nil {
					status <- 0
					return
				}
				_ = resp.Body.Close()
				status <- resp.StatusCode
			}()
			<-begun
			cancel()
			if test.answered {
				time.Sleep(50 * time.Millisecond)
				close(release)
				if got, err := <-status, <-done; got != 200 || err != nil {
					t.Errorf("status %d, Run %v", got, err)
				}
				return
			}
			err := <-done
			close(release)
			if got := <-status; got != 0 || err == nil || !strings.Contains(err.Error(), "within 100ms") {
				t.Errorf("status %d, Run %v", got, err)
			}
		})
	}
}

func TestRunTellsOfABrokenListener(t *testing.T) {
	h := newHarness(t, Limits{})
	l := loopback()
	_ = l.Close()
	if err := h.Run(t.Context(), l); err == nil || !strings.Contains(err.Error(), "serving on 127.0.0.1") {
		t.Errorf("got %v", err)
	}
}

// zeros is a body of that many bytes which nobody has to hold.
type zeros struct{ left atomic.Int64 }

func (z *zeros) Read(p []byte) (int, error) {
	left := z.left.Load()
	if left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), left)
	for i := range p[:n] {
		p[i] = ' '
	}
	z.left.Add(-n)
	return int(n), nil
}

// TestHugeBody: 100 MB are neither taken nor held, whether their length is declared or not.
func TestHugeBody(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	hc := client(t)
	for _, length := range []int64{100 << 20, -1} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		src := &zeros{}
		src.left.Store(100 << 20)
		req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/v1/score", io.NopCloser(src))
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = length
		req.Header.Set("Content-Type", jsonBody)
		resp, err := hc.Do(req)
		if err != nil {
			t.Fatalf("length %d: %v", length, err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		runtime.ReadMemStats(&after)
		if resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(b), `"too_large"`) || !strings.Contains(string(b), "1048576 bytes") || !resp.Close {
			t.Errorf("length %d: %d %s", length, resp.StatusCode, b)
		}
		if sent := int64(100<<20) - src.left.Load(); sent > 30<<20 {
			t.Errorf("length %d: %d bytes were taken", length, sent)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("length %d: %d bytes were allocated", length, used)
		}
	}
}

// TestSlowClients: a head, a body and a pause that take too long end; the server is free again in bounded time.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const short = 200 * time.Millisecond
	for name, test := range map[string]struct {
		limits     Limits
		send, want string
	}{
		"a head without an end": {Limits{ReadHead: short}, "POST /v1/score HTTP/1.1\r\nHost: x\r\nX-A: ", ""},
		"a body that stalls":    {Limits{Read: short}, "POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"lead\":", "408"},
		"a pause":               {Limits{Idle: short}, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "200"},
		"silence":               {Limits{ReadHead: short}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.limits.Drain = time.Millisecond
			addr := newHarness(t, test.limits, loadedModel(t, "won")).listen(t)
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.WriteString(c, test.send); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			in := bufio.NewReader(c)
			if test.want != "" {
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				b, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if !strings.HasPrefix(resp.Status, test.want) || test.want == "408" && (!strings.Contains(string(b), `"timeout"`) || !resp.Close) {
					t.Errorf("%s %s", resp.Status, b)
				}
			}
			if rest, err := io.ReadAll(in); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("the connection stays: %q, %v", rest, err)
			}
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestHeadersAreLimited(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	req, err := http.NewRequest(http.MethodGet, "http://"+h.listen(t)+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 100<<10))
	resp, err := client(t).Do(req)
	if err == nil {
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status %d, want 431", resp.StatusCode)
		}
	}
}

// TestSwapUnderLoad: every answer is of the old model or of the new one, whole.
func TestSwapUnderLoad(t *testing.T) {
	one, two := loadedModel(t, "one"), loadedModel(t, "second one")
	h := newHarness(t, Limits{}, one)
	want := map[string]string{}
	for _, m := range []*model.Scorer{one, two} {
		if err := h.SetModels(m); err != nil {
			t.Fatal(err)
		}
		want[m.Artifact().Name] = h.do(t, "POST", "/v1/score", jsonBody, good).body
	}
	if len(want) != 2 || want["one"] == want["second one"] {
		t.Fatal("the models do not differ")
	}
	stop := make(chan bool)
	var clients sync.WaitGroup
	for range 3 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := httptest.NewRequest(http.MethodPost, "/v1/score", strings.NewReader(good))
				r.Header.Set("Content-Type", jsonBody)
				w := httptest.NewRecorder()
				h.Handler().ServeHTTP(w, r)
				if got := w.Body.String(); got != want["one"] && got != want["second one"] {
					t.Errorf("neither model's answer: %s", got)
				}
			}
		}()
	}
	for i := range 200 {
		if err := h.SetModels([]*model.Scorer{one, two}[i%2]); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	clients.Wait()
}

// TestClientAndServer: the Go client against the real thing.
func TestClientAndServer(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	c, err := api.NewClient("http://"+h.listen(t), api.Options{HTTP: client(t), Model: "won"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	r := &api.Request{
		Lead:   map[string]json.RawMessage{"lead_id": json.RawMessage(`"L-9"`), "visits": json.RawMessage("3")},
		Events: []api.Event{{Type: "price_page", At: "2026-01-01T00:00:00Z"}}, AsOf: "2026-01-02T00:00:00Z",
	}
	a, err := c.Score(ctx, r)
	if err != nil || a.LeadID != "L-9" || a.RuleScore != 30 {
		t.Fatalf("%+v, %v", a, err)
	}
	x, err := c.Explain(ctx, r)
	if err != nil || x.Probability != a.Probability || len(x.Effects) == 0 || len(x.RuleTrace) == 0 {
		t.Errorf("%+v, %v", x, err)
	}
	sum := x.Baseline
	for _, e := range x.Effects {
		sum += e.Effect
	}
	if d := sum - model.Logit(x.Probability); d > 1e-9 || d < -1e-9 {
		t.Errorf("baseline and effects give %v, the logit is %v", sum, model.Logit(x.Probability))
	}
	models, err := c.Models(ctx)
	if err != nil || len(models) != 1 {
		t.Fatal(models, err)
	}
	m, err := c.Model(ctx, models[0].Name+"@"+models[0].Version)
	if err != nil || len(m.Input) != len(schema.Fields)+2 || m.Version != a.Model.Version {
		t.Errorf("%+v, %v", m, err)
	}
	var batch []api.Request
	for i := range 3000 {
		batch = append(batch, api.Request{Lead: map[string]json.RawMessage{"lead_id": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint("id", i)))}})
	}
	batch[7].AsOf = "never"
	rows, err := c.ScoreBatch(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if i == 7 {
			if row.Error == nil || row.Error.Field != "as_of" {
				t.Errorf("row 7: %+v", row)
			}
		} else if row.Error != nil || row.Answer.LeadID != fmt.Sprint("id", i) {
			t.Fatalf("row %d: %+v", i, row)
		}
	}
	if again, err := c.Score(ctx, &api.Request{Lead: map[string]json.RawMessage{"x": json.RawMessage("1")}}); err == nil {
		t.Errorf("took a foreign attribute: %+v", again)
	}
}
