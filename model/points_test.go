package model

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leadscore/features"
)

// additive is the fixture with two pairs.
func additive(t testing.TB, rows int) *Artifact {
	t.Helper()
	table := leads(t, rows, 5)
	a := withoutRules(t, table, features.Additive)
	p, err := a.Pipeline.WithPairs([][2]string{{"visits", "source"}, {"source", "size.size"}})
	if err != nil {
		t.Fatal(err)
	}
	for k := range a.Targets {
		for f := len(a.Targets[k].Effects); f < len(p.Features()); f++ {
			n := len(p.Features()[f].Levels)
			e := TermEffect{Effect: features.Effect{Table: make([]float64, n)}, Rows: make([]int, n), Positives: make([]int, n)}
			for code := range e.Table {
				e.Table[code] = .01 * float64(code%7-3) * float64(1+f%3)
				e.Rows[code], e.Positives[code] = 4, code%3
			}
			a.Targets[k].Effects = append(a.Targets[k].Effects, e)
		}
	}
	a.Pipeline = p
	return a
}

// Points and effects say the same to half a point, so a difference of points is one of log-odds: the law
// of points to double the odds, at any PDO.
func TestPointsAreEffectsToHalfAPoint(t *testing.T) {
	a := additive(t, 400)
	for _, pdo := range []float64{0, 1, 20, 33.5, 100} {
		for k := range a.Targets {
			p, err := a.Points(k, pdo)
			if err != nil {
				t.Fatal(err)
			}
			if want := pdo; p.PDO != want && (want != 0 || p.PDO != DefaultPDO) {
				t.Fatalf("PDO %v, want %v", p.PDO, want)
			}
			half := math.Ln2 / p.PDO / 2 * (1 + 1e-9)
			for f, e := range a.Targets[k].Effects {
				for code, b := range e.Table {
					if got := float64(p.At(f, uint32(code))) * math.Ln2 / p.PDO; math.Abs(got-(b-e.Mean)) > half {
						t.Errorf("feature %d, code %d: %v log-odds in points, the effect is %v", f, code, got, b-e.Mean)
					}
				}
				if p.At(f, uint32(len(e.Table))) != 0 {
					t.Errorf("feature %d: a level never seen has points", f)
				}
			}
			if gap := p.Logit(100+int(2*p.PDO)) - p.Logit(100+int(p.PDO)); p.PDO == math.Round(p.PDO) && math.Abs(gap-math.Ln2) > 1e-12 {
				t.Errorf("PDO points more are %v log-odds, want ln 2", gap)
			}
		}
	}
}

// The card's rows add up to the score of a lead, and the score stands for its logit to half a point a feature.
func TestCardSumsToTheScoreOfALead(t *testing.T) {
	table := leads(t, 400, 5)
	a := additive(t, 400)
	s := scorer(t, a)
	card, err := a.PointsCard(0, DefaultPDO)
	if err != nil {
		t.Fatal(err)
	}
	points, err := a.Points(0, DefaultPDO)
	if err != nil {
		t.Fatal(err)
	}
	of := cardLookup(t, card)
	all := a.Pipeline.Features()
	cells := make([]features.Cell, len(all))
	merged := false
	for row := range 400 {
		lead := leadAt(table, row)
		a.Pipeline.Row(lead.Values, lead.Values[4].Time, cells)
		sum := card.Base
		for f, c := range cells {
			if int(c.Code) < len(all[f].Levels) {
				sum += of[all[f].Name+"\x00"+all[f].Levels[c.Code]]
			}
		}
		if got := points.Score(cells); got != sum {
			t.Fatalf("row %d: score %d, the card adds up to %d", row, got, sum)
		}
		var p Prediction
		if err := s.Score(lead, &p); err != nil {
			t.Fatal(err)
		}
		if gap := math.Abs(points.Logit(sum) - p.Logits[0]); gap > float64(len(all))*math.Ln2/DefaultPDO/2 {
			t.Errorf("row %d: %d points are a logit of %v, the model says %v", row, sum, points.Logit(sum), p.Logits[0])
		}
	}
	for _, r := range card.Rows {
		merged = merged || len(r.Levels) > 1
	}
	if !merged {
		t.Error("no row of the card joins levels: the test shows less than it should")
	}
}

// cardLookup is the points by feature and level; a level must not be there twice.
func cardLookup(t *testing.T, c *PointsCard) map[string]int {
	t.Helper()
	of := map[string]int{}
	for _, r := range c.Rows {
		levels := r.Levels
		if levels == nil {
			levels = []string{r.Level}
		}
		for _, l := range levels {
			key := r.Feature + "\x00" + l
			if _, twice := of[key]; twice {
				t.Errorf("%s: level %q is on the card twice", r.Feature, l)
			}
			of[key] = r.Points
		}
	}
	return of
}

// Joining rows loses no training row but of what has no points.
func TestCardCountsEveryTrainingRow(t *testing.T) {
	a := additive(t, 400)
	card, err := a.PointsCard(0, DefaultPDO)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, r := range card.Rows {
		rows[r.Feature] += r.Rows
		if r.Rate < 0 || r.Rate > 1 {
			t.Errorf("%s, %s: rate %v", r.Feature, r.Level, r.Rate)
		}
	}
	for f, feature := range a.Pipeline.Features() {
		want := 0
		for _, n := range a.Targets[0].Effects[f].Rows {
			want += n
		}
		if got, there := rows[feature.Name]; there && feature.Parents == nil && got != want {
			t.Errorf("%s: %d rows on the card, %d in training", feature.Name, got, want)
		}
	}
}

func TestNamesOfJoinedLevels(t *testing.T) {
	bins := []string{"= 0", "= 1", "1.5 – 4", "4 – 9", "= 10", "> 10", "missing"}
	wide := []string{"≤ 2", "2 – 5", "= 6"}
	for _, c := range []struct {
		levels   []string
		from, to int
		ordered  int
		want     string
	}{
		{bins, 0, 0, 6, "= 0"}, {bins, 0, 1, 6, "≤ 1"}, {bins, 0, 3, 6, "≤ 9"}, {bins, 1, 3, 6, "= 1 – 9"}, {bins, 2, 3, 6, "1.5 – 9"},
		{bins, 2, 4, 6, "1.5 – 10"}, {bins, 3, 5, 6, "> 4"}, {bins, 4, 5, 6, "≥ 10"}, {bins, 0, 5, 6, "any"}, {bins, 6, 6, 6, "missing"},
		{wide, 0, 1, 3, "≤ 5"}, {wide, 1, 2, 3, "> 2"}, {[]string{"Monday", "Tuesday", "Wednesday"}, 0, 2, 3, "Monday – Wednesday"},
	} {
		run := []int{}
		for k := c.from; k <= c.to; k++ {
			run = append(run, k)
		}
		if got := span(c.levels, run, c.ordered); got != c.want {
			t.Errorf("levels %q: %q, want %q", c.levels[c.from:c.to+1], got, c.want)
		}
	}
}

func TestRunsJoinNeighboursOnly(t *testing.T) {
	points := []int{1, 1, 2, 1, 1, 1}
	got := runs(len(points), 4, func(a, b int) bool { return points[a] == points[b] })
	if want := [][]int{{0, 1}, {2}, {3}, {4}, {5}}; !reflect.DeepEqual(got, want) {
		t.Errorf("runs %v, want %v", got, want)
	}
}

func TestPointsNeedTables(t *testing.T) {
	a := withoutRules(t, leads(t, 200, 5), features.Linear)
	if _, err := a.PointsCard(0, DefaultPDO); err == nil || !strings.Contains(err.Error(), "model.kind additive") {
		t.Errorf("a linear model: error %v", err)
	}
	if _, err := additive(t, 200).Points(2, 0); err == nil {
		t.Error("a target that is not there: no error")
	}
}

func TestPointsCardComesBackFromJSON(t *testing.T) {
	card, err := additive(t, 300).PointsCard(1, 20)
	if err != nil {
		t.Fatal(err)
	}
	card.Cost = &PointsCost{Difference: Estimate{-.001, -.002, 0}}
	b, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	var got PointsCard
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, *card) {
		t.Error("the card does not come back")
	}
	isPair := func(r PointsRow) bool { return strings.Contains(r.Feature, " × ") }
	if i := slices.IndexFunc(got.Rows, isPair); i < 0 || slices.ContainsFunc(got.Rows[i:], func(r PointsRow) bool { return !isPair(r) }) {
		t.Error("pairs do not stand behind the main effects")
	}
}

// A level of 0.7 log-odds over the average lead doubles the odds: 20 points.
func ExamplePoints() {
	p := Points{PDO: 20, Factor: 20 / math.Ln2, Offset: 160, Tables: [][]int{{20, -14}, {3, 0, -6}}}
	score := p.Score([]features.Cell{{Code: 0}, {Code: 2}})
	fmt.Printf("%d points: odds %.3f\n", score, math.Exp(p.Logit(score)))
	fmt.Printf("%d points: odds %.3f\n", score+20, math.Exp(p.Logit(score+20)))
	// Output:
	// 114 points: odds 0.203
	// 134 points: odds 0.406
}
