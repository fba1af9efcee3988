package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve"
)

// writeLog writes the generated events to a file: with ids, of which one in seventeen comes twice, and channels that some lack.
func writeLog(t *testing.T, path string, h *datasets.History) (byLead map[string][]map[string]any) {
	t.Helper()
	var out bytes.Buffer
	out.WriteString("who,happened,what,amount,event,campaign\n")
	byLead = map[string][]map[string]any{}
	s := h.Events.Schema
	lead, at, kind, amount := s.Index("lead_id"), s.Index("occurred_at"), s.Index("event_type"), s.Index("amount")
	n := 0
	for _, b := range h.Events.Batches {
		for i := range b.Rows() {
			n++
			id, moment := b.Value(lead, i).Str, time.UnixMicro(b.Value(at, i).Time).UTC().Format(time.RFC3339Nano)
			properties := map[string]any{"event": n, "ignored": []int{n}}
			campaign := []string{"", "ads", "fair", "mail"}[n%4]
			if campaign != "" {
				properties["campaign"] = campaign
			}
			text := ""
			if v := b.Value(amount, i); !v.Missing() {
				text = strconv.FormatFloat(v.Num, 'g', -1, 64)
				properties["amount"] = v.Num
			}
			times := 1
			if n%17 == 0 {
				times = 2
			}
			for range times {
				fmt.Fprintf(&out, "%s,%s,%s,%s,%d,%s\n", id, moment, b.Value(kind, i).Str, text, n, campaign)
				byLead[id] = append(byLead[id], map[string]any{"type": b.Value(kind, i).Str, "at": moment, "properties": properties})
			}
		}
	}
	out.WriteString("L9999999,2025-01-01T00:00:00Z,visit,,,\n") // of nobody
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return byLead
}

// eventRun trains on 2000 generated leads and their events, and returns the folder with leads.csv, log.csv and run.
func eventRun(t *testing.T, asOf string) (dir string, byLead map[string][]map[string]any) {
	t.Helper()
	dir = t.TempDir()
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: 2000, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Save(dir); err != nil {
		t.Fatal(err)
	}
	byLead = writeLog(t, filepath.Join(dir, "log.csv"), h)
	config := `version: 1
data:
  leads: {path: leads.csv, id: lead_id, as_of: ` + asOf + `}
  events: {path: log.csv, lead: who, at: happened, type: what, id: event, channel: campaign}
targets:
  won: {column: status, positive: [closed_won], negative: [closed_lost], at: closed_at, horizon: 90d}
split: {by: time, holdout: 0.2, beside: none}
features: {exclude: [contract_value, mql_at, owner], windows: [7d, 30d], interactions: none}
model: {kind: linear, penalty: 50}
rules: rules.yaml
`
	rules := `version: 1
scorecards:
  - name: default
    groups:
      - {name: intent, rules: [{name: price page, when: {event: price_page, within: 30d}, points: 10, each: event}]}
`
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(rules), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lead.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd(t, 0, "train", "-c", filepath.Join(dir, "lead.yaml"), "--out", filepath.Join(dir, "run"))
	return dir, byLead
}

// scores are probability and score by lead of a file.
func scores(t *testing.T, path string) map[string][2]float64 {
	t.Helper()
	of := map[string][2]float64{}
	tab := table(t, path)
	id, p, s := tab.Schema.Index("lead_id"), tab.Schema.Index("probability"), tab.Schema.Index("score")
	for _, b := range tab.Batches {
		for i := range b.Rows() {
			of[b.Value(id, i).String()] = [2]float64{b.Value(p, i).Num, b.Value(s, i).Num}
		}
	}
	return of
}

// TestEventsOverHTTPAndFromAFile: the hold-out of training, score --events, POST /v1/score with events and properties, and explain
// give the same bits.
func TestEventsOverHTTPAndFromAFile(t *testing.T) {
	dir, byLead := eventRun(t, "created_at")
	run, leads, log, out := filepath.Join(dir, "run"), filepath.Join(dir, "leads.csv"), filepath.Join(dir, "log.csv"), filepath.Join(dir, "scored.parquet")
	_, stderr := cmd(t, 0, "score", "--model", run, "--in", leads, "--events", log, "--out", out)
	says(t, stderr, "1 events were left out: their lead is not among the leads", "events were left out: an event of the same lead with the same id came before")
	if strings.Contains(stderr, "has no column") || strings.Contains(stderr, "no event log") {
		t.Errorf("warnings of columns that events make: %s", stderr)
	}
	fromFile := scores(t, out)
	held := scores(t, filepath.Join(run, "predictions.parquet"))
	if len(held) < 200 {
		t.Fatalf("%d leads in predictions.parquet", len(held))
	}
	for id, want := range held {
		if fromFile[id] != want {
			t.Fatalf("lead %s: %v from the file, %v in predictions.parquet", id, fromFile[id], want)
		}
	}

	_, stderr = cmd(t, 0, "score", "--model", run, "--in", leads, "--out", filepath.Join(dir, "none.parquet"))
	if n := strings.Count(stderr, "warning:"); n != 1 || !strings.Contains(stderr, model.NoEventsText) {
		t.Errorf("want one warning of leads without events: %s", stderr)
	}
	without := scores(t, filepath.Join(dir, "none.parquet"))

	scorer, err := loadScorer(run, "")
	if err != nil {
		t.Fatal(err)
	}
	server, err := serve.New(serve.Config{Models: []*model.Scorer{scorer}, Clock: time.Now, RequestID: func() string { return "r" }})
	if err != nil {
		t.Fatal(err)
	}
	post := func(request any, route string) (body []byte, probability, score float64, warnings []string) {
		t.Helper()
		body, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, route, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		var a struct {
			Probability, Score float64
			Warnings           []string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
			t.Fatalf("%d %v: %s", w.Code, err, w.Body)
		}
		return w.Body.Bytes(), a.Probability, a.Score, a.Warnings
	}
	f, err := os.ReadFile(leads)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	differ := 0
	for n, row := range rows[len(rows)-200:] {
		lead := map[string]string{}
		for j, name := range rows[0] {
			lead[name] = row[j]
		}
		events := byLead[row[0]]
		if events == nil {
			events = []map[string]any{}
		}
		request := map[string]any{"lead": lead, "events": events}
		_, p, s, warnings := post(request, "/v1/score")
		if got := [2]float64{p, s}; got != fromFile[row[0]] {
			t.Fatalf("lead %s: %v over HTTP, %v from the file", row[0], got, fromFile[row[0]])
		}
		for _, w := range warnings {
			if strings.HasPrefix(w, "events:") || strings.HasPrefix(w, "as_of:") {
				t.Errorf("lead %s: warning %q", row[0], w)
			}
		}
		_, p, s, warnings = post(map[string]any{"lead": lead}, "/v1/score")
		if got := [2]float64{p, s}; got != without[row[0]] || len(warnings) == 0 || warnings[0] != "events: none given: counted as none" {
			t.Fatalf("lead %s without events: %v over HTTP, %v from the file; warnings %q", row[0], got, without[row[0]], warnings)
		}
		if without[row[0]] != fromFile[row[0]] {
			differ++
		}
		if n%40 == 0 {
			body, err := json.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "lead.json")
			if err := os.WriteFile(path, body, 0o644); err != nil {
				t.Fatal(err)
			}
			explained, _, _, _ := post(request, "/v1/explain")
			var got, want any
			stdout, _ := cmd(t, 0, "explain", "--model", run, "--lead", path, "--json")
			if json.Unmarshal([]byte(stdout), &got) != nil || json.Unmarshal(explained, &want) != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("explain says %v\nthe server %v", got, want)
			}
		}
	}
	if differ < 150 {
		t.Errorf("events matter for %d of 200 leads only", differ)
	}

	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"lead":{},"events":[{"type":"visit","at":"2025-01-01T00:00:00Z","properties":{"amount":"much"}}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stderr = cmd(t, 1, "explain", "--model", run, "--lead", bad)
	says(t, stderr, "events[0].properties.amount", "much")

	// A file that has the columns already needs no log, and gives the same figures.
	features := filepath.Join(dir, "features.parquet")
	writeWithEvents(t, scorer.Artifact(), leads, log, features)
	_, stderr = cmd(t, 0, "score", "--model", run, "--in", features, "--out", out)
	if stderr != "" {
		t.Errorf("warnings of a file with all columns: %s", stderr)
	}
	for id, got := range scores(t, out) {
		if got[0] != fromFile[id][0] { // the score has rules in it, which saw no events
			t.Fatalf("lead %s: %v from its columns, %v from its events", id, got[0], fromFile[id][0])
		}
	}
	targets := func(args ...string) (string, string) {
		stdout, stderr := cmd(t, 0, append([]string{"evaluate", "--model", run, "--json"}, args...)...)
		var card struct {
			Targets map[string]struct{ Scores map[string]json.RawMessage }
		}
		if err := json.Unmarshal([]byte(stdout), &card); err != nil {
			t.Fatal(err)
		}
		return string(card.Targets["won"].Scores["model"]), stderr // rules see events in a log alone
	}
	byLog, stderr := targets("--data", leads, "--events", log)
	says(t, stderr, "their lead is not among the leads")
	byColumns, stderr := targets("--data", leadsWithOutcomes(t, leads, features))
	if byLog != byColumns || strings.Contains(stderr, "no event log") {
		t.Errorf("evaluated by the log and by the columns the figures differ, or: %s", stderr)
	}
	nothing, stderr := targets("--data", leads)
	says(t, stderr, model.NoEventsText)
	if nothing == byLog || strings.Contains(stderr, "has no column") {
		t.Errorf("evaluated without events: the figures are the same, or: %s", stderr)
	}
}

// writeWithEvents writes the leads with the event features as columns.
func writeWithEvents(t *testing.T, a *model.Artifact, leads, log, to string) {
	t.Helper()
	tab, err := datasets.Read(context.Background(), leads, datasets.ReadOptions{Schema: a.Schema})
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := model.NewScorer(a)
	if err != nil {
		t.Fatal(err)
	}
	with, err := scorer.AddEvents(context.Background(), tab, []string{log}, nil, datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := datasets.WriteTable(to, with.Leads); err != nil {
		t.Fatal(err)
	}
}

// leadsWithOutcomes joins status and closed_at of the leads to the table of features.
func leadsWithOutcomes(t *testing.T, leads, features string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "labelled.parquet")
	cmd(t, 0, "datasets", "join", features, leads, "--on", "lead_id", "--columns", "status,closed_at", "--out", out)
	return out
}

// TestAsOf: --as-of looks at all leads at one moment; where training made the moments of a column, so does scoring.
func TestAsOf(t *testing.T) {
	dir, _ := eventRun(t, "created_at + 3d")
	run, leads, log, out := filepath.Join(dir, "run"), filepath.Join(dir, "leads.csv"), filepath.Join(dir, "log.csv"), filepath.Join(dir, "scored.parquet")
	score := func(args ...string) (map[string][2]float64, string) {
		t.Helper()
		_, stderr := cmd(t, 0, append([]string{"score", "--model", run, "--out", out}, args...)...)
		return scores(t, out), stderr
	}
	derived, stderr := score("--in", leads, "--events", log)
	if strings.Contains(stderr, "has no column") {
		t.Errorf("warning of a column that is made: %s", stderr)
	}
	for id, want := range scores(t, filepath.Join(run, "predictions.parquet")) {
		if derived[id] != want {
			t.Fatalf("lead %s: %v from the file, %v in predictions.parquet", id, derived[id], want)
		}
	}
	cmd(t, 0, "evaluate", "--model", run, "--data", leads, "--events", log)

	at, _ := score("--in", leads, "--events", log, "--as-of", "2025-06-01T00:00:00Z")
	now, _ := score("--in", leads, "--events", log, "--as-of", "now")
	same, _ := score("--in", leads, "--events", log, "--as-of", "2026-01-02T03:04:05Z") // the clock of cmd
	if fmt.Sprint(at) == fmt.Sprint(derived) || fmt.Sprint(now) == fmt.Sprint(at) || fmt.Sprint(now) != fmt.Sprint(same) {
		t.Error("--as-of changes nothing, or now is another moment than the clock's")
	}

	// The moments of a file count, where it has them.
	moments := filepath.Join(dir, "moments.csv")
	column := func(name, value string) {
		t.Helper()
		text, err := os.ReadFile(leads)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		for i := range lines {
			if lines[i] += "," + value; i == 0 {
				lines[i] = strings.TrimSuffix(lines[i], value) + name
			}
		}
		if err := os.WriteFile(moments, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	column("as_of", "2025-06-01T00:00:00Z")
	if got, _ := score("--in", moments, "--events", log); fmt.Sprint(got) != fmt.Sprint(at) {
		t.Error("the as-of column of the file and the same --as-of give different scores")
	}

	// Neither: an error that says what to do.
	none := filepath.Join(dir, "none.csv")
	if err := os.WriteFile(none, []byte("lead_id,source\nL0000001,Webinar\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, stderr = cmd(t, 1, "score", "--model", run, "--in", none, "--events", log, "--out", filepath.Join(dir, "never.csv"))
	says(t, stderr, `no column "as_of"`, `"created_at + 3d"`, "--as-of now")
	exists(t, false, filepath.Join(dir, "never.csv"))
	cmd(t, 0, "score", "--model", run, "--in", none, "--events", log, "--as-of", "now", "--out", out)
	_, stderr = cmd(t, 2, "score", "--model", run, "--in", none, "--as-of", "yesterday", "--out", out)
	says(t, stderr, `"yesterday" is no moment`)
	_, stderr = cmd(t, 2, "score", "--model", run, "--in", leads, "--events", log, "--events", log, "--out", out)
	says(t, stderr, "named twice")
}
