package model

import (
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// Scoring without the cells of unread columns gives the same bits, and every column that makes a difference is read.
func TestUnreadColumnsMakeNoDifference(t *testing.T) {
	table := leads(t, 400, 5)
	a := fixture(t, table, features.Additive)
	var err error
	a.Pipeline, _, err = features.Fit(table, nil, features.Spec{
		Encoding: features.Additive, AsOf: "created_at", Drop: []string{"lead_id"},
		Exclude: []string{"source", "visits", "do_not_email", "first_seen", "email", "size"}, // the rules and SQL want all but two
	})
	if err != nil {
		t.Fatal(err)
	}
	for k := range a.Targets {
		a.Targets[k].Effects = a.Targets[k].Effects[:0]
		for _, f := range a.Pipeline.Features() {
			a.Targets[k].Effects = append(a.Targets[k].Effects, TermEffect{
				Effect: features.Effect{Table: make([]float64, len(f.Levels))}, Rows: make([]int, len(f.Levels)), Positives: make([]int, len(f.Levels)),
			})
		}
		a.Targets[k].Covariance = nil
	}
	s := scorer(t, a)
	unread := s.Unread()
	if want := []string{"first_seen", "size", "empty"}; !slices.Equal(unread, want) {
		t.Fatalf("unread are %q, want %q", unread, want)
	}
	var all Columns
	if err := s.ScoreBatch(table.Batches[0], &all); err != nil {
		t.Fatal(err)
	}
	blind := func(names []string) *datasets.Batch {
		schema := &datasets.Schema{Nulls: table.Schema.Nulls, Fields: slices.Clone(table.Schema.Fields)}
		columns := make([]datasets.Column, len(schema.Fields))
		for i := range columns {
			columns[i] = *table.Batches[0].Column(i)
			if slices.Contains(names, schema.Fields[i].Name) {
				schema.Fields[i], columns[i] = datasets.Field{Name: schema.Fields[i].Name}, datasets.Column{}
			}
		}
		b, err := datasets.NewBatch(schema, table.Rows(), columns)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var part Columns
	if err := s.ScoreBatch(blind(unread), &part); err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(all.Score, part.Score, same) || !slices.Equal(all.Stage, part.Stage) || !slices.EqualFunc(all.RuleScore, part.RuleScore, same) {
		t.Error("the scores are others without the unread columns")
	}
	for i, f := range table.Schema.Fields {
		if slices.Contains(unread, f.Name) {
			continue
		}
		if err := s.ScoreBatch(blind([]string{f.Name}), &part); err == nil || !strings.Contains(err.Error(), f.Name) {
			t.Errorf("column %d, %q, is read and may be of another kind: %v", i, f.Name, err)
		}
	}
}
