package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
)

// Events is an event log and what is wanted of it.
type Events struct {
	history.Source // Paths may be folders and patterns; Until is set by Run
	history.Spec
	Memory  int64  // see history.Options
	TempDir string // where what does not fit goes; "": the system's
}

// eventLog is a log that was read for the leads of a table.
type eventLog struct {
	log    *history.Log
	report *history.Report
	number map[string]int32 // of each lead's id
	wanted *Events
	zoned  []model.Finding // by which clocks moments without a zone were read
}

// readEvents reads the log of the leads in a table; nil without one. Who asked closes it.
func (c *Config) readEvents(ctx context.Context, leads *datasets.Table) (*eventLog, error) {
	if c.Events == nil {
		return nil, nil
	}
	column := leads.Schema.Index(c.Leads.ID)
	if column < 0 {
		return nil, fmt.Errorf("reading events: events belong to leads by their id, and there is no column %q (data.leads.id)", c.Leads.ID)
	}
	source := c.Events.Source
	var err error
	if source.Paths, err = files("", source.Paths); err != nil {
		return nil, err
	}
	switch {
	case !c.End.IsZero() && (c.Now.IsZero() || c.End.Before(c.Now)):
		source.Until = c.End.UnixMicro()
	case !c.Now.IsZero():
		source.Until = c.Now.UnixMicro() + 1
	}
	ids, number := history.Number(leads, column)
	e := &eventLog{number: number, wanted: c.Events}
	e.log, e.report, err = history.Read(ctx, source, ids, history.Options{Memory: c.Events.Memory, TempDir: c.Events.TempDir, Workers: c.Workers})
	if err != nil {
		return nil, err
	}
	if e.zoned, err = zones(&datasets.ReadReport{Path: "the events", Zones: []datasets.ZoneCount{e.report.Zones}}, source.Zone); err != nil {
		return nil, errors.Join(err, e.log.Close())
	}
	return e, nil
}

// close lets go of the log.
func (e *eventLog) close() error {
	if e == nil {
		return nil
	}
	return e.log.Close()
}

// First and Latest make an eventLog an EventMoments.
func (e *eventLog) First(ctx context.Context, eventType string) (func(lead string) int64, error) {
	first, err := e.log.First(ctx, eventType, 0)
	if err != nil {
		return nil, err
	}
	return func(lead string) int64 {
		if n, ok := e.number[lead]; ok {
			return first[n]
		}
		return datasets.MissingTime
	}, nil
}

// Latest is the last moment that the log kept: what came after by was left out when it was read.
func (e *eventLog) Latest(_ context.Context, by int64) (int64, error) {
	if e.report.Last > by {
		return datasets.MissingTime, nil
	}
	return e.report.Last, nil
}

// findings tells what of the log was used.
func (e *eventLog) findings() (found []model.Finding) {
	found = append(found, model.Finding{Reason: "events", Text: fmt.Sprintf("%d of %d events belong to the leads and are used as far as they came before the as-of moment", e.report.Kept, e.report.Events)})
	found = append(found, e.zoned...)
	for _, note := range e.report.Notes() {
		found = append(found, model.Finding{Reason: "events left out", Text: note})
	}
	return found
}

// noteUnseen tells which of the rules ask for a type of event that the log does not have.
func (d *data) noteUnseen(file *rules.File) {
	if d.log == nil {
		return
	}
	for _, p := range rules.UnseenEvents(file, d.log.report.Types) {
		d.findings = append(d.findings, model.Finding{Reason: "unseen event", Text: "rules: " + p.Path + ": " + p.Text})
	}
}

// openLog numbers the rows of the leads as the log does, for addEvents; nil: there is no log.
func (d *data) openLog(e *eventLog) (err error) {
	if e == nil {
		return nil
	}
	if d.asOf == nil {
		return fmt.Errorf("making event features: only events before the as-of moment may be known; name it in data.leads.as_of")
	}
	d.log = e
	d.findings = append(d.findings, e.findings()...)
	d.rowsOfLog, err = history.Moments(d.leads, d.ids, e.number, d.asOf)
	return err
}

// addEvents learns from the training rows which columns the events give, and adds those to the leads in the place of the
// ones of an earlier call.
func (d *data) addEvents(ctx context.Context, workers int) error {
	e := d.log
	if e == nil {
		return nil
	}
	plan, err := history.Learn(ctx, e.log, d.rowsOfLog, d.train, e.wanted.Spec)
	if err != nil {
		return err
	}
	columns, err := plan.Columns(ctx, e.log, d.rowsOfLog, workers)
	if err != nil {
		return err
	}
	leads := d.leads
	if d.events != nil {
		if leads, err = datasets.SelectColumns(leads, withoutEvents(leads.Schema, d.events)); err != nil {
			return err
		}
		leads.Report = d.leads.Report
	}
	fields := plan.Fields()
	for _, f := range fields {
		if leads.Schema.Index(f.Name) >= 0 {
			return fmt.Errorf("making event features: the leads have a column %q, which is the name of an event feature; rename theirs", f.Name)
		}
	}
	if d.leads, err = datasets.Replace(leads, fields, columns); err != nil {
		return err
	}
	d.events = plan
	held, err := datasets.SelectRows(d.leads, d.holdout)
	if err != nil {
		return err
	}
	d.heldOut, err = d.withHeldIDs(held)
	return err
}

// withHeldIDs returns the hold-out with the ids that heldOut has: those of the leads may be forgotten.
func (d *data) withHeldIDs(held *datasets.Table) (*datasets.Table, error) {
	if d.ids < 0 || d.heldOut == nil {
		return held, nil
	}
	texts := make([]string, 0, held.Rows())
	for _, b := range d.heldOut.Batches {
		texts = append(texts, b.Column(d.ids).Texts...)
	}
	return datasets.Replace(held, held.Schema.Fields[d.ids:d.ids+1], []datasets.Column{{Kind: datasets.Text, Texts: texts}})
}

// recallEvents makes the columns that a trained model reads of a log, in the place of the ones that the file may have; nil: no log.
func (d *data) recallEvents(ctx context.Context, e *eventLog, of *model.EventFeatures, workers int) error {
	if e == nil {
		return nil
	}
	if err := d.openLog(e); err != nil {
		return err
	}
	for row, at := range d.asOf {
		if d.used[row] && at == datasets.MissingTime {
			return fmt.Errorf("making event features: row %d has no as-of moment, up to which events count", d.number(row))
		}
	}
	columns, err := of.Plan.Columns(ctx, e.log, d.rowsOfLog, workers)
	if err != nil {
		return err
	}
	d.leads, err = datasets.Replace(d.leads, of.Plan.Fields(), columns)
	return err
}

// withoutEvents names the columns of a schema that no plan made.
func withoutEvents(s *datasets.Schema, plan *history.Plan) (names []string) {
	made := map[string]bool{}
	for _, f := range plan.Fields() {
		made[f.Name] = true
	}
	for _, f := range s.Fields {
		if !made[f.Name] {
			names = append(names, f.Name)
		}
	}
	return slices.Clip(names)
}

// addChanges puts the attributes of a log of changes in the place of the leads' own, as they were at the as-of moment.
func (d *data) addChanges(ctx context.Context, c *Config) error {
	if c.Changes == nil {
		return nil
	}
	if d.asOf == nil || d.ids < 0 {
		return fmt.Errorf("reading the changes: an attribute's value depends on the moment and the lead; name data.leads.as_of and data.leads.id")
	}
	source := *c.Changes
	var err error
	if source.Paths, err = files("", source.Paths); err != nil {
		return err
	}
	source.Nulls, source.Zone, source.BadRows, source.MaxBadRows, source.Workers = c.Nulls, c.Zone, c.BadRows, c.MaxBadRows, c.Workers
	source.Fields = maps.Clone(source.Fields)
	if source.Fields == nil {
		source.Fields = map[string]datasets.Field{}
	}
	for _, f := range d.leads.Schema.Fields {
		if f.Kind != datasets.Unknown {
			source.Fields[f.Name] = f
		}
	}
	ids, number := history.Number(d.leads, d.ids)
	changes, report, err := history.ReadChanges(ctx, source, ids)
	if err != nil {
		return err
	}
	rows, err := history.Moments(d.leads, d.ids, number, d.asOf)
	if err != nil {
		return err
	}
	fields := changes.Fields()
	columns := make([]datasets.Column, len(fields))
	for i, f := range fields {
		if f.Name == c.Leads.ID || f.Name == d.form.column() || slices.Contains(d.outcomeColumns, f.Name) {
			return fmt.Errorf("reading the changes: %q is the id, the as-of or an outcome of the leads; those do not change", f.Name)
		}
		columns[i] = changes.Column(i, rows, d.cells(f.Name))
		d.changed = append(d.changed, f.Name)
	}
	if d.leads, err = datasets.Replace(d.leads, fields, columns); err != nil {
		return err
	}
	zoned, err := zones(&datasets.ReadReport{Path: "the changes", Zones: report.Zones}, c.Zone)
	if err != nil {
		return err
	}
	d.findings = append(d.findings, zoned...)
	say := func(n int, reason, format string) {
		if n > 0 {
			d.findings = append(d.findings, model.Finding{Reason: reason, Text: fmt.Sprintf(format, n)})
		}
	}
	say(report.Changes, "changes", "%d changes of attributes were read; those before the as-of moment count")
	say(report.UnknownLead, "changes left out", "%d changes were left out: their lead is not among the leads")
	say(report.NoTime, "changes left out", "%d changes were left out: they have no time")
	say(report.NoField, "changes left out", "%d changes were left out: they name no attribute")
	return nil
}

// cells returns the values of a column of the leads by row; nil where there is no such column.
func (d *data) cells(name string) func(row int) datasets.Value {
	column := d.leads.Schema.Index(name)
	if column < 0 {
		return nil
	}
	batches := d.leads.Batches
	var first []int
	n := 0
	for _, b := range batches {
		first = append(first, n)
		n += b.Rows()
	}
	return func(row int) datasets.Value {
		i, exact := slices.BinarySearch(first, row)
		if !exact {
			i--
		}
		return batches[i].Value(column, row-first[i])
	}
}

// moments is how the log's times are written as far as the configuration says so; nil: it does not.
func (e *Events) moments(zone string) *datasets.Field {
	f, forced := e.Force[e.At]
	if !forced && zone == "" {
		return nil
	}
	f.Name, f.Kind = e.At, datasets.Time
	if f.Zone == "" {
		f.Zone = zone
	}
	return &f
}
