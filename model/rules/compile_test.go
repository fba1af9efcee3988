package rules

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

func testSchema() *datasets.Schema {
	return &datasets.Schema{
		Fields: []datasets.Field{
			{Name: "lead_id", Kind: datasets.Text},
			{Name: "country", Kind: datasets.Categorical},
			{Name: "employees", Kind: datasets.Numeric},
			{Name: "Do Not Email", Kind: datasets.Boolean},
			{Name: "created_at", Kind: datasets.Time},
			{Name: "fax", Kind: datasets.Unknown},
			{Name: "revenue", Kind: datasets.Numeric, DecimalComma: true},
		},
		Nulls: []string{"", "Select"},
	}
}

// row makes a row of testSchema: country, employees, Do Not Email, created_at, as texts.
func row(t testing.TB, texts ...string) []datasets.Value {
	t.Helper()
	s := testSchema()
	out := make([]datasets.Value, len(s.Fields))
	for i, text := range texts {
		v, err := s.Parse(i+1, text)
		if err != nil {
			t.Fatal(err)
		}
		out[i+1] = v
	}
	return out
}

func parseFile(t testing.TB, text string) *File {
	t.Helper()
	f := &File{}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return f
}

func compile(t testing.TB, text string) *Set {
	t.Helper()
	set, problems := Compile(parseFile(t, text), testSchema())
	for _, p := range problems {
		t.Error(p)
	}
	if problems != nil {
		t.FailNow()
	}
	return set
}

// oneRule is a file with one rule; group is text such as `"cap": 3,`.
func oneRule(group, rule string) string {
	return `{"version": 1, "scorecards": [{"name": "a", "groups": [{"name": "fit", ` + group + ` "rules": [` + rule + `]}]}]}`
}

func when(condition string) string { return `{"name": "r", "when": ` + condition + `, "points": 1}` }

func TestCompileReportsEveryMistake(t *testing.T) {
	const rule = "scorecards[0].groups[0].rules[0]"
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"version", `{"version": 2, "scorecards": []}`, []string{
			"version: unknown version 2; want 1",
			"scorecards: there is none; want at least one",
		}},
		{"unknown column", oneRule("", when(`{"field": "employes"}`)), []string{
			rule + `.when.field: unknown column "employes" (did you mean "employees"?)`,
		}},
		{"nothing", oneRule("", when(`{}`)), []string{
			rule + ".when: the condition is empty; want one of field, event, cel, all, any and not",
		}},
		{"two at once", oneRule("", when(`{"field": "country", "event": "visit"}`)), []string{
			rule + ".when: want one of field, event, cel, all, any and not; found field and event (all: joins conditions)",
		}},
		{"keys of another", oneRule("", when(`{"field": "country", "at_least": 2, "within": "3d"}`)), []string{
			rule + ".when.at_least: at_least belongs to event; this condition is field",
			rule + ".when.within: within belongs to event; this condition is field",
		}},
		{"kinds", oneRule("", when(`{"any": [{"field": "employees", "in": ["many", true]}, {"field": "Do Not Email", "in": [1]}, {"field": "country", "in": ["Select"]}]}`)), []string{
			rule + `.when.any[0].in[0]: column "employees": not a number: "many"; want digits with a decimal point, such as 1234.5 or 1,234.5`,
			rule + `.when.any[0].in[1]: column "employees" is numeric and cannot be true`,
			rule + `.when.any[1].in[0]: column "Do Not Email" is boolean and cannot be 1`,
			rule + `.when.any[2].in[0]: "Select" means missing in column "country"; for leads without it write {field: country, missing: true}`,
		}},
		{"empty lists", oneRule("", when(`{"all": [{"any": []}, {"field": "country", "in": []}]}`)), []string{
			rule + ".when.all[0].any: the list is empty; want at least one condition",
			rule + `.when.all[1].in: the list is empty; leave it out to ask whether "country" is known`,
		}},
		{"never true", oneRule("", when(`{"all": [{"field": "country", "in": ["ES"]}, {"field": "country", "in": ["MX", "PE"]}]}`)), []string{
			rule + `.when.all[1]: can never hold beside all[0]: no value of column "country" is in both`,
		}},
		{"events", oneRule("", when(`{"event": "visit", "at_least": -1, "within": "soon"}`)), []string{
			rule + ".when.at_least: -1 is below 1",
			rule + `.when.within: "soon" is not a duration; want a number and m, h, d or w, such as 30m, 12h, 14d or 2w`,
		}},
		{"each without an event", oneRule("", `{"name": "r", "when": {"field": "country"}, "points": 1, "each": "day", "cap": -1}`), []string{
			rule + ".each: day counts events, so the condition has to be an event, or all of one event and other conditions",
			rule + ".cap: -1 is below 0; a rule's cap is a bound of its points by absolute value",
		}},
		{"decay", oneRule(`"decay": {"half_life": "0d", "step": {"after": "1d", "keep": 2}},`, when(`{"any": [{"event": "a"}, {"event": "b"}]}`)), []string{
			`scorecards[0].groups[0].decay.half_life: "0d" is no time at all; want a duration above 0, such as 14d`,
			"scorecards[0].groups[0].decay.step.keep: 2 is not a share; want 0 to 1",
			"scorecards[0].groups[0].decay: want exactly one of half_life, linear and step; found 2",
			rule + ".when: the group decays, so an event rule's condition has to be an event, or all of one event and other conditions: else it is not clear whose age counts",
		}},
		{"caps", oneRule(`"cap": 1, "floor": 2,`, when(`{"field": "country"}`)), []string{
			"scorecards[0].groups[0].floor: floor 2 is above cap 1",
		}},
		{"tables", oneRule("", `{"name": "r", "when": {"field": "country"}, "points": {"table": [{"to": 5, "points": 1}, {"to": 5, "points": 2e6}, {"points": 3}, {"points": 4}]}}`), []string{
			rule + ".points.table[1].points: 2000000 is out of range; want -1000000 to 1000000",
			rule + ".points.table[1].to: 5 is not above 5, the end of the row before it: rows ascend",
			rule + ".points.table[3]: cannot be reached: the row before it is for everything else",
			rule + `.points.table: column "country" is categorical; a table of ranges needs a numeric one, one of values has rows such as {in: [a, b], …}`,
		}},
		{"names", `{"version": 1, "scorecards": [{"name": "a", "bounds": {"min": 2, "max": 1}, "groups": [{"name": "fit", "rules": [
			{"name": "r", "when": {"field": "country"}, "points": 1}, {"name": "r", "when": {"field": "country"}, "points": 1}]}, {"name": "fit", "rules": []}]},
			{"name": "a", "groups": [], "hard": [{"name": "", "when": {"field": "country"}, "stage": "mql"}]}]}`, []string{
			"scorecards[0].bounds: min 2 is above max 1",
			`scorecards[0].groups[0].rules[1].name: a second rule named "r"; the first is at scorecards[0].groups[0].rules[0].name`,
			`scorecards[0].groups[1].name: a second group named "fit"; the first is at scorecards[0].groups[0].name`,
			"scorecards[0].groups[1].rules: there is none; want at least one",
			`scorecards[1].name: a second scorecard named "a"; the first is at scorecards[0].name`,
			"scorecards[1].hard[0].name: a hard rule needs a name",
			`scorecards[1].hard[0].stage: unknown stage "mql"; want disqualify, MQL or SQL`,
		}},
		{"tests", `{"version": 1, "scorecards": [{"name": "a", "groups": [{"name": "fit", "rules": [{"name": "r", "when": {"event": "visit"}, "points": 1}]}]}],
			"tests": [{"name": "t", "lead": {"Do not email": "Yes", "employees": "many"}, "as_of": "now", "events": [{"type": "visits", "at": "2026-01-01"}], "stage": "hot"}, {"name": "u", "lead": {}}]}`, []string{
			`tests[0].stage: unknown stage "hot"; want disqualify, MQL, SQL or none`,
			`tests[0].lead["Do not email"]: unknown column "Do not email" (did you mean "Do Not Email"?)`,
			`tests[0].lead.employees: column "employees": not a number: "many"; want digits with a decimal point, such as 1234.5 or 1,234.5`,
			`tests[0].as_of: "now" is not a time; want RFC 3339, such as 2026-03-31T09:30:00Z, or a date, such as 2026-03-31`,
			`tests[0].events[0].type: no rule asks for the event "visits" (did you mean "visit"?)`,
			"tests[1]: the test wants nothing; want score, stage or question",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, problems := Compile(parseFile(t, c.file), testSchema())
			if set != nil {
				t.Error("there is a set beside the problems")
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNestingIsBounded(t *testing.T) {
	const levels = 10_000
	c := Condition{Field: "country"}
	for range levels {
		inner := c
		c = Condition{Not: &inner}
	}
	f := parseFile(t, oneRule("", when(`{"field": "country"}`)))
	f.Scorecards[0].Groups[0].Rules[0].When = c
	_, problems := Compile(f, testSchema())
	if len(problems) != 1 || !strings.Contains(problems[0].Text, "nest more than 32 deep") {
		t.Errorf("problems %v", problems)
	}
}

func TestFileIsTheSameThroughJSON(t *testing.T) {
	f := parseFile(t, `{"version": 1, "scorecards": [{"name": "a", "bounds": {"min": 0, "max": 100}, "groups": [{"name": "fit", "cap": 0, "decay": {"step": {"after": "2w", "keep": 0}}, "rules": [
		{"name": "r", "when": {"field": "employees", "in": [1.50, 7, "8", true]}, "points": {"table": [{"to": -1.5, "points": 2}, {"points": 0}]}, "each": "once", "cap": 3},
		{"name": "s", "when": {"not": {"any": [{"event": "x", "at_least": 3, "within": "14d"}, {"cel": "true"}]}}, "points": -4.25}]}],
		"hard": [{"name": "h", "when": {"all": [{"field": "country"}]}, "stage": "SQL"}]}],
		"tests": [{"name": "t", "lead": {"country": "ES", "employees": 5.0, "fax": null}, "events": [{"type": "x", "at": "2026-01-01T00:00:00Z"}], "score": 0, "stage": "none"}]}`)
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	again := parseFile(t, string(b))
	if d := cmp.Diff(f, again); d != "" {
		t.Error(d)
	}
	c, err := json.Marshal(again)
	if err != nil || string(b) != string(c) {
		t.Errorf("%v: %s became %s", err, b, c)
	}
	if !strings.Contains(string(b), "1.50") {
		t.Errorf("a number is not as it was written in %s", b)
	}
	for _, bad := range []string{`"x"`, `{"table": null}`, `{"table": [], "to": 1}`, `{"tabel": []}`, `[1]`, `{}`} {
		var p Points
		if err := json.Unmarshal([]byte(bad), &p); err == nil {
			t.Errorf("points %s are read as %+v", bad, p)
		}
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]int64{"30m": 1_800_000_000, "12h": 43_200_000_000, "14d": 14 * microsPerDay, "2w": 14 * microsPerDay, "0.5d": microsPerDay / 2} {
		if got, err := Span(text); err != nil || got != want {
			t.Errorf("Span(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "14", "14 d", "-1d", "0d", "0.0000000000001m", "1e3d", "36501d", "9999999999999999999w", "1s", "1d2h", "½d", "+1d", "."} {
		if got, err := Span(text); err == nil {
			t.Errorf("Span(%q) = %d", text, got)
		}
	}
}
