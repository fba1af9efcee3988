package serve

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestStopAndConnectionsThatAreKept: one that asks while the server drains is answered, told to go and closed; one that is silent is closed too.
func TestStopAndConnectionsThatAreKept(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Drain: 500 * time.Millisecond}, loadedModel(t, "won"))
	l := loopback()
	ctx, cancel := contextOf(t)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, l) }()
	type kept struct {
		net.Conn
		in *bufio.Reader
	}
	ask := func(c kept) (told bool) {
		t.Helper()
		if _, err := fmt.Fprintf(c, "POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(good), good); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(c.in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status, err)
		}
		_ = resp.Body.Close()
		return resp.Close
	}
	var conns [2]kept
	for i := range conns {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		conns[i] = kept{c, bufio.NewReader(c)}
		if ask(conns[i]) {
			t.Error("a connection is closed before the stop")
		}
	}
	cancel()
	until(t, "draining", h.draining.Load)
	if !ask(conns[0]) {
		t.Error("the client is not told to go")
	}
	for i, c := range conns {
		if _, err := c.in.ReadByte(); err == nil {
			t.Errorf("connection %d stays", i)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
