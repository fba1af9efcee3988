package model

import (
	"encoding/json"
	"maps"

	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model/rules"
)

const testPlan = `{"windows":[604800000000,2592000000000],"half_life":1209600000000,"properties":["amount"],
	"types":[{"name":"demo","properties":[0]},{"name":"visit"}],"channels":["ads"]}`

// eventLeads are leads with events before their as-of moment, and the features of those in columns.
func eventLeads(t testing.TB, plan *history.Plan, rows int, seed uint64) (*datasets.Table, [][]datasets.Event) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 11))
	table := leads(t, rows, seed)
	fields := plan.Fields()
	columns := make([]datasets.Column, len(fields))
	for i := range columns {
		columns[i].Kind = fields[i].Kind
		if columns[i].Kind == datasets.Categorical {
			columns[i].Levels = []string{"ads", "other"}
		}
	}
	all := make([][]datasets.Event, rows)
	values := make([]datasets.Value, len(fields))
	for row := range rows {
		at := table.Batches[0].Column(4).Times[row]
		for range r.IntN(6) {
			e := datasets.Event{Type: []string{"demo", "visit", "visit", "blog"}[r.IntN(4)], At: at - r.Int64N(60*24*3600e6)}
			if r.IntN(2) == 0 {
				e.Channel, e.Values = "ads", []datasets.Property{{Name: "amount", Value: float64(r.IntN(5))}}
			}
			all[row] = append(all[row], e)
		}
		plan.Row(all[row], at, values, new(history.Scratch))
		for i := range columns {
			switch c := &columns[i]; {
			case c.Kind == datasets.Categorical:
				c.Codes = append(c.Codes, int32(slices.Index(c.Levels, values[i].Str)))
			case values[i].Missing():
				c.Numbers = append(c.Numbers, math.NaN())
			default:
				c.Numbers = append(c.Numbers, values[i].Num)
			}
		}
	}
	with, err := datasets.Replace(table, fields, columns)
	if err != nil {
		t.Fatal(err)
	}
	return with, all
}

// changeable is a random model whose policy marks much actionable, and leads for it.
func changeable(t testing.TB, seed uint64) (*Scorer, []*Lead) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 23))
	plan := &history.Plan{}
	if err := json.Unmarshal([]byte(testPlan), plan); err != nil {
		t.Fatal(err)
	}
	var table *datasets.Table
	var events [][]datasets.Event
	withEvents := seed%3 != 0
	if withEvents {
		table, events = eventLeads(t, plan, 300, seed)
	} else {
		table, events = leads(t, 300, seed), make([][]datasets.Event, 300)
	}
	encoding := encodings[r.IntN(len(encodings))]
	a := fixture(t, table, encoding)
	if withEvents {
		a.Events = &EventFeatures{Plan: plan, Lead: "lead_id", At: "at", Type: "type"}
	}
	if encoding == features.Additive && r.IntN(2) == 0 {
		pairs := [][2]string{{"source", "visits"}, {"visits", "do_not_email"}}
		if withEvents {
			pairs = append(pairs, [2]string{"source", "visit.count.30d"})
		}
		var err error
		if a.Pipeline, err = a.Pipeline.WithPairs(pairs); err != nil {
			t.Fatal(err)
		}
		for i := range a.Targets {
			for _, f := range a.Pipeline.Features()[len(a.Targets[i].Effects):] {
				e := TermEffect{Effect: features.Effect{Table: make([]float64, len(f.Levels))}}
				for code := range e.Table {
					e.Table[code] = .4 * r.NormFloat64()
				}
				a.Targets[i].Effects = append(a.Targets[i].Effects, e)
			}
		}
	}
	to := 12.0
	a.Policy.Actionable = []Actionable{{Field: "visits"}, {Field: "do_not_email"}, {Field: "title"}}
	if r.IntN(2) == 0 {
		a.Policy.Actionable[0] = Actionable{Field: "visits", Direction: Increase, To: &to}
	}
	if r.IntN(2) == 0 {
		a.Policy.Actionable = append(a.Policy.Actionable, Actionable{Field: "source"})
	}
	group := &a.Rules.Scorecards[0].Groups[0]
	group.Rules = append(group.Rules,
		rules.Rule{Name: "table", When: rules.Condition{Field: "visits"}, Points: rules.Points{Table: []rules.TableRow{{To: &to, Points: 3}, {Points: 9}}}},
		rules.Rule{Name: "both", When: rules.Condition{All: []rules.Condition{{Event: "demo"}, {Field: "source", In: []any{"web", "event"}}}}, Points: rules.Points{Fixed: 12}})
	if withEvents || r.IntN(2) == 0 {
		a.Policy.Actionable = append(a.Policy.Actionable, Actionable{Event: "demo", Times: 2})
	}
	switch r.IntN(6) {
	case 0:
		a.Rules, a.Blend = nil, Blend{Method: BlendModel}
		a.Policy.Actionable = slices.DeleteFunc(a.Policy.Actionable, func(x Actionable) bool { return x.Event != "" && !withEvents })
	case 1:
		a.Blend = Blend{Method: BlendRules}
	case 2:
		a.Blend = Blend{Method: BlendLinear, Weight: .6}
	case 3:
		a.Blend = Blend{Method: BlendGate, Low: 10, High: 40}
	case 4:
		a.Blend.Logit = -.4 // the score falls with the logit
	}
	a.Policy.MQL.MinScore, a.Policy.SQL.MinScore = 45+20*r.Float64(), 70+20*r.Float64()
	more := rand.New(rand.NewPCG(seed, 77)) // of its own, so that the leads are those of before
	switch a.Blend.Method {
	case BlendLogit:
		if more.IntN(2) == 0 {
			a.Blend.Groups = []GroupWeight{{Group: "fit", Weight: a.Blend.Rule}}
		}
	case BlendGate:
		a.Blend.Upgrade = 60
	}
	if more.IntN(3) == 0 {
		a.Policy.MQL.Target = "won"
	}
	if more.IntN(3) == 0 {
		a.Policy.SQL.Target = "sql"
		a.Policy.SQL.MinScore -= 15
	}
	leave := a.Policy.MQL.MinScore - 15
	if more.IntN(4) > 0 {
		a.Policy.MQL.Leave, a.Policy.SQL.Stay = &leave, 10*24*3600e6
	}
	if r.IntN(2) == 0 {
		a.Policy.MQL.Required = []string{"size"}
	}
	if r.IntN(2) == 0 {
		a.Targets[0].Calibration = &Calibration{Method: CalibrateSigmoid, A: .8, B: .1}
	}
	all := everyLead(table)
	for i := range all {
		all[i].Events = events[i]
		if stage := append(Stages(), MQL, MQL)[more.IntN(6)]; more.IntN(4) > 0 {
			all[i].Previous = Previous{Stage: stage, Since: all[i].Values[table.Schema.Index("created_at")].Time - more.Int64N(60*24*3600e6)}
		}
		for column := range a.EventColumns() {
			all[i].Values[table.Schema.Index(column)] = datasets.Value{} // made of the events, as over HTTP
		}
	}
	return scorer(t, a), all
}

func clone(l *Lead) *Lead {
	return &Lead{Values: slices.Clone(l.Values), Events: slices.Clone(l.Events), AsOf: l.AsOf, Previous: l.Previous}
}

// Whatever a counterfactual claims is what the lead with it gets, and it changes nothing that it may not.
func TestCounterfactualsKeepTheirWord(t *testing.T) {
	told, changes := 0, map[int]int{}
	for seed := range uint64(24) {
		s, all := changeable(t, seed+1)
		fields := s.artifact.Schema.Fields
		for i, l := range all[:60] {
			before := clone(l)
			x, err := s.Explain(l, 2)
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 { // a lead that was scored before has its event features already
				before = l
			}
			for _, c := range x.Counterfactuals {
				told++
				changes[len(c.Changes)]++
				var p Prediction
				after := s.Apply(before, c.Changes)
				if err := s.Score(after, &p); err != nil {
					t.Fatal(err)
				}
				if p.Stage != c.Stage || !same(p.Score, c.Score) || !same(p.Probability, c.Probability) {
					t.Fatalf("seed %d lead %d: %+v: the lead has %v, score %v, probability %v", seed, i, c, p.Stage, p.Score, p.Probability)
				}
				if c.Stage.rank() <= x.Stage.rank() {
					t.Fatalf("seed %d lead %d: from %s to %s", seed, i, x.Stage, c.Stage)
				}
				seen := map[string]bool{}
				for _, change := range c.Changes {
					marked := slices.IndexFunc(s.artifact.Policy.Actionable, func(a Actionable) bool {
						return change.Event && a.Event == change.Feature || !change.Event && a.Field == change.Feature
					})
					required := !change.Event && before.Values[change.column].Missing() && slices.Contains(s.requires(c.Stage), change.column)
					if marked < 0 && !required || seen[change.Feature] || change.Text == "" || change.From == change.To {
						t.Fatalf("seed %d lead %d: %+v", seed, i, change)
					}
					seen[change.Feature] = true
					if marked >= 0 && !change.Event {
						a, was := s.artifact.Policy.Actionable[marked], before.Values[change.column]
						if a.Direction == Increase && (change.value.Num > *a.To || !was.Missing() && change.value.Num <= was.Num) {
							t.Fatalf("seed %d lead %d: %+v goes beyond %+v", seed, i, change, a)
						}
					}
					if !change.Event && change.To != "" { // what is told is what was meant
						raw, _ := json.Marshal(change.To)
						if v, err := s.artifact.Schema.ParseJSON(change.column, raw); err != nil || v != change.value {
							t.Fatalf("%s: %q is read as %v: %v", fields[change.column].Name, change.To, v, err)
						}
					}
				}
			}
			again, err := s.Explain(clone(before), 2)
			if err != nil || !reflect.DeepEqual(again.Counterfactuals, x.Counterfactuals) {
				t.Fatalf("seed %d lead %d: told %+v, then %+v (%v)", seed, i, x.Counterfactuals, again.Counterfactuals, err)
			}
		}
	}
	if told < 500 || changes[1] < 100 || changes[2] < 50 {
		t.Errorf("%d told, by number of changes %v: the leads are too dull", told, changes)
	}
}

// No smaller set of moves reaches a higher stage, and none of as many does it with a smaller score: all sets are scored.
func TestCounterfactualsAreTheFewest(t *testing.T) {
	none, two := 0, 0
	for seed := range uint64(18) {
		s, all := changeable(t, seed+100)
		for i, l := range all[:20] {
			x, err := s.Explain(l, 0)
			if err != nil {
				t.Fatal(err)
			}
			if x.Stage == SQL {
				continue
			}
			var now Prediction
			if err := s.Score(clone(l), &now); err != nil {
				t.Fatal(err)
			}
			look := newSearch(s, l, &now)
			best := &solution{score: math.Inf(1)}
			alone := map[[MostChanges]int]float64{} // the least score of the same fields
			n := 0
			for n < 2 && best.moves == nil {
				n++
				look.every(n, func(chosen []int) {
					if err := look.score(look.of(chosen)...); err != nil {
						t.Fatal(err)
					}
					p := &look.scored
					if !look.reaches(chosen) {
						return
					}
					if p.Score < best.score {
						best = &solution{moves: slices.Clone(chosen), score: p.Score, stage: p.Stage}
					}
					if least, there := alone[look.key(chosen)]; !there || p.Score < least {
						alone[look.key(chosen)] = p.Score
					}
				})
			}
			switch {
			case best.moves == nil:
				none++
				for _, c := range x.Counterfactuals {
					if len(c.Changes) < 3 {
						t.Fatalf("seed %d lead %d: %+v, but no two moves reach a higher stage", seed, i, c)
					}
				}
			case len(x.Counterfactuals) == 0 || len(x.Counterfactuals[0].Changes) != n || !same(x.Counterfactuals[0].Score, best.score):
				t.Fatalf("seed %d lead %d, %s: told %+v, best is %v of %d moves %v", seed, i, now.Stage, x.Counterfactuals, best.score, n, best.moves)
			case n == 2:
				two++
			}
			if want := slices.Sorted(maps.Values(alone)); best.moves != nil {
				want = want[:min(len(want), mostCounterfactuals)]
				for k := range want {
					if len(x.Counterfactuals) != len(want) || !same(x.Counterfactuals[k].Score, want[k]) {
						t.Fatalf("seed %d lead %d: told %+v, the least scores of different fields are %v", seed, i, x.Counterfactuals, want)
					}
				}
			}
		}
	}
	if none < 5 || two < 5 {
		t.Errorf("%d without, %d with two changes: the leads are too dull", none, two)
	}
}

// every calls f with each set of n moves of different groups.
func (x *search) every(n int, f func(chosen []int)) {
	var within func(chosen []int, from int)
	within = func(chosen []int, from int) {
		if len(chosen) == n {
			f(chosen)
			return
		}
		for i := from; i < len(x.moves); i++ {
			if len(chosen) == 0 || x.moves[chosen[len(chosen)-1]].group != x.moves[i].group {
				within(append(chosen, i), i+1)
			}
		}
	}
	within(nil, 0)
}

func TestNothingActionable(t *testing.T) {
	table := leads(t, 100, 1)
	s := scorer(t, withoutRules(t, table, features.Additive))
	for _, l := range everyLead(table) {
		known := !l.Values[6].Missing() && !l.Values[7].Missing()
		x, err := s.Explain(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		if known && len(x.Counterfactuals) > 0 {
			t.Fatalf("nothing may change, but: %+v", x.Counterfactuals)
		}
		for _, c := range x.Counterfactuals {
			for _, change := range c.Changes {
				if change.Feature != "email" && change.Feature != "title" || change.From != "missing" {
					t.Fatalf("%+v", change)
				}
			}
		}
	}
}

func TestActionableIsChecked(t *testing.T) {
	table := leads(t, 100, 1)
	to := 3.0
	nan := math.NaN()
	for _, c := range []struct {
		mark Actionable
		want string // "": it is good
	}{
		{Actionable{Field: "visits"}, ""},
		{Actionable{Field: "visits", Direction: Increase, To: &to}, ""},
		{Actionable{}, "want either a field or an event"},
		{Actionable{Field: "visits", Event: "demo"}, "want either a field or an event"},
		{Actionable{Field: "vists"}, "policy.actionable[0]: field vists: the leads have no such column (did you mean \"visits\"?)"},
		{Actionable{Field: "lead_id"}, "no field that somebody can change"},
		{Actionable{Field: "created_at"}, "no field that somebody can change"},
		{Actionable{Field: "first_seen"}, "it is time; want a number, a category or a boolean"},
		{Actionable{Field: "empty"}, "it is unknown; want"},
		{Actionable{Field: "visits", Direction: "up"}, `unknown direction "up"; want increase or decrease`},
		{Actionable{Field: "source", Direction: Increase}, "direction and to belong to numeric fields"},
		{Actionable{Field: "visits", To: &to}, "want a number beside increase or decrease"},
		{Actionable{Field: "visits", Direction: Increase, To: &nan}, "want a number beside increase or decrease"},
		{Actionable{Field: "visits", Times: 2}, "times belongs to events"},
		{Actionable{Event: "demo"}, "neither the model nor a rule looks at such events"},
		{Actionable{Event: "demo", Times: 11}, "times is 11; want 1 to 10"},
		{Actionable{Event: "demo", Direction: Increase}, "belong to numeric fields"},
	} {
		a := fixture(t, table, features.Additive)
		a.Policy.Actionable = []Actionable{c.mark}
		_, err := NewScorer(a)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.mark, err, c.want)
		}
	}
	a := fixture(t, table, features.Additive)
	a.Policy.Actionable = []Actionable{{Field: "visits"}, {Field: "visits", Direction: Increase}}
	if _, err := NewScorer(a); err == nil || !strings.Contains(err.Error(), "field visits: it is there twice") {
		t.Errorf("twice: %v", err)
	}
}

func TestChangesInBothLanguages(t *testing.T) {
	table := leads(t, 400, 1)
	a := fixture(t, table, features.Additive)
	a.Rules.Scorecards[0].Groups[0].Rules = append(a.Rules.Scorecards[0].Groups[0].Rules,
		rules.Rule{Name: "demo", When: rules.Condition{Event: "demo", AtLeast: 2}, Points: rules.Points{Fixed: 5}})
	l := leadAt(table, 0)
	l.Values[2], l.Values[3], l.Values[6] = datasets.Number(7.5), datasets.Bool(true), datasets.Value{}
	at := scorer(t, a).moment(l)
	l.Events = []datasets.Event{{Type: "demo", At: at - 5}, {Type: "demo", At: at}, {Type: "blog", At: at - 9}}
	for _, c := range []struct {
		move             move
		from, to, en, es string
	}{
		{move{Change: Change{Feature: "visits", column: 2, value: datasets.Number(12345.5)}}, "7.5", "12345.5", "visits: from 7.5 to 12,345.5", "visits: de 7,5 a 12.345,5"},
		{move{Change: Change{Feature: "do_not_email", column: 3, value: datasets.Bool(false)}}, "true", "false", "do_not_email: from yes to no", "do_not_email: de sí a no"},
		{move{Change: Change{Feature: "email", column: 6, value: datasets.Level("a@b.example")}}, "missing", "a@b.example", "fill in email: a@b.example", "rellenar email: a@b.example"},
		{move{Change: Change{Feature: "email", column: 6, value: datasets.Level("a@b.example")}, filled: true}, "missing", "a@b.example",
			"fill in email, such as a@b.example (required for SQL)", "rellenar email, por ejemplo a@b.example (necesario para SQL)"},
		{move{Change: Change{Feature: "email", column: 6, value: datasets.Level("…")}, filled: true, any: true}, "missing", "",
			"fill in email (required for SQL)", "rellenar email (necesario para SQL)"},
		{move{Change: Change{Feature: "demo", Event: true, column: -1, times: 1}}, "1", "2", "1 more demo event", "1 evento demo más"},
		{move{Change: Change{Feature: "demo", Event: true, column: -1, times: 3}}, "1", "4", "3 more demo events", "3 eventos demo más"},
	} {
		for lang, want := range map[string]string{English: c.en, Spanish: c.es} {
			s, err := scorer(t, a).In(lang)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.change(l, &c.move); got.Text != want || got.From != c.from || got.To != c.to {
				t.Errorf("%s: %+v, want %q from %q to %q", lang, got, want, c.from, c.to)
			}
		}
	}
}
