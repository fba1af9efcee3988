package config

import (
	"maps"
	"slices"

	"leadscore/datasets"
	"leadscore/model/rules"
)

func (d *decoder) checkFeatures(f *feature) {
	d.names("features.exclude", f.Exclude)
	for _, name := range slices.Sorted(maps.Keys(f.Columns)) {
		c := f.Columns[name]
		p := rules.Key("features.columns", name)
		if slices.Contains(f.Exclude, name) {
			d.problem(p, "%q is in features.exclude too", name)
		}
		d.checkColumn(p, &c)
	}
	last := int64(0)
	for i, w := range f.Windows {
		p := rules.Index("features.windows", i)
		d.span(p, w)
		span, err := rules.Span(w)
		if err == nil && span <= last {
			d.problem(p, "%q is not longer than the window before it; windows ascend", w)
		}
		last = max(last, span)
	}
	if f.HalfLife != nil {
		d.span("features.half_life", *f.HalfLife)
	}
	if f.Interactions != nil {
		for i, pair := range f.Interactions.pairs {
			p := rules.Index("features.interactions", i)
			if len(pair) != 2 && d.has(p) {
				d.problem(p, "want two columns; found %d", len(pair))
			}
			d.names(p, pair)
		}
	}
	if f.MinLevel != nil && d.has("features.min_level") && *f.MinLevel < 1 {
		d.problem("features.min_level", "%d is below 1; want a number of rows", *f.MinLevel)
	}
	if f.Bins != nil && d.has("features.bins") && (*f.Bins < 2 || *f.Bins > 1024) {
		d.problem("features.bins", "%d is out of range; want 2 to 1024", *f.Bins)
	}
}

func (d *decoder) checkColumn(p string, c *column) {
	d.oneOf(p+".transform", c.Transform, "none", "log")
	d.oneOf(p+".monotone", c.Monotone, "increasing", "decreasing")
	d.oneOf(p+".derive", c.Derive, "none", "email_domain", "job_title", "company_size", "time_parts")
	d.oneOf(p+".layout", c.Layout, "iso", "dd/mm/yyyy", "mm/dd/yyyy")
	if c.Clip != nil && d.has(p+".clip") {
		if b := *c.Clip; len(b) != 2 {
			d.problem(p+".clip", "want two numbers, the lowest and the highest value; found %d", len(b))
		} else if !(b[0] < b[1]) {
			d.problem(p+".clip", "%v is not below %v", b[0], b[1])
		}
	}
	kind := datasets.Unknown
	if c.Kind != nil {
		kind = datasets.Kind(*c.Kind)
	}
	if c.Layout != nil && kind != datasets.Unknown && kind != datasets.Time {
		d.problem(p+".layout", "a layout belongs to kind: time; the kind is %v", kind)
	}
	if c.DecimalComma != nil && kind != datasets.Unknown && kind != datasets.Numeric {
		d.problem(p+".decimal_comma", "a decimal comma belongs to kind: numeric; the kind is %v", kind)
	}
	if c.Layout != nil && c.DecimalComma != nil {
		d.problem(p+".decimal_comma", "a column with a layout is a time, and one with a decimal comma a number; it cannot be both")
	}
	if kind == datasets.Boolean || kind == datasets.Time {
		for _, k := range []struct {
			there bool
			key   string
		}{{c.Transform != nil && *c.Transform != "none", "transform"}, {c.Clip != nil, "clip"}, {c.Monotone != nil, "monotone"}} {
			if k.there {
				d.problem(p+"."+k.key, "this belongs to numbers; the kind is %v", kind)
			}
		}
	}
}
