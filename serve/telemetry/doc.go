// Package telemetry is how a server tells what it does: the trace context of W3C (traceparent.go), spans and metrics by OTLP
// (otlp.go, span.go), and log lines that cost a request no write of its own (lines.go). It knows no leads and no routes.
//
// Nothing of it is process-wide: it sets neither OpenTelemetry's global providers nor its error handler, so that two servers of one
// process, or of one test, do not meet. Failures of an export are logged once per distinct text and counted.
//
// Metrics are counted once, in the server's Prometheus registry; by OTLP goes what a scrape would get.
//
// Dependencies: go.opentelemetry.io/otel and its OTLP/HTTP exporters (the standard's own SDK: batching, retries and the OTEL_* variables are
// theirs), go.opentelemetry.io/contrib/bridges/prometheus (from the registry to OTLP), prometheus/client_golang.
package telemetry
