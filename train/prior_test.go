package train

import (
	"math"
	"testing"

	"leadscore/model"
)

// Nine in ten of the lost leads are thrown away; with the true base rate given, the probabilities are those of
// a model of all leads.
func TestPriorRecoversTheTruthFromSubsampledNegatives(t *testing.T) {
	leads := makeLeads(60000, 21)
	for i := range leads { // rarer wins: the intercept of makeLeads less 2
		leads[i].label = "lost"
	}
	truth := func(l lead) float64 {
		return -3.5 + .25*l.visits + map[string]float64{"web": 0, "partner": 1, "event": -.5, "ads": -1}[l.source]
	}
	won := 0
	sum := 0.0
	for i := range leads { // a stratified draw: a win where the running sum of probabilities passes a whole number
		before := math.Floor(sum)
		sum += model.Sigmoid(truth(leads[i]))
		if math.Floor(sum) > before {
			leads[i].label = "won"
			won++
		}
	}
	var kept []lead
	lost := 0
	for _, l := range leads {
		if l.label == "won" {
			kept = append(kept, l)
		} else if lost++; lost%10 == 0 {
			kept = append(kept, l)
		}
	}
	c := config(writeLeads(t, kept))
	c.Interactions = "none"
	c.Targets[0].Prior = float64(won) / float64(len(leads))
	r := run(t, c)
	s, err := model.NewScorer(r.Artifact)
	if err != nil {
		t.Fatal(err)
	}
	want, got := 0.0, 0.0
	for i := range r.Holdout.Labels {
		got += r.Holdout.Columns.Probability[i]
	}
	byID := map[string]lead{}
	for _, l := range leads {
		byID[l.id] = l
	}
	gap := 0.0
	for i, id := range r.Holdout.IDs {
		p := model.Sigmoid(truth(byID[id]))
		want += p
		gap += math.Abs(model.Logit(r.Holdout.Columns.Probability[i]) - truth(byID[id]))
	}
	if math.Abs(got/want-1) > .1 {
		t.Errorf("the hold-out's probabilities add up to %.1f, the truth to %.1f", got, want)
	}
	if mean := gap / float64(len(r.Holdout.IDs)); mean > .3 {
		t.Errorf("logits are %.2f from the truth on average; uncorrected they would be about 2.2", mean)
	}
	if b := s.Artifact().Targets[0].BaseRate; b != c.Targets[0].Prior {
		t.Errorf("base rate %v, want the prior %v", b, c.Targets[0].Prior)
	}
	// What is measured is the file as it is: expected and observed agree on it.
	if ece := r.Card.Targets["won"].Scores["model"].ECE.Value; ece > .05 {
		t.Errorf("ECE %.3f on the subsampled hold-out", ece)
	}
}

func TestShiftedCalibrationMovesTheLogit(t *testing.T) {
	maps := []*model.Calibration{
		{Method: model.CalibrateSigmoid, A: .8, B: .1}, {Method: model.CalibrateBeta, A: .7, B: 1.1, C: .2},
		{Method: model.CalibrateIsotonic, X: []float64{.1, .5, .9}, Y: []float64{.2, .4, .8}},
	}
	for _, c := range maps {
		for _, eta := range []float64{model.Logit(.1), 0, model.Logit(.9)} {
			got := model.Logit(shiftCalibration(c, -1.5).Apply(eta)) - model.Logit(c.Apply(eta))
			if math.Abs(got+1.5) > 1e-9 {
				t.Errorf("%s at %.2f: moved by %v, want −1.5", c.Method, eta, got)
			}
		}
	}
}
