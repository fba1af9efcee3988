package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDeLongIntervalCovers draws 400 samples from two normals whose true AUC is known, Φ(d/√2), and
// counts how often the interval holds it.
func TestDeLongIntervalCovers(t *testing.T) {
	const simulations = 400
	for _, c := range []struct {
		distance float64
		pos, neg int
	}{{.8, 60, 140}, {2.2, 40, 160}} {
		truth := .5 * math.Erfc(-c.distance/2)
		rng := rand.New(rand.NewPCG(17, uint64(c.pos)))
		held := 0
		for range simulations {
			var s Sample
			for i := range c.pos + c.neg {
				x := rng.NormFloat64()
				if i < c.pos {
					x += c.distance
				}
				s.Label = append(s.Label, i < c.pos)
				s.Score = append(s.Score, x)
			}
			e, err := AUC(s)
			if err != nil {
				t.Fatal(err)
			}
			if e.Lower <= truth && truth <= e.Upper {
				held++
			}
		}
		if share := float64(held) / simulations; share < .92 || share > .98 {
			t.Errorf("AUC %.3f: the 95 %% interval holds it in %.1f %% of %d samples", truth, 100*share, simulations)
		}
	}
}

// TestEqualScorersAreRarelyToldApart compares two scorers of equal worth: p < .05 in about 5 of 100.
func TestEqualScorersAreRarelyToldApart(t *testing.T) {
	const simulations = 400
	rng := rand.New(rand.NewPCG(23, 1))
	apart := 0
	for range simulations {
		n := 200
		a := Sample{Label: make([]bool, n), Score: make([]float64, n)}
		b := Sample{Label: a.Label, Score: make([]float64, n)}
		for i := range n {
			signal := rng.NormFloat64()
			a.Label[i] = rng.Float64() < .4
			if a.Label[i] {
				signal++
			}
			a.Score[i], b.Score[i] = signal+rng.NormFloat64(), signal+rng.NormFloat64()
		}
		if _, p, err := CompareAUC(a, b); err != nil {
			t.Fatal(err)
		} else if p < .05 {
			apart++
		}
	}
	if share := float64(apart) / simulations; share < .02 || share > .08 {
		t.Errorf("p < .05 in %.1f %% of samples with no difference", 100*share)
	}
}

// TestBootstrapErrorsMatchRepeatedSampling holds the bootstrap's standard errors against the spread of
// the figures over fresh samples.
func TestBootstrapErrorsMatchRepeatedSampling(t *testing.T) {
	const samples, rows = 150, 800
	var pr, lift, prSE, liftSE []float64
	for seed := range uint64(samples) {
		s := draw(1000+seed, rows, -1)
		tab := arrange(s.Label, nil, s.Score)
		v := tab.by(0)
		down := make([]part, len(v.chunk))
		rank := func(w []float64) ranking { return v.rank(v.sums(w, v.value, down), w, down) }
		r := rank(tab.weight)
		pr, lift = append(pr, r.prAUC), append(lift, r.lift10)
		if seed%10 == 0 {
			r := tab.bootstrap(2, Options{Seed: seed, Workers: 1}, func() func(w, dst []float64) {
				return func(w, dst []float64) { r := rank(w); dst[0], dst[1] = r.prAUC, r.lift10 }
			})
			prSE = append(prSE, deviation(r, func(r []float64) float64 { return r[0] }))
			liftSE = append(liftSE, deviation(r, func(r []float64) float64 { return r[1] }))
		}
	}
	for name, x := range map[string][2][]float64{"PR-AUC": {pr, prSE}, "lift": {lift, liftSE}} {
		ones := make([]float64, samples)
		for i := range ones {
			ones[i] = 1
		}
		_, ofMean := mean(x[0], ones)
		truth := ofMean * math.Sqrt(samples)
		got, _ := mean(x[1], ones[:len(x[1])])
		if got < .8*truth || got > 1.25*truth {
			t.Errorf("%s: bootstrap's standard error %.4f, true one %.4f", name, got, truth)
		}
	}
}

func TestPoissonCounts(t *testing.T) {
	p := newPoisson()
	seen := make([]float64, 16)
	w := make([]float64, 200001)
	ones := make([]float64, len(w))
	for i := range ones {
		ones[i] = 1
	}
	p.draw(w, ones, nil, nil, 1, 1)
	for _, x := range w {
		seen[int(x)]++
	}
	want := math.Exp(-1)
	for k := range 7 {
		expected := want * float64(len(w))
		if math.Abs(seen[k]-expected) > 5*math.Sqrt(expected) {
			t.Errorf("count %d: %v times, expected %.0f", k, seen[k], expected)
		}
		want /= float64(k + 1)
	}
	for _, u := range []uint32{0, 1 << 24, 0x5e2d58d8, 0x5e2d58d9, 0xffffffff, 0xbc5ab1b1} {
		if got, want := p.count(u), p.search(u); got != want {
			t.Errorf("draw %x: table gives %v, search %v", u, got, want)
		}
	}
}
