package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"leadscore/model"
)

// field is scorers whose scores are knows·truth plus noise of their own and noise that all share.
type field struct {
	name   string
	rows   int
	rate   float64
	knows  []float64 // by scorer
	shared float64   // weight of the common noise, 0 to 1
	points bool      // the second scorer has few different scores
}

// draw makes labels of the given rate from a hidden truth, and the scorers.
func (f field) draw(rng *rand.Rand) ([]bool, []Entrant) {
	label := make([]bool, f.rows)
	truth := make([]float64, f.rows)
	cut := distuv.UnitNormal.Quantile(1 - f.rate)
	for i := range label {
		truth[i] = rng.NormFloat64()
		label[i] = truth[i] > cut
	}
	common := make([]float64, f.rows)
	for i := range common {
		common[i] = rng.NormFloat64()
	}
	entrants := make([]Entrant, len(f.knows))
	for k, knows := range f.knows {
		score, p := make([]float64, f.rows), make([]float64, f.rows)
		for i := range score {
			score[i] = knows*truth[i] + f.shared*common[i] + (1-f.shared)*rng.NormFloat64()
			if f.points && k == 1 {
				score[i] = 10 * math.Round(score[i])
			}
			p[i] = model.Sigmoid(score[i] / 4)
		}
		entrants[k] = Entrant{Scorer: Scorer{Name: fmt.Sprintf("s%d", k), Score: score, Probability: p}, Kind: model.ContestColumn}
	}
	return label, entrants
}

// told is how many of n data sets end in a verdict.
func (f field) told(t *testing.T, n int) int {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 17))
	count := 0
	for range n {
		label, entrants := f.draw(rng)
		c, err := Contest(label, entrants, ContestOptions{Options: Options{Replicates: -1}})
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict.Tells {
			count++
		}
	}
	return count
}

// Of data sets in which no scorer knows anything at least 95 in 100 end in "the data cannot tell": the upper end of the exact
// one-sided 95 % interval (Clopper & Pearson 1934) of the share that does not is below 5 %.
func TestNoiseCannotBeTold(t *testing.T) {
	const n = 300
	for _, f := range []field{
		{name: "two", rows: 200, rate: .3, knows: make([]float64, 2)},
		{name: "two alike", rows: 200, rate: .3, knows: make([]float64, 2), shared: .9},
		{name: "with points", rows: 200, rate: .3, knows: make([]float64, 3), points: true},
		{name: "six", rows: 200, rate: .3, knows: make([]float64, 6)},
		{name: "rare", rows: 400, rate: .05, knows: make([]float64, 3)},
	} {
		k := f.told(t, n)
		upper := distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(.95)
		t.Logf("%s: a verdict in %d of %d, at most %.1f %%", f.name, k, n, 100*upper)
		if upper >= .05 {
			t.Errorf("%s: %d of %d data sets of noise end in a verdict; the upper bound of the rate, %.1f %%, is not below 5 %%", f.name, k, n, 100*upper)
		}
	}
}

// Scorers that know the same are called different as rarely as the correction promises; without it, ten pairs call many.
func TestScorersThatAreEquallyGoodAreRarelyToldApart(t *testing.T) {
	const n = 200
	f := field{rows: 200, rate: .3, knows: []float64{1, 1, 1, 1, 1}}
	k := f.told(t, n)
	upper := distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(.95)
	t.Logf("a verdict in %d of %d, at most %.1f %%", k, n, 100*upper)
	if upper >= .1 { // 5 % is what Holm promises for exact p values
		t.Errorf("%d of %d", k, n)
	}
}

func TestPlantedDifferenceIsFound(t *testing.T) {
	f := field{rows: 800, rate: .3, knows: []float64{1, .3, .3}}
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 100 {
		label, entrants := f.draw(rng)
		c, err := Contest(label, entrants, ContestOptions{Options: Options{Replicates: -1}})
		if err != nil {
			t.Fatal(err)
		}
		v := c.Verdict
		if v.Tells && v.Better == "s0" && len(v.Than) == 2 && v.Nearest.A == "s0" && v.Nearest.Difference.Lower > 0 {
			found++
		}
	}
	if found < 99 {
		t.Errorf("the better scorer was found in %d of 100", found)
	}
}

// bruteCaught is the expected conversions among the n best when equal scores are in random order.
func bruteCaught(label []bool, score []float64, n float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if score[a] > score[b] {
			return -1
		}
		if score[a] < score[b] {
			return 1
		}
		return 0
	})
	caught := 0.0
	for start := 0; start < len(order) && n > 0; {
		end, pos := start, 0.0
		for end < len(order) && score[order[end]] == score[order[start]] {
			if label[order[end]] {
				pos++
			}
			end++
		}
		take := math.Min(n, float64(end-start))
		caught += pos * take / float64(end-start)
		n -= take
		start = end
	}
	return caught
}

func TestCaughtAndEarned(t *testing.T) {
	f := field{rows: 500, rate: .2, knows: []float64{1, .5}, points: true}
	label, entrants := f.draw(rand.New(rand.NewPCG(3, 4)))
	win, contact := 100.0, 3.0
	for _, n := range []float64{1, 37, 50, 250, 500} {
		c, err := Contest(label, entrants, ContestOptions{Capacity: n, Win: &win, Contact: &contact})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range c.Scorers {
			want := bruteCaught(label, entrants[i].Score, n)
			if math.Abs(s.Caught.Value-want) > 1e-9 {
				t.Errorf("%s at %v: caught %v, want %v", s.Name, n, s.Caught.Value, want)
			}
			if s.Caught.Value > n+1e-9 || s.Caught.Upper > n+1e-9 {
				t.Errorf("%s at %v: caught %v is more than the capacity", s.Name, n, s.Caught)
			}
			if want := 100*s.Caught.Value - 3*n; math.Abs(s.Earned.Value-want) > 1e-9 {
				t.Errorf("%s at %v: earned %v, want %v", s.Name, n, s.Earned.Value, want)
			}
		}
		caught, _ := between(c.Tests, "caught", "s1", "s0")
		money, _ := between(c.Tests, "earned", "s1", "s0")
		if d := c.Scorers[1].Earned.Value - c.Scorers[0].Earned.Value; math.Abs(money.Difference.Value-d) > 1e-9 || caught.P != money.P {
			t.Errorf("at %v the difference in money is %v, want %v", n, money.Difference.Value, d)
		}
	}
}

// The interval of the difference in conversions covers its expectation over data sets about as often as it says.
func TestCaughtCovers(t *testing.T) {
	f := field{rows: 400, rate: .3, knows: []float64{1, .5}}
	rng := rand.New(rand.NewPCG(7, 8))
	const n = 150
	var values []model.Estimate
	sum := 0.0
	for range n {
		label, entrants := f.draw(rng)
		c, err := Contest(label, entrants, ContestOptions{Options: Options{Replicates: 100}})
		if err != nil {
			t.Fatal(err)
		}
		e, _ := between(c.Tests, "caught", "s0", "s1")
		values = append(values, e.Difference)
		sum += e.Difference.Value
	}
	covered := 0
	for _, e := range values {
		if e.Lower <= sum/n && sum/n <= e.Upper {
			covered++
		}
	}
	if covered < 136 { // of 150 at 95 %: 142.5 ± 2.7
		t.Errorf("%d of %d intervals cover", covered, n)
	}
}

func contestOf(t *testing.T, label []bool, entrants []Entrant, o ContestOptions) *model.Contest {
	t.Helper()
	c, err := Contest(label, entrants, o)
	if err != nil {
		t.Fatal(err)
	}
	c.Movers = nil // are told by row
	return c
}

func TestContestLaws(t *testing.T) {
	f := field{rows: 240, rate: .3, knows: []float64{1, .5, 0}, points: true}
	label, entrants := f.draw(rand.New(rand.NewPCG(9, 10)))
	take := func(rows []int) ([]bool, []Entrant) {
		var l []bool
		for _, i := range rows {
			l = append(l, label[i])
		}
		out := slices.Clone(entrants)
		for k, e := range entrants {
			out[k].Score, out[k].Probability = nil, nil
			for _, i := range rows {
				out[k].Score, out[k].Probability = append(out[k].Score, e.Score[i]), append(out[k].Probability, e.Probability[i])
			}
		}
		return l, out
	}
	text := func(c *model.Contest) string {
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := contestOf(t, label, entrants, ContestOptions{})

	var twice, back []int
	weight := make([]float64, len(label))
	for i := range label {
		weight[i] = float64(1 + i%2)
		for range 1 + i%2 {
			twice = append(twice, i)
		}
		back = append(back, len(label)-1-i)
	}
	l, e := take(back)
	turned := contestOf(t, l, e, ContestOptions{})
	if a, b := turned.Overlaps[0].Shared, one.Overlaps[0].Shared; math.Abs(float64(a-b)) > 1e-12 {
		t.Errorf("in another order of the rows %v of the top is shared, not %v", a, b)
	}
	for i := range one.Scorers {
		if text(&model.Contest{Scorers: one.Scorers[i : i+1]}) != text(&model.Contest{Scorers: turned.Scorers[i : i+1]}) {
			t.Errorf("scorer %d is another in another order of the rows", i)
		}
	}
	if text(&model.Contest{Tests: one.Tests, Verdict: one.Verdict}) != text(&model.Contest{Tests: turned.Tests, Verdict: turned.Verdict}) {
		t.Error("tests are others in another order of the rows")
	}

	o := ContestOptions{Options: Options{Replicates: -1, Weight: weight}, Capacity: 40}
	weighted := contestOf(t, label, entrants, o)
	l, e = take(twice)
	o.Weight = nil
	repeated := contestOf(t, l, e, o)
	for i := range weighted.Scorers {
		if a, b := weighted.Scorers[i].Caught.Value, repeated.Scorers[i].Caught.Value; math.Abs(a-b) > 1e-9 {
			t.Errorf("scorer %d: with weight 2 %v are caught, of the row twice %v", i, a, b)
		}
	}
	for i := range weighted.Overlaps {
		if a, b := weighted.Overlaps[i], repeated.Overlaps[i]; math.Abs(float64(a.Shared-b.Shared)) > 1e-9 || math.Abs(a.OnlyA.Value-b.OnlyA.Value) > 1e-9 {
			t.Errorf("with weight 2 the overlap is %v, of the row twice %v", a, b)
		}
	}
	for i := range weighted.Tests {
		if a, b := weighted.Tests[i], repeated.Tests[i]; math.Abs(a.Holm-b.Holm) > 1e-9 {
			t.Errorf("with weight 2 p is %v, of the row twice %v", a, b)
		}
	}

	same := slices.Clone(entrants[:2])
	same[1].Score, same[1].Probability = same[0].Score, same[0].Probability
	c := contestOf(t, label, same, ContestOptions{})
	if c.Overlaps[0].Shared != 1 || c.Verdict.Tells {
		t.Errorf("a scorer shares %v of the top with itself; verdict %+v", c.Overlaps[0].Shared, c.Verdict)
	}
	for _, x := range c.Tests {
		if x.Difference.Value != 0 || x.Holm != 1 {
			t.Errorf("a scorer differs from itself: %+v", x)
		}
	}
}

func TestTopShares(t *testing.T) {
	score := []float64{9, 5, 5, 5, 5, 1, 1, 1, 1, 1}
	if got, want := topShares(score, nil, .3), []float64{1, .5, .5, .5, .5, 0, 0, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("of the best three %v, want %v", got, want)
	}
	weight := []float64{2, 1, 0, 1, 2, 1, 1, 1, 1, 0}
	if got, want := topShares(score, weight, .4), []float64{1, .5, .5, .5, .5, 0, 0, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("by weight %v, want %v", got, want)
	}
	label := []bool{true, true, false, false, false, true, false, false, false, false}
	o := overlapOf(label, nil, []float64{1, .5, .5, 0, 0, 0, 0, 0, 0, 0}, []float64{1, 0, 0, .5, .5, 0, 0, 0, 0, 0})
	if o.Shared != .5 || o.OnlyA.Value != .5 || o.OnlyB.Value != 0 {
		t.Errorf("overlap %+v, want half shared, half of A's rest and nothing of B's positive", o)
	}
}

func TestMovers(t *testing.T) {
	label := []bool{true, false, false, true, false}
	a := Scorer{Name: "model", Score: []float64{5, 4, 3, 2, 1}}
	b := Scorer{Name: "rules", Score: []float64{1, 4, 4, 4, 9}}
	m := movers(label, a, b)
	want := []model.Mover{{Row: 0, A: 1, B: 5, Positive: true}, {Row: 1, A: 2, B: 3}}
	if len(m.Up) != 2 || m.Up[0].Row != 0 || m.Up[0].A != 1 || m.Up[0].B != 5 || !m.Up[0].Positive || m.Up[1].Row != 1 || m.Up[1].B != 3 {
		t.Errorf("up %+v, want %+v", m.Up, want)
	}
	if len(m.Down) != 2 || m.Down[0].Row != 4 || m.Down[0].A != 5 || m.Down[0].B != 1 || m.Down[1].Row != 3 {
		t.Errorf("down %+v", m.Down)
	}
}

// Figures of R 4.3: p.adjust(c(.01, .04, .03, .005), "holm").
func TestContestCorrectsByHolm(t *testing.T) {
	var tests []model.ContestTest
	for _, p := range []float64{.01, .04, .03, .005} {
		tests = append(tests, model.ContestTest{Comparison: model.Comparison{Metric: "auc", P: p}}, model.ContestTest{Comparison: model.Comparison{Metric: "lift_at_10pct", P: .9}})
	}
	correct(tests)
	for i, want := range []float64{.03, .06, .06, .02} {
		if got := tests[2*i].Holm; math.Abs(got-want) > 1e-12 {
			t.Errorf("p %v becomes %v, want %v", tests[2*i].P, got, want)
		}
		if tests[2*i+1].Holm != 1 {
			t.Error("another metric is corrected with it, or p is above 1")
		}
	}
}

func TestContestRefuses(t *testing.T) {
	label, entrants := field{rows: 50, rate: .3, knows: []float64{1, 1}}.draw(rand.New(rand.NewPCG(1, 1)))
	same := slices.Clone(entrants)
	same[1].Name = "s0"
	short := slices.Clone(entrants)
	short[1].Score = short[1].Score[1:]
	minus, five := -1.0, 5.0
	for name, c := range map[string]struct {
		label    []bool
		entrants []Entrant
		o        ContestOptions
		says     string
	}{
		"one scorer":       {label, entrants[:1], ContestOptions{}, "1 scorers; want at least 2"},
		"same name":        {label, same, ContestOptions{}, `two scorers are named "s0"`},
		"lengths":          {label, short, ContestOptions{}, `measuring "s1": 50 labels but 49 scores`},
		"one class":        {make([]bool, 50), entrants, ContestOptions{}, "none of 50 rows is positive"},
		"capacity":         {label, entrants, ContestOptions{Capacity: 51}, "a capacity of 51 leads; want above 0 and at most 50"},
		"negative":         {label, entrants, ContestOptions{Capacity: -1}, "a capacity of -1 leads"},
		"not a number":     {label, entrants, ContestOptions{Capacity: math.NaN()}, "a capacity of NaN leads"},
		"negative money":   {label, entrants, ContestOptions{Win: &minus}, "a conversion is worth -1"},
		"contact, no win":  {label, entrants, ContestOptions{Contact: &five}, "a contact costs 5, but what a conversion is worth is not given"},
		"win not a number": {label, entrants, ContestOptions{Win: &[]float64{math.NaN()}[0]}, "a conversion is worth NaN"},
	} {
		_, err := Contest(c.label, c.entrants, c.o)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
