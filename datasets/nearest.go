package datasets

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest returns the candidate most like word, for "did you mean": the one with the fewest edits,
// case ignored, the first among equals. It returns "" when none is within a third of word's length plus one.
func Nearest(word string, candidates []string) string {
	best, limit := "", len(word)/3+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(c)); d <= limit && (best == "" || d < limit) {
			best, limit = c, d
		}
	}
	return best
}
