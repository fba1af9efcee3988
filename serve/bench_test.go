package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"leadscore/datasets"
	"leadscore/model"
)

// benchConfig logs and counts as in production; the log's lines are made and dropped.
func benchConfig(b *testing.B) Config {
	b.Helper()
	return Config{
		Models: []*model.Scorer{loadedModel(b, "won")}, Clock: time.Now,
		Logger:    slog.New(slog.NewJSONHandler(io.Discard, nil)),
		RequestID: func() string { return "0123456789abcdef0123456789abcdef" },
	}
}

func benchServer(b *testing.B) *Server {
	b.Helper()
	s, err := New(benchConfig(b))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// bareGin decodes the same body with encoding/json and answers a constant: the yardstick.
func bareGin(answer []byte) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.POST("/v1/score", func(c *gin.Context) {
		var body struct {
			Lead   map[string]any   `json:"lead"`
			Events []map[string]any `json:"events"`
			AsOf   string           `json:"as_of"`
		}
		if err := json.NewDecoder(c.Request.Body).Decode(&body); err != nil {
			c.Status(400)
			return
		}
		c.Data(200, "application/json", answer)
	})
	return e
}

// constant is an answer of the size that a lead gets.
func constant(b *testing.B) []byte {
	b.Helper()
	w := httptest.NewRecorder()
	benchServer(b).Handler().ServeHTTP(w, request1(good))
	return w.Body.Bytes()
}

func request1(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v1/score", bytes.NewReader([]byte(body)))
	r.Header.Set("Content-Type", jsonBody)
	return r
}

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	h      http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

func handlerBenchmark(b *testing.B, h http.Handler) {
	b.ReportAllocs()
	body := bytes.NewReader([]byte(good))
	r := request1(good)
	r.Body = io.NopCloser(body)
	for b.Loop() {
		body.Reset([]byte(good))
		w := &sink{h: http.Header{}}
		h.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal(w.status)
		}
	}
}

// BenchmarkScore and BenchmarkBareGin are the handlers alone, without a network.
func BenchmarkScore(b *testing.B)   { handlerBenchmark(b, benchServer(b).Handler()) }
func BenchmarkBareGin(b *testing.B) { handlerBenchmark(b, bareGin(constant(b))) }

// loopbackBenchmark measures whole requests over loopback, from as many clients as there are processors.
func loopbackBenchmark(b *testing.B, h http.Handler) {
	server := httptest.NewServer(h)
	defer server.Close()
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = c.Close() }()
		head := fmt.Sprintf("POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(good), good)
		buf := make([]byte, 64<<10)
		for pb.Next() {
			if _, err := io.WriteString(c, head); err != nil {
				b.Error(err)
				return
			}
			n, err := c.Read(buf) // answers are far below one segment of loopback
			if err != nil || !bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 200")) || !bytes.HasSuffix(buf[:n], []byte("}\n")) {
				b.Errorf("%v %s", err, buf[:n])
				return
			}
		}
	})
}

// BenchmarkScoreLoopback over BenchmarkBareGinLoopback is the share of a bare handler's speed; at least .8 is wanted.
func BenchmarkScoreLoopback(b *testing.B)   { loopbackBenchmark(b, benchServer(b).Handler()) }
func BenchmarkBareGinLoopback(b *testing.B) { loopbackBenchmark(b, bareGin(constant(b))) }

// BenchmarkDecode is the strict decoder; BenchmarkEncodingJSON is encoding/json over the same body.
func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(good)))
	var q request
	c := testColumns()
	for b.Loop() {
		if err := q.decode(c, []byte(good)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(good)))
	for b.Loop() {
		var body map[string]any
		if err := json.Unmarshal([]byte(good), &body); err != nil {
			b.Fatal(err)
		}
	}
}

// batchBenchmark sends the same rows in one format after another; one operation is one row. decode reads each line into a map with
// encoding/json and does nothing else: NDJSON is to have half of its speed at least, Arrow ten times that of NDJSON.
func batchBenchmark(b *testing.B, media string) {
	const rows = 32_768
	table := leads(b, rows, 9)
	var text string
	switch media {
	case csvMedia:
		text = csvOf(b, table)
	case arrowMedia:
		text = encode(b, datasets.NewArrowEncoder(schema), table.Batches[0]) // one record batch
	default:
		var lines bytes.Buffer
		for row := range rows {
			lines.Write(append(body(b, table, row), '\n'))
		}
		text = lines.String()
	}
	s := benchServer(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(text) / rows))
	b.ResetTimer()
	for n := b.N; n > 0; n -= rows {
		if media == "decode" {
			for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
				var row map[string]any
				if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
					b.Fatal(err)
				}
			}
			continue
		}
		r := httptest.NewRequest(http.MethodPost, "/v1/score/batch", strings.NewReader(text))
		r.Header.Set("Content-Type", media)
		w := &sink{h: http.Header{}}
		s.Handler().ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal(w.status)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkBatchDecode(b *testing.B) { batchBenchmark(b, "decode") }
func BenchmarkBatchNDJSON(b *testing.B) { batchBenchmark(b, ndjson) }
func BenchmarkBatchCSV(b *testing.B)    { batchBenchmark(b, csvMedia) }
func BenchmarkBatchArrow(b *testing.B)  { batchBenchmark(b, arrowMedia) }

// benchWith is a server with a challenger beside its champion and a limit of age.
func benchWith(b *testing.B, challenger Challenger) *harness {
	b.Helper()
	r := shelf(b, 2, "won")
	challenger.Name, challenger.Version = "won", "v2"
	h, err := openHarness(b, Catalog{Registry: r}, func(c *Config) {
		c.Challengers, c.MaxAge, c.Clock = []Challenger{challenger}, time.Hour, time.Now
		c.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil))
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// BenchmarkScoreSplit answers the champion's leads while a share goes to a challenger.
func BenchmarkScoreSplit(b *testing.B) {
	handlerBenchmark(b, benchWith(b, Challenger{Share: .01}).Handler())
}

// BenchmarkScoreShadow is the caller's part of a comparison: the queue is full and empties by nobody, or takes each lead.
func BenchmarkScoreShadow(b *testing.B) {
	h := benchWith(b, Challenger{Shadow: true})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() { h.Work(ctx); close(done) }()
	handlerBenchmark(b, h.Handler())
	cancel()
	<-done
}
