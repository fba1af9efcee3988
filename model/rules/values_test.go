package rules

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestValuesAndEventTypes(t *testing.T) {
	to := 50.0
	f := &File{Scorecards: []Scorecard{{
		Groups: []Group{{Rules: []Rule{
			{When: Condition{All: []Condition{{Event: "demo"}, {Not: &Condition{Field: "source", In: []any{"web"}}}}}},
			{When: Condition{Field: "size"}, Points: Points{Table: []TableRow{{To: &to}, {}}}},
			{When: Condition{Any: []Condition{{Event: "visit"}, {Event: "demo"}, {Field: "size", In: []any{7.5}}}}, Points: Points{Table: []TableRow{{To: &to}}}},
		}}},
		Hard: []HardRule{{When: Condition{Field: "source", In: []any{"rival", true}}}},
	}}}
	if got := f.EventTypes(); !slices.Equal(got, []string{"demo", "visit"}) {
		t.Errorf("types %v", got)
	}
	for column, want := range map[string]struct {
		named string
		ends  []float64
	}{"source": {`["web","rival",true]`, nil}, "size": {`[7.5]`, []float64{50}}, "colour": {`null`, nil}} {
		named, ends := f.Values(column)
		b, err := json.Marshal(named)
		if err != nil || string(b) != want.named || !slices.Equal(ends, want.ends) {
			t.Errorf("%s: %s and %v (%v), want %+v", column, b, ends, err, want)
		}
	}
	if n := f.Size(); n != 10 {
		t.Errorf("%d conditions, want 10", n)
	}
	var none *File
	if none.EventTypes() != nil || none.Size() != 0 {
		t.Error("no file has conditions")
	}
}
