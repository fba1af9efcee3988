package api

import "encoding/json"

// Models lists what is loaded; the first is the default.
type Models struct {
	Models []ModelSummary `json:"models"`
	// Failed are models that were to be served and could not be loaded even once.
	Failed []FailedModel `json:"failed,omitempty"`
}

// Ready is the answer of /readyz.
type Ready struct {
	Status   string   `json:"status"`             // ready
	Warnings []string `json:"warnings,omitempty"` // of models beyond the server's limit of age
}

// FailedModel is a model that is not served.
type FailedModel struct {
	Name            string `json:"name"`                       // or its file, where the name is not known
	RegistryVersion string `json:"registry_version,omitempty"` // "": not from a registry, or not known
	ReloadError
}

// ReloadError is why what is on disk is not what is served. It is tried again at each look at the disk.
type ReloadError struct {
	Error string `json:"error"`
	Since string `json:"since"` // RFC 3339: when loading began to fail
}

// ModelSummary names a model and what it predicts.
type ModelSummary struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Digest  string   `json:"digest"`  // sha256 of the artifact, hex
	Default bool     `json:"default"` // answers when a request names no model
	Targets []string `json:"targets"` // the first is the primary one

	RegistryVersion string `json:"registry_version,omitempty"` // as in v3; "": not from a registry
	Champion        bool   `json:"champion"`                   // the name alone means this version
	LoadedAt        string `json:"loaded_at"`                  // RFC 3339
	// ReloadError is why this version is still served and not what is on disk; nil: it is what is on disk.
	ReloadError *ReloadError `json:"reload_error,omitempty"`
}

// Window is a set of rows of the training file.
type Window struct {
	Rows int    `json:"rows"`
	From string `json:"from,omitempty"` // RFC 3339, earliest as-of; "": the file has none
	To   string `json:"to,omitempty"`
}

// Age is how old a model is.
type Age struct {
	Since string `json:"since"` // RFC 3339
	Basis string `json:"basis"` // trained_to: Since is the latest lead of training; made_at: when it was trained
	Days  int    `json:"days"`  // whole ones
	Stale bool   `json:"stale"` // beyond the server's limit
}

// Split is how leads are shared out between a champion and a challenger.
type Split struct {
	Challenger ModelRef `json:"challenger"`
	Share      float64  `json:"share"` // of the leads, 0–1, that the challenger answers
}

// Shadow is what came of scoring the champion's leads by a challenger too, since both were loaded. Differences are
// of the primary target's probability, the challenger's minus the champion's.
type Shadow struct {
	Challenger     ModelRef `json:"challenger"`
	Rows           int64    `json:"rows"`                     // scored by both
	MeanDifference float64  `json:"mean_difference"`          // 0 without rows
	MeanAbsolute   float64  `json:"mean_absolute_difference"` // 0 without rows
	StageChanges   float64  `json:"stage_changes"`            // share of the rows; 0 without rows
	Dropped        int64    `json:"dropped"`                  // not scored: the queue was full
	Refused        int64    `json:"refused"`                  // the challenger would not have taken what the champion took
}

// Promotion is a change of champion.
type Promotion struct {
	Name     string `json:"name"`
	Version  string `json:"version"`  // in the registry; it is loaded, and answers
	Previous string `json:"previous"` // "": none was promoted
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
	Training  *Window            `json:"training"`         // rows that it learned from; null where the model does not tell
	Holdout   *Window            `json:"holdout"`          // rows that it was measured on; null likewise
	Age       *Age               `json:"age"`              // null: neither a time of its leads nor of its making is known
	Split     *Split             `json:"split,omitempty"`  // nil: the champion answers every lead
	Shadow    *Shadow            `json:"shadow,omitempty"` // nil: no challenger runs beside it
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
