package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// target serves h and gives the settings that load it with a body of n bytes.
func target(t *testing.T, n int, h http.HandlerFunc) settings {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	body := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(body, []byte(strings.Repeat("x", n)), 0o600); err != nil {
		t.Fatal(err)
	}
	return settings{url: server.URL + "/a?b=1", body: body, kind: "text/plain", connections: 4, duration: 100 * time.Millisecond, pid: os.Getpid()}
}

// TestAnswersAreReadWhole: of a stated length, in chunks, and where the server ends the connection; each request is the same.
func TestAnswersAreReadWhole(t *testing.T) {
	var asked atomic.Int64
	s := target(t, 300<<10, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b) != 300<<10 || r.URL.RequestURI() != "/a?b=1" || r.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s with %d bytes of %s", r.URL, len(b), r.Header.Get("Content-Type"))
		}
		switch asked.Add(1) % 4 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, strings.Repeat("y", 200<<10))
		default:
			_, _ = fmt.Fprint(w, "ok")
		}
	})
	result, err := closed(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r := result.(*report)
	if n := int64(r.Answers + r.Errors["503"]); n != asked.Load() || r.Errors["503"] == 0 || len(r.Errors) != 1 || r.P50 > r.P99 || r.P99 > r.Max {
		t.Errorf("%d were asked: %+v", asked.Load(), r)
	}
}

// TestOpenChargesForWaiting: a server that stalls once is charged for all who were meant to be served meanwhile.
func TestOpenChargesForWaiting(t *testing.T) {
	var asked atomic.Int64
	s := target(t, 10, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			time.Sleep(300 * time.Millisecond) // the stall that is measured
		}
		_, _ = io.WriteString(w, "ok")
	})
	s.connections, s.rate, s.duration = 1, 100, 400*time.Millisecond
	result, err := open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if r := result.(*report); r.Answers != 40 || r.Unsent != 0 || r.P50 < 50 || r.Max < 300 {
		t.Errorf("%+v", r)
	}
}

func TestNobodyThere(t *testing.T) {
	s := target(t, 1, nil)
	s.url, s.duration = "http://127.0.0.1:1/", 20*time.Millisecond
	result, err := closed(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if r := result.(*report); r.Answers != 0 || r.Errors["0"] == 0 {
		t.Errorf("%+v", r)
	}
	s.url = "https://127.0.0.1/"
	if _, err := closed(t.Context(), s); err == nil {
		t.Error("https is taken")
	}
}
