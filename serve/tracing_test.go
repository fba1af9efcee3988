package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"leadscore/model"
	"leadscore/serve/telemetry"
)

// otlp is a collector: the spans by name, and the names of the metrics.
type otlp struct {
	mu      sync.Mutex
	spans   map[string]*tracepb.Span
	metrics map[string]bool
	raw     strings.Builder
}

func (o *otlp) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.raw.Write(b)
	var traces collectortraces.ExportTraceServiceRequest
	var metrics collectormetrics.ExportMetricsServiceRequest
	if r.URL.Path == "/v1/traces" && proto.Unmarshal(b, &traces) == nil {
		for _, rs := range traces.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					o.spans[s.Name] = s
				}
			}
		}
	}
	if r.URL.Path == "/v1/metrics" && proto.Unmarshal(b, &metrics) == nil {
		for _, rm := range metrics.ResourceMetrics {
			for _, sm := range rm.ScopeMetrics {
				for _, m := range sm.Metrics {
					o.metrics[m.Name] = true
				}
			}
		}
	}
}

func attribute(s *tracepb.Span, key string) *commonpb.AnyValue {
	for _, a := range s.GetAttributes() {
		if a.Key == key {
			return a.Value
		}
	}
	return nil
}

// TestServerTraces: a span a request below the caller's, a child for a batch, the ids in the log, the metrics once, and nothing of a lead.
func TestServerTraces(t *testing.T) {
	o := &otlp{spans: map[string]*tracepb.Span{}, metrics: map[string]bool{}}
	collector := httptest.NewServer(o)
	defer collector.Close()
	e, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: collector.URL, Sample: 1, Random: rand.Reader, Service: "leadscore"})
	if err != nil {
		t.Fatal(err)
	}
	h := harnessOf(t, func(c *Config) { c.Telemetry = e }, loadedModel(t, "won"))
	row := strings.ReplaceAll(good, "\n", " ") + "\n"
	h.do(t, "POST", "/v1/score", jsonBody, good, "Traceparent", traceparent, "Tracestate", "a=1")
	h.do(t, "POST", "/v1/score/batch", ndjson, row+row+row)
	h.do(t, "GET", "/L-1", "", "")
	h.use(t, func(*model.Lead) error { return errors.New("a bug") })
	h.do(t, "POST", "/v1/explain", jsonBody, good)
	if h.do(t, "POST", "/v1/score", jsonBody, good); strings.Count(h.log.String(), `"msg":"a request failed"`) != 1 {
		t.Error("the failure is not logged")
	}
	all := accessLines(t, h.log)
	if all[0]["trace_id"] != traceID || all[0]["span_id"] == "b7ad6b7169203331" || all[1]["trace_id"] == nil || all[1]["trace_id"] == all[2]["trace_id"] {
		t.Errorf("the ids in the log: %v", all)
	}
	if err := e.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	batch, child := o.spans["POST /v1/score/batch"], o.spans["score batch"]
	if batch == nil || child == nil || string(child.ParentSpanId) != string(batch.SpanId) || attribute(child, "leadscore.rows").GetIntValue() != 3 ||
		hex.EncodeToString(batch.TraceId) != all[1]["trace_id"] || hex.EncodeToString(batch.SpanId) != all[1]["span_id"] {
		t.Errorf("batch %v\nchild %v", batch, child)
	}
	failed := o.spans["POST /v1/score"] // the last of that name
	if attribute(failed, "http.response.status_code").GetIntValue() != 500 || failed.Status.Code != tracepb.Status_STATUS_CODE_ERROR ||
		!strings.HasPrefix(attribute(failed, "leadscore.model").GetStringValue(), "won@") || attribute(failed, "http.route").GetStringValue() != "/v1/score" {
		t.Errorf("%v", failed)
	}
	if o.spans["GET none"] == nil || o.spans["POST /v1/explain"] == nil {
		t.Errorf("%v", o.spans)
	}
	for _, name := range []string{"leadscore_requests_total", "leadscore_request_duration_seconds", "leadscore_score", "leadscore_shed_total", "leadscore_otlp_failures_total", "leadscore_drift_rows"} {
		if !o.metrics[name] {
			t.Errorf("no metric %s among %v", name, o.metrics)
		}
	}
	for _, not := range []string{"L-1", "referral", "secret", "192.0.2.1"} {
		if strings.Contains(o.raw.String(), not) {
			t.Errorf("%s is exported", not)
		}
	}
}
