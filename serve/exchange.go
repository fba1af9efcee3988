package serve

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"leadscore/serve/telemetry"
)

// exchange is what is known of one request and its answer besides what the handler sees: for the log, the metrics and the trace. It is reused. It
// stands where Gin keeps the writer of the answer, which costs no allocation, as a value in Gin's map or in the request's context does.
type exchange struct {
	gin.ResponseWriter
	start     time.Time
	principal string // the name of the key, or whatever it was, that the caller came with; "": none
	model     *loaded
	rows      int         // of a batch
	cut       bool        // the answer could not be written whole
	panicked  atomic.Bool // a row of it did
	parent    telemetry.Parent
	span      telemetry.Span
}

// Unwrap lets http.ResponseController find the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// exchangeOf is the request's exchange; nil outside of observe.
func exchangeOf(c *gin.Context) *exchange {
	x, _ := c.Writer.(*exchange)
	return x
}

// setPrincipal notes who asks, by a name that may stand in the log.
func setPrincipal(c *gin.Context, name string) {
	if x := exchangeOf(c); x != nil {
		x.principal = name
	}
}

// principal is who asks; "": nobody said.
func principal(c *gin.Context) string {
	if x := exchangeOf(c); x != nil {
		return x.principal
	}
	return ""
}

// ids are those of the trace for a log line: of the own span where there is one, else of the caller's.
func (x *exchange) ids() telemetry.Parent {
	if x.span.Known() {
		return x.span.IDs()
	}
	return x.parent
}

// traced appends the ids to a log line where there are any.
func (x *exchange) traced(attrs []slog.Attr) []slog.Attr {
	if x == nil {
		return attrs
	}
	if p := x.ids(); p.Known() {
		attrs = append(attrs, slog.String("trace_id", hex.EncodeToString(p.Trace[:])), slog.String("span_id", hex.EncodeToString(p.Span[:])))
	}
	return attrs
}
