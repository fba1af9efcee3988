package serve

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/gin-gonic/gin"
)

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	traceparent = "00-" + traceID + "-b7ad6b7169203331-01"
)

// accessLines are the requests' lines of a log.
func accessLines(t testing.TB, log *journal) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n") {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		if m["msg"] == "request" {
			out = append(out, m)
		}
	}
	return out
}

func TestAccessLogLine(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	row := strings.ReplaceAll(good, "\n", " ") + "\n"
	h.do(t, "POST", "/v1/score", jsonBody, good, "Traceparent", traceparent, "User-Agent", "browser/7")
	h.do(t, "POST", "/v1/score/batch", ndjson, row+row+row, "Traceparent", strings.ToUpper(traceparent))
	h.do(t, "GET", "/secret/path", "", "")
	h.do(t, "DELETE", "/v1/score", "", "")
	all := accessLines(t, h.log)
	if len(all) != 4 {
		t.Fatalf("%d lines", len(all))
	}
	model := regexp.MustCompile(`^won@[0-9a-f]+$`)
	one, batch, none, wrong := all[0], all[1], all[2], all[3]
	if one["method"] != "POST" || one["route"] != "/v1/score" || one["status"] != 200.0 || one["request_id"] != "r-1" || one["level"] != "INFO" || one["time"] == nil ||
		!model.MatchString(one["model"].(string)) || one["trace_id"] != traceID || one["span_id"] != "b7ad6b7169203331" || one["bytes"].(float64) < 100 || one["us"].(float64) < 0 {
		t.Errorf("one lead: %v", one)
	}
	if batch["rows"] != 3.0 || batch["trace_id"] != nil || !model.MatchString(batch["model"].(string)) {
		t.Errorf("a batch: %v", batch)
	}
	if none["route"] != "none" || none["status"] != 404.0 || none["method"] != "GET" || none["model"] != nil {
		t.Errorf("no route: %v", none)
	}
	if wrong["route"] != "none" || wrong["status"] != 405.0 || wrong["method"] != "DELETE" {
		t.Errorf("a wrong method: %v", wrong)
	}
	for _, not := range []string{"L-1", "referral", "secret", "browser", "192.0.2.1", "whole", "client"} {
		if strings.Contains(h.log.String(), not) {
			t.Errorf("the log tells %s", not)
		}
	}
}

func TestAccessLogOfErrorsOrNone(t *testing.T) {
	for mode, want := range map[AccessLog]int{LogAll: 3, LogErrors: 2, LogNone: 0} {
		h := harnessOf(t, func(c *Config) { c.AccessLog = mode }, loadedModel(t, "won"))
		h.do(t, "POST", "/v1/score", jsonBody, good)
		h.do(t, "POST", "/v1/score", jsonBody, "{}")
		h.use(t, nil) // a nil function panics
		h.do(t, "POST", "/v1/score", jsonBody, good, "Traceparent", traceparent)
		n := strings.Count(h.log.String(), `"msg":"request"`)
		if n != want || strings.Count(h.log.String(), "a handler panicked") != 1 || strings.Count(h.log.String(), traceID) == 0 {
			t.Errorf("mode %d: %d lines, want %d\n%s", mode, n, want, h.log)
		}
	}
}

// TestPrincipal: who asks is noted by what knows it, and stands in the line.
func TestPrincipal(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	e := gin.New()
	e.GET("/x", h.observe("/x", "GET"), func(c *gin.Context) { setPrincipal(c, "crm") }, func(c *gin.Context) {
		if principal(c) != "crm" {
			t.Errorf("the principal is %q", principal(c))
		}
	})
	e.GET("/y", h.observe("/y", "GET"), func(c *gin.Context) {
		if principal(c) != "" {
			t.Errorf("the principal of the last request is kept: %q", principal(c))
		}
	})
	for _, path := range []string{"/x", "/y"} {
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	if all := accessLines(t, h.log); len(all) != 2 || all[0]["client"] != "crm" || all[1]["client"] != nil {
		t.Errorf("%v", all)
	}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	if setPrincipal(c, "crm"); principal(c) != "" {
		t.Error("a principal without a request")
	}
}

// stepped is the time with the time of day moved and the monotonic reading as it was: what time.Now gives after the system's clock
// was set. It relies on how package time stores a time with both: seconds since 1885 above bit 30 of the first word.
func stepped(at time.Time, by time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&at)) += uint64(by/time.Second) << 30
	return at
}

// TestClockSteps sets the clock back and forth by hours during requests: no time is negative or absurd, and no batch is cut off.
func TestClockSteps(t *testing.T) {
	var step atomic.Int64
	for name, move := range map[string]func(time.Time, time.Duration) time.Time{
		"a clock of Go":                   stepped,
		"a clock without another reading": func(at time.Time, by time.Duration) time.Time { return at.Round(0).Add(by) },
	} {
		t.Run(name, func(t *testing.T) {
			h := harnessOf(t, func(c *Config) {
				c.Clock = func() time.Time {
					return move(time.Now(), []time.Duration{0, -3 * time.Hour, 2 * time.Hour}[step.Add(1)%3])
				}
			}, loadedModel(t, "won"))
			absurd := name != "a clock of Go" // such a clock can only be kept from going back
			row := strings.ReplaceAll(good, "\n", " ") + "\n"
			if !absurd {
				// Over a connection, where deadlines bind.
				url := "http://" + h.listen(t)
				hc := client(t)
				for range 10 {
					resp, err := hc.Post(url+"/v1/score/batch", ndjson, strings.NewReader(strings.Repeat(row, 200)))
					if err != nil {
						t.Fatal(err)
					}
					var b bytes.Buffer
					_, err = b.ReadFrom(resp.Body)
					_ = resp.Body.Close()
					if err != nil || bytes.Count(b.Bytes(), []byte(`"lead_id":"L-1"`)) != 200 {
						t.Fatalf("%v, %d bytes", err, b.Len())
					}
				}
			}
			for range 20 {
				h.do(t, "POST", "/v1/score", jsonBody, good)
			}
			for _, line := range accessLines(t, h.log) {
				if us := line["us"].(float64); us < 0 || !absurd && us > 60e6 {
					t.Errorf("%v µs", us)
				}
			}
			page := h.do(t, "GET", "/metrics", "", "").body
			for _, line := range strings.Split(page, "\n") {
				if strings.HasPrefix(line, "leadscore_request_duration_seconds_sum") && strings.Contains(line, "} -") {
					t.Error(line)
				}
			}
		})
	}
}

// TestSteppedClockIsOne checks the trick of stepped.
func TestSteppedClockIsOne(t *testing.T) {
	at := time.Now()
	moved := stepped(at, -time.Hour)
	if d := moved.Sub(at); d != 0 {
		t.Errorf("the monotonic reading moved by %s", d)
	}
	if d := moved.Round(0).Sub(at.Round(0)); d != -time.Hour {
		t.Errorf("the time of day moved by %s", d)
	}
}

// BenchmarkScoreWithoutLog beside BenchmarkScore is the share of the access log.
func BenchmarkScoreWithoutLog(b *testing.B) {
	s := benchServer(b)
	s.log, s.accessLog = slog.New(slog.DiscardHandler), LogNone
	handlerBenchmark(b, s.Handler())
}
