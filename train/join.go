package train

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"leadscore/datasets"
	"leadscore/model"
)

// Deals is a file of outcomes beside the leads: each row belongs to the lead whose id stands in it. Its columns
// are read only where a target names them, and are never features: a deal is what came after the lead.
type Deals struct {
	Paths   []string
	Lead    string // column with the lead's id
	Matched string // name of a column to make: true of the leads that have a deal, false of the others; "": none
	At      string // Time column that Keep goes by
	Keep    string // of several deals of a lead: "" and fail: none, it is an error; first, last: by At
	Force   map[string]datasets.Field
}

// files lists the files of a path and of several; a path may be a folder or a pattern.
func files(path string, more []string) ([]string, error) {
	if path != "" {
		more = append([]string{path}, more...)
	}
	var all []string
	for _, p := range more {
		f, err := datasets.Expand(p)
		if err != nil {
			return nil, err
		}
		all = append(all, f...)
	}
	for i, f := range all {
		if slices.Contains(all[:i], f) {
			return nil, fmt.Errorf("reading %s: the file is named twice", f)
		}
	}
	return all, nil
}

// readLeads reads the leads and joins the outcomes that stand in the deals to them.
func (c *Config) readLeads(ctx context.Context) (*datasets.Table, []model.Finding, error) {
	paths, err := files(c.Leads.Path, c.Leads.Paths)
	if err != nil {
		return nil, nil, err
	}
	o := c.readOptions()
	if c.Deals == nil {
		t, err := datasets.ReadAll(ctx, paths, o)
		if err != nil {
			return nil, nil, err
		}
		found, err := zones(t.Report, c.Zone)
		return t, found, err
	}
	from, err := c.dealColumns(paths)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range append(from, c.Deals.Matched) {
		delete(o.Force, name)
	}
	leads, err := datasets.ReadAll(ctx, paths, o)
	if err != nil {
		return nil, nil, err
	}
	deals, err := c.readDeals(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	report := leads.Report
	joined, counts, err := datasets.Join(leads, deals.table, datasets.JoinOptions{LeftKey: c.Leads.ID, RightKey: c.Deals.Lead, Columns: append([]string{}, from...), Matched: c.Deals.Matched})
	if err != nil {
		return nil, nil, err
	}
	if joined, err = yesNoAsLevels(joined, c.Deals.Matched); err != nil {
		return nil, nil, err
	}
	joined.Report = report
	found, err := zones(report, c.Zone)
	if err != nil {
		return nil, nil, err
	}
	more, err := zones(deals.table.Report, c.Zone)
	if err != nil {
		return nil, nil, err
	}
	found = append(found, more...)
	say := func(reason, format string, args ...any) {
		found = append(found, model.Finding{Reason: reason, Text: fmt.Sprintf(format, args...)})
	}
	say("deals", "%d of %d leads have a deal", counts.Matched, counts.Rows)
	if counts.Unmatched > 0 {
		say("deals of unknown leads", "%d deals belong to no lead and were left out", counts.Unmatched)
	}
	if deals.passedOver > 0 {
		say("several deals", "%d deals were passed over: of several deals of a lead the %s counts (data.deals.keep)", deals.passedOver, c.Deals.Keep)
	}
	return joined, found, nil
}

// dealColumns are the columns that targets take from the deals. Each column of a target must stand in exactly one
// of the two files.
func (c *Config) dealColumns(leadPaths []string) (from []string, err error) {
	if c.Leads.ID == "" {
		return nil, fmt.Errorf("joining the deals: deals belong to leads by their id; name it in data.leads.id")
	}
	inLeads, err := datasets.Names(leadPaths[0])
	if err != nil {
		return nil, err
	}
	paths, err := files("", c.Deals.Paths)
	if err != nil {
		return nil, err
	}
	inDeals, err := datasets.Names(paths[0])
	if err != nil {
		return nil, err
	}
	for _, name := range []string{c.Deals.Lead, c.Deals.At} {
		if name != "" && !slices.Contains(inDeals, name) {
			return nil, fmt.Errorf("joining the deals: no column %q in %s%s", name, paths[0], didYouMean(datasets.Nearest(name, inDeals)))
		}
	}
	if m := c.Deals.Matched; m != "" && (slices.Contains(inLeads, m) || slices.Contains(inDeals, m)) {
		return nil, fmt.Errorf("joining the deals: data.deals.matched makes a column %q, but there is one; name another", m)
	}
	for _, t := range c.Targets {
		for _, name := range []string{t.Column, t.At} {
			leads, deals := slices.Contains(inLeads, name), slices.Contains(inDeals, name)
			switch {
			case name == "" || name == c.Deals.Matched || slices.Contains(from, name):
			case leads && deals && name != c.Deals.Lead:
				return nil, fmt.Errorf("reading target %q: column %q stands in the leads and in the deals; which one is meant is not known: rename one", t.Name, name)
			case !leads && !deals:
				all := append(append([]string{c.Deals.Matched}, inDeals...), inLeads...)
				return nil, fmt.Errorf("reading target %q: no column %q in the leads or the deals%s", t.Name, name, didYouMean(datasets.Nearest(name, all)))
			case deals:
				from = append(from, name)
			}
		}
	}
	return from, nil
}

type dealTable struct {
	table      *datasets.Table
	passedOver int
}

// readDeals reads the deals and keeps one a lead.
func (c *Config) readDeals(ctx context.Context, from []string) (*dealTable, error) {
	paths, err := files("", c.Deals.Paths)
	if err != nil {
		return nil, err
	}
	force := map[string]datasets.Field{}
	maps.Copy(force, c.Deals.Force)
	force[c.Deals.Lead] = datasets.Field{Name: c.Deals.Lead, Kind: datasets.Text}
	for _, t := range c.Targets {
		if slices.Contains(from, t.Column) {
			force[t.Column] = datasets.Field{Name: t.Column, Kind: datasets.Categorical}
		}
	}
	t, err := datasets.ReadAll(ctx, paths, datasets.ReadOptions{Nulls: c.Nulls, Force: force, Zone: c.Zone, BadRows: c.BadRows, MaxBadRows: c.MaxBadRows, Workers: c.Workers})
	if err != nil {
		return nil, err
	}
	if c.Deals.Keep == "" || c.Deals.Keep == "fail" {
		return &dealTable{table: t}, nil // a lead with two is an error of the join
	}
	keep, err := oneDealEach(t, c.Deals)
	if err != nil {
		return nil, err
	}
	report := t.Report
	kept, err := datasets.SelectRows(t, keep)
	if err != nil {
		return nil, err
	}
	passedOver := t.Rows() - kept.Rows()
	kept.Report = report
	return &dealTable{kept, passedOver}, nil
}

// oneDealEach marks the first or last deal of each lead by its moment; one without a moment comes after all
// others, and of equals the one that stands first in the file.
func oneDealEach(t *datasets.Table, d *Deals) ([]bool, error) {
	lead, at := t.Schema.Index(d.Lead), t.Schema.Index(d.At)
	if at < 0 || t.Schema.Fields[at].Kind != datasets.Time {
		return nil, fmt.Errorf("joining the deals: data.deals.keep: %s goes by a column of times; name it in data.deals.at", d.Keep)
	}
	best := map[string]int{}
	moment := make([]int64, 0, t.Rows())
	var order []string
	row := 0
	for _, b := range t.Batches {
		for i := range b.Rows() {
			id, v := b.Value(lead, i).String(), b.Value(at, i)
			when := int64(datasets.MissingTime)
			if !v.Missing() {
				when = v.Time
			}
			moment = append(moment, when)
			if before, ok := best[id]; !ok {
				best[id] = row
				order = append(order, id)
			} else if better := moment[before]; when != datasets.MissingTime &&
				(better == datasets.MissingTime || d.Keep == "first" && when < better || d.Keep == "last" && when > better) {
				best[id] = row
			}
			row++
		}
	}
	keep := make([]bool, row)
	for _, id := range order {
		keep[best[id]] = true
	}
	return keep, nil
}

// yesNoAsLevels turns a Boolean column into the levels true and false: outcomes are read by level.
func yesNoAsLevels(t *datasets.Table, name string) (*datasets.Table, error) {
	column := t.Schema.Index(name)
	if name == "" || column < 0 {
		return t, nil
	}
	schema := &datasets.Schema{Nulls: t.Schema.Nulls, Fields: slices.Clone(t.Schema.Fields)}
	schema.Fields[column].Kind = datasets.Categorical
	out := &datasets.Table{Schema: schema}
	for _, b := range t.Batches {
		columns := make([]datasets.Column, len(schema.Fields))
		for i := range columns {
			columns[i] = *b.Column(i)
		}
		codes := make([]int32, b.Rows())
		for i, x := range columns[column].Numbers {
			codes[i] = int32(x)
		}
		columns[column] = datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: []string{"false", "true"}}
		nb, err := datasets.NewBatch(schema, b.Rows(), columns)
		if err != nil {
			return nil, err
		}
		out.Batches = append(out.Batches, nb)
	}
	return out, nil
}

// zones says by which clocks times without a zone were read. A column in which some have one and some have none
// is an error unless the configuration names the zone of the others.
func zones(r *datasets.ReadReport, zone string) (found []model.Finding, err error) {
	if r == nil {
		return nil, nil
	}
	name := zone
	if name == "" {
		name = "UTC"
	}
	var mixed []string
	for _, z := range r.Zones {
		switch {
		case z.Mixed() && zone == "":
			mixed = append(mixed, fmt.Sprintf("column %q: %d of %d times have no zone and the others have one", z.Column, z.Without, z.With+z.Without))
		case z.Without > 0:
			found = append(found, model.Finding{Column: z.Column, Reason: "time zone", Text: fmt.Sprintf(
				"%d times without a zone were read as %s (data.time_zone)", z.Without, name)})
		}
	}
	if mixed != nil {
		return nil, fmt.Errorf("reading %s: %s; name the zone of those in data.time_zone, such as Europe/Madrid or UTC", r.Path, strings.Join(mixed, "; "))
	}
	return found, nil
}

// shareColumns gives what the configuration says of single columns to the file that has the column: the leads, or else the
// deals, the events or the changes.
func (c *Config) shareColumns() error {
	if len(c.Force) == 0 || c.Deals == nil && c.Events == nil && c.Changes == nil {
		return nil
	}
	namesOf := func(path string, more []string) ([]string, error) {
		paths, err := files(path, more)
		if err != nil {
			return nil, err
		}
		return datasets.Names(paths[0])
	}
	leads, err := namesOf(c.Leads.Path, c.Leads.Paths)
	if err != nil {
		return err
	}
	elsewhere := map[string]bool{} // columns that another file has and the leads do not
	give := func(paths []string) (map[string]datasets.Field, error) {
		names, err := namesOf("", paths)
		if err != nil {
			return nil, err
		}
		force := c.forced(names)
		for name := range force {
			elsewhere[name] = !slices.Contains(leads, name)
		}
		return force, nil
	}
	if c.Deals != nil {
		deals := *c.Deals
		if deals.Force, err = give(deals.Paths); err != nil {
			return err
		}
		c.Deals = &deals
	}
	if c.Events != nil {
		events := *c.Events
		if events.Force, err = give(events.Paths); err != nil {
			return err
		}
		c.Events = &events
	}
	if c.Changes != nil {
		changes := *c.Changes
		if changes.Fields, err = give(changes.Paths); err != nil {
			return err
		}
		c.Changes = &changes
	}
	c.Force, c.Features.Columns = maps.Clone(c.Force), maps.Clone(c.Features.Columns)
	for name, other := range elsewhere {
		if other {
			delete(c.Force, name)
			delete(c.Features.Columns, name)
		}
	}
	return nil
}

// forced is what the configuration says of some columns.
func (c *Config) forced(names []string) map[string]datasets.Field {
	force := map[string]datasets.Field{}
	for _, name := range names {
		if f, ok := c.Force[name]; ok {
			force[name] = f
		}
	}
	return force
}
