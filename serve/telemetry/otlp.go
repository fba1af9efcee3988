package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says where traces and metrics go.
type Config struct {
	// Endpoint is the collector's OTLP/HTTP address, such as http://collector:4318; /v1/traces and /v1/metrics are added. Headers,
	// certificates, compression and time limits are those of the OTEL_EXPORTER_OTLP_* variables, which the exporters read themselves.
	Endpoint string
	// Sample is the share of requests without a sampled parent that are traced, from 0 to 1. A request with a parent is traced where
	// that one is.
	Sample float64
	// Interval is the time between two exports of the metrics; 0: OTEL_METRIC_EXPORT_INTERVAL, or a minute.
	Interval time.Duration
	// Service and Version are the attributes service.name and service.version; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before them.
	Service, Version string
	// Random makes the ids of traces and spans. It is read by many goroutines; cmd passes crypto/rand.Reader.
	Random io.Reader
	// Log gets failures of exports, each distinct text once; nil drops them.
	Log *slog.Logger
}

// Exporter sends spans and metrics to a collector from goroutines of its own; a request never waits for it, and what a collector that
// is away does not take is dropped and counted. It is used by many goroutines. A nil Exporter traces nothing.
type Exporter struct {
	config   Config
	resource *resource.Resource
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	meters   *sdkmetric.MeterProvider // nil until ExportMetrics
	failures *prometheus.CounterVec
	mu       sync.Mutex
	told     map[string]bool
}

// New makes an exporter; it sends nothing until there is something. Shutdown ends it.
func New(ctx context.Context, c Config) (*Exporter, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("making the OTLP exporter: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("making the OTLP exporter: %q is not the address of a collector; want one such as http://collector:4318", c.Endpoint)
	}
	if !(c.Sample >= 0 && c.Sample <= 1) {
		return nil, fmt.Errorf("making the OTLP exporter: a share of %v cannot be traced; want 0 to 1", c.Sample)
	}
	if c.Random == nil {
		return nil, errors.New("making the OTLP exporter: it needs a source of ids")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Endpoint = strings.TrimSuffix(c.Endpoint, "/")
	e := &Exporter{config: c, told: map[string]bool{}, failures: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "leadscore_otlp_failures_total", Help: "Exports by OTLP that failed, by signal: what they held is lost.",
	}, []string{"signal"})}
	e.failures.WithLabelValues("traces")
	e.failures.WithLabelValues("metrics")
	e.resource, err = resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", c.Service), attribute.String("service.version", c.Version)),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("making the OTLP exporter: reading the OTEL_* variables: %w", err)
	}
	spans, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.Endpoint+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("making the OTLP exporter: %w", err)
	}
	e.provider = sdktrace.NewTracerProvider(
		sdktrace.WithResource(e.resource), sdktrace.WithIDGenerator(ids{c.Random}),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.Sample))),
		sdktrace.WithBatcher(toldSpans{spans, e}),
	)
	e.tracer = e.provider.Tracer("leadscore/serve")
	return e, nil
}

// ExportMetrics begins to send what the gatherer gathers, each Interval. It is called at most once.
func (e *Exporter) ExportMetrics(ctx context.Context, g prometheus.Gatherer) error {
	metrics, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(e.config.Endpoint+"/v1/metrics"))
	if err != nil {
		return fmt.Errorf("making the OTLP exporter: %w", err)
	}
	o := []sdkmetric.PeriodicReaderOption{sdkmetric.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(g)))}
	if e.config.Interval > 0 {
		o = append(o, sdkmetric.WithInterval(e.config.Interval))
	}
	e.meters = sdkmetric.NewMeterProvider(sdkmetric.WithResource(e.resource), sdkmetric.WithReader(sdkmetric.NewPeriodicReader(toldMetrics{metrics, e}, o...)))
	return nil
}

// Failures counts exports that failed.
func (e *Exporter) Failures() prometheus.Collector { return e.failures }

// Shutdown sends what waits and ends the goroutines; what is not sent when ctx is done is lost.
func (e *Exporter) Shutdown(ctx context.Context) error {
	var err error
	if e.meters != nil {
		err = e.meters.Shutdown(ctx)
	}
	if err = errors.Join(err, e.provider.Shutdown(ctx)); err != nil {
		return fmt.Errorf("ending the export by OTLP: %w", err)
	}
	return nil
}

// mostTold bounds how many distinct failures are remembered.
const mostTold = 100

// failed counts a failed export and logs what is new about it. It returns nil: the SDK would hand the error to a handler that the whole
// process shares.
func (e *Exporter) failed(signal string, err error) error {
	if err == nil {
		return nil
	}
	e.failures.WithLabelValues(signal).Inc()
	e.mu.Lock()
	text := signal + ": " + err.Error()
	fresh := !e.told[text] && len(e.told) < mostTold
	e.told[text] = true
	e.mu.Unlock()
	if fresh {
		e.config.Log.LogAttrs(context.Background(), slog.LevelWarn, "an export by OTLP failed", slog.String("signal", signal), slog.String("error", err.Error()))
	}
	return nil
}

type toldSpans struct {
	sdktrace.SpanExporter
	exporter *Exporter
}

func (t toldSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return t.exporter.failed("traces", t.SpanExporter.ExportSpans(ctx, spans))
}

type toldMetrics struct {
	sdkmetric.Exporter
	exporter *Exporter
}

func (t toldMetrics) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	return t.exporter.failed("metrics", t.Exporter.Export(ctx, m))
}

// ids makes ids from random bytes. A source that fails gives the id of zeros, which is no trace.
type ids struct{ random io.Reader }

func (g ids) NewIDs(context.Context) (t trace.TraceID, s trace.SpanID) {
	var b [24]byte
	if _, err := io.ReadFull(g.random, b[:]); err == nil {
		copy(t[:], b[:16])
		copy(s[:], b[16:])
	}
	return t, s
}

func (g ids) NewSpanID(context.Context, trace.TraceID) (s trace.SpanID) {
	_, _ = io.ReadFull(g.random, s[:])
	return s
}
