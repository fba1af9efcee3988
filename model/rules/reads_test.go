package rules

import (
	"encoding/json"
	"testing"

	"leadscore/datasets"
)

// What a file reads is told before its columns are read; whatever a compiled condition then looks at has to be
// among it.
func TestReads(t *testing.T) {
	var f File
	if err := json.Unmarshal([]byte(`{"version": 1, "scorecards": [{"name": "default", "groups": [{"name": "fit", "rules": [
		{"name": "a", "when": {"field": "plain"}, "points": 1},
		{"name": "b", "when": {"any": [{"field": "in any"}, {"all": [{"not": {"field": "in not"}}]}]}, "points": 1},
		{"name": "c", "when": {"cel": "lead[\"quoted name\"] > 600.0 && has(lead.selected)"}, "points": 1},
		{"name": "d", "when": {"field": "table"}, "points": {"table": [{"to": 50, "points": 2}]}},
		{"name": "e", "when": {"event": "visit"}, "points": 1}]}],
		"frameworks": [{"name": "f", "dimensions": [{"name": "d", "weight": 1, "question": "?", "evidence": [
			{"field": "answer", "answers": [{"to": 1, "share": 1}], "confidence": "sureness", "answered": "moment"}, {"when": {"field": "in when"}, "share": 1, "confidence": 0.5}]}]}],
		"hard": [{"name": "h", "when": {"field": "in hard"}, "stage": "disqualify"}]}],
		"tests": [{"name": "t", "lead": {"in test": "x"}, "score": 0}]}`), &f); err != nil {
		t.Fatal(err)
	}
	read := f.Reads()
	s := &datasets.Schema{}
	for _, name := range []string{"plain", "in any", "in not", "quoted name", "selected", "table", "in hard", "answer", "sureness", "in when", "moment", "in test"} {
		if !read(name) {
			t.Errorf("column %q is read, and Reads says no", name)
		}
		s.Fields = append(s.Fields, datasets.Field{Name: name, Kind: datasets.Numeric})
	}
	s.Fields[len(s.Fields)-1].Kind, s.Fields[len(s.Fields)-2].Kind = datasets.Categorical, datasets.Time
	if _, problems := Compile(&f, s); problems != nil {
		t.Fatal("the file needs a column beyond those: ", problems)
	}
	for _, name := range []string{"visit", "other", "default"} {
		if read(name) {
			t.Errorf("column %q is not read, and Reads says yes", name)
		}
	}
	escaped := &File{Scorecards: []Scorecard{{Hard: []HardRule{{When: Condition{CEL: `lead["caf\u00e9"] == "x"`}}}}}}
	if !escaped.Reads()("café") {
		t.Error("an escape spells a name that Reads does not see")
	}
	if none := (*File)(nil); none.Reads()("plain") {
		t.Error("no file reads a column")
	}
}
