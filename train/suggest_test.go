package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/features/history"
	"leadscore/model"
	"leadscore/model/rules"
)

// oddLeads writes leads of every plain sort: a number with missing cells and one of few values, a boolean, a category with rare values,
// missing cells and odd texts, a text and a time that something is derived from, weights, and a pair of columns that tell only together.
func oddLeads(t testing.TB, n int, seed uint64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	b.WriteString("lead_id,first_seen,visits,stars,opted_in,source,region,tier,job_title,copies,status\n")
	sources := []string{"web", "partner", `"fair: ""Madrid"", 2025"`, "R&D <x>", "no", "", "ads"}
	for i := range n {
		source, region, tier := rng.IntN(len(sources)), rng.IntN(3), rng.IntN(3)
		visits, stars := math.Floor(rng.ExpFloat64()*50)/10, rng.IntN(4)
		eta := -.5 + []float64{0, 1, 1.1, -1, -1.2, -.4, .1}[source] + .15*visits*visits/4 + .3*float64(stars)
		if (region == 0) != (tier == 0) {
			eta -= 1.5
		}
		text, opted := fmt.Sprint(visits), ""
		if i%9 == 0 {
			text, eta = "", eta-1
		}
		if i%4 > 0 {
			opted = []string{"true", "false"}[i%2]
			eta += []float64{.8, 0}[i%2]
		}
		name := sources[source]
		if i%50 == 0 {
			name = fmt.Sprintf("rare %d", i)
		}
		status := "lost"
		if rng.Float64() < model.Sigmoid(eta) {
			status = "won"
		}
		fmt.Fprintf(&b, "L%d-%05d,2025-%02d-%02dT%02d:00:00Z,%s,%d,%s,%s,%s,%s,%s,%d,%s\n", seed, i, 1+i*12/n, 1+rng.IntN(28), rng.IntN(24), text, stars, opted, name,
			[]string{"north", "south", "east"}[region], []string{"gold", "silver", "none"}[tier], []string{"CEO", "Sales Manager", "Analyst"}[rng.IntN(3)], 1+rng.IntN(3), status)
	}
	path := filepath.Join(t.TempDir(), "odd.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func oddConfig(t testing.TB, n int) Config {
	c := config(oddLeads(t, n, 1))
	c.Features.Exclude = []string{"copies"}
	return c
}

func suggest(t testing.TB, a *model.Artifact, o SuggestOptions) *Suggested {
	t.Helper()
	s, err := Suggest(a, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// intended is the points of a lead by the codes that the pipeline gives it, which is another way than the conditions of the rules.
func (s *Suggested) intended(row []datasets.Value, asOf int64) float64 {
	p := s.artifact.Pipeline
	cells := make([]features.Cell, len(p.Features()))
	p.Row(row, asOf, cells)
	sum := 0
	for i := range s.terms {
		t := &s.terms[i]
		if t.made == nil {
			continue
		}
		code := int(cells[t.feature].Code)
		if plain, ok := p.Plain(t.feature); ok && plain.Linear {
			m := t.made.(*numberMaker)
			v := row[s.artifact.Schema.Index(p.Features()[t.feature].Column)]
			code = len(m.edges) + 1
			if !v.Missing() {
				for code = 0; code < len(m.edges) && v.Num > m.edges[code]; {
					code++
				}
			}
		}
		if points := t.made.points(t); code < len(points) {
			sum += points[code]
		}
	}
	return float64(sum)
}

// TestSuggestedPointsAreTheIntendedOnes: the rules, compiled from their file, give each lead the points of its codes, whatever the kind of
// feature and of model, with values that training never saw.
func TestSuggestedPointsAreTheIntendedOnes(t *testing.T) {
	additive := oddConfig(t, 2500)
	additive.Pairs = [][2]string{{"region", "tier"}, {"visits", "source"}, {"stars", "opted_in"}}
	linear := oddConfig(t, 1500)
	linear.Model.Kind = "linear"
	linear.Features.Columns = map[string]features.ColumnSpec{"visits": {Transform: "log"}}
	weighted := oddConfig(t, 1500)
	weighted.Features.Exclude, weighted.Leads.Weight, weighted.Interactions = nil, "copies", "none"
	events := eventConfig(t, 2500, nil)
	events.Interactions = "none"
	for name, c := range map[string]Config{"additive": additive, "linear": linear, "weighted": weighted, "events": events} {
		scorer := scorerOf(t, c)
		path, kinds := oddLeads(t, 600, 2), map[string]bool{}
		var log []string
		if c.Events != nil {
			path, log = c.Leads.Path, c.Events.Paths
		}
		f, err := readLabelled(context.Background(), "testing", scorer, scorer.Artifact().Targets[:1], path, datasets.ReadOptions{}, time.Time{}, log)
		if err != nil {
			t.Fatal(err)
		}
		for _, most := range []int{3, 40} {
			s := suggest(t, scorer.Artifact(), SuggestOptions{MaxRules: most, PointsToDouble: 17})
			if len(s.Lines) > most || len(s.Lines) != len(allRules(s.Rules)) {
				t.Errorf("%s: %d lines and %d rules of at most %d", name, len(s.Lines), len(allRules(s.Rules)), most)
			}
			if err := f.readRuleEvents(context.Background(), s.set); err != nil {
				t.Fatal(err)
			}
			some, at, f0 := map[float64]bool{}, 0, f.leads
			for _, b := range f.leads.Batches {
				row := make([]datasets.Value, len(f.leads.Schema.Fields))
				for i := range b.Rows() {
					b.Row(i, row)
					got, _ := s.set.Score(row, f.eventsAt(at), momentAt(f.asOf, at))
					if want := s.intended(row, momentAt(f.asOf, at)); got != want {
						t.Fatalf("%s, %d rules: row %d has %v points by the rules, %v by its codes: %v", name, most, at+1, got, want, row)
					}
					some[got] = true
					at++
				}
			}
			for f, feature := range scorer.Artifact().Pipeline.Features() { // at each edge, just above it, and far off
				plain, ok := scorer.Artifact().Pipeline.Plain(f)
				column := scorer.Artifact().Schema.Index(feature.Column)
				if !ok || c.Events != nil || len(plain.Edges) == 0 {
					continue
				}
				b := f0.Batches[0]
				row := make([]datasets.Value, len(f0.Schema.Fields))
				for _, x := range append([]float64{-1e300, 1e300}, plain.Edges...) {
					for _, x := range []float64{x, math.Nextafter(x, math.Inf(1))} {
						for i := range 20 {
							b.Row(i, row)
							row[column] = datasets.Number(x)
							if got, _ := s.set.Score(row, nil, datasets.MissingTime); got != s.intended(row, datasets.MissingTime) {
								t.Fatalf("%s: with %s = %v a lead has %v points by the rules, %v by its codes", name, feature.Column, x, got, s.intended(row, datasets.MissingTime))
							}
						}
					}
				}
			}
			if len(some) < 4 {
				t.Errorf("%s, %d rules: only %d scores", name, most, len(some))
			}
			for _, r := range allRules(s.Rules) {
				switch {
				case r.When.Event != "":
					kinds["event"] = true
				case r.When.All != nil:
					kinds["pair"] = true
				case r.Points.Table != nil:
					kinds["table"] = true
				case r.When.In != nil:
					kinds["list"] = true
				case r.When.Missing || r.When.Any != nil:
					kinds["missing"] = true
				}
			}
		}
		want := map[string][]string{"additive": {"pair", "table", "list", "missing"}, "linear": {"table", "list"}, "weighted": {"table", "list"}, "events": {"event", "list"}}[name]
		for _, k := range want {
			if !kinds[k] {
				t.Errorf("%s: no rule of the sort %s", name, k)
			}
		}
		if err := f.log.close(); err != nil {
			t.Error(err)
		}
	}
}

func allRules(f *rules.File) (all []rules.Rule) {
	for _, g := range f.Scorecards[0].Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func TestMoreRulesKeepNoLess(t *testing.T) {
	a := run(t, oddConfig(t, 2000)).Artifact
	before := 0.0
	for most := 1; most <= 12; most++ {
		s := suggest(t, a, SuggestOptions{MaxRules: most})
		if kept := float64(s.Kept); kept < before-1e-12 || kept > 1 {
			t.Errorf("%d rules keep %v, one less %v", most, kept, before)
		} else {
			before = kept
		}
		sum := 0.0
		for _, l := range s.Lines {
			sum += float64(l.Kept)
		}
		if math.Abs(sum-float64(s.Kept)) > 1e-9 {
			t.Errorf("%d rules: the lines keep %v, all of them %v", most, sum, s.Kept)
		}
	}
	if before < .7 {
		t.Errorf("twelve rules keep %v", before)
	}
}

// TestSuggestionIsTheSameAgain: for the artifact as it was saved, and again.
func TestSuggestionIsTheSameAgain(t *testing.T) {
	a := run(t, oddConfig(t, 1500)).Artifact
	if err := a.Seal(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := a.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := model.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	text := func(a *model.Artifact) string {
		b, err := json.Marshal(suggest(t, a, SuggestOptions{}).Suggestion)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if one, two := text(a), text(again); one != two {
		t.Errorf("%s\n%s", one, two)
	}
}

// TestRisingEffectsGiveRisingPoints holds the promise of a monotone column in its table of points.
func TestRisingEffectsGiveRisingPoints(t *testing.T) {
	c := oddConfig(t, 2000)
	c.Features.Columns = map[string]features.ColumnSpec{"visits": {Monotone: "increasing"}}
	for _, r := range allRules(suggest(t, run(t, c).Artifact, SuggestOptions{}).Rules) {
		if r.When.Field != "visits" || r.Points.Table == nil {
			continue
		}
		for i, row := range r.Points.Table[1:] {
			if before := r.Points.Table[i]; row.Points < before.Points || row.To != nil && *row.To <= *before.To {
				t.Errorf("row %+v after %+v", row, before)
			}
		}
		return
	}
	t.Error("visits has no table")
}

func TestSuggestRefuses(t *testing.T) {
	c := oddConfig(t, 800)
	c.Interactions = "none"
	r := run(t, c)
	for _, o := range []SuggestOptions{{MaxRules: -1}, {MaxRules: 5000}, {PointsToDouble: -1}, {PointsToDouble: .5}, {PointsToDouble: math.NaN()}, {PointsToDouble: math.Inf(1)}} {
		if _, err := Suggest(r.Artifact, o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	_, err := Suggest(r.Artifact, SuggestOptions{MaxRules: -3, PointsToDouble: -4})
	mustContain(t, err, "at most -3 rules", "-4 points")
	flat := *r.Artifact
	flat.Targets = []model.Target{r.Artifact.Targets[0]}
	flat.Targets[0].Effects = make([]model.TermEffect, len(r.Artifact.Targets[0].Effects))
	for i, e := range r.Artifact.Targets[0].Effects {
		flat.Targets[0].Effects[i].Table = make([]float64, len(e.Table))
	}
	_, err = Suggest(&flat, SuggestOptions{})
	mustContain(t, err, "no effect")
	withOffset := oddConfig(t, 800)
	withOffset.Features.Exclude, withOffset.Leads.Offset, withOffset.Interactions = nil, "copies", "none"
	_, err = Suggest(run(t, withOffset).Artifact, SuggestOptions{})
	mustContain(t, err, "offset", "copies")

	scorer, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	var trained *TrainingRowsError
	err = suggest(t, r.Artifact, SuggestOptions{}).Measure(context.Background(), scorer, c.Leads.Path, datasets.ReadOptions{}, time.Time{}, nil, Judges{})
	if !errors.As(err, &trained) {
		t.Errorf("rows of training: %v", err)
	}
	s := suggest(t, r.Artifact, SuggestOptions{})
	if err := s.Measure(context.Background(), scorer, c.Leads.Path, datasets.ReadOptions{}, time.Time{}, nil, Judges{AllowTrainingRows: true}); err != nil || len(s.Findings) == 0 {
		t.Errorf("allowed: %v, findings %v", err, s.Findings)
	}
}

// TestLeftOutIsNamed: what is derived from a text or by the calendar, and events that no rule counts.
func TestLeftOutIsNamed(t *testing.T) {
	c := eventConfig(t, 2500, nil)
	c.Interactions, c.Events.Spec = "none", history.Spec{Windows: []int64{30 * day}}
	s := suggest(t, run(t, c).Artifact, SuggestOptions{MaxRules: 60})
	reasons := map[string]bool{}
	for i, l := range s.LeftOut {
		reasons[l.Reason] = true
		if i > 0 && l.Share > s.LeftOut[i-1].Share {
			t.Errorf("left out %+v behind %+v", l, s.LeftOut[i-1])
		}
	}
	if !reasons[model.LeftDerived] {
		t.Errorf("left out %+v", s.LeftOut)
	}
	ruled := map[string]bool{}
	for _, l := range s.Lines {
		for _, f := range l.Features {
			ruled[f] = true
		}
	}
	for _, l := range s.LeftOut {
		if ruled[l.Feature] {
			t.Errorf("%s is left out and has a rule", l.Feature)
		}
	}
}

// TestPurifyingKeepsLogits: what is moved from a pair to its sides changes no lead's log-odds, and leaves nothing to move.
func TestPurifyingKeepsLogits(t *testing.T) {
	c := oddConfig(t, 1500)
	c.Pairs = [][2]string{{"region", "tier"}, {"visits", "source"}}
	a := run(t, c).Artifact
	p, terms := a.Pipeline, termsOf(a)
	table, err := datasets.Read(context.Background(), c.Leads.Path, datasets.ReadOptions{Schema: a.Schema})
	if err != nil {
		t.Fatal(err)
	}
	cells, row := make([]features.Cell, len(p.Features())), make([]datasets.Value, len(a.Schema.Fields))
	moved := 0.0
	for _, b := range table.Batches {
		for i := range b.Rows() {
			b.Row(i, row)
			p.Row(row, datasets.MissingTime, cells)
			was, is := 0.0, 0.0
			for f, cell := range cells {
				e := a.Targets[0].Effects[f].At(cell)
				was += e
				is += terms[f].effect[cell.Code]
				moved = max(moved, math.Abs(e-terms[f].effect[cell.Code]))
			}
			if math.Abs(was-is) > 1e-9 {
				t.Fatalf("row %d: the effects add up to %v, before to %v", i+1, is, was)
			}
		}
	}
	if moved == 0 {
		t.Error("nothing was moved")
	}
	for f, feature := range p.Features() {
		if feature.Parents == nil {
			continue
		}
		_, right := p.Coarse(feature.Parents[1])
		for i := 0; i < len(terms[f].effect); i += len(right) {
			if m := meanOf(terms[f].effect, terms[f].rows, i, i+len(right)); math.Abs(m) > 1e-3 {
				t.Errorf("%s: a row of cells has the mean %v", feature.Name, m)
			}
		}
	}
}
