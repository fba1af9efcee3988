package glm

import (
	"context"
	"math"
	"testing"
)

// TestFoldsAreFitsOfTheOtherRows: the shared Hessian is a way to the optimum, not another optimum.
func TestFoldsAreFitsOfTheOtherRows(t *testing.T) {
	const k = 4
	p, list, _ := company(3000, 40, 3)
	for i := range list {
		list[i].Lambda, list[i].Fixed = float64(1+3*i), true
	}
	folds := make([]uint8, p.X.Rows())
	for i := range folds {
		folds[i] = uint8(i * 7 % k)
	}
	s := AdditiveSettings{Settings: Settings{DecrementTol: 1e-14, GradientTol: 1e-9}}
	all, err := Additive(context.Background(), p, list, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Start = append([]float64{all.Intercept}, all.Coef...)
	eta, err := AdditiveFolds(context.Background(), p, list, folds, k, s)
	if err != nil {
		t.Fatal(err)
	}
	for fold := range k {
		part := *p
		part.Weight = make([]float64, len(folds))
		for i, f := range folds {
			if int(f) != fold {
				part.Weight[i] = 1
			}
		}
		r, err := Additive(context.Background(), &part, list, AdditiveSettings{Settings: Settings{DecrementTol: 1e-15, GradientTol: 1e-10}})
		if err != nil {
			t.Fatal(err)
		}
		own := make([]float64, len(folds))
		p.X.MatVec(own, r.Coef)
		for i, f := range folds {
			if int(f) == fold && math.Abs(eta[i]-own[i]-r.Intercept) > 1e-7 {
				t.Fatalf("fold %d, row %d: %v, fitted alone %v", fold, i, eta[i], own[i]+r.Intercept)
			}
		}
	}
	list[1].Fixed = false
	if _, err := AdditiveFolds(context.Background(), p, list, folds, k, s); err == nil {
		t.Error("a λ that is not fixed was taken")
	}
	list[1].Fixed = true
	folds[5] = k
	if _, err := AdditiveFolds(context.Background(), p, list, folds, k, s); err == nil {
		t.Error("a fold beyond the last was taken")
	}
}
