package model

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/features"
)

// withCovariance gives the primary target V = B′B of a random B over every other feature, slopes included; of the first
// term the last two codes share a column, and of the second the last has none.
func withCovariance(t testing.TB, a *Artifact) (v func(i, j int) float64) {
	t.Helper()
	var terms []CovarianceTerm
	for f, feature := range a.Pipeline.Features() {
		if f%2 == 1 {
			continue
		}
		term := CovarianceTerm{Feature: f, Slope: feature.Linear}
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

// withLevels lets the second feature stand apart, of whose levels the last has no place.
func withLevels(a *Artifact) (variance, own func(level int) float64, kept [][]Kept) {
	c := a.Targets[0].Covariance
	variance = func(level int) float64 { return 20 + float64(level) }
	own = func(level int) float64 { return float64(level) / 8 }
	var variances, owns []float64
	for level := range len(a.Pipeline.Features()[1].Levels) - 1 {
		variances, owns = append(variances, variance(level)), append(owns, own(level))
		list := []Kept{{1 + level, 1}, {3 + level, .25}}
		kept = append(kept, list[:level%3])
	}
	c.PackLevels(1, variances, owns, kept)
	return variance, own, kept
}

func TestIntervalIsOfTheSumOfCovariances(t *testing.T) {
	table := leads(t, 200, 1)
	for name, c := range map[string]struct {
		encoding features.Encoding
		levels   bool
	}{"additive": {features.Additive, false}, "linear": {features.Linear, false}, "levels apart": {features.Additive, true}} {
		t.Run(name, func(t *testing.T) {
			a := fixture(t, table, c.encoding)
			v := withCovariance(t, a)
			var variance, own func(int) float64
			var kept [][]Kept
			if c.levels {
				variance, own, kept = withLevels(a)
			}
			a.Targets[0].Calibration = &Calibration{Method: CalibrateSigmoid, A: 1.5, B: -.2}
			s := scorer(t, a)
			slopes, apart := 0, 0
			for row := range table.Rows() {
				e, err := s.Explain(leadAt(table, row), 3)
				if err != nil {
					t.Fatal(err)
				}
				columns, at := map[int]float64{0: 1}, 1
				for _, term := range a.Targets[0].Covariance.Terms {
					found, cell := -1, e.cells[term.Feature]
					for k, code := range term.Codes {
						if code == int(cell.Code) {
							found = at + k
						}
					}
					if rest := len(term.Codes) - 1; rest >= 0 && found < 0 && term.Codes[rest] == -1 && int(cell.Code) < len(s.features[term.Feature].Levels) {
						found = at + rest
					}
					if found >= 0 {
						columns[found] = 1
					}
					at += len(term.Codes)
					if term.Slope {
						columns[at] = cell.Z
						at++
						slopes++
					}
				}
				sum := 0.0
				for i, x := range columns {
					for j, y := range columns {
						sum += x * y * v(i, j)
					}
				}
				if level := int(e.cells[1].Code); level < len(kept) {
					apart++
					sum += variance(level) + 2*own(level)
					for _, k := range kept[level] {
						for i, x := range columns {
							sum -= 2 * k.Weight * x * v(i, k.Column)
						}
					}
				}
				half := 1.959963984540054 * math.Sqrt(sum)
				for bound, want := range map[float64]float64{
					e.Interval.Lower: Sigmoid(1.5*(e.Logits[0]-half) - .2), e.Interval.Upper: Sigmoid(1.5*(e.Logits[0]+half) - .2),
				} {
					if math.Abs(bound-want) > 2e-6 || !c.levels && math.Abs(bound-want) > 1e-12 {
						t.Fatalf("row %d: bound %v, want %v", row, bound, want)
					}
				}
				if !e.Interval.Known() || e.Interval.Lower > e.Probability || e.Probability > e.Interval.Upper {
					t.Fatalf("row %d: %v is not within %v", row, e.Probability, e.Interval)
				}
			}
			if c.encoding == features.Linear != (slopes > 0) || c.levels != (apart > 0) {
				t.Errorf("%d slopes, %d levels apart", slopes, apart)
			}
		})
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
		"a slope for":      func(c *Covariance) { c.Terms[0].Slope, c.Bits = true, 8; c.correlate(c.Columns(), one); c.Upper = nil },
		"of 7 bits":        func(c *Covariance) { c.Bits = 7 },
		"0 bytes for":      func(c *Covariance) { c.Upper, c.Bits = nil, 8; c.correlate(c.Columns(), one); c.Correlations = nil },
		"feature 0":        func(c *Covariance) { c.Levels.Feature = 0 },
		"code -1":          func(c *Covariance) { c.Levels.Codes[0] = -1 },
		"for 0 levels":     func(c *Covariance) { c.Levels.Codes = nil },
		"has column":       func(c *Covariance) { c.Levels.Kept[1] = 255 },
		"its levels is":    func(c *Covariance) { c.Levels.Variances[3] |= 128 },
	} {
		a := fixture(t, table, features.Additive)
		withCovariance(t, a)
		withLevels(a)
		scorer(t, a)
		damage(a.Targets[0].Covariance)
		if _, err := NewScorer(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error that says %q: %v", want, err)
		}
	}
}

func one(int, int) float64 { return 1 }

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
