package evaluate_test

import (
	"fmt"

	"leadscore/train/evaluate"
)

// Ten leads, four of them won; the scorer puts three of the four on top.
func ExampleMeasure() {
	m, err := evaluate.Measure(evaluate.Sample{
		Label:       []bool{true, true, false, true, false, false, true, false, false, false},
		Score:       []float64{95, 90, 70, 70, 55, 40, 35, 20, 10, 5},
		Probability: []float64{.95, .9, .7, .7, .55, .4, .35, .2, .1, .05},
	}, evaluate.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUC %.3f (%.2f to %.2f)\n", m.AUC.Value, m.AUC.Lower, m.AUC.Upper)
	fmt.Printf("log loss %.3f, Brier %.3f, lift of the best tenth %.1f\n", m.LogLoss.Value, m.Brier.Value, m.Lift10.Value)
	// Output:
	// AUC 0.854 (0.40 to 0.98)
	// log loss 0.446, Brier 0.153, lift of the best tenth 2.5
}

func ExampleCompareAUC() {
	label := []bool{true, true, true, true, false, false, false, false, false, false}
	model := evaluate.Sample{Label: label, Score: []float64{9, 8, 7, 3, 6, 4, 2, 2, 1, 0}}
	rules := evaluate.Sample{Label: label, Score: []float64{20, 10, 20, 0, 20, 10, 0, 10, 0, 0}}
	difference, p, err := evaluate.CompareAUC(model, rules)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("model − rules: %.3f (%.2f to %.2f), p = %.2f\n", difference.Value, difference.Lower, difference.Upper, p)
	// Output:
	// model − rules: 0.229 (0.01 to 0.44), p = 0.04
}
