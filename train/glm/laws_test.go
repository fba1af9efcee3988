package glm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"leadscore/features/design"
)

func fit(t testing.TB, p *Problem, lambda float64, s Settings) *Result {
	t.Helper()
	r, err := Ridge(t.Context(), p, lambda, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Status.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func sameFit(t *testing.T, got, want *Result, tolerance float64) {
	t.Helper()
	a, b := append([]float64{got.Intercept}, got.Coef...), append([]float64{want.Intercept}, want.Coef...)
	for i := range b {
		if d := math.Abs(a[i] - b[i]); !(d <= tolerance*(1+math.Abs(b[i]))) {
			t.Fatalf("coefficient %d: %v, want %v", i, a[i], b[i])
		}
	}
	if d := math.Abs(got.Objective - want.Objective); !(d <= tolerance*(1+want.Objective)) {
		t.Errorf("objective %v, want %v", got.Objective, want.Objective)
	}
}

// rearranged takes rows of a problem, some perhaps twice.
func rearranged(p *Problem, rows []int) *Problem {
	take := func(v []float64) (out []float64) {
		for _, r := range rows {
			if v != nil {
				out = append(out, v[r])
			}
		}
		return out
	}
	return &Problem{X: p.X.Take(rows), Y: take(p.Y), Weight: take(p.Weight), Offset: take(p.Offset)}
}

func TestWeightsAreRepeats(t *testing.T) {
	p := fixture(t)
	var rows []int
	for i, w := range p.Weight {
		for range int(w) {
			rows = append(rows, i)
		}
	}
	if slices.Min(p.Weight) != 0 || slices.Max(p.Weight) < 2 {
		t.Fatal("the fixture has no rows of weight 0 and 2")
	}
	repeated := rearranged(p, rows)
	repeated.Weight = nil
	for _, lambda := range []float64{0, 1} {
		sameFit(t, fit(t, repeated, lambda, Settings{}), fit(t, p, lambda, Settings{}), 1e-9)
	}
}

func TestRowOrderIsIrrelevant(t *testing.T) {
	p := fixture(t)
	rows := rand.New(rand.NewPCG(1, 2)).Perm(p.X.Rows())
	for _, lambda := range []float64{0, 1} {
		sameFit(t, fit(t, rearranged(p, rows), lambda, Settings{}), fit(t, p, lambda, Settings{}), 1e-9)
	}
}

func TestRescalingAColumnChangesNothingUnpenalised(t *testing.T) {
	p := unweighted(t)
	dense := slices.Clone(p.X.Dense())
	dense[1].Scale *= 1e4
	dense[1].Center += 3
	x, err := design.NewMatrix(p.X.Rows(), dense, p.X.Blocks())
	if err != nil {
		t.Fatal(err)
	}
	a, b := fit(t, p, 0, Settings{}), fit(t, &Problem{X: x, Y: p.Y}, 0, Settings{})
	etaA, etaB := make([]float64, len(p.Y)), make([]float64, len(p.Y))
	p.X.MatVec(etaA, a.Coef)
	x.MatVec(etaB, b.Coef)
	for i := range etaA {
		if math.Abs(etaA[i]+a.Intercept-etaB[i]-b.Intercept) > 1e-7 {
			t.Fatalf("row %d: %v, rescaled %v", i, etaA[i]+a.Intercept, etaB[i]+b.Intercept)
		}
	}
	if c := fit(t, &Problem{X: x, Y: p.Y}, 5, Settings{}); math.Abs(c.Objective-fit(t, p, 5, Settings{}).Objective) < 1e-6 {
		t.Error("with a penalty the scale must matter")
	}
}

func TestPermutedLevelsPermuteCoefficients(t *testing.T) {
	p := unweighted(t)
	blocks := slices.Clone(p.X.Blocks())
	order := []uint32{3, 0, 5, 1, 2, 4}
	codes := make([]uint32, p.X.Rows())
	blocks[1].Each(func(i int, c uint32) { codes[i] = order[c] })
	blocks[1] = design.MakeCodes(6, codes)
	x, err := design.NewMatrix(p.X.Rows(), p.X.Dense(), blocks)
	if err != nil {
		t.Fatal(err)
	}
	a, b := fit(t, p, .7, Settings{}), fit(t, &Problem{X: x, Y: p.Y}, .7, Settings{})
	back := *b
	back.Coef = slices.Clone(b.Coef)
	for level, to := range order {
		back.Coef[x.BlockStart(1)+level] = b.Coef[x.BlockStart(1)+int(to)]
	}
	sameFit(t, &back, a, 1e-9)
}

func TestOffsetOfAColumnMovesItsCoefficient(t *testing.T) {
	p := unweighted(t)
	a := fit(t, p, 0, Settings{})
	p.Offset = make([]float64, len(p.Y))
	step := make([]float64, p.X.Cols())
	step[0] = .3
	p.X.MatVec(p.Offset, step)
	b := fit(t, p, 0, Settings{})
	b.Coef[0] += .3
	sameFit(t, b, a, 1e-8)
}

func TestSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	problems := map[string]*Problem{"fixture": fixture(t), "warmed up": referenceJob(t, 170000)}
	for name, p := range problems {
		if testing.Short() && p.X.Rows() > 1000 {
			continue
		}
		var want *Result
		for _, workers := range []int{1, 2, 8} {
			r := fit(t, p, 1, Settings{Workers: workers})
			if want == nil {
				want = r
			} else if r.Intercept != want.Intercept || !slices.Equal(r.Coef, want.Coef) || r.Objective != want.Objective {
				t.Errorf("%s: %d workers give other bits than one", name, workers)
			}
		}
	}
}

// The optimum is checked against another optimiser on an objective written out row by row.
func TestOptimumIsThatOfAnIndependentSolver(t *testing.T) {
	p := fixture(t)
	const lambda = .5
	rows := make([][]float64, len(p.Y))
	columns := p.X.Cols()
	for i := range rows {
		rows[i] = make([]float64, 1+columns)
		rows[i][0] = 1
	}
	for j := range columns {
		unit, column := make([]float64, columns), make([]float64, len(p.Y))
		unit[j] = 1
		p.X.MatVec(column, unit)
		for i, v := range column {
			rows[i][1+j] = v
		}
	}
	each := func(beta []float64, f func(i int, eta float64)) {
		for i, x := range rows {
			f(i, dot(x, beta)+p.Offset[i])
		}
	}
	problem := optimize.Problem{
		Func: func(beta []float64) float64 {
			sum := .5 * lambda * dot(beta[1:], beta[1:])
			each(beta, func(i int, eta float64) {
				sum += p.Weight[i] * (math.Log1p(math.Exp(-math.Abs(eta))) + max(eta, 0) - p.Y[i]*eta)
			})
			return sum
		},
		Grad: func(g, beta []float64) {
			clear(g)
			each(beta, func(i int, eta float64) { axpy(p.Weight[i]*(1/(1+math.Exp(-eta))-p.Y[i]), rows[i], g) })
			axpy(lambda, beta[1:], g[1:])
		},
	}
	best, err := optimize.Minimize(problem, make([]float64, 1+columns), &optimize.Settings{GradientThreshold: 1e-9}, &optimize.BFGS{})
	if err != nil && best == nil {
		t.Fatal(err)
	}
	r := fit(t, p, lambda, Settings{})
	if math.Abs(r.Objective-best.F) > 1e-9*best.F {
		t.Errorf("objective %v, gonum's BFGS %v", r.Objective, best.F)
	}
	for j, b := range append([]float64{r.Intercept}, r.Coef...) {
		if math.Abs(b-best.X[j]) > 1e-6 {
			t.Errorf("coefficient %d: %v, gonum's BFGS %v", j, b, best.X[j])
		}
	}
	if r.GradientMax > 1e-7 || r.Decrement > 1e-12 {
		t.Errorf("gradient %v and decrement %v at the optimum", r.GradientMax, r.Decrement)
	}
}

// With many rows, a large block and a penalty, every short cut is taken: warm-up on a sample, lagged
// curvature, elimination. A start at the optimum must then stay there.
func TestShortCutsReachTheOptimum(t *testing.T) {
	if testing.Short() {
		t.Skip("170,000 rows left out by -short")
	}
	p := referenceJob(t, 170000)
	r := fit(t, p, 1, Settings{})
	again := fit(t, p, 1, Settings{Start: append([]float64{r.Intercept}, r.Coef...)})
	if math.Abs(again.Objective-r.Objective) > 1e-12*r.Objective || again.Iterations > 1 {
		t.Errorf("objective %v, from there %v after %d steps", r.Objective, again.Objective, again.Iterations)
	}
	if r.Iterations > 10 || r.Curvatures > 6 {
		t.Errorf("%d steps and %d Hessians: the short cuts have become detours", r.Iterations, r.Curvatures)
	}
	gradient := make([]float64, 1+p.X.Cols())
	o := newObjective(p, design.All(p.X.Rows()), ridge(1), 1)
	if f := o.at(append([]float64{r.Intercept}, r.Coef...), gradient); math.Abs(f-r.Objective) > 1e-12*f || maxAbs(gradient) > 1e-4 {
		t.Errorf("objective %v and gradient %v at the result, which says %v", f, maxAbs(gradient), r.Objective)
	}
}

func TestEliminatedBlockSolvesTheSameSystem(t *testing.T) {
	p := referenceJob(t, 3000)
	o := newObjective(p, design.All(p.X.Rows()), ridge(1), 1)
	z := newNewton(o, Settings{}, o.baseRate())
	o.at(z.beta, z.gradient)
	o.hessian(z.square())
	var whole, split factor
	split.eliminate(p.X)
	if split.hi-split.lo != 400 {
		t.Fatalf("block %d to %d eliminated, want 400 levels", split.lo, split.hi)
	}
	if !whole.factorize(z.hessian) || !split.factorize(z.hessian) {
		t.Fatal("not positive definite")
	}
	a, b := slices.Clone(z.gradient), slices.Clone(z.gradient)
	whole.solve(a)
	split.solve(b)
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-10*(1+math.Abs(a[i])) {
			t.Fatalf("solution %d: %v, with the block eliminated %v", i, a[i], b[i])
		}
	}
}
