package report

// englishChoice holds the texts of the table of cut-offs.
var englishChoice = map[string]string{
	"reason.threshold": "threshold",

	"choice.summary":   "%s: cut-offs on %s labelled leads, %s converted (%s)",
	"choice.arrivals":  "%s leads came a day in %s days, with those whose outcome is still open.",
	"choice.stage":     "Stage",
	"choice.by":        "Chosen by",
	"choice.score":     "Score ≥",
	"choice.selected":  "Selected",
	"choice.volume":    "Leads a day",
	"choice.precision": "Precision",
	"choice.recall":    "Recall",
	"choice.benefit":   "Benefit a lead",
	"choice.own":       "the model’s own",
	"choice.youden":    "best separation",
	"choice.top":       "best tenth",
	"choice.unmet":     "none",

	"choice.crossfit": "A cut-off flatters itself on the leads that it was chosen on. So each half of the leads was cut where the other half (%s leads or more) chose, and the figures count both; the score itself is chosen on all of them. The model’s own cut-offs are measured as they are.",
	"choice.fixed":    "To keep the cut-off of “%s”, write into the configuration:",
	"choice.anew":     "To have it chosen anew by each training:",
}
