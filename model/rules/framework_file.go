package rules

// Framework is a qualification framework such as BANT: questions that people answer about a lead, each with a weight. Its name
// is the group of its lines in the trace, and no group of the scorecard has it.
//
// A dimension that is answered gives weight · share · confidence · freshness points. What confidence and freshness leave out
// is not known; a dimension of which less than half is known counts as unknown, gives what is left of its points, is
// named in the trace, and has its question asked.
type Framework struct {
	Name string `json:"name"`
	// Axis is fit, engagement or none; "": fit.
	Axis string `json:"axis,omitempty"`
	// Decay is how answers age, from the moment in Evidence.Answered or the latest event of Evidence.When; nil: they do not.
	Decay      *Decay      `json:"decay,omitempty"`
	Dimensions []Dimension `json:"dimensions"`
}

// Dimension is one question.
type Dimension struct {
	Name     string  `json:"name"`
	Weight   float64 `json:"weight"` // points of an answer with share 1; above 0
	Question string  `json:"question"`
	// Evidence is where the answer may be found, what is trusted most first: the first that has one counts. None: nobody
	// writes it down yet, and the dimension is unknown for every lead.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is a column and what its values mean, or a condition that is an answer where it holds, and none where it does not.
type Evidence struct {
	Field   string     `json:"field,omitempty"`
	Answers []Answer   `json:"answers,omitempty"`
	When    *Condition `json:"when,omitempty"`
	// Share, Veto and Cap of When are those of an Answer.
	Share *float64 `json:"share,omitempty"`
	Veto  string   `json:"veto,omitempty"`
	Cap   *float64 `json:"cap,omitempty"`
	// Confidence is how sure the answer is: a number above 0 up to 1, or the name of a numeric column with 0 to 1 (missing there is
	// 1, another number makes the answer void, and the trace says so); nil: 1.
	Confidence *Scalar `json:"confidence,omitempty"`
	// Answered is the column with the moment of the answer: it ages from then on, and one after as-of is not known yet. Where
	// the cell is missing the answer does not age.
	Answered string `json:"answered,omitempty"`
}

// Answer is what some values of a column mean: those in In, or numbers ≤ To (rows ascend), or, without both, every other value.
// A value in no row is no answer.
type Answer struct {
	In Values   `json:"in,omitempty"`
	To *float64 `json:"to,omitempty"`
	// Share of the weight, −1 to 1: 1 is the best answer; a negative one tells a no from an unknown, which gives 0.
	Share float64 `json:"share"`
	// Veto is disqualify, or "": the lead is disqualified whatever the rest. Cap bounds the points of the whole framework. Both
	// hold only of an answer of which at least half is known.
	Veto string   `json:"veto,omitempty"`
	Cap  *float64 `json:"cap,omitempty"`
}

// Question is what nobody knows yet of a lead and would move its score most.
type Question struct {
	Framework string
	Dimension string
	Text      string
	Weight    float64 // of the dimension
}
