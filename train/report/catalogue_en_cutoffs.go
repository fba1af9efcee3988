package report

// englishCutoffs holds the texts of ways to choose a cut-off and of the decision curve.
var englishCutoffs = map[string]string{
	"cutoffs.heading":         "The policy’s cut-offs, and others that you could choose",
	"cutoffs.intro":           "The policy’s own come first; the others show what you could have instead.",
	"cutoffs.own":             "%s: %s",
	"cutoffs.by":              "Chosen by",
	"cutoffs.volume":          "Leads a day",
	"cutoffs.benefit":         "Benefit per lead",
	"cutoffs.above":           "none",
	"cutoffs.out":             "Chosen on %s training leads, each scored by a model that had not seen it, and measured on the hold-out.",
	"cutoffs.chosen":          "Chosen on %s leads and measured on others.",
	"cutoffs.unmet":           "* What was asked for cannot be reached.",
	"cutoffs.way.youden":      "best separation (Youden)",
	"cutoffs.way.top":         "best share",
	"cutoffs.way.score":       "fixed score",
	"cutoffs.way.precision":   "precision",
	"cutoffs.way.capacity":    "capacity",
	"cutoffs.way.cost":        "cost of a contact",
	"cutoffs.way.net_benefit": "largest benefit",

	"benefit.heading": "Is it worth acting on?",
	"benefit.intro":   "The decision curve: true conversions per 100 leads, less the wasted contacts at the price that the threshold implies.",
	"benefit.title":   "Net benefit per 100 leads",
	"benefit.x":       "Contact a lead from a probability of",
	"benefit.y":       "Net benefit",
	"benefit.all":     "contact everyone",
	"benefit.none":    "contact no one",
	"benefit.read":    "At each threshold the highest curve is the best policy. Where a curve is not above both “everyone” and “no one”, do without the model.",
	"benefit.example": "A threshold of 20% says that one conversion is worth four wasted contacts; choose yours by what a contact costs and what a conversion brings.",
	"benefit.table":   "The decision curve as a table",
}
