package model

import (
	"math/rand/v2"
	"testing"

	"leadscore/features"
	"leadscore/model/rules"
)

// A row of a batch gets what the lead alone gets: stage, whether it is entered, axes and score, with weights of groups, targets of stages,
// limits for leaving and stays.
func TestBatchesDecideAsLeads(t *testing.T) {
	table := leads(t, 300, 9)
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 3))
		a := fixture(t, table, features.Linear)
		card := &a.Rules.Scorecards[0]
		card.Groups = append(card.Groups, rules.Group{Name: "engagement", Rules: []rules.Rule{
			{Name: "many", When: rules.Condition{CEL: `lead["visits"] > 5.0`}, Points: rules.Points{Fixed: 30}},
			{Name: "few", When: rules.Condition{CEL: `lead["visits"] > 1.0`}, Points: rules.Points{Fixed: 15}},
		}})
		a.Blend = Blend{Method: BlendLogit, Logit: 1, Groups: []GroupWeight{{"fit", 2}, {"engagement", 3}}}
		a.Policy = anyPolicy(r)
		a.Policy.Grades = &Grades{Fit: []float64{30, 20, 1}, Engagement: []float64{45, 30, 15}}
		if seed%2 == 0 {
			a.Policy.SQL.Target = "sql"
		}
		s := scorer(t, a)
		c := Columns{Previous: make([]Previous, table.Rows())}
		for i := range c.Previous {
			if r.IntN(3) > 0 {
				c.Previous[i] = Previous{Stage: Stages()[r.IntN(4)], Since: leadAt(table, i).Values[4].Time - r.Int64N(20)*day}
			}
		}
		if err := s.ScoreBatch(table.Batches[0], &c); err != nil {
			t.Fatal(err)
		}
		stages, grades, changed := map[Stage]int{}, map[string]int{}, 0
		var p Prediction
		for i := range table.Rows() {
			l := leadAt(table, i)
			l.Previous = c.Previous[i]
			if err := s.Score(l, &p); err != nil {
				t.Fatal(err)
			}
			if p.Stage != c.Stage[i] || p.Changed != c.Changed[i] || p.Axes != c.Axes[i] || !same(p.Score, c.Score[i]) || p.Grade != c.Grade[i] {
				t.Fatalf("seed %d, row %d: %+v; the batch has %s %v %+v %v %s", seed, i, p, c.Stage[i], c.Changed[i], c.Axes[i], c.Score[i], c.Grade[i])
			}
			stages[p.Stage]++
			grades[p.Axes.Grade]++
			if p.Changed {
				changed++
			}
		}
		if len(grades) < 6 || changed == 0 {
			t.Errorf("seed %d: stages %v, grades %v, %d changed", seed, stages, grades, changed)
		}
	}
}

func TestAxisGrades(t *testing.T) {
	g := Grades{Fit: []float64{75, 50, 25}, Engagement: []float64{60, 40, 20}}
	for _, c := range []struct {
		fit, engagement float64
		want            string
	}{{75, 60, "A1"}, {74.9, 59.9, "B2"}, {50, 20, "B3"}, {25, 19, "C4"}, {-10, 100, "D1"}, {24.9, 0, "D4"}} {
		if got := g.Grade(c.fit, c.engagement); got != c.want {
			t.Errorf("%v, %v: %s, want %s", c.fit, c.engagement, got, c.want)
		}
	}
	if all := AxisGrades(); len(all) != 16 || all[0] != "A1" || all[15] != "D4" {
		t.Errorf("%q", all)
	}
}
