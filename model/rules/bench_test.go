package rules

import (
	"fmt"
	"testing"

	"leadscore/datasets"
)

// benchmarkFile is 200 rules in five groups and a framework: lists, ranges, words, tables, events with properties and decay, caps; every
// tenth in CEL if asked.
func benchmarkFile(cel bool) *File {
	card := Scorecard{Name: "a", Bounds: &Bounds{Min: 0, Max: 100}}
	forty, ten := 40.0, 10.0
	for g := range 5 {
		group := Group{Name: fmt.Sprint("g", g), Cap: &forty}
		if g == 1 {
			group.Decay = &Decay{HalfLife: "30d"}
		}
		for r := range 40 {
			rule := Rule{Name: fmt.Sprint("r", r), Points: Points{Fixed: 1}}
			switch {
			case cel && r%10 == 0:
				rule.When.CEL = `lead["employees"] > 600.0 && lead["country"] == "ES"`
			case g == 1:
				rule.When = Condition{Event: fmt.Sprint("type", r%10), AtLeast: 1 + r%3, Within: "60d"}
				rule.Each = []string{"once", "day", "event"}[r%3]
			case g == 3 && r%5 == 0:
				rule.When = Condition{Field: "employees", Above: &Scalar{V: float64(r)}, To: &Scalar{V: 900.0}}
			case g == 3 && r%5 == 1:
				rule.When = Condition{Field: "country", Contains: []string{"chief", "head of", fmt.Sprint("x", r)}}
			case g == 3 && r%5 == 2:
				rule.When.Field = "country"
				rule.Points = Points{Table: []TableRow{{In: Values{"MX", "PE"}, Points: 1}, {In: Values{"ES"}, Points: 2}, {Points: 3}}}
			case g == 4 && r%5 == 0:
				rule.When = Condition{Event: fmt.Sprint("type", r%10), Where: map[string]Range{"amount": {From: &ten}}, Within: "60d"}
			case r%4 == 0:
				rule.When.Field = "employees"
				rule.Points = Points{Table: []TableRow{{To: &ten, Points: 1}, {To: &forty, Points: 2}, {Points: 3}}}
			case r%4 == 1:
				rule.When = Condition{Any: []Condition{{Field: "country", In: Values{"MX", "PE"}}, {Field: "Do Not Email", In: Values{true}}}}
			default:
				rule.When = Condition{Field: "country", In: Values{"ES", fmt.Sprint("c", r), fmt.Sprint("d", g)}}
			}
			group.Rules = append(group.Rules, rule)
		}
		card.Groups = append(card.Groups, group)
	}
	bant := Framework{Name: "bant", Decay: &Decay{HalfLife: "90d"}}
	for i := range 4 {
		bant.Dimensions = append(bant.Dimensions, Dimension{Name: fmt.Sprint("d", i), Weight: 10, Question: "?", Evidence: []Evidence{
			{Field: "country", Answers: []Answer{{In: Values{[]any{"ES", "MX"}[i%2]}, Share: 1}}, Answered: "created_at"}}})
	}
	card.Frameworks = []Framework{bant}
	return &File{Version: 1, Scorecards: []Scorecard{card}}
}

func benchmarkLead(b *testing.B) ([]datasets.Value, []Event, int64) {
	asOf := moment(b, asOfText)
	events := make([]Event, 100)
	for i := range events {
		events[i] = Event{Type: fmt.Sprint("type", (i*7)%12), At: asOf - int64(100-i)*microsPerDay/2, ID: fmt.Sprint("event-", i), Values: []datasets.Property{{Name: "amount", Value: float64(i)}}}
	}
	return row(b, "ES", "700", "No", "2026-01-02"), events, asOf
}

func BenchmarkScore(b *testing.B) {
	for _, c := range []struct {
		name string
		cel  bool
	}{{"short-200-rules-100-events", false}, {"tenth-cel-200-rules-100-events", true}} {
		b.Run(c.name, func(b *testing.B) {
			set, problems := Compile(benchmarkFile(c.cel), testSchema())
			if problems != nil {
				b.Fatal(problems)
			}
			cells, events, asOf := benchmarkLead(b)
			b.ReportAllocs()
			for b.Loop() {
				set.Score(cells, events, asOf)
			}
		})
	}
}

func BenchmarkTrace(b *testing.B) {
	set, problems := Compile(benchmarkFile(false), testSchema())
	if problems != nil {
		b.Fatal(problems)
	}
	cells, events, asOf := benchmarkLead(b)
	b.ReportAllocs()
	for b.Loop() {
		set.Trace(cells, events, asOf)
	}
}

func BenchmarkCompile(b *testing.B) {
	f := benchmarkFile(true)
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Compile(f, testSchema()); problems != nil {
			b.Fatal(problems)
		}
	}
}

func TestScoreAllocatesNothing(t *testing.T) {
	set, problems := Compile(benchmarkFile(false), testSchema())
	if problems != nil {
		t.Fatal(problems)
	}
	cells, asOf := row(t, "ES", "700", "No"), moment(t, asOfText)
	events := visits(t, 5, 1, 3)
	x := newScratch(set) // of its own: a collection, and the race detector at random, empty the pool
	var total sum
	if n := testing.AllocsPerRun(200, func() { // it runs once before it counts
		total = sum{}
		x.run(0, &total, cells, events, asOf)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if score, _ := set.Score(cells, events, asOf); total.result.Score != score {
		t.Errorf("%v, want %v", total.result.Score, score)
	}
}
