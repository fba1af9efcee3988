package features

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"leadscore/datasets"
)

// minWords is the number of rows with a value from which a category may be called an id.
const minWords = 20

// idLike reports whether nearly all rows with a value hold different words: more than 90 %
// of at least minWords. Rows of the file are counted, not weights: an id stays one where each of its rows stands for
// a hundred leads.
func idLike(t *tally) bool {
	return t.filled >= minWords && 10*len(t.rows) > 9*t.filled
}

// words learns a column of words: what can be derived from them, or their levels.
func (f *fitter) words(base fitted, i int, c *ColumnSpec, o *outcome) {
	t := f.training.words(i)
	if len(t.rows) == 0 {
		f.allMissing(base.Name, o)
		return
	}
	words := slices.Sorted(maps.Keys(t.rows))
	name := base.Name
	derive := c.Derive
	if derive == "" && c.Kind == datasets.Unknown {
		switch {
		case isEmailColumn(name, words):
			derive = deriveEmail
		case isTitleColumn(name, words):
			derive = deriveTitle
		case !idLike(&t) && isSizeColumn(words):
			derive = deriveSize
		}
	}
	switch derive {
	case deriveEmail:
		f.derived(base, readEmail, &t, o)
		o.note(name, "derived", "column %q holds e-mail addresses, %s different ones: %s.domain_class stands for it (%s).",
			name, countText(len(t.rows)), name, shares(&t, readEmail))
		return
	case deriveTitle:
		f.derived(base, readSeniority, &t, o)
		f.derived(base, readDepartment, &t, o)
		o.note(name, "derived", "column %q holds job titles, %s different ones: %s.seniority (%s) and %s.department (%s) are read from them.",
			name, countText(len(t.rows)), name, shares(&t, readSeniority), name, shares(&t, readDepartment))
		// The titles that are frequent say more than their seniority and department: they stay.
		if idLike(&t) {
			return
		}
	case deriveSize:
		f.size(base, &t, c, o)
		return
	}
	if len(c.Clip) > 0 || c.Transform == transformLog || c.Monotone != "" {
		o.note(name, "ignored", "column %q holds words, not sizes: its clip, transform and monotone are ignored.", name)
	}
	if c.Kind == datasets.Unknown && idLike(&t) {
		o.note(name, "id-like", "column %q has %s different values in the %s training rows that have one: an id rather than a property, dropped. Give it a kind (categorical) to keep it.",
			name, countText(len(t.rows)), countText(t.filled))
		return
	}
	f.byWord(base, readWord, &t, o)
}

// byWord gives levels to words, unless there is only one word.
func (f *fitter) byWord(base fitted, r reading, t *tally, o *outcome) {
	base.Read, base.Form = r, formLevels
	if len(t.rows) == 1 && t.missing == 0 {
		for s := range t.rows {
			f.constant(base.Name, fmt.Sprintf("%q", s), o)
		}
		return
	}
	l := learnLevels(t, f.spec.MinLevel)
	f.levels(base, &l, o)
}

// derived learns the levels of a word that is read from each word.
func (f *fitter) derived(base fitted, r reading, t *tally, o *outcome) {
	of := t.regroup(r.word)
	base.Name += r.suffix()
	f.byWord(base, r, &of, o)
}

// size learns the number that is read from ranges of sizes. Sizes differ by factors, so a
// straight line is drawn over their logarithm, unless transform says none.
func (f *fitter) size(base fitted, t *tally, c *ColumnSpec, o *outcome) {
	v := figures{missing: t.missing}
	unread := 0.0
	for _, s := range slices.Sorted(maps.Keys(t.rows)) {
		x, n := companySize(s), t.rows[s]
		if x != x {
			v.missing += n
			unread += n
			continue
		}
		v.xs, v.weight = append(v.xs, x), append(v.weight, n)
	}
	name := base.Name
	base.Name += readSize.suffix()
	base.Read = readSize
	with := *c
	if with.Transform == "" {
		with.Transform = transformLog
	}
	why := ""
	if unread > 0 {
		why = fmt.Sprintf("; %s rows that hold none count as missing", countText(int(math.Round(unread))))
	}
	f.number(base, v, &with, o)
	o.note(name, "derived", "column %q holds %d sizes or ranges of sizes: %s is the number in their middle%s.", name, len(t.rows), base.Name, why)
}

// shares lists the classes of a derivation by their share of the training rows that have a value.
func shares(t *tally, r reading) string {
	of := t.regroup(r.word)
	l := learnLevels(&tally{rows: of.rows}, 1)
	const shown = 4
	total := 0.0
	for _, n := range l.rows {
		total += n
	}
	var parts []string
	for k, s := range l.levels[:l.own] {
		if k == shown {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%s %.0f %%", s, 100*l.rows[k]/total))
	}
	return strings.Join(parts, ", ")
}

// times learns the parts of a column of times.
func (f *fitter) times(base fitted, i int, c *ColumnSpec, o *outcome) {
	m := f.moments(i)
	name := base.Name
	if m.later > 0 {
		o.note(name, "not known yet", "column %q lies after the as-of moment in %s of the %s training rows: it was not known yet and is missing there.",
			name, countText(m.later), countText(f.rows))
	}
	if len(m.times) == 0 {
		f.allMissing(name, o)
		return
	}
	isAsOf := i == f.asOf
	for _, r := range timeReadings(c.Derive, isAsOf, f.asOf >= 0, m.times) {
		v := m.numbers(r)
		part := base
		part.Name, part.Read = name+r.suffix(), r
		switch r {
		case readAge:
			f.number(part, v, &ColumnSpec{}, o)
		case readDay:
			bounds := ColumnSpec{}
			if low, high := slices.Min(v.xs), slices.Max(v.xs); low < high {
				bounds.Clip = []float64{low, high}
			}
			f.number(part, v, &bounds, o)
		default:
			f.byValue(part, v, f.spec.MinLevel, func(x float64) string { return timeText(r, x) }, o)
		}
	}
	if c.Derive == deriveNone {
		o.note(name, "excluded", "column %q is a time from which nothing is derived, by the configuration: dropped.", name)
	}
}
