package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"leadscore/model"
	"leadscore/serve/replays"
)

// Config is what a Server is made of. Clock and RequestID are needed: this package reads neither the time nor
// randomness by itself.
type Config struct {
	// Models are answered from; the first where a request names none. Empty: nothing is ready until SetModels.
	Models []*model.Scorer
	// Logger gets a line a request, warnings and failures; nil drops them.
	Logger *slog.Logger
	// Clock is time.Now, or a test's. Deadlines of connections are counted from it, so behind a real listener it
	// must tell the real time.
	Clock func() time.Time
	// RequestID makes the id of a request that brings none; see RequestIDs. It is called by many goroutines.
	RequestID func() string
	Limits    Limits
	// Predictions logs every answer; nil: nothing does. Who made it closes it, when Run has returned.
	Predictions Predictions
	Idempotency Idempotency
}

// Limits bound what one client can take. A zero field is its default.
type Limits struct {
	Body      int64         // bytes of a single request and of one row of a batch; 0: 1 MiB
	BatchBody int64         // bytes of a whole batch; 0: 1 GiB
	Header    int           // bytes of the request's head; 0: 32 KiB
	ReadHead  time.Duration // from the connection's first byte to the end of the head; 0: 5 s
	Read      time.Duration // to the end of the body; not of batches; 0: 15 s
	Write     time.Duration // from the end of the head to the end of the answer; not of batches; 0: 30 s
	Idle      time.Duration // between two requests of a connection; 0: 2 min
	BatchIdle time.Duration // without a byte of a batch coming or going; 0: 30 s
	BatchTime time.Duration // a whole batch; 0: 30 min
	// Drain is how long the server, asked to stop, still takes new requests while /readyz says no, so that a load
	// balancer notices; 0: 200 ms.
	Drain time.Duration
	// Stop is how long requests under way may then take; 0: 15 s.
	Stop time.Duration
}

// WithDefaults returns the limits with each zero field at its default.
func (l Limits) WithDefaults() Limits {
	set(&l.Body, 1<<20)
	set(&l.BatchBody, 1<<30)
	set(&l.Header, 32<<10)
	set(&l.ReadHead, 5*time.Second)
	set(&l.Read, 15*time.Second)
	set(&l.Write, 30*time.Second)
	set(&l.Idle, 2*time.Minute)
	set(&l.BatchIdle, 30*time.Second)
	set(&l.BatchTime, 30*time.Minute)
	set(&l.Drain, 200*time.Millisecond)
	set(&l.Stop, 15*time.Second)
	return l
}

func set[T comparable](field *T, standard T) {
	var zero T
	if *field == zero {
		*field = standard
	}
}

// Server answers requests from its models. It is used by many goroutines.
type Server struct {
	log       *slog.Logger
	clock     func() time.Time
	requestID func() string
	limits    Limits
	metrics   *metrics

	predictions Predictions    // nil: off
	replays     *replays.Cache // nil: off
	byRequestID bool           // see Idempotency.RequestIDs

	models   atomic.Pointer[modelSet]
	draining atomic.Bool
	calls    sync.Pool // *call
	handler  http.Handler
}

// New makes a server; it does not listen yet.
func New(c Config) (*Server, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s, s.SetModels(c.Models...)
}

func newServer(c Config) (*Server, error) {
	if c.Clock == nil || c.RequestID == nil {
		return nil, errors.New("making a server: it needs a clock and a source of request ids")
	}
	s := &Server{log: c.Logger, clock: c.Clock, requestID: c.RequestID, limits: c.Limits.WithDefaults(), metrics: newMetrics()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.calls.New = func() any { return new(call) }
	s.models.Store(&modelSet{})
	if s.predictions = c.Predictions; s.predictions != nil {
		s.metrics.predictionMetrics(s.predictions)
	}
	if c.Idempotency.Window > 0 {
		s.replays = replays.New(c.Idempotency.Window, replays.Limits{})
		s.byRequestID = c.Idempotency.RequestIDs
	}
	engine, err := s.newEngine()
	s.handler = engine
	return s, err
}

// SetModels replaces all models at once: a request sees the old set or the new one, whole. When it
// returns an error the old set stays.
func (s *Server) SetModels(models ...*model.Scorer) error {
	scorers := make([]scorer, len(models))
	for i, m := range models {
		scorers[i] = m
	}
	return s.setScorers(scorers)
}

func (s *Server) setScorers(scorers []scorer) error {
	set, err := newModelSet(scorers, s.metrics)
	if err != nil {
		return err
	}
	s.models.Store(set)
	s.metrics.info.Reset()
	for _, m := range set.models {
		s.metrics.info.WithLabelValues(m.info.Name, m.info.Version).Set(1)
	}
	return nil
}

// Handler is the server without its listener, for tests and for those who bring their own; time limits and the orderly
// stop are Run's.
func (s *Server) Handler() http.Handler { return s.handler }

// Run serves on the listener, which it closes, until ctx is done; then it stops in order: /readyz says no for Limits.Drain while
// requests are still taken, the listener closes, and those under way have Limits.Stop to finish. A nil
// error means that every request that was taken has been answered.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.limits.ReadHead,
		ReadTimeout:       s.limits.Read,
		WriteTimeout:      s.limits.Write,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    s.limits.Header,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.Duration("drain", s.limits.Drain), slog.Duration("limit", s.limits.Stop))
	wait := time.NewTimer(s.limits.Drain)
	defer wait.Stop()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-wait.C:
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.Stop)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close()
		return fmt.Errorf("stopping: some requests were not finished within %s: %w", s.limits.Stop, err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	return nil
}
