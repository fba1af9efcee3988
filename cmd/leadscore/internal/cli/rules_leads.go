package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"leadscore/datasets"
	"leadscore/features/history"
	"leadscore/model/rules"
)

// eventColumns are the columns of an event log that no model names.
type eventColumns struct {
	lead, at, kind, id, channel string
}

func (c *eventColumns) bind(cmd *cobra.Command, paths *[]string) {
	cmd.Flags().StringArrayVar(paths, "events", nil, eventsHelp)
	cmd.Flags().StringVar(&c.lead, "event-lead", "", "`column` of the log that names the lead; default: as --id")
	cmd.Flags().StringVar(&c.at, "event-at", "occurred_at", "`column` of the log with the moment")
	cmd.Flags().StringVar(&c.kind, "event-type", "event_type", eventTypeHelp)
	cmd.Flags().StringVar(&c.id, "event-id", "", "`column` of the log that names the event: one that is sent twice counts once")
	cmd.Flags().StringVar(&c.channel, "event-channel", "", "`column` of the log with the channel")
}

const eventTypeHelp = "`column` of the log with the type"

// typesOfEvents are the types of the events of a log, by name. No other column of it is read, and whose they are is not looked at.
func typesOfEvents(ctx context.Context, paths []string, column string) ([]string, error) {
	files, err := expandAll(paths)
	if err != nil {
		return nil, err
	}
	types := map[string]bool{}
	schema := &datasets.Schema{Fields: []datasets.Field{{Name: column, Kind: datasets.Categorical}}, Nulls: datasets.DefaultNulls}
	for _, path := range files {
		t, err := datasets.Read(ctx, path, datasets.ReadOptions{Schema: schema})
		if err != nil {
			return nil, fmt.Errorf("looking for the types of events (--event-type): %w", err)
		}
		for _, b := range t.Batches {
			for i := range b.Rows() {
				if v := b.Value(0, i); !v.Missing() {
					types[v.Str] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(types)), nil
}

// ruleMoments reads --as-of: the moment of each lead; nil: after all events.
func ruleMoments(t *datasets.Table, asOf string, now time.Time) ([]int64, error) {
	if asOf == "" {
		return nil, nil
	}
	if column := t.Schema.Index(asOf); column >= 0 {
		if k := t.Schema.Fields[column].Kind; k != datasets.Time {
			return nil, usage("reading --as-of: column %q is %v; want times", asOf, k)
		}
		var moments []int64
		for _, b := range t.Batches {
			moments = append(moments, b.Column(column).Times...)
		}
		return moments, nil
	}
	at := now.UnixMicro()
	if asOf != "now" {
		m, err := rules.Moment(asOf)
		if err != nil {
			return nil, usage("reading --as-of: %q is no moment and no column; want now, RFC 3339 such as 2026-01-31T12:00:00Z, or one of %s", asOf, quotedNames(t.Schema))
		}
		at = m
	}
	moments := make([]int64, t.Rows())
	for i := range moments {
		moments[i] = at
	}
	return moments, nil
}

// ruleEvents reads the events that the rules ask for, of each lead; nil: none. notes say what was left out.
func (f *rulesScoreFlags) ruleEvents(ctx context.Context, t *datasets.Table, set *rules.Set, asOf []int64) (events [][]datasets.Event, notes []string, err error) {
	if len(f.events) == 0 {
		return nil, nil, nil
	}
	id := t.Schema.Index(f.id)
	if id < 0 {
		return nil, nil, usage("reading --events: events belong to leads by their id; say --id COLUMN")
	}
	paths, err := expandAll(f.events)
	if err != nil {
		return nil, nil, err
	}
	wanted := set.Wanted()
	source := history.Source{
		Paths: paths, Lead: f.log.lead, At: f.log.at, Type: f.log.kind, ID: f.log.id, Channel: f.log.channel,
		Properties: append([]string{}, wanted.Properties...),
	}
	if source.Lead == "" {
		source.Lead = f.id
	}
	if wanted.Channels && source.Channel == "" {
		return nil, nil, usage("reading --events: some rules ask for the channel of events; say --event-channel COLUMN")
	}
	if asOf == nil {
		asOf = make([]int64, t.Rows())
		for i := range asOf {
			asOf[i] = datasets.MissingTime
		}
	}
	ids, number := history.Number(t, id)
	rows, err := history.Moments(t, id, number, asOf)
	if err != nil {
		return nil, nil, fmt.Errorf("reading events: %w", err)
	}
	log, report, err := history.Read(ctx, source, ids, history.Options{})
	if err != nil {
		return nil, nil, err
	}
	events, err = log.EventsOf(ctx, rows, wanted)
	return events, report.Notes(), errors.Join(err, log.Close())
}
