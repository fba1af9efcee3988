package model

// Policy turns a score into a stage.
type Policy struct {
	MQL StageRule `json:"mql"`
	SQL StageRule `json:"sql"`
	// Actionable is what a counterfactual may change; none: required fields that are missing, and nothing else.
	Actionable []Actionable `json:"actionable,omitempty"`
}

// StageRule is what a lead needs for a stage.
type StageRule struct {
	MinScore float64  `json:"min_score"`          // score ≥ MinScore
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

// Decide recommends a stage. hard is the stage that a hard rule asks for: Disqualify is final, MQL and
// SQL are the least that the lead gets, whatever its score and whatever is missing; "" is no hard
// rule. known says whether the columns that a stage requires are there; it is asked only for a
// stage whose score is reached.
//
// Without a hard rule: SQL where score ≥ SQL.MinScore and its required columns are known; else MQL
// likewise; else nurture. A higher score never gives a lower stage.
func (p *Policy) Decide(score float64, hard Stage, known func(Stage) bool) Stage {
	switch {
	case hard == Disqualify:
		return Disqualify
	case hard == SQL || score >= p.SQL.MinScore && known(SQL):
		return SQL
	case hard == MQL || score >= p.MQL.MinScore && known(MQL):
		return MQL
	}
	return Nurture
}

// Grade is the score in a letter, by the policy's thresholds alone: A score ≥ SQL.MinScore, B ≥
// MQL.MinScore, C ≥ half of MQL.MinScore, D below. It knows nothing of hard rules and required columns.
func (p *Policy) Grade(score float64) string {
	switch {
	case score >= p.SQL.MinScore:
		return "A"
	case score >= p.MQL.MinScore:
		return "B"
	case score >= p.MQL.MinScore/2:
		return "C"
	}
	return "D"
}
