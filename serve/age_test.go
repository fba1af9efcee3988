package serve

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadscore/model"
)

// trainedOn says when the training leads were.
func trainedOn(from, to string) func(*model.Artifact) {
	return func(a *model.Artifact) {
		a.Card = &model.Card{Rows: 600, Targets: map[string]*model.TargetCard{"won": {
			BaseRate: .3, Scores: map[string]model.Metrics{},
			Train: model.Sample{Rows: 480, From: from, To: to}, Holdout: model.Sample{Rows: 120, From: to, To: "2026-06-01T00:00:00Z"},
		}}}
	}
}

// aged serves one file at a moment that the test moves.
func aged(t *testing.T, b []byte, metrics string, limit time.Duration) (*harness, *time.Time) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "model.json"), b)
	if metrics != "" {
		write(t, filepath.Join(dir, "metrics.json"), []byte(metrics))
	}
	now := new(time.Time)
	h := catalogHarness(t, Catalog{Wanted: []Ref{{Path: filepath.Join(dir, "model.json")}}}, func(c *Config) {
		c.MaxAge, c.Clock = limit, func() time.Time { return *now }
	})
	return h, now
}

func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	b := versionOf(t, "won", 1, trainedOn("2025-01-01T00:00:00Z", "2026-01-31T12:00:00Z"))
	h, now := aged(t, b, "", 90*day)
	trained := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	version := h.models.Load().models[0].ref.Version
	for _, test := range []struct {
		after time.Duration
		days  int
		stale bool
	}{{-day, 0, false}, {0, 0, false}, {90 * day, 90, false}, {90*day + 1, 90, true}, {120*day + 5*time.Hour, 120, true}, {91 * day, 91, true}} {
		*now = trained.Add(test.after)
		want := ""
		if test.stale {
			want = fmt.Sprintf("model won %s was trained on leads up to 2026-01-31, %d days ago", version, test.days)
		}
		for route, contentType := range map[string]string{"/v1/score": jsonBody, "/v1/explain": jsonBody, "/v1/score?model=won@" + version: jsonBody, "/v1/score/batch": "application/x-ndjson"} {
			body := strings.ReplaceAll(good, "\n", "")
			if got := h.do(t, "POST", route, contentType, body).header.Get("Model-Age-Warning"); got != want {
				t.Errorf("%s after %s: %q, want %q", route, test.after, got, want)
			}
		}
		page := h.do(t, "GET", "/v1/models/won", "", "").body
		if !strings.Contains(page, fmt.Sprintf(`"age":{"since":"2026-01-31T12:00:00Z","basis":"trained_to","days":%d,"stale":%t}`, test.days, test.stale)) {
			t.Errorf("after %s: %s", test.after, page[:2000])
		}
		if ready := h.do(t, "GET", "/readyz", "", ""); ready.status != 200 || strings.Contains(ready.body, "trained on leads") != test.stale {
			t.Errorf("after %s: %s", test.after, ready.body)
		}
		if got := h.metric(t, `leadscore_model_age_seconds{model="won",version="`+version+`"}`); got != fmt.Sprint(test.after.Seconds()) {
			t.Errorf("after %s the gauge says %s", test.after, got)
		}
	}
	if bad := h.do(t, "POST", "/v1/score", jsonBody, `{}`); bad.header.Get("Model-Age-Warning") != "" {
		t.Error("an error warns")
	}
	page := h.do(t, "GET", "/v1/models/won@"+version, "", "").body
	if !strings.Contains(page, `"training":{"rows":480,"from":"2025-01-01T00:00:00Z","to":"2026-01-31T12:00:00Z"},"holdout":{"rows":120,"from":"2026-01-31T12:00:00Z","to":"2026-06-01T00:00:00Z"}`) {
		t.Error(page)
	}
}

// TestAgeWithoutTimesOfLeads is since the training run; without that too it is not known, and nothing warns.
func TestAgeWithoutTimesOfLeads(t *testing.T) {
	b := versionOf(t, "won", 1)
	h, now := aged(t, b, `{"targets":{},"run":{"at":"2026-03-01T08:00:00Z","seconds":1}}`, time.Hour)
	*now = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	if got := h.do(t, "POST", "/v1/score", jsonBody, good).header.Get("Model-Age-Warning"); !strings.HasSuffix(got, "was trained on 2026-03-01, 2 days ago") {
		t.Errorf("%q", got)
	}
	for _, metrics := range []string{"", "{", `{"run":{"at":"yesterday"}}`} {
		h, now := aged(t, b, metrics, time.Hour)
		*now = time.Date(2036, 3, 3, 8, 0, 0, 0, time.UTC)
		if got := h.do(t, "POST", "/v1/score", jsonBody, good).header.Get("Model-Age-Warning"); got != "" {
			t.Errorf("%q: %q", metrics, got)
		}
		if page := h.do(t, "GET", "/v1/models/won", "", "").body; !strings.Contains(page, `"age":null`) {
			t.Error(page)
		}
		if strings.Contains(h.do(t, "GET", "/metrics", "", "").body, "leadscore_model_age_seconds{") {
			t.Error("an age that is not known has a gauge")
		}
	}
}

func TestEntityTags(t *testing.T) {
	h := catalogHarness(t, Catalog{Registry: shelf(t, 2, "won")})
	for _, path := range []string{"/v1/models", "/v1/models/won", "/v1/models/won@v1", "/openapi.json"} {
		first := h.do(t, "GET", path, "", "")
		tag := first.header.Get("ETag")
		if first.status != 200 || len(tag) != 34 || first.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", path, first.status, first.header)
		}
		for _, field := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			a := h.do(t, "GET", path, "", "", "If-None-Match", field)
			if a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Content-Type") != "" || a.header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%s, If-None-Match %s: %d %v %q", path, field, a.status, a.header, a.body)
			}
		}
		for _, field := range []string{`"other"`, strings.Trim(tag, `"`), ""} {
			if a := h.do(t, "GET", path, "", "", "If-None-Match", field); a.status != 200 || a.body != first.body {
				t.Errorf("%s, If-None-Match %s: %d", path, field, a.status)
			}
		}
	}
	old := h.do(t, "GET", "/v1/models", "", "").header.Get("ETag")
	h.do(t, "POST", "/v1/models/won/promote", jsonBody, `{"version":"v2"}`)
	if a := h.do(t, "GET", "/v1/models", "", "", "If-None-Match", old); a.status != 200 || !strings.Contains(a.body, `"v2"`) {
		t.Errorf("after a promotion: %d %s", a.status, a.body)
	}
	for _, path := range []string{"/v1/score", "/v1/explain"} {
		if a := h.do(t, "POST", path, jsonBody, good); a.header.Get("Cache-Control") != "no-store" || a.header.Get("ETag") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
	if a := h.do(t, "GET", "/v1/models/none", "", "", "If-None-Match", "*"); a.status != 404 || a.header.Get("ETag") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
}
