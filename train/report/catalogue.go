package report

import "maps"

// The catalogue: every text of a report and of the terminal, by language. Each %s is filled in order; the languages have
// the same keys with the same number of %s, and a test holds that. A subject has a file a language
// (catalogue_en_compare.go), named here.
var (
	english = catalogue(englishPage, englishMeasures, englishCohorts, englishCutoffs, englishShifts, englishChoice, englishContest, englishDrift, englishBlend, englishRules)
	spanish = catalogue(spanishPage, spanishMeasures, spanishCohorts, spanishCutoffs, spanishShifts, spanishChoice, spanishContest, spanishDrift, spanishBlend, spanishRules)
)

// catalogue joins the texts of all subjects. A key that two of them have is a mistake that a test finds by their number.
func catalogue(subjects ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, texts := range subjects {
		maps.Copy(all, texts)
	}
	return all
}
