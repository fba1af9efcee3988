package serve

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"leadscore/serve/access"
)

// openNow is how many files this process has open.
func openNow(t testing.TB) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestNothingIsLeftOpen: rounds of requests, refusals, broken connections, promotions and reloads of good and bad models and keys leave as many files
// and goroutines as there were. The first round opens what stays open.
func TestNothingIsLeftOpen(t *testing.T) {
	r := shelf(t, 2, "won")
	secret, err := access.NewSecret(strings.NewReader(strings.Repeat("k", 64)))
	if err != nil {
		t.Fatal(err)
	}
	hash, _ := access.HashOf(secret)
	var text strings.Builder
	if err := access.WriteKeys(&text, []access.Key{{Name: "crm", Hash: hash, Scopes: access.Score | access.Read | access.Admin}}); err != nil {
		t.Fatal(err)
	}
	keysFile := filepath.Join(t.TempDir(), "keys")
	write(t, keysFile, []byte(text.String()))
	files := access.NewFiles(nil)
	gate, err := access.New(files, access.Options{Keys: keysFile})
	if err != nil {
		t.Fatal(err)
	}
	h := catalogHarness(t, Catalog{Registry: r}, func(c *Config) { c.Clock, c.Access = time.Now, Access{Gate: gate, Files: files} })
	addr := h.listen(t)
	champion := filepath.Join(r.Dir(), "won", "champion")
	line := strings.ReplaceAll(good, "\n", " ") + "\n"
	answered := map[int]int{}
	post := func(hc *http.Client, path, contentType, body string) {
		q, err := http.NewRequest(http.MethodPost, "http://"+addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", contentType)
		q.Header.Set("X-API-Key", secret)
		resp, err := hc.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		answered[resp.StatusCode]++
	}
	round := func() {
		tr := &http.Transport{}
		hc := &http.Client{Transport: tr, Timeout: time.Minute}
		for i := range 40 {
			for _, ask := range []struct{ path, contentType, body string }{
				{"/v1/score", jsonBody, good}, {"/v1/score", jsonBody, "{"}, {batchPath, ndjson, strings.Repeat(line, 50)}, {batchPath, csvMedia, "visits\n1\nx\n"},
				{batchPath, arrowMedia, "no"}, {"/invocations", jsonBody, `{"inputs":{"visits":[1]}}`}, {"/nowhere", jsonBody, "x"},
			} {
				post(hc, ask.path, ask.contentType, ask.body)
			}
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = fmt.Fprintf(c, "POST /v1/score/batch HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nContent-Type: %s\r\nContent-Length: 1000000\r\n\r\n%s", secret, ndjson, strings.Repeat(line, 20*(i%3)))
			if i%2 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0)
			}
			_ = c.Close()
		}
		for i := range 10 {
			write(t, champion, []byte([]string{"v2\n", "v9\n", "", "v1\n"}[i%4]))
			h.Reload()
			write(t, r.Path("won", "v2"), [][]byte{nil, []byte("{"), versionOf(t, "won", float64(i))}[i%3])
			h.Reload()
			write(t, keysFile, []byte([]string{"{", text.String(), text.String() + "\n"}[i%3]))
			_ = files.Reload()
		}
		write(t, champion, []byte("v1\n"))
		write(t, r.Path("won", "v2"), versionOf(t, "won", 2))
		h.Reload()
		for _, version := range []string{"v2", "v1", "v9"} {
			post(hc, "/v1/models/won/promote", jsonBody, `{"version":"`+version+`"}`)
		}
		tr.CloseIdleConnections()
	}
	round()
	until(t, "free places", func() bool { return h.batches.inFlight() == 0 })
	files0, goroutines0 := openNow(t), runtime.NumGoroutine()
	for range 3 {
		round()
	}
	// What was broken off ends when the server notices.
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		files1, goroutines1 := openNow(t), runtime.NumGoroutine()
		if files1 <= files0 && goroutines1 <= goroutines0 {
			if answered[200] < 600 || answered[400] < 300 || answered[401] > 0 {
				t.Errorf("answers by status: %v", answered)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d files and %d goroutines, before %d and %d", files1, goroutines1, files0, goroutines0)
		}
	}
}
