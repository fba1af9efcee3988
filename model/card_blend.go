package model

// BlendCard tells how model and rules became one score.
type BlendCard struct {
	Method string `json:"method"`
	Given  bool   `json:"given,omitempty"` // the weight is that of the configuration, not fitted
	Rows   int    `json:"rows"`            // of training that it was fitted to, the model's logits out of fold; 0: nothing was fitted
	// Weights are those of method logit: the model's, then the groups' of the rules; none of other methods and where Given.
	Weights []BlendWeight `json:"weights,omitempty"`
	// Upgrade is the model's score from which on method gate lifts a lead; 0: none.
	Upgrade float64 `json:"upgrade,omitempty"`
}

// BlendWeight is one weight of logistic stacking. No weight is below 0.
type BlendWeight struct {
	Scorer string `json:"scorer"`          // model | rules
	Group  string `json:"group,omitempty"` // of the rules
	// Weight is, of the model, that of its logit (1: as it is); of a group, log-odds for 100 points. The interval is Wald's; it ends at
	// 0, and is NaN where the weight is held.
	Weight Estimate `json:"weight"`
	// Held says why a weight is 0 and was not estimated: "negative", without the bound it would be below 0, so more points go with fewer
	// conversions beside the model; "constant", the training rows all have the same points. "": it was estimated.
	Held string `json:"held,omitempty"`
}

// The values of BlendWeight.Held.
const (
	HeldNegative = "negative"
	HeldConstant = "constant"
)
