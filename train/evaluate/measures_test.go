package evaluate

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"leadscore/model"
)

// measuresCase is a case of testdata/measures.json as measures.py writes it.
type measuresCase struct {
	Name               string
	Label              []int
	Probability, Other []float64
	Weight             []float64
	Cluster            []int32
	Figures            struct {
		Gini               float64
		AUCVariance        float64 `json:"auc_variance"`
		Difference         float64
		DifferenceVariance float64 `json:"difference_variance"`
		Lifts              []float64
		BrierParts         []float64 `json:"brier_parts"`
		Brier              []float64
		LogLoss            []float64 `json:"log_loss"`
		Corrected          float64   `json:"ece_corrected"`
		Drawn              float64   `json:"ece_drawn"` // 0: not drawn
		Slope, Intercept   []float64
		NetBenefit         struct{ All, P []float64 } `json:"net_benefit"`
		PROC               []float64                  `json:"proc"` // variance of AUC and of the difference, p; nil: clustered
	}
}

func readMeasures(t *testing.T) []measuresCase {
	t.Helper()
	b, err := os.ReadFile("testdata/measures.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ Cases []measuresCase }
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r.Cases
}

func (c measuresCase) sample() Sample {
	return Sample{Label: bools(c.Label), Score: c.Probability, Probability: c.Probability, Weight: c.Weight, Cluster: c.Cluster}
}

func TestMeasuresEqualReference(t *testing.T) {
	for _, c := range readMeasures(t) {
		t.Run(c.Name, func(t *testing.T) {
			m, want := measure(t, c.sample(), Options{}), c.Figures
			near(t, "Gini", m.Gini.Value, want.Gini)
			near(t, "Gini, lower end", m.Gini.Lower, 2*m.AUC.Lower-1)
			for i, f := range []struct {
				share        float64
				lift, recall model.Estimate
			}{{.01, m.Lift1, m.Recall1}, {.05, m.Lift5, m.Recall5}, {.1, m.Lift10, m.Recall10}, {.2, m.Lift20, m.Recall20}} {
				near(t, "lift", f.lift.Value, want.Lifts[i])
				near(t, "recall", f.recall.Value, f.share*want.Lifts[i])
			}
			b := m.BrierParts
			for i, x := range []model.Figure{b.Reliability, b.Resolution, b.Uncertainty, b.Within} {
				near(t, "Brier part", float64(x), want.BrierParts[i])
			}
			nearEstimate(t, "Brier", m.Brier, want.Brier)
			nearEstimate(t, "log loss", m.LogLoss, want.LogLoss)
			near(t, "corrected ECE", m.ECECorrected.Value, want.Corrected)
			if want.Drawn != 0 && math.Abs(m.ECECorrected.Value-want.Drawn) > 5e-4 { // of random draws
				t.Errorf("corrected ECE %.5f, by random draws %.5f", m.ECECorrected.Value, want.Drawn)
			}
			nearEstimate(t, "slope", m.Slope, want.Slope)
			nearEstimate(t, "intercept", m.Intercept, want.Intercept)

			s := c.sample()
			tab := arrangeClusters(s.Label, s.Weight, s.Cluster, s.Score, c.Other)
			p, q := tab.placements(0), tab.placements(1)
			near(t, "variance of the AUC", tab.deLong(p.value, p.pos, p.neg, p.auc), want.AUCVariance)
			other := s
			other.Score = c.Other
			e, pValue, err := CompareAUC(s, other)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "difference", e.Value, want.Difference)
			near(t, "its upper end", e.Upper, want.Difference+z95*math.Sqrt(want.DifferenceVariance))
			if want.PROC != nil {
				gap := make([]float64, len(p.value))
				for i := range gap {
					gap[i] = p.value[i] - q.value[i]
				}
				near(t, "variance of the AUC by pROC", tab.deLong(p.value, p.pos, p.neg, p.auc), want.PROC[0])
				near(t, "variance of the difference by pROC", tab.deLong(gap, p.pos, p.neg, e.Value), want.PROC[1])
				near(t, "p by pROC", pValue, want.PROC[2])
			}
		})
	}
}

func TestDecisionCurveEqualsDcurves(t *testing.T) {
	for _, c := range readMeasures(t) {
		s := c.sample()
		curve, err := DecisionCurve([]string{"p", "none"}, []Sample{s, {Label: s.Label, Score: c.Other, Weight: s.Weight, Cluster: s.Cluster}})
		if err != nil || len(curve) != 99 {
			t.Fatalf("%s: %d points, %v", c.Name, len(curve), err)
		}
		for i, b := range curve {
			near(t, "threshold", b.Threshold, float64(i+1)/100)
			near(t, c.Name+": net benefit of all", b.All, c.Figures.NetBenefit.All[i])
			near(t, c.Name+": net benefit", float64(b.Scorers["p"]), c.Figures.NetBenefit.P[i])
			if _, there := b.Scorers["none"]; there {
				t.Fatal("a scorer without probabilities has a net benefit")
			}
		}
	}
}
