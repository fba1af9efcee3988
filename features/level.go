package features

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"
)

// A category has a code for each level that at least MinLevel training rows hold, by weight, most frequent first, the
// earlier name first among equals, whatever the order of rows; then "other", if levels were
// merged, then "missing", if cells were. A level never seen in training goes to "other"; where
// there is none it has no effect (its code is the number of levels), and so has a missing cell
// where training had none: nothing is known about either, and the average is the honest answer.

// tally is how often training rows hold each word of a column.
type tally struct {
	rows    map[string]float64 // by weight
	missing float64            // likewise
	filled  int                // rows of the file that hold a word, whatever they weigh
}

// regroup returns the tally of another word made of each.
func (t *tally) regroup(word func(string) string) tally {
	out := tally{rows: map[string]float64{}, missing: t.missing, filled: t.filled}
	for _, s := range slices.Sorted(maps.Keys(t.rows)) { // in order: sums of fractions depend on it
		n := t.rows[s]
		if w := word(s); w == "" {
			out.missing += n
		} else {
			out.rows[w] += n
		}
	}
	return out
}

// learned is the levels of a feature and the rows of each.
type learned struct {
	levels         []string
	rows           []float64 // by weight
	own            int
	other, missing int // codes, −1: there is none
}

// learnLevels gives levels to words. A word that is not UTF-8 cannot stand in the artifact and
// counts as rare.
func learnLevels(t *tally, minLevel int) learned {
	var words []string
	rare := 0.0
	for _, s := range slices.Sorted(maps.Keys(t.rows)) {
		n := t.rows[s]
		if n >= float64(minLevel) && utf8.ValidString(s) {
			words = append(words, s)
		} else {
			rare += n
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.rows[b], t.rows[a]), cmp.Compare(a, b))
	})
	l := learned{levels: words}
	for _, s := range words {
		l.rows = append(l.rows, t.rows[s])
	}
	l.finish(rare, t.missing)
	return l
}

// learnValues gives levels to the very numbers of a column, in their order. It sorts f.xs.
func learnValues(f figures, minLevel int, show func(float64) string) (learned, []float64) {
	f.sort()
	var l learned
	var values []float64
	rare := 0.0
	f.runs(func(x, weight float64) {
		if weight < float64(minLevel) {
			rare += weight
			return
		}
		values = append(values, x+0)
		l.levels, l.rows = append(l.levels, show(x)), append(l.rows, weight)
	})
	l.finish(rare, f.missing)
	return l, values
}

// finish adds the levels that rare and missing rows share.
func (l *learned) finish(rare, missing float64) {
	l.own, l.other, l.missing = len(l.levels), -1, -1
	if rare > 0 {
		l.other = len(l.levels)
		l.levels, l.rows = append(l.levels, unlike(l.levels, "other")), append(l.rows, rare)
	}
	if missing > 0 {
		l.missing = len(l.levels)
		l.levels, l.rows = append(l.levels, unlike(l.levels, "missing")), append(l.rows, missing)
	}
}

// unlike returns the name, or the name in brackets where a level of the data has it.
func unlike(levels []string, name string) string {
	for slices.Contains(levels, name) {
		name = "(" + name + ")"
	}
	return name
}
