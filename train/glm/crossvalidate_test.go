package glm

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func foldsOf(n, k int) []uint8 {
	folds := make([]uint8, n)
	for i := range folds {
		folds[i] = uint8((i*7 + i/3) % k)
	}
	return folds
}

// Cross-validation by its definition: fit on the other rows, predict the fold's.
func TestCrossValidationIsItsDefinition(t *testing.T) {
	p := fixture(t)
	const k = 4
	folds := foldsOf(len(p.Y), k)
	lambdas := []float64{.1, 3, 30}
	cv, err := CrossValidate(t.Context(), p, folds, k, lambdas, Settings{DecrementTol: 1e-15, GradientTol: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(cv.Lambdas, []float64{30, 3, .1}) || cv.Status != Converged {
		t.Fatalf("path %v, status %v", cv.Lambdas, cv.Status)
	}
	best := 0
	for i, lambda := range cv.Lambdas {
		etas := make([]float64, len(p.Y))
		for f := range uint8(k) {
			var in []int
			for r, fold := range folds {
				if fold != f {
					in = append(in, r)
				}
			}
			r := fit(t, rearranged(p, in), lambda, Settings{})
			eta := make([]float64, len(p.Y))
			p.X.MatVec(eta, r.Coef)
			for row, fold := range folds {
				if fold == f {
					etas[row] = eta[row] + r.Intercept + p.Offset[row]
				}
			}
		}
		loss, total := 0.0, 0.0
		for row, e := range etas {
			loss += p.Weight[row] * (math.Log1p(math.Exp(e)) - p.Y[row]*e)
			total += p.Weight[row]
		}
		if loss /= total; math.Abs(loss-cv.Loss[i]) > 1e-9 {
			t.Errorf("λ = %v: loss %v, want %v", lambda, cv.Loss[i], loss)
		}
		if cv.Loss[i] < cv.Loss[best] {
			best = i
		}
		if i == cv.Chosen {
			for row, e := range etas {
				if math.Abs(e-cv.Eta[row]) > 1e-7 {
					t.Fatalf("η of row %d: %v, want %v", row, cv.Eta[row], e)
				}
			}
		}
	}
	if cv.Best != best || cv.Chosen != best || cv.Lambda != cv.Lambdas[best] {
		t.Errorf("best %d, chosen %d, λ %v; want %d", cv.Best, cv.Chosen, cv.Lambda, best)
	}
	one, err := CrossValidate(t.Context(), p, folds, k, nil, Settings{OneStdError: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Lambdas) != 20 || one.Chosen > one.Best || one.Loss[one.Chosen] > one.Loss[one.Best]+one.SE[one.Best] {
		t.Errorf("one standard error: chosen %d, best %d of %d", one.Chosen, one.Best, len(one.Lambdas))
	}
}

func TestCrossValidationHasTheSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	p := fixture(t)
	var want *CVResult
	for _, workers := range []int{1, 2, 3, 8} {
		cv, err := CrossValidate(t.Context(), p, foldsOf(len(p.Y), 5), 5, nil, Settings{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = cv
		} else if !slices.Equal(cv.Eta, want.Eta) || !slices.Equal(cv.Loss, want.Loss) {
			t.Errorf("%d workers give other bits than one", workers)
		}
	}
}

func TestPathIsTheSameAsSingleFits(t *testing.T) {
	p := fixture(t)
	path, err := Path(t.Context(), p, []float64{0, 10, 1, .1}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for i, lambda := range []float64{10, 1, .1, 0} {
		if path[i].Lambda != lambda {
			t.Fatalf("λ %v at %d", path[i].Lambda, i)
		}
		sameFit(t, path[i], fit(t, p, lambda, Settings{}), 1e-8)
	}
}

// Every next λ starts near its optimum with a usable curvature: a step or two finish it.
func TestPathIsWarm(t *testing.T) {
	p := referenceJob(t, 20000)
	path, err := Path(t.Context(), p, nil, Settings{DecrementTol: foldTol, GradientTol: math.Inf(1)})
	if err != nil {
		t.Fatal(err)
	}
	steps, hessians := 0, 0
	for _, r := range path[1:] {
		steps += r.Iterations
		hessians += r.Curvatures
	}
	if steps > 6*len(path) || hessians > len(path) {
		t.Errorf("%d steps and %d Hessians for %d λ's", steps, hessians, len(path))
	}
}

func TestFoldsAreChecked(t *testing.T) {
	p := unweighted(t)
	n := len(p.Y)
	byOutcome := make([]uint8, n)
	for i, y := range p.Y {
		byOutcome[i] = uint8(y)
	}
	for want, c := range map[string]struct {
		folds []uint8
		k     int
	}{
		"folds of 3 rows":                {make([]uint8, 3), 2},
		"1 folds, want 2 to 256":         {make([]uint8, n), 1},
		"fold 1 has no rows":             {make([]uint8, n), 2},
		"is in fold 4, want at most 2":   {foldsOf(n, 5), 3},
		"all outcomes are the same; use": {byOutcome, 2},
	} {
		if _, err := CrossValidate(t.Context(), p, c.folds, c.k, nil, Settings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
