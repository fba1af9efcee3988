package rules

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

// frameworkSchema has a column for each part of a framework.
func frameworkSchema() *datasets.Schema {
	return &datasets.Schema{Fields: []datasets.Field{
		{Name: "budget", Kind: datasets.Categorical}, {Name: "authority", Kind: datasets.Categorical}, {Name: "months", Kind: datasets.Numeric},
		{Name: "asked_at", Kind: datasets.Time}, {Name: "sure", Kind: datasets.Numeric},
	}, Nulls: []string{""}}
}

const bantText = `{"version": 1, "scorecards": [{"name": "a", "frameworks": [{"name": "bant", "decay": {"linear": "100d"}, "dimensions": [
	{"name": "budget", "weight": 40, "question": "Is there a budget?", "evidence": [
		{"field": "budget", "answers": [{"in": ["yes"], "share": 1}, {"in": ["part"], "share": 0.5}, {"in": ["no"], "share": -0.5, "cap": 5}, {"in": ["never"], "share": -1, "veto": "disqualify"}], "answered": "asked_at", "confidence": "sure"}]},
	{"name": "authority", "weight": 30, "question": "Who decides?", "evidence": [
		{"field": "authority", "answers": [{"in": ["boss"], "share": 1}, {"in": ["user"], "share": 0}]},
		{"when": {"event": "demo", "within": "200d"}, "share": 1, "confidence": 0.8}]},
	{"name": "timing", "weight": 20, "question": "When?", "evidence": [{"field": "months", "answers": [{"to": 3, "share": 1}, {"to": 6, "share": 0.5}, {"share": -0.25}]}]},
	{"name": "need", "weight": 10, "question": "What for?"}]}]}]}`

func frameworkLead(t testing.TB, texts ...string) []datasets.Value {
	t.Helper()
	s := frameworkSchema()
	out := make([]datasets.Value, len(s.Fields))
	for i, text := range texts {
		v, err := s.Parse(i, text)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func compileFramework(t testing.TB, text string) *Set {
	t.Helper()
	set, problems := Compile(parseFile(t, text), frameworkSchema())
	if problems != nil {
		t.Fatal(problems)
	}
	return set
}

func TestFrameworks(t *testing.T) {
	set := compileFramework(t, bantText)
	demo := func(age int64) []Event {
		return []Event{{Type: "demo", At: moment(t, asOfText) - age}, {Type: "demo", At: moment(t, asOfText) - 199*microsPerDay}}
	}
	for _, c := range []struct {
		name             string
		lead             []string
		events           []Event
		score, low, high float64
		unknown          int
		next, hard       string
	}{
		{"nothing known", nil, nil, 0, -40 - 5, 100, 4, "budget", ""},
		{"budget known", []string{"yes"}, nil, 40, 40 - 5, 100, 3, "authority", ""},
		{"no is less than unknown, and bounds the rest", []string{"no", "boss", "1"}, nil, 5, 5, 5, 1, "need", ""},
		{"a share of 0 is an answer", []string{"", "user", "4"}, nil, 10, 10 - 40, 10 + 40 + 10, 2, "budget", ""},
		{"veto", []string{"never"}, nil, -40, -40 - 5, 20, 3, "authority", "disqualify"},
		{"every other value", []string{"", "", "7"}, nil, -5, -45, 75, 3, "budget", ""},
		{"a value that is no answer", []string{"perhaps"}, nil, 0, -45, 100, 4, "budget", ""},
		{"half the confidence is known, with its veto", []string{"never", "", "", "", "0.5"}, nil, -20, -20 - 20 - 5, -20 + 20 + 60, 3, "authority", "disqualify"},
		{"less than half is not", []string{"never", "", "", "", "0.4"}, nil, -16, -16 - 24 - 5, -16 + 24 + 60, 4, "authority", ""},
		{"no confidence is void", []string{"yes", "", "", "", "80"}, nil, 0, -45, 100, 4, "budget", ""},
		{"aged by a quarter", []string{"yes", "", "", "2026-03-06T12:00:00Z"}, nil, 30, 30 - 10 - 5, 100, 3, "authority", ""},
		{"aged away", []string{"yes", "", "", "2025-03-06T12:00:00Z"}, nil, 0, -45, 100, 4, "budget", ""},
		{"answered after as-of", []string{"yes", "", "", "2026-03-31T12:00:00.000001Z"}, nil, 0, -45, 100, 4, "budget", ""},
		{"answered at as-of", []string{"yes", "", "", "2026-03-31T12:00:00Z"}, nil, 40, 35, 100, 3, "authority", ""},
		{"by an event, of the latest age", nil, demo(25 * microsPerDay), 18, 18 - 45, 100, 3, "budget", ""},
		{"a column before an event", []string{"", "user"}, demo(1), 0, -45, 70, 3, "budget", ""},
	} {
		r := set.Result(0, frameworkLead(t, c.lead...), c.events, moment(t, asOfText))
		next := ""
		if r.Next != nil {
			next = r.Next.Dimension
		}
		got := []any{round(r.Score), round(r.Low), round(r.High), r.Unknown, next, r.Hard, round(r.Fit)}
		if d := cmp.Diff([]any{c.score, c.low, c.high, c.unknown, c.next, c.hard, c.score}, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	all := set.Result(0, frameworkLead(t, "yes", "boss", "1"), nil, moment(t, asOfText))
	if all.Next == nil || *all.Next != (Question{"bant", "need", "What for?", 10}) {
		t.Errorf("what nobody writes down is not asked for: %+v", all.Next)
	}
}

func round(x float64) float64 { return math.Round(x*1e6)/1e6 + 0 }

func TestFrameworkTrace(t *testing.T) {
	set := compileFramework(t, bantText)
	score, hard, lines := set.Trace(frameworkLead(t, "never", "", "4", "2026-03-11T12:00:00Z", "0.75"), nil, moment(t, asOfText))
	want := []Line{
		{"bant", "budget", -30, "rule", "budget = never: -1 of 40, confidence 0.75"},
		{"bant", "budget", 6, "decay", "linear to 0 over 100d"},
		{"bant", "budget", 0, "hard", "disqualify: budget = never"},
		{"bant", "authority", 0, "rule", "unknown: Who decides?"},
		{"bant", "timing", 10, "rule", "months = 4: 0.5 of 20"},
		{"bant", "need", 0, "rule", "unknown: What for?"},
		{"bant", "", 0, "rule", "2 of 4 unknown (authority, need): -14 now, -30 if the answers are worst, 42 if they are best"},
	}
	if d := cmp.Diff(want, lines); d != "" || score != -14 || hard != "disqualify" {
		t.Errorf("%v %q %s", score, hard, d)
	}
	_, _, lines = set.Trace(frameworkLead(t, "perhaps", "boss", "1", "", "80"), nil, moment(t, asOfText))
	if len(lines) != 5 || lines[0].Text != "unknown (budget = perhaps is none of its answers): Is there a budget?" {
		t.Errorf("%+v", lines)
	}
	_, _, lines = set.Trace(frameworkLead(t, "no", "boss", "1"), nil, moment(t, asOfText))
	if line := lines[len(lines)-2]; line.Kind != "cap" || line.Points != -25 || !strings.Contains(line.Text, "at most 5") {
		t.Errorf("%+v", lines)
	}
}

// Whatever the unknown answers turn out to be, the score stays between Low and High, and both can be reached.
func TestUnknownAnswersStayInTheRange(t *testing.T) {
	text := strings.ReplaceAll(strings.ReplaceAll(bantText, `, "cap": 5`, ""), `, "confidence": "sure"`, "")
	set := compileFramework(t, text)
	r := rand.New(rand.NewPCG(9, 10))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	budgets, authorities, months := []string{"yes", "part", "no", "never"}, []string{"boss", "user"}, []string{"1", "5", "9"}
	for range 300 {
		lead := []string{pick("", "yes", "part", "no"), pick("", "boss", "user"), pick("", "2", "4", "8")}
		now := set.Result(0, frameworkLead(t, lead...), nil, moment(t, asOfText))
		low, high := math.Inf(1), math.Inf(-1)
		options := func(text string, list []string) []string {
			if text == "" {
				return append([]string{""}, list...)
			}
			return []string{text}
		}
		for _, b := range options(lead[0], budgets) {
			for _, a := range options(lead[1], authorities) {
				for _, m := range options(lead[2], months) {
					then := set.Result(0, frameworkLead(t, b, a, m), nil, moment(t, asOfText))
					if then.Score < now.Low-1e-9 || then.Score > now.High+1e-9 {
						t.Fatalf("%q: %v is not between %v and %v", lead, then.Score, now.Low, now.High)
					}
					low, high = min(low, then.Score), max(high, then.Score)
				}
			}
		}
		if round(low) != round(now.Low) || round(high) != round(now.High-10) { // need is never answered
			t.Fatalf("%q: scores of %v to %v, said %v to %v", lead, low, high, now.Low, now.High)
		}
	}
}

// The built-in frameworks compile as they are and add up to 100.
func TestTemplates(t *testing.T) {
	order := map[string]string{
		"bant": "budget authority need timing", "champ": "challenges authority money prioritisation", "anum": "authority need urgency money",
		"meddic": "metrics, economic buyer, decision criteria, decision process, identified pain, champion",
	}
	for _, template := range Templates() {
		f := Framework{Name: template.Name}
		sum, last := 0.0, math.Inf(1)
		var names []string
		for _, d := range template.Dimensions {
			f.Dimensions = append(f.Dimensions, Dimension{Name: d.Name, Weight: d.Weight, Question: d.Question, Evidence: []Evidence{{Field: d.Column, Answers: d.Answers}}})
			sum += d.Weight
			if d.Weight > last {
				t.Errorf("%s: %s stands below a lighter dimension", template.Name, d.Name)
			}
			last = d.Weight
			names = append(names, d.Name)
		}
		file := &File{Version: 1, Scorecards: []Scorecard{{Name: "a", Frameworks: []Framework{f}}}}
		if _, problems := Compile(file, Guess(file)); problems != nil {
			t.Errorf("%s: %v", template.Name, problems)
		}
		if got := strings.Join(names, " "); sum != 100 || got != strings.ReplaceAll(order[template.Name], ",", "") {
			t.Errorf("%s has %q, with weights of %v", template.Name, got, sum)
		}
	}
}
