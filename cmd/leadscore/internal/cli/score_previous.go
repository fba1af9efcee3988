package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"leadscore/datasets"
	"leadscore/model"
)

// readStage finds a stage by its name, in capital or small letters.
func readStage(name string) (model.Stage, bool) {
	for _, stage := range model.Stages() {
		if strings.EqualFold(name, string(stage)) {
			return stage, true
		}
	}
	return "", false
}

// stageWords lists the stages for a message.
func stageWords() string {
	n := len(stageLevels)
	return strings.Join(stageLevels[:n-1], ", ") + " or " + stageLevels[n-1]
}

// previousRows are the stages that the leads of a file were in, from two of its columns. They are read beside the columns of the model,
// which may have them or not. A nil one knows nothing.
type previousRows struct {
	schema       *datasets.Schema // that the file is read under: the model's, then what it lacks
	own          int              // columns of the model, the first of schema
	stage, since int              // columns of schema; since -1: not given

	byBatch sync.Map         // of batches that stream
	asOf    *int64           // of leads without an as-of column; nil: not known
	all     []model.Previous // of a file that was read whole; nil: it streams
}

func newPreviousRows(a *model.Artifact, stage, since string) (*previousRows, error) {
	switch {
	case stage == "" && since == "":
		return nil, nil
	case stage == "":
		return nil, usage("reading --previous-since: it is since when a lead was in a stage; want --previous-stage too")
	case stage == since:
		return nil, usage("reading --previous-since: %q is the column of --previous-stage; want two columns", since)
	}
	read := *a.Schema
	read.Fields = slices.Clone(a.Schema.Fields)
	p := &previousRows{schema: &read, own: len(a.Schema.Fields), since: -1}
	column := func(name string, kind datasets.Kind) int {
		if i := read.Index(name); i >= 0 {
			return i
		}
		read.Fields = append(read.Fields, datasets.Field{Name: name, Kind: kind})
		return len(read.Fields) - 1
	}
	p.stage = column(stage, datasets.Text)
	if k := read.Fields[p.stage].Kind; k != datasets.Text && k != datasets.Categorical {
		return nil, usage("reading --previous-stage: the model has column %q as %v; want one of texts", stage, k)
	}
	if since != "" {
		p.since = column(since, datasets.Time)
		if k := read.Fields[p.since].Kind; k != datasets.Time {
			return nil, usage("reading --previous-since: the model has column %q as %v; want one of times", since, k)
		}
	}
	return p, nil
}

// names are the columns that must not be skipped.
func (p *previousRows) names() []string {
	if p == nil {
		return nil
	}
	names := []string{p.schema.Fields[p.stage].Name}
	if p.since >= 0 {
		names = append(names, p.schema.Fields[p.since].Name)
	}
	return names
}

// absent refuses a file without the columns.
func (p *previousRows) absent(names []string) error {
	for i, name := range p.names() {
		if slices.Contains(names, name) {
			return usage("reading %s: the file has no column %q", []string{"--previous-stage", "--previous-since"}[i], name)
		}
	}
	return nil
}

// doubts says what a policy with minimum stays cannot tell; "" where there is nothing.
func (p *previousRows) doubts(a *model.Artifact) string {
	switch {
	case p == nil || a.Policy.MQL.Stay == 0 && a.Policy.SQL.Stay == 0:
	case p.since < 0:
		return "the policy has minimum stays, and nothing says since when a lead was in its stage: they count as over (want --previous-since)"
	case p.asOf == nil && a.AsOf == "":
		return "the policy has minimum stays, and the leads have no moment: they count as over (want --as-of)"
	}
	return ""
}

// take parts a batch into the columns of the model and the stages; first is the number of rows before it.
func (p *previousRows) take(b *datasets.Batch, first int) (*datasets.Batch, []model.Previous, error) {
	stages := make([]model.Previous, b.Rows())
	for row := range stages {
		v := b.Value(p.stage, row)
		if v.Missing() { // a new lead: what it reaches it enters
			stages[row] = model.Previous{Stage: model.Nurture, Since: datasets.MissingTime}
			continue
		}
		stage, ok := readStage(v.String())
		if !ok {
			return nil, nil, fmt.Errorf("scoring: row %d: column %q: unknown stage %q; want %s, or nothing for a new lead", first+row+1, p.schema.Fields[p.stage].Name, v.String(), stageWords())
		}
		stages[row] = model.Previous{Stage: stage, Since: datasets.MissingTime}
		if p.since >= 0 {
			if at := b.Value(p.since, row); !at.Missing() {
				stages[row].Since = at.Time
			}
		}
	}
	columns := make([]datasets.Column, p.own)
	for i := range columns {
		columns[i] = *b.Column(i)
	}
	own, err := datasets.NewBatch(p.without(b.Schema()), b.Rows(), columns)
	return own, stages, err
}

// without is a schema without the columns that the model does not have. Those that are skipped have no kind in it.
func (p *previousRows) without(s *datasets.Schema) *datasets.Schema {
	out := *s
	out.Fields = s.Fields[:p.own:p.own]
	return &out
}

// of gives the stages of a batch that was taken.
func (p *previousRows) of(b *datasets.Batch, first int) ([]model.Previous, error) {
	switch {
	case p == nil:
		return nil, nil
	case p.all != nil:
		return p.all[first : first+b.Rows()], nil
	}
	stages, ok := p.byBatch.LoadAndDelete(b)
	if !ok {
		return nil, fmt.Errorf("scoring: the stages of the %d rows from %d on are lost", b.Rows(), first+1)
	}
	return stages.([]model.Previous), nil
}

// previousReader takes the stages out of the batches that it reads.
type previousReader struct {
	datasets.Reader
	rows  *previousRows
	first int
}

func (r *previousReader) Next() (*datasets.Batch, error) {
	b, err := r.Reader.Next()
	if err != nil {
		return nil, err
	}
	own, stages, err := r.rows.take(b, r.first)
	if err != nil {
		return nil, err
	}
	r.first += b.Rows()
	r.rows.byBatch.Store(own, stages)
	return own, nil
}

// whole takes the stages out of a table.
func (p *previousRows) whole(t *datasets.Table) (*datasets.Table, error) {
	out := &datasets.Table{Schema: p.without(t.Schema), Report: t.Report}
	p.all = make([]model.Previous, 0, t.Rows())
	for _, b := range t.Batches {
		own, stages, err := p.take(b, len(p.all))
		if err != nil {
			return nil, err
		}
		out.Batches, p.all = append(out.Batches, own), append(p.all, stages...)
	}
	return out, nil
}
