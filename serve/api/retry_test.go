package api

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// hangUp ends the connection without an answer: with a reset, or as if all had been said.
func hangUp(t *testing.T, w http.ResponseWriter, reset bool) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	if reset {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
	_ = c.Close()
}

// TestBrokenConnections: what changes nothing is asked again, whole, when the connection breaks before an answer; a batch is not.
func TestBrokenConnections(t *testing.T) {
	ask := map[string]func(*Client) error{
		"score":   func(c *Client) error { _, err := c.Score(t.Context(), lead("a")); return err },
		"explain": func(c *Client) error { _, err := c.Explain(t.Context(), lead("a")); return err },
		"models":  func(c *Client) error { _, err := c.Models(t.Context()); return err },
		"batch":   func(c *Client) error { _, err := c.ScoreBatch(t.Context(), []Request{*lead("a")}); return err },
		"promote": func(c *Client) error {
			return c.post(t.Context(), "promoting", "v1/models/m/promote", lead("a"), &Answer{})
		},
	}
	for name, tries := range map[string]int32{"score": 3, "explain": 3, "models": 3, "batch": 1, "promote": 1} {
		for _, reset := range []bool{false, true} {
			var n atomic.Int32
			c, waits := serve(t, func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				if r.Method == http.MethodPost && !strings.Contains(string(b), `{"lead":{"id":"a"}}`) {
					t.Errorf("%s: the body was %q", name, b)
				}
				if n.Add(1) < 3 {
					hangUp(t, w, reset)
					return
				}
				_, _ = io.WriteString(w, `{"lead_id":"a"}`)
			}, Options{})
			c.options.HTTP.Transport.(*http.Transport).DisableKeepAlives = true // or net/http repeats a GET by itself
			err := ask[name](c)
			if n.Load() != tries || (err == nil) != (tries == 3) || len(*waits) != int(tries)-1 {
				t.Errorf("%s, reset %v: %d tries, waits %v, error %v", name, reset, n.Load(), *waits, err)
			}
		}
	}
}

// TestRefusedConnections: nothing listens at first; whatever was to be sent has not been, a batch and a change too.
func TestRefusedConnections(t *testing.T) {
	for name, ask := range map[string]func(*Client) error{
		"score": func(c *Client) error { _, err := c.Score(t.Context(), lead("a")); return err },
		"batch": func(c *Client) error { _, err := c.ScoreBatch(t.Context(), []Request{*lead("a")}); return err },
		"promote": func(c *Client) error {
			return c.post(t.Context(), "promoting", "v1/models/m/promote", lead("a"), &Answer{})
		},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		var server *httptest.Server
		transport := &http.Transport{}
		c, err := NewClient("http://"+address, Options{HTTP: &http.Client{Transport: transport}, Sleep: func(context.Context, time.Duration) error {
			l, err := net.Listen("tcp", address)
			if err != nil {
				return err
			}
			server = httptest.NewUnstartedServer(http.HandlerFunc(echo))
			_ = server.Listener.Close()
			server.Listener = l
			server.Start()
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(c); err != nil || server == nil {
			t.Errorf("%s: %v", name, err)
		}
		transport.CloseIdleConnections()
		if server != nil {
			server.Close()
		}
	}
}

// TestTimeoutIsOfOneTry: the first try stalls, before its answer or within it; the second has the whole time again.
func TestTimeoutIsOfOneTry(t *testing.T) {
	var n atomic.Int32
	c, waits := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1) == 1 {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, `{"lead_id":"a"}`)
	}, Options{Timeout: 100 * time.Millisecond})
	if a, err := c.Score(t.Context(), lead("a")); err != nil || a.LeadID != "a" || len(*waits) != 1 {
		t.Errorf("%+v, %v, waits %v", a, err, *waits)
	}
	c, _ = serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"lead_id":`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, Options{Timeout: 100 * time.Millisecond})
	if _, err := c.Score(t.Context(), lead("a")); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "reading the answer") {
		t.Errorf("an answer that stalls: %v", err)
	}
}

// TestTimeoutIsNotOfABatch: a batch takes longer than the time of one try.
func TestTimeoutIsNotOfABatch(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(200 * time.Millisecond)
		defer timer.Stop()
		<-timer.C
		echo(w, r)
	}, Options{Timeout: 20 * time.Millisecond})
	if rows, err := c.ScoreBatch(t.Context(), []Request{*lead("a")}); err != nil || len(rows) != 1 {
		t.Errorf("%v, %v", rows, err)
	}
}

// TestTheContextEndsAllTries: its end is told with the refusal that went before.
func TestTheContextEndsAllTries(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var n atomic.Int32
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if n.Add(1) == 1 {
			refuse(w, http.StatusServiceUnavailable, CodeNotReady, "")
			return
		}
		cancel()
		<-r.Context().Done()
	}, Options{})
	_, err := c.Score(ctx, lead("a"))
	if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotReady) || n.Load() != 2 {
		t.Errorf("after %d tries: %v", n.Load(), err)
	}
}

// TestWhatWillNotChangeIsToldAtOnce: a certificate that nobody signed.
func TestWhatWillNotChangeIsToldAtOnce(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c, err := NewClient(server.URL, Options{HTTP: &http.Client{Transport: transport}, Sleep: func(context.Context, time.Duration) error {
		t.Error("it was tried again")
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Score(t.Context(), lead("a")); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v", err)
	}
}
