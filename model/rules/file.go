package rules

import "leadscore/datasets"

// File is a rules file (version 1).
type File struct {
	Version    int         `json:"version"`
	Scorecards []Scorecard `json:"scorecards"`
	Tests      []Test      `json:"tests,omitempty"`
}

// Scorecard is the rules of one product; the first of a file is the one that is blended.
type Scorecard struct {
	Name       string      `json:"name"`
	Bounds     *Bounds     `json:"bounds,omitempty"` // of the total; nil: unbounded
	Groups     []Group     `json:"groups,omitempty"`
	Frameworks []Framework `json:"frameworks,omitempty"`
	Hard       []HardRule  `json:"hard,omitempty"`
}

// Bounds are inclusive.
type Bounds struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

// Group is rules whose sum may be capped and may decay.
type Group struct {
	Name  string   `json:"name"`
	Cap   *float64 `json:"cap,omitempty"`   // the sum is at most this
	Floor *float64 `json:"floor,omitempty"` // and at least this
	// Axis is fit or engagement, for the two grades, or none. "": fit of groups named fit and qualification, engagement of
	// those named engagement and intent, none of others.
	Axis  string `json:"axis,omitempty"`
	Decay *Decay `json:"decay,omitempty"` // of event points only
	Rules []Rule `json:"rules"`
}

// Decay makes event points fade with the event's age at as-of; one of the three. Durations are "30d", "12h".
type Decay struct {
	HalfLife string `json:"half_life,omitempty"` // points · 2^(−age/half_life)
	Linear   string `json:"linear,omitempty"`    // points · max(0, 1 − age/linear)
	Step     *Step  `json:"step,omitempty"`      // points while age < After, points·Keep from there on
}

// Step is a decay in one step.
type Step struct {
	After string  `json:"after"`
	Keep  float64 `json:"keep"` // 0 to 1
}

// Rule gives points when its condition holds. An event rule is one whose condition is an event, or
// all of one event and other things: that event is the one that Each counts and Decay ages.
type Rule struct {
	Name   string    `json:"name"`
	When   Condition `json:"when"`
	Points Points    `json:"points"`
	Each   string    `json:"each,omitempty"` // once (default) | day | event; of event conditions
	Cap    *float64  `json:"cap,omitempty"`  // of this rule's points, by absolute value
	Valid  *Valid    `json:"valid,omitempty"`
}

// Valid are the as-of moments that a rule counts at: From ≤ as-of < Until, each RFC 3339 or a date (its midnight in UTC), at
// least one. Where as-of is not known the rule is not applied, and its line says so.
type Valid struct {
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// Condition is one of: a field (known, missing, in a list, in a range, a text with certain words), an event, CEL, or all/any/not of others.
type Condition struct {
	Field   string `json:"field,omitempty"` // alone: the field is known
	Missing bool   `json:"missing,omitempty"`
	In      Values `json:"in,omitempty"` // texts, numbers or booleans, read as the column is
	// The range of a number or a time: value > Above, ≥ From, < Below, ≤ To; at most one at each end.
	Above *Scalar `json:"above,omitempty"`
	From  *Scalar `json:"from,omitempty"`
	Below *Scalar `json:"below,omitempty"`
	To    *Scalar `json:"to,omitempty"`
	// Contains holds for a text with one of these in it, capital or small; Matches for one with a match of the regular
	// expression (RE2) in it, capitals as written unless it begins with (?i).
	Contains []string `json:"contains,omitempty"`
	Matches  string   `json:"matches,omitempty"`

	Event   string           `json:"event,omitempty"`
	AtLeast int              `json:"at_least,omitempty"` // events; 0 is 1
	Within  string           `json:"within,omitempty"`   // age ≤ within, and before as-of; "": ever
	Channel []string         `json:"channel,omitempty"`  // of the event: one of these
	Where   map[string]Range `json:"where,omitempty"`    // of the event: each of these properties is in its range

	CEL string      `json:"cel,omitempty"` // lead["column"], boolean
	All []Condition `json:"all,omitempty"`
	Any []Condition `json:"any,omitempty"`
	Not *Condition  `json:"not,omitempty"`
}

// Range is the range of a number: > Above, ≥ From, < Below, ≤ To; at most one at each end, and at least one in all. A number
// that is missing is in none.
type Range struct {
	Above *float64 `json:"above,omitempty"`
	From  *float64 `json:"from,omitempty"`
	Below *float64 `json:"below,omitempty"`
	To    *float64 `json:"to,omitempty"`
}

// Points is a number, or a table of a field's value: the first row with value ≤ To counts, or the row that has the value in
// In; missing is 0, and so is a value that no row has.
// In JSON and YAML it is the number, or {"table": [...]}.
type Points struct {
	Fixed float64
	Table []TableRow
}

// TableRow is one row of a table of points; one without To and In is "everything else", and the last.
type TableRow struct {
	To     *float64 `json:"to,omitempty"` // of a numeric field
	In     Values   `json:"in,omitempty"` // read as the column is; a value stands in one row only
	Points float64  `json:"points"`
}

// HardRule decides the stage whatever the score: disqualify, or qualify as MQL or SQL. Where several
// fire, disqualify goes before SQL and SQL before MQL, in whatever order they are written.
type HardRule struct {
	Name  string    `json:"name"`
	When  Condition `json:"when"`
	Stage string    `json:"stage"` // disqualify | MQL | SQL
	Valid *Valid    `json:"valid,omitempty"`
}

// Test is a lead and the score and stage that it must get.
type Test struct {
	Name      string      `json:"name"`
	Scorecard string      `json:"scorecard,omitempty"` // "": the first
	Lead      Attributes  `json:"lead"`
	Events    []TestEvent `json:"events,omitempty"`
	AsOf      string      `json:"as_of,omitempty"`    // RFC 3339; "": after all events
	Score     *float64    `json:"score,omitempty"`    // to two decimals
	Stage     string      `json:"stage,omitempty"`    // disqualify | MQL | SQL | none (no hard rule fires)
	Question  string      `json:"question,omitempty"` // the dimension that is to be asked for next | none
}

// TestEvent is an event of a Test.
type TestEvent struct {
	Type       string             `json:"type"`
	At         string             `json:"at"` // RFC 3339
	Channel    string             `json:"channel,omitempty"`
	Properties map[string]float64 `json:"properties,omitempty"`
}

// Event is something a lead did.
type Event = datasets.Event

// Line is one line of a trace.
type Line struct {
	Group  string
	Rule   string
	Points float64
	Kind   string // rule | decay | cap | bound | hard
	Text   string // the value that fired it, or the error that kept it from firing
}
