package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestTerminatedUnderLoad: SIGTERM while clients ask as fast as they can over connections that they keep. Each request on a connection that the server had
// accepted gets a whole answer, or a refusal that may be sent again; batches end whole; the process ends with 0 within its limit and
// the prediction log has every answer.
func TestTerminatedUnderLoad(t *testing.T) {
	const drain, stop = time.Second, 30 * time.Second
	e := newEstate(t)
	s := start(t, append(e.serverArgs, "--drain", drain.String(), "--stop-timeout", stop.String())...)
	addr := strings.TrimPrefix(s.url, "http://")
	var mu sync.Mutex
	answered := map[string]bool{}
	var told, refused, never, asked, batches atomic.Int64
	var clients sync.WaitGroup
	request := func(path, contentType, id, body string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nX-Request-Id: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, e.secret, id, contentType, len(body), body)
	}
	for client := range 8 {
		clients.Go(func() {
			for n := 0; ; {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					return // the listener is closed
				}
				_ = c.SetDeadline(time.Now().Add(time.Minute))
				in := bufio.NewReader(c)
				for first := true; ; first = false {
					id := fmt.Sprintf("id-%d-%d", client, n)
					n++
					_, sent := io.WriteString(c, request("/v1/score", "application/json", id, oneLead))
					resp, err := http.ReadResponse(in, nil)
					if err != nil {
						// A new connection that is reset: the kernel had taken it, the server had not when it closed its listener. One that the
						// server ends in order, which is the end of the file, was accepted.
						if !first || !errors.Is(err, syscall.ECONNRESET) && !errors.Is(sent, syscall.EPIPE) && !errors.Is(sent, syscall.ECONNRESET) {
							t.Errorf("%s: lost: first %v, sent %v, %v", id, first, sent, err)
						}
						never.Add(1)
						break
					}
					b, err := io.ReadAll(resp.Body)
					_ = resp.Body.Close()
					switch {
					case err != nil:
						t.Errorf("%s: half an answer: %q, %v", id, b, err)
					case resp.StatusCode == http.StatusOK && strings.Contains(string(b), `"lead_id":"L-1"`) && strings.HasSuffix(string(b), "}\n"):
						mu.Lock()
						answered[id] = true
						mu.Unlock()
					case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
						refused.Add(1)
					default:
						t.Errorf("%s: %d %s", id, resp.StatusCode, b)
					}
					asked.Add(1)
					if resp.Close {
						told.Add(1)
						break
					}
				}
				_ = c.Close()
			}
		})
	}
	// Two batches that are under way at the signal, and end long after the listener is closed.
	feed := make(chan bool)
	for batch := range 2 {
		clients.Go(func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			_, _ = fmt.Fprintf(c, "POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nX-Request-Id: batch%d\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n", e.secret, batch)
			line := oneLead + "\n"
			chunk := fmt.Sprintf("%x\r\n%s\r\n", len(line), line)
			_, _ = io.WriteString(c, chunk)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = resp.Body.Close() }()
			batches.Add(1)
			<-feed
			_, _ = io.WriteString(c, strings.Repeat(chunk, 200)+"0\r\n\r\n")
			b, err := io.ReadAll(resp.Body)
			if rows := strings.Count(string(b), `"lead_id":"L-1"`); err != nil || rows != 201 {
				t.Errorf("%d rows of a batch of 201 (%v)", rows, err)
			}
		})
	}
	for end := time.Now().Add(30 * time.Second); asked.Load() < 500 || batches.Load() < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d answers and %d batches within 30 s", asked.Load(), batches.Load())
		}
	}
	began := time.Now()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until the listener is closed
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		_ = c.Close()
		if time.Since(began) > 30*time.Second {
			t.Fatal("the listener stays open")
		}
		time.Sleep(20 * time.Millisecond)
	}
	close(feed)
	clients.Wait()
	err := s.end()
	took := time.Since(began)
	if err != nil || took > drain+stop {
		t.Errorf("%v after %s: %s", err, took, s.text())
	}
	if told.Load() == 0 {
		t.Error("no client was told to go")
	}
	t.Logf("%d answers, %d clients told to go, %d refusals, %d connections that were never accepted; ended after %s", len(answered), told.Load(), refused.Load(), never.Load(), took)
	e.holds(t, answered)
}
