package datasets

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestProfile(t *testing.T) {
	none := Value{}
	table := small(t, []Field{{Name: "n", Kind: Numeric}, {Name: "c", Kind: Categorical}, {Name: "b", Kind: Boolean}, {Name: "t", Kind: Time}, {Name: "id", Kind: Text}, {Name: "u", Kind: Unknown}},
		[]Value{Number(2), Level("x"), Bool(true), at("2026-01-02T00:00:00Z"), Words("1"), none},
		[]Value{Number(-1), Level("y"), none, none, Words("2"), none},
		[]Value{none, Level("y"), Bool(true), at("2025-01-02T10:00:00Z"), Words("3"), none},
		[]Value{Number(2), none, Bool(false), none, none, none},
		[]Value{Number(5), Level("a"), none, none, Words("4"), none},
	)
	p := Profile(table)
	check := func(i, missing, distinct int, top ...LevelCount) {
		t.Helper()
		if p[i].Rows != 5 || p[i].Missing != missing || p[i].Distinct != distinct || p[i].MissingShare != float64(missing)/5 {
			t.Errorf("%+v", p[i])
		}
		if len(top) != len(p[i].Top) {
			t.Fatalf("%+v", p[i].Top)
		}
		for k := range top {
			if p[i].Top[k] != top[k] {
				t.Errorf("%+v, want %+v", p[i].Top, top)
			}
		}
	}
	check(0, 1, 3, LevelCount{"2", 2}, LevelCount{"-1", 1}, LevelCount{"5", 1})
	check(1, 1, 3, LevelCount{"y", 2}, LevelCount{"a", 1}, LevelCount{"x", 1})
	check(2, 2, 2, LevelCount{"true", 2}, LevelCount{"false", 1})
	check(3, 3, 2, LevelCount{"2025-01-02T10:00:00Z", 1}, LevelCount{"2026-01-02", 1})
	check(4, 1, 4, LevelCount{"1", 1}, LevelCount{"2", 1}, LevelCount{"3", 1}, LevelCount{"4", 1})
	check(5, 5, 0)
	if p[0].Low != -1 || p[0].Mean != 2 || p[0].High != 5 || !math.IsNaN(p[1].Mean) || !math.IsNaN(p[2].Mean) {
		t.Errorf("%+v", p[0])
	}
	if p[3].Earliest != "2025-01-02T10:00:00Z" || p[3].Latest != "2026-01-02" {
		t.Errorf("%+v", p[3])
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.Contains(s, `"low":-1,"mean":2,"high":5`) || strings.Count(s, `"mean"`) != 1 || !strings.Contains(s, `"name":"n","kind":"numeric"`) {
		t.Error(s)
	}
	if p := Profile(&Table{Schema: table.Schema}); p[0].Rows != 0 || p[0].MissingShare != 0 || !math.IsNaN(p[0].Low) {
		t.Errorf("of no rows: %+v", p[0])
	}
}

func TestProfileCountsUpToACap(t *testing.T) {
	n := profileDistinct + 5
	numbers := make([]float64, n)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	s := &Schema{Fields: []Field{{Name: "n", Kind: Numeric}}}
	b, err := NewBatch(s, n, []Column{{Kind: Numeric, Numbers: numbers}})
	if err != nil {
		t.Fatal(err)
	}
	if p := Profile(&Table{Schema: s, Batches: []*Batch{b}})[0]; p.Distinct != profileDistinct || !p.Capped || p.Missing != 0 || p.High != float64(n-1) {
		t.Errorf("%+v", p)
	}
}
