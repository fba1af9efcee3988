package evaluate

import (
	"encoding/json"
	"math"
	"testing"
)

func TestDecilesAddUp(t *testing.T) {
	for seed := range uint64(30) {
		s := draw(seed, 10+int(seed)*37, int(seed%4)-1)
		pos, _ := s.totals()
		deciles, err := Deciles(s)
		if err != nil {
			t.Fatal(err)
		}
		rows, positives := 0, 0
		for i, d := range deciles {
			rows += d.Rows
			positives += d.Positives
			if d.Decile != i+1 || d.Positives > d.Rows || d.Positives < 0 || math.Abs(float64(d.Rows)-float64(len(s.Label))/10) >= 1 {
				t.Errorf("seed %d: decile %+v of %d rows", seed, d, len(s.Label))
			}
			if i > 0 && d.MeanScore > deciles[i-1].MeanScore {
				t.Errorf("seed %d: decile %d has a higher mean than the one before", seed, i+1)
			}
		}
		if len(deciles) != 10 || rows != len(s.Label) || positives != int(pos) || deciles[9].Captured != 1 {
			t.Errorf("seed %d: %d deciles, %d of %d rows, %d of %v positives", seed, len(deciles), rows, len(s.Label), positives, pos)
		}
	}
	deciles, err := Deciles(Sample{Label: []bool{true, false, true}, Score: []float64{3, 2, 1}})
	if err != nil || len(deciles) != 3 || deciles[0].Positives != 1 || deciles[1].Positives != 0 {
		t.Errorf("three rows: %+v, %v", deciles, err)
	}
}

func TestThresholdsAreWhatTheySay(t *testing.T) {
	for seed := range uint64(20) {
		s := draw(seed, 20+int(seed)*61, int(seed%5)-1)
		thresholds, err := Thresholds(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(thresholds) > 100 || thresholds[0].Selected != len(s.Label) || thresholds[0].Recall != 1 {
			t.Errorf("seed %d: %d thresholds, the lowest %+v", seed, len(thresholds), thresholds[0])
		}
		for i, x := range thresholds {
			selected, hits, pos := 0, 0, 0
			for k, l := range s.Label {
				if l {
					pos++
				}
				if s.Score[k] >= x.Score {
					selected++
					if l {
						hits++
					}
				}
			}
			near(t, "precision", x.Precision, float64(hits)/float64(selected))
			near(t, "recall", x.Recall, float64(hits)/float64(pos))
			if x.Selected != selected {
				t.Errorf("seed %d: ≥ %v selects %d rows, not %d", seed, x.Score, selected, x.Selected)
			}
			if i > 0 && x.Score <= thresholds[i-1].Score {
				t.Errorf("seed %d: thresholds do not rise: %v after %v", seed, x.Score, thresholds[i-1].Score)
			}
		}
	}
}

func TestShortestDecimal(t *testing.T) {
	for _, c := range []struct{ low, high, want float64 }{
		{37.288, 37.291, 37.29}, {37, 38, 38}, {36.9, 37, 37}, {0.1, 0.9, 0.2}, {-3.5, -2.1, -3},
		{math.Inf(-1), 12, 0}, {math.Inf(-1), -4, -4}, {.3, math.Nextafter(.3, 1), math.Nextafter(.3, 1)},
	} {
		if got := shortest(c.low, c.high); got != c.want {
			t.Errorf("in (%v, %v]: got %v, want %v", c.low, c.high, got, c.want)
		}
	}
}

func TestStageOnItsCut(t *testing.T) {
	s := Sample{Label: []bool{true, false, true, false}, Score: []float64{50, 50, 49.9, 10}}
	stages, err := Stages(s, []Cut{{Stage: "MQL", Score: 50}, {Stage: "SQL", Score: 90}})
	if err != nil {
		t.Fatal(err)
	}
	if m := stages[0]; m.Stage != "MQL" || m.Selected != 2 || m.Precision.Value != .5 || m.Recall.Value != .5 {
		t.Errorf("a score on the cut counts: %+v", m)
	}
	if q := stages[1]; q.Selected != 0 || !math.IsNaN(q.Precision.Value) || q.Recall.Value != 0 {
		t.Errorf("a cut above all scores: %+v", q)
	}
}

func TestCurveEndsAndArea(t *testing.T) {
	for _, decimals := range []int{-1, 1} {
		s := draw(11, 3000, decimals)
		curve, err := Curve(s)
		if err != nil {
			t.Fatal(err)
		}
		last := curve[len(curve)-1]
		if curve[0].Share != 0 || curve[0].Recall != 0 || last.Share != 1 || last.Recall != 1 || last.FalseAlarms != 1 || len(curve) > 101 {
			t.Errorf("%d points from %+v to %+v", len(curve), curve[0], last)
		}
		area := 0.0
		for i := 1; i < len(curve); i++ {
			area += (curve[i].FalseAlarms - curve[i-1].FalseAlarms) * (curve[i].Recall + curve[i-1].Recall) / 2
		}
		if auc, _ := AUC(s); math.Abs(area-auc.Value) > .002 {
			t.Errorf("area under the thinned curve %.4f, AUC %.4f", area, auc.Value)
		}
	}
}

func TestDistributionCountsEveryRowOnce(t *testing.T) {
	s := Sample{Label: []bool{true, false, true, false}, Score: []float64{0, 5, 100, 99.999}}
	bins, err := Distribution(s, 20)
	if err != nil {
		t.Fatal(err)
	}
	if bins[0].Positives != 1 || bins[1].Negatives != 1 || bins[19].Positives != 1 || bins[19].Negatives != 1 {
		t.Errorf("bins %+v", bins)
	}
	wide := Sample{Label: s.Label, Score: []float64{-250, 0, 10, 400}}
	bins, err = Distribution(wide, 4)
	if err != nil || bins[0].From != -250 || bins[3].To != 400 || bins[0].Positives != 1 || bins[3].Negatives != 1 {
		t.Errorf("wide scores: %+v, %v", bins, err)
	}
}

func TestCardIsWholeAndIsJSON(t *testing.T) {
	s := draw(12, 600, -1)
	points := make([]float64, len(s.Score))
	blended := make([]float64, len(s.Score))
	for i, x := range s.Score {
		points[i] = math.Round(x/20) * 20
		blended[i] = math.NaN()
	}
	c, err := Card(s.Label, []Scorer{
		{Name: "model", Score: s.Probability, Probability: s.Probability},
		{Name: "rules", Score: points},
		{Name: "blend", Score: s.Score, Probability: blended},
	}, s.Score, Options{Replicates: 20, Cuts: []Cut{{Stage: "MQL", Score: 30}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Scores) != 3 || len(c.Curves) != 3 || len(c.Deciles) != 10 || len(c.Calibration) != 10 ||
		len(c.Thresholds) != 100 || len(c.Distribution) != 20 || len(c.Stages) != 1 {
		t.Errorf("card %+v", c)
	}
	if !math.IsNaN(c.Scores["blend"].LogLoss.Value) {
		t.Error("a blend without probabilities has a log loss")
	}
	for _, x := range c.Comparisons {
		if x.A == "rules" {
			t.Errorf("%s − %s: rules are what others are compared with", x.A, x.B)
		}
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
	if _, err := Card(s.Label, nil, nil, Options{}); err == nil {
		t.Error("no scorers: no error")
	}
	if _, err := Card(s.Label, []Scorer{{Name: "a", Score: s.Score}, {Name: "a", Score: s.Score}}, nil, Options{}); err == nil {
		t.Error("two scorers of one name: no error")
	}
}
