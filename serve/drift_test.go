package serve

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
)

// watch is a clock that a test sets.
type watch struct {
	mu sync.Mutex
	at time.Time
}

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// gauges are the metrics of a name: label text to value.
func gauges(t testing.TB, h *harness, name string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	line := regexp.MustCompile(`(?m)^` + name + `\{(.*)\} (\S+)$`)
	for _, m := range line.FindAllStringSubmatch(h.do(t, "GET", "/metrics", "", "").body, -1) {
		x, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		out[regexp.MustCompile(`,?version="[^"]*"`).ReplaceAllString(m[1], "")] = x
	}
	return out
}

// trained is a model whose effects know how many rows of the table had each level, as training writes it, and the probabilities.
func trained(t testing.TB) (*model.Scorer, *datasets.Table) {
	t.Helper()
	table := leads(t, 3000, 5)
	a := artifactOf(t, "won", table)
	a.Rules, a.Blend = nil, model.Blend{Method: "model"}
	first, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	var logits []float64
	for tg := range a.Targets {
		for f := range a.Targets[tg].Effects {
			clear(a.Targets[tg].Effects[f].Rows)
		}
	}
	var p model.Prediction
	for row := range table.Rows() {
		l := model.Lead{Values: make([]datasets.Value, len(schema.Fields))}
		for i := range schema.Fields {
			l.Values[i] = table.Batches[0].Value(i, row)
		}
		l.AsOf = l.Values[5].Time
		if err := first.Score(&l, &p); err != nil {
			t.Fatal(err)
		}
		logits = append(logits, model.Logit(p.Probability))
		for f, c := range p.Cells() {
			for tg := range a.Targets {
				if rows := a.Targets[tg].Effects[f].Rows; int(c.Code) < len(rows) {
					rows[c.Code]++
				}
			}
		}
	}
	for tg := range a.Targets {
		for f := range a.Targets[tg].Effects {
			e := &a.Targets[tg].Effects[f]
			for i := range e.Positives {
				e.Positives[i] = min(e.Positives[i], e.Rows[i])
			}
		}
	}
	a.Reference = model.NewReference(logits, logits, nil, nil)
	return reloaded(t, a), table
}

// send scores rows of a table one by one, changed or not.
func send(t testing.TB, h *harness, table *datasets.Table, from, to int, change func([]byte) []byte) {
	t.Helper()
	for row := from; row < to; row++ {
		b := body(t, table, row)
		if change != nil {
			b = change(b)
		}
		r := httptest.NewRequest(http.MethodPost, "/v1/score", bytes.NewReader(b))
		r.Header.Set("Content-Type", jsonBody)
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// TestLivePSI: leads like training's have none, a shift has one, and both pass with the window.
func TestLivePSI(t *testing.T) {
	m, _ := trained(t)
	w := &watch{at: time.Unix(1_780_000_000, 0)}
	h := harnessOf(t, func(c *Config) { c.Clock, c.Drift = w.now, DriftWindow{Length: 2 * time.Hour} }, m)
	fresh := leads(t, 900, 99)
	send(t, h, fresh, 0, 199, nil)
	if len(gauges(t, h, "leadscore_score_psi")) != 0 || len(gauges(t, h, "leadscore_feature_psi")) != 0 || gauges(t, h, "leadscore_drift_rows")[`model="won"`] != 199 {
		t.Error("a PSI of 199 leads is told, or their number is not")
	}
	send(t, h, fresh, 199, 900, nil)
	score, feature := gauges(t, h, "leadscore_score_psi"), gauges(t, h, "leadscore_feature_psi")
	if x, ok := score[`model="won"`]; !ok || x > .1 {
		t.Errorf("leads like those of training: score %v", score)
	}
	if x, ok := feature[`feature="source",model="won"`]; !ok || x > .1 {
		t.Errorf("leads like those of training: features %v", feature)
	}
	for name := range feature {
		if regexp.MustCompile(`\.(weekday|hour|month|day)"`).MatchString(name) {
			t.Errorf("within 2 hours %s cannot be like training", name)
		}
	}
	// The same numbers as `leadscore drift` makes of the same leads.
	meter := m.NewDriftMeter()
	var p model.Prediction
	for row := range fresh.Rows() {
		l := model.Lead{Values: make([]datasets.Value, len(schema.Fields))}
		for i := range schema.Fields {
			l.Values[i] = fresh.Batches[0].Value(i, row)
		}
		l.AsOf = l.Values[5].Time
		if err := m.Score(&l, &p); err != nil {
			t.Fatal(err)
		}
		if err := meter.Observe(&l, &p); err != nil {
			t.Fatal(err)
		}
	}
	d := meter.Drift()
	if float64(d.Score.PSI) != score[`model="won"`] {
		t.Errorf("score %v, the meter %v", score, d.Score.PSI)
	}
	for _, f := range d.Features {
		if x, ok := feature[fmt.Sprintf(`feature=%q,model="won"`, f.Feature)]; ok && x != float64(f.PSI) {
			t.Errorf("%s: %v, the meter %v", f.Feature, x, f.PSI)
		}
	}
	w.pass(70 * time.Minute)
	h.moveDrift() // the half is full
	source := regexp.MustCompile(`"source":"(\\.|[^"\\])*"`)
	shift := func(b []byte) []byte {
		return source.ReplaceAll(b, []byte(`"source":"podcast"`))
	}
	send(t, h, leads(t, 300, 7), 0, 300, shift)
	if rows := gauges(t, h, "leadscore_drift_rows")[`model="won"`]; rows != 1200 {
		t.Errorf("%v leads in the window", rows)
	}
	w.pass(70 * time.Minute) // the first half has gone
	if rows := gauges(t, h, "leadscore_drift_rows")[`model="won"`]; rows != 300 {
		t.Errorf("%v leads in the window", rows)
	}
	if x := gauges(t, h, "leadscore_feature_psi")[`feature="source",model="won"`]; x < .25 {
		t.Errorf("a value that was never seen: PSI %v", x)
	}
	if strings.Contains(h.do(t, "GET", "/metrics", "", "").body, "podcast") {
		t.Error("a lead's value stands in the metrics")
	}
	w.pass(5 * time.Hour) // nobody looked: what is there may be of any time
	if rows := gauges(t, h, "leadscore_drift_rows")[`model="won"`]; rows != 0 {
		t.Errorf("%v leads in the window", rows)
	}
}

// TestDriftOutlivesAReload: the same model loaded again goes on counting, another begins anew, and one that is gone is forgotten.
func TestDriftOutlivesAReload(t *testing.T) {
	m, table := trained(t)
	h := newHarness(t, Limits{}, m)
	send(t, h, table, 0, 30, nil)
	if err := h.SetModels(m, loadedModel(t, "second")); err != nil {
		t.Fatal(err)
	}
	if rows := gauges(t, h, "leadscore_drift_rows"); len(rows) != 2 || rows[`model="won"`] != 30 || rows[`model="second"`] != 0 {
		t.Errorf("%v", rows)
	}
	if err := h.SetModels(loadedModel(t, "second")); err != nil {
		t.Fatal(err)
	}
	if rows := gauges(t, h, "leadscore_drift_rows"); len(rows) != 1 || len(h.metrics.drifts) != 1 {
		t.Errorf("%v", rows)
	}
}

// TestDriftLosesNoLead counts from many goroutines while the windows move, by number of leads too.
func TestDriftLosesNoLead(t *testing.T) {
	m, table := trained(t)
	h := newHarness(t, Limits{}, m)
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() { send(t, h, table, i*100, i*100+100, nil) })
	}
	stop := make(chan bool)
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				gauges(t, h, "leadscore_drift_rows")
			}
		}
	})
	clients.Wait()
	close(stop)
	reader.Wait()
	if rows := gauges(t, h, "leadscore_drift_rows")[`model="won"`]; rows != 400 {
		t.Errorf("%v of 400 leads are counted", rows)
	}
	few := harnessOf(t, func(c *Config) { c.Drift.Rows = 400 }, m)
	r := rand.New(rand.NewPCG(1, 2))
	for sent := 0; sent < 1000; {
		n := 20 + r.IntN(30)
		send(t, few, table, sent, sent+n, nil)
		sent += n
		if rows := gauges(t, few, "leadscore_drift_rows")[`model="won"`]; rows > 450 || sent > 400 && rows < 199 {
			t.Errorf("%v leads in a window of 400 after %d", rows, sent)
		}
	}
	off := harnessOf(t, func(c *Config) { c.Drift.Length = -1 }, m)
	send(t, off, table, 0, 1, nil)
	if rows := gauges(t, off, "leadscore_drift_rows"); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}
