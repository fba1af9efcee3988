package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/model/rules"
	"leadscore/serve"
	"leadscore/serve/api"
)

const rulesTestdata = "../../../../model/rules/testdata"

// csvRows reads a CSV file by the names of its columns.
func csvRows(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = r[i]
		}
		out = append(out, row)
	}
	return out
}

// Each template writes a file that check accepts, with any data and without.
func TestRulesNewWritesWhatCheckAccepts(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "300", "--dir", dir)
	names := filepath.Join(dir, "names.csv")
	if err := os.WriteFile(names, []byte("x,Budget status,needs_help,champion?,Do Not Email\na,approved,3,no,yes\nb,rejected,4,yes,no\nc,\"in: [talks]\",7,yes,no\nd,approved,7,no,no\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := []string{"", filepath.Join(dir, "leads.csv"), names}
	if folder := os.Getenv("LEADSCORE_DATA"); folder != "" {
		data = append(data, filepath.Join(folder, "xeducation_leads.csv"))
	}
	for _, template := range templateNames() {
		for _, d := range data {
			out := filepath.Join(t.TempDir(), "rules.yaml")
			write, check := []string{"rules", "new", "--template", template, "-o", out}, []string{"rules", "check", "--rules", out, "--strict"}
			if d != "" {
				write, check = append(write, "--data", d), append(check, "--data", d)
			}
			cmd(t, 0, write...)
			stdout, _ := cmd(t, 0, check...)
			says(t, stdout, "1 scorecard", "passed")
		}
	}
	out := filepath.Join(dir, "rules.yaml")
	stdout, _ := cmd(t, 0, "rules", "new", "--template", "bant", "--data", names, "-o", out)
	says(t, stdout, "no column fits authority, timing")
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(text), `{in: [approved], share: 1}`, `{in: ["in: [talks]"], share: 0.5}`, `{in: [rejected], share: -0.5, cap: 40}`, "field: needs_help")
	_, stderr := cmd(t, 2, "rules", "new", "--template", "bant", "-o", out)
	says(t, stderr, "exists", "--force")
	_, stderr = cmd(t, 2, "rules", "new", "--template", "bantt", "-o", filepath.Join(dir, "never.yaml"))
	says(t, stderr, `unknown template "bantt" (did you mean bant?)`, "meddic")
	cmd(t, 2, "rules", "new")
	exists(t, false, filepath.Join(dir, "never.yaml"))
}

func TestRulesCheckSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	leads := write("leads.csv", "id,country,employees\n1,Spain,10\n2,Mexico,20\n")
	head := "version: 1\nscorecards:\n  - name: a\n    groups:\n      - name: fit\n        rules:\n"
	good := write("good.yaml", head+"          - {name: r, when: {field: country, in: [Spain]}, points: 5}\ntests:\n  - {name: t, lead: {country: Spain}, score: 5}\n")
	stdout, stderr := cmd(t, 0, "rules", "check", "--rules", good, "--data", leads, "--strict")
	says(t, stdout, "1 scorecard, 1 test passed\n")
	if stderr != "" {
		t.Error(stderr)
	}
	bad := write("bad.yaml", head+"          - {name: r, when: {field: contry, in: [Spain]}, points: 5}\n")
	cmd(t, 0, "rules", "check", "--rules", bad) // without data any name may be right
	_, stderr = cmd(t, 2, "rules", "check", "--rules", bad, "--data", leads)
	says(t, stderr, `bad.yaml:7:37: scorecards[0].groups[0].rules[0].when.field: unknown column "contry" (did you mean "country"?)`, "^")
	likely := write("likely.yaml", head+"          - {name: r, when: {field: country, in: [Spane]}, points: 5}\n")
	stdout, stderr = cmd(t, 0, "rules", "check", "--rules", likely, "--data", leads)
	says(t, stdout, "0 tests passed, 1 warning\n")
	says(t, stderr, `warning: `, `likely.yaml:7:51: `, `no lead has "Spane" in column "country" (did you mean "Spain"?)`)
	cmd(t, 1, "rules", "check", "--rules", likely, "--data", leads, "--strict")
	events := write("events.csv", "id,occurred_at,event_type\n1,2026-01-02,visit\n2,2026-01-03,demo_request\n2,2026-01-03,\n")
	unseen := write("unseen.yaml", head+"          - {name: r, when: {event: demo_reqest}, points: 5}\n          - {name: s, when: {event: visit}, points: 5}\n")
	stdout, stderr = cmd(t, 0, "rules", "check", "--rules", unseen, "--data", leads, "--events", events)
	says(t, stdout, "0 tests passed, 1 warning\n")
	says(t, stderr, `warning: `, `unseen.yaml:7:37: `, `when.event: no lead has an event of type "demo_reqest" (did you mean "demo_request"?)`)
	cmd(t, 1, "rules", "check", "--rules", unseen, "--events", events, "--strict")
	cmd(t, 0, "rules", "check", "--rules", unseen, "--strict") // without a log any type may come
	_, stderr = cmd(t, 1, "rules", "check", "--rules", unseen, "--events", events, "--event-type", "kind")
	says(t, stderr, `--event-type`, `events.csv: none of its columns ("id", "occurred_at", "event_type") is wanted; want "kind"`)
	failing := write("failing.yaml", head+"          - {name: r, when: {field: employees, above: 5}, points: 5}\ntests:\n  - {name: t, lead: {employees: 5}, score: 5, stage: SQL}\n  - {name: u, lead: {employees: 6}, score: 5}\n")
	for _, args := range [][]string{{"--data", leads}, nil} {
		_, stderr = cmd(t, 1, append([]string{"rules", "check", "--rules", failing}, args...)...)
		says(t, stderr, "1 of 2 tests failed", "failing.yaml:9:44", `"t" scores 0, want 5`, `"t" has stage none, want SQL`)
	}
	stdout, _ = cmd(t, 1, "rules", "check", "--rules", failing, "--json")
	var got struct {
		Tests, Scorecards int
		Failed            []rules.Problem
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got.Tests != 2 || got.Scorecards != 1 || len(got.Failed) != 2 {
		t.Errorf("%v %s", err, stdout)
	}
}

// The example rules fit real leads, and each row of score is what the Set says of that lead.
func TestRulesOfXEducation(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with xeducation_leads.csv")
	}
	file, leads := filepath.Join(rulesTestdata, "xeducation.yaml"), filepath.Join(folder, "xeducation_leads.csv")
	stdout, _ := cmd(t, 0, "rules", "check", "--rules", file, "--data", leads, "--strict")
	says(t, stdout, "2 scorecards, 6 tests passed")
	out := filepath.Join(t.TempDir(), "points.csv")
	stdout, _ = cmd(t, 0, "rules", "score", "--rules", file, "--data", leads, "--id", "Prospect ID", "--out", out)
	says(t, stdout, "scored 9240 leads", "default: 0 to 100 points", "executive: ", "to ask next: budget")
	f, _, err := readRules(file)
	if err != nil {
		t.Fatal(err)
	}
	table, err := readRuleLeads(t.Context(), leads, "Prospect ID")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Compile(f, table.Schema)
	if problems != nil {
		t.Fatal(problems)
	}
	rows, n := csvRows(t, out), 0
	row := make([]datasets.Value, len(table.Schema.Fields))
	for _, b := range table.Batches {
		for i := range b.Rows() {
			b.Row(i, row)
			a, e := set.Result(0, row, nil, datasets.MissingTime), set.Result(1, row, nil, datasets.MissingTime)
			next := ""
			if e.Next != nil && e.Hard != "disqualify" {
				next = e.Next.Dimension + ": " + e.Next.Text
			}
			got := rows[n]
			for column, want := range map[string]float64{
				"rule_score": a.Score, "fit": a.Fit, "engagement": a.Engagement, "rule_score.executive": e.Score, "fit.executive": e.Fit,
				"score_low.executive": e.Low, "score_high.executive": e.High, "unknown.executive": float64(e.Unknown),
			} {
				if x, err := strconv.ParseFloat(got[column], 64); err != nil || x != want {
					t.Fatalf("lead %s: %s is %q, want %v", got["lead_id"], column, got[column], want)
				}
			}
			if got["hard"] != a.Hard || got["next_question.executive"] != next || got["lead_id"] != row[table.Schema.Index("Prospect ID")].String() {
				t.Fatalf("row %d is %v", n, got)
			}
			n++
		}
	}
	if n != 9240 || len(rows) != n {
		t.Errorf("%d rows of %d leads", len(rows), n)
	}
}

// With a log the events before each lead's moment count, and what a rule asks of them is read.
func TestRulesScoreWithEvents(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "400", "--dir", dir)
	leads, log, file := filepath.Join(dir, "leads.csv"), filepath.Join(dir, "events.parquet"), filepath.Join(rulesTestdata, "crm.yaml")
	cmd(t, 0, "rules", "check", "--rules", file, "--data", leads, "--strict")
	out := filepath.Join(dir, "points.csv")
	cmd(t, 0, "rules", "score", "--rules", file, "--data", leads, "--id", "lead_id", "--events", log, "--as-of", "created_at", "--out", out)
	with := csvRows(t, out)
	_, stderr := cmd(t, 0, "rules", "score", "--rules", file, "--data", leads, "--id", "lead_id", "--out", out)
	says(t, stderr, "no log is given")
	without, more := csvRows(t, out), 0
	for i := range with {
		if with[i]["engagement"] != without[i]["engagement"] {
			more++
		}
	}
	if more < 100 {
		t.Errorf("events change the engagement of %d of %d leads", more, len(with))
	}
	// A log of one event a lead, at and before its moment.
	small := filepath.Join(dir, "small.csv")
	var b strings.Builder
	b.WriteString("who,when,what,via,amount\n")
	table := table(t, leads)
	for i := range 2 {
		batch := table.Batches[0]
		id, at := batch.Value(0, i).String(), batch.Value(table.Schema.Index("created_at"), i).String()
		b.WriteString(id + "," + at + ",order,ads,5\n" + id + ",2001-01-01T00:00:00Z,order,ads,7\n")
	}
	if err := os.WriteFile(small, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	rulesFile := filepath.Join(dir, "rules.yaml")
	text := "version: 1\nscorecards: [{name: a, groups: [{name: g, rules: [" +
		"{name: all, when: {event: order}, points: 1, each: event}, {name: large, when: {event: order, where: {amount: {above: 6}}}, points: 10, each: event}, {name: ads, when: {event: order, channel: [ads]}, points: 100, each: event}]}]}]\n"
	if err := os.WriteFile(rulesFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"rules", "score", "--rules", rulesFile, "--data", leads, "--id", "lead_id", "--events", small, "--event-lead", "who", "--event-at", "when", "--event-type", "what", "--out", out}
	_, stderr = cmd(t, 2, args...)
	says(t, stderr, "--event-channel")
	args = append(args, "--event-channel", "via")
	for asOf, want := range map[string]string{"created_at": "111", "": "212", "now": "212", "2000-01-01": "0"} {
		more := slices.Clone(args)
		if asOf != "" {
			more = append(more, "--as-of", asOf)
		}
		cmd(t, 0, more...)
		if got := csvRows(t, out); got[0]["rule_score"] != want || got[1]["rule_score"] != want || got[2]["rule_score"] != "0" {
			t.Errorf("as of %q: %v, want %s", asOf, got[:3], want)
		}
	}
	for _, wrong := range [][]string{{"--as-of", "soon"}, {"--as-of", "country"}} {
		_, stderr := cmd(t, 2, append(args[:len(args):len(args)], wrong...)...)
		says(t, stderr, wrong[1])
	}
}

// Training, scoring a file and a request see the same leads and events as `rules score`: for every scorecard its points are those of
// `score --out`, of the hold-out in predictions.parquet, and of POST /v1/score.
func TestRulesScoreIsWhatScoreSays(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "1500", "--dir", dir)
	text, err := os.ReadFile(filepath.Join(rulesTestdata, "crm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	card, rest, _ := strings.Cut(string(text), "\ntests:\n")
	for name, content := range map[string]string{"rules.yaml": card + furtherCards + "tests:\n" + rest, "leadscore.yaml": demoConfig} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leads, log, run := filepath.Join(dir, "leads.csv"), filepath.Join(dir, "events.parquet"), filepath.Join(dir, "run")
	cmd(t, 0, "train", "-c", filepath.Join(dir, "leadscore.yaml"), "--out", run)
	scored, points := filepath.Join(dir, "scored.csv"), filepath.Join(dir, "points.csv")
	cmd(t, 0, "score", "--model", run, "--in", leads, "--events", log, "--out", scored)
	cmd(t, 0, "rules", "score", "--rules", filepath.Join(dir, "rules.yaml"), "--data", leads, "--id", "lead_id", "--as-of", "created_at", "--events", log, "--out", points)
	cards := map[string]string{"rule_score": "default", "rule_score.training": "training", "rule_score.A & B": "A & B"}
	want, different := map[string]map[string]string{}, map[string]int{}
	for _, row := range csvRows(t, points) {
		want[row["lead_id"]] = row
		for column := range cards {
			if row[column] != "0" {
				different[column]++
			}
		}
	}
	compare := func(id, column, by, got string) {
		t.Helper()
		if want[id] == nil || got != want[id][column] {
			t.Fatalf("lead %s: %s of %s is %q, rules score says %q", id, column, by, got, want[id][column])
		}
	}
	for _, row := range csvRows(t, scored) {
		for column := range cards {
			compare(row["lead_id"], column, "score", row[column])
		}
	}
	for column := range cards {
		if different[column] < 400 {
			t.Errorf("only %d leads have points in %s", different[column], column)
		}
	}
	held := table(t, filepath.Join(run, "predictions.parquet"))
	id := held.Schema.Index("lead_id")
	for column := range cards {
		at := held.Schema.Index(column)
		for _, b := range held.Batches {
			for i := range b.Rows() {
				compare(b.Value(id, i).String(), column, "the hold-out", b.Value(at, i).String())
			}
		}
	}
	scorer, err := loadScorer(run, "")
	if err != nil {
		t.Fatal(err)
	}
	for id, a := range answers(t, scorer, csvRows(t, leads)[:200], table(t, log)) {
		if len(a.RuleScores) != len(cards) || a.RuleScores[0].Name != "default" || a.RuleScores[1].Name != "training" {
			t.Fatalf("lead %s: the scorecards are %v", id, a.RuleScores)
		}
		compare(id, "rule_score", "POST /v1/score", datasets.Number(a.RuleScore).String())
		for column, name := range cards {
			got, _ := a.RuleScores.Of(name)
			compare(id, column, "POST /v1/score", datasets.Number(got).String())
		}
	}
	var e datasets.Event
	if err := scorer.ReadProperty(&e, "amount", []byte("1200")); err != nil || len(e.Values) != 1 || e.Values[0].Value != 1200 {
		t.Errorf("a property that only rules ask for: %+v, %v", e, err)
	}
	// Without a log in training nobody can tell what a property is called.
	head, rest, _ := strings.Cut(demoConfig, "  events: ")
	_, rest, _ = strings.Cut(rest, "  end: ")
	settings, rest, _ := strings.Cut("  end: "+rest, "  windows: ")
	_, rest, _ = strings.Cut(rest, "\n")
	without := head + settings + rest
	if err := os.WriteFile(filepath.Join(dir, "leadscore.yaml"), []byte(without), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := cmd(t, 1, "train", "-c", filepath.Join(dir, "leadscore.yaml"), "--out", run)
	says(t, stderr, "some ask for properties or channels of events", "data.events")
}

// furtherCards are two more scorecards for crm.yaml: of fields, events, CEL, decay and bounds, and a hard rule that decides nothing here.
const furtherCards = `
  - name: training
    bounds: {min: -5, max: 30}
    groups:
      - name: engagement
        decay: {half_life: 10d}
        rules:
          - {name: pages, when: {event: page_view}, points: 3, each: event}
          - {name: large order, when: {event: price_page, where: {amount: {from: 500}}}, points: 9}
    hard:
      - {name: everyone, when: {field: created_at}, stage: disqualify}
  - name: A & B
    groups:
      - name: fit
        rules:
          - {name: software, when: {cel: 'lead["industry"] == "Software"'}, points: 12}
          - {name: size, when: {field: company_size, in: ["51-200", "201-500"]}, points: -3.25}
`

// answers asks a server for the score of each lead, with its events of the log.
func answers(t *testing.T, scorer *model.Scorer, leads []map[string]string, log *datasets.Table) map[string]api.Answer {
	t.Helper()
	server, err := serve.New(serve.Config{Models: []*model.Scorer{scorer}, Clock: time.Now, RequestID: func() string { return "r" }})
	if err != nil {
		t.Fatal(err)
	}
	lead, at, kind, amount := log.Schema.Index("lead_id"), log.Schema.Index("occurred_at"), log.Schema.Index("event_type"), log.Schema.Index("amount")
	events := map[string][]map[string]any{}
	for _, b := range log.Batches {
		for i := range b.Rows() {
			e := map[string]any{"type": b.Value(kind, i).String(), "at": time.UnixMicro(b.Value(at, i).Time).UTC().Format(time.RFC3339Nano)}
			if v := b.Value(amount, i); !v.Missing() {
				e["properties"] = map[string]any{"amount": v.Num}
			}
			events[b.Value(lead, i).String()] = append(events[b.Value(lead, i).String()], e)
		}
	}
	out := map[string]api.Answer{}
	for _, l := range leads {
		body, err := json.Marshal(map[string]any{"lead": l, "events": append([]map[string]any{}, events[l["lead_id"]]...)})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/v1/score", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		var a api.Answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
			t.Fatalf("lead %s: %d %v: %s", l["lead_id"], w.Code, err, w.Body)
		}
		out[l["lead_id"]] = a
	}
	return out
}
