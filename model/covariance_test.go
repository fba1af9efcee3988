package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/features"
)

// withCovariance gives the primary target V = B′B of a random B over every other feature; of the first
// term the last two codes share a column, and of the second the last has none.
func withCovariance(t testing.TB, a *Artifact) (v func(i, j int) float64) {
	t.Helper()
	var terms []CovarianceTerm
	for f, feature := range a.Pipeline.Features() {
		if f%2 == 1 {
			continue
		}
		term := CovarianceTerm{Feature: f}
		for code := range feature.Levels {
			term.Codes = append(term.Codes, code)
		}
		switch last := len(term.Codes) - 1; {
		case len(terms) == 0 && last > 1:
			term.Codes = append(term.Codes[:last-1], -1)
		case len(terms) == 1:
			term.Codes = term.Codes[:last]
		}
		terms = append(terms, term)
	}
	c := &Covariance{Terms: terms}
	n := c.Columns()
	r := rand.New(rand.NewPCG(2, 2))
	b := make([][]float64, 5)
	for k := range b {
		for range n {
			b[k] = append(b[k], float64(r.IntN(9)-4)/16) // products are exact in float32
		}
	}
	v = func(i, j int) float64 {
		sum := 0.0
		for k := range b {
			sum += b[k][i] * b[k][j]
		}
		return sum
	}
	a.Targets[0].Covariance = PackCovariance(terms, v)
	return v
}

func TestIntervalIsOfTheSumOfCovariances(t *testing.T) {
	table := leads(t, 200, 1)
	a := fixture(t, table, features.Additive)
	v := withCovariance(t, a)
	a.Targets[0].Calibration = &Calibration{Method: CalibrateSigmoid, A: 1.5, B: -.2}
	s := scorer(t, a)
	for row := range table.Rows() {
		e, err := s.Explain(leadAt(table, row), 3)
		if err != nil {
			t.Fatal(err)
		}
		columns, at := []int{0}, 1
		for _, term := range a.Targets[0].Covariance.Terms {
			found := -1
			for k, code := range term.Codes {
				if code == int(e.cells[term.Feature].Code) {
					found = at + k
				}
			}
			if rest := len(term.Codes) - 1; found < 0 && term.Codes[rest] == -1 && int(e.cells[term.Feature].Code) < len(s.features[term.Feature].Levels) {
				found = at + rest
			}
			if found >= 0 {
				columns = append(columns, found)
			}
			at += len(term.Codes)
		}
		variance := 0.0
		for _, i := range columns {
			for _, j := range columns {
				variance += v(i, j)
			}
		}
		half := 1.959963984540054 * math.Sqrt(variance)
		for bound, want := range map[float64]float64{
			e.Interval.Lower: Sigmoid(1.5*(e.Logits[0]-half) - .2), e.Interval.Upper: Sigmoid(1.5*(e.Logits[0]+half) - .2),
		} {
			if math.Abs(bound-want) > 1e-12 {
				t.Fatalf("row %d: bound %v, want %v", row, bound, want)
			}
		}
		if !e.Interval.Known() || e.Interval.Lower > e.Probability || e.Probability > e.Interval.Upper {
			t.Fatalf("row %d: %v is not within %v", row, e.Probability, e.Interval)
		}
	}
}

func TestNoCovarianceNoInterval(t *testing.T) {
	table := leads(t, 20, 1)
	with, without := fixture(t, table, features.Additive), fixture(t, table, features.Additive)
	withCovariance(t, with)
	e := &Explanation{}
	for _, a := range []*Artifact{with, without} { // the same memory: the second must not tell the first's
		if err := scorer(t, a).Advise(leadAt(table, 0), 1, e); err != nil {
			t.Fatal(err)
		}
		if e.Interval.Known() != (a == with) {
			t.Errorf("interval %v", e.Interval)
		}
	}
	if PackCovariance([]CovarianceTerm{{Codes: make([]int, MaxCovariance)}}, func(int, int) float64 { return 1 }) != nil {
		t.Error("a covariance of more than MaxCovariance columns was kept")
	}
}

func TestDamagedCovarianceIsRefused(t *testing.T) {
	table := leads(t, 200, 1)
	for want, damage := range map[string]func(c *Covariance){
		"bytes for":        func(c *Covariance) { c.Upper = c.Upper[:len(c.Upper)-4] },
		"pipeline":         func(c *Covariance) { c.Terms[1].Feature = c.Terms[0].Feature },
		"feature -1":       func(c *Covariance) { c.Terms[1].Feature = -1 },
		"stands twice":     func(c *Covariance) { c.Terms[0].Codes[1] = c.Terms[0].Codes[0] },
		"code 9999":        func(c *Covariance) { c.Terms[0].Codes[1] = 9999 },
		"is not usable":    func(c *Covariance) { c.Upper[2], c.Upper[3] = 0xC0, 0x7F },
		"more than":        func(c *Covariance) { c.Terms[0].Codes = make([]int, MaxCovariance) },
		"of its levels or": func(c *Covariance) { c.Terms[0].Codes[0] = -2 },
	} {
		a := fixture(t, table, features.Additive)
		withCovariance(t, a)
		damage(a.Targets[0].Covariance)
		if _, err := NewScorer(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error that says %q: %v", want, err)
		}
	}
}

func BenchmarkAdviseWithInterval(b *testing.B) {
	table := leads(b, 200, 1)
	a := withoutRules(b, table, features.Additive)
	withCovariance(b, a)
	s, l, e := scorer(b, a), leadAt(table, 3), &Explanation{}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Advise(l, 0, e); err != nil {
			b.Fatal(err)
		}
	}
}
