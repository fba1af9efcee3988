package train

import (
	"slices"
	"testing"

	"leadscore/model"
	"leadscore/model/rules"
)

// A rule that asks for a type of event that the log does not have is told, and one that asks for a type that it has is not.
func TestRuleOfAnUnseenEventIsTold(t *testing.T) {
	c := eventConfig(t, 1500, nil)
	c.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "a", Groups: []rules.Group{{Name: "intent", Rules: []rules.Rule{
		{Name: "right", When: rules.Condition{Event: "demo_request"}, Points: rules.Points{Fixed: 5}},
		{Name: "wrong", When: rules.Condition{Event: "demo_reqest"}, Points: rules.Points{Fixed: 5}},
	}}}}}}
	var got []model.Finding
	for _, f := range run(t, c).Card.Findings {
		if f.Reason == "unseen event" {
			got = append(got, f)
		}
	}
	want := []model.Finding{{Reason: "unseen event", Text: `rules: scorecards[0].groups[0].rules[1].when.event: no lead has an event of type "demo_reqest" (did you mean "demo_request"?)`}}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
