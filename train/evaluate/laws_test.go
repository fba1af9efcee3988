package evaluate

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"leadscore/model"
)

// draw returns n rows of a scorer that is right on the whole; decimals ≥ 0 rounds it, so that it has ties.
func draw(seed uint64, n, decimals int) Sample {
	rng := rand.New(rand.NewPCG(seed, 1))
	s := Sample{Label: make([]bool, n), Score: make([]float64, n), Probability: make([]float64, n)}
	for i := range n {
		x := rng.NormFloat64()
		s.Label[i] = rng.Float64() < model.Sigmoid(1.2*x-1)
		p := model.Sigmoid(x - 1)
		if decimals >= 0 {
			scale := math.Pow(10, float64(decimals))
			p = math.Round(p*scale) / scale
		}
		s.Score[i], s.Probability[i] = 100*p, p
	}
	s.Label[0], s.Label[1] = true, false
	return s
}

func permuted(s Sample, seed uint64) Sample {
	order := rand.New(rand.NewPCG(seed, 2)).Perm(len(s.Label))
	out := Sample{Label: make([]bool, len(order))}
	take := func(from []float64) []float64 {
		if from == nil {
			return nil
		}
		to := make([]float64, len(order))
		for k, i := range order {
			to[k] = from[i]
		}
		return to
	}
	for k, i := range order {
		out.Label[k] = s.Label[i]
		if s.Cluster != nil {
			out.Cluster = append(out.Cluster, s.Cluster[i])
		}
	}
	out.Score, out.Probability, out.Weight = take(s.Score), take(s.Probability), take(s.Weight)
	return out
}

func measure(t *testing.T, s Sample, o Options) model.Metrics {
	t.Helper()
	m, err := Measure(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// each calls f with every figure of a set that has an interval.
func each(m model.Metrics, f func(name string, e model.Estimate)) {
	v := reflect.ValueOf(m)
	for i := range v.NumField() {
		if e, ok := v.Field(i).Interface().(model.Estimate); ok {
			f(v.Type().Field(i).Name, e)
		}
	}
}

func sameBits(a, b model.Metrics) bool {
	same := a.BrierParts == b.BrierParts || math.IsNaN(float64(a.BrierParts.Within)) && math.IsNaN(float64(b.BrierParts.Within))
	other := reflect.ValueOf(b)
	each(a, func(name string, e model.Estimate) {
		o := other.FieldByName(name).Interface().(model.Estimate)
		for _, p := range [][2]float64{{e.Value, o.Value}, {e.Lower, o.Lower}, {e.Upper, o.Upper}} {
			same = same && math.Float64bits(p[0]) == math.Float64bits(p[1])
		}
	})
	return same
}

func TestOrderOfRowsAndWorkersAreIrrelevant(t *testing.T) {
	for _, decimals := range []int{-1, 1, 2} {
		s := draw(3, 700, decimals)
		if decimals > 0 {
			s.Cluster = make([]int32, len(s.Label))
			for i := range s.Cluster {
				s.Cluster[i] = int32(i*i%97) * int32(decimals*decimals*decimals*1000-1000) // close and far apart
			}
		}
		s.Weight = make([]float64, len(s.Label))
		for i := range s.Weight {
			s.Weight[i] = float64(i%4) / 2
		}
		want := measure(t, s, Options{Seed: 9, Workers: 1})
		for seed := range uint64(5) {
			if got := measure(t, permuted(s, seed), Options{Seed: 9, Workers: 1 + int(seed)}); !sameBits(got, want) {
				t.Errorf("%d decimals, permutation %d: got %+v\nwant %+v", decimals, seed, got, want)
			}
		}
		if got := measure(t, s, Options{Seed: 10}); got.PRAUC.Lower == want.PRAUC.Lower {
			t.Error("another seed gives the same bootstrap")
		}
	}
}

func TestComparisonAndTablesIgnoreTheOrderOfRows(t *testing.T) {
	a, b := draw(4, 500, 1), draw(5, 500, 1)
	b.Label = a.Label
	join := Sample{Label: a.Label, Score: a.Score, Probability: a.Probability, Weight: b.Probability}
	shuffled := permuted(join, 8)
	want, err := Compare("a", a, "b", Sample{Label: a.Label, Score: b.Probability}, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Compare("a", Sample{Label: shuffled.Label, Score: shuffled.Score, Probability: shuffled.Probability},
		"b", Sample{Label: shuffled.Label, Score: shuffled.Weight}, Options{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("comparison: got %+v\nwant %+v", got, want)
	}
	for name, table := range map[string]func(Sample) (any, error){
		"deciles":      func(s Sample) (any, error) { return Deciles(s) },
		"calibration":  func(s Sample) (any, error) { return Calibration(s, 10) },
		"thresholds":   func(s Sample) (any, error) { return Thresholds(s, 0) },
		"curve":        func(s Sample) (any, error) { return Curve(s) },
		"distribution": func(s Sample) (any, error) { return Distribution(s, 20) },
	} {
		x, errX := table(a)
		y, errY := table(permuted(a, 77))
		if errX != nil || errY != nil || !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %+v (%v)\nis not %+v (%v)", name, x, errX, y, errY)
		}
	}
}

func TestRankingIsUnchangedByMonotoneMaps(t *testing.T) {
	s := draw(6, 400, 2)
	want := measure(t, s, Options{})
	for i, x := range s.Score {
		s.Score[i] = math.Exp(x/20) - 5
	}
	if got := measure(t, s, Options{}); !sameBits(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestReversedScorerHasTheComplementaryAUC(t *testing.T) {
	s := draw(7, 400, 1)
	want := measure(t, s, Options{})
	for i := range s.Score {
		s.Score[i] = 100 - s.Score[i]
	}
	got := measure(t, s, Options{})
	near(t, "AUC", got.AUC.Value, 1-want.AUC.Value)
	near(t, "lower end", got.AUC.Lower, 1-want.AUC.Upper)
	near(t, "KS", got.KS.Value, want.KS.Value)
}

func TestWeightTwoIsTheRowTwiceAndZeroIsTheRowGone(t *testing.T) {
	s := draw(8, 300, 1)
	s.Weight = make([]float64, len(s.Label))
	var twice Sample
	for i := range s.Label {
		s.Weight[i] = float64(i % 3)
		for range i % 3 {
			twice.Label = append(twice.Label, s.Label[i])
			twice.Score = append(twice.Score, s.Score[i])
			twice.Probability = append(twice.Probability, s.Probability[i])
		}
	}
	got, want := measure(t, s, Options{Replicates: -1}), measure(t, twice, Options{Replicates: -1})
	other := reflect.ValueOf(want)
	each(got, func(name string, e model.Estimate) {
		w := other.FieldByName(name).Interface().(model.Estimate)
		near(t, name, e.Value, w.Value)
		if !math.IsNaN(w.Lower) {
			near(t, name+", lower end", e.Lower, w.Lower)
			near(t, name+", upper end", e.Upper, w.Upper)
		}
	})
	dGot, err := Deciles(s)
	if err != nil {
		t.Fatal(err)
	}
	dWant, err := Deciles(twice)
	if err != nil {
		t.Fatal(err)
	}
	for i := range dWant {
		near(t, "mean of a decile", dGot[i].MeanScore, dWant[i].MeanScore)
		dGot[i].MeanScore = dWant[i].MeanScore
	}
	if !reflect.DeepEqual(dGot, dWant) {
		t.Errorf("deciles: got %+v\nwant %+v", dGot, dWant)
	}
	tGot, _ := Thresholds(s, 0)
	tWant, _ := Thresholds(twice, 0)
	if !reflect.DeepEqual(tGot, tWant) {
		t.Errorf("thresholds: got %+v\nwant %+v", tGot, tWant)
	}
	near(t, "reliability", float64(got.BrierParts.Reliability), float64(want.BrierParts.Reliability))
	near(t, "resolution", float64(got.BrierParts.Resolution), float64(want.BrierParts.Resolution))
}

func TestConstantScorerKnowsNothing(t *testing.T) {
	s := draw(9, 200, -1)
	pos, neg := s.totals()
	base := pos / (pos + neg)
	for i := range s.Score {
		s.Score[i], s.Probability[i] = 1, base
	}
	m := measure(t, s, Options{})
	if want := (model.Estimate{Value: .5, Lower: .5, Upper: .5}); m.AUC != want {
		t.Errorf("AUC %+v, want %+v", m.AUC, want)
	}
	near(t, "lift", m.Lift10.Value, 1)
	near(t, "KS", m.KS.Value, 0)
	near(t, "PR-AUC", m.PRAUC.Value, base)
	near(t, "ECE", m.ECE.Value, 0)
	near(t, "skill", m.Skill.Value, 0)
	bins, err := Calibration(s, 10)
	if err != nil || len(bins) != 1 || bins[0].Rows != 200 || bins[0].Observed.Value != base {
		t.Errorf("calibration %+v, %v; want one bin of all rows", bins, err)
	}
	deciles, err := Deciles(s)
	if err != nil || len(deciles) != 10 {
		t.Fatalf("deciles %+v, %v; want 10", deciles, err)
	}
	for _, d := range deciles {
		if d.Rows != 20 || math.Abs(float64(d.Positives)-20*base) >= 1 {
			t.Errorf("decile %+v: positives are not shared out among ties", d)
		}
	}
}

func TestPerfectScorerIsNotCertain(t *testing.T) {
	s := Sample{Label: []bool{true, true, true, false, false, false, false}, Score: []float64{9, 8, 7, 4, 3, 2, 1}}
	m := measure(t, s, Options{})
	for name, e := range map[string]model.Estimate{"AUC": m.AUC, "PR-AUC": m.PRAUC, "KS": m.KS} {
		if e.Value != 1 || e.Upper != 1 || !(e.Lower > .3 && e.Lower < .95) {
			t.Errorf("%s of 3 against 4 rows: %+v", name, e)
		}
	}
	if !math.IsNaN(m.LogLoss.Value) || !math.IsNaN(m.ECE.Value) {
		t.Error("a scorer without probabilities has a log loss or an ECE")
	}
	e, p, err := CompareAUC(s, Sample{Label: s.Label, Score: make([]float64, 7)})
	if err != nil || e.Value != .5 || e.Lower >= e.Value || e.Upper <= e.Value || p <= 0 || p >= 1 {
		t.Errorf("perfect against constant: %+v, p %v, %v", e, p, err)
	}
}

func TestPerfectAgainstConstantIsAsWideAsBoth(t *testing.T) {
	s := Sample{Label: []bool{true, true, true, false, false, false, false}, Score: []float64{9, 8, 7, 4, 3, 2, 1}}
	e, _, err := CompareAUC(s, Sample{Label: s.Label, Score: make([]float64, 7)})
	if err != nil {
		t.Fatal(err)
	}
	perfect, constant := newcombe(1, 3, 4), newcombe(.5, 3, 4)
	near(t, "lower arm", e.Value-e.Lower, math.Hypot(1-perfect.Lower, constant.Upper-.5))
}

func TestWrongCertaintyCosts36(t *testing.T) {
	// scikit-learn clips by the machine epsilon too: log_loss([1, 0], [0, 0]) is half of 52 log 2.
	m := measure(t, Sample{Label: []bool{true, false}, Score: []float64{0, 0}, Probability: []float64{0, 0}}, Options{})
	near(t, "log loss", m.LogLoss.Value, 26*math.Ln2)
}

func TestScorerAgainstItselfIsNoDifference(t *testing.T) {
	s := draw(21, 400, 1)
	comparisons, err := Compare("a", s, "b", s, Options{})
	if err != nil || len(comparisons) != 5 {
		t.Fatalf("%+v, %v", comparisons, err)
	}
	for _, c := range comparisons {
		if c.Difference != (model.Estimate{}) || c.P != 1 {
			t.Errorf("%+v", c)
		}
	}
}

func TestEveryIntervalHoldsItsFigure(t *testing.T) {
	for seed := range uint64(40) {
		s := draw(seed, 30+int(seed)*5, int(seed%3)-1)
		each(measure(t, s, Options{Seed: seed}), func(name string, e model.Estimate) {
			if name == "Slope" && seed%3 == 1 && math.IsNaN(e.Value) {
				return // probabilities of 0 and 1 alone may tell the classes apart
			}
			if math.IsNaN(e.Lower) || !(e.Lower <= e.Value && e.Value <= e.Upper) {
				t.Errorf("seed %d: %s %+v", seed, name, e)
			}
		})
	}
}

func TestBadSamplesAreRefused(t *testing.T) {
	ok := Sample{Label: []bool{true, false}, Score: []float64{1, 2}}
	for want, s := range map[string]Sample{
		"no rows":                          {},
		"2 labels but 1 scores":            {Label: ok.Label, Score: []float64{1}},
		"2 labels but 3 probabilities":     {Label: ok.Label, Score: ok.Score, Probability: make([]float64, 3)},
		"2 labels but 3 clusters":          {Label: ok.Label, Score: ok.Score, Cluster: make([]int32, 3)},
		"2 labels but 3 weights":           {Label: ok.Label, Score: ok.Score, Weight: make([]float64, 3)},
		"row 2: score NaN":                 {Label: ok.Label, Score: []float64{1, math.NaN()}},
		"row 1: score +Inf":                {Label: ok.Label, Score: []float64{math.Inf(1), math.NaN()}},
		"nor are 1 more":                   {Label: ok.Label, Score: []float64{math.Inf(1), math.NaN()}},
		"row 1: probability 1.5":           {Label: ok.Label, Score: ok.Score, Probability: []float64{1.5, 0}},
		"row 2: weight -1":                 {Label: ok.Label, Score: ok.Score, Weight: []float64{1, -1}},
		"none of 2 rows is positive":       {Label: []bool{false, false}, Score: ok.Score},
		"all 2 rows are positive":          {Label: []bool{true, true}, Score: ok.Score},
		"all rows have weight 0":           {Label: ok.Label, Score: ok.Score, Weight: []float64{0, 0}},
		"all 2 rows are positive; both":    {Label: []bool{true, true}, Score: ok.Score},
		"measuring a scorer: 2 labels but": {Label: ok.Label},
	} {
		if _, err := Measure(s, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Compare("a", ok, "b", Sample{Label: []bool{false, true}, Score: ok.Score}, Options{}); err == nil || !strings.Contains(err.Error(), "same rows") {
		t.Errorf("different labels: error %v", err)
	}
}

func FuzzMeasureNeverPanics(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, true, uint64(1))
	f.Add([]byte{0, 0, 255, 255}, false, uint64(2))
	f.Fuzz(func(t *testing.T, data []byte, weighted bool, seed uint64) {
		var s Sample
		for i := 0; i+2 < len(data); i += 3 {
			s.Label = append(s.Label, data[i]%2 == 1)
			s.Score = append(s.Score, float64(data[i]/2)-40)
			s.Probability = append(s.Probability, float64(data[i+1])/255)
			if weighted {
				s.Weight = append(s.Weight, float64(data[i+2])/8)
			}
			if seed%2 == 1 {
				s.Cluster = append(s.Cluster, int32(data[i+2]%4))
			}
		}
		m, err := Measure(s, Options{Seed: seed, Replicates: 5})
		if err != nil {
			return
		}
		each(m, func(name string, e model.Estimate) {
			if name == "Slope" && math.IsNaN(e.Value) {
				return // there is none where a cut tells the classes apart
			}
			if math.IsNaN(e.Value) || e.Lower > e.Value+1e-12 || e.Upper < e.Value-1e-12 {
				t.Errorf("%s %+v", name, e)
			}
		})
		o := Options{Replicates: 3, Weight: s.Weight, Cluster: s.Cluster, Segments: []Column{{Name: "a", Levels: []string{"x", "y"}}}}
		for i := range s.Label {
			o.Months = append(o.Months, Month(data[3*i+1]%4))
			o.Segments[0].Codes = append(o.Segments[0].Codes, int32(data[3*i+2]%3)-1)
		}
		if _, err := Card(s.Label, []Scorer{{Name: "model", Score: s.Score, Probability: s.Probability}, {Name: "rules", Score: s.Probability}}, nil, o); err != nil {
			t.Error(err)
		}
	})
}
