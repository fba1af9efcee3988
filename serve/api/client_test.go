package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts a server and a client of it whose waits are noted, not waited.
func serve(t *testing.T, h http.HandlerFunc, o Options) (*Client, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(h)
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	waits := &[]time.Duration{}
	if o.Sleep == nil {
		o.Sleep = func(_ context.Context, d time.Duration) error { *waits = append(*waits, d); return nil }
	}
	if o.Jitter == nil {
		o.Jitter = func() float64 { return .5 }
	}
	o.HTTP = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	c, err := NewClient(server.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, waits
}

func refuse(w http.ResponseWriter, status int, code, retryAfter string) {
	w.Header().Set("Content-Type", "application/problem+json")
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(Problem{Status: status, Code: code, Detail: "because", RequestID: "r-1"})
}

func lead(id string) *Request {
	return &Request{Lead: map[string]json.RawMessage{"id": json.RawMessage(fmt.Sprintf("%q", id))}}
}

func TestNewClientRefusesWhatIsNoAddress(t *testing.T) {
	for _, u := range []string{"", "localhost:8080", "ftp://h", "http://", "://"} {
		if _, err := NewClient(u, Options{}); err == nil {
			t.Errorf("%q: no error", u)
		}
	}
}

func TestRetries(t *testing.T) {
	for _, test := range []struct {
		name       string
		status     int
		retryAfter string
		retries    int
		tries      int32
		waits      []time.Duration
	}{
		{"503 three times more, doubling", 503, "", 0, 4, []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}},
		{"429 waits what it is told and the jitter", 429, "2", 1, 2, []time.Duration{2050 * time.Millisecond}},
		{"a minute is waited", 429, "60", 1, 2, []time.Duration{60*time.Second + 50*time.Millisecond}},
		{"more than a minute is not", 503, "61", 0, 1, nil},
		{"a longer one than a number holds", 429, "99999999999999999999", 1, 1, nil},
		{"a date, by the server's clock", 503, "Wed, 21 Oct 2026 07:28:09 GMT", 1, 2, []time.Duration{9*time.Second + 50*time.Millisecond}},
		{"a date that is over", 503, "Wed, 21 Oct 2015 07:28:00 GMT", 1, 2, []time.Duration{50 * time.Millisecond}},
		{"a date in more than a minute", 503, "Wed, 21 Oct 2026 07:29:01 GMT", 1, 1, nil},
		{"neither", 503, "soon", 1, 2, []time.Duration{50 * time.Millisecond}},
		{"400 never", 400, "1", 0, 1, nil},
		{"500 never", 500, "", 0, 1, nil},
		{"never when told so", 503, "", -1, 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tries atomic.Int32
			c, waits := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				tries.Add(1)
				w.Header().Set("Date", "Wed, 21 Oct 2026 07:28:00 GMT")
				refuse(w, test.status, "some_code", test.retryAfter)
			}, Options{Retries: test.retries})
			_, err := c.Score(t.Context(), lead("a"))
			var p *Problem
			if !errors.As(err, &p) || p.Status != test.status || p.Code != "some_code" || p.RequestID != "r-1" {
				t.Errorf("error %v, want the problem", err)
			}
			if tries.Load() != test.tries || !slices.Equal(*waits, test.waits) {
				t.Errorf("%d tries with waits %v, want %d and %v", tries.Load(), *waits, test.tries, test.waits)
			}
		})
	}
}

func TestRetrySendsTheWholeBodyAgain(t *testing.T) {
	var bodies []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(b)+r.Header.Get("Content-Type")+r.URL.RawQuery)
		if len(bodies) == 1 {
			refuse(w, 503, CodeNotReady, "")
			return
		}
		_, _ = io.WriteString(w, `{"lead_id":"a"}`)
	}, Options{Model: "m@1"})
	a, err := c.Score(t.Context(), lead("a"))
	if err != nil || a.LeadID != "a" {
		t.Fatal(a, err)
	}
	if want := `{"lead":{"id":"a"}}application/jsonmodel=m%401`; len(bodies) != 2 || bodies[0] != want || bodies[1] != want {
		t.Errorf("bodies %q", bodies)
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, 503, CodeNotReady, "30") }, Options{Sleep: sleep})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := c.Score(ctx, lead("a"))
	var p *Problem
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &p) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestErrorsThatAreNotProblems(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a proxy's page": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>")
		},
		"a broken problem": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "{")
		},
	} {
		c, _ := serve(t, h, Options{})
		_, err := c.Models(t.Context())
		var p *Problem
		if !errors.As(err, &p) || p.Status != 502 || !strings.Contains(err.Error(), "502 Bad Gateway") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"models":[`) }, Options{})
	var p *Problem
	if _, err := c.Models(t.Context()); err == nil || errors.As(err, &p) || !strings.Contains(err.Error(), "reading the answer") {
		t.Errorf("a cut answer: %v", err)
	}
}

// echo answers each line of a batch with its id, as it comes.
func echo(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex()
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		var q struct{ Lead struct{ ID string } }
		if json.Unmarshal(lines.Bytes(), &q) != nil || q.Lead.ID == "bad" {
			_, _ = io.WriteString(w, `{"error":{"status":400,"code":"invalid_value"}}`+"\n")
			continue
		}
		_, _ = fmt.Fprintf(w, `{"lead_id":%q}`+"\n", q.Lead.ID)
	}
}

func TestScoreBatch(t *testing.T) {
	first := true
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			refuse(w, 503, CodeNotReady, "")
			return
		}
		echo(w, r)
	}, Options{})
	rows, err := c.ScoreBatch(t.Context(), []Request{*lead("a"), *lead("bad"), *lead("c")})
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	if rows[0].Answer.LeadID != "a" || rows[0].Error != nil || rows[1].Error.Code != CodeInvalidValue || rows[1].Answer != nil || rows[2].Answer.LeadID != "c" {
		t.Errorf("rows %+v", rows)
	}
}

func TestStreamBatch(t *testing.T) {
	c, _ := serve(t, echo, Options{})
	endless := func(yield func(Request) bool) {
		for i := 0; yield(*lead(fmt.Sprint(i))); i++ {
		}
	}
	n := 0
	for row, err := range c.StreamBatch(t.Context(), endless) {
		if err != nil || row.Answer.LeadID != fmt.Sprint(n) {
			t.Fatal(n, row, err)
		}
		if n++; n == 5000 {
			break // goleak sees that the feeding goroutine has ended
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"lead_id":"0"}`+"\n"+`{"lead`)
		},
		"aborted": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"lead_id":"0"}`+"\n")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"too few": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"lead_id":"0"}`+"\n")
		},
	} {
		c, _ := serve(t, h, Options{})
		rows, err := c.ScoreBatch(t.Context(), []Request{*lead("0"), *lead("1")})
		if err == nil || len(rows) != 1 {
			t.Errorf("%s: %d rows, error %v", name, len(rows), err)
		}
	}
	bad := Request{Lead: map[string]json.RawMessage{"a": json.RawMessage("{")}}
	if _, err := c.ScoreBatch(t.Context(), []Request{bad}); err == nil || !strings.Contains(err.Error(), "json") {
		t.Errorf("a request that cannot be written: %v", err)
	}
}

func TestRowRoundTrip(t *testing.T) {
	for _, r := range []Row{
		{Answer: &Answer{LeadID: "a", Probability: 0.1 + 0.2}},
		{Error: &Problem{Status: 400, Code: CodeInvalidValue, Field: "lead.x", Errors: []FieldError{{"lead.x", "why"}}}},
	} {
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Row
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(back)
		if string(again) != string(b) || (back.Error != nil) != (r.Error != nil) || (back.Answer != nil) != (r.Answer != nil) {
			t.Errorf("%s became %s", b, again)
		}
	}
}
