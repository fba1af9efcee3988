package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricpb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector takes OTLP over HTTP as a collector does.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	status   int // of its answers
	spans    []*tracepb.Span
	metrics  map[string]*metricpb.Metric
	resource map[string]string
	headers  []http.Header
}

func newCollector(t testing.TB) *collector {
	t.Helper()
	c := &collector{status: http.StatusOK, metrics: map[string]*metricpb.Metric{}, resource: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.headers = append(c.headers, r.Header)
		if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%v %v", err, r.Header)
		}
		if c.status != http.StatusOK {
			w.WriteHeader(c.status)
			return
		}
		switch r.URL.Path {
		case "/v1/traces":
			var m collectortraces.ExportTraceServiceRequest
			if err := proto.Unmarshal(body, &m); err != nil {
				t.Error(err)
			}
			for _, rs := range m.ResourceSpans {
				c.note(rs.Resource.Attributes)
				for _, ss := range rs.ScopeSpans {
					c.spans = append(c.spans, ss.Spans...)
				}
			}
		case "/v1/metrics":
			var m collectormetrics.ExportMetricsServiceRequest
			if err := proto.Unmarshal(body, &m); err != nil {
				t.Error(err)
			}
			for _, rm := range m.ResourceMetrics {
				c.note(rm.Resource.Attributes)
				for _, sm := range rm.ScopeMetrics {
					for _, x := range sm.Metrics {
						c.metrics[x.Name] = x
					}
				}
			}
		default:
			t.Errorf("something goes to %s", r.URL.Path)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) note(attributes []*commonpb.KeyValue) {
	for _, a := range attributes {
		c.resource[a.Key] = a.Value.GetStringValue()
	}
}

func exporter(t testing.TB, c Config) *Exporter {
	t.Helper()
	c.Random, c.Service, c.Version = rand.Reader, "leadscore", "v0"
	e, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func end(t testing.TB, e *Exporter) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := e.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func TestTracesAndMetricsArrive(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret")
	c := newCollector(t)
	e := exporter(t, Config{Endpoint: c.URL + "/", Sample: 1, Interval: time.Hour})
	registry := prometheus.NewRegistry()
	n := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "things_total", Help: "Things."}, []string{"kind"})
	registry.MustRegister(n)
	n.WithLabelValues("a").Add(3)
	if err := e.ExportMetrics(t.Context(), registry); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_800_000_000, 7)
	parent, _ := ParseTraceparent(sampled)
	ctx, span := e.Serve(t.Context(), parent, "vendor=1", "POST", "/v1/score", at)
	child := e.Child(ctx, "score batch", at.Add(time.Millisecond))
	child.Count("leadscore.rows", 12)
	child.End(at.Add(2 * time.Millisecond))
	span.Text("leadscore.model", "won@1")
	span.Fail("500")
	span.End(at.Add(3 * time.Millisecond))
	if got := span.IDs(); got.Trace != parent.Trace || got.Span == parent.Span || !got.Sampled {
		t.Errorf("ids %+v", got)
	}
	end(t, e)
	if len(c.spans) != 2 {
		t.Fatalf("%d spans", len(c.spans))
	}
	inner, outer := c.spans[0], c.spans[1]
	if outer.Name != "POST /v1/score" || outer.Kind != tracepb.Span_SPAN_KIND_SERVER || hex.EncodeToString(outer.TraceId) != sampled[3:35] ||
		hex.EncodeToString(outer.ParentSpanId) != sampled[36:52] || outer.TraceState != "vendor=1" || outer.Status.Code != tracepb.Status_STATUS_CODE_ERROR ||
		outer.StartTimeUnixNano != uint64(at.UnixNano()) || outer.EndTimeUnixNano != uint64(at.UnixNano()+3e6) {
		t.Errorf("outer %v", outer)
	}
	if inner.Name != "score batch" || string(inner.ParentSpanId) != string(outer.SpanId) || len(inner.Attributes) != 1 || inner.Attributes[0].Value.GetIntValue() != 12 {
		t.Errorf("inner %v", inner)
	}
	if c.resource["service.name"] != "leadscore" || c.resource["service.version"] != "v0" || c.resource["deployment.environment.name"] != "test" {
		t.Errorf("resource %v", c.resource)
	}
	m := c.metrics["things_total"]
	if m == nil || len(m.GetSum().GetDataPoints()) != 1 || m.GetSum().DataPoints[0].GetAsDouble() != 3 || !m.GetSum().IsMonotonic {
		t.Errorf("metrics %v", c.metrics)
	}
	if len(c.headers) == 0 || c.headers[0].Get("api-key") != "secret" {
		t.Errorf("headers %v", c.headers)
	}
}

func TestTheServiceNameOfTheEnvironmentGoesFirst(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "leads-eu")
	c := newCollector(t)
	e := exporter(t, Config{Endpoint: c.URL, Sample: 1})
	_, span := e.Serve(t.Context(), Parent{}, "", "GET", "/healthz", time.Now())
	span.End(time.Now())
	end(t, e)
	if c.resource["service.name"] != "leads-eu" || len(c.spans) != 1 || len(c.spans[0].ParentSpanId) != 0 {
		t.Errorf("%v %v", c.resource, c.spans)
	}
}

// TestSampling: the parent decides; without one the share does.
func TestSampling(t *testing.T) {
	c := newCollector(t)
	e := exporter(t, Config{Endpoint: c.URL, Sample: .25})
	on, _ := ParseTraceparent(sampled)
	off, _ := ParseTraceparent(sampled[:53] + "00")
	for i, test := range []struct {
		parent    Parent
		low, high int
	}{{on, 400, 400}, {off, 0, 0}, {Parent{}, 60, 140}} { // 100 ± 4.6 standard deviations
		n := 0
		for range 400 {
			_, span := e.Serve(t.Context(), test.parent, "", "GET", "/", time.Now())
			if ids := span.IDs(); ids.Sampled {
				n++
			} else if !ids.Known() {
				t.Fatal("a span without ids")
			}
			span.End(time.Now())
		}
		if n < test.low || n > test.high {
			t.Errorf("case %d: %d of 400", i, n)
		}
	}
	end(t, e)
}

// TestACollectorThatFails is counted, told once, and holds nobody up.
func TestACollectorThatFails(t *testing.T) {
	c := newCollector(t)
	c.status = http.StatusBadRequest // not one that is tried again
	p := &paper{}
	e := exporter(t, Config{Endpoint: c.URL, Sample: 1, Log: slog.New(slog.NewTextHandler(p, nil))})
	for range 3 {
		_, span := e.Serve(t.Context(), Parent{}, "", "GET", "/", time.Now())
		span.End(time.Now())
		if err := e.provider.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	end(t, e)
	text, _ := p.read()
	if n := value(t, e.Failures()); n != 3 || strings.Count(text, "\n") != 1 || !strings.Contains(text, "signal=traces") {
		t.Errorf("%v failures are counted; the log: %s", n, text)
	}
}

func TestWrongSettingsOfTheExporter(t *testing.T) {
	for _, c := range []Config{
		{Endpoint: "collector:4318"}, {Endpoint: "grpc://collector:4317"}, {Endpoint: "http://"}, {Endpoint: "http://a/?b=c"}, {Endpoint: "://"},
		{Endpoint: "http://collector:4318", Sample: 2}, {Endpoint: "http://collector:4318", Sample: -1}, {Endpoint: "http://collector:4318", Sample: .5},
	} {
		if _, err := New(t.Context(), c); err == nil || !strings.Contains(err.Error(), "making the OTLP exporter") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestNoExporterTracesNothing(t *testing.T) {
	var e *Exporter
	span := e.Child(t.Context(), "x", time.Now())
	span.Text("a", "b")
	span.Count("a", 1)
	span.Fail("x")
	span.End(time.Now())
	if span.Known() || span.IDs().Known() {
		t.Error("there is a span")
	}
}
