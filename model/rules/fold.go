package rules

import (
	"unicode"
	"unicode/utf8"
)

// containsFold reports whether s holds word, whatever the capitals in s; word is in small letters (fold). It allocates nothing.
func containsFold(s, word string) bool {
	for {
		if prefixFold(s, word) {
			return true
		}
		if s == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

func prefixFold(s, word string) bool {
	for _, w := range word {
		if s == "" {
			return false
		}
		r, n := utf8.DecodeRuneInString(s)
		if unicode.ToLower(r) != w {
			return false
		}
		s = s[n:]
	}
	return true
}
