package evaluate

import (
	"fmt"
	"strings"
	"testing"
)

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

// BenchmarkCard is a whole evaluation of model, rules and blend, by month and by eight columns.
func BenchmarkCard(b *testing.B) {
	s, o := draw(1, 1_000_000, -1), draw(2, 1_000_000, 1)
	scorers := []Scorer{{"model", s.Score, s.Probability}, {"rules", o.Score, o.Probability}, {"blend", s.Score, s.Probability}}
	options := Options{Seed: 1}
	benchmarkCard(b, s, scorers, withCohorts(options, len(s.Label)))
}

// BenchmarkCardOfOne is the same of the model alone.
func BenchmarkCardOfOne(b *testing.B) {
	s := draw(1, 1_000_000, -1)
	benchmarkCard(b, s, []Scorer{{"model", s.Score, s.Probability}}, withCohorts(Options{Seed: 1}, len(s.Label)))
}

// BenchmarkCardOfClusters is the same of leads with two rows each.
func BenchmarkCardOfClusters(b *testing.B) {
	s := draw(1, 1_000_000, -1)
	o := withCohorts(Options{Seed: 1}, len(s.Label))
	for i := range s.Label {
		o.Cluster = append(o.Cluster, int32(i%500_000))
	}
	benchmarkCard(b, s, []Scorer{{"model", s.Score, s.Probability}}, o)
}

func benchmarkCard(b *testing.B, s Sample, scorers []Scorer, o Options) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Card(s.Label, scorers, s.Score, o); err != nil {
			b.Fatal(err)
		}
	}
}

// withCohorts adds 12 months and eight columns of 10 values.
func withCohorts(o Options, rows int) Options {
	levels := strings.Split("abcdefghij", "")
	o.Months = make([]Month, rows)
	for i := range o.Months {
		o.Months[i] = Month(2026*12 + i%12)
	}
	for k := range 8 {
		c := Column{Name: fmt.Sprint(k), Codes: make([]int32, rows), Levels: levels}
		for i := range c.Codes {
			c.Codes[i] = int32((i >> k) % 10)
		}
		o.Segments = append(o.Segments, c)
	}
	return o
}
