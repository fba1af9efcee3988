package config

import (
	"slices"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// checkRoles refuses columns that have two roles: the id, the moment, weight, offset and outcomes of the leads are
// different columns, and none of the last three is a feature. Several targets may read one column of outcomes.
func (d *decoder) checkRoles(f *file) {
	taken := map[string]string{} // path of each column
	take := func(path string, column *string) bool {
		if column == nil || *column == "" {
			return false
		}
		before, twice := taken[*column]
		if twice {
			d.problem(path, "%q is %s too; want another column", *column, before)
			return false
		}
		taken[*column] = path
		return true
	}
	l := &f.Data.Leads
	take("data.leads.id", l.ID)
	take("data.leads.as_of", l.AsOf)
	for _, r := range []struct {
		path, what string
		column     *string
	}{{"data.leads.weight", "weight", l.Weight}, {"data.leads.offset", "offset", l.Offset}} {
		if take(r.path, r.column) {
			d.checkApart(f, r.path, r.what, *r.column)
		}
	}
	outcomes := map[string]bool{}
	for i := range f.Targets {
		t := &f.Targets[i]
		p := rules.Key("targets", t.name)
		if !outcomes[t.Column] && take(p+".column", &t.Column) {
			outcomes[t.Column] = true
		}
		if t.At != nil && taken[*t.At] != "" && !outcomes[*t.At] {
			d.problem(p+".at", "%q is %s too; want another column", *t.At, taken[*t.At])
		}
	}
}

// checkApart refuses a weight or offset where features, stages or the split speak of it.
func (d *decoder) checkApart(f *file, path, what, column string) {
	if slices.Contains(f.Features.Exclude, column) {
		d.problem(path, "%q is in features.exclude; %s is never a feature, leave it out there", column, article(what))
	}
	if c, ok := f.Features.Columns[column]; ok {
		if c.Kind != nil && *c.Kind != kind(datasets.Numeric) || c.Transform != nil || c.Clip != nil || c.Monotone != nil || c.Derive != nil || c.Layout != nil {
			d.problem(rules.Key("features.columns", column), "%q is %s, which is a number and never a feature; want decimal_comma alone, or nothing", column, path)
		}
	}
	if f.Split.Group != nil && *f.Split.Group == column {
		d.problem("split.group", "%q is %s; want another column", column, path)
	}
	if i := f.Features.Interactions; i != nil {
		for k, pair := range i.pairs {
			if slices.Contains(pair, column) {
				d.problem(rules.Index("features.interactions", k), "%q is %s, which is in no pair", column, path)
			}
		}
	}
}

func article(noun string) string {
	if noun == "offset" {
		return "an offset"
	}
	return "a " + noun
}
