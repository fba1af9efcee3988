package train

import (
	"fmt"
	"math"

	"leadscore/model"
	"leadscore/model/rules"
)

// check refuses grades of axes that the rules do not have. The error is a *PolicyError.
func (g *GradesConfig) check(set *rules.Set) error {
	if g == nil {
		return nil
	}
	var problems []rules.Problem
	say := func(path, text string) { problems = append(problems, rules.Problem{Path: path, Text: text}) }
	if set == nil {
		say("policy.grades", "the grades are of the rules' axes, and there are no rules")
		return &PolicyError{problems}
	}
	fit, engagement := set.Axes(0)
	for _, axis := range []struct {
		name string
		has  bool
	}{{"fit", fit}, {"engagement", engagement}} {
		if !axis.has {
			say("policy.grades", fmt.Sprintf("no group of the rules is on the axis %s, so there is nothing to grade; name a group so, or give one axis: %s", axis.name, axis.name))
		}
	}
	if problems != nil {
		return &PolicyError{problems}
	}
	return nil
}

// chooseGrades fixes the cut-offs of the axes. Auto cuts where at most a quarter, a half and three quarters of the training rows have as
// many points or more: of leads with equal points, which are many among those who have done nothing, none is put above another, and the
// lowest are 4, not 2 because a quarter of all is no more active.
func chooseGrades(c *GradesConfig, ruled *ruledRows, weight []float64) *model.Grades {
	if ruled == nil || !ruled.axes {
		return nil
	}
	if c == nil {
		c = &GradesConfig{}
	}
	g := &model.Grades{Fit: c.Fit, Engagement: c.Engagement}
	if g.Fit == nil {
		g.Fit = quarters(ruled.fit, weight)
	}
	if g.Engagement == nil {
		g.Engagement = quarters(ruled.engagement, weight)
	}
	return g
}

func quarters(sums, weight []float64) []float64 {
	out := make([]float64, model.AxisCuts)
	for i := range out {
		out[i] = topCut(sums, weight, float64(i+1)/(model.AxisCuts+1))
		if math.Abs(out[i]) == 0 {
			out[i] = 0 // not −0
		}
	}
	return out
}
