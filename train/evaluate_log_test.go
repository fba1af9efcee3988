package train

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/train/evaluate"
)

// predictionRow is a row of a log for tests.
type predictionRow struct {
	lead, asOf, at, version string
	p, rules, score         float64
	more                    string // columns in the place of the standard ones: "model":"x"
}

// line is the row as the server writes it.
func (r predictionRow) line() string {
	quote := func(s string) string {
		if s == "" {
			return "null"
		}
		return `"` + s + `"`
	}
	if r.at == "" {
		r.at = "2026-01-01T00:00:00Z"
	}
	if r.version == "" {
		r.version = "v1"
	}
	columns := []string{
		`"time":` + quote(r.at), `"lead_id":` + quote(r.lead), `"as_of":` + quote(r.asOf), `"model":"won"`, `"version":` + quote(r.version), `"digest":"d"`, `"target":"won"`,
		fmt.Sprintf(`"probability":%v`, r.p), fmt.Sprintf(`"probabilities":"{\"won\":%v,\"sql\":%v}"`, r.p, r.p/2),
		fmt.Sprintf(`"rule_score":%v`, r.rules), fmt.Sprintf(`"rule_probability":%v`, r.rules/100), `"blended":null`, fmt.Sprintf(`"score":%v`, r.score),
	}
	for _, m := range strings.Split(r.more, ";") {
		name, _, _ := strings.Cut(m, ":")
		for i := range columns {
			if name != "" && strings.HasPrefix(columns[i], name+":") {
				columns[i] = m
			}
		}
	}
	return "{" + strings.Join(columns, ",") + "}"
}

// evaluateLog writes a log and outcomes and evaluates the one on the other.
func evaluateLog(t *testing.T, rows []predictionRow, outcomes string, change func(*LogOptions)) (*LogEvaluation, error) {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.line() + "\n")
	}
	log, data := filepath.Join(dir, "log.jsonl"), filepath.Join(dir, "outcomes.csv")
	for path, text := range map[string]string{log: b.String(), data: outcomes} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := LogOptions{Name: "won", ID: "id", Targets: []Target{{Name: "won", Column: "status", Positive: []string{"won"}, Negative: []string{"lost"}, At: "closed"}}}
	if change != nil {
		change(&o)
	}
	return EvaluateLog(context.Background(), log, data, o)
}

// accountOf is the account as what:rows, and whether what came in is what went out.
func accountOf(t *testing.T, card *model.TargetCard) string {
	t.Helper()
	var parts []string
	in, out := 0, 0
	for _, c := range card.Account {
		if c.What == model.CountTrain && c.Rows == 0 {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s:%d", c.What, c.Rows))
		if c.What == model.CountLogged {
			in += c.Rows
		} else {
			out += c.Rows
		}
	}
	if in != out {
		t.Errorf("%d predictions came in, %d went out: %v", in, out, parts)
	}
	return strings.Join(parts, " ")
}

const someOutcomes = `id,status,closed
a,won,2026-03-01T00:00:00Z
b,lost,2026-03-01T00:00:00Z
c,won,2026-03-01T00:00:00Z
d,lost,
e,open,
f,lost,2026-03-01T00:00:00Z
f,lost,2026-03-01T00:00:00Z
g,won,2026-03-01T00:00:00Z
g,lost,2026-03-01T00:00:00Z
`

// TestEvaluateLogPicks: of the predictions that were made before the outcome the first or the last counts, in whatever order they stand; each goes to one line.
func TestEvaluateLogPicks(t *testing.T) {
	rows := []predictionRow{
		{lead: "a", asOf: "2026-02-02T00:00:00Z", p: .6},
		{lead: "a", asOf: "2026-02-01T00:00:00Z", p: .5},
		{lead: "a", asOf: "2026-03-01T00:00:00Z", p: .7},        // at the moment of the outcome: not after it
		{lead: "a", asOf: "2026-03-01T00:00:00.000001Z", p: .9}, // after it
		{lead: "b", asOf: "", at: "2026-02-01T00:00:00Z", p: .3},
		{lead: "b", asOf: "", at: "2026-04-01T00:00:00Z", p: .1},
		{lead: "c", asOf: "2026-01-01T00:00:00Z", at: "2026-05-01T00:00:00Z", p: .8}, // answered after it, as of a moment before
		{lead: "d", asOf: "2026-02-01T00:00:00Z", p: .2},
		{lead: "e", asOf: "2026-02-01T00:00:00Z", p: .2},
		{lead: "f", asOf: "2026-02-01T00:00:00Z", p: .25},
		{lead: "g", asOf: "2026-02-01T00:00:00Z", p: .2},
		{lead: "", asOf: "2026-02-01T00:00:00Z", p: .2},
		{lead: "zz", asOf: "2026-02-01T00:00:00Z", p: .2},
		{lead: "a", asOf: "2026-02-01T00:00:00Z", p: .2, more: `"model":"other"`},
	}
	for _, test := range []struct {
		pick string
		a    float64
	}{{"", .5}, {"first", .5}, {"last", .7}} {
		for range 2 {
			e, err := evaluateLog(t, rows, someOutcomes, func(o *LogOptions) { o.Pick = test.pick })
			if err != nil {
				t.Fatal(err)
			}
			card := e.Targets["won"]
			if got, want := accountOf(t, card), "logged:14 another model:1 no lead:1 lead unknown:1 lead ambiguous:1 after the outcome:2 another prediction:2 open:1 holdout:5"; got != want {
				t.Errorf("account\n%s\nwant\n%s", got, want)
			}
			if card.Holdout.Rows != 5 || card.Holdout.Positives != 2 {
				t.Errorf("%+v", card.Holdout)
			}
			p := []float64{test.a, .3, .8, .2, .25}
			loss := 0.
			for i, won := range []bool{true, false, true, false, false} {
				if won {
					loss -= math.Log(p[i]) / 5
				} else {
					loss -= math.Log(1-p[i]) / 5
				}
			}
			if got := card.Scores["model"].LogLoss.Value; math.Abs(got-loss) > 1e-12 {
				t.Errorf("pick %q: log loss %v, want %v", test.pick, got, loss)
			}
			if text := fmt.Sprint(e.Findings); !strings.Contains(text, "1 of the predictions were answered after the outcome") {
				t.Error(text)
			}
			slices.Reverse(rows)
		}
	}
}

// TestEvaluateLogMeasuresAsEvaluateDoes: the figures are those of the same rows measured directly, for all and for each version.
func TestEvaluateLogMeasuresAsEvaluateDoes(t *testing.T) {
	var rows []predictionRow
	var outcomes strings.Builder
	outcomes.WriteString("id,status\n")
	type sample struct {
		label               []bool
		p, points, ruled, s []float64
	}
	by := map[string]*sample{"": {}, "v1": {}, "v2": {}}
	for i := range 400 {
		x := float64(i*7919%400) / 400
		version, status := fmt.Sprintf("v%d", 1+i%2), "lost"
		won := float64(i*104729%400)/400 < x
		if won {
			status = "won"
		}
		r := predictionRow{lead: fmt.Sprint("L", i), asOf: "2026-01-02T00:00:00Z", version: version, p: .05 + .9*x, rules: float64(i % 90), score: 100 * x}
		rows = append(rows, r)
		_, _ = fmt.Fprintf(&outcomes, "L%d,%s\n", i, status)
		for _, s := range []*sample{by[""], by[version]} {
			s.label, s.p, s.points, s.ruled, s.s = append(s.label, won), append(s.p, r.p), append(s.points, r.rules), append(s.ruled, r.rules/100), append(s.s, r.score)
		}
	}
	e, err := evaluateLog(t, rows, outcomes.String(), func(o *LogOptions) { o.Targets[0].At = "" })
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*model.TargetCard{"": e.Targets["won"]}
	for _, v := range e.Versions {
		got[v.Version] = v.Targets["won"]
	}
	for version, s := range by {
		want, err := evaluate.Card(s.label, []evaluate.Scorer{{Name: "model", Score: s.p, Probability: s.p}, {Name: "rules", Score: s.points, Probability: s.ruled}, {Name: "blend", Score: s.s}}, s.s, evaluate.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for name, m := range want.Scores {
			if got := got[version].Scores[name]; got.AUC != m.AUC || fmt.Sprint(got.LogLoss, got.ECE, got.Lift10) != fmt.Sprint(m.LogLoss, m.ECE, m.Lift10) {
				t.Errorf("version %q, %s: %+v, want %+v", version, name, got, m)
			}
		}
	}
	if !strings.Contains(fmt.Sprint(e.Findings), "the outcomes have no times") {
		t.Errorf("findings %v", e.Findings)
	}
}

// TestEvaluateLogWithAHorizon: a conversion after it is none, and leads whose window was open when the outcomes end are left out.
func TestEvaluateLogWithAHorizon(t *testing.T) {
	e, err := evaluateLog(t, []predictionRow{
		{lead: "in", asOf: "2026-01-01T00:00:00Z", p: .6}, {lead: "at", asOf: "2026-01-01T00:00:00Z", p: .7}, {lead: "late", asOf: "2026-01-01T00:00:00Z", p: .3},
		{lead: "open", asOf: "2026-01-01T00:00:00Z", p: .2}, {lead: "young", asOf: "2026-02-15T00:00:00Z", p: .2},
		{lead: "grown", asOf: "2026-01-25T00:00:00Z", p: .2}, // by the outcome of another lead it is known that this one did not convert in time
	}, "id,status,closed\nin,won,2026-01-05T00:00:00Z\nat,won,2026-01-31T00:00:00Z\nlate,won,2026-02-01T00:00:00Z\nopen,,\nyoung,,\ngrown,,\nnot logged,lost,2026-03-01T00:00:00Z\n",
		func(o *LogOptions) { o.Targets[0].Horizon = "30d" })
	if err != nil {
		t.Fatal(err)
	}
	if card := e.Targets["won"]; card.Holdout.Positives != 2 || accountOf(t, card) != "logged:6 immature:1 holdout:5" {
		t.Errorf("%+v %s", card.Holdout, accountOf(t, card))
	}
}

// TestEvaluateLogHashedIDs, and what is said when the salt is missing, wrong or too much.
func TestEvaluateLogHashedIDs(t *testing.T) {
	salt := []byte("0123456789abcdef")
	plain := []predictionRow{{lead: "a", p: .6}, {lead: "b", p: .2}}
	var hashed []predictionRow
	for _, r := range plain {
		r.lead = model.HashID(salt, r.lead)
		hashed = append(hashed, r)
	}
	with := func(s []byte) func(*LogOptions) { return func(o *LogOptions) { o.Salt = s } }
	e, err := evaluateLog(t, hashed, someOutcomes, with(salt))
	if err != nil || e.Targets["won"].Holdout.Rows != 2 {
		t.Errorf("%v", err)
	}
	for _, test := range []struct {
		rows []predictionRow
		salt []byte
		want string
	}{{hashed, nil, "--log-salt"}, {plain, salt, "leave out --log-salt"}, {hashed, []byte("another"), "not in the file of outcomes"}} {
		if _, err := evaluateLog(t, test.rows, someOutcomes, with(test.salt)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// TestEvaluateLogTargets: a second target is measured where its outcomes are there, on the answers that have it.
func TestEvaluateLogTargets(t *testing.T) {
	rows := []predictionRow{{lead: "a", p: .6}, {lead: "b", p: .2}, {lead: "c", p: .7, more: `"probabilities":"{\"won\":0.7}"`}}
	e, err := evaluateLog(t, rows, "id,status,closed,qualified\na,won,,yes\nb,lost,,no\nc,won,,yes\n", func(o *LogOptions) {
		o.Targets = append(o.Targets, Target{Name: "sql", Column: "qualified", Positive: []string{"yes"}}, Target{Name: "none", Column: "nowhere", Positive: []string{"x"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if card := e.Targets["sql"]; len(e.Targets) != 2 || card.Holdout.Rows != 2 || accountOf(t, card) != "logged:3 target missing:1 holdout:2" || card.Scores["rules"].AUC.Value != 0 {
		t.Errorf("%d targets, %+v, %s", len(e.Targets), card.Holdout, accountOf(t, card))
	}
}

func TestEvaluateLogRefuses(t *testing.T) {
	good := []predictionRow{{lead: "a", p: .6}, {lead: "b", p: .2}}
	bad := func(r predictionRow) []predictionRow { return append(slices.Clone(good), r) }
	for _, test := range []struct {
		name     string
		rows     []predictionRow
		outcomes string
		change   func(*LogOptions)
		want     []string
	}{
		{name: "a probability above 1", rows: bad(predictionRow{lead: "c", p: 1.5}), want: []string{"row 3", `"probability": 1.5`, "from 0 to 1"}},
		{name: "a score above 100", rows: bad(predictionRow{lead: "c", p: .5, score: 101}), want: []string{`"score": 101`}},
		{name: "all of a row", rows: bad(predictionRow{lead: "c", p: -1, score: -1}), want: []string{`"probability": -1`, `"score": -1`}},
		{name: "no probability", rows: bad(predictionRow{lead: "c", more: `"probability":null`}), want: []string{`"probability": NaN`}},
		{name: "not JSON inside", rows: bad(predictionRow{lead: "c", p: .5, more: `"probabilities":"{x"`}), want: []string{"row 3", "not a JSON object"}},
		{name: "no time", rows: bad(predictionRow{lead: "c", p: .5, more: `"time":null`}), want: []string{`"time" is missing`}},
		{name: "another model", rows: good, change: func(o *LogOptions) { o.Name = "churn" }, want: []string{"asked for is model churn, target won", "the log has won, target won"}},
		{name: "no such lead", rows: []predictionRow{{lead: "x", p: .5}}, want: []string{"no prediction of the log can be measured", "not in the file"}},
		{name: "one class", rows: good[:1], want: []string{"1 positives and 0 negatives"}},
		{name: "an id column", rows: good, change: func(o *LogOptions) { o.ID = "idd" }, want: []string{`no column "idd"`, `did you mean "id"`}},
		{name: "no id column", rows: good, change: func(o *LogOptions) { o.ID = "" }, want: []string{"--id"}},
		{name: "a pick", rows: good, change: func(o *LogOptions) { o.Pick = "best" }, want: []string{`"best"`, "first or last"}},
		{name: "no outcomes", rows: good, outcomes: "id,state\na,won\n", want: []string{`no column "status"`}},
		{name: "no time for a horizon", rows: good, outcomes: "id,status\na,won\nb,lost\n", change: func(o *LogOptions) { o.Targets[0].Horizon = "30d" }, want: []string{`no column "closed"`}},
	} {
		outcomes := test.outcomes
		if outcomes == "" {
			outcomes = someOutcomes
		}
		_, err := evaluateLog(t, test.rows, outcomes, test.change)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nlacks %s", test.name, err, want)
			}
		}
	}
	e, err := evaluateLog(t, append(bad(predictionRow{lead: "c", p: 7}), predictionRow{lead: "d", p: .1, more: `"time":"soon"`}), someOutcomes, func(o *LogOptions) { o.BadRows = datasets.SkipBadRows })
	if err != nil || e.BadRows != 2 || e.Targets["won"].Holdout.Rows != 2 {
		t.Errorf("skipping: %+v %v", e, err)
	}
	if _, err := evaluateLog(t, bad(predictionRow{lead: "c", p: 7}), someOutcomes, func(o *LogOptions) { o.BadRows, o.MaxBadRows = datasets.SkipBadRows, 1 }); err != nil {
		t.Errorf("one row may be skipped: %v", err)
	}
	if _, err := EvaluateLog(context.Background(), filepath.Join(t.TempDir(), "x.csv"), "y", LogOptions{Name: "won", ID: "id", Targets: []Target{{}}}); err == nil {
		t.Error("a log that is not there was read")
	}
}

// FuzzEvaluateLog reads what is no log, or was one: it is an error or a card whose account adds up, never a panic.
func FuzzEvaluateLog(f *testing.F) {
	var lines strings.Builder
	for _, r := range []predictionRow{{lead: "a", p: .6}, {lead: "b", p: .2}, {lead: "c", asOf: "2026-01-01T00:00:00Z", p: .3}} {
		lines.WriteString(r.line() + "\n")
	}
	dir := f.TempDir()
	path := filepath.Join(dir, "seed.jsonl")
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		f.Fatal(err)
	}
	table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{Schema: logColumns()})
	if err != nil {
		f.Fatal(err)
	}
	columnar := filepath.Join(dir, "seed.parquet")
	if err := datasets.WriteTable(columnar, table); err != nil {
		f.Fatal(err)
	}
	parquet, err := os.ReadFile(columnar)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(false, []byte(lines.String()), []byte(someOutcomes))
	f.Add(false, []byte(lines.String()[:300]), []byte("id,status\na,won\n"))
	f.Add(true, parquet, []byte(someOutcomes))
	f.Add(true, parquet[:len(parquet)/2], []byte(someOutcomes))
	f.Fuzz(func(t *testing.T, columnar bool, log, outcomes []byte) {
		dir := t.TempDir()
		path, data := filepath.Join(dir, "log.jsonl"), filepath.Join(dir, "outcomes.csv")
		if columnar {
			path = filepath.Join(dir, "log.parquet")
		}
		if os.WriteFile(path, log, 0o600) != nil || os.WriteFile(data, outcomes, 0o600) != nil {
			t.Fatal("no room")
		}
		for _, bad := range []datasets.BadRows{datasets.FailOnBadRows, datasets.SkipBadRows} {
			o := LogOptions{Name: "won", ID: "id", BadRows: bad, Workers: 1, Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
				Targets: []Target{{Name: "won", Column: "status", Positive: []string{"won"}, Negative: []string{"lost"}, At: "closed"}}}
			e, err := EvaluateLog(context.Background(), path, data, o)
			if (e == nil) == (err == nil) {
				t.Fatalf("%v and %v", e, err)
			}
			if err != nil {
				continue
			}
			accountOf(t, e.Targets["won"])
			if auc := e.Targets["won"].Scores["model"].AUC.Value; !(auc >= 0 && auc <= 1) {
				t.Errorf("AUC %v", auc)
			}
		}
	})
}
