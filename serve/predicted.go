package serve

import (
	"github.com/prometheus/client_golang/prometheus"

	"leadscore/model"
	"leadscore/serve/predictions"
)

// Predictions is a log of what was answered. Log is called once for each lead that was scored, before the answer goes out, by many goroutines; it must
// not wait for anything and keeps nothing of the record, which is used again.
type Predictions interface {
	Log(*predictions.Record)
	Stats() predictions.Stats
}

var _ Predictions = (*predictions.Writer)(nil)

// predicted gives an answer to the log of predictions, if there is one. Every route that scores leads calls it with what the model said and the
// number of warnings that the caller got; k.route and k.row say which request it was.
func (s *Server) predicted(k *call, m *loaded, l *model.Lead, e *model.Explanation, warnings int) {
	if s.predictions == nil {
		return
	}
	k.record.Fill(predictions.Request{At: s.clock(), Route: k.route, ID: k.requestID, Row: k.row}, m.logged, l, e, warnings)
	s.predictions.Log(&k.record)
}

// predictionMetrics shows the counts of a log; a gauge of how many records wait would always show few: it is drained ten times a second.
func (m *metrics) predictionMetrics(p Predictions) {
	count := func(name, help string, of func(predictions.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of(p.Stats())) })
	}
	m.registry.MustRegister(
		count("leadscore_prediction_log_rows_total", "Rows written to the prediction log.", func(s predictions.Stats) uint64 { return s.Written }),
		count("leadscore_prediction_log_dropped_total", "Rows that the prediction log lost: its buffer was full or they could not be written.", func(s predictions.Stats) uint64 { return s.Dropped }),
		count("leadscore_prediction_log_errors_total", "Failures to write the prediction log.", func(s predictions.Stats) uint64 { return s.Failures }),
	)
}
