package serve

import (
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// needy is a model whose leads all need visits, and whose training rows had weights.
func needy(t *testing.T) *model.Scorer {
	t.Helper()
	a := artifact(t, "won")
	s := *a.Schema
	s.Fields = slices.Clone(s.Fields)
	s.Fields[s.Index("visits")].Required = true
	a.Schema, a.Weight = &s, &datasets.Field{Name: "copies", Kind: datasets.Numeric}
	scorer, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	return scorer
}

// A lead without the number that is added to its log-odds is a 400 that names it, and one row's error in a batch; the
// weight of a training row is accepted in silence.
func TestLeadWithoutAnOffset(t *testing.T) {
	h := newHarness(t, Limits{Body: 4096}, needy(t))
	for _, test := range []routeTest{
		{name: "a whole lead", path: "/v1/score", body: good, status: 200, want: []string{`"probability":`}},
		{name: "with a weight", path: "/v1/score", body: strings.Replace(good, `"visits":4`, `"visits":4,"copies":"x"`, 1), status: 200, not: []string{"copies"}},
		{name: "without", path: "/v1/score", body: strings.Replace(good, `"visits":4,`, "", 1), status: 400, field: "lead.visits", want: []string{"every lead needs a number here"}},
		{name: "without, unknown warn", path: "/v1/score", body: `{"lead":{},"unknown":"warn"}`, status: 400, field: "lead.visits"},
		{name: "null", path: "/v1/score", body: strings.Replace(good, `"visits":4`, `"visits":null`, 1), status: 400, field: "lead.visits", want: []string{"every row needs"}},
		{name: "a text for missing", path: "/v1/score", body: strings.Replace(good, `"visits":4`, `"visits":"NA"`, 1), status: 400, field: "lead.visits"},
		{name: "explained", path: "/v1/explain", body: `{"lead":{"source":"web"}}`, status: 400, field: "lead.visits"},
		{name: "in a batch", path: "/v1/score/batch", contentType: "application/x-ndjson", body: `{"lead":{"visits":1}}` + "\n" + `{"lead":{}}` + "\n" + `{"lead":{"visits":2}}`, status: 200,
			want: []string{`"field":"lead.visits"`}},
		{name: "roles", method: "GET", path: "/v1/models/won", status: 200, want: []string{`{"name":"visits","kind":"numeric","role":"offset"}`, `{"name":"copies","kind":"numeric","role":"weight"}`}},
	} {
		test.run(t, h)
	}
	a := h.do(t, "POST", "/v1/score/batch", "application/x-ndjson", `{"lead":{"visits":1}}`+"\n"+`{"lead":{}}`+"\n"+`{"lead":{"visits":2}}`)
	if n := strings.Count(a.body, `"probability":`); n != 2 {
		t.Errorf("%d of three rows have a probability, want the two with visits: %s", n, a.body)
	}
}
