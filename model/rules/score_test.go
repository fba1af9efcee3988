package rules

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
)

const asOfText = "2026-03-31T12:00:00Z"

func moment(t testing.TB, text string) int64 {
	t.Helper()
	at, err := Moment(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// visits makes events of type visit at ages before asOfText.
func visits(t testing.TB, ages ...int64) []Event {
	t.Helper()
	var out []Event
	for _, a := range ages {
		out = append(out, Event{Type: "visit", At: moment(t, asOfText) - a})
	}
	return out
}

func TestFieldConditions(t *testing.T) {
	full := row(t, "ES", "120", "Yes", "2026-01-02")
	empty := row(t)
	for _, c := range []struct {
		when        string
		full, empty float64
	}{
		{`{"field": "country"}`, 1, 0},
		{`{"field": "fax"}`, 0, 0},
		{`{"not": {"field": "country"}}`, 0, 1},
		{`{"field": "country", "in": ["MX", "ES"]}`, 1, 0},
		{`{"field": "country", "in": ["es"]}`, 0, 0},
		{`{"not": {"field": "country", "in": ["MX"]}}`, 1, 1},
		{`{"field": "employees", "in": [120.0]}`, 1, 0},
		{`{"field": "employees", "in": ["1e2", " 120 "]}`, 1, 0},
		{`{"field": "employees", "in": [121]}`, 0, 0},
		{`{"field": "Do Not Email", "in": ["Yes"]}`, 1, 0},
		{`{"field": "Do Not Email", "in": [true]}`, 1, 0},
		{`{"field": "Do Not Email", "in": ["no"]}`, 0, 0},
		{`{"field": "created_at", "in": ["2026-01-02"]}`, 1, 0},
		{`{"field": "created_at", "in": ["2026-01-03"]}`, 0, 0},
		{`{"field": "fax", "in": ["x"]}`, 0, 0},
		{`{"field": "country", "missing": true}`, 0, 1},
		{`{"field": "country", "missing": false}`, 1, 0},
		{`{"not": {"field": "country", "missing": true}}`, 1, 0},
		{`{"field": "employees", "from": 120}`, 1, 0},
		{`{"field": "employees", "above": 120}`, 0, 0},
		{`{"field": "employees", "above": 119.9999}`, 1, 0},
		{`{"field": "employees", "to": 120}`, 1, 0},
		{`{"field": "employees", "below": 120}`, 0, 0},
		{`{"field": "employees", "below": 120.0001}`, 1, 0},
		{`{"field": "employees", "from": "1e2", "below": 121}`, 1, 0},
		{`{"not": {"field": "employees", "from": 121}}`, 1, 1},
		{`{"field": "created_at", "from": "2026-01-02"}`, 1, 0},
		{`{"field": "created_at", "above": "2026-01-02"}`, 0, 0},
		{`{"field": "created_at", "below": "2026-01-02"}`, 0, 0},
		{`{"field": "created_at", "above": "2026-01-01", "to": "2026-01-02"}`, 1, 0},
		{`{"field": "fax", "above": 1}`, 0, 0},
		{`{"field": "country", "contains": ["x", "s"]}`, 1, 0},
		{`{"field": "country", "contains": ["eS"]}`, 1, 0},
		{`{"field": "country", "contains": ["ess"]}`, 0, 0},
		{`{"field": "country", "matches": "^E.$"}`, 1, 0},
		{`{"field": "country", "matches": "e"}`, 0, 0},
		{`{"field": "country", "matches": "(?i)e"}`, 1, 0},
		{`{"all": [{"field": "country"}, {"field": "employees", "in": [120]}]}`, 1, 0},
		{`{"any": [{"field": "fax"}, {"field": "employees", "in": [120]}]}`, 1, 0},
	} {
		set := compile(t, oneRule("", when(c.when)))
		if got, _ := set.Score(full, nil, datasets.MissingTime); got != c.full {
			t.Errorf("%s of a full lead scores %v, want %v", c.when, got, c.full)
		}
		if got, _ := set.Score(empty, nil, datasets.MissingTime); got != c.empty {
			t.Errorf("%s of an empty lead scores %v, want %v", c.when, got, c.empty)
		}
	}
}

func TestNumbersAreReadAsTheColumnIs(t *testing.T) {
	lead := row(t)
	lead[6] = datasets.Number(1234.5) // revenue has decimal commas
	for when, want := range map[string]float64{
		`{"field": "revenue", "in": ["1.234,5"]}`: 1,
		`{"field": "revenue", "in": [1234.50]}`:   1,
		`{"field": "revenue", "in": ["1234.5"]}`:  0, // 12345
	} {
		set, problems := Compile(parseFile(t, oneRule("", `{"name": "r", "when": `+when+`, "points": 1}`)), testSchema())
		if problems != nil { // a column with decimal commas may refuse the point, which is as good
			continue
		}
		if got, _ := set.Score(lead, nil, datasets.MissingTime); got != want {
			t.Errorf("%s scores %v, want %v", when, got, want)
		}
	}
}

func TestTableBoundaries(t *testing.T) {
	set := compile(t, oneRule("", `{"name": "size", "when": {"field": "employees"}, "points": {"table": [{"to": 50, "points": 2}, {"to": 500, "points": 8}, {"points": 15}]}}`))
	short := compile(t, oneRule("", `{"name": "size", "when": {"field": "employees"}, "points": {"table": [{"to": 50, "points": 2}]}}`))
	for text, want := range map[string]float64{"-3": 2, "50": 2, "50.000001": 8, "500": 8, "501": 15, "": 0} {
		if got, _ := set.Score(row(t, "", text), nil, datasets.MissingTime); got != want {
			t.Errorf("%q scores %v, want %v", text, got, want)
		}
	}
	if got, _ := short.Score(row(t, "", "51"), nil, datasets.MissingTime); got != 0 {
		t.Errorf("above a table that ends the score is %v, want 0", got)
	}
}

func TestTablesOfValues(t *testing.T) {
	set := compile(t, oneRule("", `{"name": "r", "when": {"field": "country"}, "points": {"table": [{"in": ["ES", "MX"], "points": 5}, {"in": ["PE"], "points": -2}, {"points": 1}]}}`))
	short := compile(t, oneRule("", `{"name": "r", "when": {"field": "Do Not Email"}, "points": {"table": [{"in": [true], "points": -7}]}}`))
	for text, want := range map[string]float64{"ES": 5, "MX": 5, "PE": -2, "es": 1, "FR": 1, "": 0} {
		if got, _ := set.Score(row(t, text), nil, datasets.MissingTime); got != want {
			t.Errorf("%q scores %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]float64{"Yes": -7, "No": 0, "": 0} {
		if got, _ := short.Score(row(t, "", "", text), nil, datasets.MissingTime); got != want {
			t.Errorf("%q scores %v, want %v", text, got, want)
		}
	}
}

// Events are counted by type, channel and properties; a property that is missing is in no range, and of one that stands twice the last counts.
func TestEventsWithProperties(t *testing.T) {
	at := moment(t, asOfText) - 1
	amount := func(x ...float64) (out []datasets.Property) {
		for _, v := range x {
			out = append(out, datasets.Property{Name: "amount", Value: v})
		}
		return out
	}
	events := []Event{
		{Type: "order", At: at, Channel: "ads", Values: amount(100)},
		{Type: "order", At: at, Channel: "web", Values: amount(99)},
		{Type: "order", At: at, Channel: "ads", Values: amount(500, 5)},
		{Type: "order", At: at, Values: amount(math.NaN())},
		{Type: "order", At: at, Values: []datasets.Property{{Name: "other", Value: 100}}},
		{Type: "visit", At: at, Values: amount(100)},
	}
	for when, want := range map[string]float64{
		`{"event": "order"}`: 5,
		`{"event": "order", "where": {"amount": {"from": 100}}}`:                                     1,
		`{"event": "order", "where": {"amount": {"above": 100}}}`:                                    0,
		`{"event": "order", "where": {"amount": {"below": 100}}}`:                                    2,
		`{"event": "order", "where": {"amount": {"from": 99, "to": 100}}}`:                           2,
		`{"event": "order", "where": {"amount": {"from": 99}, "other": {"from": 1}}}`:                0,
		`{"event": "order", "channel": ["ads"]}`:                                                     2,
		`{"event": "order", "channel": ["ads", "web"], "where": {"amount": {"above": 50}}}`:          2,
		`{"event": "order", "channel": ["mail"]}`:                                                    0,
		`{"all": [{"event": "order", "where": {"amount": {"from": 100}}}, {"field": "country"}]}`:    1,
		`{"all": [{"event": "order"}, {"not": {"event": "visit", "where": {"amount": {"to": 9}}}}]}`: 5,
	} {
		set := compile(t, oneRule("", `{"name": "r", "when": `+when+`, "points": 1, "each": "event"}`))
		score, _, lines := set.Trace(row(t, "ES"), events, moment(t, asOfText))
		if score != want {
			t.Errorf("%s counts %v events, want %v: %+v", when, score, want, lines)
		}
	}
}

func TestValidity(t *testing.T) {
	set := compile(t, oneRule("", `{"name": "r", "when": {"field": "country"}, "points": 1, "valid": {"from": "2026-03-01", "until": "2026-04-01"}}`))
	for text, want := range map[string]float64{
		"2026-02-28T23:59:59.999999Z": 0, "2026-03-01": 1, "2026-03-31T23:59:59.999999Z": 1, "2026-04-01": 0,
	} {
		if got, _ := set.Score(row(t, "ES"), nil, moment(t, text)); got != want {
			t.Errorf("as of %s the rule gives %v, want %v", text, got, want)
		}
	}
	score, _, lines := set.Trace(row(t, "ES"), visits(t, 1), datasets.MissingTime)
	if score != 0 || len(lines) != 1 || !strings.Contains(lines[0].Text, "as_of is not known") {
		t.Errorf("without as-of: %v, %+v", score, lines)
	}
	hard := compile(t, `{"version": 1, "scorecards": [{"name": "a", "hard": [{"name": "h", "when": {"field": "country"}, "stage": "SQL", "valid": {"until": "2026-04-01"}}]}]}`)
	for text, want := range map[string]string{"1990-01-01": "SQL", "2026-04-01": ""} {
		if _, got := hard.Score(row(t, "ES"), nil, moment(t, text)); got != want {
			t.Errorf("as of %s the stage is %q, want %q", text, got, want)
		}
	}
}

func TestAxes(t *testing.T) {
	group := func(name, axis string, points int) string {
		return fmt.Sprintf(`{"name": %q, "axis": %q, "cap": 40, "rules": [{"name": "r", "when": {"field": "country"}, "points": %d}]}`, name, axis, points)
	}
	set := compile(t, `{"version": 1, "scorecards": [{"name": "a", "bounds": {"min": 0, "max": 10}, "groups": [`+strings.Join([]string{
		group("fit", "", 1), group("qualification", "", 2), group("engagement", "", 4), group("intent", "", 50), group("negative", "", -16), group("own", "", 32),
		group("mine", "fit", 64), group("fit too", "engagement", -128)}, ",")+`]}, {"name": "b", "groups": [`+group("fit", "none", 1)+`]}]}`)
	r := set.Result(0, row(t, "ES"), nil, datasets.MissingTime)
	if r.Fit != 1+2+40 || r.Engagement != 4+40-128 || r.Score != 0 {
		t.Errorf("%+v", r)
	}
	if f, e := set.Axes(1); f || e {
		t.Errorf("a group without axis has one: %v %v", f, e)
	}
}

func TestLongListsOfEventsCountIdsOnce(t *testing.T) {
	set := compile(t, oneRule("", `{"name": "r", "when": {"event": "visit"}, "points": 1, "each": "event"}`))
	var events []Event
	for i := range 500 {
		events = append(events, Event{Type: []string{"visit", "call"}[i%2], At: int64(i), ID: fmt.Sprint(i % 150)})
	}
	for _, n := range []int{1, 63, 64, 65, 149, 150, 151, 500} {
		want := (min(n, 150) + 1) / 2
		for range 2 { // the memory of the first is used again
			if got, _ := set.Score(row(t), events[:n], 1000); got != float64(want) {
				t.Errorf("%d events: %v count, want %d", n, got, want)
			}
		}
	}
}

func TestEventsBeforeAsOf(t *testing.T) {
	const day = microsPerDay
	asOf := moment(t, asOfText)
	for _, c := range []struct {
		name, rule string
		ages       []int64
		asOf       int64
		want       float64
	}{
		{"just before", when(`{"event": "visit"}`), []int64{1}, asOf, 1},
		{"at as-of", when(`{"event": "visit"}`), []int64{0}, asOf, 0},
		{"after as-of", when(`{"event": "visit"}`), []int64{-1}, asOf, 0},
		{"without as-of", when(`{"event": "visit"}`), []int64{0}, datasets.MissingTime, 1},
		{"other type", when(`{"event": "call"}`), []int64{1}, asOf, 0},
		{"too few", when(`{"event": "visit", "at_least": 3}`), []int64{1, 2}, asOf, 0},
		{"enough", when(`{"event": "visit", "at_least": 3}`), []int64{1, 3, 2}, asOf, 1},
		{"at the window's end", when(`{"event": "visit", "within": "14d"}`), []int64{14 * day}, asOf, 1},
		{"beyond the window", when(`{"event": "visit", "within": "14d"}`), []int64{14*day + 1}, asOf, 0},
		{"window from the latest event", when(`{"event": "visit", "at_least": 2, "within": "1d"}`), []int64{10 * day, 11 * day}, datasets.MissingTime, 1},
		{"each event", `{"name": "r", "when": {"event": "visit"}, "points": 2, "each": "event"}`, []int64{1, 1, 5, -5}, asOf, 6},
		{"each day in UTC", `{"name": "r", "when": {"event": "visit"}, "points": 2, "each": "day"}`, []int64{1, day / 2, day/2 + 1, day, 3 * day}, asOf, 6},
		{"once", `{"name": "r", "when": {"event": "visit"}, "points": 2, "each": "once"}`, []int64{1, 2, 3}, asOf, 2},
		{"capped", `{"name": "r", "when": {"event": "visit"}, "points": 2, "each": "event", "cap": 5}`, []int64{1, 2, 3}, asOf, 5},
		{"capped below", `{"name": "r", "when": {"event": "visit"}, "points": -2, "each": "event", "cap": 5}`, []int64{1, 2, 3}, asOf, -5},
		{"event and field", `{"name": "r", "when": {"all": [{"field": "country"}, {"event": "visit", "within": "2d"}]}, "points": 2, "each": "event"}`, []int64{1, day, 5 * day}, asOf, 4},
	} {
		set := compile(t, oneRule("", c.rule))
		if got, _ := set.Score(row(t, "ES"), visits(t, c.ages...), c.asOf); got != c.want {
			t.Errorf("%s: score %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDecay(t *testing.T) {
	const day = microsPerDay
	r := func(each string) string {
		return `{"name": "r", "when": {"event": "visit"}, "points": 16, "each": "` + each + `"}`
	}
	for _, c := range []struct {
		name, decay, rule string
		ages              []int64
		want              float64
	}{
		{"half-life, latest event", `{"half_life": "30d"}`, r("once"), []int64{60 * day, 30 * day}, 8},
		{"half-life, each event", `{"half_life": "30d"}`, r("event"), []int64{30 * day, 60 * day}, 12},
		{"half-life, latest of each day", `{"half_life": "30d"}`, r("day"), []int64{30 * day, 30*day + day/4, 60 * day}, 12},
		{"linear, half way", `{"linear": "10d"}`, r("once"), []int64{5 * day}, 8},
		{"linear, at and beyond the end", `{"linear": "10d"}`, r("event"), []int64{10 * day, 11 * day}, 0},
		{"step, before", `{"step": {"after": "30d", "keep": 0.25}}`, r("once"), []int64{30*day - 1}, 16},
		{"step, at", `{"step": {"after": "30d", "keep": 0.25}}`, r("once"), []int64{30 * day}, 4},
		{"fields do not decay", `{"linear": "10d"}`, `{"name": "r", "when": {"field": "country"}, "points": 16}`, nil, 16},
		{"cap of what is left", `{"half_life": "30d"}`, `{"name": "r", "when": {"event": "visit"}, "points": 16, "each": "event", "cap": 10}`, []int64{30 * day, 60 * day}, 10},
	} {
		set := compile(t, oneRule(`"decay": `+c.decay+",", c.rule))
		if got, _ := set.Score(row(t, "ES"), visits(t, c.ages...), moment(t, asOfText)); got != c.want {
			t.Errorf("%s: score %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTrace(t *testing.T) {
	set := compile(t, `{"version": 1, "scorecards": [{"name": "a", "bounds": {"min": 0, "max": 30}, "groups": [
		{"name": "fit", "cap": 25, "rules": [
			{"name": "country", "when": {"field": "country", "in": ["ES"]}, "points": 20},
			{"name": "size", "when": {"field": "employees"}, "points": {"table": [{"to": 50, "points": 2}, {"points": 15}]}}]},
		{"name": "engagement", "decay": {"half_life": "30d"}, "rules": [
			{"name": "visits", "when": {"event": "visit", "at_least": 2}, "points": 8, "each": "event", "cap": 10},
			{"name": "fax", "when": {"cel": "lead[\"fax\"] == \"x\" || lead[\"employees\"] / 0.0 < 0.0"}, "points": 7}]}],
		"hard": [
			{"name": "asked", "when": {"event": "visit"}, "stage": "SQL"},
			{"name": "no mail", "when": {"field": "Do Not Email", "in": ["Yes"]}, "stage": "disqualify"},
			{"name": "fax", "when": {"cel": "lead[\"fax\"] == \"x\""}, "stage": "MQL"}]}]}`)
	score, hard, lines := set.Trace(row(t, "ES", "120", "Yes"), visits(t, 30*microsPerDay, 0, 30*microsPerDay, 60*microsPerDay), moment(t, asOfText))
	want := []Line{
		{"fit", "country", 20, "rule", "country = ES"},
		{"fit", "size", 15, "rule", "employees = 120"},
		{"fit", "", -10, "cap", "group at most 25"},
		{"engagement", "visits", 24, "rule", "visit × 3: 8 for each of 3 events"},
		{"engagement", "visits", -14, "decay", "half-life 30d"},
		{"engagement", "fax", 0, "rule", `not applied: column "fax" is missing`},
		{"", "", -5, "bound", "at most 30"},
		{"", "asked", 0, "hard", "SQL: visit × 3"},
		{"", "no mail", 0, "hard", "disqualify: Do Not Email = true"},
		{"", "fax", 0, "hard", `not applied: column "fax" is missing`},
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
	if score != 30 || hard != "disqualify" {
		t.Errorf("score %v, stage %q; want 30, disqualify", score, hard)
	}
}

func TestCapsOfPointsThatAreNoBinaryFractions(t *testing.T) {
	// 90.6 is what a cap of 40.1 takes from 130.7, and 130.7 − 90.6 is not 40.1 in float64.
	if x := 130.7 - 40.1; 130.7-x == 40.1 {
		t.Fatal("the example is no example on this machine")
	}
	set := compile(t, oneRule(`"cap": 40.1,`, `{"name": "r", "when": {"field": "country"}, "points": 130.7}`))
	score, _, lines := set.Trace(row(t, "ES"), nil, datasets.MissingTime)
	sum := 0.0
	for _, l := range lines {
		sum += l.Points
	}
	if score != 40.1 || sum != score {
		t.Errorf("score %v, sum of the lines %v; want 40.1", score, sum)
	}
	if len(lines) != 3 || math.Abs(lines[2].Points) > 1e-6 {
		t.Errorf("rounding is not one small line: %+v", lines)
	}
}

func TestSecondScorecard(t *testing.T) {
	set := compile(t, `{"version": 1, "scorecards": [
		{"name": "a", "groups": [{"name": "g", "rules": [{"name": "r", "when": {"field": "country"}, "points": 1}]}]},
		{"name": "b", "groups": [{"name": "g", "floor": 5, "rules": [{"name": "r", "when": {"field": "country"}, "points": 2}]}]}]}`)
	if d := cmp.Diff([]string{"a", "b"}, set.Scorecards()); d != "" {
		t.Error(d)
	}
	first, _ := set.Score(row(t, "ES"), nil, datasets.MissingTime)
	second, _ := set.ScoreCard(1, row(t, "ES"), nil, datasets.MissingTime)
	if first != 1 || second != 5 {
		t.Errorf("scores %v and %v, want 1 and 5", first, second)
	}
}

func TestRunTests(t *testing.T) {
	set := compile(t, `{"version": 1, "scorecards": [{"name": "a", "groups": [{"name": "g", "rules": [
			{"name": "es", "when": {"field": "country", "in": ["ES"]}, "points": 20},
			{"name": "visit", "when": {"event": "visit", "within": "7d"}, "points": 5}]}],
			"hard": [{"name": "no mail", "when": {"field": "Do Not Email", "in": ["Yes"]}, "stage": "disqualify"}]}],
		"tests": [
			{"name": "right", "lead": {"country": "ES", "employees": 5, "Do Not Email": false}, "score": 20.004, "stage": "none"},
			{"name": "visitor", "lead": {}, "as_of": "2026-03-31", "events": [{"type": "visit", "at": "2026-03-25"}, {"type": "visit", "at": "2026-03-31T00:00:00Z"}], "score": 5},
			{"name": "wrong", "lead": {"country": "ES", "Do Not Email": "Yes"}, "score": 21, "stage": "none"}]}`)
	var got []string
	for _, p := range set.RunTests() {
		got = append(got, p.String())
	}
	want := []string{
		`tests[2].score: "wrong" scores 20, want 21: 20 es rule (country = ES); 0 no mail hard (disqualify: Do Not Email = true)`,
		`tests[2].stage: "wrong" has stage disqualify, want none: 20 es rule (country = ES); 0 no mail hard (disqualify: Do Not Email = true)`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestExtremeTimes(t *testing.T) {
	set := compile(t, oneRule(`"decay": {"half_life": "36500d"},`, `{"name": "r", "when": {"event": "visit", "within": "36500d"}, "points": 5, "each": "day"}`))
	for _, at := range []int64{math.MinInt64 + 1, -1, 0, math.MaxInt64} {
		for _, asOf := range []int64{datasets.MissingTime, math.MinInt64 + 1, 0, math.MaxInt64} {
			got, _ := set.Score(row(t), []Event{{Type: "visit", At: at}, {Type: "visit", At: datasets.MissingTime}}, asOf)
			if !(got >= 0 && got <= 5) {
				t.Errorf("an event at %d scores %v as of %d", at, got, asOf)
			}
		}
	}
}

func TestDaysBefore1970(t *testing.T) {
	if a, b, c := dayOf(-microsPerDay), dayOf(-1), dayOf(0); a != b || b == c {
		t.Errorf("days %d, %d and %d", a, b, c)
	}
}

// A condition that failed is neither true nor false: its negation does not fire either.
func TestFailedConditions(t *testing.T) {
	const fails, holds, not = `{"cel": "lead[\"fax\"] == \"x\""}`, `{"field": "country"}`, `{"field": "employees"}`
	for condition, want := range map[string]float64{
		`{"not": ` + fails + `}`:                                  0,
		`{"all": [` + fails + `, ` + holds + `]}`:                 0,
		`{"not": {"all": [` + fails + `, ` + holds + `]}}`:        0,
		`{"not": {"all": [` + fails + `, ` + not + `]}}`:          1,
		`{"any": [` + fails + `, ` + holds + `]}`:                 1,
		`{"not": {"any": [` + fails + `, ` + not + `]}}`:          0,
		`{"any": [{"not": ` + fails + `}, {"not": ` + not + `}]}`: 1,
	} {
		if got, _ := compile(t, oneRule("", when(condition))).Score(row(t, "ES"), nil, datasets.MissingTime); got != want {
			t.Errorf("%s scores %v, want %v", condition, got, want)
		}
	}
}

func TestTracesAreForReaders(t *testing.T) {
	set := compile(t, oneRule("", when(`{"any": [{"field": "fax"}, {"all": [{"field": "country"}, {"not": {"field": "created_at"}}, {"cel": "1 < 2"}]}]}`)))
	_, _, lines := set.Trace(row(t, "ES"), nil, datasets.MissingTime)
	if len(lines) != 1 || !strings.Contains(lines[0].Text, "country = ES, created_at = missing, 1 < 2") {
		t.Errorf("lines %+v", lines)
	}
}
