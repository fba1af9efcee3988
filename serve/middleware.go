package serve

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"leadscore/serve/telemetry"
)

// requestIDHeader is in every answer; a caller may bring its own.
const requestIDHeader = "X-Request-Id"

// Headers that every answer has: what it is may not be guessed, kept, framed or run.
var (
	nosniff  = []string{"nosniff"}
	noStore  = []string{"no-store"}
	noSource = []string{"default-src 'none'; frame-ancestors 'none'"}
	noRefer  = []string{"no-referrer"}
	hangUp   = []string{"close"}
)

// RequestIDs makes a source of request ids from random bytes: 32 hexadecimal digits each. cmd passes
// crypto/rand.Reader, which is a system call a read: bytes are read for many ids at once. The id is empty when the reader fails.
func RequestIDs(random io.Reader) func() string {
	pool := sync.Pool{New: func() any { return new(randomness) }}
	return func() string {
		r := pool.Get().(*randomness)
		id := r.next(random)
		pool.Put(r)
		return id
	}
}

// randomness are random bytes, each used once.
type randomness struct {
	bytes [64 * idBytes]byte
	left  int // of bytes, from the end
}

const idBytes = 16

func (r *randomness) next(random io.Reader) string {
	if r.left < idBytes {
		n, err := io.ReadAtLeast(random, r.bytes[:], idBytes)
		if err != nil {
			return ""
		}
		copy(r.bytes[len(r.bytes)-n:], r.bytes[:n]) // a source may have less
		r.left = n
	}
	from := len(r.bytes) - r.left
	r.left -= idBytes
	var id [2 * idBytes]byte
	hex.Encode(id[:], r.bytes[from:from+idBytes])
	return string(id[:])
}

// requestID returns the id that observe has given the request: it stands in the answer's header.
func requestID(c *gin.Context) string {
	if h := c.Writer.Header()[requestIDHeader]; len(h) == 1 {
		return h[0]
	}
	return ""
}

// observe is the outermost layer: id, headers, metrics, trace and the log line of every request of a route.
func (s *Server) observe(route, method string) gin.HandlerFunc {
	o := &observed{route: route, method: method}
	return func(c *gin.Context) { s.observed(c, o) }
}

func (s *Server) observed(c *gin.Context, o *observed) {
	x := s.exchanges.Get().(*exchange)
	*x = exchange{ResponseWriter: c.Writer, start: s.clock()}
	c.Writer = x
	id := c.Request.Header.Get(requestIDHeader)
	if !sane(id) {
		id = s.requestID()
	}
	h := c.Writer.Header()
	h[requestIDHeader] = []string{id}
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = noStore
	h["Content-Security-Policy"] = noSource
	h["Referrer-Policy"] = noRefer
	if s.draining.Load() {
		h["Connection"] = hangUp // so that the next request of this client goes elsewhere
	}
	s.trace(c, o, x)
	aborted := true
	defer func() {
		s.finish(o, x, c.Request, id, !aborted && !x.cut)
		c.Writer = x.ResponseWriter
		*x = exchange{}
		s.exchanges.Put(x)
	}()
	s.recover(c)
	aborted = false
}

// trace finds out where in a trace the request belongs, and begins its span where traces are exported.
func (s *Server) trace(c *gin.Context, o *observed, x *exchange) {
	if given := c.Request.Header[telemetry.Traceparent]; len(given) == 1 { // two are none, as the standard says
		x.parent, _ = telemetry.ParseTraceparent(given[0])
	}
	if s.telemetry == nil {
		return
	}
	var ctx context.Context
	state := strings.Join(c.Request.Header[telemetry.Tracestate], ",")
	ctx, x.span = s.telemetry.Serve(c.Request.Context(), x.parent, state, method(c.Request), o.route, x.start)
	c.Request = c.Request.WithContext(ctx)
}

// method is the request's method where it is one that HTTP knows; others are the caller's own text.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return r.Method
	}
	return "other"
}

// sane reports whether a caller's request id may go into headers and logs: 1 to 128 letters, digits and -_.:
func sane(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == ':':
		default:
			return false
		}
	}
	return true
}
