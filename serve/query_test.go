package serve

import (
	"encoding/json"
	"maps"
	"testing"

	"leadscore/serve/api"
)

// TestQuery: what the query says holds for rows that say nothing; all that is wrong with it is told at once.
func TestQuery(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	tall := `{"lead":{"visits":3,"source":"web","revenue":7,"do_not_email":true,"Job Title":"CEO","first_seen":"01/02/2024"}`
	reasons := func(query, more string) int {
		var a api.Answer
		got := h.do(t, "POST", "/v1/score"+query, jsonBody, tall+more+"}")
		if err := json.Unmarshal([]byte(got.body), &a); err != nil || got.status != 200 {
			t.Fatalf("%v %s", err, got.body)
		}
		return len(a.Reasons)
	}
	if all := reasons("?explain=50", ""); all <= reasons("", "") || reasons("?explain=0", "") != 0 || reasons("?explain=0", `,"explain":50`) != all || reasons("", `,"explain":0`) != 0 {
		t.Errorf("%d reasons of all, %d without a number", all, reasons("", ""))
	}
	for _, test := range []routeTest{
		{name: "targets", path: "/v1/score?targets=sql", body: tall + "}", status: 200, want: []string{`"probabilities":{"sql":`, `"target":"won"`}},
		{name: "targets of the request", path: "/v1/score?targets=sql", body: tall + `,"targets":["won"]}`, status: 200, want: []string{`"probabilities":{"won":`}, not: []string{`"sql":`}},
		{name: "both", path: "/v1/score?targets=sql,won", body: tall + "}", status: 200, want: []string{`"sql":`, `"won":`}},
		{name: "of an explanation", path: "/v1/explain?targets=sql&explain=0", body: tall + "}", status: 200, want: []string{`"probabilities":{"sql":`, `"reasons":[]`, `"effects":[{`}},
		{name: "a moment", path: "/v1/score?as_of=2024-03-01T00:00:00Z", body: tall + "}", status: 200, not: []string{"as_of:"}},
		{name: "warnings", path: "/v1/score?unknown=warn", body: `{"lead":{"shoe":1}}`, status: 200, want: []string{"shoe: training had no such attribute"}},
		{name: "a language", path: "/v1/score?lang=es", body: `{"lead":{}}`, status: 200, want: []string{"falta"}},
		{name: "the request's own", path: "/v1/score?lang=es", body: `{"lead":{},"lang":"en"}`, status: 200, want: []string{"is missing"}},
		{name: "in a batch", path: batchPath + "?explain=0&unknown=warn", body: `[{"lead":{"shoe":1}}]`, status: 200, want: []string{`"reasons":[]`, "shoe:"}},

		{name: "all that is wrong", path: "/v1/score?explain=51&targets=won,win&as_of=today&unknown=no&lang=de", body: good, status: 400, field: "explain",
			want: []string{"0 to 50", `no target \"win\"; it has won, sql`, "RFC 3339", `want \"warn\"`, `\"en\" or \"es\"`, "4 more"}},
		{name: "wrong names beside wrong values", path: "/v1/score?wat=1&lang=de&explain=x&as_of=a&as_of=b", body: good, status: 400, field: "as_of",
			want: []string{`"field":"wat"`, `"field":"lang"`, `"field":"explain"`, "and 3 more fields"}},
		{name: "unknown ones", path: "/v1/score?target=won&x=1", body: good, status: 400, field: "target", want: []string{"unknown_parameter", `did you mean \"targets\"`, `"field":"x"`}},
		{name: "twice", path: "/v1/score?explain=1&explain=2", body: good, status: 400, field: "explain", want: []string{"duplicate_key"}},
		{name: "a target twice", path: "/v1/score?targets=won,won", body: good, status: 400, field: "targets"},
		{name: "no target", path: "/v1/score?targets=", body: good, status: 400, field: "targets"},
		{name: "a sign", path: "/v1/score?explain=%2B1", body: good, status: 400, field: "explain"},
		{name: "broken", path: "/v1/score?explain=%zz", body: good, status: 400, want: []string{"invalid_value"}},
		{name: "semicolons", path: "/v1/score?explain=1;lang=es", body: good, status: 400},
		{name: "in the body", path: "/v1/score", body: tall + `,"targets":["won","won",1,"x"],"explain":1.5}`, status: 400, field: "targets[1]",
			want: []string{"stands twice", `"field":"targets[2]"`, `"field":"targets[3]"`, `"field":"explain"`}},
		{name: "no targets in the body", path: "/v1/score", body: tall + `,"targets":[],"explain":true}`, status: 400, field: "targets", want: []string{"is empty", "wrong type"}},
	} {
		test.run(t, h)
	}
}

// FuzzQuery: whatever stands in a query, it is understood or refused, and what is understood changes no number.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"", "explain=2", "targets=won,sql&lang=es", "as_of=2024-01-01T00:00:00Z&unknown=warn", "model=won@1", "a=%zz", "explain=1&explain=1"} {
		f.Add(q)
	}
	h := newHarness(f, Limits{}, loadedModel(f, "won"))
	var plain api.Answer
	if err := json.Unmarshal([]byte(h.post(f, "/v1/score", "", jsonBody, []byte(good)).body), &plain); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		a := h.post(t, "/v1/score", query, jsonBody, []byte(good))
		var got api.Answer
		switch a.status {
		case 200:
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Probability != plain.Probability || got.Score != plain.Score || len(got.Probabilities) == 0 {
				t.Fatalf("%q: %s (%v)", query, a.body, err)
			}
			for name, p := range maps.All(got.Probabilities) {
				if plain.Probabilities[name] != p {
					t.Fatalf("%q: %s %v", query, name, p)
				}
			}
		case 400, 404:
		default:
			t.Fatalf("%q: %d %s", query, a.status, a.body)
		}
	})
}
