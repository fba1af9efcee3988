package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"leadscore/datasets"
)

// testTolerance is how far a score may be from the one that a test wants: half of the second decimal.
const testTolerance = 0.005

type compiledTest struct {
	path   string
	name   string
	row    []datasets.Value
	events []Event
	asOf   int64
	score  *float64
	stage  string
	card   int
	next   string // "": not looked at
}

// test checks and reads a test.
func (c *compiler) test(path string, f *Test, set *Set) compiledTest {
	t := compiledTest{path: path, name: f.Name, row: make([]datasets.Value, len(c.schema.Fields)), asOf: datasets.MissingTime, score: f.Score, stage: f.Stage, next: f.Question}
	if f.Score == nil && f.Stage == "" && f.Question == "" {
		c.problem(path, "the test wants nothing; want score, stage or question")
	}
	if f.Scorecard != "" {
		if t.card = slices.Index(set.Scorecards(), f.Scorecard); t.card < 0 {
			c.problem(path+".scorecard", "there is no scorecard %q%s", f.Scorecard, didYouMean(f.Scorecard, set.Scorecards()))
			t.card = 0
		}
	}
	if f.Question != "" && f.Question != "none" && t.card < len(set.cards) {
		var names []string
		for _, framework := range set.cards[t.card].frameworks {
			for _, d := range framework.dimensions {
				names = append(names, d.question.Dimension)
			}
		}
		if !slices.Contains(names, f.Question) {
			c.problem(path+".question", "no framework has the dimension %q%s", f.Question, didYouMean(f.Question, names))
		}
	}
	if f.Score != nil && (math.IsNaN(*f.Score) || math.IsInf(*f.Score, 0)) {
		c.problem(path+".score", "want a finite number")
	}
	if f.Stage != "" && f.Stage != "none" && rank(f.Stage) == 0 {
		c.problem(path+".stage", "unknown stage %q; want disqualify, MQL, SQL or none", f.Stage)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Lead)) {
		p := Key(path+".lead", name)
		i, ok := c.columns[name]
		if !ok {
			c.problem(p, "%s", unknownColumn(c.schema, name))
			continue
		}
		v, err := readValue(c.schema, i, f.Lead[name])
		if err != nil {
			c.problem(p, "%v", err)
		}
		t.row[i] = v
	}
	if f.AsOf != "" {
		var err error
		if t.asOf, err = Moment(f.AsOf); err != nil {
			c.problem(path+".as_of", "%v", err)
		}
	}
	for i, e := range f.Events {
		p := Index(path+".events", i)
		at, err := Moment(e.At)
		if err != nil {
			c.problem(p+".at", "%v", err)
		}
		if _, ok := c.eventIndex[e.Type]; !ok {
			c.problem(p+".type", "%s", unknownEvent(e.Type, slices.Sorted(maps.Keys(c.eventIndex))))
		}
		event := Event{Type: e.Type, At: at, Channel: e.Channel}
		for _, name := range slices.Sorted(maps.Keys(e.Properties)) {
			if !slices.Contains(set.EventProperties(), name) {
				c.problem(Key(p+".properties", name), "no rule asks for the property %q%s", name, didYouMean(name, set.EventProperties()))
			}
			event.Values = append(event.Values, datasets.Property{Name: name, Value: e.Properties[name]})
		}
		t.events = append(t.events, event)
	}
	return t
}

// Tests returns the number of tests in the file.
func (s *Set) Tests() int { return len(s.tests) }

func didYouMean(name string, known []string) string {
	if near := datasets.Nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// RunTests scores the lead of each test under its scorecard and returns the tests that got
// something else than they want, each with the lines of its score.
func (s *Set) RunTests() []Problem {
	var out []Problem
	for i := range s.tests {
		t := &s.tests[i]
		score, stage, lines := s.TraceCard(t.card, t.row, t.events, t.asOf)
		if t.score != nil && !(math.Abs(score-*t.score) <= testTolerance) {
			out = append(out, Problem{Path: t.path + ".score", Text: fmt.Sprintf("%q scores %s, want %s:%s",
				t.name, showNumber(score), showNumber(*t.score), showLines(lines))})
		}
		if stage == "" {
			stage = "none"
		}
		if t.stage != "" && stage != t.stage {
			out = append(out, Problem{Path: t.path + ".stage", Text: fmt.Sprintf("%q has stage %s, want %s:%s",
				t.name, stage, t.stage, showLines(lines))})
		}
		next := "none"
		if q := s.Result(t.card, t.row, t.events, t.asOf).Next; q != nil {
			next = q.Dimension
		}
		if t.next != "" && next != t.next {
			out = append(out, Problem{Path: t.path + ".question", Text: fmt.Sprintf("%q asks for %s next, want %s:%s",
				t.name, next, t.next, showLines(lines))})
		}
	}
	return out
}

func showLines(lines []Line) string {
	if len(lines) == 0 {
		return " no rule fires"
	}
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteString(";")
		}
		name := l.Rule
		if name == "" {
			name = l.Group
		}
		if name != "" {
			name += " "
		}
		fmt.Fprintf(&b, " %s %s%s (%s)", showNumber(l.Points), name, l.Kind, l.Text)
	}
	return b.String()
}
