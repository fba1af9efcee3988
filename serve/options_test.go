package serve

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestOptionsOfTheServer: OPTIONS * gets an answer of ours, with a request id and the headers of every other, and a line in the log.
func TestOptionsOfTheServer(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	c, err := net.Dial("tcp", h.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.Body.Close() != nil || resp.StatusCode != http.StatusNotFound || resp.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(string(b), resp.Header.Get("X-Request-Id")) {
		t.Errorf("%v: %d %v %s", err, resp.StatusCode, resp.Header, b)
	}
	until(t, "line", func() bool { return strings.Contains(h.log.String(), `"status":404`) })
}
