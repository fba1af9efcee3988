package model

import (
	"fmt"
	"math"

	"leadscore/features"
)

const (
	// DefaultPDO is the number of points that double the odds where nothing else is said.
	DefaultPDO = 20
	// BasePoints is what the average lead has: one whose every effect is 0.
	BasePoints = 100
)

// Points are the effects of an additive model rounded to whole numbers. With factor = PDO/ln 2 a level
// whose effect is b log-odds, relative to the average lead, has round(factor·b) points, halves away
// from zero, and a lead has
//
//	score = BasePoints + Σ points ≈ offset + factor·ln(odds)
//
// the scale of credit scoring (Siddiqi 2006, Credit Risk Scorecards, chapter 6), where odds are those
// of the uncalibrated probability. Siddiqi anchors the scale at odds that a lender chooses, and spreads
// the base over the attributes so that none is negative. Both were rejected: marketing has no
// odds that everybody knows, and a sign is the first thing that a reader asks of a level. So the anchor is the
// average lead, and the base stands alone.
//
// The intercept is not rounded: it is in the offset.
type Points struct {
	PDO    float64 // points that double the odds
	Factor float64 // points a unit of log-odds
	Offset float64 // points at odds of 1: BasePoints − Factor·(log-odds of the average lead)
	Tables [][]int // of each feature of the pipeline, by code; a code beyond the table has 0 points
}

// Points rounds the tables of target k; pdo ≤ 0 is DefaultPDO. A linear model has slopes, which are no
// table, and is an error.
func (a *Artifact) Points(k int, pdo float64) (*Points, error) {
	if a.Pipeline.Encoding() != features.Additive {
		return nil, fmt.Errorf("making a points card: the model is %s, and a slope has no table of points; want model.kind additive", a.Pipeline.Encoding())
	}
	for _, f := range a.Pipeline.Features() {
		if f.Linear {
			return nil, fmt.Errorf("making a points card: the model adds the offset %q to the log-odds, which no table of points can hold", f.Name)
		}
	}
	if k < 0 || k >= len(a.Targets) {
		return nil, fmt.Errorf("making a points card: target %d of %d", k+1, len(a.Targets))
	}
	if !(pdo > 0) {
		pdo = DefaultPDO
	}
	t := &a.Targets[k]
	p := &Points{PDO: pdo, Factor: pdo / math.Ln2}
	average := t.Intercept
	for f := range t.Effects {
		e := &t.Effects[f]
		average += e.Mean
		table := make([]int, len(e.Table))
		for code, b := range e.Table {
			table[code] = int(math.Round(p.Factor * (b - e.Mean)))
		}
		p.Tables = append(p.Tables, table)
	}
	p.Offset = BasePoints - float64(p.Factor*average)
	return p, nil
}

// At returns the points of a code of feature f; 0 for one that training has not seen.
func (p *Points) At(f int, code uint32) int {
	if int(code) < len(p.Tables[f]) {
		return p.Tables[f][code]
	}
	return 0
}

// Score returns the points of a lead from its cells, one a feature in the order of the pipeline.
func (p *Points) Score(cells []features.Cell) int {
	sum := BasePoints
	for f, c := range cells {
		sum += p.At(f, c.Code)
	}
	return sum
}

// Logit returns the log-odds that a score stands for, before calibration.
func (p *Points) Logit(score int) float64 { return (float64(score) - p.Offset) / p.Factor }

// PointsCard is the rounded model for people, and what the rounding costs. What is not in Rows has no
// points: features whose every level rounds to 0, and cells of pairs that do.
type PointsCard struct {
	PDO    float64     `json:"pdo"`
	Base   int         `json:"base"`   // points of the average lead
	Offset float64     `json:"offset"` // points at odds of 1
	Rows   []PointsRow `json:"rows"`   // by feature: main effects before pairs, the widest range of points first
	Cost   *PointsCost `json:"cost,omitempty"`
}

// PointsCost is what the hold-out says about the rounding.
type PointsCost struct {
	AUCRounded        Estimate `json:"auc_rounded"`
	AUCModel          Estimate `json:"auc_model"`
	Difference        Estimate `json:"difference"` // AUC, rounded − model, paired
	LogLossRounded    Estimate `json:"log_loss_rounded"`
	LogLossModel      Estimate `json:"log_loss_model"`
	LogLossDifference Estimate `json:"log_loss_difference"` // rounded − model, paired: above 0 is what the rounding costs
}

// PointsRow is a level, or neighbouring levels that have the same points.
type PointsRow struct {
	Feature string   `json:"feature"`
	Level   string   `json:"level"`
	Levels  []string `json:"levels,omitempty"` // the feature's own, where there are several
	Points  int      `json:"points"`
	Rows    int      `json:"rows"` // training rows
	Rate    float64  `json:"rate"` // share of them that converted; 0 without rows
}

// Spread is the standard deviation of a feature's effect over the training rows, in log-odds: how much
// the feature moves leads apart. Where training rows were not counted it is the largest distance from the mean.
func (e *TermEffect) Spread() float64 { return e.spread() }
