package model

import (
	"math"
	"testing"

	"leadscore/features"
)

// TestACounterMeasuresWhatAMeterDoes: every shift is the same, and nothing of a lead is kept.
func TestACounterMeasuresWhatAMeterDoes(t *testing.T) {
	table := leads(t, 3000, 1)
	for _, e := range []features.Encoding{features.Linear, features.Additive} {
		s := scorer(t, referred(t, table, e))
		meter, counter, merged := s.NewDriftMeter(), s.NewDriftCounter(), s.NewDriftCounter()
		fresh := leads(t, 400, 12)
		var p Prediction
		for row := range fresh.Rows() {
			l := leadAt(fresh, row)
			if err := s.Score(l, &p); err != nil {
				t.Fatal(err)
			}
			for _, m := range []*DriftMeter{meter, counter} {
				if err := m.Observe(l, &p); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := merged.Merge(counter); err != nil {
			t.Fatal(err)
		}
		want := meter.Drift()
		for _, got := range []*Drift{counter.Drift(), merged.Drift()} {
			if got.Rows != want.Rows || got.Score.PSI != want.Score.PSI || len(got.Features) != len(want.Features) || !math.IsNaN(float64(got.ExpectedAUC)) {
				t.Errorf("%s: %d rows, score %v; the meter %d, %v", e, got.Rows, got.Score.PSI, want.Rows, want.Score.PSI)
			}
			for _, f := range want.Features {
				if g := find(t, got, f.Feature); g.PSI != f.PSI || g.Rank != f.Rank || g.MissingNew != f.MissingNew || g.NewLevels != nil {
					t.Errorf("%s: %s: %v, the meter %v", e, f.Feature, g, f)
				}
			}
		}
		for _, fm := range counter.features {
			if fm.values != nil {
				t.Errorf("%s: a counter keeps values", e)
			}
		}
		counter.Reset()
		if err := counter.Merge(merged); err != nil {
			t.Fatal(err)
		}
		if again := counter.Drift(); again.Rows != want.Rows || again.Score.PSI != want.Score.PSI {
			t.Errorf("%s: after Reset %d rows, %v", e, again.Rows, again.Score.PSI)
		}
		if err := meter.Merge(counter); err != nil {
			t.Fatal(err)
		}
		if d := meter.Drift(); d.Rows != 2*want.Rows || !math.IsNaN(float64(d.ExpectedAUC)) {
			t.Errorf("%s: a meter and a counter: %d rows, AUC %v", e, d.Rows, d.ExpectedAUC)
		}
	}
}
