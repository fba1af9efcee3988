package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

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
