package model

// ChoiceCard is cut-offs of a model's score chosen and measured on one file of labelled leads.
//
// Of a way that chose, Score is what it chose on all rows, and the figures are cross-fitted: each half of the rows is cut where
// the other half chose, so that they are those of leads that the choice has not seen; Chosen is the rows of the smaller half. The cut-offs
// that the model has are measured as they are, Chosen on none of these rows.
type ChoiceCard struct {
	Target   string    `json:"target"`
	Stage    string    `json:"stage"` // that the asked cut-offs are for: MQL | SQL
	Data     Sample    `json:"data"`
	Days     Figure    `json:"days"`          // calendar days of UTC that the leads came in; NaN: no as-of moments
	PerDay   Figure    `json:"leads_per_day"` // all that came, with those whose outcome is open; NaN where Days is, or fewer than 7
	Current  []Choice  `json:"current"`       // the cut-offs of the model, MQL then SQL
	Choices  []Choice  `json:"choices"`       // as asked for
	Findings []Finding `json:"findings"`
	Seed     uint64    `json:"seed"` // of the halves
}
