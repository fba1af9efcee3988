package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"leadscore/model"
)

// calibrated draws rows of a model that is right: every row is positive with its probability. Of its three columns
// one has nothing to do with the probability, one is nothing but it, in tenths, so that its segments have low
// AUCs, and one lifts the rate of some values.
func calibrated(rng *rand.Rand, n int) (Sample, []Column) {
	s := Sample{Label: make([]bool, n), Probability: make([]float64, n)}
	columns := make([]Column, 3)
	for k := range columns {
		columns[k] = Column{Name: fmt.Sprint(k), Codes: make([]int32, n), Levels: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}}
	}
	for i := range n {
		source := rng.IntN(8)
		p := model.Sigmoid(rng.NormFloat64() - 1.5 + float64(source%3))
		s.Probability[i] = p
		s.Label[i] = rng.Float64() < p
		columns[0].Codes[i], columns[1].Codes[i], columns[2].Codes[i] = int32(rng.IntN(10)), int32(p*10), int32(source)
	}
	s.Score = s.Probability
	return s, columns
}

func segmentsOf(s Sample, columns []Column) []model.Segment {
	return newPanel([]Sample{s}, Options{Replicates: -1}).segments(columns, s.Weight, 1)
}

func TestAGoodModelHasAWeakSegmentInFiveOfHundred(t *testing.T) {
	const simulations = 300
	rng := rand.New(rand.NewPCG(51, 1))
	named := map[string]int{}
	for k := range simulations {
		s, columns := calibrated(rng, 1500)
		if k%3 == 0 { // every row of a lead that is twice there
			for i := range s.Label {
				s.Cluster = append(s.Cluster, int32(i/2))
				if i%2 == 1 {
					s.Label[i], s.Probability[i] = s.Label[i-1], s.Probability[i-1]
					for c := range columns {
						columns[c].Codes[i] = columns[c].Codes[i-1]
					}
				}
			}
		}
		which, kind := "", ""
		if s.Cluster != nil {
			kind = "clustered "
		}
		for _, g := range segmentsOf(s, columns) {
			if g.Weak != "" {
				which = kind + g.Weak
			}
		}
		if which != "" {
			named[which]++
		}
	}
	// 5 % of 300 are 15; more than 24 would come by chance in one of a hundred runs of an exact test.
	n := 0
	for _, k := range named {
		n += k
	}
	if n > 24 {
		t.Errorf("a weak segment is named in %d of %d samples of a model that is right: %v", n, simulations, named)
	}
}

func TestABadSegmentIsFound(t *testing.T) {
	const simulations = 40
	rng := rand.New(rand.NewPCG(53, 1))
	var noise, shifted, all int
	for range simulations {
		s, columns := calibrated(rng, 3000)
		for i, code := range columns[0].Codes {
			switch code {
			case 3: // the probability says nothing here
				s.Label[i] = rng.Float64() < .35
			case 7: // it says too little
				s.Label[i] = rng.Float64() < model.Sigmoid(model.Logit(s.Probability[i])+1)
			}
		}
		for _, g := range segmentsOf(s, columns) {
			if g.Weak == "" {
				continue
			}
			if g.Column == "0" { // the other columns have rows of the bad segments, and so a little of their faults
				all++
			}
			switch {
			case g.Column == "0" && g.Value == "d" && g.Weak == weakRanking:
				noise++
			case g.Column == "0" && g.Value == "h" && g.Weak == weakCalibration:
				shifted++
			}
		}
	}
	if noise < simulations*9/10 || shifted < simulations*9/10 {
		t.Errorf("of %d samples the segment without ranking was found in %d, the one with a shifted rate in %d", simulations, noise, shifted)
	}
	if other := all - noise - shifted; other > simulations/8 {
		t.Errorf("%d good segments were named in %d samples", other, simulations)
	}
}

func TestWeakSegmentsByHolm(t *testing.T) {
	none := math.NaN()
	segments := make([]model.Segment, 4)
	// Five tests: .05/5 = .01, .0125, .0167 … The third is too great, so the fourth does not count.
	weak(segments, []suspicion{{.012, .009}, {none, .02}, {.02, none}, {.9, none}})
	if got := segments[0].Weak; got != weakCalibration {
		t.Errorf("the surer fault is calibration, got %q", got)
	}
	segments = make([]model.Segment, 4)
	weak(segments, []suspicion{{none, .02}, {.0124, none}, {.009, none}, {.9, none}})
	for i, want := range []string{"calibration", "ranking", "ranking", ""} {
		if segments[i].Weak != want {
			t.Errorf("segment %d is %q, want %q", i, segments[i].Weak, want)
		}
	}
	segments = make([]model.Segment, 4)
	weak(segments, []suspicion{{none, .001}, {.0166, none}, {.017, none}, {.9, none}})
	if segments[0].Weak == "" || segments[1].Weak == "" || segments[2].Weak == "" || segments[3].Weak != "" {
		t.Errorf("%+v", segments)
	}
	segments = make([]model.Segment, 4)
	weak(segments, []suspicion{{none, .001}, {.0168, none}, {.017, none}, {.9, none}}) // .05/3 is .01667
	if segments[1].Weak != "" || segments[2].Weak != "" {
		t.Errorf("a test after one that was not rejected is rejected: %+v", segments)
	}
}

// TestForetoldAUCIsTheMeanOverOutcomes adds up all outcomes of a few rows: the mean of Σ pairs in order over Σ pairs.
func TestForetoldAUCIsTheMeanOverOutcomes(t *testing.T) {
	p := []float64{.9, .7, .7, .4, .2, .2, .1}
	score := []float64{9, 8, 5, 5, 5, 2, 1}
	var order, pairs float64
	for bits := range 1 << len(p) {
		chance := 1.0
		for i, x := range p {
			if bits>>i&1 == 1 {
				chance *= x
			} else {
				chance *= 1 - x
			}
		}
		for i := range p {
			for j := range p {
				if bits>>i&1 == 1 && bits>>j&1 == 0 {
					pairs += chance
					switch {
					case score[i] > score[j]:
						order += chance
					case score[i] == score[j]:
						order += chance / 2
					}
				}
			}
		}
	}
	ones := slices.Repeat([]float64{1}, len(p))
	c := cohort{table: &table{label: make([]bool, len(p)), weight: ones, columns: [][]float64{score, p}}}
	near(t, "foretold AUC", c.foretoldAUC(), order/pairs)
	c.columns[1] = make([]float64, len(p))
	near(t, "of certain rows", c.foretoldAUC(), .5)
}

// exactTails are P(X ≥ k) and P(X ≤ k) of a sum of independent yeses.
func exactTails(p []float64, k int) (upper, lower float64) {
	chance := make([]float64, len(p)+1)
	chance[0] = 1
	for i, x := range p {
		for n := i + 1; n > 0; n-- {
			chance[n] = chance[n]*(1-x) + chance[n-1]*x
		}
		chance[0] *= 1 - x
	}
	for n, c := range chance {
		if n >= k {
			upper += c
		}
		if n <= k {
			lower += c
		}
	}
	return upper, lower
}

func TestCountPEqualsExactTails(t *testing.T) {
	rng := rand.New(rand.NewPCG(57, 1))
	for _, c := range []struct {
		rows   int
		centre float64
	}{{20, 0}, {50, -4}, {50, 3}, {200, -3}, {400, 0}} {
		p, w := make([]float64, c.rows), make([]float64, c.rows)
		variance, expected := 0.0, 0.0
		for i := range p {
			p[i], w[i] = model.Sigmoid(c.centre+rng.NormFloat64()), 1
			variance += p[i] * (1 - p[i])
			expected += p[i]
		}
		for k := range c.rows + 1 {
			if math.Abs(float64(k)-expected) < plain*math.Sqrt(variance) {
				continue
			}
			label := make([]bool, c.rows)
			for i := range k {
				label[i] = true
			}
			upper, lower := exactTails(p, k)
			want := math.Min(1, 2*math.Min(upper, lower))
			got := countP(label, p, w)
			if want > 1e-12 && math.Abs(math.Log(got/want)) > .12 {
				t.Errorf("%d rows, %d positive, %.2f expected: p %.3g, exact %.3g", c.rows, k, expected, got, want)
			}
		}
	}
}

func TestCountPAtTheEdges(t *testing.T) {
	ones := []float64{1, 1, 1}
	if p := countP([]bool{true, false, false}, []float64{0, 0, 0}, ones); p != 0 {
		t.Errorf("a positive where none may be: p %v", p)
	}
	if p := countP([]bool{false, true, true}, []float64{1, 1, 1}, ones); p != 0 {
		t.Errorf("a negative where none may be: p %v", p)
	}
	if p := countP([]bool{false, true}, []float64{0, 1}, ones); p != 1 {
		t.Errorf("certain and right: p %v", p)
	}
	label, p := []bool{true, true, true, true, false, false, true, true}, []float64{.1, .1, .2, .2, .1, .1, .1, .1}
	twice := countP(label, p, []float64{1, 1, 1, 1, 1, 1, 1, 1})
	near(t, "weight 2", countP([]bool{true, true, false, true}, []float64{.1, .2, .1, .1}, []float64{2, 2, 2, 2}), twice)
}
