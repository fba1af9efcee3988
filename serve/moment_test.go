package serve

import (
	"testing"
	"time"
)

// TestMoments: what RFC 3339 has and files can hold, and nothing else.
func TestMoments(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-31T09:30:00Z":           "2026-01-31T09:30:00Z",
		"2026-01-31T09:30:00.1234567Z":   "2026-01-31T09:30:00.123456Z",
		"2026-01-31T09:30:00+05:30":      "2026-01-31T04:00:00Z",
		"2026-01-31T09:30:00-23:59":      "2026-02-01T09:29:00Z",
		"0001-01-01T00:00:00Z":           "0001-01-01T00:00:00Z",
		"0000-12-31T23:00:00-01:00":      "0001-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999999999Z": "9999-12-31T23:59:59.999999Z",
	} {
		if at, ok := parseMoment(text); !ok || time.UnixMicro(at).UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%q became %v, %v; want %s", text, time.UnixMicro(at).UTC(), ok, want)
		}
	}
	for _, text := range []string{
		"", "2026-01-31", "2026-01-31T09:30:00", "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:30:60Z", "-001-01-31T09:30:00Z",
		"2026-01-31T9:30:00Z", "2026-01-31T09:30:00,5Z", "2026-01-31t09:30:00z", "2026-01-31T09:30:00+24:00", "2026-01-31T09:30:00+05:60", "2026-01-31T09:30:00-00:0",
		"0000-06-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
	} {
		if at, ok := parseMoment(text); ok {
			t.Errorf("%q became %v", text, time.UnixMicro(at).UTC())
		}
	}
}
