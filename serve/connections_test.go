package serve

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// dial opens a connection that ends with the test.
func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// askFor scores a lead so many times over one connection and returns the time that half of the answers took at most.
func askFor(t testing.TB, hc *http.Client, url, want string, times int) time.Duration {
	t.Helper()
	var took []time.Duration
	for range times {
		began := time.Now()
		resp, err := hc.Post(url+"/v1/score", jsonBody, strings.NewReader(good))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || string(b) != want {
			t.Fatalf("%d %s (%v)", resp.StatusCode, b, err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[times/2]
}

// TestSlowLoris: 200 clients that send their heads, 200 their bodies and 200 their batches byte by byte never stop, and are cut off by the
// limits of time all the same; others are answered at once all the while.
func TestSlowLoris(t *testing.T) {
	t.Parallel()
	limit, each, fast := 1500*time.Millisecond, 200, 250*time.Millisecond
	if raced {
		limit, each, fast = 5*time.Second, 50, 5*time.Second
	}
	h := harnessOf(t, func(c *Config) {
		c.Limits = Limits{ReadHead: limit, Read: limit, BatchIdle: limit, BatchTime: limit, Drain: time.Millisecond}
		c.Queue = Queue{Concurrent: 2, Waiting: 2, Batches: 2 * each, Timeout: time.Minute} // batches are admitted before they are read
	}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	addr := h.listen(t)
	const head = "POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	var slow sync.WaitGroup
	var sending sync.WaitGroup
	longest := make(chan time.Duration, 3*each)
	for _, start := range []string{
		head, // and then one header after the other
		head + "Content-Length: 100000\r\n\r\n",
		"POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nContent-Type: " + ndjson + "\r\nTransfer-Encoding: chunked\r\n\r\n",
	} {
		drip := map[bool]string{true: "1\r\n \r\n", false: " "}[strings.Contains(start, "chunked")]
		if start == head {
			drip = "A: b\r\n"
		}
		for range each {
			c := dial(t, addr)
			sending.Add(1)
			slow.Go(func() {
				began := time.Now()
				_, err := io.WriteString(c, start)
				sending.Done()
				end := make(chan bool)
				go func() { // whatever the answer, the server ends the connection
					_, _ = io.Copy(io.Discard, c)
					close(end)
				}()
				for tick := time.NewTicker(50 * time.Millisecond); err == nil; {
					select {
					case <-end:
						tick.Stop()
						err = io.EOF
					case <-tick.C:
						_, err = io.WriteString(c, drip)
					}
				}
				<-end
				longest <- time.Since(began)
			})
		}
	}
	sending.Wait()
	until(t, "connection that drips", func() bool { return h.batches.inFlight() > 0 })
	if half := askFor(t, client(t), "http://"+addr, want, 50); half > fast {
		t.Errorf("half of the other answers took more than %s", half)
	}
	slow.Wait()
	close(longest)
	for took := range longest {
		if took > limit+20*time.Second { // the rest is what a busy machine needs
			t.Errorf("a client that drips was borne for %s", took)
			break
		}
	}
	until(t, "free places", func() bool { return h.batches.inFlight() == 0 && h.requests.inFlight() == 0 })
}

// TestClientsThatVanish at each stage of a request and of a batch, by a proper end and by a reset: no place, no goroutine (goleak) is lost, and the next is answered.
func TestClientsThatVanish(t *testing.T) {
	t.Parallel()
	h := harnessOf(t, func(c *Config) { c.Limits = Limits{Drain: time.Millisecond}; c.Queue = Queue{Batches: 1} }, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	addr := h.listen(t)
	hc := client(t)
	line := strings.ReplaceAll(good, "\n", " ") + "\n"
	single := fmt.Sprintf("POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(good), good)
	batch := fmt.Sprintf("POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", ndjson, 2000*len(line), strings.Repeat(line, 2000))
	csvRow := "web,1,2\n"
	table := fmt.Sprintf("POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\nsource,visits,revenue\n%s", csvMedia, 22+5000*len(csvRow), strings.Repeat(csvRow, 5000))
	for _, request := range []string{single, batch, table} {
		for _, share := range []float64{0, .01, .2, .5, .99, 1} {
			for _, reset := range []bool{false, true} {
				for _, reads := range []bool{false, true} { // a little of the answer first
					c := dial(t, addr)
					sent := request[:int(share*float64(len(request)))]
					gone := make(chan bool)
					go func() { _, _ = io.WriteString(c, sent); close(gone) }()
					if reads && share > .1 && len(request) > 10_000 || reads && share == 1 {
						_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // an answer may not have begun
						_, _ = c.Read(make([]byte, 10))
					}
					if !reads {
						<-gone
					}
					if reset {
						_ = c.(*net.TCPConn).SetLinger(0)
					}
					_ = c.Close()
					<-gone
				}
			}
		}
		askFor(t, hc, "http://"+addr, want, 3)
	}
	until(t, "free places", func() bool { return h.batches.inFlight() == 0 && h.requests.inFlight() == 0 })
	resp, err := hc.Post("http://"+addr+"/v1/score/batch", ndjson, strings.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(b), `"L-1"`) {
		t.Errorf("the next batch: %d %s (%v)", resp.StatusCode, b, err)
	}
	if n := h.metric(t, "leadscore_panics_total"); n != "0" {
		t.Errorf("%s panics: %s", n, h.log)
	}
}

// readAnswer reads one whole answer, which must be 200.
func readAnswer(c net.Conn) error {
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	resp, err := http.ReadResponse(bufio.NewReaderSize(c, 1024), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return err
}
