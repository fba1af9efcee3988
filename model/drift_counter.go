package model

import "leadscore/features"

// NewDriftCounter makes an empty meter for a service that counts for months: that of NewDriftMeter, but it keeps neither values of leads
// (they are personal, and may stand in memory that the caller uses again) nor the grid of probabilities, which is most of a
// meter's memory. Every PSI and rank is the same; NewLevels is nil, Unknown does not tell new levels from rare ones that training
// merged, ExpectedAUC and MeanScore are NaN. Merge takes meters of both kinds.
func (s *Scorer) NewDriftCounter() *DriftMeter {
	m := s.NewDriftMeter()
	m.gauge = nil
	for i := range m.features {
		m.features[i].names = false
	}
	return m
}

// Reset makes the meter empty again.
func (m *DriftMeter) Reset() {
	m.rows = 0
	if m.gauge != nil {
		*m.gauge = gauge{}
	}
	clear(m.score)
	for i := range m.features {
		fm := &m.features[i]
		clear(fm.counts)
		clear(fm.numbers)
		clear(fm.values)
	}
}

// Cells is what the pipeline made of the lead that was scored last, by feature; empty before. It is not to be changed, and the next
// lead that is scored into p overwrites it.
func (p *Prediction) Cells() []features.Cell { return p.cells }
