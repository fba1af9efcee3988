package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
)

// cmd runs a command line and returns what it wrote.
func cmd(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	s := Streams{Out: &out, Err: &errs, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }}
	if code := Run(context.Background(), args, s); code != want {
		t.Fatalf("leadscore %s: exit %d, want %d\n%s\n%s", strings.Join(args, " "), code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not say %q", text, p)
		}
	}
}

func exists(t *testing.T, want bool, path string) {
	t.Helper()
	_, err := os.Stat(path)
	if want && err != nil || !want && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v; should exist: %v", path, err, want)
	}
}

// demo trains once on a small generated history and returns its folder, with the leads and their event features as
// they were at created_at in snap.csv.
func demo(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	cmd(t, 0, "demo", "--no-serve", "--leads", "2000", "--dir", dir)
	cmd(t, 0, "features", "-c", filepath.Join(dir, "leadscore.yaml"), "--out", filepath.Join(dir, "snap.csv"))
	return dir
}

func TestDemoFromEndToEnd(t *testing.T) {
	dir := demo(t)
	run := filepath.Join(dir, "run")
	for _, f := range []string{"model.json", "metrics.json", "report.html", "report.md", "predictions.parquet"} {
		exists(t, true, filepath.Join(run, f))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	modelPath := filepath.Join(run, "model.json")

	// score in several formats gives the hold-out's numbers of predictions.parquet
	held := table(t, filepath.Join(run, "predictions.parquet"))
	want := map[string]float64{}
	for _, b := range held.Batches {
		for i := range b.Rows() {
			want[b.Value(0, i).String()] = b.Value(2, i).Num
		}
	}
	for _, name := range []string{"scored.csv", "scored.parquet", "scored.jsonl.gz"} {
		out := filepath.Join(dir, name)
		stdout, _ := cmd(t, 0, "score", "--model", run, "--in", filepath.Join(dir, "snap.csv"), "--out", out)
		says(t, stdout, "scored 2000 leads", "nurture", "MQL")
		scored := table(t, out)
		same := 0
		id, p := scored.Schema.Index("lead_id"), scored.Schema.Index("probability")
		for _, b := range scored.Batches {
			for i := range b.Rows() {
				if w, ok := want[b.Value(id, i).String()]; ok {
					if got := b.Value(p, i).Num; got != w {
						t.Fatalf("%s: lead %s has %v, the hold-out had %v", name, b.Value(id, i).String(), got, w)
					}
					same++
				}
			}
		}
		if same != len(want) || same < 200 {
			t.Errorf("%s: %d of %d hold-out leads found", name, same, len(want))
		}
	}

	stdout, _ := cmd(t, 0, "evaluate", "--model", modelPath, "--data", filepath.Join(dir, "snap.csv"), "--json")
	var card struct {
		Targets map[string]struct {
			Scores map[string]struct{ AUC struct{ Value float64 } }
		}
	}
	if err := json.Unmarshal([]byte(stdout), &card); err != nil {
		t.Fatal(err)
	}
	if auc := card.Targets["won"].Scores["model"].AUC.Value; auc < .7 || auc > .95 {
		t.Errorf("AUC %v on the demo's leads", auc)
	}

	stdout, _ = cmd(t, 0, "evaluate", "--model", modelPath, "--data", filepath.Join(dir, "snap.csv"), "--lang", "es")
	says(t, stdout, "leads con resultado", "medidas", "calibración")
	page, err := os.ReadFile(filepath.Join(run, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "Seed of the model") || !strings.Contains(string(page), "leads: {path: leads.csv, id: lead_id, as_of: created_at}") {
		t.Error("the report has neither seed nor configuration")
	}

	stdout, _ = cmd(t, 0, "explain", "--model", modelPath, "--lead", filepath.Join(dir, "lead.json"))
	says(t, stdout, "probability of won", "because", "relative to the average lead", "rules", "what would change the recommendation")
	stdout, _ = cmd(t, 0, "explain", "--model", modelPath, "--lead", filepath.Join(dir, "lead.json"), "--lang", "es")
	says(t, stdout, "probabilidad de won", "porque", "puntuación", "qué cambiaría la recomendación")
	_, stderr := cmd(t, 2, "explain", "--model", modelPath, "--lead", filepath.Join(dir, "lead.json"), "--lang", "de")
	says(t, stderr, `--lang: unknown language "de"; want en or es`)
	stdout, _ = cmd(t, 0, "explain", "--model", modelPath, "--lead", filepath.Join(dir, "lead.json"), "--json")
	says(t, stdout, `"baseline"`, `"rule_trace"`, `"effects"`)

	registry := filepath.Join(dir, "models")
	config := filepath.Join(dir, "leadscore.yaml")
	cmd(t, 0, "train", "-c", config, "--out", run, "--registry", registry)
	cmd(t, 0, "train", "-c", config, "--out", run, "--registry", registry, "--no-promote")
	stdout, _ = cmd(t, 0, "models", "list", "--registry", registry)
	says(t, stdout, "won@v1  champion", "won@v2\n")
	cmd(t, 0, "models", "promote", "won@v2", "--registry", registry)
	stdout, _ = cmd(t, 0, "models", "rollback", "won", "--registry", registry)
	says(t, stdout, "won@v1 is the champion")
	stdout, _ = cmd(t, 0, "models", "show", "won", "--registry", registry)
	says(t, stdout, "base rate", "AUC", "trained on ", " leads (2024-")

	stdout, _ = cmd(t, 0, "rules", "check", "--rules", filepath.Join(dir, "rules.yaml"), "--data", filepath.Join(dir, "snap.csv"))
	says(t, stdout, "1 scorecard, 1 test passed")
	cmd(t, 0, "rules", "score", "--rules", filepath.Join(dir, "rules.yaml"), "--data", filepath.Join(dir, "snap.csv"), "--id", "lead_id", "--out", filepath.Join(dir, "points.csv"))
	if got := table(t, filepath.Join(dir, "points.csv")).Rows(); got != 2000 {
		t.Errorf("%d leads scored by rules, want 2000", got)
	}
}

func table(t *testing.T, path string) *datasets.Table {
	t.Helper()
	tab, err := datasets.Read(context.Background(), path, datasets.ReadOptions{Force: map[string]datasets.Field{"lead_id": {Name: "lead_id", Kind: datasets.Text}}})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestServeAnswersAndStops(t *testing.T) {
	dir := demo(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	log := &addressLog{found: make(chan string, 1)}
	done := make(chan int, 1)
	go func() {
		done <- Run(ctx, []string{"serve", "--model", filepath.Join(dir, "run"), "--addr", "127.0.0.1:0"}, Streams{Out: log, Err: log, Now: time.Now})
	}()
	var url string
	select {
	case url = <-log.found:
	case <-time.After(20 * time.Second):
		t.Fatal("the server did not say where it listens")
	}
	body, err := os.ReadFile(filepath.Join(dir, "lead.json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(url+"/v1/score", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK || answer["probability"] == nil {
		t.Errorf("%d: %v", r.StatusCode, answer)
	}
	compareWithHoldout(t, url, dir)
	http.DefaultClient.CloseIdleConnections()
	stop()
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("exit %d after a stop, want 0", code)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the server did not stop")
	}
}

// compareWithHoldout asks for 200 hold-out leads as snap.csv has them and wants the probabilities of
// predictions.parquet, bit for bit.
func compareWithHoldout(t *testing.T, url, dir string) {
	t.Helper()
	want := map[string]float64{}
	for _, b := range table(t, filepath.Join(dir, "run", "predictions.parquet")).Batches {
		for i := range b.Rows() {
			want[b.Value(0, i).String()] = b.Value(2, i).Num
		}
	}
	f, err := os.Open(filepath.Join(dir, "snap.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, row := range rows[1:] {
		p, held := want[row[0]]
		if !held || asked == 200 {
			continue
		}
		asked++
		lead := map[string]string{}
		for j, name := range rows[0] {
			if name != "split" && !strings.HasPrefix(name, "won") {
				lead[name] = row[j]
			}
		}
		body, err := json.Marshal(map[string]any{"lead": lead})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.Post(url+"/v1/score", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var a struct{ Probability float64 }
		err = json.NewDecoder(r.Body).Decode(&a)
		if e := r.Body.Close(); err != nil || e != nil {
			t.Fatal(err, e)
		}
		if a.Probability != p {
			t.Fatalf("lead %s: %v over HTTP, %v in predictions.parquet", row[0], a.Probability, p)
		}
	}
	if asked != 200 {
		t.Fatalf("%d hold-out leads asked for, want 200", asked)
	}
}

func TestStoppedTrainingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "2000", "--dir", dir)
	config := filepath.Join(dir, "lead.yaml")
	cmd(t, 0, "init", filepath.Join(dir, "leads.csv"), "-o", config)
	ctx, stop := context.WithCancel(context.Background())
	// The clock is asked for once, when training begins: that is the moment to stop.
	now := func() time.Time { stop(); return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) }
	var out, errs bytes.Buffer
	run := filepath.Join(dir, "run")
	if code := Run(ctx, []string{"train", "-c", config, "--out", run}, Streams{Out: &out, Err: &errs, Now: now}); code != exitFailed {
		t.Errorf("exit %d, want %d", code, exitFailed)
	}
	says(t, errs.String(), "stopped; nothing was written")
	exists(t, false, run)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 5 { // leads.csv, events.parquet, truth.csv, truth.json, lead.yaml
		t.Errorf("left behind: %v", entries)
	}
}

// addressLog hears the first line that names an address.
type addressLog struct {
	found chan string
	said  bool
}

func (l *addressLog) Write(b []byte) (int, error) {
	if _, rest, ok := strings.Cut(string(b), "on http://"); ok && !l.said {
		l.said = true
		l.found <- "http://" + strings.TrimSpace(rest)
	}
	return len(b), nil
}

func TestInitProposesWhatTrains(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "2000", "--seed", "5", "--dir", dir)
	config := filepath.Join(dir, "lead.yaml")
	stdout, _ := cmd(t, 0, "init", filepath.Join(dir, "leads.csv"), "-o", config)
	says(t, stdout, "id lead_id", "outcome status (positive: closed_won)", "as of created_at", "suspected leak: contract_value")
	_, stderr := cmd(t, 2, "init", filepath.Join(dir, "leads.csv"), "-o", config)
	says(t, stderr, "exists", "--force")
	stdout, _ = cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "run"))
	says(t, stdout, "chosen by time")
}

func TestDatasetsCommands(t *testing.T) {
	dir := t.TempDir()
	cmd(t, 0, "datasets", "generate", "--leads", "1500", "--dir", dir)
	leads := filepath.Join(dir, "leads.csv")
	stdout, _ := cmd(t, 0, "datasets", "inspect", leads)
	says(t, stdout, `csv, delimiter ","`, "1500 rows", "company_size", "11-50")
	parquet := filepath.Join(dir, "leads.parquet")
	cmd(t, 0, "datasets", "convert", leads, parquet)
	if got := table(t, parquet).Rows(); got != 1500 {
		t.Errorf("%d rows after converting, want 1500", got)
	}
	train, test := filepath.Join(dir, "train.csv"), filepath.Join(dir, "test.csv")
	cmd(t, 0, "datasets", "split", leads, "--as-of", "created_at", "--holdout", "0.1", "--train", train, "--test", test)
	if a, b := table(t, train).Rows(), table(t, test).Rows(); a+b != 1500 || b < 140 || b > 160 {
		t.Errorf("split into %d and %d rows", a, b)
	}
	out := filepath.Join(dir, "joined.csv")
	stdout, _ = cmd(t, 0, "datasets", "join", leads, test, "--on", "lead_id", "--columns", "none", "--matched", "late", "--out", out)
	says(t, stdout, "wrote 1500 rows", "0 rows of it belong to no lead")
	_, stderr := cmd(t, 1, "datasets", "join", leads, test, "--on", "lead_id", "--out", out)
	says(t, stderr, "both sides have the columns")
}

func TestMistakesEndInTheRightExitCode(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	typo := write("typo.yaml", "verion: 1\n")
	missing := write("missing.yaml", "version: 1\ndata: {leads: {path: nowhere.csv}}\ntargets: {a: {column: b, positive: [1]}}\n")
	write("empty.csv", "")
	write("header.csv", "a,b\n")
	write("twice.csv", "a,a\n1,2\n")
	write("ragged.csv", "a,b\n1,2\n3\n4,5,6\n")
	on := func(file string) string {
		return write(file+".yaml", "version: 1\ndata: {leads: {path: "+file+"}}\ntargets: {t: {column: b, positive: [1]}}\n")
	}
	run := filepath.Join(dir, "run")
	twisted := write("twisted.csv", "id,city,seen,won\n1,a,2026-01-01,0\n2,b,2026-01-02,1\n3,a,2026-01-03,1\n4,b,2026-01-04,0\n")
	ragged := filepath.Join(dir, "ragged.csv")
	tests := []struct {
		code int
		args []string
		says []string
	}{
		{2, []string{"trian"}, []string{`reading the command: leadscore has no command "trian" (did you mean train?); leadscore --help lists them`}},
		{2, []string{"version"}, []string{`has no command "version" (did you mean --version?)`}},
		{2, []string{"models", "lst"}, []string{`reading the command: leadscore models has no command "lst" (did you mean list?)`}},
		{2, []string{"train", "more", "than"}, []string{`reading arguments: leadscore train: want no arguments; found "more" "than"`}},
		{2, []string{"init"}, []string{"reading arguments: leadscore init: want DATA; found none"}},
		{2, []string{"train", "--confg", "x"}, []string{"reading flags: leadscore train has no flag --confg (did you mean --config?); leadscore train --help lists them"}},
		{2, []string{"train", "-q"}, []string{"reading flags: leadscore train has no flag -q; leadscore train"}},
		{2, []string{"train", "--out"}, []string{"reading flags: flag needs an argument: --out"}},
		{2, []string{"demo", "--leads", "few"}, []string{`reading --leads: "few"; want a whole number`}},
		{2, []string{"serve", "--log-level", "loud"}, []string{`reading --log-level: "loud"; want DEBUG, INFO, WARN or ERROR`}},
		{2, []string{"score", "--in", "x"}, []string{"reading flags: leadscore score needs --model MODEL and --out FILE too"}},
		{2, []string{"evaluate", "--data", "x"}, []string{"reading flags: leadscore evaluate needs --model or --log"}},
		{2, []string{"datasets", "split", "x", "--target", "a", "--as-of", "b"}, []string{"reading flags: --as-of and --target were given; want one of them"}},
		{2, []string{"init", twisted, "--target", "won", "--as-of", "city", "-o", filepath.Join(dir, "as_of.yaml")}, []string{`reading --as-of: column "city" is categorical; want a time column: "seen"`}},
		{2, []string{"datasets", "split", twisted, "--train", run + ".csv", "--test", filepath.Join(dir, ".", "run.csv")}, []string{"reading --train and --test: both name"}},
		{2, []string{"models", "list", "--registry", run}, []string{"reading --registry: no folder " + run}},
		{1, []string{"init", ragged, "--target", "b", "-o", filepath.Join(dir, "bad.yaml")}, []string{"2 bad rows", "--bad-rows skip"}},
		{2, []string{"train", "-c", typo, "--out", run}, []string{"typo.yaml:1:1", "version"}},
		{2, []string{"train", "-c", missing, "--out", run}, []string{"nowhere.csv"}},
		{2, []string{"train", "-c", filepath.Join(dir, "none.yaml"), "--out", run}, []string{"none.yaml"}},
		{1, []string{"train", "-c", on("empty.csv"), "--out", run}, []string{"empty.csv", "empty"}},
		{1, []string{"train", "-c", on("header.csv"), "--out", run}, []string{"header.csv"}},
		{1, []string{"train", "-c", on("twice.csv"), "--out", run}, []string{`"a"`}},
		{1, []string{"train", "-c", on("ragged.csv"), "--out", run}, []string{"2 bad rows", "line 3", "line 4"}},
		{1, []string{"evaluate", "--model", filepath.Join(dir, "no.json"), "--data", "x.csv"}, []string{"no.json"}},
		{2, []string{"train", "--lang", "fr"}, []string{"en or es"}},
		{2, []string{"evaluate", "--model", "m", "--data", "d", "--lang", "fr"}, []string{"en or es"}},
		{2, []string{"demo", "--leads", "3"}, []string{"1000"}},
	}
	for _, tt := range tests {
		_, stderr := cmd(t, tt.code, tt.args...)
		says(t, stderr, tt.says...)
		if strings.Contains(stderr, "panic") || strings.Contains(stderr, "goroutine") {
			t.Errorf("%v: %s", tt.args, stderr)
		}
	}
	exists(t, false, run)
}

func TestDamagedArtifactIsRefused(t *testing.T) {
	dir := demo(t)
	path := filepath.Join(dir, "run", "model.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"truncated": whole[:len(whole)/2],
		"digest":    bytes.Replace(whole, []byte(`"intercept": -`), []byte(`"intercept": -1`), 1),
	} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "scored.csv")
		_, stderr := cmd(t, 1, "score", "--model", path, "--in", filepath.Join(dir, "leads.csv"), "--out", out)
		says(t, stderr, name)
		exists(t, false, out)
	}
}

func TestRealLeadsFromInitToScore(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with xeducation_leads.csv")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "lead.yaml")
	stdout, _ := cmd(t, 0, "init", filepath.Join(folder, "xeducation_leads.csv"), "--id", "Prospect ID", "--target", "Converted", "-o", config)
	says(t, stdout, "suspected leak: Tags", "suspected leak: Lead Quality")
	cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "run"))
	damaged := filepath.Join(folder, "xeducation_leads_damaged.csv")
	out := filepath.Join(dir, "scored.parquet")
	_, stderr := cmd(t, 1, "score", "--model", filepath.Join(dir, "run"), "--in", damaged, "--out", out)
	says(t, stderr, "338")
	exists(t, false, out)
	stdout, stderr = cmd(t, 0, "score", "--model", filepath.Join(dir, "run"), "--in", damaged, "--out", out, "--bad-rows", "skip")
	says(t, stdout, "scored 8902 leads")
	says(t, stderr, "338 bad rows were skipped")
}

func TestOlistTrainsForwardInTime(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with olist_mql.csv")
	}
	dir := t.TempDir()
	joined, config := filepath.Join(dir, "olist.csv"), filepath.Join(dir, "olist.yaml")
	stdout, _ := cmd(t, 0, "datasets", "join", filepath.Join(folder, "olist_mql.csv"), filepath.Join(folder, "olist_closed_deals.csv"),
		"--on", "mql_id", "--columns", "none", "--matched", "won", "--out", joined)
	says(t, stdout, "wrote 8000 rows", "842 have a row")
	_, stderr := cmd(t, 2, "init", joined, "--id", "mql_id", "--target", "won=si", "-o", config)
	says(t, stderr, `which value of "won" means converted`, "false, true")
	cmd(t, 0, "init", joined, "--id", "mql_id", "--target", "won", "--as-of", "first_contact_date", "-o", config)
	stdout, _ = cmd(t, 0, "train", "-c", config, "--out", filepath.Join(dir, "run"))
	says(t, stdout, "chosen by time")
}
