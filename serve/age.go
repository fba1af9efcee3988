package serve

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/api"
)

// ageHeader is in every scoring answer of a model that is older than Config.MaxAge. RFC 9111 made the Warning header
// obsolete and RFC 6648 the X- of new ones.
const ageHeader = "Model-Age-Warning"

// age is how old a model is: since its latest training lead, or where the training file had no as-of since it was trained.
type age struct {
	since time.Time
	basis string // trainedTo or madeAt
	name  string // of the model, with its version
	told  atomic.Pointer[ageText]
}

const (
	trainedTo = "trained_to"
	madeAt    = "made_at"
)

// ageText is the header of one day.
type ageText struct {
	days   int
	header []string
}

// newAge is nil where nothing is known. made is when the model was trained, RFC 3339; "": not known.
func newAge(a *model.Artifact, name, made string) *age {
	if w, _ := windows(a); w != nil {
		if t, err := time.Parse(time.RFC3339, w.To); err == nil {
			return &age{since: t, basis: trainedTo, name: name}
		}
	}
	if t, err := time.Parse(time.RFC3339, made); err == nil {
		return &age{since: t, basis: madeAt, name: name}
	}
	return nil
}

// windows are the rows that the primary target learned from and was measured on; nil where the card does not tell.
func windows(a *model.Artifact) (training, holdout *api.Window) {
	if a.Card == nil || len(a.Targets) == 0 || a.Card.Targets[a.Targets[0].Name] == nil {
		return nil, nil
	}
	card := a.Card.Targets[a.Targets[0].Name]
	window := func(s model.Sample) *api.Window { return &api.Window{Rows: s.Rows, From: s.From, To: s.To} }
	return window(card.Train), window(card.Holdout)
}

// days are the whole ones until now; a clock that is behind makes none.
func (g *age) days(now time.Time) int { return int(max(0, now.Sub(g.since)) / (24 * time.Hour)) }

func (g *age) stale(now time.Time, limit time.Duration) bool {
	return limit > 0 && now.Sub(g.since) > limit
}

// text is the warning of the day.
func (g *age) text(now time.Time) *ageText {
	days := g.days(now)
	if told := g.told.Load(); told != nil && told.days == days {
		return told
	}
	what := "was trained on leads up to"
	if g.basis == madeAt {
		what = "was trained on"
	}
	told := &ageText{days: days, header: []string{fmt.Sprintf("model %s %s %s, %d days ago", g.name, what, g.since.UTC().Format(time.DateOnly), days)}}
	g.told.Store(told)
	return told
}

// aged is the header of a model that is too old; nil: it is not, or no limit is set.
func (s *Server) aged(l *loaded) []string {
	if s.maxAge <= 0 || l.age == nil {
		return nil
	}
	now := s.clock()
	if !l.age.stale(now, s.maxAge) {
		return nil
	}
	return l.age.text(now).header
}

// describeAge is the age as it is told; nil: not known.
func (s *Server) describeAge(l *loaded, now time.Time) *api.Age {
	if l.age == nil {
		return nil
	}
	return &api.Age{Since: stamp(l.age.since), Basis: l.age.basis, Days: l.age.days(now), Stale: l.age.stale(now, s.maxAge)}
}

// printable is a text that may stand in a header, whatever a model is named.
func printable(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

// ageGauge tells the age of each loaded version when metrics are asked for.
type ageGauge struct{ server *Server }

var ageDesc = prometheus.NewDesc("leadscore_model_age_seconds",
	"Time since the latest lead that the model was trained on, or since it was trained where the leads have no time. Absent where neither is known.",
	[]string{"model", "version"}, nil)

// Describe implements prometheus.Collector.
func (ageGauge) Describe(out chan<- *prometheus.Desc) { out <- ageDesc }

// Collect implements prometheus.Collector.
func (g ageGauge) Collect(out chan<- prometheus.Metric) {
	now := g.server.clock()
	for _, l := range g.server.models.Load().all {
		if l.age != nil {
			out <- prometheus.MustNewConstMetric(ageDesc, prometheus.GaugeValue, now.Sub(l.age.since).Seconds(), l.info.Name, l.label())
		}
	}
}
