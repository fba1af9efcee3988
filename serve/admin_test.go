package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAdminAddress: profiles, metrics and probes stand on their own address, profiles and symbols nowhere else, and scoring not there.
func TestAdminAddress(t *testing.T) {
	admin := loopback()
	h := harnessOf(t, func(c *Config) { c.Admin = admin }, loadedModel(t, "won"))
	url, own := "http://"+h.listen(t), "http://"+admin.Addr().String()
	hc := client(t)
	for _, test := range []struct {
		url    string
		status int
		want   string
	}{
		{own + "/debug/pprof/", 200, "goroutine"},
		{own + "/debug/pprof/goroutine?debug=1", 200, "goroutine profile"},
		{own + "/debug/pprof/heap?debug=1", 200, "heap profile"},
		{own + "/debug/pprof/cmdline", 200, "serve.test"},
		{own + "/metrics", 200, "leadscore_in_flight"},
		{own + "/healthz", 200, "ok"},
		{own + "/readyz", 200, "ready"},
		{own + "/v1/models", 404, ""},
		{own + "/", 404, ""},
		{url + "/debug/pprof/", 404, "not_found"},
		{url + "/debug/pprof/heap", 404, "not_found"},
		{url + "/debug/pprof/cmdline", 404, "not_found"},
	} {
		resp, err := hc.Get(test.url)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != test.status || !strings.Contains(string(b), test.want) {
			t.Errorf("%s: %d, lacks %q", test.url, resp.StatusCode, test.want)
		}
	}
	resp, err := hc.Post(own+"/v1/score", jsonBody, strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("the admin address scores: %d", resp.StatusCode)
	}
}

// TestAdminAddressUnderOtherNames: on loopback it answers no page whose name points there, elsewhere whatever name the operators have for it, also
// where the server itself answers local names alone.
func TestAdminAddressUnderOtherNames(t *testing.T) {
	admin := loopback()
	h := harnessOf(t, func(c *Config) { c.Admin, c.Access.Local = admin, true }, loadedModel(t, "won"))
	h.listen(t)
	hc := client(t)
	for _, path := range []string{"/debug/pprof/heap?debug=1", "/debug/pprof/cmdline", "/metrics", "/readyz"} {
		for host, want := range map[string]int{"": 200, "localhost:6060": 200, "evil.example": 403, "127.0.0.1.evil.example": 403} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin.Addr().String()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			resp, err := hc.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s of %q: %d", path, host, resp.StatusCode)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		r := httptest.NewRequest(http.MethodGet, "http://10.0.0.5:6060"+path, nil)
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 5), Port: 6060}))
		w := httptest.NewRecorder()
		if h.Admin().ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("%s on another address: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestAdminAddressAnswersUntilTheEnd: while the server drains its readiness can be asked there, then the address is closed, with a profile under way.
func TestAdminAddressAnswersUntilTheEnd(t *testing.T) {
	t.Parallel()
	admin := loopback()
	h := harnessOf(t, func(c *Config) { c.Admin, c.Limits.Drain = admin, 300*time.Millisecond }, loadedModel(t, "won"))
	ctx, cancel := contextOf(t)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, loopback()) }()
	own := "http://" + admin.Addr().String()
	hc := client(t)
	profile := make(chan bool, 1)
	go func() {
		resp, err := hc.Get(own + "/debug/pprof/trace?seconds=60")
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		profile <- err == nil
	}()
	cancel()
	until(t, "draining", h.draining.Load)
	resp, err := hc.Get(own + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("ready while stopping: %d", resp.StatusCode)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	<-profile // whole or cut off, it has ended
	if resp, err := hc.Get(own + "/healthz"); err == nil {
		_ = resp.Body.Close()
		t.Error("the admin address is still open")
	}
}
