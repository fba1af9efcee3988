package rules

import (
	"errors"

	"leadscore/datasets"
)

// File is a rules file (version 1) as DESIGN section 3 has it.
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
	Step     *Step  `json:"step,omitempty"`      // points before After, points·Keep at and beyond it
}

// Step is a decay in one step.
type Step struct {
	After string  `json:"after"`
	Keep  float64 `json:"keep"` // 0 to 1
}

// Rule gives points when its condition holds.
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
	In      []any       `json:"in,omitempty"` // texts, numbers or booleans, read as the column is; none: the field is known
	Event   string      `json:"event,omitempty"`
	AtLeast int         `json:"at_least,omitempty"` // events; 0 is 1
	Within  string      `json:"within,omitempty"`   // before as-of; "": ever
	CEL     string      `json:"cel,omitempty"`      // lead["column"], boolean
	All     []Condition `json:"all,omitempty"`
	Any     []Condition `json:"any,omitempty"`
	Not     *Condition  `json:"not,omitempty"`
}

// Points is a number, or a table of a field's value: the first row with value ≤ To counts; missing is 0.
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

// HardRule decides the stage whatever the score: disqualify, or qualify as MQL or SQL.
type HardRule struct {
	Name  string    `json:"name"`
	When  Condition `json:"when"`
	Stage string    `json:"stage"` // disqualify | MQL | SQL
}

// Test is a lead and the score (of the first scorecard) and stage that it must get.
type Test struct {
	Name   string         `json:"name"`
	Lead   map[string]any `json:"lead"`
	Events []TestEvent    `json:"events,omitempty"`
	AsOf   string         `json:"as_of,omitempty"`
	Score  *float64       `json:"score,omitempty"`
	Stage  string         `json:"stage,omitempty"`
}

// TestEvent is an event of a Test.
type TestEvent struct {
	Type string `json:"type"`
	At   string `json:"at"` // RFC 3339
}

// Event is something a lead did.
type Event struct {
	Type string
	At   int64 // microseconds since 1970 UTC
}

// Line is one line of a trace.
type Line struct {
	Group  string
	Rule   string
	Points float64
	Kind   string // rule | decay | cap | bound | hard
	Text   string // the value that fired it, or the error that kept it from firing
}

// Problem is a mistake in a rules file.
type Problem struct {
	Path string // scorecards[0].groups[1].rules[2].when.cel
	Text string
}

// Set is a compiled file; immutable, shared by goroutines.
type Set struct{}

var errNotBuilt = errors.New("not built yet")

// Compile checks a file against a schema and returns all problems at once.
func Compile(f *File, s *datasets.Schema) (*Set, []Problem) {
	return nil, []Problem{{Text: errNotBuilt.Error()}}
}

// Score returns the score of the first scorecard and the stage that a hard rule decides ("" where
// none fires). row is in the order of the schema; asOf datasets.MissingTime means after all events.
func (s *Set) Score(row []datasets.Value, events []Event, asOf int64) (score float64, hard string) {
	return 0, ""
}

// Trace is Score with its lines; Σ Points equals the score exactly.
func (s *Set) Trace(row []datasets.Value, events []Event, asOf int64) (score float64, hard string, lines []Line) {
	return 0, "", nil
}
