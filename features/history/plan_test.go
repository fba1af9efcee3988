package history

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

func testPlan(t testing.TB, l learned) *Plan {
	t.Helper()
	p, err := newPlan(l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var oddLearned = learned{
	Windows: []int64{1, second, 90 * minute, 36 * hour, 2 * day}, HalfLife: day,
	Properties: []string{"", "a", "b.sum"}[1:],
	Types: []learnedType{
		{"events", nil}, {"x", []int32{1}}, {"x.b", nil}, {"x.b.sum", []int32{0}}, {"x.b.sum.sum", nil}, {" \t\"é", []int32{0, 1}}, {"events (2)", nil},
	},
	Channels: []string{"first", "other", "(other)", "a.b"},
}

func TestNamesAreUnique(t *testing.T) {
	p := testPlan(t, oddLearned)
	seen := map[string]bool{}
	for _, f := range p.Fields() {
		if seen[f.Name] {
			t.Errorf("two columns are named %q", f.Name)
		}
		seen[f.Name] = true
	}
	for _, name := range []string{"events.count.1us", "events.count.1s", "events.count.90m", "events.count.36h", "events.count.2d", "events.count.2d (2)", "channel.first", "channel.first.share.2d"} {
		if !seen[name] {
			t.Errorf("no column is named %q", name)
		}
	}
	if p.other != "((other))" {
		t.Errorf("other channels are %q", p.other)
	}
	for i, d := range p.Describe() {
		if d.Name != p.Fields()[i].Name || d.Kind != p.Fields()[i].Kind || !strings.HasSuffix(d.Meaning, ".") || strings.Contains(d.Meaning, "%!") {
			t.Errorf("described as %+v", d)
		}
	}
}

func TestPlanJSON(t *testing.T) {
	p := testPlan(t, oddLearned)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back.Fields(), p.Fields()) {
		t.Error("the columns are not the same")
	}
	for _, test := range []struct{ from, to, want string }{
		{`"half_life"`, `"halflife"`, "unknown field"},
		{`"windows":[1,`, `"windows":[0,1,`, "more than 0"},
		{`"windows":[1,`, `"windows":[2000000,`, "rising"},
		{`"windows":[1,`, `"windows":[9223372036854775807,`, "at most 36500d"},
		{`"half_life":86400000000`, `"half_life":-1`, "half-life"},
		{`"properties":["a","b.sum"]`, `"properties":["b","a"]`, "by name"},
		{`"name":"x"`, `"name":"events"`, "taken"},
		{`"name":"x"`, `"name":""`, "empty"},
		{`"properties":[1]`, `"properties":[2]`, "places among the 2 properties"},
		{`"properties":[0,1]`, `"properties":[1,0]`, "rising"},
		{`"properties":[0,1]`, `"properties":[-1]`, "places"},
		{`"channels":["first"`, `"channels":["first","first"`, "taken"},
		{`}`, `}}`, "after top-level"},
	} {
		changed := strings.Replace(string(b), test.from, test.to, 1)
		if test.from == "}" {
			changed = string(b) + "}"
		}
		before := back.Fields()
		err := json.Unmarshal([]byte(changed), &back)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.to, err, test.want)
		}
		if !slices.Equal(back.Fields(), before) {
			t.Errorf("%s: the plan was changed", test.to)
		}
	}
	if err := back.UnmarshalJSON([]byte(`{"windows":[1],"half_life":1} {}`)); err == nil {
		t.Error("something after the end was taken")
	}
	many := learned{Windows: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, HalfLife: 1}
	for i := range 32 {
		many.Properties = append(many.Properties, string(rune('A'+i)))
	}
	for i := range 999 {
		many.Types = append(many.Types, learnedType{string(rune(0x4e00 + i)), []int32{0, 1, 2, 3, 4, 5}})
	}
	if _, err := newPlan(many); err == nil || !strings.Contains(err.Error(), "columns; want at most 100000") {
		t.Errorf("got %v", err)
	}
}

func TestSpecIsChecked(t *testing.T) {
	log := &Log{parts: []part{{starts: []uint32{0}}}, perPart: 1, file: &spillFile{}}
	for want, spec := range map[string]Spec{
		"windows: 0 of them":            {Windows: []int64{}},
		"windows: 7d after 30d":         {Windows: []int64{30 * day, 7 * day}},
		"half-life: -1":                 {HalfLife: -1},
		"min leads: -1":                 {MinLeads: -1},
		"max types: 1001":               {MaxTypes: 1001},
		"max properties: 33; want 1 to": {MaxProperties: 33},
	} {
		if _, err := Learn(t.Context(), log, nil, nil, spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Learn(t.Context(), log, nil, make([]bool, 1), Spec{}); err == nil {
		t.Error("marks for rows that there are not were taken")
	}
}

// The bounds of what an online request may hold.
func TestRowOfExtremes(t *testing.T) {
	p := testPlan(t, learned{Windows: []int64{7 * day}, HalfLife: day, Properties: []string{"n"}, Types: []learnedType{{"a", []int32{0}}}, Channels: []string{"c"}})
	var s Scratch
	dst := make([]datasets.Value, len(p.Fields()))
	value := func(name string, asOf int64, events ...datasets.Event) datasets.Value {
		p.Row(events, asOf, dst, &s)
		for i, f := range p.Fields() {
			if f.Name == name {
				return dst[i]
			}
		}
		t.Fatalf("no column %q", name)
		return datasets.Value{}
	}
	n := func(x float64) []datasets.Property { return []datasets.Property{{Name: "n", Value: x}} }
	for _, test := range []struct {
		name   string
		asOf   int64
		events []datasets.Event
		want   datasets.Value
	}{
		{"a.n.sum.7d", 10, []datasets.Event{{Type: "a", At: 1, Values: n(1e308)}, {Type: "a", At: 2, Values: n(1e308)}}, datasets.Value{}},
		{"a.n.sum.7d", 10, []datasets.Event{{Type: "a", At: 1, Values: n(math.Inf(1))}, {Type: "a", At: 2, Values: n(math.Copysign(0, -1))}}, datasets.Number(0)},
		{"a.n.last", 10, []datasets.Event{{Type: "a", At: 1, Values: n(math.Copysign(0, -1))}, {Type: "a", At: 2, Values: n(math.NaN())}}, datasets.Number(0)},
		{"a.n.last", 10, []datasets.Event{{Type: "a", At: 1, Values: append(n(1), n(2)...)}}, datasets.Number(2)},
		{"a.recency", math.MaxInt64, []datasets.Event{{Type: "a", At: math.MinInt64 + 1}}, datasets.Number(float64(math.MaxUint64-1) / float64(day))},
		{"events.count.7d", datasets.MissingTime, []datasets.Event{{Type: "a", At: math.MaxInt64}, {Type: "", At: 5}, {Type: "b", At: datasets.MissingTime}}, datasets.Number(1)},
		{"events.days.7d", 3 * day, []datasets.Event{{Type: "a", At: -1}, {Type: "a", At: 0}, {Type: "a", At: day - 1}}, datasets.Number(2)},
		{"channel.first", 10, []datasets.Event{{Type: "a", At: 1}, {Type: "a", At: 2, Channel: "z"}, {Type: "a", At: 3, Channel: "c"}}, datasets.Level("other")},
		{"channel.first", 10, []datasets.Event{{Type: "a", At: 3, Channel: "z"}, {Type: "a", At: 3, Channel: "c"}}, datasets.Level("c")},
		{"channel.c.share.7d", 10, []datasets.Event{{Type: "a", At: 3, Channel: "z"}, {Type: "b", At: 3, Channel: "c"}, {Type: "b", At: 3}}, datasets.Number(0.5)},
		{"events.gap.mean", 10, nil, datasets.Value{}},
	} {
		if got := value(test.name, test.asOf, test.events...); !sameValue(got, test.want) {
			t.Errorf("%s is %v, want %v", test.name, got, test.want)
		}
	}
	for asOf, want := range map[int64]float64{7 * day: 2, 7*day + 1: 1, day + 1: 2, day: 1} { // [as-of − 7d, as-of)
		if got := value("a.count.7d", asOf, datasets.Event{Type: "a", At: 0}, datasets.Event{Type: "a", At: day}); got.Num != want {
			t.Errorf("count as of %d is %v, want %v", asOf, got, want)
		}
	}
}
