package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/api"
)

// defaultShadowQueue is how many leads may wait for their challenger, and maxShadowBytes how much memory.
const (
	defaultShadowQueue = 16 << 10
	maxShadowBytes     = 32 << 20
)

// shadows scores what champions answer by their challengers too, behind the answers: leads wait in a bounded queue, and what does not fit is dropped
// and counted. A challenger reads what its champion was sent, as it would if it were the champion: a column or a property of an event that it alone
// reads is there, and what it would refuse is counted as refused. So a body of JSON waits as it is; of a table there wait the cells, where both make the
// same of them, else what they are read from (shadow_rows.go). Nothing is kept but sums.
type shadows struct {
	queue chan *shadowJob
	room  int64        // leads that may wait
	leads atomic.Int64 // that wait or are being scored
	bytes atomic.Int64 // of them
	jobs  sync.Pool    // *shadowJob, of JSON
	log   *slog.Logger

	mu    sync.Mutex // of pairs
	pairs map[[2]string]*shadow

	scored, dropped *prometheus.CounterVec
	refused         *prometheus.CounterVec
	stages          *prometheus.CounterVec
	difference      *prometheus.HistogramVec
}

// shadow is what came of one champion and one challenger.
type shadow struct {
	champion, challenger *loaded
	alike                bool // both make the same of the columns of a table

	mu                  sync.Mutex
	rows, moved         int64
	sum, sumAbs         float64
	refused             int64
	dropped             atomic.Int64
	leadCount, lost     prometheus.Counter
	observed            prometheus.Observer
	refusals, movements *prometheus.CounterVec
}

// shadowJob is what waits: a body of JSON, or leads of a table.
type shadowJob struct {
	pair      *shadow
	requestID string
	asked     asked
	leads     int
	bytes     int64

	body        []byte
	row         int // in its batch, from 1; 0: it came alone
	probability float64
	stage       model.Stage

	rows *shadowRows // nil: body
}

// newShadows has no queue where no challenger is a shadow.
func newShadows(challengers []Challenger, queue int, log *slog.Logger) *shadows {
	if queue <= 0 {
		queue = defaultShadowQueue
	}
	if !slices.ContainsFunc(challengers, func(c Challenger) bool { return c.Shadow }) {
		queue = 0
	}
	pair := []string{"model", "champion", "challenger"}
	s := &shadows{
		queue: make(chan *shadowJob, queue), room: int64(queue), log: log, pairs: map[[2]string]*shadow{},
		scored: prometheus.NewCounterVec(prometheus.CounterOpts{
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
	return []prometheus.Collector{s.scored, s.dropped, s.refused, s.stages, s.difference}
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
		champion: champion, challenger: challenger, alike: readAlike(champion, challenger),
		leadCount: s.scored.WithLabelValues(labels...), lost: s.dropped.WithLabelValues(labels...), observed: s.difference.WithLabelValues(labels...),
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

// take makes room for some leads of so many bytes and returns for how many of them, the first, there is; the others are dropped. It does not wait. A
// first piece may be larger than the bound of bytes: it is no larger than one request may be.
func (s *shadows) take(p *shadow, leads int, bytes int64) int {
	taken := int64(0)
	if s.bytes.Load() <= maxShadowBytes {
		for {
			waiting := s.leads.Load()
			if taken = max(0, min(int64(leads), s.room-waiting)); s.leads.CompareAndSwap(waiting, waiting+taken) {
				break
			}
		}
	}
	s.drop(p, leads-int(taken))
	if taken > 0 {
		s.bytes.Add(bytes)
	}
	return int(taken)
}

func (s *shadows) drop(p *shadow, leads int) {
	if leads > 0 {
		p.dropped.Add(int64(leads))
		p.lost.Add(float64(leads))
	}
}

// offer copies a lead that the champion has answered into the queue, or drops it.
func (s *shadows) offer(k *call, p *shadow, body []byte, answered *model.Prediction) {
	if s.take(p, 1, int64(len(body))) == 0 {
		return
	}
	j := s.jobs.Get().(*shadowJob)
	j.pair, j.body, j.requestID, j.asked, j.row = p, append(j.body[:0], body...), k.requestID, k.asked, k.row
	j.probability, j.stage, j.leads, j.bytes = answered.Probability, answered.Stage, 1, int64(len(body))
	s.queue <- j // there is room: no more jobs wait than leads
}

// free ends a job.
func (s *shadows) free(j *shadowJob) {
	s.leads.Add(-int64(j.leads))
	s.bytes.Add(-j.bytes)
	if j.pair, j.asked = nil, (asked{}); j.rows == nil && cap(j.body) <= maxKept {
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
			if j.rows != nil {
				s.scoreRows(ctx, w, j)
			} else {
				advice, err := w.score(j)
				s.tell(ctx, j, verdict{row: j.row, probability: j.probability, stage: j.stage}, advice, err)
			}
			s.free(j)
		}
	}
}

// verdict is what a champion said of a lead.
type verdict struct {
	row         int // in its request, from 1; 0: it came alone
	probability float64
	stage       model.Stage
	refused     string // code for which the challenger would not take it, where that is known already; "": it is asked
}

// tell compares what a challenger says of a lead, or why it says nothing.
func (s *shadows) tell(ctx context.Context, j *shadowJob, v verdict, challenger verdict, err error) {
	if err == nil && math.IsNaN(challenger.probability) {
		err = errors.New("its probability is not a number")
	}
	if err != nil {
		code := api.CodeInternal
		if f := asFault(err); f != nil {
			code = f.code // its text may name what the lead had, and goes nowhere
		}
		s.refuse(ctx, j, v.row, code)
		return
	}
	level := slog.LevelDebug
	if challenger.stage != v.stage {
		level = slog.LevelInfo
	}
	j.pair.count(v, challenger)
	if s.log.Enabled(ctx, level) {
		s.log.LogAttrs(ctx, level, "a challenger scored a lead", append(j.attrs(v.row),
			slog.Float64("probability", v.probability), slog.Float64("challenger_probability", challenger.probability),
			slog.String("stage", string(v.stage)), slog.String("challenger_stage", string(challenger.stage)))...)
	}
}

func (s *shadows) refuse(ctx context.Context, j *shadowJob, row int, code string) {
	j.pair.refuse(code)
	s.log.LogAttrs(ctx, slog.LevelInfo, "a challenger refused a lead", append(j.attrs(row), slog.String("code", code))...)
}

// shadowWorker is memory that one lead hands on to the next.
type shadowWorker struct {
	request request
	advice  model.Explanation
	columns model.Columns
}

// score reads and scores the lead as the challenger would, by what its query said. A panic of a challenger is an error: it must not end a server that the
// champion keeps up.
func (w *shadowWorker) score(j *shadowJob) (out verdict, err error) {
	defer w.survive(&err)
	c, q := j.pair.challenger, &w.request
	q.warnAll = j.asked.warn
	if err := q.decode(c.columns, j.body); err != nil {
		return out, err
	}
	q.explain, q.targets = 0, nil // nobody asks a shadow
	j.asked.fill(q, c.asOf)
	if err := c.scorer.Advise(&q.lead, 0, &w.advice); err != nil {
		return out, err
	}
	return verdict{probability: w.advice.Probability, stage: w.advice.Stage}, nil
}

func (w *shadowWorker) survive(err *error) {
	if v := recover(); v != nil {
		*w = shadowWorker{}
		*err = fmt.Errorf("a panic of type %T", v)
	}
}

func (j *shadowJob) attrs(row int) []slog.Attr {
	p := j.pair
	attrs := []slog.Attr{
		slog.String("request_id", j.requestID), slog.String("model", p.champion.info.Name),
		slog.String("champion", p.champion.label()), slog.String("challenger", p.challenger.label()),
	}
	if row > 0 {
		attrs = append(attrs, slog.Int("row", row))
	}
	return attrs
}

func (p *shadow) refuse(code string) {
	p.refusals.WithLabelValues(code).Inc()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused++
}

func (p *shadow) count(champion, challenger verdict) {
	d := challenger.probability - champion.probability
	p.leadCount.Inc()
	p.observed.Observe(math.Abs(d))
	if challenger.stage != champion.stage {
		p.movements.WithLabelValues(string(champion.stage), string(challenger.stage)).Inc()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows++
	p.sum += d
	p.sumAbs += math.Abs(d)
	if challenger.stage != champion.stage {
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
