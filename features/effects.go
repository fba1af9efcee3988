package features

import "leadscore/features/design"

// Effect is the fitted contribution of one feature to the log-odds: Table[code] + Slope·z. A code
// beyond the table (never seen in training) contributes nothing but the slope.
type Effect struct {
	Slope float64   `json:"slope,omitempty"`
	Table []float64 `json:"table,omitempty"` // one entry a level of the feature
}

// At returns the contribution of a cell.
func (e *Effect) At(c Cell) float64 {
	x := 0.0
	if int(c.Code) < len(e.Table) {
		x = e.Table[c.Code]
	}
	if e.Slope != 0 {
		x += float64(e.Slope * c.Z)
	}
	return x
}

// Effects turns coefficients (in the column order of the Matrix) into tables for scoring, one a feature.
// The second result is added to the intercept: then intercept + Σ_f effect_f is β₀ + x′β. For a linear
// feature the slope is its column's coefficient, and with γ the coefficient of the standardised
// missing indicator, p its mean and s its scale, a missing cell is worth γ(1−p)/s and one that is
// there −γp/s: the table holds γ/s and 0, and −γp/s is what goes to the intercept.
func (p *Pipeline) Effects(l *Layout, m *design.Matrix, coef []float64) ([]Effect, float64) {
	effects := make([]Effect, len(l.Features))
	shift := 0.0
	for f, at := range l.Features {
		e := &effects[f]
		e.Table = make([]float64, len(p.features[f].Levels))
		if at.Dense >= 0 {
			e.Slope = coef[at.Dense]
		}
		if at.Missing >= 0 {
			d := &m.Dense()[at.Missing]
			e.Table[p.features[f].Missing] = coef[at.Missing] / d.Scale
			shift -= float64(coef[at.Missing] * d.Center / d.Scale)
		}
		if at.Block >= 0 {
			copy(e.Table, coef[m.BlockStart(at.Block):])
		}
	}
	return effects, shift
}
