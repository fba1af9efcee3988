package model

import "leadscore/datasets"

// Policy turns a score into a stage.
type Policy struct {
	MQL StageRule `json:"mql"`
	SQL StageRule `json:"sql"`
	// Grades are the cut-offs of the two axes of the rules; nil: none are given.
	Grades *Grades `json:"grades,omitempty"`
	// Actionable is what a counterfactual may change; none: required fields that are missing, and nothing else.
	Actionable []Actionable `json:"actionable,omitempty"`
}

// StageRule is what a lead needs for a stage.
type StageRule struct {
	MinScore float64 `json:"min_score"` // score ≥ MinScore enters the stage
	// Leave is the score below which a lead that is in the stage leaves it, at most MinScore; nil: MinScore. Between the two a lead stays
	// where it is.
	Leave *float64 `json:"leave,omitempty"`
	// Stay is how long a lead that has entered the stage stays in it, in microseconds, whatever its score and whatever is missing. It may
	// rise meanwhile, and be disqualified. 0: no time.
	Stay int64 `json:"stay,omitempty"`
	// Target names the target whose probability decides, as a score (ScoreOf). "": the score, which is the blend's of the primary target.
	Target   string   `json:"target,omitempty"`
	Required []string `json:"required,omitempty"` // columns that must not be missing
}

// Stage is what the policy recommends.
type Stage string

// The stages, from the lowest to the highest but for Disqualify, which stands outside the order.
const (
	Nurture    Stage = "nurture"
	MQL        Stage = "MQL"
	SQL        Stage = "SQL"
	Disqualify Stage = "disqualify"
)

// Stages are the stages in the order in which they are told.
func Stages() []Stage { return []Stage{Nurture, MQL, SQL, Disqualify} }

// rank orders the stages by how far a lead has come.
func (s Stage) rank() int {
	switch s {
	case MQL:
		return 1
	case SQL:
		return 2
	case Disqualify:
		return -1
	}
	return 0
}

// Previous is the stage that a lead was recommended for before, as whoever scores it remembers. The zero value: not known.
type Previous struct {
	Stage Stage // "": not known
	Since int64 // when it entered the stage, microseconds since 1970 UTC; datasets.MissingTime: not known, which no minimum stay holds
}

// Case is what a stage is decided by.
type Case struct {
	Scores [2]float64 // that MQL and SQL are decided by, in this order
	// Hard is the stage that a hard rule asks for: Disqualify is final, MQL and SQL are the least that the lead gets, whatever its
	// score and whatever is missing; "" is no hard rule.
	Hard Stage
	// Known says whether the columns that a stage requires are there; it is asked only for a stage whose score is reached.
	Known    func(Stage) bool
	Previous Previous
	At       int64 // the as-of moment; datasets.MissingTime: not known, and no minimum stay holds
}

// Decide recommends a stage: Disqualify by a hard rule; else SQL by a hard rule or where it is reached; else MQL likewise; else nurture.
//
// A stage is reached where its score is ≥ MinScore and its required columns are known. A lead that was in the stage before, or in a
// higher one, needs only Leave, and none of that before its Stay has passed: it holds from Previous.Since up to, and not at,
// Since + Stay, for the lower stage too. A higher score never gives a lower stage, whatever the rest of the case is.
func (p *Policy) Decide(c *Case) Stage {
	switch {
	case c.Hard == Disqualify:
		return Disqualify
	case c.Hard == SQL || p.reaches(SQL, c):
		return SQL
	}
	return p.below(c)
}

// below decides a lead that gets no SQL.
func (p *Policy) below(c *Case) Stage {
	if c.Hard == MQL || c.Hard == SQL || p.reaches(MQL, c) {
		return MQL
	}
	return Nurture
}

// Entered reports whether a lead enters a stage that it was not in: by rising into MQL or SQL, or by being disqualified. A fall
// enters nothing, so that a lead that goes from SQL back to MQL does not fire MQL again; neither does what stays as it is.
func Entered(previous, now Stage) bool {
	if now == Disqualify {
		return previous != Disqualify
	}
	return now.rank() > max(previous.rank(), 0)
}

// rule returns the rule of MQL or SQL.
func (p *Policy) rule(stage Stage) *StageRule {
	if stage == SQL {
		return &p.SQL
	}
	return &p.MQL
}

func (c *Case) score(stage Stage) float64 {
	if stage == SQL {
		return c.Scores[1]
	}
	return c.Scores[0]
}

// was reports whether the lead was in a stage, or in a higher one.
func (c *Case) was(stage Stage) bool { return c.Previous.Stage.rank() >= stage.rank() }

func (p *Policy) reaches(stage Stage, c *Case) bool {
	r := p.rule(stage)
	return r.stays(stage, c) || c.score(stage) >= r.limit(stage, c) && c.Known(stage)
}

// limit is the least score of a stage for a lead.
func (r *StageRule) limit(stage Stage, c *Case) float64 {
	if r.Leave != nil && c.was(stage) {
		return *r.Leave
	}
	return r.MinScore
}

// stays reports whether the lead's minimum stay in a stage has not passed.
func (r *StageRule) stays(stage Stage, c *Case) bool {
	return r.Stay > 0 && c.was(stage) && c.Previous.Since != datasets.MissingTime && c.At != datasets.MissingTime && c.At < c.Previous.Since+r.Stay
}

// Grade is the score in a letter, by the policy's thresholds alone: A where what SQL is decided by is ≥ SQL.MinScore, B where what MQL is
// decided by is ≥ MQL.MinScore, C where it is ≥ half of that, D below. It knows nothing of hard rules, required columns and what was
// before.
func (p *Policy) Grade(scores [2]float64) string {
	switch mql := scores[0]; {
	case scores[1] >= p.SQL.MinScore:
		return "A"
	case mql >= p.MQL.MinScore:
		return "B"
	case mql >= p.MQL.MinScore/2:
		return "C"
	}
	return "D"
}
