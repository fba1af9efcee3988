package serve

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/serve/api"
)

// Queue bounds the scoring that is under way, so that more work than the machine can do is refused in bounded time instead of slowing all of it
// down. A request comes to it when its body has been read: a client that sends slowly holds no place. Probes, metrics, models and all
// that does not score never wait. A zero field is its default.
type Queue struct {
	Concurrent int           // requests at work; 0: 8 for each processor
	Waiting    int           // requests that wait beside them; 0: 64 for each processor, negative: none
	Timeout    time.Duration // that one waits at most; 0: 1 s
	Batches    int           // batches and large tables at work, which are not among Concurrent, and as many may wait; 0: 2 for each processor
}

// WithDefaults returns the bounds with each zero field at its default.
func (q Queue) WithDefaults() Queue {
	processors := runtime.GOMAXPROCS(0)
	set(&q.Concurrent, 8*processors)
	set(&q.Waiting, 64*processors)
	set(&q.Timeout, time.Second)
	set(&q.Batches, 2*processors)
	q.Waiting = max(q.Waiting, 0)
	return q
}

// gate lets so many in at once and lets so many wait. Where nobody waits, coming and going are one addition each; channels
// alone would take a lock that all requests share.
type gate struct {
	places, queue int64
	timeout       time.Duration
	// free is the number of free places; below 0, of those who wait. One who goes while somebody waits leaves the place to a waiter by
	// way of handed, so always: waiters that have not got a place yet = those counted in free + places in handed or on the way there.
	free   atomic.Int64
	handed chan struct{}
	shed   map[string]prometheus.Counter // by why
}

// Why a request was not let in.
const (
	shedFull    = "full"    // as many wait as may
	shedTimeout = "timeout" // it has waited as long as it may
	shedGone    = "gone"    // the client has hung up while it waited
	shedMemory  = "memory"  // the bodies and answers under way take as much memory as they may; see held
)

func newGate(places, queue int, timeout time.Duration) *gate {
	g := &gate{places: int64(places), queue: int64(queue), timeout: timeout, handed: make(chan struct{}, queue), shed: map[string]prometheus.Counter{}}
	g.free.Store(g.places)
	return g
}

// enter waits for a place and reports whether there was one in time; if so, leave gives it back.
func (g *gate) enter(ctx context.Context) bool {
	n := g.free.Add(-1)
	if n >= 0 {
		return true
	}
	if n < -g.queue {
		return g.giveUp(shedFull)
	}
	timer := time.NewTimer(g.timeout)
	defer timer.Stop()
	select {
	case <-g.handed:
		return true
	case <-timer.C:
		return g.giveUp(shedTimeout)
	case <-ctx.Done():
		return g.giveUp(shedGone)
	}
}

// giveUp takes a waiter out of the count. Where all waiters that were counted have been left a place meanwhile, one of these is its own, and
// it reports true.
func (g *gate) giveUp(why string) bool {
	for {
		n := g.free.Load()
		if n >= 0 {
			<-g.handed
			return true
		}
		if g.free.CompareAndSwap(n, n+1) {
			g.shed[why].Inc()
			return false
		}
	}
}

func (g *gate) leave() {
	if g.free.Add(1) <= 0 {
		g.handed <- struct{}{}
	}
}

func (g *gate) inFlight() float64 { return float64(g.places - max(g.free.Load(), 0)) }
func (g *gate) waiting() float64  { return float64(max(-g.free.Load(), 0)) }

// overloaded tells a client to come again when whoever waits now has been let in or has given up.
func (g *gate) overloaded(what string, hangUp bool) *fault {
	seconds := int((g.timeout + time.Second - 1) / time.Second)
	return &fault{
		status: http.StatusServiceUnavailable, code: api.CodeOverloaded, retryAfter: strconv.Itoa(max(seconds, 1)), hangUp: hangUp,
		detail: "more " + what + " are under way than this server takes at once; try again later",
	}
}

// admit lets a request that scores in, or refuses it. Handlers call it when they have read the body and before they decode it. The
// adapter gives the place back.
func (s *Server) admit(k *call) error {
	if k.place != nil {
		return nil
	}
	if !s.requests.enter(k.request.Context()) {
		return s.requests.overloaded("requests", false)
	}
	k.place = s.requests
	return nil
}

// smallTable is the largest body, in bytes, of a table of a facade that counts as one request.
const smallTable = 16 << 10

// admitTable is admit for a table of a facade. One of many rows is work of seconds, and is let in as batches are, so that single leads are answered
// beside it.
func (s *Server) admitTable(k *call) error {
	switch {
	case len(k.body) <= smallTable:
		return s.admit(k)
	case s.held.full(): // by answers that are being sent
		return s.crowded()
	case !s.batches.enter(k.request.Context()):
		return s.batches.overloaded("tables", false)
	}
	k.place = s.batches
	return nil
}

// admitBatch is admit for a batch, which has a bound of its own and whose body has not been read.
func (s *Server) admitBatch(k *call) error {
	s.dismiss(k) // where a handler of batches was let in as one request
	if !s.batches.enter(k.request.Context()) {
		return s.batches.overloaded("batches", true)
	}
	return nil
}

// dismiss gives back the place of a request, if it has one, and what it holds of memory for its body.
func (s *Server) dismiss(k *call) {
	if k.place != nil {
		k.place.leave()
		k.place = nil
	}
	if k.held > 0 {
		s.held.give(k.held)
		k.held, k.body = 0, nil
	}
}
