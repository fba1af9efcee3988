package evaluate

import "testing"

func BenchmarkMeasure(b *testing.B) {
	s := draw(1, 1_000_000, -1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Measure(s, Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAUC(b *testing.B) {
	s := draw(1, 1_000_000, -1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AUC(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	s, o := draw(1, 1_000_000, -1), draw(2, 1_000_000, -1)
	o.Label = s.Label
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compare("a", s, "b", o, Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeciles(b *testing.B) {
	s := draw(1, 1_000_000, -1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Deciles(s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCard is a whole evaluation of model, rules and blend.
func BenchmarkCard(b *testing.B) {
	s, o := draw(1, 1_000_000, -1), draw(2, 1_000_000, 1)
	scorers := []Scorer{{"model", s.Score, s.Probability}, {"rules", o.Score, o.Probability}, {"blend", s.Score, s.Probability}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Card(s.Label, scorers, s.Score, Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
