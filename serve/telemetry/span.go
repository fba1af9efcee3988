package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// Span is a piece of work with a beginning and an end. The zero value is none; its methods do nothing.
type Span struct{ span trace.Span }

// Serve begins the span of a request: below its parent, which may be none, or a trace of its own. route is the pattern, never the path
// of the caller's making. The context carries the span to Child.
func (e *Exporter) Serve(ctx context.Context, parent Parent, state, method, route string, at time.Time) (context.Context, Span) {
	if parent.Known() {
		c := trace.SpanContextConfig{TraceID: parent.Trace, SpanID: parent.Span, Remote: true}
		if parent.Sampled {
			c.TraceFlags = trace.FlagsSampled
		}
		if s, err := trace.ParseTraceState(state); err == nil { // one that is wrong is passed over, as the standard says
			c.TraceState = s
		}
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(c))
	}
	ctx, span := e.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(at),
		trace.WithAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route)))
	return ctx, Span{span}
}

// Child begins a span below the one in ctx. A nil Exporter begins none.
func (e *Exporter) Child(ctx context.Context, name string, at time.Time) Span {
	if e == nil {
		return Span{}
	}
	_, span := e.tracer.Start(ctx, name, trace.WithTimestamp(at))
	return Span{span}
}

// Known reports whether there is a span; one that is not sampled is a span all the same, with ids.
func (s Span) Known() bool { return s.span != nil }

// IDs are those of the trace and of the span.
func (s Span) IDs() Parent {
	if s.span == nil {
		return Parent{}
	}
	c := s.span.SpanContext()
	return Parent{Trace: c.TraceID(), Span: c.SpanID(), Sampled: c.IsSampled()}
}

// Text and Count note something about the work.
func (s Span) Text(name, value string) {
	if s.span != nil && s.span.IsRecording() {
		s.span.SetAttributes(attribute.String(name, value))
	}
}

func (s Span) Count(name string, n int) {
	if s.span != nil && s.span.IsRecording() {
		s.span.SetAttributes(attribute.Int(name, n))
	}
}

// Fail marks the work as failed; what says why without anything of a lead.
func (s Span) Fail(what string) {
	if s.span != nil && s.span.IsRecording() {
		s.span.SetAttributes(attribute.String("error.type", what))
		s.span.SetStatus(codes.Error, "")
	}
}

// End ends the span.
func (s Span) End(at time.Time) {
	if s.span != nil {
		s.span.End(trace.WithTimestamp(at))
	}
}
