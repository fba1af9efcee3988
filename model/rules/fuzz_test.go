package rules

import (
	"encoding/json"
	"slices"
	"testing"

	"leadscore/datasets"
)

// An artifact holds its rules as JSON, which anybody may have written.
func FuzzFile(f *testing.F) {
	f.Add([]byte(bantText))
	f.Add([]byte(oneRule(`"decay": {"linear": "10d"}, "axis": "fit",`, `{"name": "r", "when": {"all": [{"event": "visit", "where": {"amount": {"above": 1}}, "channel": ["ads"]}, {"field": "employees", "from": 1, "below": "9"}]}, "points": 5, "each": "day", "valid": {"from": "2026-01-01"}}`)))
	f.Add([]byte(oneRule("", `{"name": "r", "when": {"field": "country", "contains": ["E"]}, "points": {"table": [{"in": ["ES", true, 1], "points": -1}, {"points": 2}]}}, {"name": "s", "when": {"cel": "lead[\"employees\"] > 1.0"}, "points": 1}`)))
	fields := slices.Concat(testSchema().Fields, frameworkSchema().Fields)
	schema := &datasets.Schema{Fields: fields, Nulls: []string{""}}
	row := []datasets.Value{datasets.Words("1"), datasets.Level("ES"), datasets.Number(5), datasets.Bool(true), datasets.At(5), {}, datasets.Number(1), datasets.Level("yes"), {}, datasets.Number(2), datasets.At(7), datasets.Number(0.7)}
	events := []Event{{Type: "visit", At: 6, Channel: "ads", Values: []datasets.Property{{Name: "amount", Value: 2}}}, {Type: "demo", At: 1, ID: "x"}}
	f.Fuzz(func(t *testing.T, text []byte) {
		var file File
		if err := json.Unmarshal(text, &file); err != nil {
			return
		}
		Warnings(&file, nil)
		if set, problems := Compile(&file, Guess(&file)); problems == nil {
			set.RunTests()
		}
		set, problems := Compile(&file, schema)
		if problems != nil {
			return
		}
		for i := range set.Scorecards() {
			for _, asOf := range []int64{datasets.MissingTime, 8} {
				score, hard, lines := set.TraceCard(i, row, events, asOf)
				sum := 0.0
				for _, l := range lines {
					sum += l.Points
				}
				if r := set.Result(i, row, events, asOf); sum != score || r.Score != score || r.Hard != hard || !(r.Low <= score && score <= r.High) {
					t.Errorf("the lines add up to %v, the score is %v, the result %+v", sum, score, r)
				}
			}
		}
	})
}
