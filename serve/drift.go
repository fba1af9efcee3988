package serve

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/datasets"
	"leadscore/model"
)

// DriftWindow says of which leads the live PSI tells: of the last Length, and of fewer where more than Rows come in that time. It is kept in two
// halves, so it reaches back between half of that and all of it. A zero field is its default.
type DriftWindow struct {
	Length time.Duration // 0: 24 h; negative: no PSI
	Rows   int           // 0: 100,000
}

// WithDefaults returns the window with each zero field at its default.
func (w DriftWindow) WithDefaults() DriftWindow {
	set(&w.Length, 24*time.Hour)
	set(&w.Rows, 100_000)
	return w
}

const (
	// leastDrift is how many leads a PSI is told of: with fewer, chance alone alarms too often (model.DriftMeter.Drift).
	leastDrift = 200
	// driftInterval is how often the window is moved when nobody looks at the metrics.
	driftInterval = time.Minute
)

// driftMaker makes meters; a model.Scorer does.
type driftMaker interface {
	NewDriftCounter() *model.DriftMeter
}

// drift counts the leads of one model by the bins that training counted. A request takes the lock of one shard, which hardly ever
// another request wants; the sums are made when the metrics are read.
type drift struct {
	limits  DriftWindow
	clock   func() time.Time
	partial map[string]time.Duration // features that are like training's only over so long a window
	shards  []driftShard

	mu                 sync.Mutex // of what follows
	earlier, now, both *model.DriftMeter
	earlierSince       time.Time // when the first lead of earlier may have come
	since              time.Time // and of now
}

type driftShard struct {
	mu    sync.Mutex
	meter *model.DriftMeter
	_     [48]byte // so that two processors do not share a line of cache
}

func newDrift(maker driftMaker, a *model.Artifact, limits DriftWindow, clock func() time.Time) *drift {
	d := &drift{
		limits: limits, clock: clock, partial: map[string]time.Duration{},
		shards:  make([]driftShard, min(runtime.GOMAXPROCS(0), 32)),
		earlier: maker.NewDriftCounter(), now: maker.NewDriftCounter(), both: maker.NewDriftCounter(), since: clock(),
	}
	for i := range d.shards {
		d.shards[i].meter = maker.NewDriftCounter()
	}
	for _, f := range a.Pipeline.Features() {
		switch f.Name {
		case f.Column + ".weekday":
			d.partial[f.Name] = 7 * 24 * time.Hour
		case f.Column + ".hour":
			d.partial[f.Name] = 24 * time.Hour
		}
	}
	return d
}

// lead counts a lead that was scored into p. It keeps nothing of it.
func (d *drift) lead(shard int, l *model.Lead, p *model.Prediction) {
	s := &d.shards[shard%len(d.shards)]
	s.mu.Lock()
	_ = s.meter.Observe(l, p) // it fails only of a lead that was not scored
	s.mu.Unlock()
}

// batch counts rows that were scored into c, as lead counts each of them.
func (d *drift) batch(shard int, b *datasets.Batch, c *model.Columns) {
	s := &d.shards[shard%len(d.shards)]
	s.mu.Lock()
	_ = s.meter.ObserveBatch(b, c, nil) // likewise
	s.mu.Unlock()
}

// move takes over what the shards have counted and forgets what is older than the window. It is called under the lock.
func (d *drift) move() time.Time {
	for i := range d.shards {
		s := &d.shards[i]
		s.mu.Lock()
		_ = d.now.Merge(s.meter) // all are of one scorer
		s.meter.Reset()
		s.mu.Unlock()
	}
	at := d.clock()
	switch age := at.Sub(d.since); {
	case age >= d.limits.Length: // nobody looked for so long that nobody knows how old the leads are
		d.earlier.Reset()
		d.now.Reset()
		d.since = at
	case age >= d.limits.Length/2 || d.now.Rows() >= float64(d.limits.Rows)/2:
		d.earlier, d.now, d.earlierSince, d.since = d.now, d.earlier, d.since, at
		d.now.Reset()
	}
	return at
}

// measured is the drift of the window, and how far back it reaches.
func (d *drift) measured() (*model.Drift, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.move()
	d.both.Reset()
	since := d.since
	if d.earlier.Rows() > 0 {
		since = d.earlierSince
	}
	_, _ = d.both.Merge(d.earlier), d.both.Merge(d.now)
	return d.both.Drift(), at.Sub(since)
}

// driftCollector tells the live PSI of the models that are loaded.
type driftCollector struct {
	models               func() []*loaded
	rows, score, feature *prometheus.Desc
}

func newDriftCollector(models func() []*loaded) *driftCollector {
	return &driftCollector{
		models: models,
		rows: prometheus.NewDesc("leadscore_drift_rows", "Scored leads in the window of the live PSI, by model.",
			[]string{"model", "version"}, nil),
		score: prometheus.NewDesc("leadscore_score_psi", "Population stability index of the probability against training, by model; absent below 200 leads.",
			[]string{"model", "version"}, nil),
		feature: prometheus.NewDesc("leadscore_feature_psi", "Population stability index of a feature against training, by model; absent below 200 leads, and of what passes with the calendar.",
			[]string{"model", "version", "feature"}, nil),
	}
}

func (c *driftCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.rows
	out <- c.score
	out <- c.feature
}

func (c *driftCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, x float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, labels...)
	}
	for _, m := range c.models() {
		d := m.counts.drift
		if d == nil {
			continue
		}
		name, version := m.info.Name, m.info.Version
		measured, reach := d.measured()
		gauge(c.rows, float64(measured.Rows), name, version)
		if measured.Rows < leastDrift {
			continue
		}
		if psi := float64(measured.Score.PSI); !math.IsNaN(psi) {
			gauge(c.score, psi, name, version)
		}
		for i := range measured.Features {
			f := &measured.Features[i]
			// Weekdays, hours and months of a day are never those of a year: that is no news.
			if psi := float64(f.PSI); !math.IsNaN(psi) && !f.Calendar && reach >= d.partial[f.Feature] {
				gauge(c.feature, psi, name, version, f.Feature)
			}
		}
	}
}

// moveDrift moves the windows of all models.
func (s *Server) moveDrift() {
	for _, m := range s.models.Load().models {
		if d := m.counts.drift; d != nil {
			d.mu.Lock()
			d.move()
			d.mu.Unlock()
		}
	}
}
