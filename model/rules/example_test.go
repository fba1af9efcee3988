package rules_test

import (
	"encoding/json"
	"fmt"

	"leadscore/datasets"
	"leadscore/model/rules"
)

func Example() {
	schema := &datasets.Schema{Fields: []datasets.Field{
		{Name: "country", Kind: datasets.Categorical},
		{Name: "employees", Kind: datasets.Numeric},
	}}
	var file rules.File
	err := json.Unmarshal([]byte(`{"version": 1, "scorecards": [{"name": "default", "bounds": {"min": 0, "max": 100}, "groups": [
		{"name": "fit", "cap": 25, "rules": [
			{"name": "home market", "when": {"field": "country", "in": ["ES", "MX"]}, "points": 20},
			{"name": "size", "when": {"field": "employees"}, "points": {"table": [{"to": 50, "points": 2}, {"to": 500, "points": 8}, {"points": 15}]}}]},
		{"name": "engagement", "decay": {"half_life": "30d"}, "rules": [
			{"name": "price page", "when": {"event": "price_page", "within": "90d"}, "points": 10, "each": "event"}]}]}]}`), &file)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, problems := rules.Compile(&file, schema)
	if problems != nil {
		fmt.Println(problems)
		return
	}
	const day = 24 * 60 * 60 * 1_000_000
	lead := []datasets.Value{datasets.Level("ES"), datasets.Number(200)}
	score, _, lines := set.Trace(lead, []rules.Event{{Type: "price_page", At: 70 * day}}, 100*day)
	for _, l := range lines {
		fmt.Printf("%-10s %-11s %5.1f  %-5s %s\n", l.Group, l.Rule, l.Points, l.Kind, l.Text)
	}
	fmt.Println("score", score)
	// Output:
	// fit        home market  20.0  rule  country = ES
	// fit        size          8.0  rule  employees = 200
	// fit                     -3.0  cap   group at most 25
	// engagement price page   10.0  rule  price_page × 1: 10 for each of 1 event
	// engagement price page   -5.0  decay half-life 30d
	// score 30
}
