package features

import (
	"strconv"
	"strings"
	"unicode"
)

// nameTokens parts a column's name into its words in lower case: "JobTitle", "job_title" and
// "Job Title" are job, title.
func nameTokens(name string) []string {
	var tokens []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			tokens = append(tokens, word.String())
			word.Reset()
		}
	}
	before := rune(0)
	for _, r := range strings.ReplaceAll(strings.ReplaceAll(name, "E-Mail", "email"), "e-mail", "email") {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			flush()
			word.WriteRune(unicode.ToLower(r))
		default:
			word.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	flush()
	return tokens
}

// isIDName reports whether a column is called a number or an id.
func isIDName(name string) bool {
	for _, t := range nameTokens(name) {
		switch t {
		case "id", "ids", "uid", "uuid", "guid", "number", "no", "nr", "num", "numero", "número", "nummer", "key", "index", "rowid", "leadid":
			return true
		}
	}
	return false
}

// countText writes a count with separators of thousands: 7,392.
func countText(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
