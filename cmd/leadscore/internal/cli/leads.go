package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"leadscore/datasets"
	"leadscore/model"
)

const eventsHelp = "`file` of the leads' events, or a folder or pattern; may be given several times"

// openLeads starts reading the leads to score with their as-of moments and, from the event logs if there are any, their event
// features. Without logs the leads stream; with them they are read whole. events are those that rules ask for, a row each (nil: none), notes what was left out of the logs.
func openLeads(ctx context.Context, scorer *model.Scorer, f scoreFlags, m moments, before *previousRows, o datasets.ReadOptions) (r datasets.Reader, events [][]datasets.Event, notes []string, err error) {
	a := scorer.Artifact()
	o.Schema = a.Schema
	o.Skip = slices.DeleteFunc(scorer.Unread(), func(name string) bool { return name == m.reads(a) || slices.Contains(before.names(), name) })
	if before != nil {
		o.Schema = before.schema
	}
	if len(f.events) == 0 {
		if r, err = datasets.Open(ctx, f.in, o); err != nil {
			return nil, nil, nil, err
		}
		if before != nil {
			return &previousReader{Reader: momentReader{r, m}, rows: before}, nil, nil, nil
		}
		return momentReader{r, m}, nil, nil, nil
	}
	paths, err := expandAll(f.events)
	if err != nil {
		return nil, nil, nil, err
	}
	table, err := datasets.Read(ctx, f.in, o)
	if err != nil {
		return nil, nil, nil, err
	}
	o.Schema = a.Schema
	if before != nil {
		if table, err = before.whole(table); err != nil {
			return nil, nil, nil, fmt.Errorf("scoring %s: %w", f.in, err)
		}
	}
	if m.all == datasets.MissingTime && slices.Contains(table.Report.Absent, a.AsOf) && (m.from < 0 || slices.Contains(table.Report.Absent, m.reads(a))) {
		return nil, nil, nil, fmt.Errorf("scoring %s: events count up to the as-of moment, and the file has no column %q%s; say --as-of now, or --as-of 2026-01-31T12:00:00Z",
			f.in, a.AsOf, madeAs(a))
	}
	filled := &datasets.Table{Schema: table.Schema, Report: table.Report}
	for _, b := range table.Batches {
		if b, err = m.fill(b); err != nil {
			return nil, nil, nil, err
		}
		filled.Batches = append(filled.Batches, b)
	}
	with, err := scorer.AddEvents(ctx, filled, paths, nil, o)
	if err != nil {
		return nil, nil, nil, err
	}
	return &tableReader{batches: with.Leads.Batches, report: table.Report}, with.Rules, with.Report.Notes(), nil
}

// madeAs says how training made the moments, "" where its file had them.
func madeAs(a *model.Artifact) string {
	if a.Snapshots == "" {
		return ""
	}
	return fmt.Sprintf(" (training made it as %q)", a.Snapshots)
}

// expandAll lists the files of paths, folders and patterns.
func expandAll(paths []string) (files []string, err error) {
	for _, p := range paths {
		more, err := datasets.Expand(p)
		if err != nil {
			return nil, fmt.Errorf("reading --events: %w", err)
		}
		for _, file := range more {
			if slices.Contains(files, file) {
				return nil, usage("reading --events: %s is named twice", file)
			}
			files = append(files, file)
		}
	}
	return files, nil
}

// tableReader reads a table as a file is read.
type tableReader struct {
	batches []*datasets.Batch
	report  *datasets.ReadReport
}

func (r *tableReader) Next() (*datasets.Batch, error) {
	if len(r.batches) == 0 {
		return nil, io.EOF
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	return b, nil
}

func (r *tableReader) Report() *datasets.ReadReport { return r.report }

func (r *tableReader) Close() error { return nil }
