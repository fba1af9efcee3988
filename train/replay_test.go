package train

import (
	"context"
	"encoding/json"
	"errors"
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
	"leadscore/train/evaluate"
)

func fixed(points float64, when rules.Condition) rules.Rule {
	return rules.Rule{Name: "r", When: when, Points: rules.Points{Fixed: points}}
}

// sourceRules give points by source, and a hard rule takes the ads out.
func sourceRules() *rules.File {
	return &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default",
		Groups: []rules.Group{{Name: "fit", Rules: []rules.Rule{
			{Name: "partner", When: rules.Condition{Field: "source", In: rules.Values{"partner"}}, Points: rules.Points{Fixed: 30}},
			{Name: "web", When: rules.Condition{Field: "source", In: rules.Values{"web"}}, Points: rules.Points{Fixed: 10}},
		}}},
		Hard: []rules.HardRule{{Name: "no ads", When: rules.Condition{Field: "source", In: rules.Values{"ads"}}, Stage: "disqualify"}},
	}}}
}

// replayTable reads generated leads as a replay without a model does.
func replayTable(t testing.TB, n int) ReplayLeads {
	t.Helper()
	table, err := datasets.Read(context.Background(), writeLeads(t, makeLeads(n, 4)), datasets.ReadOptions{Force: map[string]datasets.Field{
		"lead_id": {Name: "lead_id", Kind: datasets.Text}, "status": {Name: "status", Kind: datasets.Categorical},
	}})
	if err != nil {
		t.Fatal(err)
	}
	asOf, err := times(table, "created_at")
	if err != nil {
		t.Fatal(err)
	}
	return ReplayLeads{Table: table, ID: "lead_id", AsOf: asOf, Outcome: &Target{Name: "status", Column: "status", Positive: []string{"won"}}}
}

func at(name string, f *rules.File, mql float64) ReplayRules {
	return ReplayRules{Name: name, File: f, MQL: &mql}
}

func replayed(t testing.TB, leads ReplayLeads, o ReplayOptions) *Replayed {
	t.Helper()
	r, err := Replay(context.Background(), leads, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestReplayCounts holds every figure against a count by hand.
func TestReplayCounts(t *testing.T) {
	all := makeLeads(1200, 4)
	r := replayed(t, replayTable(t, 1200), ReplayOptions{New: at("new", sourceRules(), 10), Current: at("old", visitRules(), 10), ByMonth: true})
	var selected, won [2]int
	var in, inWon, out, outWon, wins int
	months := map[string]int{}
	for _, l := range all {
		old, next := l.visits > 1, l.source == "partner" || l.source == "web" // points ≥ 10, the limit itself too
		w := 0
		if l.label == "won" {
			w = 1
		}
		wins += w
		for k, is := range []bool{old, next} {
			if is {
				selected[k]++
				won[k] += w
			}
		}
		switch {
		case next && !old:
			in++
			inWon += w
			months[l.created[:7]]++
		case old && !next:
			out++
			outWon += w
		}
	}
	if r.Current.Selected.Leads != selected[0] || r.New.Selected.Leads != selected[1] {
		t.Errorf("selected %d and %d, want %v", r.Current.Selected.Leads, r.New.Selected.Leads, selected)
	}
	for k, s := range []model.ReplaySide{r.Current, r.New} {
		if s.Precision != evaluate.Wilson(float64(won[k]), float64(selected[k])) || s.Recall != evaluate.Wilson(float64(won[k]), float64(wins)) {
			t.Errorf("side %d: precision %v, recall %v", k, s.Precision, s.Recall)
		}
	}
	if r.In.Leads != in || r.In.Converted != inWon || r.Out.Leads != out || r.Out.Converted != outWon || in == 0 || out == 0 {
		t.Errorf("in %+v, out %+v; want %d of which %d, %d of which %d", r.In, r.Out, in, inWon, out, outWon)
	}
	if d := r.AUC.Difference.Value; math.Abs(d-(r.New.AUC.Value-r.Current.AUC.Value)) > 1e-12 || d == 0 {
		t.Errorf("AUC %v and %v, difference %v", r.New.AUC.Value, r.Current.AUC.Value, d)
	}
	moves := map[[2]model.Stage]int{}
	leads := 0
	for _, m := range r.Stages {
		moves[[2]model.Stage{m.From, m.To}] = m.Leads
		leads += m.Leads
	}
	if leads != 1200 || moves[[2]model.Stage{model.Nurture, model.MQL}]+moves[[2]model.Stage{model.Disqualify, model.MQL}] != in || moves[[2]model.Stage{model.MQL, model.Disqualify}] == 0 {
		t.Errorf("moves %v", moves)
	}
	total := 0
	for _, m := range r.Months {
		if m.In != months[m.Month] {
			t.Errorf("month %s: %d in, want %d", m.Month, m.In, months[m.Month])
		}
		total += m.Leads
	}
	if total != 1200 || len(r.Months) != 12 || r.Rows.Days < 330 || math.Abs(float64(r.New.Selected.PerDay)*float64(r.Rows.Days)-float64(selected[1])) > 1e-9 {
		t.Errorf("months %d of %d leads, %d days", len(r.Months), total, r.Rows.Days)
	}
	for _, e := range append(r.In.Examples, r.Out.Examples...) {
		sum := 0.0
		for _, c := range e.Changes {
			sum += c.New - c.Current
		}
		if sum != e.New-e.Current || e.Lead != all[e.Row-1].id || (e.Outcome == "converted") != (all[e.Row-1].label == "won") {
			t.Errorf("example %+v: the changes add up to %v", e, sum)
		}
	}
}

// TestReplayLaws: nothing changes by the same rules, and there and back is the same.
func TestReplayLaws(t *testing.T) {
	leads := replayTable(t, 700)
	a, b := at("a", sourceRules(), 10), at("b", visitRules(), 10)
	same := replayed(t, leads, ReplayOptions{New: a, Current: a})
	if same.In.Leads+same.Out.Leads != 0 || same.AUC.Difference.Value != 0 || same.AUC.P != 1 {
		t.Errorf("the same rules: %+v", same.Replay)
	}
	for _, m := range same.Stages {
		if m.From != m.To {
			t.Errorf("the same rules move %+v", m)
		}
	}
	there, back := replayed(t, leads, ReplayOptions{New: a, Current: b}), replayed(t, leads, ReplayOptions{New: b, Current: a})
	if there.In.Leads != back.Out.Leads || there.Out.Rate != back.In.Rate || there.AUC.Difference.Value != -back.AUC.Difference.Value || there.New.Recall != back.Current.Recall {
		t.Errorf("there %+v and back %+v", there.Replay, back.Replay)
	}
	text := func(workers int) string {
		out, err := json.Marshal(replayed(t, leads, ReplayOptions{New: a, Current: b, ByMonth: true, Workers: workers}).Replay)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if text(1) != text(5) {
		t.Error("another number of workers has another replay")
	}
	// SQL by points, and a bar that nobody reaches.
	sql, none := 30.0, 1e9
	high := a
	high.SQL = &sql
	if r := replayed(t, leads, ReplayOptions{New: high, Current: a}); r.New.Stages[2].Leads == 0 || r.New.Stages[1].Leads+r.New.Stages[2].Leads != r.Current.Stages[1].Leads || r.In.Leads+r.Out.Leads != 0 {
		t.Errorf("stages %+v, before %+v", r.New.Stages, r.Current.Stages)
	}
	high.MQL, high.SQL = &none, nil
	if r := replayed(t, leads, ReplayOptions{New: high, Current: a}); r.New.Selected.Leads != 0 || !math.IsNaN(r.New.Precision.Value) || r.New.Recall.Value != 0 {
		t.Errorf("nobody: %+v", r.New)
	}
}

func TestChanges(t *testing.T) {
	line := func(rule string, points float64, kind string) rules.Line {
		return rules.Line{Group: "g", Rule: rule, Points: points, Kind: kind, Text: "disqualify: x"}
	}
	got := changes(
		[]rules.Line{line("a", 5, "rule"), line("b", 3, "rule"), line("", -2, "cap"), line("h", 0, "hard")},
		[]rules.Line{line("b", 3, "rule"), line("a", 4, "rule"), line("a", 4, "rule"), line("c", -9, "rule"), line("i", 0, "hard")},
	)
	want := []model.RuleChange{
		{Rule: "h", Kind: "hard", Text: "current: disqualify: x"}, {Rule: "i", Kind: "hard", Text: "new: disqualify: x"},
		{Rule: "c", Kind: "rule", New: -9}, {Rule: "a", Kind: "rule", Current: 5, New: 8}, {Rule: "g", Kind: "cap", Current: -2},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if text := changesText(got); text != "h (current: disqualify: x); i (new: disqualify: x); c 0 → -9; a 5 → 8; g cap -2 → 0" {
		t.Error(text)
	}
}

func TestReplayWithoutOutcomes(t *testing.T) {
	leads := replayTable(t, 300)
	leads.Outcome, leads.AsOf, leads.ID = nil, nil, ""
	r := replayed(t, leads, ReplayOptions{New: at("new", sourceRules(), 10), Current: at("old", visitRules(), 10)})
	if r.AUC != nil || r.Rows.Labelled != 0 || r.In.Leads != r.In.Open || r.In.Leads == 0 || !math.IsNaN(r.New.Precision.Value) || r.Rows.Days != 0 || !math.IsNaN(float64(r.New.Selected.PerDay)) {
		t.Errorf("%+v", r.Replay)
	}
	if _, err := json.Marshal(r.Replay); err != nil {
		t.Error(err)
	}
	_, err := Replay(context.Background(), leads, ReplayOptions{New: at("new", sourceRules(), 10), Current: at("old", visitRules(), 10), ByMonth: true})
	mustContain(t, err, "by month", "not known")
}

func TestReplayRefuses(t *testing.T) {
	leads := replayTable(t, 300)
	peek := sourceRules()
	peek.Scorecards[0].Groups[0].Rules = append(peek.Scorecards[0].Groups[0].Rules, fixed(9, rules.Condition{Field: "status", In: rules.Values{"won"}}))
	var bad *ReplayRulesError
	if _, err := Replay(context.Background(), leads, ReplayOptions{New: at("peek", peek, 10), Current: at("old", visitRules(), 10)}); !errors.As(err, &bad) || bad.Current {
		t.Errorf("rules that look at the outcome: %v", err)
	}
	if _, err := Replay(context.Background(), leads, ReplayOptions{New: at("old", visitRules(), 10), Current: at("peek", peek, 10)}); !errors.As(err, &bad) || !bad.Current {
		t.Errorf("current rules that look at the outcome: %v", err)
	}
	leads.ID = "lead"
	_, err := Replay(context.Background(), leads, ReplayOptions{New: at("new", sourceRules(), 10), Current: at("old", visitRules(), 10)})
	mustContain(t, err, `no column "lead"`)
	_, err = Replay(context.Background(), leads, ReplayOptions{New: at("new", sourceRules(), 10)})
	mustContain(t, err, "without a model")
}

// TestReplayInTheModel: a model's side is what its Scorer says, its own rules in it change nothing, and other ones do.
func TestReplayInTheModel(t *testing.T) {
	c := config(writeLeads(t, makeLeads(1200, 1)))
	c.Rules, c.Blend.Method = visitRules(), model.BlendLinear
	half := .5
	c.Blend.Weight = &half
	r := run(t, c)
	scorer, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	path := writeLeads(t, newer(500, 9))
	replay := func(path string, o ReplayOptions) *Replayed {
		x, err := ReplayModel(context.Background(), scorer, path, datasets.ReadOptions{}, time.Time{}, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	own := replay(path, ReplayOptions{New: ReplayRules{Name: "own", File: visitRules()}})
	if own.In.Leads+own.Out.Leads != 0 || own.AUC.Difference.Value != 0 || own.Current.Scale != model.ReplayScore {
		t.Errorf("its own rules: %+v", own.Replay)
	}
	f, err := readLabelled(context.Background(), "testing", scorer, r.Artifact.Targets[:1], path, datasets.ReadOptions{}, time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := f.score(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	count := map[model.Stage]int{}
	for _, s := range h.Columns.Stage {
		count[s]++
	}
	for _, v := range own.Current.Stages {
		if v.Leads != count[v.Stage] {
			t.Errorf("%s: %d leads, the scorer has %d", v.Stage, v.Leads, count[v.Stage])
		}
	}
	other := replay(path, ReplayOptions{New: ReplayRules{Name: "other", File: sourceRules()}})
	if other.In.Leads+other.Out.Leads == 0 || other.New.Stages[3].Leads == 0 {
		t.Errorf("other rules: %+v", other.Replay)
	}
	mql := 10.0
	points := replay(path, ReplayOptions{New: ReplayRules{Name: "points", File: sourceRules(), MQL: &mql}})
	if points.New.Scale != model.ReplayPoints || points.Current.Stages[1].Leads != own.Current.Stages[1].Leads {
		t.Errorf("points: %+v", points.Replay)
	}
	// The same file without its outcomes: the same volume.
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(t.TempDir(), "open.csv")
	if err := os.WriteFile(open, []byte(strings.Replace(string(text), ",status\n", ",state\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	without := replay(open, ReplayOptions{New: ReplayRules{Name: "points", File: sourceRules(), MQL: &mql}})
	if without.Rows.Labelled != 0 || without.In.Leads != points.In.Leads || without.Current.Selected.Leads != points.Current.Selected.Leads {
		t.Errorf("without outcomes: %+v, with %+v", without.Replay, points.Replay)
	}
	var bad *ReplayRulesError
	wrong := sourceRules()
	wrong.Scorecards[0].Groups[0].Rules[0].When.Field = "sauce"
	if _, err := ReplayModel(context.Background(), scorer, path, datasets.ReadOptions{}, time.Time{}, nil, ReplayOptions{New: ReplayRules{Name: "wrong", File: wrong}}); !errors.As(err, &bad) {
		t.Errorf("an unknown column: %v", err)
	}
}

// TestReplayByWeight: weight 2 is the lead twice.
func TestReplayByWeight(t *testing.T) {
	leads := makeLeads(400, 2)
	copies := drawCopies(len(leads))
	c := weightConfig(weightedFile(t, makeLeads(900, 1), drawCopies(900), false))
	scorer := scorerOf(t, c)
	mql := 30.0
	of := func(asCopies bool) *Replayed {
		for i := range leads {
			leads[i].id = "N" + leads[i].id[1:]
		}
		r, err := ReplayModel(context.Background(), scorer, weightedFile(t, leads, copies, asCopies), datasets.ReadOptions{}, time.Time{}, nil, ReplayOptions{
			New: ReplayRules{Name: "new", File: partnerRule(), MQL: &mql},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b := of(false), of(true)
	if a.Rows.Leads != b.Rows.Leads || a.New.Selected.Leads != b.New.Selected.Leads || a.In.Converted != b.In.Converted || a.Out.Rate != b.Out.Rate || a.In.Leads == 0 {
		t.Errorf("weighted %+v %+v %+v, as copies %+v %+v %+v", a.Rows, a.New.Selected, a.In, b.Rows, b.New.Selected, b.In)
	}
}

func TestMoversFile(t *testing.T) {
	r := replayed(t, replayTable(t, 6000), ReplayOptions{New: at("new", sourceRules(), 10), Current: at("old", visitRules(), 10)})
	path := filepath.Join(t.TempDir(), "movers.csv")
	n, err := r.WriteMovers(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := datasets.Read(context.Background(), path, datasets.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	moves := map[string]int{}
	at, changed := table.Schema.Index("moves"), table.Schema.Index("changes")
	for _, b := range table.Batches {
		for i := range b.Rows() {
			moves[b.Value(at, i).String()]++
			if b.Value(changed, i).Missing() && b.Value(at, i).String() == "in" {
				t.Errorf("row %d: no change", i+1)
			}
		}
	}
	if n != table.Rows() || n <= moversBatch/2 || moves["in"] != r.In.Leads || moves["out"] != r.Out.Leads {
		t.Errorf("%d rows, %v; want %d in and %d out", n, moves, r.In.Leads, r.Out.Leads)
	}
	if _, err := r.WriteMovers(filepath.Join(t.TempDir(), "nowhere", "movers.csv")); err == nil {
		t.Error("no error")
	}
}
