package serve

import (
	"encoding/json"
	"testing"

	"leadscore/serve/api"
)

// With the stage that a lead was in the answer says whether it enters one now; what is wrong with it is named.
func TestPreviousStage(t *testing.T) {
	h := newHarness(t, Limits{}, movable(t))
	lead := `"lead":{"visits":3,"source":"web","do_not_email":false},"as_of":"2024-01-02T00:00:00Z"`
	for _, path := range []string{"/v1/score", "/v1/explain"} {
		for _, test := range []routeTest{
			{name: "none", body: `{` + lead + `}`, status: 200, not: []string{`"changed"`}},
			{name: "a stage", body: `{"previous":{"stage":"SQL","since":"2024-01-01T00:00:00Z"},` + lead + `}`, status: 200, want: []string{`"changed":false`}},
			{name: "disqualified before", body: `{"previous":{"stage":"disqualify"},` + lead + `}`, status: 200, want: []string{`"changed":`}},
			{name: "small letters", body: `{"previous":{"stage":"mql"},` + lead + `}`, status: 400, field: "previous.stage", want: []string{`\"mql\"; want`, `(did you mean \"MQL\"?)`}},
			{name: "no stage", body: `{"previous":{"since":"2024-01-01T00:00:00Z"},` + lead + `}`, status: 400, field: "previous.stage", want: []string{"is missing"}},
			{name: "a number", body: `{"previous":{"stage":1},` + lead + `}`, status: 400, field: "previous.stage"},
			{name: "a text", body: `{"previous":"MQL",` + lead + `}`, status: 400, field: "previous"},
			{name: "null", body: `{"previous":null,` + lead + `}`, status: 400, field: "previous"},
			{name: "another key", body: `{"previous":{"stage":"MQL","sincee":""},` + lead + `}`, status: 400, field: "previous.sincee", want: []string{`did you mean \"since\"`}},
			{name: "twice", body: `{"previous":{"stage":"MQL","stage":"MQL"},` + lead + `}`, status: 400, field: "previous.stage", want: []string{"duplicate_key"}},
			{name: "no moment", body: `{"previous":{"stage":"MQL","since":"yesterday"},` + lead + `}`, status: 400, field: "previous.since"},
			{name: "later than as_of", body: `{"previous":{"stage":"MQL","since":"2024-01-03T00:00:00Z"},` + lead + `}`, status: 400, field: "previous.since", want: []string{"lies after as_of"}},
		} {
			test.path, test.name = path, path+" "+test.name
			test.run(t, h)
		}
	}
	// What one lead of a batch was is not what the next was.
	first := ask[api.Answer](t, h, "/v1/score", api.Request{Lead: map[string]json.RawMessage{"visits": json.RawMessage("3")}, Previous: &api.Previous{Stage: "SQL"}})
	next := ask[api.Answer](t, h, "/v1/score", api.Request{Lead: map[string]json.RawMessage{"visits": json.RawMessage("3")}})
	if first.Recommendation.Changed == nil || next.Recommendation.Changed != nil {
		t.Errorf("%+v, then %+v", first.Recommendation, next.Recommendation)
	}
}
