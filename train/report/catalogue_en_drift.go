package report

// englishDrift holds the texts of `leadscore drift`.
var englishDrift = map[string]string{
	"drift.summary":      "%s new leads against %s training leads",
	"drift.score":        "the probability",
	"drift.psi":          "PSI",
	"drift.missing":      "missing",
	"drift.unknown":      "new values",
	"drift.training":     "training",
	"drift.new":          "new",
	"drift.change":       "%s → %s",
	"drift.rank.stable":  "stable",
	"drift.rank.moved":   "moved",
	"drift.rank.shifted": "shifted",
	"drift.calendar":     "calendar",
	"drift.more":         "%s more features, each with a PSI of at most %s or of the calendar",
	"drift.levels":       "%s has values that training did not have: %s",

	"drift.says.nothing":   "Nothing has moved by more than chance alone would do.",
	"drift.says.few":       "Only %s new leads: too few to tell whether anything has moved.",
	"drift.says.moved":     "Of %s features %s moved a little (PSI 0.1 to 0.25). The model can be used; look again with the next leads.",
	"drift.says.shifted":   "Of %s features %s shifted (PSI above 0.25) and %s moved a little: find out what changed in the data, and train again where the change is here to stay.",
	"drift.says.calendar":  "Days and months move on with time, whatever the leads are; they are shown and count for nothing here.",
	"drift.says.score":     "The distribution of the probability itself has %s: a PSI of %s.",
	"drift.says.auc":       "If its probabilities still hold, an AUC of %s is to be expected on these leads; on the training leads it was %s.",
	"drift.says.auc.alone": "If its probabilities still hold, an AUC of %s is to be expected on these leads; the mean probability is %s.",
	"drift.says.mean":      "The mean probability is %s; on the training leads it was %s.",
	"drift.says.old":       "The model was trained by an older leadscore, which kept no distribution of the probability: the drift of the score cannot be told until it is trained again.",
	"drift.says.beyond":    "Beyond the limit of %s: %s.",
	"drift.says.within":    "Nothing is beyond the limit of %s.",
	"drift.excess":         "%s (%s)",
}
