package serve

import (
	"net/http"
	"strings"
	"testing"
)

// TestPageOfTheAPI: the page comes with its own policy, the way to it is told, and everything else keeps the strict one.
func TestPageOfTheAPI(t *testing.T) {
	h := newHarness(t, Limits{})
	for _, test := range []routeTest{
		{name: "the page", method: "GET", path: "/docs", status: 200, want: []string{"<!doctype html>", "/v1/score/batch", "unknown_attribute", "</html>"}, not: []string{"https://", "ZgotmplZ"}},
		{name: "the way to it", method: "GET", path: "/", status: 302, not: []string{"<"}},
		{name: "not to be written", path: "/docs", status: 405},
		{name: "a slash too many", method: "GET", path: "/docs/", status: 404},
	} {
		test.run(t, h)
	}
	page := h.do(t, "GET", "/docs", "", "")
	if kind := page.header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("content type %q", kind)
	}
	policy := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "style-src 'sha256-", "script-src 'sha256-", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || len(page.header.Values("Content-Security-Policy")) != 1 {
		t.Errorf("policy %q", page.header.Values("Content-Security-Policy"))
	}
	for _, path := range []string{"/", "/openapi.json", "/healthz", "/docs/"} {
		if got := h.do(t, http.MethodGet, path, "", "").header.Get("Content-Security-Policy"); got != noSource[0] {
			t.Errorf("%s has the policy %q", path, got)
		}
	}
	if to := h.do(t, "GET", "/", "", "").header.Get("Location"); to != "docs" {
		t.Errorf("the way leads to %q", to)
	}
}
