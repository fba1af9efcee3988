package serve

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/gin-gonic/gin"
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
// crypto/rand.Reader. The id is empty when the reader fails.
func RequestIDs(random io.Reader) func() string {
	return func() string {
		var b [16]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return ""
		}
		return hex.EncodeToString(b[:])
	}
}

// requestID returns the id that observe has given the request: it stands in the answer's header.
func requestID(c *gin.Context) string {
	if h := c.Writer.Header()[requestIDHeader]; len(h) == 1 {
		return h[0]
	}
	return ""
}

// observe is the outermost layer: id, headers, metrics and the log line of every request.
func (s *Server) observe(c *gin.Context) {
	start := s.clock()
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
	aborted := true
	defer func() {
		status := c.Writer.Status()
		route := c.FullPath()
		if route == "" {
			route = "none" // a path of the caller's own making is no label
		}
		took := s.clock().Sub(start)
		s.metrics.request(route, status, took)
		var client slog.Attr // none is written
		if who := caller(c); who != "" {
			client = slog.String("client", who)
		}
		s.log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
			slog.String("method", method(c.Request)), slog.String("route", route), slog.Int("status", status),
			slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", id), slog.Bool("whole", !aborted), client)
	}()
	s.recover(c)
	aborted = false
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

// recover turns a panic of a handler into a 500; where the answer has begun it is cut off. The
// log tells the place and, of the value, only what cannot hold a lead's data.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		what := fmt.Sprintf("a panic of type %T", v)
		if err, ok := v.(runtime.Error); ok {
			what = err.Error()
		}
		s.log.LogAttrs(c.Request.Context(), slog.LevelError, "a handler panicked",
			slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()),
			slog.String("panic", what), slog.String("stack", string(debug.Stack())))
		s.metrics.panics.Inc()
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		s.refuse(c, ourBug)
	}()
	c.Next()
}
