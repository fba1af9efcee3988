package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTablesAreSentOnce(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/v1/score/batch" || r.URL.RawQuery != "model=won" {
			t.Errorf("asked for %s", r.URL)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if string(body) == "busy" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(append([]byte(r.Header.Get("Content-Type")+" "), body...))
	}))
	defer server.Close()
	c, err := NewClient(server.URL, Options{Model: "won", HTTP: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	csv, err := c.ScoreCSV(t.Context(), strings.NewReader("a\n1\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = csv.Close() }()
	if got, err := io.ReadAll(csv); err != nil || string(got) != "text/csv a\n1\n" {
		t.Errorf("%q, %v", got, err)
	}
	arrow, err := c.ScoreArrow(t.Context(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = arrow.Close() }()
	if got, err := io.ReadAll(arrow); err != nil || string(got) != "application/vnd.apache.arrow.stream x" {
		t.Errorf("%q, %v", got, err)
	}
	asked = 0
	var p *Problem
	if _, err := c.ScoreCSV(t.Context(), strings.NewReader("busy")); !errors.As(err, &p) || p.Status != http.StatusServiceUnavailable || asked != 1 {
		t.Errorf("%v after %d requests, want a problem after one", err, asked)
	}
}
