package rules

import (
	"slices"
	"testing"
)

// Every condition on a type that the log does not have is told, wherever it stands, with the nearest type; others are not.
func TestUnseenEvents(t *testing.T) {
	demo, visit, alien := Condition{Event: "demo"}, Condition{Event: "visit"}, Condition{Event: "xyz"}
	f := &File{Scorecards: []Scorecard{{}, {
		Groups:     []Group{{}, {Rules: []Rule{{When: demo}, {When: Condition{All: []Condition{visit, {Any: []Condition{visit, {Not: &demo}}}}}}}}},
		Frameworks: []Framework{{Dimensions: []Dimension{{Evidence: []Evidence{{Field: "a"}, {When: &alien}}}}}},
		Hard:       []HardRule{{When: visit}, {When: demo}},
	}}}
	got := UnseenEvents(f, []string{"demos", "visit"})
	want := []Problem{
		{Path: "scorecards[1].groups[1].rules[0].when.event", Text: `no lead has an event of type "demo" (did you mean "demos"?)`},
		{Path: "scorecards[1].groups[1].rules[1].when.all[1].any[1].not.event", Text: `no lead has an event of type "demo" (did you mean "demos"?)`},
		{Path: "scorecards[1].frameworks[0].dimensions[0].evidence[1].when.event", Text: `no lead has an event of type "xyz"`},
		{Path: "scorecards[1].hard[1].when.event", Text: `no lead has an event of type "demo" (did you mean "demos"?)`},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := UnseenEvents(f, []string{"demo", "visit", "xyz"}); got != nil {
		t.Errorf("all types are there, and it says %q", got)
	}
	if got := UnseenEvents(nil, nil); got != nil {
		t.Errorf("no rules, and it says %q", got)
	}
}
