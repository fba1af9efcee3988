package evaluate

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"leadscore/model"
)

// reference is testdata/reference.json as reference.py writes it.
type reference struct {
	Cases []struct {
		Name             string
		Label            []int
		Score            []float64
		Probability      []float64
		OtherScore       []float64 `json:"other_score"`
		OtherProbability []float64 `json:"other_probability"`
		Figures          struct {
			AUC     []float64 `json:"auc"`
			PRAUC   float64   `json:"pr_auc"`
			KS      float64
			Lift    float64
			LogLoss []float64 `json:"log_loss"`
			Brier   []float64
			Skill   float64
			SkillSE float64 `json:"skill_se"`
			ECE     float64
		}
		Comparison struct {
			AUC      []float64 `json:"auc"`
			AUCP     float64   `json:"auc_p"`
			LogLoss  []float64 `json:"log_loss"`
			LogLossP float64   `json:"log_loss_p"`
			PRAUC    float64   `json:"pr_auc"`
			Lift     float64
		}
		Calibration [][]float64
	}
	Newcombe []struct {
		M, N float64
		Want []float64
	}
	Wilson []struct {
		K, N float64
		Want []float64
	}
}

func readReference(t *testing.T) *reference {
	t.Helper()
	b, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{}
	if err := json.Unmarshal(b, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func bools(label []int) []bool {
	out := make([]bool, len(label))
	for i, l := range label {
		out[i] = l == 1
	}
	return out
}

// near fails unless got and want agree to 1e-9.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9) {
		t.Errorf("%s: got %.12g, want %.12g", what, got, want)
	}
}

func nearEstimate(t *testing.T, what string, got model.Estimate, want []float64) {
	t.Helper()
	near(t, what, got.Value, want[0])
	near(t, what+", lower end", got.Lower, want[1])
	near(t, what+", upper end", got.Upper, want[2])
}

func TestMeasureEqualsReference(t *testing.T) {
	for _, c := range readReference(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			m, err := Measure(Sample{Label: bools(c.Label), Score: c.Score, Probability: c.Probability}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			nearEstimate(t, "AUC", m.AUC, c.Figures.AUC)
			nearEstimate(t, "log loss", m.LogLoss, c.Figures.LogLoss)
			nearEstimate(t, "Brier", m.Brier, c.Figures.Brier)
			near(t, "PR-AUC", m.PRAUC.Value, c.Figures.PRAUC)
			near(t, "KS", m.KS.Value, c.Figures.KS)
			near(t, "lift", m.Lift10.Value, c.Figures.Lift)
			near(t, "skill", m.Skill.Value, c.Figures.Skill)
			near(t, "ECE", m.ECE.Value, c.Figures.ECE)
			// The delta method's error is not the jackknife's, but close to it.
			if se := (m.Skill.Upper - m.Skill.Lower) / 2 / z95; math.Abs(se/c.Figures.SkillSE-1) > .02 {
				t.Errorf("standard error of the skill: %.5f, by jackknife %.5f", se, c.Figures.SkillSE)
			}
		})
	}
}

func TestCompareEqualsReference(t *testing.T) {
	for _, c := range readReference(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			label := bools(c.Label)
			got, err := Compare("a", Sample{Label: label, Score: c.Score, Probability: c.Probability},
				"b", Sample{Label: label, Score: c.OtherScore, Probability: c.OtherProbability}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			by := map[string]model.Comparison{}
			for _, x := range got {
				by[x.Metric] = x
			}
			nearEstimate(t, "AUC", by["auc"].Difference, c.Comparison.AUC)
			near(t, "p of AUC", by["auc"].P, c.Comparison.AUCP)
			nearEstimate(t, "log loss", by["log_loss"].Difference, c.Comparison.LogLoss)
			near(t, "p of log loss", by["log_loss"].P, c.Comparison.LogLossP)
			near(t, "PR-AUC", by["pr_auc"].Difference.Value, c.Comparison.PRAUC)
			near(t, "lift", by["lift_at_10pct"].Difference.Value, c.Comparison.Lift)
		})
	}
}

func TestCalibrationEqualsReference(t *testing.T) {
	for _, c := range readReference(t).Cases {
		if c.Calibration == nil {
			continue
		}
		bins, err := Calibration(Sample{Label: bools(c.Label), Score: c.Score, Probability: c.Probability}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(bins) != len(c.Calibration[0]) {
			t.Fatalf("%s: %d bins, want %d", c.Name, len(bins), len(c.Calibration[0]))
		}
		for i, b := range bins {
			near(t, c.Name+": observed", b.Observed.Value, c.Calibration[0][i])
			near(t, c.Name+": expected", b.Expected, c.Calibration[1][i])
		}
	}
}

func TestNewcombeEqualsReference(t *testing.T) {
	for _, c := range readReference(t).Newcombe {
		nearEstimate(t, "Newcombe", newcombe(c.Want[0], c.M, c.N), c.Want)
	}
}

func TestWilsonEqualsReference(t *testing.T) {
	for _, c := range readReference(t).Wilson {
		nearEstimate(t, "Wilson", Wilson(c.K, c.N), c.Want)
	}
}
