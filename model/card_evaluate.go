package model

import (
	"encoding/json"
	"math"
)

// Figure is a number that may be NaN, where it could not be computed; JSON has null there.
type Figure float64

// MarshalJSON writes null for NaN and the infinities.
func (f Figure) MarshalJSON() ([]byte, error) {
	if x := float64(f); !math.IsNaN(x) && !math.IsInf(x, 0) {
		return json.Marshal(x)
	}
	return []byte("null"), nil
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (f *Figure) UnmarshalJSON(b []byte) error {
	var x *float64
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	*f = Figure(math.NaN())
	if x != nil {
		*f = Figure(*x)
	}
	return nil
}

// BrierParts is Murphy's decomposition over the calibration bins: Brier = Reliability − Resolution + Uncertainty, and what
// is lost by binning (Murphy 1973; Within: Stephenson, Coelho & Jolliffe 2008). NaN without probabilities.
type BrierParts struct {
	Reliability Figure `json:"reliability"` // ≥ 0, less is better: Σ w (mean probability − rate)²
	Resolution  Figure `json:"resolution"`  // ≥ 0, more is better: Σ w (rate − base rate)²
	Uncertainty Figure `json:"uncertainty"` // base rate · (1 − base rate)
	Within      Figure `json:"within"`      // Brier − (Reliability − Resolution + Uncertainty)
}

// Cohort is a set of rows told apart by time or by a value: what was expected of it and what came.
type Cohort struct {
	Rows      int      `json:"rows"`
	Positives int      `json:"positives"`
	Expected  Figure   `json:"expected"` // mean probability; NaN where the rows were not scored
	Observed  Estimate `json:"observed"` // rate, Wilson interval
	AUC       Estimate `json:"auc"`      // NaN with one class
}

// Month is a cohort of one calendar month of as-of moments, in UTC.
type Month struct {
	Month string `json:"month"` // "2026-11"
	Part  string `json:"part"`  // train | holdout; rows of training have no Expected and no AUC
	Cohort
}

// Segment is a cohort of the hold-out with one value of one column.
type Segment struct {
	Column string `json:"column"`
	Value  string `json:"value"` // a level, or a range of a numeric column; "": missing
	Other  bool   `json:"other"` // all values that are not segments of their own
	Cohort
	// Weak says what is wrong with the segment beyond chance, after correction for looking at many: "ranking" (its AUC
	// is below that of all rows), "calibration" (its observed rate is not what was expected). "": nothing.
	Weak string `json:"weak,omitempty"`
}

// NetBenefit is a point of the decision curve (Vickers & Elkin 2006): with threshold probability p, of those who act on
// probability ≥ p, benefit = TP/n − FP/n · p/(1−p), in true positives a row.
type NetBenefit struct {
	Threshold float64           `json:"threshold"` // probability, 0 < p < 1
	All       float64           `json:"all"`       // of acting on everyone; acting on no one has 0
	Scorers   map[string]Figure `json:"scorers"`   // by scorer that has a probability
}

// Choice is a cut-off of the score by one way of choosing it, with what it gives. It is chosen on Chosen rows and
// measured on others, so that its figures are not those of its own luck.
type Choice struct {
	Stage     string   `json:"stage,omitempty"`
	By        string   `json:"by"`               // youden | top | score | precision | capacity | cost | net_benefit
	Asked     string   `json:"asked,omitempty"`  // as in the configuration: "precision: 0.3"
	Score     float64  `json:"score"`            // score ≥ Score is selected; above 100 nothing is
	Met       bool     `json:"met"`              // whether the rows that it was chosen on can reach what was asked
	Selected  int      `json:"selected"`         // of the measured rows
	Volume    Estimate `json:"volume_per_day"`   // leads a day; NaN without moments
	Precision Estimate `json:"precision"`        // Wilson intervals
	Recall    Estimate `json:"recall"`           // likewise
	Benefit   Estimate `json:"benefit_per_lead"` // in the unit of the costs given, a lead that comes in; NaN without costs
	Chosen    int      `json:"chosen_on"`        // rows
	Out       bool     `json:"out_of_fold"`      // whether those were training rows scored out of fold
}

// Drift compares new rows with those that a model was trained on.
type Drift struct {
	Reference int            `json:"reference"` // rows of training
	Rows      int            `json:"rows"`      // new ones
	Score     Shift          `json:"score"`     // of the primary target's probability
	Features  []FeatureShift `json:"features"`  // the greatest first, those of the calendar last
	// ExpectedAUC is the AUC that the probabilities foretell if they are calibrated, without labels; Training is the
	// same of the reference.
	ExpectedAUC Figure `json:"expected_auc"`
	Training    Figure `json:"expected_auc_training"`
	MeanScore   Figure `json:"mean_probability"`
	MeanTrained Figure `json:"mean_probability_training"`
}

// Shift is how far a distribution is from that of training.
type Shift struct {
	// PSI is the population stability index Σ (new − old) ln(new/old), less what chance alone adds to it (see shiftOf); below
	// .1 stable, above .25 shifted. NaN: not measured.
	PSI  Figure     `json:"psi"`
	P    Figure     `json:"p"`    // χ² test: how often chance alone would give as much; NaN: not measured
	Rank string     `json:"rank"` // stable | moved | shifted: by PSI, and by whether chance alone would do it; "": not measured
	Bins []ShiftBin `json:"bins"`
}

// ShiftBin is a bin of a Shift: the shares of the rows that are in it.
type ShiftBin struct {
	Name string  `json:"name"`
	Old  float64 `json:"old"`
	New  float64 `json:"new"`
}

// FeatureShift is the Shift of one column that the model uses.
type FeatureShift struct {
	Feature string `json:"feature"`
	// Calendar marks the day or the month of a moment, which moves on whatever the leads are: it is told, and never beyond a limit.
	Calendar bool `json:"calendar,omitempty"`
	Shift
	MissingOld float64 `json:"missing_old"` // share of the rows
	MissingNew float64 `json:"missing_new"`
	// NewLevels are values that training did not have, the most frequent first; at most ten. Where training merged rare
	// levels the model does not know their names: of the values without a level of their own those are listed that come
	// far more often than any rare level can have come.
	NewLevels []string `json:"new_levels,omitempty"`
	Unknown   float64  `json:"unknown"` // share of the rows with such values
}
