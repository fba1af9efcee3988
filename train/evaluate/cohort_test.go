package evaluate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"leadscore/model"
)

func TestMonthNames(t *testing.T) {
	for want, m := range map[string]Month{"2026-11": 2026*12 + 10, "2026-01": 2026 * 12, "1969-12": 1969*12 + 11, "-001-12": -1} {
		if got := m.String(); got != want {
			t.Errorf("month %d is %q, want %q", m, got, want)
		}
	}
}

func cohortOptions(n int, weighted bool) Options {
	rng := rand.New(rand.NewPCG(61, 1))
	o := Options{Replicates: -1, Segments: []Column{
		{Name: "source", Codes: make([]int32, n), Levels: []string{"web", "ads", "rare", "rarer", "never"}},
		{Name: "one", Codes: make([]int32, n), Levels: []string{"x"}},
		{Name: "tiny", Codes: make([]int32, n), Levels: []string{"x", "y"}},
	}}
	for i := range n {
		o.Months = append(o.Months, Month(2025*12+11+rng.IntN(3)))
		switch k := rng.IntN(20); {
		case k < 9:
			o.Segments[0].Codes[i] = 0
		case k < 16:
			o.Segments[0].Codes[i] = 1
		case k < 19:
			o.Segments[0].Codes[i] = -1
		default:
			o.Segments[0].Codes[i] = 2 + int32(i%2)
		}
		if i < 30 {
			o.Months[i] = NoMonth
			o.Segments[2].Codes[i] = 1
		}
		if weighted {
			o.Weight = append(o.Weight, float64(rng.IntN(3)))
		}
	}
	return o
}

func card(t *testing.T, s Sample, o Options) *model.TargetCard {
	t.Helper()
	c, err := Card(s.Label, []Scorer{{"model", s.Score, s.Probability}}, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCohortsAddUp(t *testing.T) {
	s := draw(62, 700, 2)
	o := cohortOptions(700, false)
	c := card(t, s, o)
	if len(c.Months) != 3 || c.Months[0].Month != "2025-12" || c.Months[2].Month != "2026-02" || c.Months[0].Part != "holdout" {
		t.Fatalf("months: %+v", c.Months)
	}
	rows := 0
	for _, m := range c.Months {
		rows += m.Rows
	}
	if rows != 670 {
		t.Errorf("months have %d rows, want 700 less those of no known month", rows)
	}
	var names []string
	rows = 0
	positives, expected := 0, 0.0
	for _, g := range c.Segments {
		if g.Column == "source" {
			rows += g.Rows
			positives += g.Positives
			expected += float64(g.Rows) * float64(g.Expected)
		}
		name := g.Column + "=" + g.Value
		if g.Other {
			name += "(other)"
		}
		names = append(names, name)
		near(t, "rate", g.Observed.Value, float64(g.Positives)/float64(g.Rows))
	}
	// One value is nothing to tell apart; of "tiny" the small level is all others.
	if got, want := strings.Join(names, " "), "source=web source=ads source= source=(other) tiny=x tiny=(other)"; got != want {
		t.Errorf("segments %s\nwant     %s", got, want)
	}
	pos, _ := s.totals()
	sum := 0.0
	for _, p := range s.Probability {
		sum += p
	}
	if rows != 700 || float64(positives) != pos || math.Abs(expected-sum) > 1e-9 {
		t.Errorf("segments have %d rows, %d positives, %.6f expected; want 700, %v, %.6f", rows, positives, expected, pos, sum)
	}
	// A cohort's AUC is that of its rows alone.
	var web Sample
	for i, code := range o.Segments[0].Codes {
		if code == 0 {
			web.Label, web.Score = append(web.Label, s.Label[i]), append(web.Score, s.Score[i])
		}
	}
	want, err := AUC(web)
	if err != nil || c.Segments[0].AUC != want {
		t.Errorf("AUC of a segment %+v, alone %+v, %v", c.Segments[0].AUC, want, err)
	}
}

func TestCohortsIgnoreTheOrderOfRowsAndWorkers(t *testing.T) {
	s := draw(63, 600, 1)
	o := cohortOptions(600, true)
	s.Weight = o.Weight
	s.Cluster = make([]int32, 600)
	for i := range s.Cluster {
		s.Cluster[i] = int32(i % 250)
	}
	o.Cluster, o.Workers, o.Replicates, o.Seed = s.Cluster, 1, 20, 3
	want, err := json.Marshal(card(t, s, o))
	if err != nil {
		t.Fatal(err)
	}
	order := rand.New(rand.NewPCG(5, 2)).Perm(600) // as in permuted
	shuffled := permuted(s, 5)
	p := o
	p.Weight, p.Cluster, p.Workers, p.Months, p.Segments = shuffled.Weight, shuffled.Cluster, 3, nil, nil
	for _, i := range order {
		p.Months = append(p.Months, o.Months[i])
	}
	for _, c := range o.Segments {
		moved := Column{Name: c.Name, Levels: c.Levels}
		for _, i := range order {
			moved.Codes = append(moved.Codes, c.Codes[i])
		}
		p.Segments = append(p.Segments, moved)
	}
	if got, err := json.Marshal(card(t, shuffled, p)); err != nil || string(got) != string(want) {
		t.Errorf("%v: got %s\nwant %s", err, got, want)
	}
}

func TestWeightTwoIsTheRowTwiceInACohort(t *testing.T) {
	s := draw(64, 500, 1)
	o := cohortOptions(500, true)
	var twice Sample
	var written Options
	written.Replicates = -1
	for _, c := range o.Segments {
		written.Segments = append(written.Segments, Column{Name: c.Name, Levels: c.Levels})
	}
	for i, w := range o.Weight {
		for range int(w) {
			twice.Label = append(twice.Label, s.Label[i])
			twice.Score = append(twice.Score, s.Score[i])
			twice.Probability = append(twice.Probability, s.Probability[i])
			written.Months = append(written.Months, o.Months[i])
			for k := range o.Segments {
				written.Segments[k].Codes = append(written.Segments[k].Codes, o.Segments[k].Codes[i])
			}
		}
	}
	got, want := card(t, s, o), card(t, twice, written)
	if len(got.Segments) != len(want.Segments) || len(got.Months) != len(want.Months) {
		t.Fatalf("%d segments and %d months, want %d and %d", len(got.Segments), len(got.Months), len(want.Segments), len(want.Months))
	}
	for i, w := range want.Segments {
		g := got.Segments[i]
		nearEstimate(t, "rate", g.Observed, []float64{w.Observed.Value, w.Observed.Lower, w.Observed.Upper})
		nearEstimate(t, "AUC", g.AUC, []float64{w.AUC.Value, w.AUC.Lower, w.AUC.Upper})
		near(t, "expected", float64(g.Expected), float64(w.Expected))
		if g.Rows != w.Rows || g.Weak != w.Weak {
			t.Errorf("got %+v, want %+v", g, w)
		}
	}
	for i, w := range want.Benefit {
		near(t, "net benefit", float64(got.Benefit[i].Scorers["model"]), float64(w.Scorers["model"]))
	}
}

func TestCardWithoutProbabilities(t *testing.T) {
	s := draw(65, 400, -1)
	o := cohortOptions(400, false)
	c, err := Card(s.Label, []Scorer{{Name: "points", Score: s.Score}}, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Benefit != nil || !math.IsNaN(float64(c.Segments[0].Expected)) || math.IsNaN(c.Segments[0].AUC.Value) {
		t.Errorf("benefit %v, segment %+v", c.Benefit, c.Segments[0])
	}
	m := c.Scores["points"]
	for name, x := range map[string]float64{
		"slope": m.Slope.Value, "intercept": m.Intercept.Lower, "corrected ECE": m.ECECorrected.Value,
		"reliability": float64(m.BrierParts.Reliability), "uncertainty": float64(m.BrierParts.Uncertainty),
	} {
		if !math.IsNaN(x) {
			t.Errorf("%s of points is %v", name, x)
		}
	}
	if math.IsNaN(m.Gini.Value) || math.IsNaN(m.Recall5.Value) {
		t.Errorf("ranking of points: %+v", m)
	}
}

func TestCohortsThatDoNotFitAreRefused(t *testing.T) {
	s := draw(66, 100, -1)
	for want, o := range map[string]Options{
		"100 labels but 3 months":                 {Months: make([]Month, 3)},
		`by "a": 100 labels but 2 codes`:          {Segments: []Column{{Name: "a", Codes: make([]int32, 2), Levels: []string{"x"}}}},
		`by "a": row 1: code 0; want one below 0`: {Segments: []Column{{Name: "a", Codes: make([]int32, 100)}}},
		"100 labels but 1 clusters":               {Cluster: make([]int32, 1)},
	} {
		if _, err := Card(s.Label, []Scorer{{Name: "model", Score: s.Score}}, nil, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
