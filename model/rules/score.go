package rules

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"

	"leadscore/datasets"
)

// Set is a compiled file; immutable, shared by goroutines.
type Set struct {
	schema     *datasets.Schema
	cards      []card
	tests      []compiledTest
	streams    []stream
	eventIndex map[string][]int // streams of a type of event
	pool       sync.Pool        // of *scratch
}

type card struct {
	name       string
	min, max   float64 // ∓Inf: unbounded
	groups     []group
	frameworks []framework
	hard       []hardRule
}

type group struct {
	name       string
	cap, floor float64 // ±Inf: none
	axis       axis
	decay      decay
	rules      []rule
}

// axis is what the points of a group tell of: who the lead is, or what it does.
type axis uint8

const (
	noAxis axis = iota
	fit
	engagement
)

type each uint8

const (
	once each = iota
	eachDay
	eachEvent
)

type rule struct {
	name   string
	when   node
	points float64
	table  *table // nil: points
	column int    // of the table
	each   each
	cap    float64 // +Inf: none
	driver *node   // nil: not an event rule
	valid  valid
}

// valid is the moments from ≤ as-of < until; without bounded all.
type valid struct {
	bounded     bool
	from, until int64
}

// at decides whether a rule counts at the as-of moment.
func (v *valid) at(x *scratch) truth {
	switch {
	case !v.bounded:
		return yes
	case x.asOf == datasets.MissingTime:
		x.err = errNoMoment
		return failed
	}
	return truthOf(x.asOf >= v.from && x.asOf < v.until)
}

var errNoMoment = errors.New("the rule has validity dates, and as_of is not known")

type hardRule struct {
	name  string
	when  node
	stage string
	valid valid
}

// Scorecards returns the names of the scorecards in the order of the file.
func (s *Set) Scorecards() []string {
	names := make([]string, len(s.cards))
	for i := range s.cards {
		names[i] = s.cards[i].name
	}
	return names
}

// Score returns the score of the first scorecard and the stage that a hard rule decides ("" where
// none fires). row is in the order of the schema; asOf datasets.MissingTime means after all events,
// and ages are then counted to the latest event.
func (s *Set) Score(row []datasets.Value, events []Event, asOf int64) (score float64, hard string) {
	return s.ScoreCard(0, row, events, asOf)
}

// ScoreCard is Score for scorecard i. It allocates nothing but what cel-go does for CEL conditions of uncommon shapes.
func (s *Set) ScoreCard(i int, row []datasets.Value, events []Event, asOf int64) (score float64, hard string) {
	r := s.Result(i, row, events, asOf)
	return r.Score, r.Hard
}

// Result is what a scorecard says of a lead.
type Result struct {
	Score float64
	Hard  string // the stage that a hard rule or a veto decides: disqualify | MQL | SQL | ""
	// Fit and Engagement are the sums of the lines of the groups and frameworks on each axis: after their caps, before the
	// bounds of the scorecard.
	Fit, Engagement float64
	// Low and High are where the score lies if all that is unknown of the frameworks turns out worst and best: Low ≤ Score ≤
	// High, and all three are equal where nothing is unknown.
	Low, High float64
	Unknown   int       // dimensions of which less than half is known
	Next      *Question // the one to ask, of the unknown dimension with the most weight unknown; nil: none. Not to be changed
}

// Result scores a lead under scorecard i. It allocates nothing but what cel-go does for CEL conditions of uncommon shapes.
func (s *Set) Result(i int, row []datasets.Value, events []Event, asOf int64) Result {
	var total sum
	s.run(i, &total, row, events, asOf)
	return total.result
}

// Axes reports whether scorecard i has groups on each axis.
func (s *Set) Axes(i int) (hasFit, hasEngagement bool) {
	c := &s.cards[i]
	has := func(a axis) bool {
		return slices.ContainsFunc(c.groups, func(g group) bool { return g.axis == a }) ||
			slices.ContainsFunc(c.frameworks, func(f framework) bool { return f.axis == a })
	}
	return has(fit), has(engagement)
}

// Questions reports whether scorecard i has a framework, so that Result may have a Next.
func (s *Set) Questions(i int) bool { return len(s.cards[i].frameworks) > 0 }

// Trace is Score with its lines; Σ Points equals the score exactly.
func (s *Set) Trace(row []datasets.Value, events []Event, asOf int64) (score float64, hard string, lines []Line) {
	return s.TraceCard(0, row, events, asOf)
}

// TraceCard is Trace for scorecard i.
func (s *Set) TraceCard(i int, row []datasets.Value, events []Event, asOf int64) (score float64, hard string, lines []Line) {
	total := sum{traced: true}
	s.run(i, &total, row, events, asOf)
	return total.points, total.result.Hard, total.lines
}

// sum is the running sum of the lines; without traced the lines themselves are not kept.
type sum struct {
	points float64
	group  float64 // of the lines since the group began
	traced bool
	lines  []Line
	result Result
	asked  float64   // the weight that result.Next leaves unknown
	parts  []float64 // points by group and framework; nil: not wanted
}

// add adds a line; text is only called for a trace.
func (t *sum) add(points float64, group, rule, kind string, text func() string) {
	t.points += points
	t.group += points
	if t.traced {
		t.lines = append(t.lines, Line{Group: group, Rule: rule, Points: points, Kind: kind, Text: text()})
	}
}

// land adds what takes the sum to target exactly: one line, and where target − sum is not a
// float64 that leads there (0.1 after 130.7), a second one with what rounding left.
func (t *sum) land(target float64, group, rule, kind string, text func() string) {
	t.add(target-t.points, group, rule, kind, text)
	if t.points != target {
		t.add(target-t.points, group, rule, kind, func() string { return "rounding of the sum" })
	}
	if t.points != target { // to 0 and on to target is exact whatever the two are
		t.add(-t.points, group, rule, kind, func() string { return "rounding of the sum" })
		t.add(target, group, rule, kind, func() string { return "rounding of the sum" })
	}
}

func (s *Set) run(card int, t *sum, row []datasets.Value, events []Event, asOf int64) {
	m := s.Begin()
	m.x.run(card, t, row, events, asOf)
	m.End()
}

func (x *scratch) run(card int, t *sum, row []datasets.Value, events []Event, asOf int64) {
	c := &x.set.cards[card]
	x.row, x.asOf = row, asOf
	x.index(events)
	r := &t.result
	onAxis := func(a axis) {
		switch a {
		case fit:
			r.Fit += t.group
		case engagement:
			r.Engagement += t.group
		}
	}
	for i := range c.groups {
		c.groups[i].run(x, t)
		onAxis(c.groups[i].axis)
		if t.parts != nil {
			t.parts[i] = t.group
		}
	}
	for i := range c.frameworks {
		c.frameworks[i].run(x, t)
		onAxis(c.frameworks[i].axis)
		if t.parts != nil {
			t.parts[len(c.groups)+i] = t.group
		}
	}
	low, high := t.points+r.Low, t.points+r.High // so far r has what is unknown less what the lines say
	if t.points > c.max {
		t.land(c.max, "", "", "bound", func() string { return "at most " + showNumber(c.max) })
	} else if t.points < c.min {
		t.land(c.min, "", "", "bound", func() string { return "at least " + showNumber(c.min) })
	}
	r.Score = t.points
	r.Low, r.High = min(max(low, c.min), c.max, r.Score), max(min(high, c.max), c.min, r.Score)
	for i := range c.hard {
		h := &c.hard[i]
		truth := h.valid.at(x)
		if truth == yes {
			truth = h.when.eval(x)
		}
		if truth == yes && rank(h.stage) > rank(r.Hard) {
			r.Hard = h.stage
		}
		if t.traced && truth != no {
			t.add(0, "", h.name, "hard", func() string {
				if truth == failed {
					return "not applied: " + x.err.Error()
				}
				return h.stage + ": " + x.show(&h.when)
			})
		}
	}
}

// rank orders the stages of hard rules: the higher wins.
func rank(stage string) int {
	switch stage {
	case "MQL":
		return 1
	case "SQL":
		return 2
	case "disqualify":
		return 3
	}
	return 0
}

func (g *group) run(x *scratch, t *sum) {
	before := t.points
	t.group = 0
	for i := range g.rules {
		g.rules[i].run(g, x, t)
	}
	if t.group > g.cap {
		t.land(before+g.cap, g.name, "", "cap", func() string { return "group at most " + showNumber(g.cap) })
	} else if t.group < g.floor {
		t.land(before+g.floor, g.name, "", "cap", func() string { return "group at least " + showNumber(g.floor) })
	}
}

func (r *rule) run(g *group, x *scratch, t *sum) {
	truth := r.valid.at(x)
	if truth == yes {
		truth = r.when.eval(x)
	}
	switch truth {
	case no:
		return
	case failed:
		if t.traced {
			t.add(0, g.name, r.name, "rule", func() string { return "not applied: " + x.err.Error() })
		}
		return
	}
	points, n := r.points, 1
	if r.table != nil {
		points, _ = r.table.lookUp(&x.row[r.column])
	}
	var times []int64
	if r.driver != nil {
		times = x.happened(r.driver)
		switch r.each {
		case eachEvent:
			n = len(times)
		case eachDay:
			n = x.streams[r.driver.event].daysOf(len(times))
		}
	}
	start := t.points
	raw := float64(points * float64(n))
	t.add(raw, g.name, r.name, "rule", func() string { return r.show(x, points, n) })
	left := raw
	if g.decay.kind != lasting && len(times) > 0 {
		lost := onGrid(float64(points*x.streams[r.driver.event].leftOf(len(times), r.each, &g.decay, x.now)) - raw)
		if lost != 0 {
			t.add(lost, g.name, r.name, "decay", g.decay.show)
			left += lost
		}
	}
	if math.Abs(left) > r.cap {
		t.land(start+math.Copysign(r.cap, left), g.name, r.name, "cap", func() string { return "rule at most " + showNumber(r.cap) })
	}
}

// onGrid rounds what age takes away to multiples of 2⁻²⁰, so that whole points still add up exactly, in any order.
func onGrid(points float64) float64 {
	const grid = 1 << 20
	return math.Round(points*grid) / grid
}

func (r *rule) show(x *scratch, points float64, n int) string {
	s := x.show(&r.when)
	switch r.each {
	case eachDay:
		return s + ": " + showNumber(points) + " for each of " + count(n, "day")
	case eachEvent:
		return s + ": " + showNumber(points) + " for each of " + count(n, "event")
	}
	return s
}

func (x *scratch) show(n *node) string {
	var b strings.Builder
	n.show(x, &b)
	return b.String()
}
