package cli

import (
	"fmt"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train"
)

const asOfHelp = "`moment` at which all leads are looked at: now, or RFC 3339; default: the as-of column of the file"

// moments says at which moment each lead of a file is scored. The zero value leaves the as-of column as it is.
type moments struct {
	column int   // of the schema: the as-of moment; -1: the model has none
	all    int64 // of every lead; datasets.MissingTime: not given
	from   int   // column that a moment starts from where the file has none; -1: none
	delay  int64 // microseconds after that
}

// newMoments reads --as-of. Where it is not given, and training made the moments as COLUMN + 3d, they are made so.
func newMoments(a *model.Artifact, asOf string, now time.Time) (moments, error) {
	m := moments{column: -1, all: datasets.MissingTime, from: -1}
	if a.AsOf != "" {
		m.column = a.Schema.Index(a.AsOf)
	}
	if asOf != "" {
		if m.column < 0 {
			return m, usage("reading --as-of: the model has no as-of column, so no score depends on the moment")
		}
		at, err := readMoment(asOf, now)
		if err != nil {
			return m, err
		}
		m.all = at
	}
	if form, err := train.ParseAsOf(a.Snapshots); err == nil && form.Column != "" && form.Every == 0 && m.column >= 0 && m.all == datasets.MissingTime {
		m.from, m.delay = a.Schema.Index(form.Column), form.Delay
		if m.from >= 0 && a.Schema.Fields[m.from].Kind != datasets.Time {
			m.from = -1
		}
	}
	return m, nil
}

// readMoment reads --as-of.
func readMoment(text string, now time.Time) (int64, error) {
	if text == "now" {
		return now.UnixMicro(), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usage("reading --as-of: %q is no moment; want now, or RFC 3339 such as 2026-01-31T12:00:00Z", text)
	}
	return t.UnixMicro(), nil
}

// makes reports whether a lead gets a moment that its file does not have.
func (m *moments) makes() bool { return m.all != datasets.MissingTime || m.from >= 0 }

// reads is the column that the moments start from, "" where there is none.
func (m *moments) reads(a *model.Artifact) string {
	if m.from < 0 {
		return ""
	}
	return a.Schema.Fields[m.from].Name
}

// fill returns the batch with its moments: the one of all leads, or where a lead has none the one that starts from its other column.
func (m *moments) fill(b *datasets.Batch) (*datasets.Batch, error) {
	if !m.makes() {
		return b, nil
	}
	columns := make([]datasets.Column, len(b.Schema().Fields))
	for i := range columns {
		columns[i] = *b.Column(i)
	}
	times := make([]int64, b.Rows())
	for row := range times {
		times[row] = m.all
		if m.from < 0 {
			continue
		}
		if times[row] = columns[m.column].Times[row]; times[row] == datasets.MissingTime {
			if t := columns[m.from].Times[row]; t != datasets.MissingTime {
				times[row] = t + m.delay
			}
		}
	}
	columns[m.column] = datasets.Column{Kind: datasets.Time, Times: times}
	filled, err := datasets.NewBatch(b.Schema(), b.Rows(), columns)
	if err != nil {
		return nil, fmt.Errorf("filling in the as-of moments: %w", err)
	}
	return filled, nil
}

// momentReader fills in the moments of the batches that it reads.
type momentReader struct {
	datasets.Reader
	moments moments
}

func (r momentReader) Next() (*datasets.Batch, error) {
	b, err := r.Reader.Next()
	if err != nil {
		return nil, err
	}
	return r.moments.fill(b)
}
