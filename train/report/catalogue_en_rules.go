package report

// englishRules holds the texts of suggested rules and of replays.
var englishRules = map[string]string{
	"suggest.summary":    "%s: %s rules from the model %s; %s points double the odds; they keep %s of what moves its log-odds",
	"suggest.group":      "Group",
	"suggest.rule":       "Rule",
	"suggest.points":     "Points",
	"suggest.rows":       "Leads",
	"suggest.rate":       "Converted",
	"suggest.kept":       "Keeps",
	"suggest.from_to":    "%s to %s",
	"suggest.difference": "Suggested − it",
	"suggest.suggested":  "suggested rules",
	"suggest.current":    "rules in use",
	"suggest.measured":   "on %s labelled leads, %s converted",
	"suggest.ranking":    "The suggested rules keep %s of the model's advantage over chance (AUC above ½); their ranking correlates with the model's at %s.",
	"suggest.selected":   "%s leads (%s); %s of them convert (%s), which is %s of all conversions (%s)",
	"suggest.mql":        "MQL from %s points: %s",
	"suggest.mql_model":  "MQL and SQL by the model's policy: %s",
	"suggest.left":       "%s (%s, %s)",
	"suggest.more":       "and %s more",
	"suggest.left_out":   "Left out, with their share of what moves the log-odds: %s",

	"suggest.reason.small":   "too little",
	"suggest.reason.derived": "derived from a text or a time",
	"suggest.reason.event":   "no event rule says it",
	"suggest.reason.pair":    "a side that no condition says",

	"suggest.in.fit":        "fit",
	"suggest.in.engagement": "engagement",
	"suggest.in.intent":     "intent",
}
