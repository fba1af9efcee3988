package baseline

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// A word that training never saw has the code behind the named levels; a pair and an offset have no column.
func TestCodedColumnsAreThoseOfThePipeline(t *testing.T) {
	fields := []datasets.Field{{Name: "word", Kind: datasets.Categorical}, {Name: "number", Kind: datasets.Numeric}, {Name: "known", Kind: datasets.Numeric}}
	var rows [][]datasets.Value
	for i := range 400 {
		rows = append(rows, []datasets.Value{datasets.Level([]string{"a", "b"}[i%2]), datasets.Number(float64(i % 7)), datasets.Number(math.Sqrt(float64(i)))})
	}
	rows = append(rows, []datasets.Value{datasets.Level("new"), {}, datasets.Number(1)})
	leads := batches(t, fields, rows, 150, 399)
	use := make([]bool, 401)
	for i := range 400 {
		use[i] = true
	}
	p, _, err := features.Fit(leads, use, features.Spec{Encoding: features.Additive, Drop: []string{"known"}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.WithPairs([][2]string{{"word", "number"}}); err != nil {
		t.Fatal(err)
	}
	if p, err = p.WithOffset("known", 0); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var unbound features.Pipeline
	if err := json.Unmarshal(text, &unbound); err != nil {
		t.Fatal(err)
	}
	if _, err := Coded(&unbound, leads, nil); err == nil || !strings.Contains(err.Error(), "before Bind") {
		t.Errorf("a pipeline that is not bound: %v", err)
	}
	r, err := Coded(p, leads, make([]bool, 401))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Columns) != 2 || r.Columns[0].Name != "word" || r.Columns[1].Name != "number" || r.Columns[0].Levels != 3 {
		t.Fatalf("the columns are %v", newLayout(&r))
	}
	for i, code := range r.Columns[0].Codes {
		if want := uint32(i % 2); i < 400 && code != want || i == 400 && code != 2 {
			t.Fatalf("row %d has code %d", i+1, code)
		}
	}
	if err := r.check(401); err != nil {
		t.Error(err)
	}
	if _, err := Coded(p, leads, make([]bool, 400)); err == nil || !strings.Contains(err.Error(), "400 labels for 401 rows") {
		t.Errorf("a label too few: %v", err)
	}
	other, err := datasets.SelectColumns(leads, []string{"number", "word"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Coded(p, other, nil); err == nil {
		t.Error("a table of other columns was coded")
	}
	linear, _, err := features.Fit(leads, use, features.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Coded(linear, leads, nil); err == nil || !strings.Contains(err.Error(), "want one of the additive encoding") {
		t.Errorf("a linear pipeline: %v", err)
	}
}
