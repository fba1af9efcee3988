package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model"
	"leadscore/model/rules"
)

func TestRunRecoversTheTruth(t *testing.T) {
	r := run(t, config(writeLeads(t, makeLeads(6000, 1))))
	m := r.Card.Targets["won"].Scores["model"]
	// The best possible AUC of this generator is .80 (to two digits, from a million rows).
	if m.AUC.Value < .77 || m.AUC.Value > .84 {
		t.Errorf("AUC %.3f, want about .80", m.AUC.Value)
	}
	if m.AUC.Lower >= m.AUC.Value || m.AUC.Upper <= m.AUC.Value {
		t.Errorf("interval %v does not hold its value", m.AUC)
	}
	if got := r.Card.Targets["won"].Holdout.Rows; got != 1200 {
		t.Errorf("hold-out of %d rows, want 1200", got)
	}
	if len(r.Holdout.IDs) != 1200 || len(r.Holdout.Labels) != 1200 || len(r.Holdout.Columns.Probability) != 1200 {
		t.Error("the scored hold-out has other lengths than its rows")
	}
}

// Nothing of a hold-out row reaches fitting: replacing every attribute of the hold-out rows by nonsense leaves
// the artifact as it was, to the byte.
func TestHoldoutDoesNotReachTheArtifact(t *testing.T) {
	leads := makeLeads(2000, 2)
	before := run(t, config(writeLeads(t, leads)))
	held := map[string]bool{}
	for _, id := range before.Holdout.IDs {
		held[id] = true
	}
	changed := 0
	for i := range leads {
		if held[leads[i].id] {
			leads[i].source, leads[i].visits, leads[i].size = "nowhere", 1e6+float64(i), "1-10"
			changed++
		}
	}
	if changed != 400 {
		t.Fatalf("%d hold-out rows changed, want 400", changed)
	}
	after := run(t, config(writeLeads(t, leads)))
	if !bytes.Equal(artifactBytes(t, before.Artifact), artifactBytes(t, after.Artifact)) {
		t.Error("attributes of hold-out rows changed the artifact")
	}
}

func TestSameBytesOnAnyNumberOfWorkers(t *testing.T) {
	path := writeLeads(t, makeLeads(3000, 3))
	var first []byte
	for _, workers := range []int{1, 2, 7} {
		c := config(path)
		c.Workers = workers
		var b bytes.Buffer
		if err := run(t, c).Artifact.Write(&b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		} else if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("%d workers wrote other bytes than 1", workers)
		}
	}
}

func TestTimeSplitTestsOnTheLatestRows(t *testing.T) {
	c := config(writeLeads(t, makeLeads(2000, 4)))
	c.Leads.AsOf = "created_at"
	card := run(t, c).Card.Targets["won"]
	if card.Split != "time" {
		t.Fatalf("split by %s, want time", card.Split)
	}
	if card.Train.To >= card.Holdout.From {
		t.Errorf("training ends %s, the hold-out begins %s", card.Train.To, card.Holdout.From)
	}
}

func TestBlendUsesRulesThatHelp(t *testing.T) {
	c := config(writeLeads(t, makeLeads(4000, 5)))
	c.Features.Exclude = []string{"source"} // what only the rules know
	c.Rules = &rules.File{Version: 1, Scorecards: []rules.Scorecard{{Name: "default", Groups: []rules.Group{{
		Name: "fit", Rules: []rules.Rule{{Name: "partner", When: rules.Condition{Field: "source", In: []any{"partner"}}, Points: rules.Points{Fixed: 50}}},
	}}}}}
	r := run(t, c)
	s := r.Card.Targets["won"].Scores
	if b := r.Artifact.Blend; b.Method != model.BlendLogit || len(b.Groups) != 1 || b.Groups[0].Weight <= 0 {
		t.Fatalf("blend %+v, want logit with a positive weight of the rules", r.Artifact.Blend)
	}
	if s["blend"].LogLoss.Value >= s["model"].LogLoss.Value || s["blend"].LogLoss.Value >= s["rules"].LogLoss.Value {
		t.Errorf("log loss: blend %.4f, model %.4f, rules %.4f; the blend should be the least", s["blend"].LogLoss.Value, s["model"].LogLoss.Value, s["rules"].LogLoss.Value)
	}
}

func TestEvaluateGivesTheFiguresOfTheHoldout(t *testing.T) {
	leads := makeLeads(3000, 6)
	r := run(t, config(writeLeads(t, leads)))
	held := map[string]bool{}
	for _, id := range r.Holdout.IDs {
		held[id] = true
	}
	var rest []lead
	for _, l := range leads {
		if held[l.id] {
			rest = append(rest, l)
		}
	}
	path := filepath.Join(t.TempDir(), "model.json")
	if err := r.Artifact.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := model.NewScorer(loaded)
	if err != nil {
		t.Fatal(err)
	}
	card, err := Evaluate(context.Background(), scorer, writeLeads(t, rest), datasets.ReadOptions{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := card.Targets["won"].Scores["model"], r.Card.Targets["won"].Scores["model"]
	if got.AUC.Value != want.AUC.Value || got.LogLoss.Value != want.LogLoss.Value {
		t.Errorf("evaluate: AUC %v, log loss %v; the hold-out gave %v and %v", got.AUC.Value, got.LogLoss.Value, want.AUC.Value, want.LogLoss.Value)
	}
}

func TestAuditFindsWhatFollowsTheOutcome(t *testing.T) {
	leads := makeLeads(3000, 7)
	for i := range leads { // the size is filled in only for winners, mostly
		if leads[i].size = ""; leads[i].label == "won" && i%10 != 0 {
			leads[i].size = "contract"
		}
	}
	table, err := datasets.Read(context.Background(), writeLeads(t, leads), datasets.ReadOptions{Force: map[string]datasets.Field{"status": {Name: "status", Kind: datasets.Categorical}}})
	if err != nil {
		t.Fatal(err)
	}
	suspects, _, err := Audit(table, Target{Name: "won", Column: "status", Positive: []string{"won"}}, AuditOptions{ID: "lead_id"})
	if err != nil {
		t.Fatal(err)
	}
	if len(suspects) != 1 || suspects[0].Column != "company_size" || suspects[0].Severity != model.SuspectedLeak || !suspects[0].Exclude {
		t.Fatalf("suspects %+v, want company_size alone", suspects)
	}
}

// A column that tells the classes apart perfectly gives a finite model and a warning, not a crash.
func TestPerfectlySeparatedClassesAreFiniteAndSaid(t *testing.T) {
	for _, kind := range []string{"additive", "linear"} {
		leads := makeLeads(1000, 8)
		for i := range leads {
			leads[i].visits = float64(i % 7)
			if leads[i].label == "won" {
				leads[i].visits += 100
			}
		}
		c := config(writeLeads(t, leads))
		c.Model.Kind = kind
		r := run(t, c)
		for _, p := range r.Holdout.Columns.Probability {
			if !(p > 0 && p < 1) {
				t.Fatalf("%s: probability %v", kind, p)
			}
		}
		said := false
		for _, f := range r.Card.Findings {
			said = said || f.Reason == "too good"
		}
		if !said {
			t.Errorf("%s: AUC %v and no finding says so", kind, r.Card.Targets["won"].Scores["model"].AUC.Value)
		}
	}
}

func TestRealLeads(t *testing.T) {
	folder := os.Getenv("LEADSCORE_DATA")
	if folder == "" {
		t.Skip("LEADSCORE_DATA names no folder with xeducation_leads.csv")
	}
	c := Config{
		Leads:   Leads{Path: filepath.Join(folder, "xeducation_leads.csv"), ID: "Prospect ID"},
		Targets: []Target{{Name: "converted", Column: "Converted", Positive: []string{"1"}}},
		Features: features.Spec{Exclude: []string{
			"Lead Number", "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
			"Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score",
		}},
	}
	m := run(t, c).Card.Targets["converted"].Scores["model"]
	if m.AUC.Value < .86 || m.LogLoss.Value > .445 {
		t.Errorf("AUC %.4f, log loss %.4f; want at least .86 and at most .445", m.AUC.Value, m.LogLoss.Value)
	}
}

func TestHanleyMcNeil(t *testing.T) {
	// 51 positives, 58 negatives, AUC .893: standard error .032 (Hanley & McNeil 1982, table IV).
	if got := hanleyMcNeil(.893, 51, 58) / 1.96; math.Abs(got-.0325) > .001 {
		t.Errorf("standard error %.4f, want .032", got)
	}
}
