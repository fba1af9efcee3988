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
}

// test checks and reads a test.
func (c *compiler) test(path string, f *Test) compiledTest {
	t := compiledTest{path: path, name: f.Name, row: make([]datasets.Value, len(c.schema.Fields)), asOf: datasets.MissingTime, score: f.Score, stage: f.Stage}
	if f.Score == nil && f.Stage == "" {
		c.problem(path, "the test wants nothing; want score, stage or both")
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
			c.problem(p+".type", "%s", unknownEvent(e.Type, c.events))
		}
		t.events = append(t.events, Event{Type: e.Type, At: at})
	}
	return t
}

func unknownEvent(name string, events []string) string {
	if near := datasets.Nearest(name, events); near != "" {
		return fmt.Sprintf("no rule asks for the event %q (did you mean %q?)", name, near)
	}
	return fmt.Sprintf("no rule asks for the event %q", name)
}

// Tests returns the number of tests in the file.
func (s *Set) Tests() int { return len(s.tests) }

// RunTests scores the lead of each test under the first scorecard and returns the tests that got
// something else than they want, each with the lines of its score.
func (s *Set) RunTests() []Problem {
	var out []Problem
	for i := range s.tests {
		t := &s.tests[i]
		score, stage, lines := s.Trace(t.row, t.events, t.asOf)
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
