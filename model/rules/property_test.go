package rules

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

// dice makes random scorecards and leads from a seed.
type dice struct{ *rand.Rand }

func (d dice) points() float64 {
	switch d.IntN(4) {
	case 0:
		return float64(d.IntN(41) - 20)
	case 1:
		return float64(d.IntN(4001)-2000) / 100
	case 2:
		return d.NormFloat64() * 1000
	}
	return 0.1
}

func (d dice) maybe(x float64) *float64 {
	if d.IntN(2) == 0 {
		return nil
	}
	return &x
}

func (d dice) condition(depth int) Condition {
	switch n := d.IntN(9); {
	case n == 0 && depth > 0:
		return Condition{All: []Condition{d.condition(depth - 1), {Event: "visit"}}}
	case n == 1 && depth > 0:
		return Condition{Any: []Condition{d.condition(depth - 1), d.condition(depth - 1)}}
	case n == 2 && depth > 0:
		c := d.condition(depth - 1)
		return Condition{Not: &c}
	case n == 3:
		return Condition{CEL: `lead["employees"] > 50.0 && lead["country"] != "MX"`}
	case n < 6:
		return Condition{Event: []string{"visit", "call"}[d.IntN(2)], AtLeast: d.IntN(4), Within: []string{"", "2d", "3w"}[d.IntN(3)]}
	case n == 6:
		return Condition{Field: "country", In: Values{"ES", "MX"}}
	}
	return Condition{Field: "employees"}
}

func (d dice) file() *File {
	card := Scorecard{Name: "a"}
	for g := range 1 + d.IntN(4) {
		group := Group{Name: fmt.Sprint("g", g), Cap: d.maybe(20.1), Floor: d.maybe(-10.3)}
		group.Decay = []*Decay{nil, {HalfLife: "10d"}, {Linear: "12d"}, {Step: &Step{After: "1w", Keep: 0.3}}}[d.IntN(4)]
		for r := range 1 + d.IntN(6) {
			rule := Rule{Name: fmt.Sprint("r", r), When: d.condition(2), Points: Points{Fixed: d.points()}}
			if d.IntN(3) == 0 {
				rule.Cap = d.maybe(7.7)
			}
			switch {
			case rule.When.Event != "":
				rule.Each = []string{"", "once", "day", "event"}[d.IntN(4)]
			case rule.When.Field == "employees" && d.IntN(2) == 0:
				to := 30.5
				rule.Points = Points{Table: []TableRow{{To: &to, Points: d.points()}, {Points: d.points()}}}
			case len(rule.When.All)+len(rule.When.Any) > 0 || rule.When.Not != nil:
				group.Decay = nil // some of these do not say whose age counts
			}
			group.Rules = append(group.Rules, rule)
		}
		card.Groups = append(card.Groups, group)
	}
	if d.IntN(2) == 0 {
		card.Bounds = &Bounds{Min: -0.7, Max: 33.3}
	}
	return &File{Version: 1, Scorecards: []Scorecard{card}}
}

// set compiles a random file; what chance wrote that no lead can meet is thrown again.
func (d dice) set(t testing.TB) (*File, *Set) {
	t.Helper()
	for {
		f := d.file()
		set, problems := Compile(f, testSchema())
		if problems == nil {
			return f, set
		}
		for _, p := range problems {
			if !strings.Contains(p.Text, "can never") {
				t.Fatalf("%v", p)
			}
		}
	}
}

func (d dice) lead(t testing.TB) ([]datasets.Value, []Event, int64) {
	cells := row(t, []string{"ES", "MX", "PE", ""}[d.IntN(4)], []string{"", "20", "77.5"}[d.IntN(3)])
	asOf := moment(t, asOfText)
	var events []Event
	for range d.IntN(12) {
		events = append(events, Event{Type: []string{"visit", "call", "other"}[d.IntN(3)], At: asOf - int64(d.IntN(30*microsPerDay)) + microsPerDay})
	}
	return cells, events, asOf
}

func TestLinesAddUpToTheScoreExactly(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(1, 2))}
	caps, bounds, decays := 0, 0, 0
	for i := range 1000 {
		f, set := d.set(t)
		for range 5 {
			cells, events, asOf := d.lead(t)
			score, hard, lines := set.Trace(cells, events, asOf)
			sum, groups := 0.0, map[string]float64{}
			for _, l := range lines {
				sum += l.Points
				groups[l.Group] += l.Points
				switch l.Kind {
				case "cap":
					caps++
				case "bound":
					bounds++
				case "decay":
					decays++
				}
			}
			if sum != score {
				t.Fatalf("file %d: the lines add up to %v, the score is %v: %+v", i, sum, score, lines)
			}
			if plain, h := set.Score(cells, events, asOf); plain != score || h != hard {
				t.Fatalf("file %d: Score gives %v, Trace %v", i, plain, score)
			}
			card := &f.Scorecards[0]
			if b := card.Bounds; b != nil && (score < b.Min || score > b.Max) {
				t.Fatalf("file %d: score %v is out of bounds", i, score)
			}
			for _, g := range card.Groups {
				if g.Cap != nil && groups[g.Name] > *g.Cap+1e-9 || g.Floor != nil && groups[g.Name] < *g.Floor-1e-9 {
					t.Fatalf("file %d: group %s has %v points", i, g.Name, groups[g.Name])
				}
			}
		}
	}
	if caps < 100 || bounds < 100 || decays < 50 {
		t.Errorf("only %d caps, %d bounds and %d decays were tried", caps, bounds, decays)
	}
}

func TestOrderOfEventsAndLaterEventsChangeNothing(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(3, 4))}
	for i := range 500 {
		_, set := d.set(t)
		cells, events, asOf := d.lead(t)
		_, _, want := set.Trace(cells, events, asOf)
		d.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if _, _, got := set.Trace(cells, events, asOf); !cmp.Equal(got, want) {
			t.Fatalf("file %d: another order of events: %s", i, cmp.Diff(want, got))
		}
		events = append(events, Event{Type: "visit", At: asOf}, Event{Type: "call", At: asOf + 1})
		if _, _, got := set.Trace(cells, events, asOf); !cmp.Equal(got, want) {
			t.Fatalf("file %d: events at and after as-of: %s", i, cmp.Diff(want, got))
		}
	}
}

// An older history is worth no more where all points are positive and decay.
func TestDecayOnlyFalls(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(5, 6))}
	for _, decay := range []string{`{"half_life": "10d"}`, `{"linear": "20d"}`, `{"step": {"after": "5d", "keep": 0.4}}`} {
		set := compile(t, oneRule(`"decay": `+decay+`,`, `{"name": "r", "when": {"event": "visit"}, "points": 9, "each": "event"}`))
		for range 200 {
			cells, events, asOf := d.lead(t)
			for i := range events {
				events[i].At = min(events[i].At, asOf-1)
			}
			now, _ := set.Score(cells, events, asOf)
			later, _ := set.Score(cells, events, asOf+int64(d.IntN(40*microsPerDay)))
			if later > now {
				t.Fatalf("%s: %v points become %v", decay, now, later)
			}
		}
	}
}

func TestSetIsSharedByGoroutines(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 8))}
	_, set := d.set(t)
	cells, events, asOf := d.lead(t)
	want, _ := set.Score(cells, events, asOf)
	done := make(chan float64)
	for range 4 {
		go func() {
			got := want
			for range 500 {
				if s, _ := set.Score(cells, events, asOf); s != want {
					got = s
				}
			}
			done <- got
		}()
	}
	for range 4 {
		if got := <-done; got != want {
			t.Errorf("score %v, want %v", got, want)
		}
	}
}
