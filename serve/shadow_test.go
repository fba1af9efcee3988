package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/api"
)

// withShadow serves v1 with v2 in its shadow; the log has everything.
func withShadow(t *testing.T, queue int, change ...func(*model.Artifact)) *harness {
	t.Helper()
	r := shelf(t, 1, "won")
	run := t.TempDir()
	write(t, run+"/model.json", versionOf(t, "won", -1, change...))
	if _, err := r.Add("won", run); err != nil {
		t.Fatal(err)
	}
	return catalogHarness(t, Catalog{Registry: r}, func(c *Config) {
		c.Challengers, c.ShadowQueue = []Challenger{{Name: "won", Version: "v2", Shadow: true}}, queue
	})
}

func (h *harness) shadowed(t *testing.T) *api.Shadow {
	t.Helper()
	var m api.Model
	if err := json.Unmarshal([]byte(h.do(t, "GET", "/v1/models/won", "", "").body), &m); err != nil || m.Shadow == nil {
		t.Fatalf("no shadow: %v", err)
	}
	return m.Shadow
}

// settle runs the server's work until as many leads have been compared or refused.
func (h *harness) settle(t *testing.T, leads int64) *api.Shadow {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { h.Work(ctx); close(done) }()
	shadow := h.models.Load().models[0].shadow
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		// Not h.shadowed: holding each look against the document takes seconds.
		if s := shadow.summary(); s.Rows+s.Refused >= leads || time.Now().After(deadline) {
			cancel()
			<-done
			return s
		}
	}
}

// TestShadow: answers are the champion's to the byte, and what is told of the challenger is what it says when it is asked.
func TestShadow(t *testing.T) {
	h := withShadow(t, 0)
	const n = 12
	var sum, abs float64
	moved := 0
	for i := range n {
		lead := fmt.Sprintf(`{"lead":{"lead_id":"secret-%d","visits":%d,"source":%q},"lang":"es"}`, i, i%9, []string{"web", "referral"}[i%2])
		route := []string{"/v1/score", "/v1/explain"}[i%2]
		got := h.do(t, "POST", route, jsonBody, lead)
		if want := h.do(t, "POST", route+"?model=won@v1", jsonBody, lead); got.body != want.body {
			t.Fatalf("%s\n%s", got.body, want.body)
		}
		var champion, challenger api.Answer
		for query, into := range map[string]*api.Answer{"v1": &champion, "v2": &challenger} {
			if err := json.Unmarshal([]byte(h.do(t, "POST", "/v1/score?model=won@"+query, jsonBody, lead).body), into); err != nil {
				t.Fatal(err)
			}
		}
		d := challenger.Probability - champion.Probability
		sum, abs = sum+d, abs+math.Abs(d)
		if challenger.Recommendation.Stage != champion.Recommendation.Stage {
			moved++
		}
	}
	h.settle(t, n)
	s := h.shadowed(t)
	if s.Rows != n || s.Dropped != 0 || s.Refused != 0 || math.Abs(s.MeanDifference-sum/n) > 1e-12 || math.Abs(s.MeanAbsolute-abs/n) > 1e-12 ||
		s.StageChanges != float64(moved)/n || moved == 0 || s.Challenger.RegistryVersion != "v2" {
		t.Errorf("%+v; want %d rows, mean %v and %v, %d moved", s, n, sum/n, abs/n, moved)
	}
	const pair = `{challenger="v2",champion="v1",model="won"}`
	if h.metric(t, "leadscore_shadow_leads_total"+pair) != fmt.Sprint(n) || h.metric(t, "leadscore_shadow_probability_difference_count"+pair) != fmt.Sprint(n) {
		t.Error(h.do(t, "GET", "/metrics", "", "").body)
	}
	if !strings.Contains(h.do(t, "GET", "/metrics", "", "").body, `leadscore_shadow_stage_changes_total{challenger="v2",champion="v1",from="`) {
		t.Error("no stage changes are counted")
	}
	if log := h.log.String(); strings.Contains(log, "secret-") || strings.Contains(log, "referral") || h.lines("a challenger scored a lead") != moved {
		t.Errorf("%d lines, want %d; %s", h.lines("a challenger scored a lead"), moved, log)
	}
	h.Reload()
	if again := h.shadowed(t); again.Rows != n {
		t.Errorf("a look at the disk forgets what came of it: %+v", again)
	}
	h.do(t, "POST", "/v1/models/won/promote", jsonBody, `{"version":"v2"}`)
	if page := h.do(t, "GET", "/v1/models/won", "", "").body; strings.Contains(page, `"shadow"`) {
		t.Error("the promoted challenger is its own shadow")
	}
}

// TestShadowRefuses: what the challenger would not take is counted, by its code.
func TestShadowRefuses(t *testing.T) {
	h := withShadow(t, 0, func(a *model.Artifact) { a.Outcomes = a.Outcomes[:1] }) // it does not know closed_at
	for range 3 {
		if a := h.do(t, "POST", "/v1/score", jsonBody, `{"lead":{"closed_at":"2026-01-01"}}`); a.status != 200 {
			t.Fatal(a.body)
		}
	}
	h.do(t, "POST", "/v1/score", jsonBody, good)
	h.do(t, "POST", "/v1/score", jsonBody, `{"lead":{"foreign":1}}`) // is nobody's
	if s := h.settle(t, 4); s.Rows != 1 || s.Refused != 3 {
		t.Errorf("%+v", s)
	}
	if n := h.metric(t, `leadscore_shadow_refused_total{challenger="v2",champion="v1",code="unknown_attribute",model="won"}`); n != "3" {
		t.Errorf("%q are counted", n)
	}
}

// TestShadowDrops: a full queue costs a lead its comparison and the caller nothing.
func TestShadowDrops(t *testing.T) {
	h := withShadow(t, 5)
	for range 12 {
		if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 {
			t.Fatal(a.body)
		}
	}
	if s := h.settle(t, 5); s.Rows != 5 || s.Dropped != 7 {
		t.Errorf("%+v; want 5 rows, 7 dropped", s)
	}
	if n := h.metric(t, `leadscore_shadow_dropped_total{challenger="v2",champion="v1",model="won"}`); n != "7" {
		t.Errorf("%q are counted", n)
	}
}

// TestShadowPanics: a challenger that panics is one that refuses.
func TestShadowPanics(t *testing.T) {
	h := withShadow(t, 0)
	p := h.models.Load().models[0].shadow
	sick := *p.challenger
	sick.scorer = &fake{sick.scorer, func(*model.Lead) error { panic("secret") }}
	p.challenger = &sick
	h.do(t, "POST", "/v1/score", jsonBody, good)
	if s := h.settle(t, 1); s.Refused != 1 || strings.Contains(h.log.String(), "secret") {
		t.Errorf("%+v %s", s, h.log)
	}
}
