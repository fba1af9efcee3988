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
	Name   string     `json:"name"`
	Bounds *Bounds    `json:"bounds,omitempty"` // of the total; nil: unbounded
	Groups []Group    `json:"groups"`
	Hard   []HardRule `json:"hard,omitempty"`
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
	Decay *Decay   `json:"decay,omitempty"` // of event points only
	Rules []Rule   `json:"rules"`
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
}

// Condition is one of: a field (known, or in a list), an event, CEL, or all/any/not of others.
type Condition struct {
	Field   string      `json:"field,omitempty"`
	In      Values      `json:"in,omitempty"` // texts, numbers or booleans, read as the column is; none: the field is known
	Event   string      `json:"event,omitempty"`
	AtLeast int         `json:"at_least,omitempty"` // events; 0 is 1
	Within  string      `json:"within,omitempty"`   // age ≤ within, and before as-of; "": ever
	CEL     string      `json:"cel,omitempty"`      // lead["column"], boolean
	All     []Condition `json:"all,omitempty"`
	Any     []Condition `json:"any,omitempty"`
	Not     *Condition  `json:"not,omitempty"`
}

// Points is a number, or a table of a field's value: the first row with value ≤ To counts; missing is 0,
// and so is a value above the last row's To.
// In JSON and YAML it is the number, or {"table": [...]}.
type Points struct {
	Fixed float64
	Table []TableRow
}

// TableRow is one row of a table of points; To nil is "everything above".
type TableRow struct {
	To     *float64 `json:"to,omitempty"`
	Points float64  `json:"points"`
}

// HardRule decides the stage whatever the score: disqualify, or qualify as MQL or SQL. Where several
// fire, disqualify goes before SQL and SQL before MQL, in whatever order they are written.
type HardRule struct {
	Name  string    `json:"name"`
	When  Condition `json:"when"`
	Stage string    `json:"stage"` // disqualify | MQL | SQL
}

// Test is a lead and the score (of the first scorecard) and stage that it must get.
type Test struct {
	Name   string      `json:"name"`
	Lead   Attributes  `json:"lead"`
	Events []TestEvent `json:"events,omitempty"`
	AsOf   string      `json:"as_of,omitempty"` // RFC 3339; "": after all events
	Score  *float64    `json:"score,omitempty"` // to two decimals
	Stage  string      `json:"stage,omitempty"` // disqualify | MQL | SQL | none (no hard rule fires)
}

// TestEvent is an event of a Test.
type TestEvent struct {
	Type string `json:"type"`
	At   string `json:"at"` // RFC 3339
}

// Event is something a lead did. Rules look at Type and At.
type Event = datasets.Event

// Line is one line of a trace.
type Line struct {
	Group  string
	Rule   string
	Points float64
	Kind   string // rule | decay | cap | bound | hard
	Text   string // the value that fired it, or the error that kept it from firing
}
