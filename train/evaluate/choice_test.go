package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"leadscore/model"
)

func cutoffs(t *testing.T, s Sample, p Population) *Cutoffs {
	t.Helper()
	c, err := NewCutoffs(s, p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func choose(t *testing.T, c *Cutoffs, w Way) Cutoff {
	t.Helper()
	cut, err := c.Choose(w)
	if err != nil {
		t.Fatal(err)
	}
	return cut
}

// selected is the weight of the rows and of the positives that a cut-off selects.
func selected(s Sample, cut float64) (rows, pos float64) {
	var all tally
	all.count(s, nil, 0, cut)
	return all.pos + all.neg, all.pos
}

// allWays are ways of each kind that look at rows.
func allWays() []Way {
	return []Way{
		{By: ByYouden}, {By: ByTop, Share: .1}, {By: ByPrecision, Target: .45}, {By: ByPrecision, Target: .7},
		{By: ByCapacity, Share: .1}, {By: ByCapacity, Leads: 3, Per: 1}, {By: ByCapacity, Leads: 40, Per: 7},
		{By: ByNetBenefit, Cost: Cost{1, 2.5}}, {By: ByNetBenefit, Cost: Cost{1, 20}},
	}
}

// Cut-offs are told from cumulative counts; here they are told from their definitions, by trying every score.
func TestChoicesAreTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 400 {
		n := 2 + rng.IntN(120)
		s := Sample{Label: make([]bool, n), Score: make([]float64, n)}
		for i := range n {
			s.Label[i] = i == 0 || i > 1 && rng.IntN(3) == 0
			s.Score[i] = float64(rng.IntN(12)) // many ties, within a class and across
			if round%2 == 0 {
				s.Score[i] = 100 * rng.Float64()
			}
		}
		if round%3 == 0 {
			for range n {
				s.Weight = append(s.Weight, float64(1+rng.IntN(3)))
			}
		}
		total, positives := selected(s, math.Inf(-1))
		scores := slices.Compact(slices.Sorted(slices.Values(s.Score)))
		slices.Reverse(scores)
		// best is the score with the largest value, the highest of equals.
		best := func(value func(rows, pos float64) float64) float64 {
			at, most := math.NaN(), math.Inf(-1)
			for _, cut := range scores {
				if v := value(selected(s, cut)); v > most {
					at, most = cut, v
				}
			}
			return at
		}
		lowest := func(ok func(rows, pos float64) bool) float64 {
			at := math.NaN()
			for _, cut := range scores {
				if ok(selected(s, cut)) {
					at = cut
				}
			}
			return at
		}
		first := func(ok func(rows, pos float64) bool) float64 {
			for _, cut := range scores {
				if ok(selected(s, cut)) {
					return cut
				}
			}
			return math.NaN()
		}
		p := Population{Days: 10}
		c := cutoffs(t, s, p)
		for _, test := range []struct {
			way  Way
			want float64
		}{
			{Way{By: ByYouden}, best(func(rows, pos float64) float64 { return pos/positives - (rows-pos)/(total-positives) })},
			{Way{By: ByTop, Share: .25}, first(func(rows, _ float64) bool { return rows >= .25*total })},
			{Way{By: ByCapacity, Share: .25}, lowest(func(rows, _ float64) bool { return rows <= .25*total })},
			{Way{By: ByCapacity, Leads: 14, Per: 7}, lowest(func(rows, _ float64) bool { return rows <= 20 })},
			{Way{By: ByNetBenefit, Cost: Cost{1, 3}}, best(func(rows, pos float64) float64 { return 3*pos - rows })},
		} {
			got := choose(t, c, test.way)
			none := math.IsNaN(test.want)
			if test.way.By == ByNetBenefit {
				none = math.IsNaN(first(func(rows, pos float64) bool { return 3*pos > rows }))
			}
			switch {
			case none:
				if got.Met || got.Score != Nothing || got.Note == "" {
					t.Fatalf("round %d, %v: %+v, want that nothing is selected", round, test.way, got)
				}
			case got.Lowest != test.want || !got.Met:
				t.Fatalf("round %d, %v: %+v, want a cut-off at %v", round, test.way, got, test.want)
			default:
				a, _ := selected(s, got.Score)
				if b, _ := selected(s, test.want); a != b {
					t.Fatalf("round %d, %v: score %v selects %v, not %v", round, test.way, got.Score, a, b)
				}
			}
		}
	}
}

func TestCapacityIsNeverExceeded(t *testing.T) {
	for seed := range uint64(30) {
		s := draw(seed, 500, int(seed%4)-1)
		for _, w := range []Way{{By: ByCapacity, Share: .07}, {By: ByCapacity, Share: 1}, {By: ByCapacity, Leads: 3, Per: 1}, {By: ByCapacity, Leads: 11, Per: 7}, {By: ByCapacity, Leads: 1e9, Per: 1}} {
			p := Population{Days: 31, Leads: 1.3}
			rows, _ := selected(s, choose(t, cutoffs(t, s, p), w).Score)
			if most := w.Share * 500; !w.PerDay() && rows > most*(1+1e-9) {
				t.Errorf("seed %d: a capacity of %v leads selects %v", seed, most, rows)
			}
			if perDay := rows * 1.3 / 31; w.PerDay() && perDay > w.Leads/w.Per*(1+1e-9) {
				t.Errorf("seed %d: a capacity of %v a day selects %v", seed, w.Leads/w.Per, perDay)
			}
		}
	}
}

// A precision is reached on the rows that it was chosen on, by 30 of them or more, and more of it never takes a lower cut-off.
func TestPrecisionIsReachedAndRises(t *testing.T) {
	for seed := range uint64(30) {
		s := draw(seed, 700, int(seed%4)-1)
		c := cutoffs(t, s, Population{})
		before, unmet := 0.0, false
		for target := .02; target < 1; target += .02 {
			cut := choose(t, c, Way{By: ByPrecision, Target: target})
			if cut.Score < before || unmet && cut.Met {
				t.Fatalf("seed %d: precision %.2f has the cut-off %v after %v", seed, target, cut.Score, before)
			}
			before, unmet = cut.Score, !cut.Met
			rows, pos := selected(s, cut.Score)
			if cut.Met && (pos/rows < target-1e-9 || rows < fewestSelected) {
				t.Errorf("seed %d: precision %.2f: %v of %v", seed, target, pos, rows)
			}
			if !cut.Met && (cut.Score != Nothing || rows != 0 || !strings.Contains(cut.Note, "highest precision")) {
				t.Errorf("seed %d: precision %.2f is not reached: %+v", seed, target, cut)
			}
		}
	}
}

// Five conversions above all others would be a precision of 1; among 30 leads they are what they are.
func TestLuckyTopDecidesNothing(t *testing.T) {
	s := draw(3, 2000, -1)
	for i := range 5 {
		s.Score[i], s.Label[i] = 99.9, true
	}
	cut := choose(t, cutoffs(t, s, Population{}), Way{By: ByPrecision, Target: .97})
	if rows, _ := selected(s, cut.Score); cut.Met && rows < fewestSelected {
		t.Errorf("%v leads promise 97 %%: %+v", rows, cut)
	}
}

func TestMonotoneMapsOfTheScoreChangeNothingButTheScore(t *testing.T) {
	p := Population{Days: 30, Leads: 1.5}
	for seed := range uint64(10) {
		s := draw(seed, 600, int(seed%4)-1)
		m := s
		m.Score, m.Probability = make([]float64, len(s.Score)), nil
		for i, x := range s.Score {
			m.Score[i] = 100 * math.Pow(x/100, .3)
		}
		half := halves(len(s.Label))
		for _, w := range allWays() {
			a, b := choose(t, cutoffs(t, s, p), w), choose(t, cutoffs(t, m, p), w)
			rows, pos := selected(s, a.Score)
			if r, q := selected(m, b.Score); r != rows || q != pos || a.Met != b.Met {
				t.Errorf("seed %d, %v: %v of %v, after the map %v of %v", seed, w, pos, rows, q, r)
			}
			x, _, err := CrossFit(s, half, p, w, Cost{1, 3})
			y, _, err2 := CrossFit(m, half, p, w, Cost{1, 3})
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			// Where the halves interleave a shortest decimal may fall on the other side of a row of the other half.
			if math.Abs(float64(x.Selected-y.Selected)) > 6 {
				t.Errorf("seed %d, %v: cross-fitted %d rows, after the map %d", seed, w, x.Selected, y.Selected)
			}
		}
	}
}

func halves(n int) []uint8 {
	half := make([]uint8, n)
	for i := range half {
		half[i] = uint8(i % 2)
	}
	half[1] = 0 // draw has a row of each class in front
	return half
}

func TestWeightTwoIsTheRowTwiceInChoices(t *testing.T) {
	p := Population{Days: 30}
	s := draw(5, 400, 1)
	once := s
	once.Weight = make([]float64, 400)
	var twice Sample
	for i := range s.Label {
		once.Weight[i] = float64(i % 3)
		for range i % 3 {
			twice.Label, twice.Score = append(twice.Label, s.Label[i]), append(twice.Score, s.Score[i])
		}
	}
	once.Probability = nil
	for _, w := range allWays() {
		a, b := choose(t, cutoffs(t, once, p), w), choose(t, cutoffs(t, twice, p), w)
		if a.Met && a != b || !a.Met && a.Met != b.Met {
			t.Errorf("%v: %+v, with rows twice %+v", w, a, b)
		}
		x, err := MeasureChoice(model.Choice{Score: a.Score}, once, p, Cost{1, 4})
		y, err2 := MeasureChoice(model.Choice{Score: b.Score}, twice, p, Cost{1, 4})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if x.Selected != y.Selected {
			t.Errorf("%v: %d and %d selected", w, x.Selected, y.Selected)
		}
		for _, e := range [][2]model.Estimate{{x.Precision, y.Precision}, {x.Recall, y.Recall}, {x.Volume, y.Volume}, {x.Benefit, y.Benefit}} {
			if !alike(e[0].Value, e[1].Value) || !alike(e[0].Lower, e[1].Lower) || !alike(e[0].Upper, e[1].Upper) {
				t.Errorf("%v: %v, with rows twice %v", w, e[0], e[1])
			}
		}
	}
}

func alike(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*(1+math.Abs(b))
}

// Of a file from which negatives were thrown away the same leads are selected as of the whole one, and its figures are the whole one's.
func TestSubsampledRowsStandForTheWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	var whole, kept Sample
	lost := 0
	for range 200_000 {
		p := .3 * rng.Float64() * rng.Float64()
		won, score := rng.Float64() < p, model.ScoreOf(p)
		whole.Label, whole.Score = append(whole.Label, won), append(whole.Score, score)
		if !won {
			lost++
		}
		if won || lost%10 == 0 {
			kept.Label, kept.Score = append(kept.Label, won), append(kept.Score, score)
		}
	}
	all, of := Population{Days: 100}, Population{Days: 100, Odds: .1}
	for _, w := range []Way{{By: ByPrecision, Target: .15}, {By: ByTop, Share: .1}, {By: ByCapacity, Leads: 300, Per: 1}, {By: ByNetBenefit, Cost: Cost{5, 40}}} {
		a, b := choose(t, cutoffs(t, whole, all), w), choose(t, cutoffs(t, kept, of), w)
		x, _ := MeasureChoice(model.Choice{Score: a.Score}, whole, all, Cost{5, 40})
		z, _ := MeasureChoice(model.Choice{Score: b.Score}, whole, all, Cost{5, 40})
		if w.By == ByNetBenefit { // flat at its top: what it earns tells, not where it is
			if z.Benefit.Value < .98*x.Benefit.Value {
				t.Errorf("%v: %v earns %v, %v of those kept %v", w, a.Score, x.Benefit.Value, b.Score, z.Benefit.Value)
			}
		} else if math.Abs(a.Score-b.Score) > 2 {
			t.Errorf("%v: cut-off %v of all, %v of those kept", w, a.Score, b.Score)
		}
		y, err := MeasureChoice(model.Choice{Score: a.Score}, kept, of, Cost{5, 40})
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range map[string][2]model.Estimate{"precision": {x.Precision, y.Precision}, "volume": {x.Volume, y.Volume}, "benefit": {x.Benefit, y.Benefit}} {
			if math.Abs(e[0].Value/e[1].Value-1) > .1 {
				t.Errorf("%v: %s %v of all, %v of those kept", w, name, e[0].Value, e[1].Value)
			}
		}
	}
}

// Where probabilities are right, contacting where p·win ≥ contact earns what the best cut-off earns.
func TestCostIsTheBestNetBenefitOfCalibratedScores(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	s := Sample{}
	for range 200_000 {
		p := math.Pow(rng.Float64(), 4)
		s.Label, s.Score, s.Probability = append(s.Label, rng.Float64() < p), append(s.Score, model.ScoreOf(p)), append(s.Probability, p)
	}
	c := cutoffs(t, s, Population{})
	for _, cost := range []Cost{{5, 400}, {1, 10}, {1, 2}, {3, 4}} {
		analytic, empirical := choose(t, c, Way{By: ByCost, Cost: cost}), choose(t, c, Way{By: ByNetBenefit, Cost: cost})
		earned := func(cut float64) float64 {
			rows, pos := selected(s, cut)
			return cost.Win*pos - cost.Contact*rows
		}
		if a, b := earned(analytic.Score), earned(empirical.Score); a > b || a < .995*b {
			t.Errorf("%+v: cost at %v earns %v, net benefit at %v earns %v", cost, analytic.Score, a, empirical.Score, b)
		}
		if p := model.ProbabilityAt(analytic.Score); p*cost.Win < cost.Contact*(1-1e-9) || model.ProbabilityAt(analytic.Score-.01)*cost.Win > cost.Contact {
			t.Errorf("%+v: the cut-off %v is a probability of %v", cost, analytic.Score, p)
		}
	}
	// Of probabilities that are still to be corrected the same leads are selected.
	moved := cutoffs(t, s, Population{Odds: math.Exp(-2), Pending: -2})
	at := model.ProbabilityAt(choose(t, moved, Way{By: ByCost, Cost: Cost{1, 10}}).Score)
	if got := model.Sigmoid(model.Logit(at) - 2); math.Abs(got-.1) > .001 {
		t.Errorf("after the correction the cut-off is a probability of %v, want .1", got)
	}
	s.Probability = nil
	if cut := choose(t, cutoffs(t, s, Population{}), Way{By: ByCost, Cost: Cost{1, 10}}); cut.By != ByNetBenefit || cut.Note == "" {
		t.Errorf("of scores without a probability: %+v", cut)
	}
}

// The figures of a cross-fitted choice are those of new leads: their intervals cover the truth where those of the rows that it was
// chosen on would not.
func TestCrossFittedIntervalsCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	sample := func(n int) (s Sample) {
		for range n {
			x := rng.NormFloat64()
			s.Label, s.Score = append(s.Label, rng.Float64() < model.Sigmoid(1.5*x-2)), append(s.Score, 50+10*x)
		}
		s.Label[0], s.Label[1], s.Label[2], s.Label[3] = true, true, false, false
		return s
	}
	truth := sample(20_000)
	w := Way{By: ByNetBenefit, Cost: Cost{1, 4}}
	const rounds = 200
	var precision, benefit, optimism, volume int
	for range rounds {
		s := sample(300)
		c, _, err := CrossFit(s, halves(300), Population{}, w, w.Cost)
		if err != nil {
			t.Fatal(err)
		}
		// The truth of the two cut-offs together is what each half's gives on all leads.
		var of tally
		for side := range uint8(2) {
			of.count(truth, nil, 0, choose(t, cutoffs(t, s.half(halves(300), side), Population{}), w).Score)
		}
		real := model.Choice{}
		of.fill(&real, Population{}, w.Cost)
		if c.Precision.Lower <= real.Precision.Value && real.Precision.Value <= c.Precision.Upper {
			precision++
		}
		if c.Benefit.Lower <= real.Benefit.Value && real.Benefit.Value <= c.Benefit.Upper {
			benefit++
		}
		own, err := MeasureChoice(c, s, Population{}, w.Cost)
		if err != nil {
			t.Fatal(err)
		}
		if own.Benefit.Value > real.Benefit.Value {
			optimism++
		}
		// Leads that come at random, 40 a day in 30 days.
		n := 0
		for at := rng.ExpFloat64(); at < 1200; at += rng.ExpFloat64() {
			n++
		}
		v := (&tally{pos: float64(n)}).volume(Population{Days: 30})
		if v.Lower <= 40 && 40 <= v.Upper {
			volume++
		}
	}
	for name, n := range map[string]int{"precision": precision, "benefit": benefit, "volume": volume} {
		if share := float64(n) / rounds; share < .91 || share > .99 {
			t.Errorf("%s: %d of %d intervals cover", name, n, rounds)
		}
	}
	if optimism < rounds*6/10 {
		t.Errorf("measured on its own rows a choice flatters %d times of %d; then nothing need be cross-fitted", optimism, rounds)
	}
}
