package serve

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestBatchRowsAreLimited: the limit itself is fine; the row after it ends the batch, as the whole answer or as its last row.
func TestBatchRowsAreLimited(t *testing.T) {
	h := newHarness(t, Limits{BatchRows: 3, Body: 100}, loadedModel(t, "won"))
	rows := func(n int) []string {
		var all []string
		for i := range n {
			all = append(all, lead(fmt.Sprint("id", i)))
		}
		return all
	}
	large := `{"lead":{"notes":"` + strings.Repeat("x", 100) + `"}}`
	for _, test := range []routeTest{
		{name: "as many as may be", body: "[" + strings.Join(rows(3), ",") + "]", status: 200, want: []string{"id2"}, not: []string{"error"}},
		{name: "lines, as many", contentType: ndjson, body: strings.Join(rows(3), "\n\n") + "\n\n\n", status: 200, want: []string{"id2"}, not: []string{"error"}},
		{name: "one more", body: "[" + strings.Join(rows(4), ",") + "]", status: 413, want: []string{`"too_large"`, "more than 3 rows"}},
		{name: "a line more", contentType: ndjson, body: strings.Join(rows(4), "\n"), status: 413, want: []string{"more than 3 rows"}},
		{name: "rows that fail count", contentType: ndjson, body: "{}\n" + large + "\n{}\n" + rows(1)[0], status: 413},
		{name: "a large one more", contentType: ndjson, body: strings.Join(rows(3), "\n") + "\n" + large, status: 413, want: []string{"more than 3 rows"}},
		{name: "a table, as many", contentType: csvMedia, body: "lead_id\na\nb\nc\n", status: 200, want: []string{"c"}, not: []string{"too_large"}},
		{name: "a table, one more", contentType: csvMedia, body: "lead_id\na\nb\nc\nd\n", status: 413, want: []string{"more than 3 rows"}},
	} {
		test.path = "/v1/score/batch"
		test.run(t, h)
	}

	h = newHarness(t, Limits{BatchRows: 2000, Drain: time.Millisecond}, loadedModel(t, "won"))
	resp, err := client(t).Post("http://"+h.listen(t)+"/v1/score/batch", ndjson, io.MultiReader(strings.NewReader(strings.Repeat(lead("a")+"\n", 5000))))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if err != nil || resp.StatusCode != http.StatusOK || len(lines) != 2001 || !strings.Contains(lines[2000], `"status":413`) || strings.Contains(lines[1999], "error") {
		t.Errorf("%d, %v: %d rows, the last %s", resp.StatusCode, err, len(lines), lines[len(lines)-1])
	}
}

// TestBatchTimeIsLimited: a batch that drips for ever ends with its time, though it never stalls.
func TestBatchTimeIsLimited(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{BatchIdle: 10 * time.Second, BatchTime: 400 * time.Millisecond, Drain: time.Millisecond}, loadedModel(t, "won"))
	r, w := io.Pipe()
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			if _, err := fmt.Fprintln(w, lead("a")); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	start := time.Now()
	resp, err := client(t).Post("http://"+h.listen(t)+"/v1/score/batch", ndjson, r)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	_ = r.Close()
	<-done
	if took := time.Since(start); !strings.Contains(string(b), `"status":408`) || took > 8*time.Second {
		t.Errorf("after %s: %s", took, b)
	}
}

// TestAnswersMustBeTaken: a client that sends and never reads is cut off by the time limit of writing.
func TestAnswersMustBeTaken(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Write: 300 * time.Millisecond, Drain: time.Millisecond}, loadedModel(t, "won"))
	c, err := net.Dial("tcp", h.listen(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	head := fmt.Sprintf("POST /v1/explain HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", jsonBody, len(good), good)
	for err == nil {
		_, err = io.WriteString(c, head)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection stays")
	}
}

// TestDepthIsLimited on both sides of the limit: body, lead and so on count as they nest.
func TestDepthIsLimited(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for depth, status := range map[int]int{maxDepth - 4: http.StatusOK, maxDepth - 3: http.StatusBadRequest, 100_000: http.StatusBadRequest} {
		// The body, its events, an event and its properties are four.
		nested := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		text := `{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z","properties":{"p":` + nested + `}}]}`
		if a := h.do(t, "POST", "/v1/score", jsonBody, text); a.status != status || status == 400 && !strings.Contains(a.body, "nested deeper than 16") {
			t.Errorf("%d within: %d %s", depth, a.status, a.body)
		}
	}
}
