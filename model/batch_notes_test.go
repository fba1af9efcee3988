package model

import (
	"math"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// gaps are leads some of whose moments are missing and some of whose levels no model has seen.
func gaps(t *testing.T, rows int) *datasets.Batch {
	t.Helper()
	b := leads(t, rows, 31).Batches[0]
	columns := make([]datasets.Column, len(b.Schema().Fields))
	for i := range columns {
		columns[i] = *b.Column(i)
		columns[i].Times, columns[i].Codes = slices.Clone(columns[i].Times), slices.Clone(columns[i].Codes)
		for row := range rows {
			switch c := &columns[i]; {
			case c.Kind == datasets.Time && row%5 == 0:
				c.Times[row] = datasets.MissingTime
			case c.Kind == datasets.Categorical && row%7 == i:
				c.Levels = append(slices.Clone(c.Levels), "never \"seen\"")
				c.Codes[row] = int32(len(c.Levels) - 1)
			}
		}
	}
	out, err := datasets.NewBatch(b.Schema(), rows, columns)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNoteIsAdvise: a row of a batch gets the numbers, the interval, the id and the warnings that it gets alone, with a moment
// for rows without one and without, under a model with an as-of column and one that has none.
func TestNoteIsAdvise(t *testing.T) {
	table := leads(t, 300, 1)
	with, none := fixture(t, table, features.Additive), fixture(t, table, features.Additive)
	withCovariance(t, with)
	none.AsOf = ""
	var err error
	if none.Pipeline, _, err = features.Fit(table, nil, features.Spec{Drop: []string{"lead_id"}}); err != nil {
		t.Fatal(err)
	}
	none.Rules, none.Blend = nil, Blend{Method: "model"}
	for i := range none.Targets {
		none.Targets[i].Effects, none.Targets[i].Covariance = nil, nil
		for _, f := range none.Pipeline.Features() {
			e := TermEffect{Effect: features.Effect{Table: make([]float64, len(f.Levels))}}
			for code := range e.Table {
				e.Table[code] = float64(code%5) - 2
			}
			none.Targets[i].Effects = append(none.Targets[i].Effects, e)
		}
	}
	b := gaps(t, 200)
	at := int64(1.705e15)
	late := false
	var c Columns
	var n Notes
	for _, a := range []*Artifact{with, none} {
		s := scorer(t, a)
		for _, asOf := range []*int64{nil, &at} {
			c.AsOf = asOf
			if err := s.ScoreBatch(b, &c); err != nil {
				t.Fatal(err)
			}
			s.Note(b, &c, "ahead", &n)
			for row := range b.Rows() {
				l := &Lead{Values: make([]datasets.Value, len(a.Schema.Fields)), AsOf: datasets.MissingTime}
				b.Row(row, l.Values)
				if asOf != nil && (s.asOf < 0 || l.Values[s.asOf].Missing()) {
					l.AsOf = *asOf
				}
				warnings := append([]string{"ahead"}, s.Assumed(l, false)...)
				var e Explanation
				if err := s.Advise(l, 0, &e); err != nil {
					t.Fatal(err)
				}
				want := strings.Join(append(warnings, e.Warnings...), "; ")
				if got := n.Texts[n.Warnings[row]]; got != want {
					t.Fatalf("row %d: %q, alone %q", row, got, want)
				}
				late = late || strings.Contains(want, "never")
				interval := Interval{}
				if len(n.Intervals) > 0 {
					interval = n.Intervals[row]
				}
				if n.LeadIDs[row] != e.LeadID || interval != e.Interval || !same(c.Probability[row], e.Probability) || !same(c.Score[row], e.Score) || !same(c.RuleScore[row], e.RuleScore) || c.Stage[row] != e.Stage {
					t.Fatalf("row %d: %q %v %v %v; alone %q %v %v %v", row, n.LeadIDs[row], interval, c.Probability[row], c.Score[row], e.LeadID, e.Interval, e.Probability, e.Score)
				}
				if (a == with) != (interval.Upper > 0) || math.IsNaN(interval.Lower) {
					t.Fatalf("row %d: interval %v", row, interval)
				}
			}
		}
	}
	if !late {
		t.Error("no row has a value that training never saw")
	}
}
