package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/api"
	"leadscore/serve/replays"
	"leadscore/serve/telemetry"
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
	// Version is that of the program, for GET /v2 and GET /version; "" is "devel".
	Version string
	Limits  Limits
	Queue   Queue
	Access  Access

	// Catalog is what is served from files; the zero value is nothing, and Models are served alone.
	Catalog Catalog
	// Challengers are versions that are tried beside their champions.
	Challengers []Challenger
	// ShadowQueue is how many leads may wait for a challenger that scores in the shadow, and are in memory of at most 32 MiB; 0: 16,384.
	ShadowQueue int
	// MaxAge is the age from which on a model's answers carry a warning; 0: never.
	MaxAge time.Duration

	// Predictions logs every answer; nil: nothing does. Who made it closes it, when Run has returned.
	Predictions Predictions
	Idempotency Idempotency

	// AccessLog says which requests get a line; the zero value is all.
	AccessLog AccessLog
	// Telemetry exports traces, and the metrics of this server; nil: neither. It is the caller's to shut down after Run.
	Telemetry *telemetry.Exporter
	// Drift is the window of the live PSI.
	Drift DriftWindow
	// Admin is a listener for profiles, metrics and probes (Server.Admin), which Run serves and closes; nil: none.
	Admin net.Listener
	// Collectors are metrics of the caller's own that /metrics shows too.
	Collectors []prometheus.Collector
}

// Limits bound what one client can take. A zero field is its default.
type Limits struct {
	Body      int64         // bytes of a single request and of one row of a batch; 0: 1 MiB
	BatchBody int64         // bytes of a whole batch; 0: 1 GiB
	InferBody int64         // bytes of a table in the form of the Open Inference Protocol or MLflow, which is held in memory; 0: 64 MiB
	InferRows int           // rows of such a table; 0: 100,000
	Held      int64         // bytes of bodies and answers above 64 KiB that are in memory at once; 0: twice the larger of Body and InferBody
	BatchRows int           // rows of a batch; 0: no limit
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
	set(&l.InferBody, 64<<20)
	set(&l.InferRows, 100_000)
	set(&l.Held, 2*max(l.Body, l.InferBody))
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
	version   string
	access    Access
	origins   *origins
	metrics   *metrics
	requests  *gate // of single scoring requests
	batches   *gate
	held      held
	unpacking chan struct{} // holds a place for each body that is unpacked in memory
	accessLog AccessLog
	telemetry *telemetry.Exporter
	admin     net.Listener
	models    atomic.Pointer[modelSet]
	draining  atomic.Bool
	calls     sync.Pool // *call
	exchanges sync.Pool // *exchange
	handler   http.Handler

	predictions Predictions    // nil: off
	replays     *replays.Cache // nil: off
	byRequestID bool           // see Idempotency.RequestIDs

	catalog     *catalog
	challengers []Challenger
	shadows     *shadows
	maxAge      time.Duration
}

// New makes a server; it does not listen yet.
func New(c Config) (*Server, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	if c.Catalog.empty() {
		return s, s.SetModels(c.Models...)
	}
	return s, s.openCatalog(c)
}

func newServer(c Config) (*Server, error) {
	if c.Clock == nil || c.RequestID == nil {
		return nil, errors.New("making a server: it needs a clock and a source of request ids")
	}
	q := c.Queue.WithDefaults()
	s := &Server{
		log: c.Logger, clock: c.Clock, requestID: c.RequestID, limits: c.Limits.WithDefaults(), version: cmp.Or(c.Version, "devel"),
		metrics: newMetrics(c.Drift, c.Clock), requests: newGate(q.Concurrent, q.Waiting, q.Timeout), batches: newGate(q.Batches, q.Batches, q.Timeout),
		unpacking: make(chan struct{}, runtime.GOMAXPROCS(0)), accessLog: c.AccessLog, telemetry: c.Telemetry, admin: c.Admin,
	}
	s.held.most = s.limits.Held
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := checkChallengers(c.Challengers); err != nil {
		return nil, fmt.Errorf("making a server: %w", err)
	}
	s.challengers, s.maxAge, s.shadows = c.Challengers, c.MaxAge, newShadows(c.Challengers, c.ShadowQueue, s.log)
	s.metrics.registry.MustRegister(append(s.shadows.collectors(), ageGauge{s})...)
	s.calls.New = func() any { return new(call) }
	s.exchanges.New = func() any { return new(exchange) }
	s.models.Store(&modelSet{})
	if s.predictions = c.Predictions; s.predictions != nil {
		s.metrics.predictionMetrics(s.predictions)
	}
	if c.Idempotency.Window > 0 {
		s.replays = replays.New(c.Idempotency.Window, replays.Limits{})
		s.byRequestID = c.Idempotency.RequestIDs
	}
	if err := errors.Join(s.newAccess(c.Access), s.register(c.Collectors)); err != nil {
		return nil, err
	}
	engine, err := s.newEngine()
	s.handler = engine
	return s, err
}

// register adds to the metrics what is not counted by requests.
func (s *Server) register(own []prometheus.Collector) error {
	s.metrics.gate(s.requests, "score")
	s.metrics.gate(s.batches, "batch")
	s.metrics.held(&s.held)
	s.metrics.registry.MustRegister(newDriftCollector(func() []*loaded { return s.models.Load().all }))
	if s.telemetry != nil {
		own = append(slices.Clone(own), s.telemetry.Failures())
	}
	for _, c := range own {
		if err := s.metrics.registry.Register(c); err != nil {
			return fmt.Errorf("making a server: registering a metric: %w", err)
		}
	}
	if s.telemetry == nil {
		return nil
	}
	return s.telemetry.ExportMetrics(context.Background(), s.metrics.registry)
}

// SetModels replaces all models at once: a request sees the old set or the new one, whole. Of two versions of one name the first
// is the champion. When it returns an error the old set stays. A Server with a Catalog sets its models itself.
func (s *Server) SetModels(models ...*model.Scorer) error {
	scorers := make([]scorer, len(models))
	for i, m := range models {
		scorers[i] = m
	}
	return s.setScorers(scorers)
}

func (s *Server) setScorers(scorers []scorer) error {
	var members []member
	for _, from := range scorers {
		a := from.Artifact()
		for _, other := range members {
			if other.info.Name == a.Name && other.info.Version == a.Version {
				return fmt.Errorf("loading models: two are named %q and have the version %s", a.Name, a.Version)
			}
		}
		l, err := s.load(from, "", "")
		if err != nil {
			return fmt.Errorf("loading model %q: %w", a.Name, err)
		}
		l.age = newAge(a, printable(l.info.Name+" "+l.label()), "")
		members = append(members, member{loaded: l})
	}
	return s.install(members, nil)
}

// install makes models the ones that are served, at once.
func (s *Server) install(members []member, failed []api.FailedModel) error {
	set, err := s.newModelSet(members, failed)
	if err != nil {
		return err
	}
	s.models.Store(set)
	s.shadows.keep(set)
	s.metrics.keep(set.all)
	s.metrics.info.Reset()
	for _, l := range set.all {
		s.metrics.info.WithLabelValues(l.info.Name, l.info.Version).Set(1)
	}
	return nil
}

// rest waits for the work beside the answers to end, no longer than for an answer: a disk that does not answer, as network mounts may, is no reason to stay.
func (s *Server) rest(worked <-chan struct{}) {
	limit := time.NewTimer(s.limits.Stop)
	defer limit.Stop()
	select {
	case <-worked:
	case <-limit.C:
		s.log.LogAttrs(context.Background(), slog.LevelWarn, "stopping while the disk is still being looked at")
	}
}

// Models tells what is loaded, the default first.
func (s *Server) Models() []api.ModelSummary { return s.models.Load().summaries() }

// Handler is the server without its listener, for tests and for those who bring their own; time limits and the orderly
// stop are Run's.
func (s *Server) Handler() http.Handler { return s.handler }

// Run serves on the listener, which it closes, until ctx is done; then it stops in order: /readyz says no for Limits.Drain while
// requests are still taken, the listener closes, and those under way have Limits.Stop to finish. A nil
// error means that every request that was taken has been answered.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	defer s.background(ctx)()
	var late arrivals
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.limits.ReadHead,
		ReadTimeout:       s.limits.Read,
		WriteTimeout:      s.limits.Write,
		IdleTimeout:       s.limits.Idle,
		MaxHeaderBytes:    s.limits.Header,
		// OPTIONS * is a request like any other: counted, logged, and a 404.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		ConnState: func(c net.Conn, state http.ConnState) {
			if s.draining.Load() {
				late.observe(c, state)
			}
		},
	}
	working, rest := context.WithCancel(context.WithoutCancel(ctx))
	worked := make(chan struct{})
	go func() { defer close(worked); s.Work(working) }() // also while the last requests are answered
	defer s.rest(worked)
	defer rest()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.log.LogAttrs(ctx, slog.LevelInfo, "stopping", slog.String("drain", s.limits.Drain.String()), slog.String("limit", s.limits.Stop.String()))
	wait := time.NewTimer(s.limits.Drain)
	defer wait.Stop()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-wait.C:
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.Stop)
	defer cancel()
	_ = listener.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	late.settle(stop)
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close()
		return fmt.Errorf("stopping: some requests were not finished within %s: %w", s.limits.Stop, err)
	}
	return nil
}
