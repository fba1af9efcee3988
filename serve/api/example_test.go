package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"leadscore/serve/api"
)

func Example() {
	// Any leadscore server will do; this one knows a single lead.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) == `{"lead":{"employees":"many"}}` {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"type":"urn:leadscore:problem:invalid_value","title":"A field has a value that it cannot have","status":400,
				"detail":"lead.employees: not a number: \"many\"","code":"invalid_value","field":"lead.employees","request_id":"r-2"}`)
			return
		}
		_, _ = io.WriteString(w, `{"lead_id":"L-1","target":"won","probability":0.25,"probabilities":{"won":0.25},"score":50,
			"grade":"B","recommendation":{"stage":"MQL","because":["score 50.0 ≥ 40 (MQL)"]}}`)
	}))
	defer server.Close()

	ctx := context.Background()
	client, err := api.NewClient(server.URL, api.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := client.Score(ctx, &api.Request{Lead: map[string]json.RawMessage{
		"lead_id": json.RawMessage(`"L-1"`), "employees": json.RawMessage(`120`),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.LeadID, answer.Probability, answer.Recommendation.Stage)

	_, err = client.Score(ctx, &api.Request{Lead: map[string]json.RawMessage{"employees": json.RawMessage(`"many"`)}})
	var problem *api.Problem
	if errors.As(err, &problem) {
		fmt.Println(problem.Code, "in", problem.Field)
	}
	// Output:
	// L-1 0.25 MQL
	// invalid_value in lead.employees
}

func ExampleClient_StreamBatch() {
	// A server that answers each line as it comes, the second with an error.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"lead_id":"L-1","probability":0.25}`+"\n"+`{"error":{"status":400,"code":"unknown_attribute","field":"lead.emial"}}`+"\n")
	}))
	defer server.Close()

	client, err := api.NewClient(server.URL, api.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	leads := func(yield func(api.Request) bool) {
		for _, lead := range []string{`{"id":"L-1"}`, `{"id":"L-2","emial":"x"}`} {
			var r api.Request
			_ = json.Unmarshal([]byte(lead), &r.Lead)
			if !yield(r) {
				return
			}
		}
	}
	for row, err := range client.StreamBatch(context.Background(), leads) {
		switch {
		case err != nil:
			fmt.Println(err)
		case row.Error != nil:
			fmt.Println(row.Error.Code, row.Error.Field)
		default:
			fmt.Println(row.Answer.LeadID, row.Answer.Probability)
		}
	}
	// Output:
	// L-1 0.25
	// unknown_attribute lead.emial
}

// A refusal can be told by its code, whatever wraps it; the problem itself has the details.
func ExampleErrorCode() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"type":"urn:leadscore:problem:unknown_model","title":"No such model","status":404,
			"detail":"no model \"lost\" is loaded; there is won","code":"unknown_model","field":"model","request_id":"r-1"}`)
	}))
	defer server.Close()

	client, err := api.NewClient(server.URL, api.Options{Model: "lost"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Score(context.Background(), &api.Request{Lead: map[string]json.RawMessage{}})
	switch {
	case errors.Is(err, api.ErrUnknownModel):
		fmt.Println("no such model:", err)
	case errors.Is(err, api.ErrInvalidValue), errors.Is(err, api.ErrUnknownAttribute):
		fmt.Println("the lead's fault:", err)
	default:
		fmt.Println(err)
	}
	// Output:
	// no such model: scoring a lead: leadscore answered 404 unknown_model: no model "lost" is loaded; there is won (request r-1)
}

// A server that starts, stops or has too much to do is asked again, after the time that it names and a random part of the backoff.
func ExampleOptions() {
	tries := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"lead_id":"L-1","probability":0.25}`)
	}))
	defer server.Close()

	client, err := api.NewClient(server.URL, api.Options{
		Timeout: 5 * time.Second, // of one try
		Retries: 4,
		Backoff: 200 * time.Millisecond,
		// Only so that this example does not take its time; leave both out.
		Jitter: func() float64 { return 0.5 },
		Sleep:  func(_ context.Context, d time.Duration) error { fmt.Println("waiting", d); return nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // of all tries and waits
	defer cancel()
	answer, err := client.Score(ctx, &api.Request{Lead: map[string]json.RawMessage{"lead_id": json.RawMessage(`"L-1"`)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.LeadID, answer.Probability)
	// Output:
	// waiting 2.1s
	// waiting 2.2s
	// L-1 0.25
}

func ExampleClient_Explain() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"lead_id":"L-1","probability":0.25,"score":50,"recommendation":{"stage":"nurture","because":["score 50.0 < 60 (MQL)"]},
			"baseline":-0.5,"effects":[{"feature":"visits","value":"4","effect":-0.6,"text":"visits is 4 (2 to 5): 21 % of 300 such leads converted, average 38 %"}],
			"rule_trace":[],"counterfactuals":[{"changes":[{"kind":"field","feature":"visits","from":"4","to":"6","text":"visits is 6 instead of 4"}],
			"stage":"MQL","score":62,"probability":0.38}]}`)
	}))
	defer server.Close()

	client, err := api.NewClient(server.URL, api.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := client.Explain(context.Background(), &api.Request{Lead: map[string]json.RawMessage{"visits": json.RawMessage(`4`)}})
	if err != nil {
		fmt.Println(err)
		return
	}
	logit := e.Baseline
	for _, effect := range e.Effects {
		logit += effect.Effect
		fmt.Printf("%+.1f %s\n", effect.Effect, effect.Text)
	}
	fmt.Printf("log-odds %.1f, %s\n", logit, e.Recommendation.Stage)
	for _, way := range e.Counterfactuals {
		fmt.Println(way.Stage, "if", way.Changes[0].Text)
	}
	// Output:
	// -0.6 visits is 4 (2 to 5): 21 % of 300 such leads converted, average 38 %
	// log-odds -1.1, nurture
	// MQL if visits is 6 instead of 4
}

// What a lead may have is told by the model itself.
func ExampleClient_Model() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/models" {
			_, _ = io.WriteString(w, `{"models":[{"name":"won","version":"2b1951d97e96","digest":"","default":true,"targets":["won"]}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"name":"won","version":"2b1951d97e96","default":true,"targets":["won"],"base_rates":{"won":0.38},
			"input":[{"name":"lead_id","kind":"text","role":"id"},{"name":"visits","kind":"numeric","role":"feature"}],
			"policy":{"mql":{"min_score":60,"required":[]},"sql":{"min_score":95,"required":["phone"]}}}`)
	}))
	defer server.Close()

	ctx := context.Background()
	client, err := api.NewClient(server.URL, api.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	models, err := client.Models(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range models {
		details, err := client.Model(ctx, m.Name+"@"+m.Version)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, field := range details.Input {
			fmt.Println(m.Name, field.Name, field.Kind, field.Role)
		}
		fmt.Println("SQL needs", details.Policy.SQL.MinScore, details.Policy.SQL.Required)
	}
	// Output:
	// won lead_id text id
	// won visits numeric feature
	// SQL needs 95 [phone]
}

func ExampleClient_ScoreBatch() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"lead_id":"L-1","probability":0.25}`+"\n"+`{"error":{"status":400,"code":"invalid_value","field":"lead.visits"}}`+"\n")
	}))
	defer server.Close()

	client, err := api.NewClient(server.URL, api.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := client.ScoreBatch(context.Background(), []api.Request{
		{Lead: map[string]json.RawMessage{"lead_id": json.RawMessage(`"L-1"`)}},
		{Lead: map[string]json.RawMessage{"visits": json.RawMessage(`"many"`)}},
	})
	if err != nil {
		fmt.Println(err) // of the batch as a whole
		return
	}
	for i, row := range rows {
		switch {
		case errors.Is(row.Error, api.ErrInvalidValue):
			fmt.Println(i, "is refused for", row.Error.Field)
		case row.Error != nil:
			fmt.Println(i, row.Error)
		default:
			fmt.Println(i, row.Answer.Probability)
		}
	}
	// Output:
	// 0 0.25
	// 1 is refused for lead.visits
}
