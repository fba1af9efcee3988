package rules

import (
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
)

// What Compile calls impossible no lead of a grid meets; and it finds some.
func TestNoLeadMeetsWhatIsCalledImpossible(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	number := func() *Scalar { return &Scalar{V: float64(10 * r.IntN(4))} }
	var random func(depth int) Condition
	random = func(depth int) Condition {
		switch n := r.IntN(9); {
		case n == 0 && depth > 0:
			c := random(depth - 1)
			return Condition{Not: &c}
		case n == 1:
			return Condition{Field: "country", Missing: r.IntN(2) == 0}
		case n == 2:
			return Condition{Field: "country", In: [][]any{{"ES"}, {"MX", "PE"}, {"ES", "PE"}}[r.IntN(3)]}
		case n == 3:
			return Condition{Field: "country", Contains: []string{"e"}}
		case n == 4:
			return Condition{Field: "employees", In: Values{float64(10 * r.IntN(4))}}
		case n == 5:
			return Condition{Event: "visit", AtLeast: r.IntN(4), Within: []string{"", "5d", "10d"}[r.IntN(3)]}
		case n == 6:
			return Condition{Field: "employees", From: number()}
		case n == 7:
			return Condition{Field: "employees", Below: number()}
		}
		return Condition{Field: "employees", Above: number()}
	}
	asOf := moment(t, asOfText)
	var histories [][]Event
	for n := range 4 {
		for _, age := range []int64{1, 7 * microsPerDay, 20 * microsPerDay} {
			var events []Event
			for range n {
				events = append(events, Event{Type: "visit", At: asOf - age})
			}
			histories = append(histories, events)
		}
	}
	rule := func(c Condition) *Set {
		set, _ := Compile(&File{Version: 1, Scorecards: []Scorecard{{Name: "a", Groups: []Group{{Name: "g", Rules: []Rule{{Name: "r", When: c, Points: Points{Fixed: 1}}}}}}}}, testSchema())
		return set
	}
	impossible, possible := 0, 0
	for range 1500 {
		a, b := random(1), random(1)
		one, other := rule(a), rule(b)
		if one == nil || other == nil {
			t.Fatalf("%+v or %+v is no condition", a, b)
		}
		if rule(Condition{All: []Condition{a, b}}) != nil {
			possible++
			continue
		}
		impossible++
		for _, country := range []string{"", "ES", "MX", "PE"} {
			for _, employees := range []string{"", "0", "5", "10", "15", "20", "25", "30", "35"} {
				cells := row(t, country, employees)
				for _, events := range histories {
					x, _ := one.Score(cells, events, asOf)
					y, _ := other.Score(cells, events, asOf)
					if x+y == 2 {
						t.Fatalf("a lead with %q, %q and %d visits meets both %+v and %+v", country, employees, len(events), a, b)
					}
				}
			}
		}
	}
	if impossible < 50 || possible < 500 {
		t.Errorf("%d pairs are impossible, %d are not", impossible, possible)
	}
}

// Groups that decay differently count the same events each in its own way, and the next lead begins anew.
func TestDecaysOfGroupsDoNotMix(t *testing.T) {
	group := func(name, decay string) string {
		return `{"name": "` + name + `", ` + decay + `"rules": [{"name": "each", "when": {"event": "visit"}, "points": 16, "each": "event"}, {"name": "once", "when": {"event": "visit"}, "points": 16}]}`
	}
	set := compile(t, `{"version": 1, "scorecards": [{"name": "a", "groups": [`+group("half", `"decay": {"half_life": "10d"}, `)+","+group("linear", `"decay": {"linear": "40d"}, `)+","+group("not", "")+`]}]}`)
	for _, c := range []struct {
		ages []int64
		want float64
	}{{[]int64{10, 20}, 12 + 8 + 12 + 8 + 12 + 32 + 16}, {[]int64{20}, 4 + 4 + 8 + 8 + 16 + 16}, {nil, 0}, {[]int64{10, 20}, 12 + 8 + 20 + 12 + 32 + 16}} {
		for i := range c.ages {
			c.ages[i] *= microsPerDay
		}
		if got, _ := set.Score(row(t), visits(t, c.ages...), moment(t, asOfText)); got != c.want {
			t.Errorf("visits %v ago: %v points, want %v", c.ages, got, c.want)
		}
	}
	if got, _ := set.Score(row(t), visits(t, 1), datasets.MissingTime); got != 96 {
		t.Errorf("the latest of all has %v points, want 96", got)
	}
}
