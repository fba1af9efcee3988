package model

// Count is a line of the account of a target's rows. "read" and "repeated" come in, every other line is
// where rows went: the sum of the one equals the sum of the other.
type Count struct {
	What string `json:"what"` // read | repeated | train | holdout | a reason for which rows are not used
	Rows int    `json:"rows"`
	Text string `json:"text"`
}

// The lines of an account that are not reasons for leaving rows out.
const (
	CountRead     = "read"     // rows of the file, bad ones not among them
	CountLogged   = "logged"   // predictions of a log, in the place of read: they come in
	CountRepeated = "repeated" // rows that a grid of as-of moments adds
	CountTrain    = "train"
	CountHoldout  = "holdout"
)

// Beside is how the same configuration does when the hold-out is chosen in the other way: at random beside
// forward in time. The difference is what a random hold-out flatters by. Only the model is measured, and
// figures that need a bootstrap have no interval.
type Beside struct {
	Split   string             `json:"split"` // time | random
	Train   Sample             `json:"train"`
	Holdout Sample             `json:"holdout"`
	Scores  map[string]Metrics `json:"scores"` // model
}

// Chain compares two ways to P(target) on the hold-out: directly, and as P(given) · P(target | given).
type Chain struct {
	Given       string             `json:"given"`
	Used        string             `json:"used"`   // direct | chained: which one the model has
	Scores      map[string]Metrics `json:"scores"` // direct, chained
	Comparisons []Comparison       `json:"comparisons"`
}

// The two ways of a Chain.
const (
	WayDirect  = "direct"
	WayChained = "chained"
)
