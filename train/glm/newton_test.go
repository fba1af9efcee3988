package glm

import (
	"math"
	"slices"
	"testing"

	"leadscore/features/design"
)

// The corrected inverse must map the last change of the gradient to the step that caused it (the secant
// equation), whatever the curvature that it corrects.
func TestCorrectionsObeyTheSecantEquation(t *testing.T) {
	p := fixture(t)
	o := newObjective(p, design.All(p.X.Rows()), ridge(1), 1)
	z := newNewton(o, Settings{}, o.baseRate())
	z.value = o.at(z.beta, z.gradient)
	if !z.refresh() {
		t.Fatal("no curvature")
	}
	for range 3 { // each a full step with the first curvature
		z.direction()
		z.decrement = -.5 * dot(z.step, z.gradient)
		if !z.search() {
			t.Fatal("no step")
		}
	}
	if len(z.pairs) != 3 {
		t.Fatalf("%d corrections, want 3", len(z.pairs))
	}
	last := z.pairs[2]
	for j, y := range last.y {
		z.gradient[j] = -y
	}
	z.direction()
	for j, s := range last.s {
		if math.Abs(z.step[j]-s) > 1e-9*(math.Abs(s)+1e-3) {
			t.Errorf("component %d: %v, want %v", j, z.step[j], s)
		}
	}

	// And it is symmetric.
	apply := func(v []float64) []float64 {
		copy(z.gradient, v)
		z.direction()
		return slices.Clone(z.step)
	}
	u, v := make([]float64, len(z.beta)), make([]float64, len(z.beta))
	for j := range u {
		u[j], v[j] = math.Sin(float64(j)), math.Cos(3*float64(j))
	}
	if a, b := dot(v, apply(u)), dot(u, apply(v)); math.Abs(a-b) > 1e-9*math.Abs(a) {
		t.Errorf("v′Bu = %v, u′Bv = %v", a, b)
	}
}

// A new λ is put into the curvature at hand; X′WX in it stays.
func TestNextLambdaReplacesTheLast(t *testing.T) {
	p := fixture(t)
	w := newWalk(p, design.All(p.X.Rows()), Settings{DecrementTol: 1, GradientTol: math.Inf(1)})
	var diagonals [][]float64
	for _, lambda := range []float64{50, 20, 5} {
		if err := w.to(t.Context(), lambda); err != nil {
			t.Fatal(err)
		}
		var d []float64
		for j := range w.solver.beta {
			d = append(d, w.solver.hessian.At(j, j))
		}
		diagonals = append(diagonals, d)
		if len(diagonals) > 1 && w.solver.refreshed > 0 {
			t.Fatal("the curvature was computed anew, so this test tests nothing")
		}
	}
	for i, change := range []float64{-30, -15} {
		got := slices.Clone(diagonals[i+1])
		for j := range got {
			got[j] -= diagonals[i][j]
			want := change
			if j == 0 {
				want = 0
			}
			if math.Abs(got[j]-want) > 1e-9 {
				t.Errorf("diagonal %d moved by %v, want %v", j, got[j], want)
			}
		}
	}
}
