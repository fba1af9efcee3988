package features

import (
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

// fitter decides which columns become which features and learns them.
type fitter struct {
	training
	spec *Spec
}

// outcome is what became of one column.
type outcome struct {
	features []fitted
	notes    []Note
}

func (o *outcome) note(column, reason, format string, args ...any) {
	o.notes = append(o.notes, Note{Column: column, Reason: reason, Text: fmt.Sprintf(format, args...)})
}

// column decides about column i of the schema:
//
//	dropped    by the spec, all missing, constant, text, id-like (see words), no level of MinLevel rows
//	numbers    one feature; booleans, and numbers treated as categories, by value
//	words      e-mail addresses, job titles and company sizes are derived; otherwise levels
//	times      parts and an age (derive_time.go)
func (f *fitter) column(i int, o *outcome) {
	field := &f.table.Schema.Fields[i]
	name := field.Name
	c := f.spec.Columns[name]
	if slices.Contains(f.spec.Drop, name) {
		return
	}
	if slices.Contains(f.spec.Exclude, name) {
		o.note(name, "excluded", "column %q is excluded by the configuration.", name)
		return
	}
	base := fitted{Feature: Feature{Name: name, Column: name, Other: -1, Missing: -1}, Kind: field.Kind}
	switch treat := treatment(field.Kind, c.Kind); treat {
	case datasets.Unknown:
		f.allMissing(name, o)
	case datasets.Numeric:
		v := f.numbers(i)
		if c.Kind == datasets.Unknown && field.Kind == datasets.Numeric && f.numericID(name, v) {
			o.note(name, "id-like", "column %q counts through the %s training rows with %s different whole numbers and is called an id: dropped. Give it a kind (numeric) to keep it.",
				name, countText(f.rows), countText(len(v.xs)))
			return
		}
		f.number(base, v, &c, o)
	case datasets.Boolean, datasets.Categorical:
		if field.Kind == datasets.Numeric || field.Kind == datasets.Boolean {
			f.values(base, i, treat, o)
			return
		}
		f.words(base, i, &c, o)
	case datasets.Time:
		f.times(base, i, &c, o)
	case datasets.Text:
		if field.Kind == datasets.Text && (c.Derive == deriveEmail || c.Derive == deriveTitle || c.Derive == deriveSize) {
			f.words(base, i, &c, o)
			return
		}
		o.note(name, "text", "column %q is free text, which is no feature by itself: dropped.", name)
	}
}

func (f *fitter) allMissing(name string, o *outcome) {
	o.note(name, "all missing", "column %q has no value in any of the %s training rows: dropped.", name, countText(f.rows))
}

func (f *fitter) constant(name, value string, o *outcome) {
	o.note(name, "constant", "column %q is %s in all %s training rows: dropped.", name, value, countText(f.rows))
}

// minIDs is the number of training rows from which distinct whole numbers may count through the rows.
const minIDs = 100

// numericID reports whether a number is an id: called so, whole, present and different in every training row.
func (f *fitter) numericID(name string, v figures) bool {
	xs := v.xs
	if v.missing > 0 || len(xs) < minIDs || !isIDName(name) {
		return false
	}
	seen := make(map[float64]struct{}, len(xs))
	for _, x := range xs {
		if x != math.Trunc(x) {
			return false
		}
		if _, twice := seen[x]; twice {
			return false
		}
		seen[x] = struct{}{}
	}
	return true
}

// number learns a number under the encoding of the spec; v.xs may be changed.
func (f *fitter) number(base fitted, v figures, c *ColumnSpec, o *outcome) {
	xs, missing := v.xs, v.missing
	show := numberText
	if base.Read.isTime() {
		show = func(x float64) string { return timeText(base.Read, x) }
	}
	if len(xs) == 0 {
		f.allMissing(base.Name, o)
		return
	}
	low, high := bounds(xs)
	switch {
	case low == high && missing == 0:
		f.constant(base.Name, show(low), o)
		return
	case low == high: // only whether it is there can be learned
		f.byValue(base, v, 0, show, o)
		return
	case max(high, -low) > largest:
		o.note(base.Name, "too large", "column %q holds %s, which is too large to be a measurement: dropped. A clip keeps it.", base.Name, numberText(max(high, -low)))
		return
	}
	if len(c.Clip) == 2 || c.Transform == transformLog {
		t := transformer(c.Clip, c.Transform == transformLog && f.spec.Encoding == Linear)
		for i, x := range xs {
			xs[i] = t.value(x)
		}
		if low, high := bounds(xs); low == high {
			o.note(base.Name, "constant", "column %q has only values that its clip makes equal: dropped.", base.Name)
			return
		}
	}
	if f.spec.Encoding == Additive {
		base.Form, base.Monotone = formBins, c.Monotone
		b := learnBins(v, f.spec.Bins)
		base.Edges, base.Levels, base.Ordered = b.edges, b.names(show), len(b.rows)
		if missing > 0 {
			base.Missing, base.Levels = len(base.Levels), append(base.Levels, "missing")
		}
		base.Coarse = b.coarse(coarseBins, missing, show)
		if finer := b.coarse(finerBins, missing, show); len(finer.Levels) > len(base.Coarse.Levels) {
			base.finer = finer
		}
		o.features = append(o.features, base)
		return
	}
	if c.Monotone != "" {
		o.note(base.Name, "ignored", "column %q: monotone has no meaning where a number has one straight line, and is ignored.", base.Name)
	}
	base.Form, base.Linear = formLinear, true
	base.Levels, base.Missing = []string{"present", "missing"}, 1
	base.Clip, base.Log = c.Clip, c.Transform == transformLog
	base.Center, base.Scale = standardise(v)
	base.MissingShare = missing / (v.total() + missing)
	o.features = append(o.features, base)
}

// values learns booleans, and numbers that are treated as categories.
func (f *fitter) values(base fitted, i int, treat datasets.Kind, o *outcome) {
	v := f.numbers(i)
	show, least := numberText, f.spec.MinLevel
	if treat == datasets.Boolean || base.Kind == datasets.Boolean {
		show, least = yesNo, 0
		if k := slices.IndexFunc(v.xs, func(x float64) bool { return x != 0 && x != 1 }); k >= 0 {
			o.note(base.Name, "ignored", "column %q holds %s, which is neither 0 nor 1: it is treated as a category, not as a boolean.", base.Name, numberText(v.xs[k]))
			show, least = numberText, f.spec.MinLevel
		}
	}
	if len(v.xs) == 0 {
		f.allMissing(base.Name, o)
		return
	}
	f.byValue(base, v, least, show, o)
}

// byValue gives each number that weighs at least least a level.
func (f *fitter) byValue(base fitted, v figures, least int, show func(float64) string, o *outcome) {
	if v.missing == 0 && slices.Min(v.xs) == slices.Max(v.xs) {
		f.constant(base.Name, show(v.xs[0]), o)
		return
	}
	l, values := learnValues(v, least, show)
	base.Form, base.Values = formValues, values
	if base.Read == readMonth || base.Read == readHour {
		base.Ordered = len(values)
	}
	f.levels(base, &l, o)
}

// levels makes a feature of levels, unless all are merged into one.
func (f *fitter) levels(base fitted, l *learned, o *outcome) {
	if len(l.levels) == 1 {
		o.note(base.Name, "rare", "column %q has no value that at least %d training rows share: dropped.", base.Name, f.spec.MinLevel)
		return
	}
	base.Levels, base.Other, base.Missing = l.levels, l.other, l.missing
	if f.spec.Encoding == Additive {
		base.Coarse = l.coarse(base.Ordered)
	}
	o.features = append(o.features, base)
}

func yesNo(x float64) string {
	if x == 0 {
		return "no"
	}
	return "yes"
}
