package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

// celRule is a file with one CEL condition.
func celRule(t testing.TB, expression string) *File {
	t.Helper()
	f := parseFile(t, oneRule("", when(`{"cel": "true"}`)))
	f.Scorecards[0].Groups[0].Rules[0].When.CEL = expression
	return f
}

func TestCELConditions(t *testing.T) {
	full := row(t, "ES", "120", "Yes", "2026-01-02")
	for expression, want := range map[string]string{
		`lead["employees"] > 100.0`:                               "fires",
		`lead["employees"] > 100`:                                 "fires",
		`lead["employees"] > 120`:                                 "",
		`lead.employees * 2.0 == 240.0`:                           "fires",
		`lead["country"] in ["ES", "MX"]`:                         "fires",
		`lead["country"].startsWith("E") && lead["Do Not Email"]`: "fires",
		`"employees" in lead`:                                     "fires",
		`"fax" in lead`:                                           "",
		`has(lead.country) && !has(lead.fax)`:                     "fires",
		`lead["fax"] == "x"`:                                      `column "fax" is missing`,
		`lead["fax"] == "x" || lead["country"] == "ES"`:           "fires",
		`"fax" in lead && lead["fax"] == "x"`:                     "",
		`1 / (size(lead["country"]) - 2) == 1`:                    "division by zero",
		`lead["created_at"] < timestamp("2026-02-01T00:00:00Z")`:  "fires",
		`as_of - lead["created_at"] > duration("240h")`:           "fires",
		`lead["created_at"].getMonth() == 0`:                      "fires",
		`["ES", "MX"].exists(c, c == lead["country"])`:            "fires",
		`["fax", "country"].all(c, c != "lead")`:                  "fires",
		`lead["country"].matches("^E.$")`:                         "fires",
	} {
		set, problems := Compile(celRule(t, expression), testSchema())
		if problems != nil {
			t.Errorf("%s: %v", expression, problems)
			continue
		}
		score, _, lines := set.Trace(full, nil, moment(t, asOfText))
		got := ""
		for _, l := range lines {
			got = "fires"
			if text, ok := strings.CutPrefix(l.Text, "not applied: "); ok {
				got = text
			}
		}
		if got != want || (score == 1) != (got == "fires") {
			t.Errorf("%s: %q with score %v, want %q", expression, got, score, want)
		}
	}
}

func TestCELMistakesAreFoundAtLoad(t *testing.T) {
	for expression, want := range map[string]string{
		`lead["employes"] > 200.0`: `unknown column "employes" (did you mean "employees"?)
 | lead["employes"] > 200.0
 |      ^`,
		`employes > 200 && lead["country"] == "DE"`: `undeclared reference to 'employes' (did you mean lead["employees"]?)
 | employes > 200 && lead["country"] == "DE"
 | ^`,
		`lead["country"] == "ES" && lead["employees"] > "many"`: `found no matching overload for '_>_' applied to '(double, string)'
 | lead["country"] == "ES" && lead["employees"] > "many"
 |                                              ^`,
		`lead["employees"] + 1 > 5.0`: `found no matching overload for '_+_' applied to '(double, int)'; write a number beside a numeric column with a point: 600.0
 | lead["employees"] + 1 > 5.0
 |                   ^`,
		`lead["employees"]`: `the expression is a double; want one that is true or false
 | lead["employees"]
 | ^`,
		`lead[lead["country"]] == "x"`: `lead needs the name of a column in quotes, as in lead["Country"]
 | lead[lead["country"]] == "x"
 | ^`,
		`["a"].exists(lead, lead == "a")`: `lead is the lead and cannot be a name of your own
 | ["a"].exists(lead, lead == "a")
 |             ^`,
		`"employes" in lead`: `unknown column "employes" (did you mean "employees"?)
 | "employes" in lead
 | ^`,
		`"ñ" == lead["country"] && has(lead.contry)`: `unknown column "contry" (did you mean "country"?)
 | "ñ" == lead["country"] && has(lead.contry)
 |                               ^`,
		"true &&\n\tlead[\"x y\"] == 1.0": `unknown column "x y"; the data has ["lead_id" "country" "employees" "Do Not Email" "created_at" "fax" "revenue"]
 |  lead["x y"] == 1.0
 |       ^`,
		`lead["country"].matches("(")`: "invalid matches argument\n | lead[\"country\"].matches(\"(\")\n |                         ^",
	} {
		set, problems := Compile(celRule(t, expression), testSchema())
		if set != nil || len(problems) == 0 {
			t.Errorf("%s: no problem", expression)
			continue
		}
		got := strings.TrimPrefix(problems[0].String(), "scorecards[0].groups[0].rules[0].when.cel: ")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", expression, d)
		}
	}
}

// A hostile expression ends in an error, in time, and the rest of the lead is scored.
func TestCELCostLimitBinds(t *testing.T) {
	loop := "[0,1,2,3,4,5,6,7,8,9]"
	hostile := "true"
	for _, v := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		hostile = loop + ".all(" + v + ", " + hostile + ")"
	}
	f := celRule(t, hostile)
	f.Scorecards[0].Groups[0].Rules = append(f.Scorecards[0].Groups[0].Rules, Rule{Name: "known", When: Condition{Field: "country"}, Points: Points{Fixed: 7}})
	set, problems := Compile(f, testSchema())
	if problems != nil {
		t.Fatal(problems)
	}
	start := time.Now()
	score, _, lines := set.Trace(row(t, "ES"), nil, datasets.MissingTime)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("10⁸ steps were refused after %v", took)
	}
	if score != 7 || len(lines) != 2 || !strings.Contains(lines[0].Text, "cost limit exceeded") {
		t.Errorf("score %v, lines %+v", score, lines)
	}
	ok := celRule(t, `["`+strings.Repeat(`ab", "`, 500)+`ES"].exists(c, lead["country"].contains(c))`)
	if set, problems = Compile(ok, testSchema()); problems != nil {
		t.Fatal(problems)
	}
	if score, _, lines := set.Trace(row(t, "ES"), nil, datasets.MissingTime); score != 1 {
		t.Errorf("a list of 500 scores %v: %+v", score, lines)
	}
}

func TestCELSizeIsBounded(t *testing.T) {
	for name, expression := range map[string]string{
		"deep":  strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000),
		"long":  strings.Repeat("true || ", 600) + "true",
		"list":  strings.Repeat("[", 3000),
		"regex": `lead["country"].matches("((((a{100}){100}){100}){100})")`,
		"calls": "lead" + strings.Repeat(".a", 2000),
		"index": "lead" + strings.Repeat("[0]", 1000),
	} {
		start := time.Now()
		_, problems := Compile(celRule(t, expression), testSchema())
		if len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
	}
}
