package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	"leadscore/model/rules"
	"leadscore/train/baseline"
)

// newer are leads with other ids than makeLeads gives.
func newer(n int, seed uint64) []lead {
	leads := makeLeads(n, seed)
	for i := range leads {
		leads[i].id = "N" + leads[i].id
	}
	return leads
}

// visitRules give points by visits alone.
func visitRules() *rules.File {
	to := func(x float64) *float64 { return &x }
	return &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{{Name: "engagement", Rules: []rules.Rule{
		{Name: "visits", When: rules.Condition{Field: "visits"}, Points: rules.Points{Table: []rules.TableRow{{To: to(1), Points: 0}, {To: to(5), Points: 10}, {Points: 30}}}},
	}}}}}}
}

func scorerOf(t testing.TB, c Config) *model.Scorer {
	t.Helper()
	s, err := model.NewScorer(run(t, c).Artifact)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func contestOf(t testing.TB, s *model.Scorer, path string, c Contenders) *model.Contest {
	t.Helper()
	contest, err := Compare(context.Background(), s, path, datasets.ReadOptions{}, time.Time{}, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return contest
}

func contestant(t testing.TB, c *model.Contest, name string) model.Contestant {
	t.Helper()
	for _, s := range c.Scorers {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no scorer %q", name)
	return model.Contestant{}
}

func TestCompareFindsWhatTheModelGains(t *testing.T) {
	c := config(writeLeads(t, makeLeads(3000, 51)))
	plain := scorerOf(t, c)
	c.Rules = visitRules()
	s := scorerOf(t, c)
	path := writeLeads(t, newer(1500, 52))
	got := contestOf(t, s, path, Contenders{Columns: []string{"visits"}, With: []Version{{"old", plain}}, Capacity: 200})
	var names []string
	for _, x := range got.Scorers {
		names = append(names, x.Name+"/"+x.Kind)
	}
	if want := []string{"model/model", "rules/rules", "blend/blend", "visits/column", "old/version"}; !slices.Equal(names, want) {
		t.Fatalf("scorers %v, want %v", names, want)
	}
	if got.Rows.Rows != 1500 || got.Target != "won" || len(got.Overlaps) != 10 || got.Verdict.Pairs != 10 {
		t.Errorf("rows %+v, target %q, %d pairs", got.Rows, got.Target, len(got.Overlaps))
	}
	card, err := Evaluate(context.Background(), s, path, datasets.ReadOptions{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model", "rules", "blend"} {
		if a, b := contestant(t, got, name).Metrics, card.Targets["won"].Scores[name]; a.AUC != b.AUC || a.LogLoss != b.LogLoss || a.PRAUC != b.PRAUC {
			t.Errorf("%s: AUC %v and log loss %v, evaluate has %v and %v", name, a.AUC, a.LogLoss, b.AUC, b.LogLoss)
		}
	}
	if v := got.Verdict; !v.Tells || !slices.Contains(v.Than, "rules") || !slices.Contains(v.Than, "visits") || slices.Contains(v.Than, "model") || v.Gain == nil {
		t.Errorf("verdict %+v", v)
	}
	if e := contestant(t, got, "visits").Metrics.LogLoss; !math.IsNaN(e.Value) {
		t.Errorf("a column has a log loss: %v", e)
	}
	if m := got.Movers; m.A != "model" || m.B != "rules" || len(m.Up) != 5 || len(m.Down) != 5 {
		t.Errorf("movers %+v", m)
	}
	for _, m := range append(got.Movers.Up, got.Movers.Down...) {
		if m.Lead != fmt.Sprintf("NL%05d", m.Row-1) || len(m.Reasons) == 0 || m.A == m.B {
			t.Errorf("mover %+v", m)
		}
	}
	if len(got.Findings) > 0 && slices.ContainsFunc(got.Findings, func(f model.Finding) bool { return strings.HasPrefix(f.Reason, "in training") }) {
		t.Errorf("findings %v", got.Findings)
	}
}

// Rules given by a file score as those of the artifact do, but are no probability and have no blend.
func TestCompareWithOtherRules(t *testing.T) {
	c := config(writeLeads(t, makeLeads(2000, 53)))
	c.Features.Exclude = []string{"company_size"}
	c.Rules = visitRules()
	s := scorerOf(t, c)
	path := writeLeads(t, newer(800, 54))
	own := contestOf(t, s, path, Contenders{})
	same := contestOf(t, s, path, Contenders{Rules: visitRules()})
	if a, b := contestant(t, own, "rules").Metrics.AUC, contestant(t, same, "rules").Metrics.AUC; a != b {
		t.Errorf("the same rules have an AUC of %v and %v", a, b)
	}
	if len(same.Scorers) != 2 || !slices.ContainsFunc(same.Findings, func(f model.Finding) bool { return f.Reason == "blend" }) {
		t.Errorf("%d scorers, findings %v", len(same.Scorers), same.Findings)
	}
	// Rules may read what the model leaves unread.
	sized := visitRules()
	sized.Scorecards[0].Groups[0].Rules = append(sized.Scorecards[0].Groups[0].Rules, rules.Rule{
		Name: "size", When: rules.Condition{Field: "company_size", In: []any{"51-200"}}, Points: rules.Points{Fixed: 50}})
	other := contestOf(t, s, path, Contenders{Rules: sized})
	if a, b := contestant(t, other, "rules").Metrics.AUC, contestant(t, same, "rules").Metrics.AUC; a == b {
		t.Error("a rule on an excluded column makes no difference")
	}
	wrong := visitRules()
	wrong.Scorecards[0].Groups[0].Rules[0].When.Field = "status"
	_, err := Compare(context.Background(), s, path, datasets.ReadOptions{}, time.Time{}, nil, Contenders{Rules: wrong})
	var bad *RulesError
	if !errors.As(err, &bad) {
		t.Errorf("rules that read the outcome: %v", err)
	}
}

func TestCompareRefusesTrainingRows(t *testing.T) {
	leads := makeLeads(1500, 55)
	c := config(writeLeads(t, leads))
	c.Rules = visitRules()
	r := run(t, c)
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	trained := r.Card.Targets["won"].Train.Rows
	few := append(newer(500, 56), leads...)
	path := writeLeads(t, few)
	_, err = Compare(context.Background(), s, path, datasets.ReadOptions{}, time.Time{}, nil, Contenders{})
	var refused *TrainingRowsError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v", err)
	}
	mustContain(t, err, fmt.Sprintf("%d of 2000 rows were in the training of the model", trained))
	got := contestOf(t, s, path, Contenders{AllowTrainingRows: true})
	if !slices.ContainsFunc(got.Findings, func(f model.Finding) bool { return f.Reason == "in training" }) {
		t.Errorf("findings %v", got.Findings)
	}
	card, err := Evaluate(context.Background(), s, path, datasets.ReadOptions{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(card.Findings, func(f model.Finding) bool {
		return f.Reason == "in training" && strings.Contains(f.Text, fmt.Sprintf("%d of 2000 rows", trained))
	}) {
		t.Errorf("findings %v", card.Findings)
	}

	// The hold-out of the training file is new to it, and one row is enough to be refused.
	held := map[string]bool{}
	for _, id := range r.Holdout.IDs {
		held[id] = true
	}
	var out, one []lead
	for _, l := range leads {
		if held[l.id] {
			out = append(out, l)
		} else if one == nil {
			one = []lead{l}
		}
	}
	contestOf(t, s, writeLeads(t, out), Contenders{})
	_, err = Compare(context.Background(), s, writeLeads(t, append(out, one...)), datasets.ReadOptions{}, time.Time{}, nil, Contenders{})
	mustContain(t, err, "1 of 301 rows were in the training of the model")

	// So are rows that another version was trained on.
	path = writeLeads(t, newer(1500, 57))
	other := scorerOf(t, config(path))
	_, err = Compare(context.Background(), s, path, datasets.ReadOptions{}, time.Time{}, nil, Contenders{With: []Version{{"late", other}}})
	mustContain(t, err, `1200 of 1500 rows were in the training of model "late"`)

	// A model of before there were digests cannot tell.
	r.Artifact.TrainedRows = nil
	if s, err = model.NewScorer(r.Artifact); err != nil {
		t.Fatal(err)
	}
	got = contestOf(t, s, path, Contenders{})
	if !slices.ContainsFunc(got.Findings, func(f model.Finding) bool { return f.Reason == "in training?" }) {
		t.Errorf("findings %v", got.Findings)
	}
}

// Without ids a row is known by all its columns, those too that the model does not use.
func TestTrainingRowsWithoutIDs(t *testing.T) {
	leads := makeLeads(1200, 58)
	c := config(writeLeads(t, leads))
	c.Leads.ID = ""
	c.Rules = visitRules()
	c.Features.Exclude = []string{"lead_id"} // unread: rows are known by the rest
	r := run(t, c)
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	if tr := r.Artifact.TrainedRows; tr.ByID || slices.Contains(tr.Columns, "lead_id") || !slices.Contains(tr.Columns, "created_at") || slices.Contains(tr.Columns, "status") {
		t.Fatalf("known by %v", tr.Columns)
	}
	_, err = Compare(context.Background(), s, writeLeads(t, leads), datasets.ReadOptions{}, time.Time{}, nil, Contenders{})
	var refused *TrainingRowsError
	if !errors.As(err, &refused) {
		t.Errorf("error %v", err)
	}
	contestOf(t, s, writeLeads(t, newer(600, 59)), Contenders{})
}

// A column that is read but makes no feature, as a constant one, still tells rows apart, and evaluation reads it for that.
func TestTrainingRowsAreKnownByUnusedColumns(t *testing.T) {
	write := func(batch string, leads []lead) string {
		var b bytes.Buffer
		b.WriteString("batch,source,company_size,visits,status\n")
		for _, l := range leads {
			fmt.Fprintf(&b, "%s,%s,%s,%g,%s\n", batch, l.source, l.size, l.visits+float64(len(b.Bytes()))/1e7, l.label)
		}
		path := filepath.Join(t.TempDir(), "leads.csv")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	leads := makeLeads(1000, 70)
	c := config(write("spring", leads))
	c.Leads.ID, c.Rules = "", visitRules()
	s := scorerOf(t, c)
	_, err := Compare(context.Background(), s, c.Leads.Path, datasets.ReadOptions{}, time.Time{}, nil, Contenders{})
	mustContain(t, err, "800 of 1000 rows were in the training")
	contestOf(t, s, write("autumn", leads), Contenders{})
}

// The same lead at another moment is another row.
func TestTrainingRowsAtMoments(t *testing.T) {
	leads := makeLeads(1500, 60)
	c := config(writeLeads(t, leads))
	c.Leads.AsOf, c.Rules = "created_at", visitRules()
	s := scorerOf(t, c)
	later := slices.Clone(leads)
	for i := range later {
		later[i].created = strings.Replace(later[i].created, "2025", "2024", 1)
	}
	contestOf(t, s, writeLeads(t, later), Contenders{})
	_, err := Compare(context.Background(), s, writeLeads(t, leads), datasets.ReadOptions{}, time.Time{}, nil, Contenders{})
	mustContain(t, err, "1200 of 1500 rows were in the training")
}

func TestCompareRefuses(t *testing.T) {
	c := config(writeLeads(t, makeLeads(1000, 61)))
	s := scorerOf(t, c)
	leads := newer(300, 62)
	path := writeLeads(t, leads)
	dated := config(writeLeads(t, makeLeads(1000, 63)))
	dated.Leads.AsOf = "created_at + 3d"
	late := scorerOf(t, dated)
	dated.Leads.AsOf = "created_at"
	early := scorerOf(t, dated)
	write := func(name, text string) string {
		p := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	unlabelled := write("unlabelled.csv", strings.Replace(string(whole), ",status\n", ",other\n", 1))
	lost := write("lost.csv", strings.ReplaceAll(string(whole), ",won\n", ",lost\n"))
	narrow := write("narrow.csv", strings.Replace(string(whole), "source,company_size,visits", "a,b,c", 1))
	for name, x := range map[string]struct {
		scorer *model.Scorer
		path   string
		c      Contenders
		says   []string
	}{
		"nothing":         {s, path, Contenders{}, []string{"nothing to compare the model with"}},
		"unknown column":  {s, path, Contenders{Columns: []string{"visit"}}, []string{`no column "visit"`, `did you mean "visits"`}},
		"text column":     {s, path, Contenders{Columns: []string{"source"}}, []string{`column "source" is categorical; a score is numeric`}},
		"the outcome":     {s, path, Contenders{Columns: []string{"status"}}, []string{`column "status" holds an outcome`}},
		"same name":       {s, path, Contenders{Columns: []string{"visits", "visits"}}, []string{`two scorers are named "visits": a column and a column`}},
		"named model":     {s, path, Contenders{With: []Version{{"model", s}}}, []string{`two scorers are named "model"`}},
		"baseline":        {s, path, Contenders{Baselines: []string{"forest"}, TrainOn: path}, []string{`unknown baseline "forest"; want naive_bayes or tree`}},
		"no leads to fit": {s, path, Contenders{Baselines: []string{"tree"}}, []string{"baselines need labelled leads"}},
		"fit to the same": {s, path, Contenders{Baselines: []string{"tree"}, TrainOn: path}, []string{"all of its leads are measured here"}},
		"no labels":       {s, unlabelled, Contenders{Columns: []string{"visits"}}, []string{`no column "status", which holds the outcome of target "won"`}},
		"one class":       {s, lost, Contenders{Columns: []string{"visits"}}, []string{"0 positives"}},
		"other columns":   {s, narrow, Contenders{Columns: []string{"c"}}, []string{"the file lacks 3 columns that the model uses", `"source", "company_size", "visits"`}},
		"other moments":   {early, path, Contenders{With: []Version{{"late", late}}}, []string{`model "late" looks at other rows`, `as of "created_at + 3d", not of "created_at"`}},
		"capacity":        {s, path, Contenders{Columns: []string{"visits"}, Capacity: 301}, []string{"a capacity of 301 leads", "at most 300"}},
	} {
		_, err := Compare(context.Background(), x.scorer, x.path, datasets.ReadOptions{}, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), nil, x.c)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		t.Run(name, func(t *testing.T) { mustContain(t, err, x.says...) })
	}
}

// A lead without a number in the column stands behind all others, and is counted.
func TestColumnsWithMissingValues(t *testing.T) {
	s := scorerOf(t, config(writeLeads(t, makeLeads(1000, 64))))
	var b bytes.Buffer
	b.WriteString("lead_id,created_at,source,company_size,visits,crm,status\n")
	for i, l := range newer(400, 65) {
		crm := ""
		if i%4 > 0 {
			crm = fmt.Sprint(-l.visits) // below zero: missing is not zero
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%g,%s,%s\n", l.id, l.created, l.source, l.size, l.visits, crm, l.label)
	}
	path := filepath.Join(t.TempDir(), "crm.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got := contestOf(t, s, path, Contenders{Columns: []string{"crm"}})
	if c := contestant(t, got, "crm"); c.Missing != 100 || c.Metrics.AUC.Value > .5 {
		t.Errorf("%d missing, AUC %v", c.Missing, c.Metrics.AUC.Value)
	}
	least := 0.0
	for _, m := range append(got.Movers.Up, got.Movers.Down...) {
		least = max(least, m.B)
	}
	if least != 350.5 { // the mean place of the last hundred
		t.Errorf("the last place in the column is %v, want 350.5", least)
	}
}

func TestCompareIsTheSameOnAnyNumberOfWorkers(t *testing.T) {
	c := config(writeLeads(t, makeLeads(1200, 66)))
	c.Rules = visitRules()
	s := scorerOf(t, c)
	path := writeLeads(t, newer(500, 67))
	var first []byte
	for _, workers := range []int{1, 3} {
		got, err := Compare(context.Background(), s, path, datasets.ReadOptions{Workers: workers}, time.Time{}, nil, Contenders{Columns: []string{"visits"}})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, b) {
			t.Errorf("%d workers give another comparison", workers)
		}
		first = b
	}
}

// What baselines are fitted to is coded within its levels, and has none of the leads that are measured.
func TestCodingForBaselines(t *testing.T) {
	leads := makeLeads(1500, 68)
	for _, kind := range []string{"additive", "linear"} {
		c := config(writeLeads(t, leads))
		c.Model.Kind = kind
		s := scorerOf(t, c)
		read := func(l []lead) *labelledFile {
			f, err := readLabelled(context.Background(), "testing", s, s.Artifact().Targets[:1], writeLeads(t, l), datasets.ReadOptions{}, time.Time{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		unseen := newer(200, 69)
		unseen[0].source, unseen[1].visits = "nowhere", 1e9
		train, measured := read(leads), read(append(unseen, leads[:100]...))
		taken, err := train.without(measured)
		if err != nil || taken != 100 {
			t.Fatalf("%s: %d rows taken out, %v; want 100", kind, taken, err)
		}
		coding := baseline.NewCoding(s.Artifact().Pipeline)
		fitted, err := coding.Fit(train.leads, train.holdout, make([]bool, train.rows()))
		if err != nil {
			t.Fatal(err)
		}
		scored, err := coding.Score(measured.leads, measured.holdout)
		if err != nil {
			t.Fatal(err)
		}
		both := []baseline.Rows{fitted, scored}
		if len(fitted.Label) != 1400 || len(scored.Label) != 0 {
			t.Errorf("%s: %d and %d labels, want 1400 and none", kind, len(fitted.Label), len(scored.Label))
		}
		varied := false
		for k, column := range both[0].Columns {
			other := both[1].Columns[k]
			if other.Name != column.Name || other.Levels != column.Levels || len(column.Codes) != 1400 || len(other.Codes) != 300 {
				t.Fatalf("%s: columns %q and %q with %d and %d levels", kind, column.Name, other.Name, column.Levels, other.Levels)
			}
			for _, code := range append(slices.Clone(column.Codes), other.Codes...) {
				if int(code) >= column.Levels {
					t.Fatalf("%s: %q has code %d of %d levels", kind, column.Name, code, column.Levels)
				}
			}
			if column.Name == "visits" && len(slices.Compact(slices.Sorted(slices.Values(column.Codes)))) > 3 {
				varied = true
			}
		}
		if !varied {
			t.Errorf("%s: visits are not cut into bins", kind)
		}
	}
}
