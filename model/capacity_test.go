package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"leadscore/features"
)

// A capacity is never exceeded, by whatever leads; those who get in are not worse than those who do not; and the order of the rows decides
// nothing.
func TestCapacityIsNeverExceeded(t *testing.T) {
	table := leads(t, 300, 5)
	a := fixture(t, table, features.Linear)
	a.Policy.MQL.MinScore, a.Policy.SQL.MinScore = 20, 40
	s := scorer(t, a)
	r := rand.New(rand.NewPCG(4, 4))
	for trial := range 60 {
		before := make([]Previous, table.Rows())
		if trial%2 == 0 {
			for i := range before {
				before[i].Stage = []Stage{"", Nurture, MQL, SQL}[r.IntN(4)]
			}
		}
		c := Columns{Previous: before}
		if err := s.ScoreBatch(table.Batches[0], &c); err != nil {
			t.Fatal(err)
		}
		ids := make([]string, table.Rows())
		for i := range ids {
			ids[i] = fmt.Sprint("L", (i*7)%300)
			if trial%3 == 0 { // many ties
				c.Score[i] = float64(int(c.Score[i]) / 10 * 10)
				c.Probability[i] = .5
			}
		}
		first := slices.Clone(c.Stage)
		entered := func(stage Stage) (n int) {
			for i, got := range c.Stage {
				if got == stage && before[i].Stage.rank() < stage.rank() {
					n++
				}
			}
			return n
		}
		shuffled := r.Perm(len(ids))
		other := Columns{Previous: make([]Previous, len(ids)), Score: make([]float64, len(ids)), Probability: make([]float64, len(ids)), Stage: make([]Stage, len(ids)),
			Below: make([]Stage, len(ids)), Changed: make([]bool, len(ids)), Probabilities: [][]float64{nil, nil}}
		otherIDs := make([]string, len(ids))
		for to, from := range shuffled {
			other.Previous[to], other.Score[to], other.Probability[to], other.Stage[to] = before[from], c.Score[from], c.Probability[from], c.Stage[from]
			other.Below[to], otherIDs[to] = c.Below[from], ids[from]
		}
		sql, mql := 1+r.IntN(60), 1+r.IntN(60)
		wanted := entered(SQL)
		out := s.Limit(SQL, sql, &c, ids)
		if got := entered(SQL); got != min(wanted, sql) || len(out) != wanted-got {
			t.Fatalf("%d of %d in SQL with a capacity of %d, %d turned away", got, wanted, sql, len(out))
		}
		for _, row := range out {
			if c.Stage[row] != MQL || before[row].Stage == SQL { // all of them reach MQL's cut-off
				t.Fatalf("row %d was turned away to %s, from %q", row, c.Stage[row], before[row].Stage)
			}
			for i, got := range c.Stage {
				if got == SQL && before[i].Stage != SQL && c.Score[i] < c.Score[row] {
					t.Fatalf("a score of %v got in and one of %v did not", c.Score[i], c.Score[row])
				}
			}
			if c.Changed[row] != (before[row].Stage != "" && Entered(before[row].Stage, c.Stage[row])) {
				t.Fatalf("row %d: changed %v from %q to %s", row, c.Changed[row], before[row].Stage, c.Stage[row])
			}
		}
		s.Limit(MQL, mql, &c, ids)
		if got := entered(MQL); got > mql {
			t.Fatalf("%d in MQL with a capacity of %d", got, mql)
		}
		for i := range c.Stage {
			if c.Stage[i].rank() > first[i].rank() {
				t.Fatalf("a capacity lifts row %d", i)
			}
		}
		s.Limit(SQL, sql, &other, otherIDs)
		s.Limit(MQL, mql, &other, otherIDs)
		for to, from := range shuffled {
			if other.Stage[to] != c.Stage[from] {
				t.Fatalf("in another order lead %s gets %s and not %s", ids[from], other.Stage[to], c.Stage[from])
			}
		}
	}
}
