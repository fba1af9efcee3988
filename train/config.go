package train

import (
	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
)

// Config is what a training run is asked to do. Paths are as the caller can open them.
type Config struct {
	Name         string // of the model; "" is the primary target's name
	Leads        Leads
	Nulls        []string                  // nil: datasets.DefaultNulls
	Force        map[string]datasets.Field // kind, layout and decimal comma of single columns; the rest is inferred
	BadRows      datasets.BadRows
	MaxBadRows   int // with datasets.SkipBadRows; 0: no bound
	Targets      []Target
	Split        Split
	Features     features.Spec // Drop and AsOf are set by Run
	Model        ModelConfig
	Interactions string      // "" and auto: pairs that help out of fold; none
	Pairs        [][2]string // pairs of columns to have whatever they help; Interactions is not looked at
	Rules        *rules.File // nil: no rules
	Blend        BlendConfig
	Policy       PolicyConfig
	AllowSmall   bool // train with fewer than MinPerClass positives or negatives
	Workers      int  // 0: GOMAXPROCS; the result does not depend on it
}

// MinPerClass is the fewest positives and the fewest negatives that Run trains on unasked.
const MinPerClass = 40

// Leads is the file of leads.
type Leads struct {
	Path string
	ID   string // column; "" has none: rows are numbered
	AsOf string // Time column; "" has none
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
	Horizon  string   // "90d": not used before as-of snapshots are
}

// Split says how the hold-out is chosen.
type Split struct {
	By      string  // time | random | group; "": time when Leads.AsOf is set, else random
	Group   string  // column, for group
	Holdout float64 // share of rows; 0: 0.2
	Seed    uint64  // 0: 1
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
}

// PolicyConfig is the policy section.
type PolicyConfig struct {
	MQL, SQL StageConfig
}

// StageConfig is how a stage is reached; nil MinScore is chosen from out-of-fold training scores.
type StageConfig struct {
	MinScore *float64
	Required []string
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
}
