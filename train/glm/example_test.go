package glm_test

import (
	"context"
	"fmt"

	"leadscore/features/design"
	"leadscore/train/glm"
)

// Eight leads from two sources: of those from a referral (code 1) more became customers.
func ExampleRidge() {
	source := design.Codes{Levels: 2, U8: []uint8{0, 0, 0, 0, 1, 1, 1, 1}}
	x, err := design.NewMatrix(8, nil, []design.Codes{source})
	if err != nil {
		fmt.Println(err)
		return
	}
	won := []float64{0, 0, 0, 1, 1, 1, 1, 0}
	for _, lambda := range []float64{0, 1} {
		fit, err := glm.Ridge(context.Background(), &glm.Problem{X: x, Y: won}, lambda, glm.Settings{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("λ = %v: %v after %d steps, log-odds ratio %.3f\n", lambda, fit.Status, fit.Iterations, fit.Coef[1]-fit.Coef[0])
	}
	// Output:
	// λ = 0: converged after 4 steps, log-odds ratio 2.197
	// λ = 1: converged after 4 steps, log-odds ratio 1.010
}

// The second column tells nothing: the lasso leaves it out.
func ExampleElasticNet() {
	x, err := design.NewMatrix(8, []design.Dense{
		{Values: []float64{-1, -1, -1, -1, 1, 1, 1, 1}, Scale: 1},
		{Values: []float64{-1, 1, -1, 1, -1, 1, -1, 1}, Scale: 1},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &glm.Problem{X: x, Y: []float64{0, 0, 0, 1, 1, 1, 1, 0}}
	for _, lambda := range []float64{glm.LambdaMax(p, 1), 1.5} {
		fit, err := glm.ElasticNet(context.Background(), p, lambda, 1, glm.Settings{})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("λ = %v: %.3f\n", lambda, fit.Coef)
	}
	// Output:
	// λ = 2: [0.000 0.000]
	// λ = 1.5: [0.251 0.000]
}
