package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/api"
)

// defaultShadowQueue is how many leads may wait for their challenger, and maxShadowBytes how much memory.
const (
	defaultShadowQueue = 1024
	maxShadowBytes     = 32 << 20
)

// shadows scores what champions answer by their challengers too, behind the answers: a lead waits in a bounded queue, and where
// that is full it is dropped and counted. A challenger reads the request's own bytes, as it would if it were the champion: a column or a
// property of an event that it alone reads is there, and what it would refuse is counted as refused. Nothing is kept but sums.
type shadows struct {
	queue   chan *shadowJob
	waiting atomic.Int64 // bytes in the queue
	jobs    sync.Pool    // *shadowJob
	log     *slog.Logger

	mu    sync.Mutex // of pairs
	pairs map[[2]string]*shadow

	leads, dropped *prometheus.CounterVec
	refused        *prometheus.CounterVec
	stages         *prometheus.CounterVec
	difference     *prometheus.HistogramVec
}

// shadow is what came of one champion and one challenger.
type shadow struct {
	champion, challenger *loaded

	mu                  sync.Mutex
	rows, moved         int64
	sum, sumAbs         float64
	refused             int64
	dropped             atomic.Int64
	leadCount, lost     prometheus.Counter
	observed            prometheus.Observer
	refusals, movements *prometheus.CounterVec
}

// shadowJob is one lead that waits.
type shadowJob struct {
	pair        *shadow
	body        []byte
	requestID   string
	probability float64
	stage       model.Stage
}

// newShadows has a queue only where something can come into it.
func newShadows(queue int, log *slog.Logger) *shadows {
	if queue <= 0 {
		queue = defaultShadowQueue
	}
	pair := []string{"model", "champion", "challenger"}
	s := &shadows{
		queue: make(chan *shadowJob, queue), log: log, pairs: map[[2]string]*shadow{},
		leads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_shadow_leads_total", Help: "Leads that a challenger scored beside the champion, by model and versions.",
		}, pair),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_shadow_dropped_total", Help: "Leads that were not scored by a challenger because too many waited.",
		}, pair),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_shadow_refused_total", Help: "Leads that the champion took and the challenger would not have, by problem code.",
		}, append(pair[:3:3], "code")),
		stages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leadscore_shadow_stage_changes_total", Help: "Leads for which the challenger recommends another stage, from the champion's to the challenger's.",
		}, append(pair[:3:3], "from", "to")),
		difference: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "leadscore_shadow_probability_difference", Help: "Absolute difference of the primary target's probability between champion and challenger.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5},
		}, pair),
	}
	s.jobs.New = func() any { return new(shadowJob) }
	return s
}

func (s *shadows) collectors() []prometheus.Collector {
	return []prometheus.Collector{s.leads, s.dropped, s.refused, s.stages, s.difference}
}

// pair is what has come of two versions so far; the sums go on while both are loaded, whatever else is swapped.
func (s *shadows) pair(champion, challenger *loaded) *shadow {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{champion.info.Name + "\x00" + champion.info.Digest, challenger.info.Digest}
	if p, ok := s.pairs[key]; ok {
		return p
	}
	labels := []string{champion.info.Name, champion.label(), challenger.label()}
	with := prometheus.Labels{"model": labels[0], "champion": labels[1], "challenger": labels[2]}
	p := &shadow{
		champion: champion, challenger: challenger,
		leadCount: s.leads.WithLabelValues(labels...), lost: s.dropped.WithLabelValues(labels...), observed: s.difference.WithLabelValues(labels...),
		refusals: s.refused.MustCurryWith(with), movements: s.stages.MustCurryWith(with),
	}
	s.pairs[key] = p
	return p
}

// keep forgets the pairs of versions that are gone.
func (s *shadows) keep(set *modelSet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, p := range s.pairs {
		used := false
		for _, l := range set.models {
			used = used || l.shadow == p
		}
		if !used {
			delete(s.pairs, key)
		}
	}
}

// offer copies a lead that the champion has answered into the queue, or drops it. It does not wait.
func (s *shadows) offer(p *shadow, body []byte, requestID string, answered *model.Prediction) {
	if s.waiting.Load() > maxShadowBytes {
		p.drop()
		return
	}
	j := s.jobs.Get().(*shadowJob)
	j.pair, j.body, j.requestID = p, append(j.body[:0], body...), requestID
	j.probability, j.stage = answered.Probability, answered.Stage
	n := int64(len(body))
	s.waiting.Add(n)
	select {
	case s.queue <- j:
	default:
		s.waiting.Add(-n)
		s.free(j)
		p.drop()
	}
}

func (p *shadow) drop() {
	p.dropped.Add(1)
	p.lost.Inc()
}

func (s *shadows) free(j *shadowJob) {
	if j.pair = nil; cap(j.body) <= maxKept {
		s.jobs.Put(j)
	}
}

// work scores what waits until ctx is done; what waits then is left.
func (s *shadows) work(ctx context.Context) {
	w := new(shadowWorker)
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-s.queue:
			s.waiting.Add(-int64(len(j.body)))
			s.score(ctx, w, j)
			s.free(j)
		}
	}
}

// shadowWorker is memory that one lead hands on to the next.
type shadowWorker struct {
	request request
	advice  model.Explanation
}

func (s *shadows) score(ctx context.Context, w *shadowWorker, j *shadowJob) {
	if err := w.score(j); err != nil {
		code := api.CodeInternal
		if f := asFault(err); f != nil {
			code = f.code // its text may name what the lead had, and goes nowhere
		}
		j.pair.refuse(code)
		s.log.LogAttrs(ctx, slog.LevelInfo, "a challenger refused a lead", append(j.pair.attrs(j), slog.String("code", code))...)
		return
	}
	level := slog.LevelDebug
	if w.advice.Stage != j.stage {
		level = slog.LevelInfo
	}
	j.pair.count(j, &w.advice.Prediction)
	if s.log.Enabled(ctx, level) {
		s.log.LogAttrs(ctx, level, "a challenger scored a lead", append(j.pair.attrs(j),
			slog.Float64("probability", j.probability), slog.Float64("challenger_probability", w.advice.Probability),
			slog.String("stage", string(j.stage)), slog.String("challenger_stage", string(w.advice.Stage)))...)
	}
}

// score reads and scores the lead as the challenger would. A panic of a challenger is an error: it must not end a server that the
// champion keeps up.
func (w *shadowWorker) score(j *shadowJob) (err error) {
	defer func() {
		if v := recover(); v != nil {
			*w = shadowWorker{}
			err = fmt.Errorf("a panic of type %T", v)
		}
	}()
	c := j.pair.challenger
	if err := w.request.decode(c.columns, j.body); err != nil {
		return err
	}
	if err := c.scorer.Advise(&w.request.lead, 0, &w.advice); err != nil {
		return err
	}
	if math.IsNaN(w.advice.Probability) {
		return errors.New("its probability is not a number")
	}
	return nil
}

func (p *shadow) attrs(j *shadowJob) []slog.Attr {
	return []slog.Attr{
		slog.String("request_id", j.requestID), slog.String("model", p.champion.info.Name),
		slog.String("champion", p.champion.label()), slog.String("challenger", p.challenger.label()),
	}
}

func (p *shadow) refuse(code string) {
	p.refusals.WithLabelValues(code).Inc()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused++
}

func (p *shadow) count(j *shadowJob, challenger *model.Prediction) {
	d := challenger.Probability - j.probability
	p.leadCount.Inc()
	p.observed.Observe(math.Abs(d))
	if challenger.Stage != j.stage {
		p.movements.WithLabelValues(string(j.stage), string(challenger.Stage)).Inc()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows++
	p.sum += d
	p.sumAbs += math.Abs(d)
	if challenger.Stage != j.stage {
		p.moved++
	}
}

// summary is what came of it, for GET /v1/models/{name}.
func (p *shadow) summary() *api.Shadow {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := &api.Shadow{Challenger: p.challenger.ref, Rows: p.rows, Dropped: p.dropped.Load(), Refused: p.refused}
	if n := float64(p.rows); n > 0 {
		out.MeanDifference, out.MeanAbsolute, out.StageChanges = p.sum/n, p.sumAbs/n, float64(p.moved)/n
	}
	return out
}
