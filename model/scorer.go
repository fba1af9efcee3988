package model

import (
	"leadscore/datasets"
	"leadscore/model/rules"
)

// Stage is what the policy recommends.
type Stage string

const (
	Nurture    Stage = "nurture"
	MQL        Stage = "MQL"
	SQL        Stage = "SQL"
	Disqualify Stage = "disqualify"
)

// Lead is one lead to score.
type Lead struct {
	Values []datasets.Value // in the order of Artifact.Schema; the id among them
	Events []rules.Event
	AsOf   int64 // microseconds since 1970 UTC; datasets.MissingTime: the as-of column, if there is one
}

// Prediction is what scoring one lead gives. A Prediction may be reused: Score overwrites it.
type Prediction struct {
	Probability   float64   // calibrated, of the primary target, by the model alone
	Blended       float64   // probability after the blend; NaN where the method gives none (rules)
	Probabilities []float64 // of each target, in the order of the artifact
	Logits        []float64 // uncalibrated, of each target
	RuleScore     float64   // 0 without rules
	Score         float64   // 0–100
	Grade         string    // A–D
	Stage         Stage
}

// Scorer scores leads under one artifact. It is immutable and may be used by many goroutines.
type Scorer struct {
	artifact *Artifact
}

// NewScorer compiles an artifact.
func NewScorer(a *Artifact) (*Scorer, error) { return nil, errNotBuilt }

// Artifact returns what the scorer was made of; it is shared, not to be changed.
func (s *Scorer) Artifact() *Artifact { return s.artifact }

// Score scores one lead; without rules it allocates nothing when p is reused.
func (s *Scorer) Score(l *Lead, p *Prediction) error { return errNotBuilt }

// Columns are the predictions of a batch, column by column.
type Columns struct {
	Probability   []float64
	Blended       []float64
	Probabilities [][]float64 // target by row
	RuleScore     []float64
	Score         []float64
	Grade         []string
	Stage         []Stage
}

// ScoreBatch scores each row of a batch under the artifact's schema, bit for bit what Score
// gives. The slices of dst are reused where they are long enough.
func (s *Scorer) ScoreBatch(b *datasets.Batch, dst *Columns) error { return errNotBuilt }

// EffectLine is one feature's part of the log-odds.
type EffectLine struct {
	Feature string
	Value   string  // as it was read, or "missing"
	Effect  float64 // log-odds, relative to the average lead
	Text    string  // a sentence with the observed rate and count where training has them
}

// Explanation is a prediction with its reasons. Baseline + Σ Effects.Effect = Logits[0].
type Explanation struct {
	Prediction
	LeadID   string
	Baseline float64
	Effects  []EffectLine // every feature, in pipeline order
	Reasons  []EffectLine // the strongest, by |effect|
	Trace    []rules.Line // Σ Points = RuleScore
	Because  []string     // what decided the stage, and what was not met
	Warnings []string     // fields that are missing or unseen and matter
}

// Explain scores one lead and says why; reasons is the number of Reasons wanted.
func (s *Scorer) Explain(l *Lead, reasons int) (*Explanation, error) { return nil, errNotBuilt }
