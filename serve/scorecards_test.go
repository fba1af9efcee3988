package serve

import (
	"encoding/json"
	"regexp"
	"testing"

	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/serve/api"
)

// withCards is a model of three scorecards, whose names are not in the order of the alphabet.
func withCards(t testing.TB) *model.Scorer {
	t.Helper()
	a := artifact(t, "won")
	a.Rules.Scorecards = append(a.Rules.Scorecards,
		rules.Scorecard{Name: "z <training>", Groups: []rules.Group{{Name: "fit", Rules: []rules.Rule{
			{Name: "mail", When: rules.Condition{Field: "do_not_email", In: []any{false}}, Points: rules.Points{Fixed: -2.5}},
		}}}},
		rules.Scorecard{Name: "a \"support\"", Groups: []rules.Group{{Name: "intent", Rules: []rules.Rule{
			{Name: "price page", When: rules.Condition{Event: "price_page"}, Points: rules.Points{Fixed: 7}, Each: "event"},
		}}}})
	return reloaded(t, a)
}

func TestScorecardsRoute(t *testing.T) {
	h := newHarness(t, Limits{}, withCards(t))
	const scores = `"rule_score":55,"rule_scores":{"default":55,"z <training>":-2.5,"a \"support\"":7},"score":`
	for _, test := range []routeTest{
		{name: "one lead", path: "/v1/score", body: good, status: 200, want: []string{scores}, not: []string{"rule_trace"}},
		{name: "an empty lead", path: "/v1/score", body: `{"lead":{}}`, status: 200, want: []string{`"rule_scores":{"default":0,"z <training>":0,"a \"support\"":0}`}},
		{name: "an array", path: "/v1/score/batch", body: "[" + good + "," + good + "]", status: 200, want: []string{scores}},
		{name: "lines", path: "/v1/score/batch", contentType: ndjson, body: lead("a") + "\n", status: 200, want: []string{`"rule_scores":{"default":`}},
		{name: "an explanation", path: "/v1/explain", body: good, status: 200, want: []string{
			scores,
			`"rule_traces":{"z <training>":[{"group":"fit","rule":"mail","points":-2.5,"kind":"rule",`, `"a \"support\"":[{"group":"intent","rule":"price page","points":7,`,
		}},
		{name: "an empty explanation", path: "/v1/explain", body: `{"lead":{}}`, status: 200, want: []string{`"rule_traces":{"z <training>":[],"a \"support\"":[]}`}},
		{name: "a bad lead", path: "/v1/score", body: `{"lead":{"visits":"many"}}`, status: 400, field: "lead.visits", not: []string{"rule_score"}},
	} {
		test.run(t, h)
	}
}

var version = regexp.MustCompile(`"version":"[^"]*"`)

// With one scorecard an answer is, byte for byte, that of more of them without what they add.
func TestOneScorecardAnswersAsBefore(t *testing.T) {
	one, many := newHarness(t, Limits{}, loadedModel(t, "won")), newHarness(t, Limits{}, withCards(t))
	table := leads(t, 40, 21)
	bodies := []string{good}
	for row := range table.Rows() {
		bodies = append(bodies, string(body(t, table, row)))
	}
	plain := func(data any) string {
		text, err := toJSON(data)
		if err != nil {
			t.Fatal(err)
		}
		return version.ReplaceAllString(string(text), "")
	}
	for _, sent := range bodies {
		var a api.Answer
		if err := json.Unmarshal([]byte(many.do(t, "POST", "/v1/score", jsonBody, sent).body), &a); err != nil || len(a.RuleScores) != 3 {
			t.Fatalf("%v: %+v", err, a)
		}
		a.RuleScores = nil
		if got := version.ReplaceAllString(one.do(t, "POST", "/v1/score", jsonBody, sent).body, ""); got != plain(a) {
			t.Fatalf("got  %s\nwant %s", got, plain(a))
		}
		var x api.Explanation
		if err := json.Unmarshal([]byte(many.do(t, "POST", "/v1/explain", jsonBody, sent).body), &x); err != nil || len(x.RuleTraces) != 2 {
			t.Fatalf("%v: %+v", err, x)
		}
		for _, of := range x.RuleTraces {
			sum := 0.0
			for _, line := range of.Value {
				sum += line.Points
			}
			if points, ok := x.RuleScores.Of(of.Name); !ok || points != sum {
				t.Fatalf("scorecard %q: the trace gives %v, the score is %v", of.Name, sum, points)
			}
		}
		x.RuleScores, x.RuleTraces = nil, nil
		if got := version.ReplaceAllString(one.do(t, "POST", "/v1/explain", jsonBody, sent).body, ""); got != plain(x) {
			t.Fatalf("got  %s\nwant %s", got, plain(x))
		}
	}
}
