package serve

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/predictions"
)

// recover turns a panic of a handler into a 500; where the answer has begun it is cut off.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if aborts(v) {
			panic(v)
		}
		s.panicked(c.Request, exchangeOf(c), "a handler panicked", v, debug.Stack(),
			slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		s.refuse(c, ourBug)
	}()
	c.Next()
}

// aborts reports whether a panic is net/http's way to end a connection.
func aborts(v any) bool {
	err, ok := v.(error)
	return ok && errors.Is(err, http.ErrAbortHandler)
}

// panicked counts a panic and logs its place and, of the value, only what cannot hold a lead's data.
func (s *Server) panicked(r *http.Request, x *exchange, message string, v any, stack []byte, about ...slog.Attr) {
	what := fmt.Sprintf("a panic of type %T", v)
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	about = append(about, slog.String("panic", what))
	if stack != nil {
		about = append(about, slog.String("stack", string(stack)))
	}
	s.log.LogAttrs(r.Context(), slog.LevelError, message, x.traced(about)...)
	s.metrics.panics.Inc()
}

// scoreRow is scoreOne for a row of a batch: a panic is the row's error, and the other rows are answered.
func (s *Server) scoreRow(k *call, m *loaded, body, out []byte) (answered []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			if aborts(v) {
				panic(v)
			}
			s.rowPanicked(k, k.row, v, debug.Stack())
			s.metrics.rowFails.WithLabelValues(api.CodeInternal).Inc()
			k.forget()
			answered, err = out, ourBug
		}
	}()
	return s.scoreOne(k, m, body, out)
}

// rowPanicked tells of a row of a batch that panicked. Only the first of a batch brings its stack: a body with many such rows would fill the disk
// of the log.
func (s *Server) rowPanicked(k *call, row int, v any, stack []byte) {
	if k.exchange.panicked.Swap(true) {
		stack = nil
	}
	s.panicked(k.request, k.exchange, "a row panicked", v, stack, slog.String("request_id", k.requestID), slog.Int("row", row))
}

// forget drops the memory of a lead: after a panic it is in an unknown state.
func (k *call) forget() {
	k.decoded, k.advice, k.answer, k.chances, k.record = request{}, model.Explanation{}, api.Answer{}, nil, predictions.Record{}
}
