package train

import (
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

// Config is what a training run is asked to do. Paths are as the caller can open them.
type Config struct {
	Name         string // of the model; "" is the primary target's name
	Leads        Leads
	Deals        *Deals                    // nil: outcomes stand in the leads
	Zone         string                    // of times that name none (IANA: Europe/Madrid); "" is UTC
	Nulls        []string                  // nil: datasets.DefaultNulls
	Force        map[string]datasets.Field // kind, layout and decimal comma of single columns; the rest is inferred
	BadRows      datasets.BadRows
	MaxBadRows   int // with datasets.SkipBadRows; 0: no bound
	Duplicates   Duplicates
	End          time.Time             // of the data: nothing at or after it is known; zero: the latest moment seen
	Now          time.Time             // later moments are in the future; zero: none is
	Events       *Events               // nil: no event log
	EventMoments EventMoments          // set by Run where there are Events
	Changes      *history.ChangeSource // nil: attributes are taken as they stand in the leads. Only Paths and columns are looked at
	Targets      []Target
	Split        Split
	Features     features.Spec // Drop and AsOf are set by Run
	Model        ModelConfig
	Interactions string      // "" and auto: pairs that help out of fold; none
	Pairs        [][2]string // pairs of columns to have whatever they help; Interactions is not looked at
	Rules        *rules.File // nil: no rules
	Blend        BlendConfig
	Policy       PolicyConfig
	Segments     []string   // columns that the report tells the hold-out apart by; nil: chosen, see segmentColumns
	Gate         GateConfig // not looked at by Run, see JudgeGate
	AllowSmall   bool       // train with fewer than MinPerClass positives or negatives
	Measured     bool       // set by Evaluate, Compare and Thresholds: the file is measured by a model, not trained on
	Workers      int        // 0: GOMAXPROCS; the result does not depend on it
	KeepOutcomes bool       // set by Snapshot: outcomes are kept as they stand in the file, and why each row is set aside
}

// MinPerClass is the fewest positives and the fewest negatives that Run trains on unasked.
const MinPerClass = 40

// Leads is the file of leads, or several.
type Leads struct {
	Path  string   // a file, a folder or a pattern (datasets.Expand)
	Paths []string // further ones, with the same columns
	ID    string   // column; "" has none: rows are numbered
	AsOf  string   // a Time column or one of the other forms of AsOf; "" has none
	// Weight is the Numeric column of how many leads a row stands for; "" is 1 for every row. See weight.go.
	Weight string
	// Offset is the Numeric column, in log-odds, that is added to every logit as it is; "" has none. See offset.go.
	Offset string
}

// Target is an outcome to model.
type Target struct {
	Name     string
	Column   string
	Positive []string // texts as in the file; numbers compare as numbers, words without case
	Negative []string // none: every other value, allowed only when there is one other value
	At       string   // column of the outcome's time: never a feature
	Prior    float64  // true share of positives where the file was subsampled by outcome; 0: the file's own, by weight
	Horizon  string   // "90d": how long after as-of a conversion counts, see Outcomes.judge; "": whenever it came
	Via      string   // an earlier target: P(this) = P(via) · P(this | via). "": directly; "none": and the other way is not tried
}

// Split says how the hold-out is chosen.
type Split struct {
	By      string  // time | random | group; "": time when Leads.AsOf is set, else random
	Group   string  // column, for group
	Holdout float64 // share of rows; 0: 0.2
	Seed    uint64  // 0: 1
	Beside  string  // auto (""): where there is an as-of, measure on the other split too (see model.Beside); none
}

// ModelConfig is the model section. Zero values are the defaults.
type ModelConfig struct {
	Kind      string   // additive ("") | linear
	Penalty   *float64 // λ of ½λ‖β‖²; nil: by cross-validation
	L1Ratio   float64
	Folds     int    // 0: 5
	Calibrate string // auto | none
	Seed      uint64 // 0: 1
}

// BlendConfig is the blend section.
type BlendConfig struct {
	Method string   // "" | logit | linear | gate | model | rules; "" is logit with rules, model without
	Weight *float64 // of the model, 0 to 1; nil: fitted (logit) or 0.5 (linear)
	// Low and High are the limits of gate, in points: below Low the rules reject, from High on they accept; nil: 10 and 90.
	Low, High *float64
	// Upgrade is the share of the training rows, 0 to 1, above whose model scores (out of fold) gate lifts a lead that the rules put below
	// Low; nil: none is lifted.
	Upgrade *float64
}

// PolicyConfig is the policy section.
type PolicyConfig struct {
	MQL, SQL   StageConfig
	Grades     *GradesConfig      // nil: auto on both axes where the rules have both, else none
	Actionable []model.Actionable // what a counterfactual may change
}

// GradesConfig is the cut-offs of the two axes of the rules, model.AxisCuts falling numbers each; nil: auto, see chooseGrades.
type GradesConfig struct{ Fit, Engagement []float64 }

// StageConfig is how a stage is reached. A cut-off that is not a number is chosen from out-of-fold training scores.
type StageConfig struct {
	MinScore *float64      // nil: chosen
	Choose   *evaluate.Way // how; nil: as is usual for the stage (see PolicyConfig.stages). Not looked at with a MinScore
	Required []string
	Leave    *float64 // see model.StageRule; nil: the cut-off. One above a chosen cut-off is lowered to it
	Stay     int64    // microseconds; 0: none
	Target   string   // that decides by its probability; "": the score
}

// Result is what a run gives.
type Result struct {
	Artifact *model.Artifact
	Card     *model.Card // with Run
	Holdout  *Holdout
}

// Holdout is the scored hold-out, in the order of the file.
type Holdout struct {
	IDs     []string
	Labels  []bool    // of the primary target
	Weights []float64 // nil: all 1
	Columns model.Columns
	Leads   *datasets.Table // attributes and event features, the columns of Artifact.Schema
}
