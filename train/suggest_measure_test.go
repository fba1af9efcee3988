package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model/rules"
	"leadscore/train/evaluate"
)

// TestSuggestionIsMeasured: the figures are those of the scores, by another way, and the cut-off selects as many as any other would at best.
func TestSuggestionIsMeasured(t *testing.T) {
	c := oddConfig(t, 2500)
	c.Rules = partnerRule()
	scorer := scorerOf(t, c)
	path := oddLeads(t, 900, 2)
	measure := func(j Judges) *Suggested {
		s := suggest(t, scorer.Artifact(), SuggestOptions{})
		if err := s.Measure(context.Background(), scorer, path, datasets.ReadOptions{}, time.Time{}, nil, j); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := measure(Judges{})
	m := s.Measured
	f, err := readLabelled(context.Background(), "testing", scorer, scorer.Artifact().Targets[:1], path, datasets.ReadOptions{}, time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := f.score(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var points []float64
	for _, b := range f.leads.Batches {
		row := make([]datasets.Value, len(f.leads.Schema.Fields))
		for i := range b.Rows() {
			b.Row(i, row)
			points = append(points, s.intended(row, datasets.MissingTime))
		}
	}
	auc, err := evaluate.AUC(evaluate.Sample{Label: h.Labels, Score: points})
	if err != nil {
		t.Fatal(err)
	}
	if auc != m.AUC || m.Rows.Rows != 900 || math.Abs(m.AUC.Value-m.Model.AUC.Value-m.Model.Difference.Value) > 1e-12 {
		t.Errorf("measured %+v, want AUC %v", m, auc)
	}
	if m.AUC.Value < m.Model.AUC.Value-.03 || m.Current == nil || m.AUC.Value < m.Current.AUC.Value+.05 || m.Ranking < .85 || m.Agreement < .9 {
		t.Errorf("the rules rank badly: %+v against %+v and %+v; ranking %v, agreement %v", m.AUC, m.Model, m.Current, m.Ranking, m.Agreement)
	}
	count := func(cut float64) (n int) {
		for _, x := range points {
			if x >= cut {
				n++
			}
		}
		return n
	}
	off := func(cut float64) float64 { return math.Abs(float64(count(cut) - m.MQL.Model.Leads)) }
	if count(float64(m.MQL.Points)) != m.MQL.Rules.Leads || m.MQL.Model.Leads == 0 {
		t.Errorf("%+v, but %d have so many points", m.MQL, count(float64(m.MQL.Points)))
	}
	for cut := -300.0; cut < 300; cut++ {
		if off(cut) < off(float64(m.MQL.Points)) {
			t.Errorf("from %v points %d are selected, nearer to %d than %d from %d", cut, count(cut), m.MQL.Model.Leads, m.MQL.Rules.Leads, m.MQL.Points)
		}
	}
	if failed := s.set.RunTests(); len(failed) > 0 || s.set.Tests() < 6 {
		t.Errorf("%d tests, failed %v", s.set.Tests(), failed)
	}
	// Other current rules, which read a column that the model does not know.
	other := partnerRule()
	other.Scorecards[0].Groups[0].Rules[0].When = rules.Condition{Field: "copies", From: &rules.Scalar{V: 2.0}}
	if x := measure(Judges{Current: other}).Measured; x.Current == nil || math.Abs(x.Current.AUC.Value-.5) > .08 {
		t.Errorf("current %+v", x.Current)
	}
	other.Scorecards[0].Groups[0].Rules[0].When.Field = "copy"
	err = suggest(t, scorer.Artifact(), SuggestOptions{}).Measure(context.Background(), scorer, path, datasets.ReadOptions{}, time.Time{}, nil, Judges{Current: other})
	var bad *RulesError
	if !errors.As(err, &bad) {
		t.Errorf("an unknown column: %v", err)
	}
}

// Real leads: the rules of a model of X Education rank nearly as well as it does on leads that it has not seen.
func TestSuggestOnRealLeads(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with xeducation_leads.csv")
	}
	table, err := datasets.Read(context.Background(), filepath.Join(folder, "xeducation_leads.csv"), datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	trains := make([]bool, table.Rows())
	for i := range trains {
		trains[i] = i%3 > 0
	}
	part := func(name string, keep func(bool) bool) string {
		rows := make([]bool, len(trains))
		for i, x := range trains {
			rows[i] = keep(x)
		}
		some, err := datasets.SelectRows(table, rows)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := datasets.WriteTable(path, some); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c := Config{
		Leads: Leads{Path: part("train.csv", func(x bool) bool { return x }), ID: "Prospect ID"}, Interactions: "none",
		Targets: []Target{{Name: "converted", Column: "Converted", Positive: []string{"1"}}},
	}
	c.Features.Exclude = []string{"Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
		"Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score"}
	scorer := scorerOf(t, c)
	s := suggest(t, scorer.Artifact(), SuggestOptions{})
	if err := s.Measure(context.Background(), scorer, part("test.csv", func(x bool) bool { return !x }), datasets.ReadOptions{}, time.Time{}, nil, Judges{}); err != nil {
		t.Fatal(err)
	}
	if m := s.Measured; m.Ranking < .96 || m.Rows.Rows != 3080 || len(s.Lines) > 20 {
		t.Errorf("%d rules keep %v of the ranking: AUC %v, the model's %v", len(s.Lines), m.Ranking, m.AUC, m.Model.AUC)
	}
}
