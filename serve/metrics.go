package serve

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leadscore/model"
)

// metrics are the server's own registry: nothing of it is process-wide, so that two servers in one
// process, or in one test, do not meet. Labels are routes, statuses, models and columns: a bounded
// number, and nothing of a lead.
type metrics struct {
	registry     *prometheus.Registry
	requests     *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	panics       prometheus.Counter
	scores       *prometheus.HistogramVec
	stages       *prometheus.CounterVec
	rowFails     *prometheus.CounterVec
	unseen       *prometheus.CounterVec
	missing      *prometheus.CounterVec
	info         *prometheus.GaugeVec
	reloadErrors *prometheus.CounterVec
	shed         *prometheus.CounterVec
	window       DriftWindow
	clock        func() time.Time
	mu           sync.Mutex
	drifts       map[driftKey]*drift // so that a model which is loaded again goes on counting
}

// driftKey is a model under the name that it is served by.
type driftKey struct{ name, digest string }

func newMetrics(window DriftWindow, clock func() time.Time) *metrics {
	m := &metrics{
		window: window.WithDefaults(), clock: clock, drifts: map[driftKey]*drift{},
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_requests_total", Help: "Requests answered, by route and HTTP status.",
		}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadscore_request_duration_seconds", Help: "Time from the head of a request to the end of its answer, by route.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leadscore_panics_total", Help: "Panics that a handler was recovered from.",
		}),
		scores: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadscore_score", Help: "Scores given (0-100), in bands of ten, by model.",
			Buckets: prometheus.LinearBuckets(10, 10, 10),
		}, []string{"model"}),
		stages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_recommendations_total", Help: "Recommendations given, by model and stage.",
		}, []string{"model", "stage"}),
		rowFails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_refused_leads_total", Help: "Leads refused, alone or in a batch, by problem code.",
		}, []string{"code"}),
		unseen: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_unknown_levels_total", Help: "Values that training never saw, by model and feature.",
		}, []string{"model", "feature"}),
		missing: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_missing_fields_total", Help: "Leads without a value that the model reads, by model and column.",
		}, []string{"model", "column"}),
		info: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "leadscore_model_loaded", Help: "1 for each model that is loaded.",
		}, []string{"model", "version"}),
		reloadErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_model_reload_errors_total", Help: "Times that what is on disk could not be loaded, by model; each look at the disk tries again.",
		}, []string{"model"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_shed_total", Help: "Requests refused because more were under way than the server takes, by kind of work and reason.",
		}, []string{"work", "reason"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.panics, m.scores, m.stages, m.rowFails, m.unseen, m.missing, m.info, m.reloadErrors, m.shed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// gate shows how many a gate has let in, lets wait and refuses.
func (m *metrics) gate(g *gate, work string) {
	for _, why := range []string{shedFull, shedTimeout, shedGone} {
		g.shed[why] = m.shed.WithLabelValues(work, why)
	}
	labels := prometheus.Labels{"work": work}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "leadscore_in_flight", Help: "Scoring requests and batches at work.", ConstLabels: labels,
		}, g.inFlight),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "leadscore_waiting", Help: "Scoring requests and batches that wait to be let in.", ConstLabels: labels,
		}, g.waiting),
	)
}

// held shows how much memory bodies and answers take, and counts requests that are refused for it.
func (m *metrics) held(h *held) {
	h.shed = m.shed.WithLabelValues("body", shedMemory)
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "leadscore_held_bytes", Help: "Bytes of large bodies and answers in memory.",
	}, func() float64 { return float64(h.now.Load()) }))
}

// modelCounts are the counters of one model, looked up once.
type modelCounts struct {
	score   prometheus.Observer
	stage   map[model.Stage]prometheus.Counter
	stages  []string     // the keys of stage
	made    map[int]bool // columns that are made from events
	columns []int        // positions in the schema of the columns that the pipeline reads
	missing []prometheus.Counter
	coded   []int    // positions of the features that are levels
	levels  []uint32 // how many each of them has: its code when a value was never seen
	unseen  []prometheus.Counter
	drift   *drift    // nil: not measured
	shards  sync.Pool // *int: the shard of drift that this processor counts in
}

// model are the counters of a model that is served under a name.
func (m *metrics) model(name string, s scorer) *modelCounts {
	a := s.Artifact()
	c := &modelCounts{
		score: m.scores.WithLabelValues(name), stage: map[model.Stage]prometheus.Counter{}, made: map[int]bool{}, drift: m.drift(name, s),
	}
	for _, s := range []model.Stage{model.Nurture, model.MQL, model.SQL, model.Disqualify} {
		c.stage[s] = m.stages.WithLabelValues(name, string(s))
		c.stages = append(c.stages, string(s))
	}
	made := a.EventColumns()
	for i := range a.Schema.Fields {
		column := a.Schema.Fields[i].Name
		c.made[i] = made[column]
		if a.Pipeline.Uses(column) {
			c.columns = append(c.columns, i)
			c.missing = append(c.missing, m.missing.WithLabelValues(name, column))
		}
	}
	all := a.Pipeline.Features()
	for i, f := range all {
		if !f.Linear && f.Column != "" { // a number is never a level, and a pair's levels are its parents'
			c.coded = append(c.coded, i)
			c.levels = append(c.levels, uint32(len(f.Levels)))
			c.unseen = append(c.unseen, m.unseen.WithLabelValues(name, f.Name))
		}
	}
	var next atomic.Int64
	c.shards.New = func() any {
		shard := int(next.Add(1) - 1)
		return &shard
	}
	return c
}

// drift is the count of a model's leads against training; nil: none is kept.
func (m *metrics) drift(name string, s scorer) *drift {
	if m.window.Length < 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a := s.Artifact()
	key := driftKey{name, a.Digest}
	d := m.drifts[key]
	if d == nil {
		d = newDrift(s, a, m.window, m.clock)
		m.drifts[key] = d
	}
	return d
}

// keep forgets the counts of models that are no longer loaded.
func (m *metrics) keep(models []*loaded) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.drifts {
		if !slices.ContainsFunc(models, func(l *loaded) bool { return key == driftKey{l.info.Name, l.info.Digest} }) {
			delete(m.drifts, key)
		}
	}
}

// lead counts one lead that was scored into p.
func (c *modelCounts) lead(l *model.Lead, p *model.Prediction) {
	c.score.Observe(p.Score)
	if s := c.stage[p.Stage]; s != nil {
		s.Inc()
	}
	for i, column := range c.columns {
		if l.Values[column].Missing() {
			c.missing[i].Inc()
		}
	}
	if cells := p.Cells(); len(cells) > 0 {
		for i, f := range c.coded {
			if cells[f].Code >= c.levels[i] {
				c.unseen[i].Inc()
			}
		}
	}
	if c.drift != nil {
		shard := c.shards.Get().(*int)
		c.drift.lead(*shard, l, p)
		c.shards.Put(shard)
	}
}
