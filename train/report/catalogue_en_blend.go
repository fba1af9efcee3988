package report

// englishBlend holds the texts of how model and rules were blended.
var englishBlend = map[string]string{
	"blend.heading":       "How much each counts",
	"blend.part":          "Part",
	"blend.weight":        "Weight",
	"blend.model":         "model",
	"blend.group":         "rules/%s",
	"blend.held.negative": "held at 0: it would be negative, so beside the model more of these points go with fewer conversions",
	"blend.held.constant": "0: all training leads have the same points",
	"blend.short":         "%s held at 0",
	"blend.one":           "%s %s (%s)",
	"blend.weights":       "Blend: %s. The model’s weight is of its log-odds, those of the rules are log-odds for 100 points.",
	"blend.note":          "Fitted by logistic regression on %s training leads, which the model had not seen when it scored them. The model’s weight is that of its log-odds (1: as they are); a group’s is log-odds for 100 of its points. No weight may be below 0. An interval that begins at 0 means that the group may add nothing.",
	"blend.given":         "The weight of the model is the configuration’s; nothing was fitted.",
	"blend.upgrade":       "Leads that the rules reject are scored by the model from %s of its own score on.",
	"stage.by":            "%s (by %s)",
	"blend.loss":          "Log loss %s (%s): %s.",
	"blend.loss.better":   "better",
	"blend.loss.worse":    "worse",
	"blend.loss.unsure":   "cannot tell",
}
