package rules

import (
	"fmt"
	"math"
	"slices"

	"leadscore/datasets"
)

const (
	maxDepth      = 32      // of conditions within conditions
	maxConditions = 100_000 // in a file
	maxPoints     = 1e6     // of a rule, by absolute value; of caps and bounds too
)

// compiler collects the problems of a file while it is compiled.
type compiler struct {
	schema      *datasets.Schema
	columns     map[string]int
	problems    []Problem
	streams     []stream
	streamIndex map[string]int
	eventIndex  map[string][]int // streams of a type of event
	conditions  int
	cel         *celCompiler
}

func (c *compiler) problem(path, format string, a ...any) {
	c.problems = append(c.problems, Problem{Path: path, Text: fmt.Sprintf(format, a...)})
}

// Compile checks a file against a schema and returns all problems at once; the Set is nil when there is one.
func Compile(f *File, s *datasets.Schema) (*Set, []Problem) {
	c := &compiler{schema: s, columns: make(map[string]int, len(s.Fields)), streamIndex: map[string]int{}, eventIndex: map[string][]int{}}
	for i := range s.Fields {
		c.columns[s.Fields[i].Name] = i
	}
	if f.Version != 1 {
		c.problem("version", "unknown version %d; want 1", f.Version)
	}
	if len(f.Scorecards) == 0 {
		c.problem("scorecards", "there is none; want at least one")
	}
	set := &Set{schema: s}
	names := map[string]string{}
	for i := range f.Scorecards {
		path := Index("scorecards", i)
		c.unique(names, f.Scorecards[i].Name, Key(path, "name"), "scorecard")
		set.cards = append(set.cards, c.card(path, &f.Scorecards[i]))
	}
	set.streams, set.eventIndex = c.streams, c.eventIndex
	for i := range f.Tests {
		set.tests = append(set.tests, c.test(Index("tests", i), &f.Tests[i], set))
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	set.pool.New = func() any { return newScratch(set) }
	return set, nil
}

// unique checks that a name is there and not taken.
func (c *compiler) unique(taken map[string]string, name, path, what string) {
	if name == "" {
		c.problem(path, "a %s needs a name", what)
		return
	}
	if first, ok := taken[name]; ok {
		c.problem(path, "a second %s named %q; the first is at %s", what, name, first)
		return
	}
	taken[name] = path
}

func (c *compiler) card(path string, f *Scorecard) card {
	out := card{name: f.Name, min: math.Inf(-1), max: math.Inf(1)}
	if b := f.Bounds; b != nil {
		out.min = c.amount(path+".bounds.min", b.Min)
		out.max = c.amount(path+".bounds.max", b.Max)
		if b.Min > b.Max {
			c.problem(path+".bounds", "min %s is above max %s", showNumber(b.Min), showNumber(b.Max))
		}
	}
	if len(f.Groups) == 0 && len(f.Frameworks) == 0 && len(f.Hard) == 0 {
		c.problem(path+".groups", "there is no group, no framework and no hard rule; want at least one")
	}
	names := map[string]string{}
	for i := range f.Groups {
		p := Index(path+".groups", i)
		c.unique(names, f.Groups[i].Name, p+".name", "group")
		out.groups = append(out.groups, c.group(p, &f.Groups[i]))
	}
	for i := range f.Frameworks {
		p := Index(path+".frameworks", i)
		c.unique(names, f.Frameworks[i].Name, p+".name", "group or framework")
		out.frameworks = append(out.frameworks, c.framework(p, &f.Frameworks[i]))
	}
	names = map[string]string{}
	for i := range f.Hard {
		h, p := &f.Hard[i], Index(path+".hard", i)
		c.unique(names, h.Name, p+".name", "hard rule")
		if rank(h.Stage) == 0 {
			c.problem(p+".stage", "unknown stage %q; want disqualify, MQL or SQL", h.Stage)
		}
		out.hard = append(out.hard, hardRule{name: h.Name, stage: h.Stage, when: c.condition(p+".when", &h.When, 1), valid: c.valid(p+".valid", h.Valid)})
	}
	c.shadowed(path, f.Hard)
	return out
}

// shadowed reports hard rules that change nothing: an earlier one has their very condition and a stage that wins.
func (c *compiler) shadowed(path string, hard []HardRule) {
	type first struct{ place, rank int }
	seen := map[string]first{}
	for i := range hard {
		h := &hard[i]
		key := written(&h.When, h.Valid)
		if before, ok := seen[key]; ok && rank(h.Stage) > 0 && rank(h.Stage) <= before.rank {
			c.problem(Index(path+".hard", i), "can decide nothing: hard rule %q has the same condition and its stage %s goes before", hard[before.place].Name, hard[before.place].Stage)
		} else if !ok {
			seen[key] = first{i, rank(h.Stage)}
		}
	}
}

// valid compiles the moments that a rule counts at; without any it counts always.
func (c *compiler) valid(path string, f *Valid) valid {
	v := valid{from: math.MinInt64, until: math.MaxInt64}
	if f == nil {
		return v
	}
	v.bounded = true
	read := func(key, text string, into *int64) {
		if text == "" {
			return
		}
		t, err := Moment(text)
		if err != nil {
			c.problem(path+"."+key, "%v", err)
			return
		}
		*into = t
	}
	read("from", f.From, &v.from)
	read("until", f.Until, &v.until)
	switch {
	case f.From == "" && f.Until == "":
		c.problem(path, "want from, until or both")
	case v.from >= v.until:
		c.problem(path, "the rule is never valid: from %s is not before until %s, which is the first moment at which it no longer is", f.From, f.Until)
	}
	return v
}

// axis reads the axis of a group or a framework.
func (c *compiler) axis(path, axis, byDefault string) axis {
	if axis == "" {
		axis = byDefault
	}
	switch axis {
	case "fit":
		return fit
	case "engagement":
		return engagement
	case "none":
	default:
		c.problem(path, "unknown axis %q; want fit, engagement or none", axis)
	}
	return noAxis
}

// axisOf is the axis of a group that names none.
func axisOf(group string) string {
	switch group {
	case "fit", "qualification":
		return "fit"
	case "engagement", "intent":
		return "engagement"
	}
	return "none"
}

func (c *compiler) group(path string, f *Group) group {
	out := group{name: f.Name, cap: math.Inf(1), floor: math.Inf(-1)}
	if f.Cap != nil {
		out.cap = c.amount(path+".cap", *f.Cap)
	}
	if f.Floor != nil {
		out.floor = c.amount(path+".floor", *f.Floor)
	}
	if out.floor > out.cap {
		c.problem(path+".floor", "floor %s is above cap %s", showNumber(out.floor), showNumber(out.cap))
	}
	out.axis = c.axis(path+".axis", f.Axis, axisOf(f.Name))
	if f.Decay != nil {
		out.decay = c.decay(path+".decay", f.Decay)
	}
	if len(f.Rules) == 0 {
		c.problem(path+".rules", "there is none; want at least one")
	}
	names := map[string]string{}
	for i := range f.Rules {
		p := Index(path+".rules", i)
		c.unique(names, f.Rules[i].Name, p+".name", "rule")
		out.rules = append(out.rules, c.rule(p, &f.Rules[i], f.Decay != nil))
	}
	for i := range out.rules { // only now do the rules stay where they are
		out.rules[i].driver = out.rules[i].when.driver()
	}
	if f.Cap != nil && *f.Cap == 0 && f.Floor == nil && len(f.Rules) > 0 && !slices.ContainsFunc(f.Rules, func(r Rule) bool { return r.Points.mayBe(-1) }) {
		c.problem(path+".cap", "the group can never give a point: its cap is 0 and no rule of it takes points away")
	}
	return out
}

func (c *compiler) decay(path string, f *Decay) decay {
	var d decay
	n := 0
	set := func(key, span string, kind decayKind) {
		n++
		micros, err := Span(span)
		if err != nil {
			c.problem(path+key, "%v", err)
		}
		d.kind, d.span, d.spanShown = kind, float64(micros), span
	}
	if f.HalfLife != "" {
		set(".half_life", f.HalfLife, halfLife)
	}
	if f.Linear != "" {
		set(".linear", f.Linear, linear)
	}
	if f.Step != nil {
		set(".step.after", f.Step.After, step)
		d.keep = f.Step.Keep
		if !(d.keep >= 0 && d.keep <= 1) {
			c.problem(path+".step.keep", "%s is not a share; want 0 to 1", showNumber(d.keep))
		}
	}
	if n != 1 {
		c.problem(path, "want exactly one of half_life, linear and step; found %d", n)
	}
	return d
}

func (c *compiler) rule(path string, f *Rule, decays bool) rule {
	out := rule{name: f.Name, cap: math.Inf(1), column: -1}
	out.when = c.condition(path+".when", &f.When, 1)
	driver := out.when.driver()
	switch f.Each {
	case "", "once":
	case "day":
		out.each = eachDay
	case "event":
		out.each = eachEvent
	default:
		c.problem(path+".each", "unknown value %q; want once, day or event", f.Each)
	}
	if out.each != once && driver == nil {
		c.problem(path+".each", "%s counts events, so the condition has to be an event, or all of one event and other conditions", f.Each)
	}
	if decays && driver == nil && out.when.mentionsEvent() {
		c.problem(path+".when", "the group decays, so an event rule's condition has to be an event, or all of one event and other conditions: else it is not clear whose age counts")
	}
	if f.Cap != nil {
		out.cap = c.amount(path+".cap", *f.Cap)
		if out.cap < 0 {
			c.problem(path+".cap", "%s is below 0; a rule's cap is a bound of its points by absolute value", showNumber(out.cap))
		} else if out.cap == 0 {
			c.problem(path+".cap", "the rule can never give a point: its cap is 0")
		}
	}
	out.valid = c.valid(path+".valid", f.Valid)
	if f.Points.Table == nil {
		out.points = c.amount(path+".points", f.Points.Fixed)
		return out
	}
	column, ok := c.columns[f.When.Field]
	switch {
	case f.When.Field == "":
		c.problem(path+".points.table", "a table looks up the field of the rule's condition; want when: {field: …}")
		column = -1
	case !ok: // said at when.field
		column = -1
	}
	out.column = column
	out.table = c.table(path+".points.table", column, len(f.Points.Table), func(i int) (*float64, Values, float64) {
		r := &f.Points.Table[i]
		return r.To, r.In, c.amount(Index(path+".points.table", i)+".points", r.Points)
	})
	return out
}

// amount checks points, a cap or a bound: finite and at most maxPoints.
func (c *compiler) amount(path string, x float64) float64 {
	if !(math.Abs(x) <= maxPoints) {
		c.problem(path, "%s is out of range; want -1000000 to 1000000", showNumber(x))
	}
	return x + 0 // −0 is 0
}
