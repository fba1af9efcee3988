package model

import (
	"math"
	"slices"
	"strings"

	"leadscore/model/rules"
)

func (c *checker) stage(name string, r *StageRule) []int {
	if !bounded(r.MinScore) {
		c.say("policy: min_score of %s is not a usable number: %v", name, r.MinScore)
	}
	if r.Leave != nil && !(bounded(*r.Leave) && *r.Leave <= r.MinScore) {
		c.say("policy: leave of %s is %v; want a number up to its min_score, %v", name, *r.Leave, r.MinScore)
	}
	if r.Stay < 0 || r.Stay > maxStay {
		c.say("policy: stay of %s is %d microseconds; want 0 to %d", name, r.Stay, int64(maxStay))
	}
	var columns []int
	for _, column := range r.Required {
		columns = append(columns, c.column(column, "policy: required for "+name))
	}
	return columns
}

// maxStay bounds a minimum stay, so that a moment and a stay do not overflow: a thousand years.
const maxStay = 366_000 * 24 * 3600e6

// decisive finds the target whose probability decides a stage; -1: the score does.
func (c *checker) decisive(name string, r *StageRule) int {
	if r.Target == "" {
		return -1
	}
	i := slices.IndexFunc(c.a.Targets, func(t Target) bool { return t.Name == r.Target })
	if i < 0 {
		c.say("policy: %s is decided by target %q, which there is not", name, r.Target)
	}
	return i
}

// grades checks the cut-offs of the axes.
func (c *checker) grades(set *rules.Set) {
	g := c.a.Policy.Grades
	if g == nil {
		return
	}
	if set == nil {
		c.say("policy: grades without rules, which they are of")
		return
	}
	fit, engagement := set.Axes(0)
	for _, axis := range []struct {
		name string
		has  bool
		cuts []float64
	}{{"fit", fit, g.Fit}, {"engagement", engagement, g.Engagement}} {
		if !axis.has {
			c.say("policy: grades of %s, and no group of the rules is on that axis", axis.name)
		}
		if len(axis.cuts) != AxisCuts {
			c.say("policy: %d cut-offs of %s; want %d", len(axis.cuts), axis.name, AxisCuts)
		}
		for i, cut := range axis.cuts {
			if !bounded(cut) || i > 0 && cut > axis.cuts[i-1] {
				c.say("policy: cut-offs of %s are %v; want numbers that do not rise", axis.name, axis.cuts)
				break
			}
		}
	}
}

func (c *checker) blend(set *rules.Set) {
	b := &c.a.Blend
	if !slices.Contains(blendMethods, b.Method) {
		c.say("unknown blend method %q; want %s", b.Method, strings.Join(blendMethods, ", "))
		return
	}
	for _, x := range []float64{b.Intercept, b.Logit, b.Rule, b.Weight, b.Low, b.High, b.Upgrade} {
		if !bounded(x) {
			c.say("blend: %v is not a usable number", x)
		}
	}
	if b.usesRules() && c.a.Rules == nil {
		c.say("blend method %q without rules", b.Method)
	}
	if b.Weight < 0 || b.Weight > 1 || math.IsNaN(b.Weight) {
		c.say("blend: weight %v is not within 0 and 1", b.Weight)
	}
	if b.Method == BlendGate && b.Low > b.High {
		c.say("blend: low %v is above high %v", b.Low, b.High)
	}
	if b.Upgrade != 0 && (b.Method != BlendGate || !(b.Upgrade > 0 && b.Upgrade <= 100)) {
		c.say("blend: upgrade %v; want a score above 0, up to 100, with method gate", b.Upgrade)
	}
	c.groups(set)
}

// groups checks the weights of the groups: they are those of the first scorecard.
func (c *checker) groups(set *rules.Set) {
	b := &c.a.Blend
	if b.Groups == nil || set == nil {
		return
	}
	var names []string
	for _, g := range b.Groups {
		names = append(names, g.Group)
		if !bounded(g.Weight) {
			c.say("blend: the weight of group %q is not a usable number: %v", g.Group, g.Weight)
		}
	}
	if want := set.Groups(0); !slices.Equal(names, want) {
		c.say("blend: weights of the groups %q; the rules have %q", names, want)
	}
	if b.Method != BlendLogit {
		c.say("blend: groups have weights with method logit only; the method is %q", b.Method)
	}
}
