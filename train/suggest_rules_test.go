package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/features"
	"leadscore/features/history"
)

// TestSegmentsAreTheBest: no other division into as many runs has less within them.
func TestSegmentsAreTheBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	within := func(value, weight []float64, cuts []int) float64 {
		ends, total := append(append([]int{0}, cuts...), len(value)), 0.0
		for i := range ends[1:] {
			m := meanOf(value, weight, ends[i], ends[i+1])
			for k := ends[i]; k < ends[i+1]; k++ {
				total += weight[k] * (value[k] - m) * (value[k] - m)
			}
		}
		return total
	}
	for range 200 {
		n := 2 + rng.IntN(7)
		value, weight := make([]float64, n), make([]float64, n)
		for i := range n {
			value[i], weight[i] = math.Round(rng.NormFloat64()*3), float64(1+rng.IntN(5))
		}
		cuts := segments(value, weight, 0)
		least, fewer := math.Inf(1), math.Inf(1)
		for mask := range 1 << (n - 1) {
			var other []int
			for i := range n - 1 {
				if mask>>i&1 == 1 {
					other = append(other, i+1)
				}
			}
			switch x := within(value, weight, other); len(other) {
			case len(cuts):
				least = min(least, x)
			case len(cuts) - 1:
				fewer = min(fewer, x)
			}
		}
		all := within(value, weight, nil)
		if got := within(value, weight, cuts); got > least+1e-9 {
			t.Fatalf("%v by %v: %v leaves %v, the best %v", value, weight, cuts, got, least)
		}
		if len(cuts) > 0 && fewer <= withinSegments*all-1e-9 {
			t.Fatalf("%v by %v: %v, and one less would do: %v of %v", value, weight, cuts, fewer, all)
		}
	}
}

// TestMakers holds the rules of single features against points counted by hand.
func TestMakers(t *testing.T) {
	if pointsOf(.6, 1) != 1 || pointsOf(-.5, 1) != -1 || pointsOf(.04, 10) != 0 {
		t.Error("points are not the nearest whole numbers, halves away from zero")
	}
	events, ok := newEventMaker(features.Plain{Own: 4, Edges: []float64{.5, 1.5, 4}}, history.Part{Measure: "count", Type: "demo", Window: 36 * 3600 * 1e6})
	if !ok {
		t.Fatal("no rules of events")
	}
	visits := &term{effect: []float64{0, 1, 1, 2.5}, rows: []float64{50, 20, 20, 10}}
	one := events.next(visits, 10)
	two := one.next(visits, 10)
	made := two.rules(visits)
	if len(made) != 2 || made[0].rule.When.AtLeast != 1 || made[0].rule.Points.Fixed != 10 || made[1].rule.When.AtLeast != 5 || made[1].rule.Points.Fixed != 15 || made[1].rule.When.Within != "36h" {
		t.Errorf("rules of events %+v", made)
	}
	if three := two.next(visits, 10); three != nil {
		t.Errorf("a third rule %+v", three.rules(visits))
	}
	for _, part := range []history.Part{{Measure: "days", Type: "demo", Window: day}, {Measure: "count", Window: day}, {Measure: "count", Type: "demo", Window: 45e6}} {
		if _, ok := newEventMaker(features.Plain{Edges: []float64{.5}}, part); ok {
			t.Errorf("%+v has rules", part)
		}
	}
	// Points of a number are counted from a missing one.
	number := &numberMaker{column: "x", edges: []float64{3}, missing: 2}
	made = number.next(&term{effect: []float64{1, 2, 4}, rows: []float64{10, 10, 10}}, 10).rules(nil)
	if table := made[0].rule.Points.Table; len(table) != 2 || table[0].Points != -30 || *table[0].To != 3 || table[1].Points != -20 {
		t.Errorf("table %+v", table)
	}
	// A single step is a range.
	number.missing = -1
	made = number.next(&term{effect: []float64{1, 2}, rows: []float64{10, 10}}, 10).rules(nil)
	if r := made[0].rule; r.Points.Table != nil || r.Points.Fixed != 10 || r.When.Above == nil || r.When.Above.V != 3.0 || r.When.To != nil {
		t.Errorf("range %+v", r)
	}
	c := oddConfig(t, 1500)
	c.Pairs = [][2]string{{"source", "region"}}
	p := run(t, c).Artifact.Pipeline
	for f, feature := range p.Features() {
		if feature.Parents == nil {
			continue
		}
		m, ok := newPairMaker(p, f, nil)
		of, _ := p.Coarse(feature.Parents[0])
		if other := p.Features()[feature.Parents[0]].Other; !ok || other < 0 || !m.sides[0].barred[of[other]] || m.sides[0].barred[of[0]] {
			t.Errorf("rare values stand in blocks: %v", m.sides[0].barred)
		}
	}
}
