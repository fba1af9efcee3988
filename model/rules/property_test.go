package rules

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

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
	switch n := d.IntN(15); {
	case n == 9:
		return Condition{Field: "employees", Above: &Scalar{V: 10.0}, To: &Scalar{V: float64(15 + d.IntN(80))}}
	case n == 10:
		return Condition{Field: "country", Contains: []string{"s", "m"}}
	case n == 11:
		return Condition{Field: []string{"country", "employees"}[d.IntN(2)], Missing: true}
	case n == 12:
		low := float64(d.IntN(5))
		return Condition{Event: "visit", Where: map[string]Range{"amount": {From: &low}}, AtLeast: d.IntN(3)}
	case n == 13:
		return Condition{Event: "call", Channel: []string{"ads"}, Within: "3w"}
	case n == 14:
		return Condition{Field: "country", Matches: "^(E|M)"}
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
			case rule.When.Field == "country" && rule.When.In == nil && d.IntN(2) == 0:
				rule.Points = Points{Table: []TableRow{{In: Values{"ES"}, Points: d.points()}, {In: Values{"MX", "PE"}, Points: d.points()}}}
			case len(rule.When.All)+len(rule.When.Any) > 0 || rule.When.Not != nil:
				group.Decay = nil // some of these do not say whose age counts
			}
			if d.IntN(5) == 0 {
				rule.Valid = &Valid{From: []string{"2026-01-01", "2026-05-01"}[d.IntN(2)]}
			}
			group.Rules = append(group.Rules, rule)
		}
		group.Axis = []string{"", "fit", "engagement", "none"}[d.IntN(4)]
		card.Groups = append(card.Groups, group)
	}
	if d.IntN(2) == 0 {
		card.Frameworks = []Framework{d.framework()}
	}
	if d.IntN(2) == 0 {
		card.Bounds = &Bounds{Min: -0.7, Max: 33.3}
	}
	return &File{Version: 1, Scorecards: []Scorecard{card}}
}

// framework makes a random framework, whose answers are columns and events.
func (d dice) framework() Framework {
	f := Framework{Name: "bant", Axis: []string{"", "engagement", "none"}[d.IntN(3)]}
	f.Decay = []*Decay{nil, {HalfLife: "10d"}, {Linear: "12d"}}[d.IntN(3)]
	share := func() float64 { return float64(d.IntN(9)-4) / 4 }
	for i := range 1 + d.IntN(4) {
		dim := Dimension{Name: fmt.Sprint("d", i), Weight: 0.1 + float64(d.IntN(400))/10, Question: "?"}
		for range d.IntN(3) {
			var e Evidence
			to := 30.0
			switch d.IntN(3) {
			case 0:
				e = Evidence{Field: "country", Answers: []Answer{{In: Values{"ES"}, Share: share()}, {In: Values{"MX"}, Share: share(), Cap: d.maybe(3.3), Veto: []string{"", disqualify}[d.IntN(2)]}}}
			case 1:
				e = Evidence{Field: "employees", Answers: []Answer{{To: &to, Share: share()}, {Share: share()}}, Confidence: &Scalar{V: []any{0.3, "employees"}[d.IntN(2)]}}
			default:
				x := share()
				e = Evidence{When: &Condition{Event: "visit", Within: "3w"}, Share: &x, Confidence: &Scalar{V: 0.7}}
			}
			if d.IntN(3) == 0 {
				e.Answered = "created_at"
			}
			dim.Evidence = append(dim.Evidence, e)
		}
		f.Dimensions = append(f.Dimensions, dim)
	}
	return f
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
	cells := row(t, []string{"ES", "MX", "PE", ""}[d.IntN(4)], []string{"", "20", "77.5", "0.6"}[d.IntN(4)], "", []string{"", "2026-03-20", "2026-04-20"}[d.IntN(3)])
	asOf := moment(t, asOfText)
	var events []Event
	for range d.IntN(12) {
		events = append(events, Event{Type: []string{"visit", "call", "other"}[d.IntN(3)], At: asOf - int64(d.IntN(30*microsPerDay)) + microsPerDay,
			Channel: []string{"", "ads"}[d.IntN(2)], Values: []datasets.Property{{Name: "amount", Value: float64(d.IntN(6))}}})
	}
	return cells, events, asOf
}

func TestLinesAddUpToTheScoreExactly(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(1, 2))}
	caps, bounds, decays, unknown, hards := 0, 0, 0, 0, 0
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
			r := set.Result(0, cells, events, asOf)
			if r.Score != score || r.Hard != hard || !(r.Low <= score && score <= r.High) || (r.Unknown > 0) != (r.Next != nil) || r.Unknown == 0 && (r.Low != score || r.High != score) && card.Frameworks == nil {
				t.Fatalf("file %d: score %v and stage %q, result %+v", i, score, hard, r)
			}
			unknown += r.Unknown
			if hard != "" {
				hards++
			}
			axes := map[string]float64{}
			for _, g := range card.Groups {
				axes[cmp.Or(g.Axis, axisOf(g.Name))] += groups[g.Name]
			}
			for _, fw := range card.Frameworks {
				axes[cmp.Or(fw.Axis, "fit")] += groups[fw.Name]
			}
			if math.Abs(axes["fit"]-r.Fit) > 1e-6 || math.Abs(axes["engagement"]-r.Engagement) > 1e-6 {
				t.Fatalf("file %d: the axes are %v, the result says %v and %v", i, axes, r.Fit, r.Engagement)
			}
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
	if caps < 100 || bounds < 100 || decays < 50 || unknown < 500 || hards < 30 {
		t.Errorf("only %d caps, %d bounds, %d decays, %d unknown dimensions and %d vetoes were tried", caps, bounds, decays, unknown, hards)
	}
}

func TestOrderOfEventsAndLaterEventsChangeNothing(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(3, 4))}
	for i := range 500 {
		_, set := d.set(t)
		cells, events, asOf := d.lead(t)
		_, _, want := set.Trace(cells, events, asOf)
		d.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if _, _, got := set.Trace(cells, events, asOf); !gocmp.Equal(got, want) {
			t.Fatalf("file %d: another order of events: %s", i, gocmp.Diff(want, got))
		}
		events = append(events, Event{Type: "visit", At: asOf}, Event{Type: "call", At: asOf + 1})
		if _, _, got := set.Trace(cells, events, asOf); !gocmp.Equal(got, want) {
			t.Fatalf("file %d: events at and after as-of: %s", i, gocmp.Diff(want, got))
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
