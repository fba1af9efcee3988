package model

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// pairsAUC is the expected AUC by its definition, over all pairs.
func pairsAUC(p, w []float64) float64 {
	right, all := 0.0, 0.0
	for i := range p {
		for j := range p {
			x := weightOf(w, i) * weightOf(w, j) * p[i] * (1 - p[j])
			if i == j { // a row of weight w is w rows, and each has w−1 others like it
				x = weightOf(w, i) * (weightOf(w, i) - 1) * p[i] * (1 - p[i])
			}
			all += x
			switch {
			case p[i] > p[j]:
				right += x
			case p[i] == p[j]:
				right += x / 2
			}
		}
	}
	return right / all
}

func TestExpectedAUCIsThatOfAllPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() float64{
		"wide":   func() float64 { return Sigmoid(3 * r.NormFloat64()) },
		"narrow": func() float64 { return Sigmoid(-2 + .05*r.NormFloat64()) },
		"rare":   func() float64 { return Sigmoid(-5 + r.NormFloat64()) },
		"tied":   func() float64 { return []float64{.1, .3, .9}[r.IntN(3)] },
		"sure":   func() float64 { return []float64{1e-12, 1 - 1e-12, .5}[r.IntN(3)] },
	} {
		for _, weighted := range []bool{false, true} {
			p, w := make([]float64, 300), []float64(nil)
			var g gauge
			for i := range p {
				p[i] = draw()
				if weighted {
					w = append(w, float64(1+r.IntN(3)))
				}
				g.add(p[i], weightOf(w, i))
			}
			if got, want := g.expectedAUC(), pairsAUC(p, w); !(math.Abs(got-want) < 1e-4) {
				t.Errorf("%s, weighted %v: %v, all pairs give %v", name, weighted, got, want)
			}
		}
	}
	var g gauge
	g.add(.5, 1)
	if got := g.expectedAUC(); !math.IsNaN(got) {
		t.Errorf("one row: %v, want NaN", got)
	}
}

// TestExpectedAUCIsWhatComes draws outcomes by the probabilities.
func TestExpectedAUCIsWhatComes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var g gauge
	var won, lost []float64
	for range 4000 {
		p := Sigmoid(-1 + 1.5*r.NormFloat64())
		g.add(p, 1)
		if r.Float64() < p {
			won = append(won, p)
		} else {
			lost = append(lost, p)
		}
	}
	right := 0.0
	for _, a := range won {
		for _, b := range lost {
			if a > b {
				right++
			}
		}
	}
	if got, want := g.expectedAUC(), right/float64(len(won)*len(lost)); math.Abs(got-want) > .025 {
		t.Errorf("expected AUC %v, the outcomes drawn give %v", got, want)
	}
}

// referred is the fixture with a reference: the model's own probabilities and z on the table.
func referred(t testing.TB, table *datasets.Table, e features.Encoding) *Artifact {
	t.Helper()
	a := withoutRules(t, table, e)
	var c Columns
	if err := scorer(t, a).ScoreBatch(table.Batches[0], &c); err != nil {
		t.Fatal(err)
	}
	logits := make([]float64, len(c.Probability))
	for i, p := range c.Probability {
		logits[i] = Logit(p)
	}
	var numbers []Tally
	for f, feature := range a.Pipeline.Features() {
		if !feature.Linear {
			continue
		}
		z := append([]float64(nil), c.block.Z[f]...)
		for i, code := range c.block.Codes[f] {
			if code != 0 {
				z[i] = math.NaN()
			}
		}
		numbers = append(numbers, NumberTally(feature.Name, z, 0, 1, nil))
	}
	a.Reference = NewReference(logits, logits, nil, numbers)
	return a
}

func driftOf(t testing.TB, s *Scorer, table *datasets.Table, weight []float64) *Drift {
	t.Helper()
	m := s.NewDriftMeter()
	var c Columns
	for _, b := range table.Batches {
		if err := s.ScoreBatch(b, &c); err != nil {
			t.Fatal(err)
		}
		if err := m.ObserveBatch(b, &c, weight); err != nil {
			t.Fatal(err)
		}
	}
	return m.Drift()
}

func find(t testing.TB, d *Drift, feature string) *FeatureShift {
	t.Helper()
	for i := range d.Features {
		if d.Features[i].Feature == feature {
			return &d.Features[i]
		}
	}
	t.Fatalf("no feature %q in the drift", feature)
	return nil
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheTrainingRowsThemselvesDoNotDrift(t *testing.T) {
	table := leads(t, 3000, 1)
	for _, e := range []features.Encoding{features.Linear, features.Additive} {
		d := driftOf(t, scorer(t, referred(t, table, e)), table, nil)
		if d.Rows != 3000 || d.Reference != 3000 || len(d.Beyond(0)) > 0 {
			t.Errorf("%s: %d rows against %d, beyond 0: %v", e, d.Rows, d.Reference, d.Beyond(0))
		}
		if math.Abs(float64(d.ExpectedAUC-d.Training)) > 1e-6 || math.Abs(float64(d.MeanScore-d.MeanTrained)) > 1e-9 {
			t.Errorf("%s: expected AUC %v against %v, mean %v against %v", e, d.ExpectedAUC, d.Training, d.MeanScore, d.MeanTrained)
		}
		for _, f := range append(d.Features, FeatureShift{Feature: "score", Shift: d.Score}) {
			if f.PSI != 0 || f.Rank != ShiftStable || f.MissingOld != f.MissingNew || f.Unknown != 0 || f.NewLevels != nil {
				t.Errorf("%s: %s: %+v", e, f.Feature, f)
			}
			old, now := 0.0, 0.0
			for _, b := range f.Bins {
				old, now = old+b.Old, now+b.New
			}
			if math.Abs(old-1) > 1e-4 || math.Abs(now-1) > 1e-4 || len(f.Bins) > mostCells+2 {
				t.Errorf("%s: %s: %d bins with shares of %v and %v", e, f.Feature, len(f.Bins), old, now)
			}
		}
	}
}

// TestFreshRowsDoNotAlarm draws samples like training's: of 200 rows and more at most 5 in 100 may have any rank but stable, of 60 rows
// 8 (DriftMeter.Drift says why it is more).
func TestFreshRowsDoNotAlarm(t *testing.T) {
	table := leads(t, 3000, 1)
	for _, e := range []features.Encoding{features.Linear, features.Additive} {
		s := scorer(t, referred(t, table, e))
		for _, rows := range []int{60, 200, 1000} {
			const samples = 200
			alarms := 0
			for k := range samples {
				d := driftOf(t, s, leads(t, rows, uint64(100+k)), nil)
				if d.Score.Rank != ShiftStable {
					alarms++
					continue
				}
				for _, f := range d.Features {
					if f.Rank != ShiftStable {
						alarms++
						break
					}
				}
			}
			t.Logf("%s: %d of %d samples of %d rows alarm", e, alarms, samples, rows)
			most := samples / 20
			if rows < 200 {
				most = samples * 8 / 100
			}
			if alarms > most {
				t.Errorf("%s: %d of %d samples of %d rows alarm", e, alarms, samples, rows)
			}
		}
	}
}

// moved returns the table with a part of the rows of some columns changed.
func moved(t testing.TB, table *datasets.Table, change func(columns []datasets.Column)) *datasets.Table {
	t.Helper()
	b := table.Batches[0]
	columns := make([]datasets.Column, len(table.Schema.Fields))
	for i := range columns {
		c := *b.Column(i)
		c.Codes, c.Numbers, c.Levels = append([]int32(nil), c.Codes...), append([]float64(nil), c.Numbers...), append([]string(nil), c.Levels...)
		columns[i] = c
	}
	change(columns)
	nb, err := datasets.NewBatch(table.Schema, b.Rows(), columns)
	if err != nil {
		t.Fatal(err)
	}
	return &datasets.Table{Schema: table.Schema, Batches: []*datasets.Batch{nb}}
}

func TestPlantedShiftsAreFound(t *testing.T) {
	table := leads(t, 3000, 1)
	fresh := leads(t, 200, 77)
	for _, e := range []features.Encoding{features.Linear, features.Additive} {
		s := scorer(t, referred(t, table, e))
		level := driftOf(t, s, moved(t, fresh, func(c []datasets.Column) {
			c[1].Levels = append(c[1].Levels, "podcast")
			for i := range 80 {
				c[1].Codes[i] = int32(len(c[1].Levels) - 1)
			}
		}), nil)
		f := find(t, level, "source")
		if f.Rank != ShiftShifted || level.Features[0].Feature != "source" || len(f.NewLevels) != 1 || f.NewLevels[0] != "podcast" || f.Unknown != .4 {
			t.Errorf("%s: new level: %s", e, asJSON(t, f))
		}
		if over := level.Beyond(.25); len(over) == 0 || over[len(over)-1].Feature != "source" {
			t.Errorf("%s: beyond: %v", e, over)
		}
		number := find(t, driftOf(t, s, moved(t, fresh, func(c []datasets.Column) {
			for i := range c[2].Numbers {
				c[2].Numbers[i] += 4
			}
		}), nil), "visits")
		if number.Rank != ShiftShifted {
			t.Errorf("%s: larger numbers: %s", e, asJSON(t, number))
		}
		gone := find(t, driftOf(t, s, moved(t, fresh, func(c []datasets.Column) {
			for i := range c[2].Numbers {
				c[2].Numbers[i] = math.NaN()
			}
		}), nil), "visits")
		if gone.Rank != ShiftShifted || gone.MissingNew != 1 || gone.MissingOld < .05 || gone.NewLevels != nil {
			t.Errorf("%s: all missing: %s", e, asJSON(t, gone))
		}
	}
}

// TestMissingIsNotANewValue: where training had no missing cell, and so no code for one, a missing cell is missing all the same.
func TestMissingIsNotANewValue(t *testing.T) {
	full := moved(t, leads(t, 3000, 1), func(c []datasets.Column) {
		for i, code := range c[1].Codes {
			c[1].Codes[i] = max(code, 0)
		}
	})
	s := scorer(t, referred(t, full, features.Additive))
	fresh := leads(t, 400, 12)
	gone := 0
	for _, code := range fresh.Batches[0].Column(1).Codes {
		if code < 0 {
			gone++
		}
	}
	byBatch := find(t, driftOf(t, s, fresh, nil), "source")
	m := s.NewDriftMeter()
	var p Prediction
	for row := range fresh.Rows() {
		l := leadAt(fresh, row)
		if err := s.Score(l, &p); err != nil {
			t.Fatal(err)
		}
		if err := m.Observe(l, &p); err != nil {
			t.Fatal(err)
		}
	}
	for how, f := range map[string]*FeatureShift{"by batch": byBatch, "by row": find(t, m.Drift(), "source")} {
		if want := float64(gone) / 400; gone < 20 || f.MissingNew != want || f.MissingOld != 0 || f.Unknown != 0 || f.NewLevels != nil || f.Rank == ShiftStable {
			t.Errorf("%s: %d of 400 are missing: %s", how, gone, asJSON(t, f))
		}
	}
}

// TestARareLevelIsNotCalledNew: what training merged into other may be there, and is called new only when it comes far more often.
func TestARareLevelIsNotCalledNew(t *testing.T) {
	rows := []int{2000, 900, 60, 40}
	if got := rarest(rows, 3); got != 40 {
		t.Errorf("a level merged into an other of 40 rows can have had 40, got %v", got)
	}
	if got := rarest([]int{2000, 900, 30, 100}, 3); got != 29 {
		t.Errorf("a merged level has fewer rows than the rarest of its own, 30; got %v", got)
	}
	for _, tt := range []struct {
		count float64
		want  bool
	}{{1, false}, {6, false}, {12, true}, {50, true}} {
		if got := beyondRare(tt.count, 200, 40, 3000); got != tt.want { // 2.7 expected at most
			t.Errorf("%v of 200: %v", tt.count, got)
		}
	}
}

func TestDriftIsTheSameByRowByBatchAndMerged(t *testing.T) {
	table := leads(t, 3000, 1)
	fresh := leads(t, 500, 9)
	for _, e := range []features.Encoding{features.Linear, features.Additive} {
		s := scorer(t, referred(t, table, e))
		whole := driftOf(t, s, fresh, nil)
		single, left, right := s.NewDriftMeter(), s.NewDriftMeter(), s.NewDriftMeter()
		var p Prediction
		for row := range fresh.Rows() {
			l := leadAt(fresh, row)
			if err := s.Score(l, &p); err != nil {
				t.Fatal(err)
			}
			half := left
			if row >= 200 {
				half = right
			}
			for _, m := range []*DriftMeter{single, half} {
				if err := m.Observe(l, &p); err != nil {
					t.Fatal(err)
				}
			}
		}
		if a, b := asJSON(t, whole), asJSON(t, single.Drift()); a != b {
			t.Errorf("%s: by batch\n%s\nby row\n%s", e, a, b)
		}
		if err := left.Merge(right); err != nil {
			t.Fatal(err)
		}
		joined := left.Drift()
		if math.Abs(float64(joined.MeanScore-whole.MeanScore)) > 1e-12 || math.Abs(float64(joined.ExpectedAUC-whole.ExpectedAUC)) > 1e-12 {
			t.Errorf("%s: merged: %v and %v, want %v and %v", e, joined.MeanScore, joined.ExpectedAUC, whole.MeanScore, whole.ExpectedAUC)
		}
		joined.MeanScore, joined.ExpectedAUC = whole.MeanScore, whole.ExpectedAUC
		if a, b := asJSON(t, whole), asJSON(t, joined); a != b {
			t.Errorf("%s: whole\n%s\nmerged\n%s", e, a, b)
		}
		// A row of weight 2 is the row twice, one of weight 0 is gone.
		twice := &datasets.Table{Schema: fresh.Schema, Batches: []*datasets.Batch{fresh.Batches[0], fresh.Batches[0]}}
		weight := make([]float64, fresh.Rows())
		for i := range weight {
			weight[i] = 2
		}
		doubled, weighted := driftOf(t, s, twice, nil), driftOf(t, s, fresh, weight)
		doubled.MeanScore, doubled.ExpectedAUC = weighted.MeanScore, weighted.ExpectedAUC // other sums of the same
		if a, b := asJSON(t, doubled), asJSON(t, weighted); a != b {
			t.Errorf("%s: twice\n%s\nweight 2\n%s", e, a, b)
		}
		clear(weight)
		if none := driftOf(t, s, fresh, weight); none.Rows != 0 || !math.IsNaN(float64(none.Score.PSI)) || none.Score.Rank != "" || len(none.Beyond(0)) > 0 {
			t.Errorf("%s: no rows: %s", e, asJSON(t, none))
		}
	}
	a, b := scorer(t, referred(t, table, features.Linear)).NewDriftMeter(), scorer(t, referred(t, table, features.Linear)).NewDriftMeter()
	if err := a.Merge(b); err == nil {
		t.Error("meters of two models are merged")
	}
	if err := a.Observe(leadAt(table, 0), &Prediction{}); err == nil {
		t.Error("a lead is counted that was not scored")
	}
	if err := a.ObserveBatch(table.Batches[0], &Columns{}, nil); err == nil {
		t.Error("a batch is counted that was not scored")
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	table := leads(t, 3000, 1)
	s := scorer(t, referred(t, table, features.Additive))
	m := s.NewDriftMeter()
	l := leadAt(table, 3)
	var p Prediction
	if err := s.Score(l, &p); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _ = m.Observe(l, &p) }); n != 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func TestOldArtifactsHaveNoShiftOfTheScore(t *testing.T) {
	a, err := Load("testdata/model.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	d := scorer(t, a).NewDriftMeter().Drift()
	if !math.IsNaN(float64(d.Score.PSI)) || d.Score.Rank != "" || !math.IsNaN(float64(d.Training)) {
		t.Errorf("%s", asJSON(t, d))
	}
}
