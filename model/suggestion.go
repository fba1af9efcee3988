package model

import "leadscore/model/rules"

// Suggestion is a model turned into rules: whole points, few rules. It is the same for the same model, data and settings.
type Suggestion struct {
	Model          string          `json:"model"` // name@version
	Target         string          `json:"target"`
	PointsToDouble float64         `json:"points_to_double"` // the odds
	Rules          *rules.File     `json:"rules"`
	Lines          []SuggestedRule `json:"lines"` // a rule each, in the order of the file
	// Kept is the share of the variance of the model's log-odds that the points keep, counted from the model's own tables, feature
	// by feature: it needs no data, and knows nothing of how the features go together.
	Kept     Figure            `json:"kept"`
	LeftOut  []LeftOut         `json:"left_out"`           // features with an effect and without a rule, the most telling first
	Measured *SuggestionResult `json:"measured,omitempty"` // nil: without data
	Findings []Finding         `json:"findings"`
	Run      *Run              `json:"run,omitempty"`
}

// SuggestedRule is what a suggested rule rests on.
type SuggestedRule struct {
	Group    string          `json:"group"`
	Rule     string          `json:"rule"`
	Features []string        `json:"features"` // of the model: one, of a pair two
	Cells    []SuggestedCell `json:"cells"`    // rows of its table, or one
	Kept     Figure          `json:"kept"`     // what it adds to Suggestion.Kept
}

// SuggestedCell is points and the training rows that get them.
type SuggestedCell struct {
	Points int    `json:"points"`
	Rows   int    `json:"rows"` // training rows; of weighted ones the rounded weight
	Rate   Figure `json:"rate"` // share of them that converted; NaN where training did not count it
}

// The reasons of a LeftOut.
const (
	LeftSmall   = "small"   // its best rule would keep less than half a hundredth of the variance, or the rules were used up
	LeftDerived = "derived" // made from a text or a time by a way that no condition says
	LeftEvent   = "event"   // made from events by a way that no condition says
	LeftPair    = "pair"    // a side of the pair is of such a kind
)

// LeftOut is a feature of the model that has no rule.
type LeftOut struct {
	Feature string `json:"feature"`
	Reason  string `json:"reason"`
	Share   Figure `json:"share"` // of the variance, see Suggestion.Kept
}

// SuggestionResult is what labelled leads say of suggested rules.
type SuggestionResult struct {
	Rows      Sample           `json:"rows"`
	Digest    string           `json:"data_digest"`
	BadRows   int              `json:"bad_rows"`
	AUC       Estimate         `json:"auc"`
	Model     SuggestionRival  `json:"model"`
	Current   *SuggestionRival `json:"current,omitempty"` // the rules in use; nil: there are none
	Ranking   Figure           `json:"ranking_kept"`      // (AUC − ½) / (AUC of the model − ½); NaN where the model is not above ½
	Agreement Figure           `json:"rank_correlation"`  // with the model, Spearman's
	MQL       SuggestedCut     `json:"mql"`
}

// SuggestionRival is what suggested rules are compared with.
type SuggestionRival struct {
	AUC        Estimate `json:"auc"`
	Difference Estimate `json:"difference"` // suggested − this one, DeLong's paired interval
	P          Figure   `json:"p"`
}

// SuggestedCut is the number of points from which as large a share of the leads is selected as by the model's policy. The outcomes have no
// part in it.
type SuggestedCut struct {
	Points int           `json:"points"` // points ≥ this; of two that are as near the higher one, which selects fewer
	Rules  SelectedLeads `json:"rules"`
	Model  SelectedLeads `json:"model"` // MQL and SQL by its policy
}

// SelectedLeads is the leads that some cut-off selects.
type SelectedLeads struct {
	Leads     int      `json:"leads"` // of weighted ones the rounded weight
	Share     Figure   `json:"share"`
	Precision Estimate `json:"precision"` // share of them that converted, Wilson; NaN: none with a known outcome
	Recall    Estimate `json:"recall"`    // share of all conversions that are among them, Wilson
}
