package config

import (
	"errors"
	"io/fs"
	"os"

	"leadscore/datasets"
	"leadscore/model/rules"
)

// exists checks that a file is there.
func (d *decoder) exists(path, name string, resolve func(string) string) {
	d.filled(path, name)
	if !d.has(path) {
		return
	}
	info, err := os.Stat(resolve(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.problem(path, "there is no file %q", resolve(name))
	case err != nil:
		d.problem(path, "%q cannot be looked at: %v", resolve(name), reason(err))
	case info.IsDir():
		d.problem(path, "%q is a directory", resolve(name))
	}
}

func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (d *decoder) checkData(f *data, resolve func(string) string) {
	d.existAll("data.leads.path", f.Leads.Path, resolve)
	d.filledIf("data.leads.id", f.Leads.ID)
	d.checkAsOf(f)
	d.filledIf("data.leads.weight", f.Leads.Weight)
	d.filledIf("data.leads.offset", f.Leads.Offset)
	if f.Events != nil {
		d.checkEvents(f.Events, resolve)
	}
	if f.Deals != nil {
		d.existAll("data.deals.path", f.Deals.Path, resolve)
		d.filled("data.deals.lead", f.Deals.Lead)
		d.filledIf("data.deals.matched", f.Deals.Matched)
		d.filledIf("data.deals.at", f.Deals.At)
		d.oneOf("data.deals.keep", f.Deals.Keep, "fail", "first", "last")
		if k := value(f.Deals.Keep); (k == "first" || k == "last") && f.Deals.At == nil && d.has("data.deals") {
			d.problem("data.deals.keep", "%s goes by a column of times; name it in data.deals.at", k)
		}
	}
	if f.Changes != nil {
		d.existAll("data.changes.path", f.Changes.Path, resolve)
		d.filled("data.changes.lead", f.Changes.Lead)
		d.filled("data.changes.at", f.Changes.At)
		d.filledIf("data.changes.field", f.Changes.Field)
		d.filledIf("data.changes.value", f.Changes.Value)
		d.filledIf("data.changes.old", f.Changes.Old)
		if f.Changes.Old != nil && f.Changes.Field == nil && d.has("data.changes") {
			d.problem("data.changes.old", "this belongs to field and value, which are not set")
		}
		if (f.Changes.Field == nil) != (f.Changes.Value == nil) && d.has("data.changes") {
			d.problem("data.changes", "field and value belong together: the columns with the attribute's name and with its new value")
		}
	}
	if f.Leads.AsOf == nil && d.has("data.leads") {
		if f.Events != nil && d.has("data.events") {
			d.problem("data.events", "only events before a lead's as-of moment may be known; name it in data.leads.as_of")
		}
		if f.Changes != nil && d.has("data.changes") {
			d.problem("data.changes", "an attribute's value depends on the as-of moment; name it in data.leads.as_of")
		}
	}
	if f.Leads.ID == nil && d.has("data.leads") {
		for _, of := range []struct {
			key   string
			there bool
		}{{"events", f.Events != nil}, {"deals", f.Deals != nil}, {"changes", f.Changes != nil}} {
			if of.there {
				d.problem("data."+of.key, "%s belong to leads by their id; name it in data.leads.id", of.key)
			}
		}
	}
	if f.TimeZone != nil {
		if err := datasets.CheckZone(*f.TimeZone); err != nil && d.has("data.time_zone") {
			d.problem("data.time_zone", "%v", err)
		}
	}
	d.oneOf("data.bad_rows", f.BadRows, "fail", "skip")
	d.oneOf("data.duplicates", f.Duplicates, "fail", "first", "last", "drop")
	if f.MaxBadRows != nil && d.has("data.max_bad_rows") {
		if *f.MaxBadRows < 1 {
			d.problem("data.max_bad_rows", "%d is below 1; leave it out for no bound", *f.MaxBadRows)
		}
		if f.BadRows == nil || *f.BadRows != "skip" {
			d.problem("data.max_bad_rows", "this is a bound of bad_rows: skip, which is not set")
		}
	}
}

// existAll checks that each of some files, folders and patterns stands for something.
func (d *decoder) existAll(path string, list paths, resolve func(string) string) {
	if len(list) == 0 && d.has(path) {
		d.problem(path, "the list is empty")
	}
	for i, name := range list {
		at := path
		if len(list) > 1 {
			at = rules.Index(path, i)
		}
		d.filled(at, name)
		if !d.has(at) {
			continue
		}
		if info, err := os.Stat(resolve(name)); err == nil && !info.IsDir() {
			continue
		}
		if _, err := datasets.Expand(resolve(name)); errors.Is(err, fs.ErrNotExist) {
			d.problem(at, "there is no file %q", resolve(name))
		} else if err != nil {
			d.problem(at, "%v", err)
		}
	}
}

func (d *decoder) checkEvents(e *events, resolve func(string) string) {
	d.existAll("data.events.path", e.Path, resolve)
	d.filled("data.events.lead", e.Lead)
	d.filled("data.events.at", e.At)
	d.filled("data.events.type", e.Type)
	d.filledIf("data.events.id", e.ID)
	d.filledIf("data.events.channel", e.Channel)
	if e.Properties != nil {
		d.names("data.events.properties", *e.Properties)
	}
	column := map[string]string{}
	for _, c := range []struct{ key, name string }{
		{"lead", e.Lead}, {"at", e.At}, {"type", e.Type}, {"id", value(e.ID)}, {"channel", value(e.Channel)},
	} {
		if before, ok := column[c.name]; ok && c.name != "" && d.has("data.events."+c.key) {
			d.problem("data.events."+c.key, "%q is %s already", c.name, before)
		}
		column[c.name] = c.key
	}
}
