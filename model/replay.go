package model

// Replay is what two ways to recommend stages say of the same past leads: a change of rules before it goes live. It is the same for the
// same files, but for Run.
type Replay struct {
	Digest  string        `json:"data_digest"`
	BadRows int           `json:"bad_rows"`
	Rows    ReplayRows    `json:"rows"`
	Current ReplaySide    `json:"current"`
	New     ReplaySide    `json:"new"`
	AUC     *Comparison   `json:"auc_difference,omitempty"` // new − current, DeLong's; nil: no outcomes of both kinds
	Stages  []StageMove   `json:"stages"`                   // each pair of stages that some lead has, in the order nurture, MQL, SQL, disqualify
	In      ReplayMoved   `json:"in"`                       // leads that only the new one selects: MQL or SQL
	Out     ReplayMoved   `json:"out"`                      // leads that only the current one selects
	Months  []ReplayMonth `json:"months,omitempty"`         // calendar months of UTC, in their order; nil: not asked for
	// Findings are what the reader has to know of the rows.
	Findings []Finding `json:"findings"`
	Run      *Run      `json:"run,omitempty"`
}

// ReplayRows are the leads of a replay. Counts of weighted leads are the rounded weight.
type ReplayRows struct {
	Leads     int    `json:"leads"`
	Labelled  int    `json:"labelled"` // whose outcome is known; 0: volume and movers are all that can be told
	Positives int    `json:"positives"`
	From      string `json:"from,omitempty"` // first and last as-of moment; "": not known
	To        string `json:"to,omitempty"`
	Days      int    `json:"days,omitempty"`    // calendar days of UTC from the one to the other, both in
	Undated   int    `json:"undated,omitempty"` // leads without a moment where others have one
}

// The scales of a ReplaySide.
const (
	ReplayPoints = "points" // stages by points
	ReplayScore  = "score"  // stages by the score, 0–100, and the policy of a model
)

// ReplaySide is one of the two ways.
type ReplaySide struct {
	Name      string   `json:"name"`  // the rules file, or the model
	Scale     string   `json:"scale"` // points | score
	MQLFrom   Figure   `json:"mql_from"`
	SQLFrom   Figure   `json:"sql_from"`  // NaN: by hard rules only
	Stages    []Volume `json:"stages"`    // of each stage: nurture, MQL, SQL, disqualify
	Selected  Volume   `json:"selected"`  // MQL and SQL
	Precision Estimate `json:"precision"` // of the selected with a known outcome, the share that converted; Wilson
	Recall    Estimate `json:"recall"`    // of the conversions, the share that is selected; Wilson
	AUC       Estimate `json:"auc"`
}

// Volume is how many leads have a stage.
type Volume struct {
	Stage  Stage  `json:"stage,omitempty"`
	Leads  int    `json:"leads"`
	PerDay Figure `json:"per_day"` // of ReplayRows.Days; NaN: as-of moments are not known
}

// StageMove is how many leads have one stage now and another, or the same, by the new way.
type StageMove struct {
	From  Stage `json:"from"`
	To    Stage `json:"to"`
	Leads int   `json:"leads"`
}

// ReplayMoved is the leads that move in, or out.
type ReplayMoved struct {
	Leads     int           `json:"leads"`
	Converted int           `json:"converted"`
	Lost      int           `json:"not_converted"`
	Open      int           `json:"outcome_unknown"`
	Rate      Estimate      `json:"rate"` // Converted of those with a known outcome, Wilson
	Examples  []ReplayMover `json:"examples"`
}

// ReplayMover is a lead that moves in or out.
type ReplayMover struct {
	Row          int          `json:"row"` // of the file, from 1
	Lead         string       `json:"lead_id"`
	CurrentStage Stage        `json:"current_stage"`
	NewStage     Stage        `json:"new_stage"`
	Current      float64      `json:"current"` // score, on the scale of each
	New          float64      `json:"new"`
	Outcome      string       `json:"outcome"` // converted | not converted | "" where it is not known
	Changes      []RuleChange `json:"changes"` // of the rules, the greatest first
}

// RuleChange is a line of the two traces whose points differ; 0 is no line.
type RuleChange struct {
	Rule    string  `json:"rule"`
	Kind    string  `json:"kind"` // rule | decay | cap | bound | hard
	Current float64 `json:"current"`
	New     float64 `json:"new"`
	Text    string  `json:"text,omitempty"` // of a hard rule: the stage that it gives, and which side has it
}

// ReplayMonth is a month of as-of moments.
type ReplayMonth struct {
	Month     string          `json:"month"` // 2026-01; "": without a moment
	Leads     int             `json:"leads"`
	Labelled  int             `json:"labelled"`
	Positives int             `json:"positives"`
	Current   ReplayMonthSide `json:"current"`
	New       ReplayMonthSide `json:"new"`
	In        int             `json:"in"`
	Out       int             `json:"out"`
}

// ReplayMonthSide is what one side selects in a month.
type ReplayMonthSide struct {
	Selected  int      `json:"selected"`
	Precision Estimate `json:"precision"`
	Recall    Estimate `json:"recall"`
}
