package model

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
	"leadscore/model/rules"
)

var encodings = []features.Encoding{features.Linear, features.Additive}

// The rule above all: a lead alone and the same lead in a batch are the same bits.
func TestScoreEqualsScoreBatch(t *testing.T) {
	table := leads(t, 500, 1)
	for _, e := range encodings {
		for name, a := range map[string]*Artifact{"with rules": fixture(t, table, e), "model alone": withoutRules(t, table, e)} {
			a.Targets[1].Calibration = &Calibration{Method: CalibrateBeta, A: .9, B: 1.2, C: .1}
			s := scorer(t, a)
			fresh := leads(t, 300, 2)
			fresh.Batches[0].Column(2).Numbers[0] = 1e300 // far outside of what training saw
			var c Columns
			if err := s.ScoreBatch(fresh.Batches[0], &c); err != nil {
				t.Fatal(err)
			}
			stages := map[Stage]int{}
			var p Prediction
			for i := range fresh.Rows() {
				if err := s.Score(leadAt(fresh, i), &p); err != nil {
					t.Fatal(err)
				}
				if !same(p.Probability, c.Probability[i]) || !same(p.Probabilities[1], c.Probabilities[1][i]) ||
					!same(p.Score, c.Score[i]) || !same(p.RuleScore, c.RuleScore[i]) || !same(p.Blended, c.Blended[i]) ||
					p.Grade != c.Grade[i] || p.Stage != c.Stage[i] {
					t.Fatalf("%s %s row %d: alone %+v, in the batch %v %v %v %v %v", e, name, i, p, c.Probability[i], c.Score[i], c.RuleScore[i], c.Grade[i], c.Stage[i])
				}
				stages[p.Stage]++
			}
			if len(stages) < 3 {
				t.Errorf("%s %s: the leads reach only %v", e, name, stages)
			}
		}
	}
}

func TestScoreIsTheSumOfItsTables(t *testing.T) {
	table := leads(t, 300, 1)
	a := fixture(t, table, features.Linear)
	s := scorer(t, a)
	cells := make([]features.Cell, len(a.Pipeline.Features()))
	var p Prediction
	for i := range table.Rows() {
		l := leadAt(table, i)
		if err := s.Score(l, &p); err != nil {
			t.Fatal(err)
		}
		a.Pipeline.Row(l.Values, l.Values[4].Time, cells)
		for k, tg := range a.Targets {
			want := tg.Intercept
			for f, c := range cells {
				if int(c.Code) < len(tg.Effects[f].Table) {
					want += tg.Effects[f].Table[c.Code]
				}
				want += tg.Effects[f].Slope * c.Z
			}
			if math.Abs(p.Logits[k]-want) > 1e-12 || math.Abs(p.Probabilities[k]-1/(1+math.Exp(-want))) > 1e-14 {
				t.Fatalf("row %d target %d: logit %v, want %v", i, k, p.Logits[k], want)
			}
		}
		score, blended := a.Blend.Score(p.Probability, p.RuleScore, nil)
		if p.Score != score || p.Blended != blended {
			t.Fatalf("row %d: score %v and %v, want %v and %v", i, p.Score, p.Blended, score, blended)
		}
	}
}

func TestSaveLoadScoresTheSameBits(t *testing.T) {
	table := leads(t, 400, 1)
	for _, e := range encodings {
		a := fixture(t, table, e)
		var file bytes.Buffer
		if err := a.Write(&file); err != nil {
			t.Fatal(err)
		}
		back, err := Read(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		var before, after Columns
		if err := scorer(t, a).ScoreBatch(table.Batches[0], &before); err != nil {
			t.Fatal(err)
		}
		if err := scorer(t, back).ScoreBatch(table.Batches[0], &after); err != nil {
			t.Fatal(err)
		}
		for i := range before.Score {
			if !same(before.Probability[i], after.Probability[i]) || !same(before.Score[i], after.Score[i]) || before.Stage[i] != after.Stage[i] {
				t.Fatalf("%s row %d: %v before, %v after", e, i, before.Probability[i], after.Probability[i])
			}
		}
		var again bytes.Buffer
		if err := back.Write(&again); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Errorf("%s: saved, loaded and saved again is another file", e)
		}
	}
}

func TestScorerIsSafeForManyGoroutines(t *testing.T) {
	table := leads(t, 64, 1)
	a := fixture(t, table, features.Linear)
	s := scorer(t, a)
	var want Columns
	if err := s.ScoreBatch(table.Batches[0], &want); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := NewScorer(a); err != nil {
				t.Error(err)
			}
			var c Columns
			if err := s.ScoreBatch(table.Batches[0], &c); err != nil {
				t.Error(err)
			}
			for i := range table.Rows() {
				e, err := s.Explain(leadAt(table, i), 3)
				if err != nil || !same(e.Probability, want.Probability[i]) || !same(c.Score[i], want.Score[i]) {
					t.Errorf("row %d differs: %v", i, err)
				}
			}
		})
	}
	wait.Wait()
}

// A reused Prediction and reused Columns hold nothing of the lead before.
func TestReuseLeavesNothingBehind(t *testing.T) {
	table := leads(t, 100, 1)
	s := scorer(t, fixture(t, table, features.Additive))
	var reused Explanation
	for i := range table.Rows() {
		if err := s.Advise(leadAt(table, i), 4, &reused); err != nil {
			t.Fatal(err)
		}
		fresh, err := s.Explain(leadAt(table, i), 4)
		if err != nil {
			t.Fatal(err)
		}
		if reused.LeadID != fresh.LeadID || !same(reused.Score, fresh.Score) || reused.Stage != fresh.Stage ||
			strings.Join(reused.Because, "|") != strings.Join(fresh.Because, "|") ||
			strings.Join(reused.Warnings, "|") != strings.Join(fresh.Warnings, "|") ||
			len(reused.Reasons) != len(fresh.Reasons) || reused.Reasons[0] != fresh.Reasons[0] {
			t.Fatalf("row %d: reused %+v, fresh %+v", i, reused, fresh)
		}
	}
}

// One Prediction may go from scorer to scorer.
func TestReuseBetweenScorers(t *testing.T) {
	table := leads(t, 100, 1)
	l := leadAt(table, 0)
	l.Values[3] = datasets.Bool(true) // disqualified by the rules
	var e Explanation
	if err := scorer(t, fixture(t, table, features.Linear)).Advise(l, 3, &e); err != nil || e.Stage != Disqualify {
		t.Fatalf("%s, %v", e.Stage, err)
	}
	if err := scorer(t, withoutRules(t, table, features.Linear)).Advise(l, 3, &e); err != nil || e.Stage == Disqualify || e.RuleScore != 0 {
		t.Errorf("%s with rule score %v, %v", e.Stage, e.RuleScore, err)
	}
	var c Columns
	for _, a := range []*Artifact{fixture(t, table, features.Linear), withoutRules(t, table, features.Linear)} {
		if err := scorer(t, a).ScoreBatch(table.Batches[0], &c); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Max(c.RuleScore) != 0 || slices.Contains(c.Stage, Disqualify) {
		t.Errorf("without rules a batch has the rule score %v", slices.Max(c.RuleScore))
	}
}

// Without a moment of its own a lead is a picture of the as-of column's: later events do not count.
func TestMomentOfALead(t *testing.T) {
	table := leads(t, 100, 1)
	a := fixture(t, table, features.Linear)
	a.Rules.Scorecards[0].Groups[0].Rules = []rules.Rule{{Name: "visit", When: rules.Condition{Event: "visit"}, Points: rules.Points{Fixed: 7}}}
	s := scorer(t, a)
	var p Prediction
	for _, c := range []struct {
		asOf, event int64
		points      float64
	}{
		{datasets.MissingTime, -1, 7}, {datasets.MissingTime, 0, 0}, {datasets.MissingTime, 1, 0},
		{2, 1, 7}, {1, 1, 0}, {0, 1, 0},
	} {
		l := leadAt(table, 0)
		created := l.Values[4].Time
		l.Events = []rules.Event{{Type: "visit", At: created + c.event}}
		if l.AsOf = c.asOf; c.asOf != datasets.MissingTime {
			l.AsOf += created
		}
		if err := s.Score(l, &p); err != nil || p.RuleScore != c.points {
			t.Errorf("as of %d, event at %d: %v points (%v), want %v", c.asOf, c.event, p.RuleScore, err, c.points)
		}
	}
}

// However far a number is from all that training saw, effects stay finite and so do their sums.
func TestEffectsStayFinite(t *testing.T) {
	e := effect{table: []float64{limit}, slope: -limit}
	for _, z := range []float64{math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
		if x := e.of(0, z); math.Abs(x) > 2*limit*maxZ {
			t.Errorf("z %v has the effect %v", z, x)
		}
	}
	if x := e.of(1, 0); x != 0 {
		t.Errorf("a code beyond the table has the effect %v", x)
	}
}

func TestScoreRefusesLeadsThatDoNotFit(t *testing.T) {
	table := leads(t, 100, 1)
	s := scorer(t, withoutRules(t, table, features.Linear))
	good := leadAt(table, 0).Values
	with := func(column int, v datasets.Value) []datasets.Value {
		values := append([]datasets.Value(nil), good...)
		values[column] = v
		return values
	}
	for name, c := range map[string]struct {
		values []datasets.Value
		says   string
	}{
		"too few values": {good[:3], "3 values for a schema of 10 columns"},
		"no values":      {nil, "0 values"},
		"a wrong kind":   {with(2, datasets.Level("many")), `"visits": categorical value, want numeric`},
		"a wrong time":   {with(4, datasets.Number(1)), `"created_at"`},
	} {
		err := s.Score(&Lead{Values: c.values, AsOf: datasets.MissingTime}, &Prediction{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %s", name, err, c.says)
		}
	}
	var p, gone Prediction
	for v, into := range map[datasets.Value]*Prediction{datasets.Number(math.NaN()): &p, {}: &gone} {
		if err := s.Score(&Lead{Values: with(2, v), AsOf: datasets.MissingTime}, into); err != nil {
			t.Fatal(err)
		}
	}
	if !same(p.Score, gone.Score) {
		t.Errorf("NaN scores %v, missing %v", p.Score, gone.Score)
	}
	for _, v := range []float64{math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1)} {
		if err := s.Score(&Lead{Values: with(2, datasets.Number(v)), AsOf: datasets.MissingTime}, &p); err == nil && !(p.Probability > 0 && p.Probability < 1) {
			t.Errorf("visits %v gives the probability %v", v, p.Probability)
		}
	}
	other := leads(t, 10, 1)
	other.Schema.Fields[2].Name = "vists"
	if err := s.ScoreBatch(other.Batches[0], &Columns{}); err == nil || !strings.Contains(err.Error(), `column 3 is "vists"`) {
		t.Errorf("a batch of other columns: %v", err)
	}
}

func TestColumnsAppend(t *testing.T) {
	table, all := leads(t, 90, 1), Columns{}
	s := scorer(t, fixture(t, table, features.Linear))
	var c, whole Columns
	for range 2 {
		if err := s.ScoreBatch(table.Batches[0], &c); err != nil {
			t.Fatal(err)
		}
		all.Append(&c)
	}
	if err := s.ScoreBatch(table.Batches[0], &whole); err != nil {
		t.Fatal(err)
	}
	for i := range 180 {
		k := i % 90
		if all.Probability[i] != whole.Probability[k] || all.Probabilities[1][i] != whole.Probabilities[1][k] || all.Score[i] != whole.Score[k] ||
			all.Stage[i] != whole.Stage[k] || all.Grade[i] != whole.Grade[k] || all.RuleScore[i] != whole.RuleScore[k] {
			t.Fatalf("row %d of the appended columns differs", i)
		}
	}
}

// plain are leads of 10 numbers and 10 categories, the shape of the reference job.
func plain(b *testing.B, rows int) *datasets.Table {
	r := rand.New(rand.NewPCG(1, 1))
	schema := &datasets.Schema{}
	var columns []datasets.Column
	for i := range 20 {
		c := datasets.Column{Kind: datasets.Numeric}
		if i >= 10 {
			c.Kind = datasets.Categorical
			for k := range []int{2, 3, 5, 8, 12, 20, 30, 40, 60, 100}[i-10] {
				c.Levels = append(c.Levels, fmt.Sprintf("level %d of %d", k, i))
			}
		}
		for range rows {
			if c.Kind == datasets.Numeric {
				c.Numbers = append(c.Numbers, r.NormFloat64())
			} else {
				c.Codes = append(c.Codes, int32(r.IntN(len(c.Levels))))
			}
		}
		schema.Fields = append(schema.Fields, datasets.Field{Name: fmt.Sprintf("column %d", i), Kind: c.Kind})
		columns = append(columns, c)
	}
	batch, err := datasets.NewBatch(schema, rows, columns)
	if err != nil {
		b.Fatal(err)
	}
	return &datasets.Table{Schema: schema, Batches: []*datasets.Batch{batch}}
}

// plainModel is a model of plain leads: 20 features, no rules.
func plainModel(b *testing.B, table *datasets.Table, e features.Encoding) *Artifact {
	pipeline, _, err := features.Fit(table, nil, features.Spec{Encoding: e})
	if err != nil {
		b.Fatal(err)
	}
	target := Target{Name: "won", BaseRate: .1}
	for f, feature := range pipeline.Features() {
		te := TermEffect{Effect: features.Effect{Table: make([]float64, len(feature.Levels))}}
		for code := range te.Table {
			te.Table[code] = float64(code%7-3) / 10
		}
		if feature.Linear {
			te.Slope = float64(f%5-2) / 10
		}
		target.Effects = append(target.Effects, te)
	}
	if len(target.Effects) != 20 {
		b.Fatalf("%d features, want 20", len(target.Effects))
	}
	return &Artifact{Format: Format, Name: "won", Schema: table.Schema, Pipeline: pipeline, Targets: []Target{target},
		Blend: Blend{Method: BlendModel}, Policy: Policy{MQL: StageRule{MinScore: 30}, SQL: StageRule{MinScore: 50}}}
}

func BenchmarkScore(b *testing.B) {
	table := plain(b, 10000)
	for _, e := range encodings {
		b.Run(string(e), func(b *testing.B) {
			s := scorer(b, plainModel(b, table, e))
			lead := make([]*Lead, 256)
			for i := range lead {
				lead[i] = leadAt(table, i)
			}
			var p Prediction
			b.ReportAllocs()
			for i := range b.N {
				if err := s.Score(lead[i%len(lead)], &p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A reused Prediction costs nothing: no allocation.
func TestScoreDoesNotAllocate(t *testing.T) {
	table := leads(t, 300, 1)
	for _, e := range encodings {
		s, l := scorer(t, withoutRules(t, table, e)), leadAt(table, 1)
		var p Prediction
		if n := testing.AllocsPerRun(100, func() {
			if err := s.Score(l, &p); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", e, n)
		}
	}
}

func BenchmarkScoreBatch(b *testing.B) {
	mixed, numbers := leads(b, 4096, 1), plain(b, 4096)
	for _, c := range []struct {
		name  string
		a     *Artifact
		table *datasets.Table
	}{
		{"plain linear", plainModel(b, numbers, features.Linear), numbers},
		{"plain additive", plainModel(b, numbers, features.Additive), numbers},
		{"derived features", withoutRules(b, mixed, features.Linear), mixed},
		{"rules", fixture(b, mixed, features.Linear), mixed},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := scorer(b, c.a)
			var out Columns
			b.ReportAllocs()
			for range b.N {
				if err := s.ScoreBatch(c.table.Batches[0], &out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*4096), "ns/row")
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	table := leads(b, 1000, 1)
	s := scorer(b, fixture(b, table, features.Linear))
	l := leadAt(table, 5)
	b.Run("explain", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			if _, err := s.Explain(l, 3); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("advise", func(b *testing.B) {
		var e Explanation
		b.ReportAllocs()
		for range b.N {
			if err := s.Advise(l, 3, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
