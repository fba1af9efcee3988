package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestPerScorecardKeepsItsOrder(t *testing.T) {
	const text = `{"z":1.5,"a \u003cb\u003e":-2,"":0}`
	var s PerScorecard[float64]
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	if want := (PerScorecard[float64]{{"z", 1.5}, {"a <b>", -2}, {"", 0}}); !slices.Equal(s, want) {
		t.Errorf("%v, want %v", s, want)
	}
	if got, err := json.Marshal(s); err != nil || string(got) != text {
		t.Errorf("%s (%v), want %s", got, err, text)
	}
	if x, ok := s.Of("a <b>"); !ok || x != -2 {
		t.Errorf("%v, %v", x, ok)
	}
	if x, ok := s.Of("b"); ok || x != 0 {
		t.Errorf("a scorecard that is not there: %v, %v", x, ok)
	}
}

func TestPerScorecardLeftOut(t *testing.T) {
	if got, err := json.Marshal(Answer{}); err != nil || strings.Contains(string(got), "rule_scores") {
		t.Errorf("%s (%v)", got, err)
	}
	a := Answer{RuleScores: PerScorecard[float64]{{"of an earlier answer", 1}}}
	if err := json.Unmarshal([]byte(`{"rule_scores":null}`), &a); err != nil || a.RuleScores != nil {
		t.Errorf("null: %v, %v", a.RuleScores, err)
	}
}

func TestPerScorecardRefusals(t *testing.T) {
	for text, want := range map[string]string{
		`{"rule_scores":[1]}`:           "want an object with their names as keys",
		`{"rule_scores":3}`:             "want an object",
		`{"rule_scores":{"a":"3"}}`:     `scorecard "a"`,
		`{"rule_scores":{"a":1,"a":1}}`: `"a" comes twice`,
		`{"rule_scores":{"a":1e999}}`:   `scorecard "a"`,
	} {
		var a Answer
		if err := json.Unmarshal([]byte(text), &a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, cut := range []string{``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`} { // json.Unmarshal never hands these on
		var s PerScorecard[float64]
		if err := s.UnmarshalJSON([]byte(cut)); err == nil {
			t.Errorf("%s is read as %v", cut, s)
		}
	}
}

// What is read is written as it was read, and nothing panics.
func FuzzPerScorecard(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":-2.5e9}`, `null`, `{}`, `{"a":1,"a":2}`, `{"\ud800":1}`, `{"a":null}`, `[`, `{"a":1`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s, back PerScorecard[float64]
		_ = s.UnmarshalJSON(text)
		if json.Unmarshal(text, &s) != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &back); err != nil || !slices.Equal(s, back) {
			t.Fatalf("%s became %s (%v)", text, again, err)
		}
	})
}
