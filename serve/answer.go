package serve

import (
	"slices"
	"strings"

	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/serve/api"
)

// NewAnswer is the wire form of a prediction, as POST /v1/score sends it.
func NewAnswer(s *model.Scorer, e *model.Explanation) api.Answer {
	return newAnswer(s.Artifact(), e)
}

// NewExplanation is the wire form of an explanation, as POST /v1/explain sends it.
func NewExplanation(s *model.Scorer, e *model.Explanation) api.Explanation {
	return newExplanation(s.Artifact(), e)
}

func newAnswer(a *model.Artifact, e *model.Explanation) api.Answer {
	var out api.Answer
	fillAnswer(&out, a, e)
	out.Probabilities = make(map[string]float64, len(a.Targets))
	for i := range a.Targets {
		out.Probabilities[a.Targets[i].Name] = e.Probabilities[i]
	}
	out.Recommendation.Because = append([]string{}, e.Because...)
	out.Warnings = append([]string{}, e.Warnings...)
	return out
}

// fillAnswer overwrites out with the wire form of e, but for Probabilities: see chances. It shares Because and Warnings with e and reuses the memory
// of out, so that answering one lead after another allocates nothing here.
func fillAnswer(out *api.Answer, a *model.Artifact, e *model.Explanation) {
	out.LeadID, out.Target = e.LeadID, a.Targets[0].Name
	out.Probability, out.RuleScore, out.Score = e.Probability, e.RuleScore, e.Score
	out.RuleScores = out.RuleScores[:0]
	for i, points := range e.RuleScores {
		out.RuleScores = append(out.RuleScores, api.OfScorecard[float64]{Name: a.Rules.Scorecards[i].Name, Value: points})
	}
	if !e.Interval.Known() {
		out.Interval = nil
	} else {
		if out.Interval == nil {
			out.Interval = new(api.Interval)
		}
		*out.Interval = api.Interval{Lower: e.Interval.Lower, Upper: e.Interval.Upper}
	}
	out.Grade = e.Grade
	if e.Axes.Grade == "" {
		out.Axes = nil
	} else {
		if out.Axes == nil {
			out.Axes = new(api.Axes)
		}
		*out.Axes = api.Axes{Fit: e.Axes.Fit, Engagement: e.Axes.Engagement, Grade: e.Axes.Grade}
	}
	out.Recommendation = api.Recommendation{Stage: string(e.Stage), Because: e.Because}
	if e.Previous != "" {
		out.Recommendation.Changed = &decided[0]
		if e.Changed {
			out.Recommendation.Changed = &decided[1]
		}
	}
	out.Reasons = appendEffects(out.Reasons[:0], e.Reasons)
	out.Warnings = e.Warnings
	out.Model = api.ModelRef{Name: a.Name, Version: a.Version}
}

// chance is a target's probability.
type chance struct {
	name        string
	probability float64
}

// byName are the places of a model's targets in the order in which JSON has their names.
func byName(a *model.Artifact) []int {
	order := make([]int, len(a.Targets))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(a.Targets[i].Name, a.Targets[j].Name) })
	return order
}

// chances appends the probabilities that were asked for, nil: all, in the order of the answer. They stand in for Answer.Probabilities
// where one lead is answered after another: a map was 2 % of the server's time.
func chances(out []chance, order []int, a *model.Artifact, e *model.Explanation, asked []bool) []chance {
	for _, i := range order {
		if asked == nil || asked[i] {
			out = append(out, chance{a.Targets[i].Name, e.Probabilities[i]})
		}
	}
	return out
}

// keepTargets takes the probabilities away that were not asked for; nil: all were.
func keepTargets(out *api.Answer, a *model.Artifact, asked []bool) {
	for i, kept := range asked {
		if !kept {
			delete(out.Probabilities, a.Targets[i].Name)
		}
	}
}

// decided are false and true for answers to point at; nobody writes to them.
var decided = [2]bool{false, true}

func newExplanation(a *model.Artifact, e *model.Explanation) api.Explanation {
	x := api.Explanation{
		Answer:          newAnswer(a, e),
		Baseline:        e.Baseline,
		Effects:         appendEffects(nil, e.Effects),
		RuleTrace:       trace(e.Trace),
		Counterfactuals: counterfactuals(e.Counterfactuals),
	}
	for i, lines := range e.Traces {
		x.RuleTraces = append(x.RuleTraces, api.OfScorecard[[]api.RuleLine]{Name: a.Rules.Scorecards[i+1].Name, Value: trace(lines)})
	}
	return x
}

func counterfactuals(found []model.Counterfactual) []api.Counterfactual {
	out := make([]api.Counterfactual, len(found))
	for i := range found {
		f := &found[i]
		out[i] = api.Counterfactual{Stage: string(f.Stage), Score: f.Score, Probability: f.Probability}
		for _, c := range f.Changes {
			kind := "field"
			if c.Event {
				kind = "event"
			}
			out[i].Changes = append(out[i].Changes, api.Change{Kind: kind, Feature: c.Feature, From: c.From, To: c.To, Text: c.Text})
		}
	}
	return out
}

func appendEffects(out []api.Effect, lines []model.EffectLine) []api.Effect {
	if out == nil {
		out = make([]api.Effect, 0, len(lines))
	}
	for _, l := range lines {
		out = append(out, api.Effect{Feature: l.Feature, Value: l.Value, Effect: l.Effect, Text: l.Text})
	}
	return out
}

func trace(lines []rules.Line) []api.RuleLine {
	out := make([]api.RuleLine, len(lines))
	for i, l := range lines {
		out[i] = api.RuleLine{Group: l.Group, Rule: l.Rule, Points: l.Points, Kind: l.Kind, Text: l.Text}
	}
	return out
}
