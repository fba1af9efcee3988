package api

import "encoding/json"

// Models lists what is loaded; the first is the default.
type Models struct {
	Models []ModelSummary `json:"models"`
}

// ModelSummary names a model and what it predicts.
type ModelSummary struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Digest  string   `json:"digest"`  // sha256 of the artifact, hex
	Default bool     `json:"default"` // answers when a request names no model
	Targets []string `json:"targets"` // the first is the primary one
}

// Model is everything about one model that a caller needs to send leads and to judge the answers.
type Model struct {
	ModelSummary
	BaseRates map[string]float64 `json:"base_rates"` // share of conversions in training, by target
	Input     []InputField       `json:"input"`      // every attribute that a lead may have
	Nulls     []string           `json:"nulls"`      // texts that mean missing; the empty text always does
	Blend     string             `json:"blend"`      // model | rules | linear | logit | gate
	HasRules  bool               `json:"has_rules"`
	HasEvents bool               `json:"has_events"` // the conversion models read features made from a lead's events
	Policy    Policy             `json:"policy"`
	// Card is the report's data: hold-out metrics, deciles, calibration; null in a model without one.
	Card json.RawMessage `json:"card"`
}

// InputField is one attribute of a lead.
type InputField struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // numeric | categorical | boolean | time | text | unknown
	// Layout is how a time is written: iso, dd/mm/yyyy or mm/dd/yyyy; empty for other kinds.
	Layout       string `json:"layout,omitempty"`
	DecimalComma bool   `json:"decimal_comma,omitempty"` // a number sent as text is written 1.234,5
	// Role is feature (the conversion models read it), offset (every lead needs it: it is added to the log-odds), id,
	// as_of, events (made from the lead's events, and not to be sent beside them), outcome or weight (accepted, never read) or
	// other (accepted; only rules may read it).
	Role        string   `json:"role"`
	RequiredFor []string `json:"required_for,omitempty"` // stages that a lead without it cannot reach: MQL, SQL
}

// Policy is what turns a score into a stage.
type Policy struct {
	MQL StagePolicy `json:"mql"`
	SQL StagePolicy `json:"sql"`
}

// StagePolicy is what a lead needs for a stage: score ≥ MinScore and every Required attribute.
type StagePolicy struct {
	MinScore float64  `json:"min_score"`
	Required []string `json:"required"`
}
