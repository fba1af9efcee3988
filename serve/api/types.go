package api

import "encoding/json"

// Request asks for the score of one lead.
type Request struct {
	Lead   map[string]json.RawMessage `json:"lead"`             // flat attributes by column name, the id too; see Attributes
	Events []Event                    `json:"events,omitempty"` // in any order; those before AsOf count
	// AsOf is the moment that the lead is scored at, RFC 3339. Empty: the lead's own as-of column where
	// the model has one; with neither, every age is unknown and every event counts.
	AsOf string `json:"as_of,omitempty"`
	// Previous is the stage that the lead was in, from the last answer that said Changed; nil: not known, and the lead is decided as a new one.
	Previous *Previous `json:"previous,omitempty"`
	// Unknown says what happens to attributes that the training file did not have: "" refuses the
	// lead, "warn" scores it without them.
	Unknown string `json:"unknown,omitempty"`
	// Lang is the language of reasons, because, the model's warnings and changes: "en" or "es"; "" is English. What is wrong
	// with a request is said in English always. Names, values and stages are the same in every language.
	Lang string `json:"lang,omitempty"`
	// Targets are those whose probabilities are answered; empty: all.
	Targets []string `json:"targets,omitempty"`
	// Explain is how many reasons of each sign the answer gives, 0 to 50; nil is 3.
	Explain *int `json:"explain,omitempty"`
}

// Previous is the stage that a lead was in.
type Previous struct {
	Stage string `json:"stage"`           // nurture | MQL | SQL | disqualify
	Since string `json:"since,omitempty"` // when it entered the stage, RFC 3339; "": not known, and a minimum stay counts as over
}

// Event is something a lead did. Properties are named as the columns of the event log that the model was trained on: those of its
// numbers, of its ids (an event that is sent twice counts once) and of its channels. A model passes over the ones that
// neither its features nor its rules read; one of the wrong type is refused.
type Event struct {
	Type       string                     `json:"type"`
	At         string                     `json:"at"` // RFC 3339
	Properties map[string]json.RawMessage `json:"properties,omitempty"`
}

// Answer is the score of one lead.
type Answer struct {
	LeadID        string             `json:"lead_id"`            // "" where the model has no id column or the lead no id
	Target        string             `json:"target"`             // the primary target
	Probability   float64            `json:"probability"`        // of the primary target, by the model alone: 0–1
	Interval      *Interval          `json:"interval,omitempty"` // of Probability, 95 %; nil: the model has none
	Probabilities map[string]float64 `json:"probabilities"`      // of each target
	RuleScore     float64            `json:"rule_score"`         // of the first scorecard, the one that Score blends; 0 without rules
	// RuleScores are the points of each scorecard, the first too; nil: the rules have one scorecard, or there are none.
	RuleScores     PerScorecard[float64] `json:"rule_scores,omitempty"`
	Score          float64               `json:"score"` // 0–100
	Grade          string                `json:"grade"`
	Axes           *Axes                 `json:"axes,omitempty"` // nil: the rules have no axes
	Recommendation Recommendation        `json:"recommendation"`
	Reasons        []Effect              `json:"reasons"` // the strongest of each sign, the strongest first
	Warnings       []string              `json:"warnings"`
	Model          ModelRef              `json:"model"`
}

// Interval is where the probability of such leads lies, as far as the training rows can tell.
type Interval struct {
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
}

// Axes are the rules' points on each axis and the grade of both, "A1" to "D4".
type Axes struct {
	Fit        float64 `json:"fit"`
	Engagement float64 `json:"engagement"`
	Grade      string  `json:"grade"`
}

// Recommendation is a stage and what decided it.
type Recommendation struct {
	Stage   string   `json:"stage"` // nurture | MQL | SQL | disqualify
	Because []string `json:"because"`
	// Changed is whether the stage is entered now: by a rise into MQL or SQL, or by being disqualified; a fall enters nothing. nil: the
	// request had no Previous. What is to happen once a stage goes by it.
	Changed *bool `json:"changed,omitempty"`
}

// Effect is one feature's part of the log-odds.
type Effect struct {
	Feature string  `json:"feature"`
	Value   string  `json:"value"`
	Effect  float64 `json:"effect"`
	Text    string  `json:"text"`
}

// ModelRef names the model that answered.
type ModelRef struct {
	Name    string `json:"name"`
	Version string `json:"version"` // of its content: the first 12 digits of the digest
	// RegistryVersion is what the registry calls it, such as v3; "": it is not from a registry.
	RegistryVersion string `json:"registry_version,omitempty"`
}

// Explanation is an Answer with everything behind it: Baseline + Σ Effects.Effect is the logit of the
// uncalibrated probability, Σ RuleTrace.Points is RuleScore. RuleTraces are those of the scorecards after the first, nil where there
// are none; the points of each add up to its number in RuleScores. Counterfactuals are at most three, with different attributes; none
// where the stage is the highest, or nothing that the model's policy marks actionable gets there.
type Explanation struct {
	Answer
	Baseline        float64                  `json:"baseline"`
	Effects         []Effect                 `json:"effects"`
	RuleTrace       []RuleLine               `json:"rule_trace"`
	RuleTraces      PerScorecard[[]RuleLine] `json:"rule_traces,omitempty"`
	Counterfactuals []Counterfactual         `json:"counterfactuals"`
}

// RuleLine is one line of a rule trace.
type RuleLine struct {
	Group  string  `json:"group"`
	Rule   string  `json:"rule"`
	Points float64 `json:"points"`
	Kind   string  `json:"kind"` // rule | decay | cap | bound | hard
	Text   string  `json:"text,omitempty"`
}

// Counterfactual is a set of changes of the lead, the fewest, that would move its recommendation up: with all of them, and
// nothing else changed, the lead would get exactly this stage, score and probability.
type Counterfactual struct {
	Changes     []Change `json:"changes"`
	Stage       string   `json:"stage"`
	Score       float64  `json:"score"`
	Probability float64  `json:"probability"` // of the primary target, by the model alone
}

// Change is one change of a lead: another value of an attribute, or more events of a type just before as_of.
type Change struct {
	Kind    string `json:"kind"`    // field | event
	Feature string `json:"feature"` // name of the attribute, or type of the events
	From    string `json:"from"`    // the value, or "missing"; of events their number
	To      string `json:"to"`      // the value to send, or "" where any would do; of events their number
	Text    string `json:"text"`
}
