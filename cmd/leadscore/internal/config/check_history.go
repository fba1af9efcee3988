package config

import (
	"errors"
	"strings"

	"leadscore/model/rules"
	"leadscore/train"
)

// checkAsOf checks the as-of form, and the end of the data, which is of use with as-of alone.
func (d *decoder) checkAsOf(f *data) {
	const path = "data.leads.as_of"
	d.filledIf(path, f.Leads.AsOf)
	if f.Leads.AsOf != nil && d.has(path) {
		form, err := train.ParseAsOf(*f.Leads.AsOf)
		var bad *train.AsOfError
		switch {
		case errors.As(err, &bad):
			d.report(d.Positions.within(d.find(path), *f.Leads.AsOf, bad.Offset), path, "%s", bad.Text)
		case form.Event != "" && f.Events == nil:
			d.problem(path, "the first event %q of a lead is in its event log; name the file under data.events", form.Event)
		}
	}
	if f.End == nil {
		return
	}
	d.filled("data.end", *f.End)
	if !d.has("data.end") {
		return
	}
	if _, err := rules.Moment(*f.End); err != nil {
		d.problem("data.end", "%v", err)
	} else if f.Leads.AsOf == nil {
		d.problem("data.end", "the end of the data bounds what is known after data.leads.as_of, which is not set")
	}
}

// checkHorizon checks a target's horizon and what it needs.
func (d *decoder) checkHorizon(f *file, t *target, path string) {
	p := path + ".horizon"
	if t.Horizon == nil {
		if form, err := train.ParseAsOf(value(f.Data.Leads.AsOf)); err == nil && form.Every > 0 && t.At == nil && t.name == f.Targets[0].name && d.has("data.leads.as_of") {
			d.problem("data.leads.as_of", "a grid has rows while a lead is open; name the column of the outcome's time in %s.at", path)
		}
		return
	}
	d.span(p, *t.Horizon)
	if !d.has(p) {
		return
	}
	if f.Data.Leads.AsOf == nil {
		d.problem(p, "a horizon begins at the as-of moment; name it in data.leads.as_of")
	}
	if t.At == nil {
		d.problem(p, "a horizon needs the outcome's time; name its column in %s.at", path)
	}
}

// checkVia checks which target another one is conditional on.
func (d *decoder) checkVia(f *file, target int, path string) {
	t, p := &f.Targets[target], path+".via"
	if t.Via == nil {
		return
	}
	d.filled(p, *t.Via)
	if !d.has(p) || *t.Via == "none" {
		return
	}
	var earlier []string
	for _, other := range f.Targets[:target] {
		earlier = append(earlier, other.name)
	}
	known := false
	for _, name := range earlier {
		known = known || name == *t.Via
	}
	switch {
	case target == 0:
		d.problem(p, "the first target is the primary one and is modelled directly, because its effects must add up to its logit")
	case !known:
		d.problem(p, "no target %q before this one; want %s, or none", *t.Via, strings.Join(earlier, ", "))
	case t.Prior != nil && d.has(path+".prior"):
		d.problem(path+".prior", "this target is modelled via %q; give the prior to that one", *t.Via)
	}
}
