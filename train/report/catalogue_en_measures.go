package report

// englishMeasures holds the texts of the further measures: calibration, the Brier score's parts, the top of the list.
var englishMeasures = map[string]string{
	"metric.gini":                       "Gini",
	"metric.gini.help":                  "2 · AUC − 1; chance 0, perfect 1",
	"metric.ece_corrected":              "ECE, corrected",
	"metric.ece_corrected.help":         "without the gap that chance alone makes",
	"metric.calibration_slope":          "Slope",
	"metric.calibration_slope.help":     "1 is ideal; below 1 the probabilities are too extreme",
	"metric.calibration_intercept":      "Intercept",
	"metric.calibration_intercept.help": "0 is ideal; above 0 more leads convert than predicted",
	"metric.lift_at_1pct":               "Lift, best 1%",
	"metric.lift_at_1pct.help":          "its rate over the average; 1 is chance",
	"metric.lift_at_5pct":               "Lift, best 5%",
	"metric.lift_at_5pct.help":          "its rate over the average; 1 is chance",
	"metric.lift_at_20pct":              "Lift, best 20%",
	"metric.lift_at_20pct.help":         "its rate over the average; 1 is chance",
	"metric.recall_at_1pct":             "Conversions in the best 1%",
	"metric.recall_at_1pct.help":        "share of all conversions",
	"metric.recall_at_5pct":             "Conversions in the best 5%",
	"metric.recall_at_5pct.help":        "share of all conversions",
	"metric.recall_at_10pct":            "Conversions in the best 10%",
	"metric.recall_at_10pct.help":       "share of all conversions",
	"metric.recall_at_20pct":            "Conversions in the best 20%",
	"metric.recall_at_20pct.help":       "share of all conversions",

	"slope.right": "The data show no sign that the probabilities are too extreme or too timid.",
	"slope.sure":  "The probabilities are too extreme: high ones come out lower, low ones higher.",
	"slope.shy":   "The probabilities are too timid: high ones come out higher, low ones lower.",
	"slope.high":  "On the whole they are too high: fewer leads converted than predicted.",
	"slope.low":   "On the whole they are too low: more leads converted than predicted.",
	"slope.level": "On the whole they are neither too high nor too low.",

	"calibration.note": "Figures in small type are 95% intervals. Brier score = reliability − resolution + uncertainty + rest.",

	"brier.reliability":      "Brier: reliability",
	"brier.reliability.help": "how far groups of leads are from their predicted rate; less is better",
	"brier.resolution":       "Brier: resolution",
	"brier.resolution.help":  "how far apart the groups’ rates are; more is better",
	"brier.uncertainty":      "Brier: uncertainty",
	"brier.uncertainty.help": "of the outcome itself; the same for every scorer",
	"brier.within":           "Brier: rest",
	"brier.within.help":      "differences within the groups",

	"top.heading": "The top of the list",
	"top.intro":   "What you get if you only have time for the best-scored leads.",
}
