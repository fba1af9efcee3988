package config

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/train"
)

var update = flag.Bool("update", false, "write the messages to testdata/*.err")

// Each testdata/*.bad.yml gives the message in the .err file beside it.
func TestMistakesAndTheirMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yml")
	if err != nil || len(files) < 15 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		var err error
		if strings.HasSuffix(path, ".rules.bad.yml") {
			err = rulesMistakes(t, path)
		} else {
			_, err = Load(path)
		}
		if err == nil {
			t.Errorf("%s loads", path)
			continue
		}
		got := err.Error() + "\n"
		golden := strings.TrimSuffix(path, ".yml") + ".err"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}

func TestFullConfiguration(t *testing.T) {
	c, err := Load("testdata/full.yml")
	if err != nil {
		t.Fatal(err)
	}
	got := c.Train()
	file, _, err := LoadRules("testdata/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	half, quarter, thirty, twenty, ten := 0.5, 0.25, 30.0, 20.0, 10.0
	margin, auc, ece := 0.01, 0.7, 0.05
	want := train.Config{
		Leads:      train.Leads{Path: "testdata/leads.csv", ID: "lead_id", AsOf: `"Created + On" + 36h`, Weight: "copies", Offset: "old logit"},
		Nulls:      []string{},
		BadRows:    datasets.SkipBadRows,
		MaxBadRows: 12,
		Duplicates: train.LastDuplicates,
		End:        time.Date(2025, 6, 30, 22, 0, 0, 0, time.UTC),
		Force: map[string]datasets.Field{
			"employees":  {Name: "employees", Kind: datasets.Numeric, DecimalComma: true},
			"first seen": {Name: "first seen", Kind: datasets.Time, Layout: "dd/mm/yyyy"},
		},
		Targets: []train.Target{ // in the order of the file, texts as they are written
			{Name: "zeta", Column: "status", Positive: []string{"1", "true", "1.50", "007", "yes", "null", "a b"}, Negative: []string{"0"}},
			{Name: "alpha", Column: "12", Positive: []string{"won"}, At: "closed_at", Horizon: "2w", Via: "zeta"},
		},
		Split: train.Split{By: "group", Group: "country", Holdout: 0.25, Seed: 7, Beside: "none"},
		Features: features.Spec{
			Exclude: []string{"Tags", "no"},
			Columns: map[string]features.ColumnSpec{
				"employees":  {Kind: datasets.Numeric, Transform: "log", Clip: []float64{0, 1e5}},
				"first seen": {Derive: "time_parts"},
				"country":    {Derive: "none"},
			},
			MinLevel: 20,
			Bins:     16,
		},
		Interactions: "none",
		Model:        train.ModelConfig{Kind: "linear", Penalty: &half, L1Ratio: 0.25, Folds: 10, Calibrate: "none", Seed: 3},
		Rules:        file,
		Blend:        train.BlendConfig{Method: "linear", Weight: &quarter},
		Policy: train.PolicyConfig{MQL: train.StageConfig{MinScore: &thirty, Leave: &twenty, Stay: 36 * 3600e6, Target: "alpha"}, SQL: train.StageConfig{Required: []string{"email", "company"}}, Grades: &train.GradesConfig{Fit: []float64{30, 20.5, -1}},
			Actionable: []model.Actionable{{Field: "employees"}, {Field: "visits", Direction: "increase", To: &ten}, {Event: "demo_request", Times: 2}}},
		Segments: []string{"Lead Source", "country"},
		Gate:     train.GateConfig{Metric: "log_loss", Test: "non_inferior", Margin: &margin, MinAUC: &auc, MaxECE: &ece},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDefaultsAreZero(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lead.yaml")
	leads := filepath.Join(t.TempDir(), "leads.csv")
	writeFile(t, leads, "a\n1\n")
	writeFile(t, path, "---\nversion: 1\ndata: {leads: {path: "+leads+"}}\ntargets: {won: {column: a, positive: [1]}}\n")
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Train()
	want := train.Config{Leads: train.Leads{Path: leads}, Targets: []train.Target{{Name: "won", Column: "a", Positive: []string{"1"}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if err := c.RulesProblems([]rules.Problem{{Path: "x"}}); err != nil {
		t.Errorf("problems of rules that are not there: %v", err)
	}
}

func TestHistoryConfiguration(t *testing.T) {
	c, err := Load("testdata/history.yml")
	if err != nil {
		t.Fatal(err)
	}
	got := c.Train()
	const hour = int64(3600 * 1_000_000)
	want := train.Config{
		Leads: train.Leads{Paths: []string{"testdata/leads.csv", "testdata/more.csv"}, ID: "lead_id", AsOf: "created_at + 3d"},
		Deals: &train.Deals{Paths: []string{"testdata/deals.csv"}, Lead: "id", Matched: "dealt", At: "closed", Keep: "last"},
		Events: &train.Events{
			Source: history.Source{
				Paths: []string{"testdata/events.csv"}, Lead: "lead_id", At: "occurred_at", Type: "event_type", ID: "event_id", Channel: "source",
				Properties: []string{"amount"}, Zone: "Europe/Madrid",
			},
			Spec: history.Spec{Windows: []int64{7 * 24 * hour, 28 * 24 * hour}, HalfLife: 12 * hour},
		},
		Changes: &history.ChangeSource{Paths: []string{"testdata/changes.csv"}, Lead: "lead_id", At: "at", Field: "what", Value: "new", Old: "old"},
		Zone:    "Europe/Madrid",
		Targets: []train.Target{{Name: "won", Column: "status", Positive: []string{"won"}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The example of the format loads as it is.
func TestExampleOfTheFormatLoads(t *testing.T) {
	if _, err := Load("testdata/design.yml"); err != nil {
		t.Error(err)
	}
}

func TestRulesAsWritten(t *testing.T) {
	f, _, err := LoadRules("testdata/full.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	// The artifact keeps rules as JSON: they are the same after it.
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var again rules.File
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(f, &again); d != "" {
		t.Error(d)
	}
	n := func(s string) json.Number { return json.Number(s) }
	want := rules.Values{n("1"), n("1.50"), "007", "yes", true, "True", "1", nil, ".5"}
	if d := cmp.Diff(want, f.Scorecards[0].Groups[0].Rules[4].When.In); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(rules.Attributes{"Do Not Email": "No", "employees": n("5"), "fax": nil}, f.Tests[0].Lead); d != "" {
		t.Error(d)
	}
	if p := f.Scorecards[0].Groups[0].Rules[2].Points; p.Fixed != -10 || p.Table != nil {
		t.Errorf("points %+v", p)
	}
}

// Problems that rules.Compile finds get the place in the file, within expressions too.
func TestRulesProblemsHaveTheirPlace(t *testing.T) {
	f, at, err := LoadRules("testdata/full.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	schema := &datasets.Schema{Fields: []datasets.Field{{Name: "employees", Kind: datasets.Numeric}, {Name: "country", Kind: datasets.Categorical}}}
	_, problems := rules.Compile(f, schema)
	got := ""
	if err := at.Problems(problems); err != nil {
		got = err.Error()
	}
	const want = `testdata/full.rules.yml:10:44: scorecards[0].groups[0].rules[0].when.cel: found no matching overload for '_>_' applied to '(double, string)'
 |             when: {cel: 'lead["employees"] > lead["country"]'}
 |                                            ^
testdata/full.rules.yml:16:22: scorecards[0].groups[0].rules[1].when.cel: unknown column "employes" (did you mean "employees"?)
 |                 lead["employes"] > 5.0
 |                      ^
testdata/full.rules.yml:17:29: scorecards[0].groups[0].rules[1].points.table: a table looks up the field of the rule's condition; want when: {field: …}
 |             points: {table: [{to: -1.5, points: 1}, {points: 2}]}
 |                             ^
testdata/full.rules.yml:20:20: scorecards[0].groups[0].rules[2].when.cel: undeclared reference to 'employes' (did you mean lead["employees"]?)
 |               cel: employes > 200 && true
 |                    ^
testdata/full.rules.yml:23:25: scorecards[0].groups[0].rules[3].when.cel: unknown column "employes" (did you mean "employees"?)
 |             when: {cel: "lead[\"employes\"] > 5.0"}
 |                         ^
testdata/full.rules.yml:26:57: scorecards[0].groups[0].rules[4].when.in[3]: column "employees": not a number: "yes"; want digits with a decimal point, such as 1234.5 or 1,234.5
 |             when: {field: employees, in: [1, 1.50, 007, yes, true, True, "1", null, .5]}
 |                                                         ^
testdata/full.rules.yml:26:62: scorecards[0].groups[0].rules[4].when.in[4]: column "employees" is numeric and cannot be true
 |             when: {field: employees, in: [1, 1.50, 007, yes, true, True, "1", null, .5]}
 |                                                              ^
testdata/full.rules.yml:26:68: scorecards[0].groups[0].rules[4].when.in[5]: column "employees": not a number: "True"; want digits with a decimal point, such as 1234.5 or 1,234.5
 |             when: {field: employees, in: [1, 1.50, 007, yes, true, True, "1", null, .5]}
 |                                                                    ^
testdata/full.rules.yml:26:79: scorecards[0].groups[0].rules[4].when.in[7]: null means missing in column "employees"; for leads without it write {field: employees, missing: true}
 |             when: {field: employees, in: [1, 1.50, 007, yes, true, True, "1", null, .5]}
 |                                                                               ^
testdata/full.rules.yml:29:38: tests[0].lead["Do Not Email"]: unknown column "Do Not Email"; the data has ["employees" "country"]
 |   - {name: t, lead: {"Do Not Email": No, employees: 5, fax: null}, score: 0}
 |                                      ^
testdata/full.rules.yml:29:61: tests[0].lead.fax: unknown column "fax"; the data has ["employees" "country"]
 |   - {name: t, lead: {"Do Not Email": No, employees: 5, fax: null}, score: 0}
 |                                                             ^
11 problems; nothing was written.`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if file, line, column := at.Locate(`tests[0].lead["a.b"].c[3]`); file != "testdata/full.rules.yml" || line != 29 || column != 21 {
		t.Errorf("a key that is not there is located at %s:%d:%d, want that of the lead", file, line, column)
	}
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
