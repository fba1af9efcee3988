package serve

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AccessLog says which requests get a line.
type AccessLog int

const (
	LogAll    AccessLog = iota // each
	LogErrors                  // answers of status 400 and above, and those that broke off
	LogNone                    // none; failures of the server's own are logged all the same
)

// observed is one route as log and metrics see it: what never changes about its requests is prepared once for each status.
type observed struct {
	route, method string
	status        [600]atomic.Pointer[statusCounts]
}

type statusCounts struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
	line     slog.Handler // knows method, route and status
}

// noRouteName stands for a path of the caller's own making, which is no label.
const noRouteName = "none"

// counts are those of a status, made when it comes up first. method is the request's: one without a route may have any.
func (s *Server) counts(o *observed, status int) *statusCounts {
	if status < 0 || status >= len(o.status) {
		status = http.StatusInternalServerError // no handler sends one
	}
	if c := o.status[status].Load(); c != nil {
		return c
	}
	c := &statusCounts{
		requests: s.metrics.requests.WithLabelValues(o.route, strconv.Itoa(status)),
		seconds:  s.metrics.seconds.WithLabelValues(o.route),
		line:     s.log.Handler(),
	}
	if o.method != "" {
		c.line = c.line.WithAttrs([]slog.Attr{slog.String("method", o.method)})
	}
	c.line = c.line.WithAttrs([]slog.Attr{slog.String("route", o.route), slog.Int("status", status)})
	o.status[status].Store(c) // of two that came at once either is right
	return c
}

// finish counts a request and writes its line. whole is false where the answer broke off.
func (s *Server) finish(o *observed, x *exchange, r *http.Request, id string, whole bool) {
	status := x.Status()
	counts := s.counts(o, status)
	took := s.since(x.start)
	counts.requests.Inc()
	counts.seconds.Observe(took.Seconds())
	if x.span.Known() {
		x.span.Count("http.response.status_code", status)
		if x.model != nil {
			x.span.Text("leadscore.model", x.model.logName)
		}
		if status >= http.StatusInternalServerError || !whole {
			x.span.Fail(strconv.Itoa(status))
		}
		x.span.End(x.start.Add(took))
	}
	if s.accessLog == LogNone || s.accessLog == LogErrors && status < http.StatusBadRequest && whole {
		return
	}
	ctx := context.Background()
	if !counts.line.Enabled(ctx, slog.LevelInfo) {
		return
	}
	// Five attributes fit into a record without an allocation: the ones that most requests have.
	line := slog.NewRecord(x.start.Add(took), slog.LevelInfo, "request", 0)
	line.AddAttrs(slog.Int64("us", took.Microseconds()), slog.String("request_id", id))
	if x.model != nil {
		line.AddAttrs(slog.String("model", x.model.logName))
	}
	if size := x.Size(); size >= 0 {
		line.AddAttrs(slog.Int("bytes", size))
	}
	if x.principal != "" {
		line.AddAttrs(slog.String("client", x.principal))
	}
	if x.rows > 0 {
		line.AddAttrs(slog.Int("rows", x.rows))
	}
	if !whole {
		line.AddAttrs(slog.Bool("whole", false))
	}
	if o.method == "" {
		line.AddAttrs(slog.String("method", method(r)))
	}
	line.AddAttrs(x.traced(nil)...)
	_ = counts.line.Handle(ctx, line) // the log itself has failed: there is nowhere to say so
}

// since is the time from a moment until now. Clocks of Go tell the time since the process began beside that of day, so a step of
// the system's clock does not show; of a clock that does not, a step back would.
func (s *Server) since(start time.Time) time.Duration { return max(s.clock().Sub(start), 0) }
