package model

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

// withCards is the fixture with two more scorecards, whose hard rules ask for other stages than the first one's.
func withCards(t testing.TB, table *datasets.Table) *Artifact {
	t.Helper()
	a := fixture(t, table, features.Linear)
	a.Rules.Scorecards = append(a.Rules.Scorecards,
		rules.Scorecard{
			Name: "training", Bounds: &rules.Bounds{Min: -10, Max: 40},
			Groups: []rules.Group{{Name: "fit", Rules: []rules.Rule{
				{Name: "boss", When: rules.Condition{Field: "title", In: []any{"CEO", "VP Sales"}}, Points: rules.Points{Fixed: 45}},
				{Name: "student", When: rules.Condition{Field: "title", In: []any{"Student"}}, Points: rules.Points{Fixed: -12.5}},
			}}},
			Hard: []rules.HardRule{{Name: "all", When: rules.Condition{Field: "created_at"}, Stage: "disqualify"}},
		},
		rules.Scorecard{Name: "support", Groups: []rules.Group{{Name: "engagement", Rules: []rules.Rule{
			{Name: "demo", When: rules.Condition{Event: "demo"}, Points: rules.Points{Fixed: 7}, Each: "event"},
			{Name: "web", When: rules.Condition{Field: "source", In: []any{"web"}}, Points: rules.Points{Fixed: .1}},
		}}}})
	return a
}

// Each scorecard's points are those of the rules alone, for one lead and in a batch, and only the first one's count.
func TestEachScorecardIsTold(t *testing.T) {
	table := leads(t, 300, 1)
	many, one := scorer(t, withCards(t, table)), scorer(t, fixture(t, table, features.Linear))
	fresh := leads(t, 200, 2)
	b := fresh.Batches[0]
	events := func(row int) []datasets.Event {
		return slices.Repeat([]datasets.Event{{Type: "demo", At: 1}}, row%3)
	}
	var c, alone, all Columns
	for range 2 { // the second time in the memory of the first
		if err := many.ScoreBatchEvents(b, events, &c); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.ScoreBatchEvents(b, events, &alone); err != nil {
		t.Fatal(err)
	}
	all.Append(&c)
	all.Append(&c)
	var p, q Prediction
	differ := [3]map[float64]bool{{}, {}, {}}
	for i := range fresh.Rows() {
		l := leadAt(fresh, i)
		l.Events = events(i)
		if err := many.Score(l, &p); err != nil {
			t.Fatal(err)
		}
		if err := one.Score(l, &q); err != nil {
			t.Fatal(err)
		}
		if len(p.RuleScores) != 3 || len(c.RuleScores) != 3 || len(all.RuleScores) != 3 {
			t.Fatalf("row %d: %v, in the batch %d scorecards, appended %d", i, p.RuleScores, len(c.RuleScores), len(all.RuleScores))
		}
		for k := range p.RuleScores {
			want, _ := many.rules.ScoreCard(k, l.Values, l.Events, many.moment(l))
			for _, got := range []float64{p.RuleScores[k], c.RuleScores[k][i], all.RuleScores[k][i], all.RuleScores[k][fresh.Rows()+i]} {
				if !same(got, want) {
					t.Fatalf("row %d, scorecard %d: %v, want %v", i, k, got, want)
				}
			}
			differ[k][want] = true
		}
		if !same(p.RuleScore, p.RuleScores[0]) || !same(p.RuleScore, q.RuleScore) || !same(p.Score, q.Score) || p.Stage != q.Stage || p.Grade != q.Grade {
			t.Fatalf("row %d: with more scorecards %+v, with one %+v", i, p, q)
		}
		if !same(c.RuleScore[i], alone.RuleScore[i]) || !same(c.Score[i], alone.Score[i]) || c.Stage[i] != alone.Stage[i] {
			t.Fatalf("row %d: the batch has %v %v %s with more scorecards, %v %v %s with one", i, c.RuleScore[i], c.Score[i], c.Stage[i], alone.RuleScore[i], alone.Score[i], alone.Stage[i])
		}
	}
	for k, values := range differ {
		if len(values) < 3 {
			t.Errorf("scorecard %d gives only %v", k, values)
		}
	}
	if q.RuleScores != nil || alone.RuleScores != nil {
		t.Errorf("one scorecard: %v and %v, want none", q.RuleScores, alone.RuleScores)
	}
	// Memory that was another model's: nothing of it is left, and more rows fit.
	if err := one.Score(leadAt(fresh, 0), &p); err != nil || len(p.RuleScores) != 0 {
		t.Errorf("one scorecard after three: %v, %v", p.RuleScores, err)
	}
	if err := one.ScoreBatchEvents(b, events, &c); err != nil || len(c.RuleScores) != 0 {
		t.Errorf("one scorecard after three: %d columns, %v", len(c.RuleScores), err)
	}
	if err := many.ScoreBatch(table.Batches[0], &c); err != nil || len(c.RuleScores) != 3 || len(c.RuleScores[2]) != table.Rows() || &c.RuleScores[0][0] != &c.RuleScore[0] {
		t.Errorf("three scorecards after one: %d columns, %v", len(c.RuleScores), err)
	}
}

// A reused Prediction costs nothing for further scorecards: their points go where the last lead's were. (Allocations are not counted:
// the race detector empties the rules' pool.)
func TestScorecardsReuseThePrediction(t *testing.T) {
	table := leads(t, 300, 1)
	s := scorer(t, withCards(t, table))
	var p Prediction
	if err := s.Score(leadAt(table, 0), &p); err != nil {
		t.Fatal(err)
	}
	first := &p.RuleScores[0]
	if err := s.Score(leadAt(table, 1), &p); err != nil || &p.RuleScores[0] != first {
		t.Errorf("the second lead's points have memory of their own (%v)", err)
	}
}

// The lines of each scorecard add up to its points, and the page has them under its name.
func TestExplainingScorecards(t *testing.T) {
	table := leads(t, 300, 1)
	s := scorer(t, withCards(t, table))
	for i := range 50 {
		l := leadAt(table, i)
		l.Events = []datasets.Event{{Type: "demo", At: 1}}
		e, err := s.Explain(l, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Traces) != 2 {
			t.Fatalf("%d traces of scorecards after the first, want 2", len(e.Traces))
		}
		for k, lines := range append([][]rules.Line{e.Trace}, e.Traces...) {
			sum := 0.0
			for _, line := range lines {
				sum += line.Points
			}
			if sum != e.RuleScores[k] {
				t.Fatalf("lead %d, scorecard %d: the trace gives %v, the score is %v", i, k, sum, e.RuleScores[k])
			}
		}
		if last := e.Traces[0][len(e.Traces[0])-1]; last.Kind != "hard" || last.Rule != "all" || !strings.HasPrefix(last.Text, "disqualify: created_at = ") {
			t.Fatalf("lead %d: the hard rule of a later scorecard, which decides nothing here, is told as %+v", i, last)
		}
		if err := s.Advise(l, 3, e); err != nil || e.Traces != nil {
			t.Fatalf("advice after an explanation keeps %d traces (%v)", len(e.Traces), err)
		}
	}
	l := leadAt(table, 0)
	l.Values[1], l.Values[7] = datasets.Level("web"), datasets.Level("CEO")
	for lang, want := range map[string][]string{
		English: {"\n  rule score of training: 40 (not blended)\n", "\n  rule score of support: 0.1 (not blended)\n", "\nrules of training (points)\n", "\nrules of support (points)\n", "engagement / web"},
		Spanish: {"\n  puntos de reglas de training: 40 (no se combinan con el modelo)\n", "\n  puntos de reglas de support: 0,1 (no", "\nreglas de training (puntos)\n"},
	} {
		in, err := s.In(lang)
		if err != nil {
			t.Fatal(err)
		}
		e, err := in.Explain(clone(l), 2)
		if err != nil {
			t.Fatal(err)
		}
		var page bytes.Buffer
		if err := in.WritePage(&page, e); err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(page.String(), part) {
				t.Errorf("%s: the page lacks %q:\n%s", lang, part, page.String())
			}
		}
	}
}
