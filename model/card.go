package model

import (
	"encoding/json"
	"math"
)

// Estimate is a figure with its 95 % interval. NaN marks what could not be computed; JSON has null there.
type Estimate struct {
	Value, Lower, Upper float64
}

// MarshalJSON writes {"value","lower","upper"}, null for NaN.
func (e Estimate) MarshalJSON() ([]byte, error) {
	num := func(x float64) *float64 {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		return &x
	}
	return json.Marshal(struct {
		Value *float64 `json:"value"`
		Lower *float64 `json:"lower"`
		Upper *float64 `json:"upper"`
	}{num(e.Value), num(e.Lower), num(e.Upper)})
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (e *Estimate) UnmarshalJSON(b []byte) error {
	var v struct{ Value, Lower, Upper *float64 }
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	num := func(p *float64) float64 {
		if p == nil {
			return math.NaN()
		}
		return *p
	}
	*e = Estimate{num(v.Value), num(v.Lower), num(v.Upper)}
	return nil
}

// Metrics are the figures of one scorer on one set of rows.
type Metrics struct {
	AUC     Estimate `json:"auc"`
	PRAUC   Estimate `json:"pr_auc"`
	LogLoss Estimate `json:"log_loss"`
	Skill   Estimate `json:"log_loss_skill"` // 1 − log loss over that of always saying these rows' base rate; 0: no better
	Brier   Estimate `json:"brier"`
	ECE     Estimate `json:"ece"`
	KS      Estimate `json:"ks"`
	Lift10  Estimate `json:"lift_at_10pct"`

	Gini         Estimate   `json:"gini"`                  // 2·AUC − 1
	BrierParts   BrierParts `json:"brier_parts"`           // of the Brier score
	ECECorrected Estimate   `json:"ece_corrected"`         // without what chance alone adds to ECE; not below 0
	Slope        Estimate   `json:"calibration_slope"`     // of the outcome on the logit (Cox 1958); 1: neither too sure nor too shy
	Intercept    Estimate   `json:"calibration_intercept"` // with the slope held at 1 (calibration in the large); 0: right on average
	Lift1        Estimate   `json:"lift_at_1pct"`
	Lift5        Estimate   `json:"lift_at_5pct"`
	Lift20       Estimate   `json:"lift_at_20pct"`
	Recall1      Estimate   `json:"recall_at_1pct"` // share of all positives in the best-scored 1 %
	Recall5      Estimate   `json:"recall_at_5pct"`
	Recall10     Estimate   `json:"recall_at_10pct"`
	Recall20     Estimate   `json:"recall_at_20pct"`
}

// Sample describes a set of rows.
type Sample struct {
	Rows      int    `json:"rows"` // of weighted rows the rounded weight, and Positives likewise
	Positives int    `json:"positives"`
	From      string `json:"from,omitempty"` // RFC 3339, earliest as-of; empty without one
	To        string `json:"to,omitempty"`
}

// Comparison is a paired comparison of two scorers on the same rows: A minus B.
type Comparison struct {
	A          string   `json:"a"`
	B          string   `json:"b"`
	Metric     string   `json:"metric"`
	Difference Estimate `json:"difference"`
	P          float64  `json:"p"` // two-sided
}

// Decile is a tenth of the rows by descending score; 1 is the highest.
type Decile struct {
	Decile    int      `json:"decile"`
	Rows      int      `json:"rows"`
	Positives int      `json:"positives"`
	MeanScore float64  `json:"mean_probability"`
	Rate      Estimate `json:"rate"`     // observed, Wilson interval
	Lift      float64  `json:"lift"`     // rate over base rate
	Captured  float64  `json:"captured"` // share of all positives in this decile and above
}

// CalibrationBin is a bin of the reliability diagram (equal mass).
type CalibrationBin struct {
	Rows     int      `json:"rows"`
	Expected float64  `json:"expected"` // mean probability
	Observed Estimate `json:"observed"` // Wilson interval
}

// Threshold is what happens at one cut-off of the score.
type Threshold struct {
	Score     float64 `json:"score"`
	Selected  int     `json:"selected"` // rows with score ≥ Score
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// CurvePoint is a point of the ROC curve (Recall over FalseAlarms) and of the gains curve (Recall over
// Share): what selecting the best-scored rows gives.
type CurvePoint struct {
	Share       float64 `json:"share"`        // of the rows that are selected
	FalseAlarms float64 `json:"false_alarms"` // share of the negatives that are selected
	Recall      float64 `json:"recall"`       // share of the positives that are selected
}

// ScoreBin counts the rows with From ≤ score < To; the last bin has To in it too.
type ScoreBin struct {
	From      float64 `json:"from"`
	To        float64 `json:"to"`
	Positives int     `json:"positives"`
	Negatives int     `json:"negatives"`
}

// StageCut is what the policy's cut-off of a stage gives on the hold-out, by score alone: required
// fields and hard rules are not looked at.
type StageCut struct {
	Stage     string   `json:"stage"`
	Target    string   `json:"target,omitempty"` // whose probability it cuts, as a score; "": the score itself
	Score     float64  `json:"score"`
	Selected  int      `json:"selected"`  // rows with score ≥ Score
	Precision Estimate `json:"precision"` // Wilson intervals; NaN when nothing is selected
	Recall    Estimate `json:"recall"`
}

// Coefficient is one fitted coefficient with its inference. A fit with an L1 part and one of more than 5,000 columns
// have no standard errors: SE, Z and P are 0 and left out, and Odds has its value for bounds.
type Coefficient struct {
	Feature  string   `json:"feature"`
	Level    string   `json:"level,omitempty"`
	Rows     int      `json:"rows"`
	Estimate float64  `json:"estimate"` // log-odds
	SE       float64  `json:"se,omitempty"`
	Z        float64  `json:"z,omitempty"`
	P        float64  `json:"p,omitempty"` // with an SE, one that is left out is too small for a number
	Odds     Estimate `json:"odds_ratio"`
}

// Shape says how the effect of a feature of an additive model is to be drawn.
type Shape struct {
	Feature    string   `json:"feature"`
	Importance float64  `json:"importance"`        // standard deviation of the effect over the training rows, log-odds; > 0
	Ordered    []string `json:"ordered,omitempty"` // levels of which each is the neighbour of the next: bins, hours; none: no order
	Sides      []Side   `json:"sides,omitempty"`   // the two sides of a pair; a cell's level is "left × right"
}

// Side is one side of a pair.
type Side struct {
	Feature string   `json:"feature"`
	Levels  []string `json:"levels"`
	Ordered int      `json:"ordered,omitempty"` // number of leading levels of which each is the neighbour of the next
}

// FitSummary says how the fit went.
type FitSummary struct {
	Kind       string  `json:"kind"`
	Status     string  `json:"status"`
	Iterations int     `json:"iterations"`
	Columns    int     `json:"columns"`
	Lambda     float64 `json:"lambda"`
	Objective  float64 `json:"objective"`
	LogLik     float64 `json:"log_likelihood"`
	DF         float64 `json:"degrees_of_freedom"`
}

// TargetCard reports on one conversion model.
type TargetCard struct {
	BaseRate     float64                 `json:"base_rate"` // of the training rows
	Train        Sample                  `json:"train"`
	Holdout      Sample                  `json:"holdout"`
	Split        string                  `json:"split"`  // time | random | group
	Scores       map[string]Metrics      `json:"scores"` // model, rules, blend
	Comparisons  []Comparison            `json:"comparisons"`
	Deciles      []Decile                `json:"deciles"`
	Calibration  []CalibrationBin        `json:"calibration"`
	Thresholds   []Threshold             `json:"thresholds"`
	Stages       []StageCut              `json:"stages,omitempty"`
	Distribution []ScoreBin              `json:"distribution,omitempty"` // of the score that the thresholds are about
	Curves       map[string][]CurvePoint `json:"curves,omitempty"`       // by scorer, from (0, 0, 0) to (1, 1, 1)
	Coefficients []Coefficient           `json:"coefficients,omitempty"`
	Shapes       []Shape                 `json:"shapes,omitempty"`      // of an additive model's effects, by feature; the figures are in Coefficients
	PointsCard   *PointsCard             `json:"points_card,omitempty"` // nil: a linear model, or an evaluation on other data
	Fit          FitSummary              `json:"fit"`
	Account      []Count                 `json:"account,omitempty"` // where each row of the file went
	Beside       *Beside                 `json:"beside,omitempty"`  // nil: not measured
	Chain        *Chain                  `json:"chain,omitempty"`   // nil: no other way was tried

	Months   []Month      `json:"months,omitempty"` // by rising month, of training and hold-out; none without as-of
	Segments []Segment    `json:"segments,omitempty"`
	Benefit  []NetBenefit `json:"decision_curve,omitempty"`
	Choices  []Choice     `json:"choices,omitempty"` // how the policy's cut-offs could be chosen, those that it has first
	Blend    *BlendCard   `json:"blend,omitempty"`   // of the primary target; nil: no rules, or an evaluation on other data
	Drift    *Drift       `json:"drift,omitempty"`   // of the hold-out against training; nil: not measured
}

// Finding is something a reader of the report should know about a column or the data.
type Finding struct {
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// Card is the data of the report. It is the same for the same input and seed, but for Run.
type Card struct {
	Targets  map[string]*TargetCard `json:"targets"`
	Primary  string                 `json:"primary,omitempty"` // target that the report tells first; "": the first by name
	Rows     int                    `json:"rows"`              // read, with those that a grid adds
	SetAside int                    `json:"set_aside"`         // rows without a label of the primary target; its account says why
	BadRows  int                    `json:"bad_rows"`
	Digest   string                 `json:"data_digest"` // sha256 of the leads file
	Findings []Finding              `json:"findings"`
	Audit    []Suspect              `json:"audit,omitempty"`   // what the leakage audit names, the gravest first
	Audited  *Audit                 `json:"audited,omitempty"` // what it looked at; nil: there was no audit
	Run      *Run                   `json:"run,omitempty"`     // not in model.json
}

// Run holds what differs between two runs of the same training.
type Run struct {
	At      string  `json:"at"` // RFC 3339
	Seconds float64 `json:"seconds"`
	Version string  `json:"leadscore"`
	Go      string  `json:"go"`
	Cores   int     `json:"cores"`

	Config    string `json:"configuration,omitempty"` // the text of the configuration file; "": there was none
	Seed      uint64 `json:"seed,omitempty"`          // of the model: folds, bootstrap; 0: not a training
	SplitSeed uint64 `json:"split_seed,omitempty"`    // of the hold-out where it is drawn
}
