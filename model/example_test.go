package model_test

import (
	"encoding/json"
	"fmt"
	"log"

	"leadscore/datasets"
	"leadscore/model"
)

// A Go service scores in-process: load once, make a Scorer, share it.
func Example() {
	artifact, err := model.Load("testdata/model.v1.json")
	if err != nil {
		log.Fatal(err)
	}
	scorer, err := model.NewScorer(artifact)
	if err != nil {
		log.Fatal(err)
	}

	values, _, err := scorer.ParseLead(map[string]json.RawMessage{
		"lead_id":    json.RawMessage(`"L-1"`),
		"source":     json.RawMessage(`"referral"`),
		"visits":     json.RawMessage(`7`),
		"created_at": json.RawMessage(`"2023-11-20T10:00:00Z"`),
	}, false)
	if err != nil {
		log.Fatal(err)
	}
	lead := &model.Lead{Values: values, AsOf: datasets.MissingTime} // the moment is created_at

	var p model.Prediction // reused from lead to lead, scoring allocates nothing
	if err := scorer.Score(lead, &p); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("probability %.3f, rule score %.0f, score %.1f, grade %s: %s\n", p.Probability, p.RuleScore, p.Score, p.Grade, p.Stage)

	why, err := scorer.Explain(lead, 1)
	if err != nil {
		log.Fatal(err)
	}
	for _, reason := range why.Reasons {
		fmt.Println(reason.Text)
	}
	for _, because := range why.Because {
		fmt.Println(because)
	}
	// Output:
	// probability 0.041, rule score 30, score 28.1, grade C: nurture
	// created_at is 20 November 2023, below average, and higher values convert more often: odds × 0.293
	// first_seen is missing: 33 % of 66 such leads converted, average 30 %
	// score 28.1 < 65 (SQL), 36.9 short
	// score 28.1 < 45 (MQL), 16.9 short
}
