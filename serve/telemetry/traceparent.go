package telemetry

// Parent is the place in a distributed trace that a request says it comes from. The zero value is none.
type Parent struct {
	Trace   [16]byte
	Span    [8]byte
	Sampled bool
}

// Known reports whether there is a parent.
func (p Parent) Known() bool { return p != Parent{} }

// The header's names, as net/http spells them.
const (
	Traceparent = "Traceparent"
	Tracestate  = "Tracestate"
)

// ParseTraceparent reads the header traceparent of W3C Trace Context (https://www.w3.org/TR/trace-context/, 3.2):
//
//	version "-" trace-id "-" parent-id "-" flags     2, 32, 16 and 2 lower-case hexadecimal digits
//
// Version ff, ids of zeros, capitals and, of version 00, a longer text are refused; of later versions what follows a further "-" is passed over, as
// the standard demands. ok is false where the header is not one: then the trace begins here, and no error goes to the caller,
// who is often a proxy.
func ParseTraceparent(h string) (p Parent, ok bool) {
	const length = 2 + 1 + 32 + 1 + 16 + 1 + 2
	if len(h) < length || h[2] != '-' || h[35] != '-' || h[52] != '-' {
		return Parent{}, false
	}
	var version, flags [1]byte
	if !unhex(version[:], h[:2]) || !unhex(p.Trace[:], h[3:35]) || !unhex(p.Span[:], h[36:52]) || !unhex(flags[:], h[53:55]) {
		return Parent{}, false
	}
	switch {
	case version[0] == 0xff, version[0] == 0 && len(h) > length, len(h) > length && h[length] != '-':
		return Parent{}, false
	case p.Trace == [16]byte{}, p.Span == [8]byte{}:
		return Parent{}, false
	}
	p.Sampled = flags[0]&1 == 1
	return p, true
}

// unhex reads lower-case hexadecimal digits, two for each byte of out; encoding/hex takes capitals too.
func unhex(out []byte, digits string) bool {
	for i := range out {
		high, low := digit(digits[2*i]), digit(digits[2*i+1])
		if high > 15 || low > 15 {
			return false
		}
		out[i] = high<<4 | low
	}
	return true
}

func digit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}
