package report

// englishContest holds the texts of a comparison of scorers.
var englishContest = map[string]string{
	"scorer.naive_bayes": "naive Bayes",
	"scorer.tree":        "tree",

	"contest.name.model":       "the model",
	"contest.name.rules":       "the rules",
	"contest.name.blend":       "the blend",
	"contest.name.naive_bayes": "golearn’s naive Bayes",
	"contest.name.tree":        "golearn’s decision tree",
	"contest.name.quoted":      "“%s”",
	"contest.and":              "%s and %s",

	"contest.better":      "ranking by %s is better than by %s",
	"contest.better_many": "%s; against the nearest of them, %s",
	"contest.by":          "%s: AUC %s against %s, a difference of %s (%s)",
	"contest.sure":        "%s; %s",
	"contest.corrected":   "%s, corrected for %s pairs",
	"contest.level":       "%s; the data cannot tell %s from %s",
	"contest.gain":        "%s; among the best %s leads the difference is %s conversions (%s)",
	"contest.money":       "%s, or %s in money (%s)",
	"contest.cannot":      "The data cannot tell which ranks better: the AUC is %s with %s and %s with %s, a difference of %s (%s).",

	"contest.summary":          "%s: %s leads, %s converted (%s), model %s",
	"contest.caught":           "Caught of %s",
	"contest.earned":           "Earned",
	"contest.shared":           "Top 10% shared",
	"contest.missing":          "%s leads have no value in %s; they stand last in it",
	"contest.differences":      "differences, the first minus the second",
	"contest.differences_many": "differences, the first minus the second; p is corrected for %s pairs",
	"contest.some_pairs":       "%s (pairs with the first scorer; --json has all)",
	"contest.up":               "placed higher by %s than by %s (place of %s)",
	"contest.down":             "placed lower by %s than by %s (place of %s)",
	"contest.mover":            "%s: %s, not %s; %s",
	"contest.converted":        "converted",
	"contest.lost":             "did not convert",
}
