package baseline

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// A word that training never saw has the code behind the named levels; a pair has no column, and an offset is cut into bins.
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
	if _, err := NewCoding(&unbound).Score(leads, nil); err == nil || !strings.Contains(err.Error(), "before Bind") {
		t.Errorf("a pipeline that is not bound: %v", err)
	}
	coding := NewCoding(p)
	r, err := coding.Fit(leads, nil, make([]bool, 401))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Columns) != 3 || r.Columns[0].Name != "word" || r.Columns[1].Name != "number" || r.Columns[0].Levels != 3 || r.Columns[2].Levels != 12 {
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
	if _, err := coding.Fit(leads, nil, make([]bool, 400)); err == nil || !strings.Contains(err.Error(), "400 labels for 401 rows") {
		t.Errorf("a label too few: %v", err)
	}
	other, err := datasets.SelectColumns(leads, []string{"number", "word"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := coding.Score(other, nil); err == nil {
		t.Error("a table of other columns was coded")
	}
	linear, _, err := features.Fit(leads, use, features.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCoding(linear).Score(leads, nil); err == nil || !strings.Contains(err.Error(), "none were learned") {
		t.Errorf("a number without bins: %v", err)
	}
	straight := NewCoding(linear)
	if r, err = straight.Fit(leads, use, make([]bool, 401)); err != nil || len(r.Label) != 400 || r.Columns[2].Levels != 12 {
		t.Fatalf("a linear pipeline: %v, %v", newLayout(&r), err)
	}
	count := make([]int, 12) // 400 different numbers: bins of 40, from code 2 on
	for _, code := range r.Columns[2].Codes {
		count[code]++
	}
	for code, n := range count {
		if want := 40; code < 2 && n != 0 || code >= 2 && n != want {
			t.Errorf("%d rows have code %d", n, code)
		}
	}
	use[400] = false
	if _, err := straight.Score(leads, use[:400]); err == nil || !strings.Contains(err.Error(), "400 marks for 401 rows") {
		t.Errorf("a mark too few: %v", err)
	}
}
