package features

import "leadscore/datasets"

// Encoding says which kind of design the features are laid out for.
type Encoding string

const (
	// Linear: a number is one standardised column and a missing indicator, a category its levels.
	Linear Encoding = "linear"
	// Additive: a number is a code for its bin, as a category is for its level (TRAINER recipe).
	Additive Encoding = "additive"
)

// Spec says what features are wanted. Its zero value takes every usable column with its
// inferred treatment. Fit does not change it.
type Spec struct {
	Encoding Encoding              `json:"encoding"`          // "" is Linear
	Drop     []string              `json:"drop,omitempty"`    // id, targets and their times: never features, dropped without a note
	Exclude  []string              `json:"exclude,omitempty"` // by the user's wish; each must exist
	AsOf     string                `json:"as_of,omitempty"`   // Time column that ages are counted to; "" has no ages
	Columns  map[string]ColumnSpec `json:"columns,omitempty"`
	// MinLevel is the fewest training rows of a level with an effect of its own; rarer ones share
	// the level "other". 0 is 10.
	MinLevel int `json:"min_level,omitempty"`
	// Bins is the largest number of quantile bins of a number in Additive. 0 is 32.
	Bins int `json:"bins,omitempty"`
}

// ColumnSpec overrides the treatment of one column.
type ColumnSpec struct {
	Kind      datasets.Kind `json:"kind,omitempty"`      // Unknown: as inferred
	Transform string        `json:"transform,omitempty"` // "" (none) | "log": log(1+x), x < 0 → −log(1−x)
	Clip      []float64     `json:"clip,omitempty"`      // [low, high] in units of the column; values beyond are moved to the bound
	Monotone  string        `json:"monotone,omitempty"`  // "" | increasing | decreasing (Additive only)
	// Derive overrides the derivation: "" automatic | none | email_domain | job_title | company_size | time_parts
	Derive string `json:"derive,omitempty"`
}
