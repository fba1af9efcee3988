package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// check finds what is wrong with a configuration that has the right shape.
func (d *decoder) check(f *file, resolve func(string) string) {
	if f.Version != 1 && d.has("version") {
		d.problem("version", "unknown version %d; want 1", f.Version)
	}
	d.checkData(&f.Data, resolve)
	d.checkTargets(f)
	d.checkRoles(f)
	d.checkSplit(f)
	d.checkFeatures(&f.Features)
	if f.Data.Events == nil {
		if f.Features.Windows != nil && d.has("features.windows") {
			d.problem("features.windows", "events are counted over windows; name their log in data.events")
		}
		if f.Features.HalfLife != nil && d.has("features.half_life") {
			d.problem("features.half_life", "counts of events decay; name their log in data.events")
		}
	}
	d.checkModel(&f.Model)
	d.checkMonotone(f)
	d.checkBlend(f)
	timed := f.Data.Leads.AsOf != nil
	d.checkStage("policy.mql", &f.Policy.MQL, timed)
	d.checkStage("policy.sql", &f.Policy.SQL, timed)
	d.checkDeciding(f, "policy.mql", &f.Policy.MQL)
	d.checkDeciding(f, "policy.sql", &f.Policy.SQL)
	d.checkGrades(f)
	if s := f.Report.Segments; s != nil {
		if len(*s) == 0 && d.has("report.segments") {
			d.problem("report.segments", "the list is empty; leave it out where the columns are to be chosen")
		}
		d.names("report.segments", *s)
	}
	d.checkGate(&f.Gate)
	d.checkActionable(f)
	a, mql := f.Policy.MQL.entry()
	b, sql := f.Policy.SQL.entry()
	if a != nil && b != nil && a.number != nil && b.number != nil && *b.number < *a.number && value(f.Policy.MQL.Target) == value(f.Policy.SQL.Target) {
		d.problem("policy.sql."+sql, "%v is below policy.mql.%s, %v: an SQL is an MQL and more", *b.number, mql, *a.number)
	}
}

func (d *decoder) oneOf(path string, value *string, words ...string) {
	if value == nil || !d.has(path) || slices.Contains(words, *value) {
		return
	}
	hint := ""
	if near := datasets.Nearest(*value, words); near != "" {
		hint = fmt.Sprintf(" (did you mean %s?)", near)
	}
	d.problem(path, "unknown value %q%s; want %s", *value, hint, either(words))
}

// within checks that low ≤ x ≤ high.
func (d *decoder) within(path string, x *float64, low, high float64) {
	if x != nil && d.has(path) && !(*x >= low && *x <= high) {
		d.problem(path, "%v is out of range; want %v to %v", *x, low, high)
	}
}

func (d *decoder) filled(path, text string) {
	if d.has(path) && strings.TrimSpace(text) == "" {
		d.problem(path, "the text is empty")
	}
}

func (d *decoder) filledIf(path string, text *string) {
	if text != nil {
		d.filled(path, *text)
	}
}

// names checks a list of names: none is empty or there twice.
func (d *decoder) names(path string, list []string) {
	first := map[string]int{}
	for i, name := range list {
		p := rules.Index(path, i)
		d.filled(p, name)
		if j, ok := first[name]; ok {
			d.problem(p, "%q is here a second time; the first is %s", name, rules.Index(path, j))
			continue
		}
		first[name] = i
	}
}

func (d *decoder) checkTargets(f *file) {
	if len(f.Targets) == 0 && d.has("targets") {
		d.problem("targets", "there is none; want at least one, such as won: {column: status, positive: [closed_won]}")
	}
	for i := range f.Targets {
		t := &f.Targets[i]
		p := rules.Key("targets", t.name)
		if strings.TrimSpace(t.name) == "" {
			d.problem(p, "the name is empty")
		}
		d.filled(p+".column", t.Column)
		if len(t.Positive) == 0 && d.has(p+".positive") {
			d.problem(p+".positive", "the list is empty; want the values that mean a conversion")
		}
		d.names(p+".positive", t.Positive)
		if t.Negative != nil {
			if len(*t.Negative) == 0 && d.has(p+".negative") {
				d.problem(p+".negative", "the list is empty; leave it out where every other value means no conversion")
			}
			d.names(p+".negative", *t.Negative)
			for j, v := range *t.Negative {
				if slices.ContainsFunc(t.Positive, func(w string) bool { return strings.EqualFold(v, w) }) {
					d.problem(rules.Index(p+".negative", j), "%q is in positive too", v)
				}
			}
		}
		d.filledIf(p+".at", t.At)
		d.checkHorizon(f, t, p)
		d.checkVia(f, i, p)
		if t.Prior != nil && d.has(p+".prior") && (*t.Prior <= 0 || *t.Prior >= 1) {
			d.problem(p+".prior", "%v is out of range; want the true share of positives, more than 0 and less than 1", *t.Prior)
		}
		if slices.Contains(f.Features.Exclude, t.Column) && t.Column != "" {
			d.problem(p+".column", "%q is in features.exclude; a target is never a feature, leave it out there", t.Column)
		}
	}
}

func (d *decoder) span(path, text string) {
	if !d.has(path) {
		return
	}
	if _, err := rules.Span(text); err != nil {
		d.problem(path, "%v", err)
	}
}

func (d *decoder) checkSplit(f *file) {
	s := &f.Split
	d.oneOf("split.by", s.By, "time", "random", "group")
	d.oneOf("split.beside", s.Beside, "auto", "none")
	if s.By != nil && d.has("split.by") {
		switch {
		case *s.By == "time" && f.Data.Leads.AsOf == nil:
			d.problem("split.by", "time needs to know when each lead was; name the column in data.leads.as_of")
		case *s.By == "group" && s.Group == nil:
			d.problem("split.by", "group needs split.group, the column whose values stay together")
		}
	}
	if s.Group != nil {
		d.filled("split.group", *s.Group)
		if s.By == nil || *s.By != "group" {
			d.problem("split.group", "this belongs to by: group, which is not set")
		}
	}
	if s.Holdout != nil && d.has("split.holdout") && !(*s.Holdout > 0 && *s.Holdout < 1) {
		d.problem("split.holdout", "%v is not a share of the rows; want more than 0 and less than 1, such as 0.2", *s.Holdout)
	}
	d.seed("split.seed", s.Seed)
}

func (d *decoder) seed(path string, seed *uint64) {
	if seed != nil && *seed == 0 && d.has(path) {
		d.problem(path, "0 is no seed; want 1 or more")
	}
}

func (d *decoder) checkModel(m *learning) {
	d.oneOf("model.kind", m.Kind, "linear", "additive")
	if m.Penalty != nil && m.Penalty.number != nil {
		if x := *m.Penalty.number; d.has("model.penalty") && !(x >= 0 && x <= 1e12) {
			d.problem("model.penalty", "%v is out of range; want auto, or 0 to 1e12", x)
		}
	}
	d.within("model.l1_ratio", m.L1Ratio, 0, 1)
	if additive := m.Kind == nil || *m.Kind == "additive"; additive && m.L1Ratio != nil && *m.L1Ratio > 0 && *m.L1Ratio <= 1 && d.has("model.l1_ratio") {
		d.problem("model.l1_ratio", "needs kind: linear; the additive model estimates one quadratic penalty a feature")
	}
	if m.Folds != nil && d.has("model.folds") && (*m.Folds < 2 || *m.Folds > 20) {
		d.problem("model.folds", "%d is out of range; want 2 to 20", *m.Folds)
	}
	d.oneOf("model.calibrate", m.Calibrate, "auto", "none")
	d.seed("model.seed", m.Seed)
}

// checkMonotone refuses a monotone column of a linear model, which has one straight line a number.
func (d *decoder) checkMonotone(f *file) {
	if f.Model.Kind == nil || *f.Model.Kind != "linear" {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(f.Features.Columns)) {
		if p := rules.Key("features.columns", name) + ".monotone"; f.Features.Columns[name].Monotone != nil && d.has(p) {
			d.problem(p, "needs kind: additive; the linear model has one straight line a number")
		}
	}
}
