package serve

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"leadscore/model"
)

// idempotent is a harness that keeps answers for a minute, and its clock.
func idempotent(t *testing.T, byID bool, models ...*model.Scorer) (*harness, func(time.Duration)) {
	t.Helper()
	h := &harness{log: &journal{}}
	var passed atomic.Int64
	c := config(h.log, Limits{Body: 4096}, models...)
	c.Clock = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	c.Idempotency = Idempotency{Window: time.Minute, RequestIDs: byID}
	var err error
	if h.Server, err = New(c); err != nil {
		t.Fatal(err)
	}
	h.doc, h.router = document(t)
	return h, func(d time.Duration) { passed.Add(int64(d)) }
}

const replayed = "Idempotency-Replayed"

// TestTheSameKeyGetsTheSameAnswer byte for byte, when another model is loaded by then too.
func TestTheSameKeyGetsTheSameAnswer(t *testing.T) {
	for _, path := range []string{"/v1/score", "/v1/explain"} {
		h, pass := idempotent(t, false, loadedModel(t, "won"))
		first := h.do(t, "POST", path, jsonBody, good, "Idempotency-Key", `"k-1"`)
		if first.status != 200 || first.header.Get(replayed) != "" {
			t.Fatalf("%d %v", first.status, first.header)
		}
		if err := h.SetModels(loadedModel(t, "second")); err != nil {
			t.Fatal(err)
		}
		again := h.do(t, "POST", path, jsonBody, good, "Idempotency-Key", "k-1")
		if again.body != first.body || again.status != 200 || again.header.Get(replayed) != "true" || again.header.Get("X-Request-Id") == first.header.Get("X-Request-Id") {
			t.Errorf("again: %d %v\n%s\nfirst\n%s", again.status, again.header, again.body, first.body)
		}
		if a := h.do(t, "POST", path, jsonBody, good, "Idempotency-Key", "k-2"); a.body == first.body || a.header.Get(replayed) != "" {
			t.Error("another key got the same answer")
		}
		if a := h.do(t, "POST", path, jsonBody, good); a.body == first.body || a.header.Get(replayed) != "" {
			t.Error("no key got the same answer")
		}
		if a := h.do(t, "POST", path, jsonBody, good, "Idempotency-Key", "k-1", "Authorization", "Bearer another"); a.body == first.body {
			t.Error("another caller got the same answer")
		}
		pass(time.Minute)
		if a := h.do(t, "POST", path, jsonBody, good, "Idempotency-Key", "k-1"); a.body == first.body || a.header.Get(replayed) != "" {
			t.Error("the answer is kept for longer than the window")
		}
	}
}

func TestIdempotencyRoutes(t *testing.T) {
	h, _ := idempotent(t, false, loadedModel(t, "won"), loadedModel(t, "second"))
	key := func(k string) []string { return []string{"Idempotency-Key", k} }
	for _, test := range []routeTest{
		{name: "first", body: good, header: key("a"), status: 200},
		{name: "another body", body: `{"lead":{}}`, header: key("a"), status: 422, field: "Idempotency-Key", want: []string{"idempotency_key_reused", "new key"}, not: []string{"probability"}},
		{name: "another model", path: "/v1/score?model=second", body: good, header: key("a"), status: 422, field: "Idempotency-Key"},
		{name: "another route", path: "/v1/explain", body: good, header: key("a"), status: 422, field: "Idempotency-Key"},
		{name: "refused", body: `{"lead":{"visits":"many"}}`, header: key("b"), status: 400, field: "lead.visits"},
		{name: "a refusal keeps no key", body: good, header: key("b"), status: 200},
		{name: "too large", body: `{"lead":{"notes":"` + strings.Repeat("x", 5000) + `"}}`, header: key("c"), status: 413},
		{name: "empty", body: good, header: key(`""`), status: 400, field: "Idempotency-Key", want: []string{"invalid_header"}},
		{name: "long", body: good, header: key(strings.Repeat("x", 256)), status: 400, field: "Idempotency-Key", not: []string{"xxxx"}},
		{name: "not ASCII", body: good, header: key("ü"), status: 400, field: "Idempotency-Key"},
		{name: "a batch has none", path: "/v1/score/batch", body: "[" + good + "]", header: key("a"), status: 200},
	} {
		if test.path == "" {
			test.path = "/v1/score"
		}
		test.run(t, h)
	}
	if h.replays.Len() != 2 {
		t.Errorf("%d answers are kept, want 2", h.replays.Len())
	}
}

// TestRequestIDsAsKeys: where it is wanted, the same X-Request-Id with the same request gets the same answer; with another it is another request.
func TestRequestIDsAsKeys(t *testing.T) {
	for _, on := range []bool{true, false} {
		h, _ := idempotent(t, on, loadedModel(t, "won"))
		first := h.do(t, "POST", "/v1/score", jsonBody, good, "X-Request-Id", "mine")
		if err := h.SetModels(loadedModel(t, "second")); err != nil {
			t.Fatal(err)
		}
		if a := h.do(t, "POST", "/v1/score", jsonBody, good, "X-Request-Id", "mine"); (a.body == first.body) != on || (a.header.Get(replayed) == "true") != on {
			t.Errorf("on %v: %v %s", on, a.header, a.body)
		}
		if a := h.do(t, "POST", "/v1/score", jsonBody, `{"lead":{}}`, "X-Request-Id", "mine"); a.status != 200 || a.header.Get(replayed) != "" {
			t.Errorf("another body: %d %v", a.status, a.header)
		}
		if a := h.do(t, "POST", "/v1/score", jsonBody, good, "X-Request-Id", "not sane"); a.body == first.body {
			t.Error("an id that is not kept was taken for a key")
		}
	}
}

// TestTwinsGetOneAnswer: requests at the same time are scored once; a panic of the first lets the next one try.
func TestTwinsGetOneAnswer(t *testing.T) {
	h, _ := idempotent(t, false, loadedModel(t, "won"))
	var scored atomic.Int64
	h.use(t, func(*model.Lead) error {
		if scored.Add(1) == 1 {
			panic("the first")
		}
		return nil
	})
	var all sync.WaitGroup
	var mu sync.Mutex
	count := map[int]int{}
	for range 20 {
		all.Go(func() {
			a := h.do(t, "POST", "/v1/score", jsonBody, good, "Idempotency-Key", "k")
			mu.Lock()
			count[a.status]++
			mu.Unlock()
		})
	}
	all.Wait()
	if count[500] != 1 || count[200] != 19 || scored.Load() != 2 {
		t.Errorf("answers %v, scored %d times", count, scored.Load())
	}
}

func TestIdempotencyOff(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for range 2 {
		if a := h.do(t, "POST", "/v1/score", jsonBody, good, "Idempotency-Key", `""`); a.status != 200 || a.header.Get(replayed) != "" {
			t.Errorf("%d %v", a.status, a.header)
		}
	}
}
