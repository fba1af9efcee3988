package serve

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/api"
)

// movable is a model whose policy marks fields and an event actionable.
func movable(t testing.TB) *model.Scorer {
	t.Helper()
	a := artifact(t, "won")
	a.Policy.Actionable = []model.Actionable{{Field: "visits", Direction: model.Increase}, {Field: "do_not_email"}, {Field: "source"}, {Event: "price_page", Times: 2}}
	s, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What a counterfactual says is what a client gets that sends the lead with its changes: score, stage and probability to the bit.
func TestCounterfactualsCanBeSent(t *testing.T) {
	h := newHarness(t, Limits{}, movable(t))
	told, events, fills := 0, 0, 0
	for i := range 60 {
		lead := map[string]json.RawMessage{
			"lead_id": json.RawMessage(`"x"`), "visits": json.RawMessage(strconv.Itoa(i % 7)), "do_not_email": json.RawMessage(strconv.FormatBool(i%5 == 0)),
			"source": json.RawMessage([]string{`"web"`, `"webinar"`, `null`}[i%3]),
		}
		if i%4 > 0 {
			lead["Job Title"] = json.RawMessage(`"CEO"`)
		}
		at := time.Date(2024, 1, 1+i, 12, 0, 0, 0, time.UTC)
		r := api.Request{Lead: lead, AsOf: at.Format(time.RFC3339), Lang: []string{"", "en", "es"}[i%3]}
		x := ask[api.Explanation](t, h, "/v1/explain", r)
		for _, c := range x.Counterfactuals {
			told++
			changed := api.Request{Lead: maps.Clone(lead), AsOf: r.AsOf}
			for _, change := range c.Changes {
				if change.Kind == "event" {
					events++
					from, _ := strconv.Atoi(change.From)
					to, err := strconv.Atoi(change.To)
					if err != nil || to <= from {
						t.Fatalf("%+v", change)
					}
					for range to - from {
						changed.Events = append(changed.Events, api.Event{Type: change.Feature, At: at.Add(-time.Microsecond).Format(time.RFC3339Nano)})
					}
					continue
				}
				if change.From == "missing" {
					fills++
				}
				changed.Lead[change.Feature], _ = json.Marshal(change.To)
			}
			a := ask[api.Answer](t, h, "/v1/score", changed)
			if a.Recommendation.Stage != c.Stage || a.Score != c.Score || a.Probability != c.Probability || a.Recommendation.Stage == x.Recommendation.Stage {
				t.Fatalf("from %s: %+v; sent, it has %s, score %v, probability %v", x.Recommendation.Stage, c, a.Recommendation.Stage, a.Score, a.Probability)
			}
		}
	}
	if told < 30 || events == 0 || fills == 0 {
		t.Errorf("%d told with %d events and %d fills: the leads are too dull", told, events, fills)
	}
}

// ask sends a request; the answer is held against openapi.json on the way.
func ask[T any](t testing.TB, h *harness, path string, r api.Request) (out T) {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	a := h.do(t, "POST", path, jsonBody, string(body))
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 {
		t.Fatalf("%s %s: %d %s (%v)", path, body, a.status, a.body, err)
	}
	return out
}

func TestLanguages(t *testing.T) {
	h := newHarness(t, Limits{}, movable(t))
	lead := `"lead":{"visits":3,"source":"web","do_not_email":false},"as_of":"2024-01-02T00:00:00Z"`
	for _, path := range []string{"/v1/score", "/v1/explain"} {
		english, spanish := []string{`score `, `is missing`}, []string{`puntuación `, `falta `}
		for _, test := range []routeTest{
			{name: "none", body: `{` + lead + `}`, status: 200, want: english, not: spanish},
			{name: "en", body: `{"lang":"en",` + lead + `}`, status: 200, want: english, not: spanish},
			{name: "es", body: `{` + lead + `,"lang":"es"}`, status: 200, want: spanish, not: []string{"score 1", "is missing", "such leads", "from ", "fill in"}},
			{name: "fr", body: `{"lang":"fr",` + lead + `}`, status: 400, field: "lang", want: []string{`\"fr\"; want \"en\" or \"es\"`}},
			{name: "empty", body: `{"lang":"",` + lead + `}`, status: 400, field: "lang"},
			{name: "a number", body: `{"lang":1,` + lead + `}`, status: 400, field: "lang", want: []string{`want \"en\" or \"es\"`}},
			{name: "twice", body: `{"lang":"es","lang":"es",` + lead + `}`, status: 400, field: "lang", want: []string{"duplicate_key"}},
		} {
			test.path, test.name = path, path+" "+test.name
			test.run(t, h)
		}
	}
	// A language changes texts alone; and in a batch each lead has its own, whatever the one before had.
	a := ask[api.Answer](t, h, "/v1/score", api.Request{Lead: map[string]json.RawMessage{"visits": json.RawMessage("3")}})
	b := ask[api.Answer](t, h, "/v1/score", api.Request{Lead: map[string]json.RawMessage{"visits": json.RawMessage("3")}, Lang: "es"})
	if a.Score != b.Score || a.Recommendation.Stage != b.Recommendation.Stage || len(a.Reasons) != len(b.Reasons) || a.Reasons[0].Text == b.Reasons[0].Text ||
		a.Reasons[0].Feature != b.Reasons[0].Feature || a.Reasons[0].Value != b.Reasons[0].Value || a.Reasons[0].Effect != b.Reasons[0].Effect {
		t.Errorf("en %+v\nes %+v", a, b)
	}
	batch := h.do(t, "POST", "/v1/score/batch", "application/x-ndjson", fmt.Sprintf("{%s,\"lang\":\"es\"}\n{%[1]s}\n", lead)).body
	rows := strings.Split(batch, "\n")
	if !strings.Contains(rows[0], "puntuación ") || strings.Contains(rows[1], "puntuación ") || !strings.Contains(rows[1], `"score `) {
		t.Errorf("a batch: %s", batch)
	}
}
