package report_test

import (
	"fmt"
	"os"

	"leadscore/model"
	"leadscore/train/report"
)

func ExampleTerminal() {
	card := &model.Card{Targets: map[string]*model.TargetCard{"won": {
		Split:   "time",
		Holdout: model.Sample{Rows: 2000, Positives: 300},
		Scores: map[string]model.Metrics{"model": {
			AUC:   model.Estimate{Value: .81, Lower: .78, Upper: .84},
			PRAUC: model.Estimate{Value: .52, Lower: .47, Upper: .57}, LogLoss: model.Estimate{Value: .34, Lower: .32, Upper: .36},
			ECE: model.Estimate{Value: .011, Lower: .004, Upper: .018}, Lift10: model.Estimate{Value: 4.1, Lower: 3.6, Upper: 4.6},
		}},
		Calibration: []model.CalibrationBin{
			{Rows: 667, Expected: .02, Observed: model.Estimate{Value: .02}},
			{Rows: 667, Expected: .08, Observed: model.Estimate{Value: .09}},
			{Rows: 666, Expected: .35, Observed: model.Estimate{Value: .34}},
		},
	}}}
	if err := report.Terminal(os.Stdout, card, report.Options{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// won: 2,000 hold-out leads, 300 converted (15.0%), chosen by time (the latest
	// leads)
	//
	//        AUC          PR-AUC       Log loss     ECE          Lift 10%
	// model  0.810        0.520        0.340        0.011        4.10
	//        0.780–0.840  0.470–0.570  0.320–0.360  0.004–0.018  3.60–4.60
	//
	// calibration, from the lowest to the highest tenth
	// predicted  ▁▃█  2.0% → 35.0%
	// observed   ▁▃█  2.0% → 34.0%
	//
	// Use it
	// · The model ranks leads well: of a lead that converts and one that does not, it
	//   puts the right one first in 81 of 100 pairs (78 to 84).
	// · No cut-offs are set; the section on thresholds shows what each would give.
	// · No rules were given, so there is nothing to compare the model with.
	// · Its probabilities can be read as they are: they miss the observed rates by 1.1
	//   points on average.
}
