package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/serve/api"
)

// held counts the memory of large bodies and answers of the requests under way. A body is read before the queue lets its request in,
// and an answer is sent after it has gone, so the queue bounds neither: a few clients with tables of the largest size, slow ones at that, would
// take the memory of the machine. What is at most smallBody is not counted: that costs nothing, and single leads are answered whatever else comes.
type held struct {
	most int64
	now  atomic.Int64
	shed prometheus.Counter
}

// take takes n bytes more, or none where that is too much.
func (h *held) take(n int64) bool {
	if h.now.Add(n) > h.most {
		h.now.Add(-n)
		return false
	}
	return true
}

// keep takes n bytes for an answer, which has been made already; it is the next body that is refused.
func (h *held) keep(n int64) { h.now.Add(n) }

func (h *held) give(n int64) { h.now.Add(-n) }

func (h *held) full() bool { return h.now.Load() >= h.most }

// crowded refuses a request for the memory that those under way have taken.
func (s *Server) crowded() *fault {
	s.held.shed.Inc()
	return &fault{
		status: http.StatusServiceUnavailable, code: api.CodeOverloaded, retryAfter: "1", hangUp: true,
		detail: "the large requests under way take as much memory as this server has for them; try again later, or send smaller ones",
	}
}

// grow makes room for more of a body that fills buf and counts as counted bytes: twice as much, but not more than a declared length (-1: none)
// or most. k holds what it takes until the handler has ended.
func (s *Server) grow(k *call, buf []byte, declared, most, counted int64) ([]byte, error) {
	size := min(2*int64(cap(buf)), most+1)
	if declared >= int64(cap(buf)) {
		size = min(size, declared+1)
	}
	if more := size - counted; more > 0 && size > smallBody+1 {
		if !s.held.take(more) {
			return buf, s.crowded()
		}
		k.held += more
	}
	bigger := make([]byte, len(buf), size)
	copy(bigger, buf)
	return bigger, nil
}
