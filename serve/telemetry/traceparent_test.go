package telemetry

import (
	"encoding/hex"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The examples of the standard's text and the cases of its test suite (w3c/trace-context, test/test.py).
const sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestParseTraceparent(t *testing.T) {
	for _, test := range []struct {
		header  string
		ok      bool
		sampled bool
	}{
		{sampled, true, true},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true, false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", true, true}, // flags to come
		{"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true, true},
		{"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like", true, true},
		{"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what", false, false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false, false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-", false, false},
		{"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
		{"00-00000000000000000000000000000000-b7ad6b7169203331-01", false, false},
		{"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false, false},
		{"00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
		{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0X", false, false},
		{"00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", false, false},
		{"00-.af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
		{"0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
		{"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false, false},
		{" " + sampled, false, false},
		{"", false, false},
		{strings.Repeat("0", 55), false, false},
	} {
		p, ok := ParseTraceparent(test.header)
		if ok != test.ok || p.Sampled != test.sampled || p.Known() != ok {
			t.Errorf("%q: %+v %v", test.header, p, ok)
		}
		if ok && (hex.EncodeToString(p.Trace[:]) != test.header[3:35] || hex.EncodeToString(p.Span[:]) != test.header[36:52]) {
			t.Errorf("%q: ids %x %x", test.header, p.Trace, p.Span)
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = ParseTraceparent(sampled) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzTraceparent holds the parser against OpenTelemetry's own, which knows no flags but its own two in version 00.
func FuzzTraceparent(f *testing.F) {
	for _, seed := range []string{sampled, "01" + sampled[2:] + "-x", "", "ff" + sampled[2:], strings.ToUpper(sampled)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p, ok := ParseTraceparent(header)
		ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": header})
		their := trace.SpanContextFromContext(ctx)
		if their.IsValid() && !ok {
			t.Fatalf("%q is refused", header)
		}
		if ok && their.IsValid() && (their.TraceID() != p.Trace || their.SpanID() != p.Span || their.IsSampled() != p.Sampled) {
			t.Fatalf("%q: %+v, OpenTelemetry reads %v", header, p, their)
		}
		if ok && !their.IsValid() && !strings.HasPrefix(header, "00-") {
			t.Fatalf("%q is taken", header)
		}
	})
}
