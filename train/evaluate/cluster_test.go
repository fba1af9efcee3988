package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/model"
)

func TestClustersOfOneRowAreNone(t *testing.T) {
	s := draw(31, 300, 1)
	want := measure(t, s, Options{Seed: 4})
	s.Cluster = make([]int32, len(s.Label))
	for i := range s.Cluster {
		s.Cluster[i] = int32(7*i - 900)
	}
	if got := measure(t, s, Options{Seed: 4}); !sameBits(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// TestEveryRowThreeTimesIsNoMoreEvidence writes each row out three times in one cluster: figures and intervals are those of the
// rows once. Without clusters the intervals are shorter by √3.
func TestEveryRowThreeTimesIsNoMoreEvidence(t *testing.T) {
	once := draw(32, 250, 1)
	var thrice Sample
	for i := range once.Label {
		for range 3 {
			thrice.Label = append(thrice.Label, once.Label[i])
			thrice.Score = append(thrice.Score, once.Score[i])
			thrice.Probability = append(thrice.Probability, once.Probability[i])
			thrice.Cluster = append(thrice.Cluster, int32(i))
		}
	}
	want, got := measure(t, once, Options{Replicates: -1}), measure(t, thrice, Options{Replicates: -1})
	nearEstimate(t, "AUC", got.AUC, []float64{want.AUC.Value, want.AUC.Lower, want.AUC.Upper})
	nearEstimate(t, "Brier", got.Brier, []float64{want.Brier.Value, want.Brier.Lower, want.Brier.Upper})
	nearEstimate(t, "skill", got.Skill, []float64{want.Skill.Value, want.Skill.Lower, want.Skill.Upper})
	// The corrected ECE takes the design effect of all rows for every bin's.
	if a, b := got.ECECorrected.Value, want.ECECorrected.Value; math.Abs(a-b) > 1e-3 {
		t.Errorf("corrected ECE %v, want %v", a, b)
	}
	wide := func(e model.Estimate) float64 { return e.Upper - e.Lower }
	want, got = measure(t, once, Options{Replicates: 400}), measure(t, thrice, Options{Replicates: 400})
	for name, pair := range map[string][2]model.Estimate{
		"PR-AUC": {got.PRAUC, want.PRAUC}, "KS": {got.KS, want.KS}, "lift": {got.Lift20, want.Lift20},
		"ECE": {got.ECE, want.ECE}, "slope": {got.Slope, want.Slope}, "intercept": {got.Intercept, want.Intercept},
	} {
		near(t, name, pair[0].Value, pair[1].Value)
		if r := wide(pair[0]) / wide(pair[1]); r < .85 || r > 1.15 { // a sandwich is not the information, and a bootstrap has noise
			t.Errorf("%s: the interval is %.2f times that of the rows once", name, r)
		}
	}
	thrice.Cluster = nil
	if r := wide(measure(t, thrice, Options{}).PRAUC) / wide(want.PRAUC); r > .7 {
		t.Errorf("without clusters the interval of PR-AUC is %.2f times that of the rows once; want some .58", r)
	}
	a, _, err := CompareAUC(thrice, Sample{Label: thrice.Label, Score: make([]float64, len(thrice.Label)), Cluster: make([]int32, len(thrice.Label))})
	if err == nil {
		t.Errorf("scorers with different clusters are compared: %+v", a)
	}
}

// repeated draws leads with four rows each, whose scores have a part in common. The AUC is Φ(1/√2).
func repeated(rng *rand.Rand, leads int) Sample {
	var s Sample
	for lead := range leads {
		label := rng.Float64() < .4
		common := .8 * rng.NormFloat64()
		for range 4 {
			x := common + .6*rng.NormFloat64()
			if label {
				x++
			}
			s.Label = append(s.Label, label)
			s.Score = append(s.Score, x)
			s.Cluster = append(s.Cluster, int32(lead))
		}
	}
	return s
}

func TestIntervalsOfRepeatedLeadsCover(t *testing.T) {
	const simulations = 250
	truth := .5 * math.Erfc(-.5)
	rng := rand.New(rand.NewPCG(41, 1))
	held, naive := 0, 0
	in := func(s Sample) int {
		e, err := AUC(s)
		if err != nil {
			t.Fatal(err)
		}
		if e.Lower <= truth && truth <= e.Upper {
			return 1
		}
		return 0
	}
	for range simulations {
		s := repeated(rng, 80)
		held += in(s)
		s.Cluster = nil
		naive += in(s)
	}
	if share := float64(held) / simulations; share < .92 || share > .98 {
		t.Errorf("the clustered 95 %% interval holds the AUC in %.1f %% of samples", 100*share)
	}
	if share := float64(naive) / simulations; share > .87 {
		t.Errorf("without clusters it does in %.1f %%: the simulation shows nothing", 100*share)
	}
}

func TestClusterBootstrapMatchesRepeatedSampling(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 1))
	var values, errors []float64
	for k := range 150 {
		s := repeated(rng, 150)
		o := Options{Seed: uint64(k), Replicates: -1}
		if k%15 == 0 {
			o.Replicates = 200
		}
		e := measure(t, s, o).Lift20
		values = append(values, e.Value)
		if k%15 == 0 {
			errors = append(errors, (e.Upper-e.Lower)/2/z95)
		}
	}
	ones := make([]float64, len(values))
	for i := range ones {
		ones[i] = 1
	}
	_, ofMean := mean(values, ones)
	truth := ofMean * math.Sqrt(float64(len(values)))
	if got, _ := mean(errors, ones[:len(errors)]); got < .8*truth || got > 1.25*truth {
		t.Errorf("standard error of the lift by the bootstrap %.4f, true one %.4f", got, truth)
	}
}

func TestPerfectScorerOfRepeatedRowsIsNoSurer(t *testing.T) {
	once := Sample{Label: []bool{true, true, true, false, false, false, false}, Score: []float64{9, 8, 7, 4, 3, 2, 1}}
	var thrice Sample
	for i := range once.Label {
		for range 3 {
			thrice.Label, thrice.Score, thrice.Cluster = append(thrice.Label, once.Label[i]), append(thrice.Score, once.Score[i]), append(thrice.Cluster, int32(i))
		}
	}
	want, got := measure(t, once, Options{}), measure(t, thrice, Options{})
	if got.AUC != want.AUC || got.PRAUC.Lower != want.PRAUC.Lower {
		t.Errorf("AUC %+v, PR-AUC %+v; once %+v, %+v", got.AUC, got.PRAUC, want.AUC, want.PRAUC)
	}
}

// TestTiesOfTheProbabilityAloneCount: the score tells rows apart that share a probability, in the same order.
func TestTiesOfTheProbabilityAloneCount(t *testing.T) {
	tied := draw(45, 5000, 1)
	want := measure(t, Sample{Label: tied.Label, Score: tied.Probability, Probability: tied.Probability}, Options{})
	for i := range tied.Score {
		tied.Score[i] = tied.Probability[i] + 1e-6*float64(i)
	}
	got := measure(t, tied, Options{})
	near(t, "ECE", got.ECE.Value, want.ECE.Value)
	near(t, "reliability", float64(got.BrierParts.Reliability), float64(want.BrierParts.Reliability))
}

// TestASegmentOfAllRowsIsNotBelowThem: the difference and its variance are 0.
func TestASegmentOfAllRowsIsNotBelowThem(t *testing.T) {
	for _, clustered := range []bool{false, true} {
		s := draw(47, 300, 1)
		s.Probability = nil
		if clustered {
			for i := range s.Label {
				s.Cluster = append(s.Cluster, int32(i/3))
			}
		}
		p := newPanel([]Sample{s}, Options{Replicates: -1})
		whole := p.t.influences(p.scorers[0].places)
		if variance := p.t.deLong(p.scorers[0].places.value, p.scorers[0].places.pos, p.scorers[0].places.neg, p.scorers[0].places.auc); !clustered {
			near(t, "variance", whole.total, variance)
		} else if r := whole.total / variance; r < .95 || r > 1.05 {
			t.Errorf("variance by influences is %.3f times Obuchowski's", r)
		}
		all := p.t.cohorts(make([]int32, 300), 1, 0, -1)[0]
		_, places := all.summary()
		near(t, "variance of no difference", all.differenceVariance(*places, whole), 0)
		if value := all.rankingP(places, p.scorers[0].places.auc, whole); value < .4 {
			t.Errorf("clustered %v: p %v", clustered, value)
		}
	}
}
