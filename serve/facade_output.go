package serve

import (
	"fmt"
	"math"

	"leadscore/model"
)

// output is one of the columns that a facade answers with: a number or a text of each lead.
type output struct {
	name   string
	number func(p *model.Prediction) float64 // nil: a text
	text   func(l *model.Lead, p *model.Prediction) string
}

// outputsOf are the columns of a model, named as those of a scored file are: probability is that of the first target, and
// probability.TARGET that of each; rule_score.NAME is that of each scorecard where there are several.
func outputsOf(a *model.Artifact) []output {
	out := []output{{name: "probability", number: func(p *model.Prediction) float64 { return p.Probability }}}
	for i := range a.Targets {
		out = append(out, output{name: "probability." + a.Targets[i].Name, number: func(p *model.Prediction) float64 { return p.Probabilities[i] }})
	}
	out = append(out, output{name: "rule_score", number: func(p *model.Prediction) float64 { return p.RuleScore }})
	if a.Rules != nil && len(a.Rules.Scorecards) > 1 {
		for i := range a.Rules.Scorecards {
			out = append(out, output{name: "rule_score." + a.Rules.Scorecards[i].Name, number: func(p *model.Prediction) float64 { return p.RuleScores[i] }})
		}
	}
	return append(out,
		output{name: "score", number: func(p *model.Prediction) float64 { return p.Score }},
		output{name: "grade", text: func(_ *model.Lead, p *model.Prediction) string { return p.Grade }},
		output{name: "stage", text: func(_ *model.Lead, p *model.Prediction) string { return string(p.Stage) }})
}

// of is the number of a prediction; one that is none is our bug.
func (o *output) of(p *model.Prediction) (float64, error) {
	x := o.number(p)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("writing an answer: %s is %v", o.name, x)
	}
	return x, nil
}

// leadID is the text of the id column; empty where the model has none or the lead no id.
func leadID(a *model.Artifact) output {
	place := -1
	if a.ID != "" {
		place = a.Schema.Index(a.ID)
	}
	return output{name: "lead_id", text: func(l *model.Lead, _ *model.Prediction) string {
		if place < 0 || l.Values[place].Missing() {
			return ""
		}
		return l.Values[place].String()
	}}
}
