package glm

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"leadscore/features/design"
)

func elastic(t testing.TB, p *Problem, lambda, l1Ratio float64, s Settings) *Result {
	t.Helper()
	r, err := ElasticNet(t.Context(), p, lambda, l1Ratio, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Status.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// by takes one solver to λ, whichever newWalker would choose.
func by(t testing.TB, w walker, lambda float64) *Result {
	t.Helper()
	r, err := single(t.Context(), w, lambda, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Status.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// predictors is η of each row, offset included: what is unique where coefficients are not.
func predictors(p *Problem, r *Result) []float64 {
	eta := make([]float64, p.X.Rows())
	p.X.MatVec(eta, r.Coef)
	for i := range eta {
		eta[i] += r.Intercept
		if p.Offset != nil {
			eta[i] += p.Offset[i]
		}
	}
	return eta
}

func samePredictions(t *testing.T, p *Problem, got, want *Result, tolerance float64) {
	t.Helper()
	if d := math.Abs(got.Objective - want.Objective); !(d <= tolerance*(1+want.Objective)) {
		t.Errorf("objective %v, want %v", got.Objective, want.Objective)
	}
	a, b := predictors(p, got), predictors(p, want)
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tolerance*(1+math.Abs(b[i]))) {
			t.Fatalf("η of row %d: %v, want %v", i, a[i], b[i])
		}
	}
}

func nonZero(coef []float64) (n int) {
	for _, b := range coef {
		if b != 0 {
			n++
		}
	}
	return n
}

func TestElasticNetEqualsGlumAndScikitLearn(t *testing.T) {
	var reference struct {
		Agreed int
		Fits   []struct {
			Lambda         float64
			L1Ratio        float64 `json:"l1_ratio"`
			Weight, Offset bool
			Objective      float64
			Beta, Eta      []float64
		}
	}
	text, err := os.ReadFile("testdata/elastic.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference.Fits) != 45 || reference.Agreed < 25 {
		t.Fatalf("%d reference fits, %d of both programs; want 45 and 25 at least", len(reference.Fits), reference.Agreed)
	}
	for _, want := range reference.Fits {
		p := fixture(t)
		if !want.Weight {
			p.Weight = nil
		}
		if !want.Offset {
			p.Offset = nil
		}
		for solver, w := range map[string]walker{
			"descent": newElasticWalk(p, design.All(p.X.Rows()), Settings{L1Ratio: want.L1Ratio}),
			"OWL-QN":  newWideWalk(p, design.All(p.X.Rows()), Settings{L1Ratio: want.L1Ratio}),
		} {
			r := by(t, w, want.Lambda)
			if math.Abs(r.Objective-want.Objective) > 1e-8*want.Objective {
				t.Errorf("λ %v, l1 %v, %s: objective %.10f, want %.10f", want.Lambda, want.L1Ratio, solver, r.Objective, want.Objective)
			}
			eta := predictors(p, r)
			for i, e := range want.Eta {
				if math.Abs(eta[i]-e) > 1e-6 {
					t.Errorf("λ %v, l1 %v, %s: η of row %d is %.9f, want %.9f", want.Lambda, want.L1Ratio, solver, i, eta[i], e)
					break
				}
			}
			if want.L1Ratio == 1 {
				continue
			}
			for i, b := range append([]float64{r.Intercept}, r.Coef...) {
				if math.Abs(b-want.Beta[i]) > 1e-6 || i > 0 && (b == 0) != (want.Beta[i] == 0) {
					t.Errorf("λ %v, l1 %v, %s: coefficient %d is %.9f, want %.9f", want.Lambda, want.L1Ratio, solver, i, b, want.Beta[i])
				}
			}
		}
	}
}

// Every solver minimises the same function: where one is for another's problem, the optimum is the same.
func TestEverySolverFindsTheSameOptimum(t *testing.T) {
	for name, p := range map[string]*Problem{"fixture": fixture(t), "reference job": referenceJob(t, 2000)} {
		all := design.All(p.X.Rows())
		for _, lambda := range []float64{.5, 20} {
			want := fit(t, p, lambda, Settings{})
			sameFit(t, by(t, newElasticWalk(p, all, Settings{}), lambda), want, 1e-7)
			sameFit(t, by(t, newWideWalk(p, all, Settings{}), lambda), want, 1e-6)
			for _, ratio := range []float64{.2, 1} {
				a := by(t, newElasticWalk(p, all, Settings{L1Ratio: ratio}), lambda)
				b := by(t, newWideWalk(p, all, Settings{L1Ratio: ratio}), lambda)
				samePredictions(t, p, b, a, 1e-5)
				if n := nonZero(a.Coef); n == 0 || lambda > 1 && n == len(a.Coef) {
					t.Errorf("%s, λ %v, l1 %v: %d of %d coefficients are not zero", name, lambda, ratio, n, len(a.Coef))
				}
				if ratio < 1 {
					sameFit(t, b, a, 1e-5)
				}
			}
		}
	}
}

func TestElasticNetOnWeightsRepeatsAndOrder(t *testing.T) {
	p := fixture(t)
	var repeats []int
	for i, w := range p.Weight {
		for range int(w) {
			repeats = append(repeats, i)
		}
	}
	repeated := rearranged(p, repeats)
	repeated.Weight = nil
	shuffled := rearranged(p, rand.New(rand.NewPCG(1, 2)).Perm(p.X.Rows()))
	for _, ratio := range []float64{.3, 1} {
		want := elastic(t, p, 2, ratio, Settings{})
		if a, b := elastic(t, repeated, 2, ratio, Settings{}), elastic(t, shuffled, 2, ratio, Settings{}); ratio < 1 {
			sameFit(t, a, want, 1e-8)
			sameFit(t, b, want, 1e-8)
		} else if math.Abs(a.Objective-want.Objective)+math.Abs(b.Objective-want.Objective) > 1e-9*want.Objective {
			t.Errorf("objective %v, repeated %v, shuffled %v", want.Objective, a.Objective, b.Objective)
		}
	}
}

func TestElasticNetHasTheSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	p := referenceJob(t, 9000)
	all := design.All(p.X.Rows())
	for name, make := range map[string]func(s Settings) walker{
		"descent": func(s Settings) walker { return newElasticWalk(p, all, s) },
		"OWL-QN":  func(s Settings) walker { return newWideWalk(p, all, s) },
	} {
		var want *Result
		for _, workers := range []int{1, 2, 8} {
			r := by(t, make(Settings{L1Ratio: .5, Workers: workers}), 50)
			if want == nil {
				want = r
			} else if r.Intercept != want.Intercept || !slices.Equal(r.Coef, want.Coef) || r.Objective != want.Objective {
				t.Errorf("%s: %d workers give other bits than one", name, workers)
			}
		}
	}
}

func TestFromLambdaMaxOnAllCoefficientsAreZero(t *testing.T) {
	p := fixture(t)
	for _, ratio := range []float64{.2, 1} {
		top := LambdaMax(p, ratio)
		for _, lambda := range []float64{100 * top, top * (1 + 1e-9)} {
			if r := elastic(t, p, lambda, ratio, Settings{}); nonZero(r.Coef) > 0 || r.Iterations > 1 {
				t.Errorf("l1 %v, λ %v: %d coefficients after %d steps", ratio, lambda, nonZero(r.Coef), r.Iterations)
			}
		}
		if r := elastic(t, p, .99*top, ratio, Settings{}); nonZero(r.Coef) == 0 {
			t.Errorf("l1 %v: all coefficients are zero below LambdaMax", ratio)
		}
	}
}

// The strong rules and the warm start are for speed: a path is what single fits from nowhere are.
func TestElasticPathIsTheSameAsSingleFits(t *testing.T) {
	p := fixture(t)
	for _, ratio := range []float64{.05, .5, 1} {
		path, err := Path(t.Context(), p, nil, Settings{L1Ratio: ratio})
		if err != nil {
			t.Fatal(err)
		}
		if len(path) != elasticLength || nonZero(path[0].Coef) > 0 || nonZero(path[elasticLength-1].Coef) < p.X.Cols()/2 {
			t.Fatalf("l1 %v: a path of %d fits", ratio, len(path))
		}
		for _, r := range path {
			if r.L1Ratio != ratio || r.Status.Err() != nil {
				t.Fatalf("l1 %v, λ %v: %v", r.L1Ratio, r.Lambda, r.Status)
			}
			samePredictions(t, p, r, elastic(t, p, r.Lambda, ratio, Settings{}), 1e-6)
		}
		end, err := Path(t.Context(), p, []float64{1, 0}, Settings{L1Ratio: ratio})
		if err != nil {
			t.Fatal(err)
		}
		sameFit(t, end[1], fit(t, p, 0, Settings{}), 1e-8)
	}
}

// A column that the strong rule wrongly leaves out comes back: with none in work at all the optimum is the same.
func TestColumnsLeftOutComeBack(t *testing.T) {
	p := fixture(t)
	want := elastic(t, p, 1, .5, Settings{})
	w := newElasticWalk(p, design.All(p.X.Rows()), Settings{L1Ratio: .5})
	w.lambda = 1e9 // the rule now says that no column can have entered
	w.objective.penalty, w.objective.l1 = ridge(.5), .5
	w.strong(math.Inf(1))
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	sameFit(t, w.descent.result(), want, 1e-8)
}

func TestElasticCrossValidationIsItsDefinition(t *testing.T) {
	p := fixture(t)
	const k = 3
	folds := foldsOf(len(p.Y), k)
	cv, err := CrossValidate(t.Context(), p, folds, k, []float64{8, 2}, Settings{L1Ratio: .7, DecrementTol: 1e-15, GradientTol: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	if cv.Status != Converged {
		t.Fatalf("status %v", cv.Status)
	}
	for f := range uint8(k) {
		var in []int
		for r, fold := range folds {
			if fold != f {
				in = append(in, r)
			}
		}
		eta := predictors(p, elastic(t, rearranged(p, in), cv.Lambda, .7, Settings{}))
		for row, fold := range folds {
			if fold == f && math.Abs(eta[row]-cv.Eta[row]) > 1e-7 {
				t.Fatalf("η of row %d: %v, want %v", row, cv.Eta[row], eta[row])
			}
		}
	}
}

func TestDegreesOfFreedomOfSparseFits(t *testing.T) {
	p := fixture(t)
	if r := elastic(t, p, 5, 1, Settings{Covariance: true}); r.DF != float64(1+nonZero(r.Coef)) || r.Covariance != nil {
		t.Errorf("lasso of %d columns: %v degrees of freedom", nonZero(r.Coef), r.DF)
	}
	r := elastic(t, p, 5, 1e-9, Settings{Covariance: true})
	if want := fit(t, p, 5, Settings{Covariance: true}).DF; math.Abs(r.DF-want) > 1e-4 {
		t.Errorf("next to no L1: %v degrees of freedom, ridge %v", r.DF, want)
	}
	w := newWideWalk(p, design.All(p.X.Rows()), Settings{})
	bound := by(t, w, 5)
	w.infer(bound)
	if bound.DF < r.DF || bound.DF > 1.5*r.DF || bound.Covariance != nil {
		t.Errorf("bound of %v degrees of freedom, in truth %v", bound.DF, r.DF)
	}
}

// wideJob has two categories of 3,000 levels each beside the fixture's columns.
func wideJob(t testing.TB, rows int) *Problem {
	p := referenceJob(t, rows)
	r := rand.New(rand.NewPCG(3, 4))
	blocks := slices.Clone(p.X.Blocks())
	for range 2 {
		codes := make([]uint32, rows)
		for i := range codes {
			codes[i] = uint32(3000 * r.Float64() * r.Float64())
		}
		blocks = append(blocks, design.MakeCodes(3000, codes))
	}
	x, err := design.NewMatrix(rows, p.X.Dense(), blocks)
	if err != nil {
		t.Fatal(err)
	}
	return &Problem{X: x, Y: p.Y}
}

func TestWideProblemsAreFittedWithoutTheirHessian(t *testing.T) {
	p := wideJob(t, 2000)
	if p.X.Cols() <= wideColumns {
		t.Fatalf("%d columns", p.X.Cols())
	}
	s := Settings{Covariance: true}
	r := fit(t, p, 1, s)
	if r.Covariance != nil || r.Curvatures != 0 || !(r.DF > 50 && r.DF < float64(p.X.Cols())) {
		t.Errorf("covariance %v, %d Hessians, %v degrees of freedom", r.Covariance != nil, r.Curvatures, r.DF)
	}
	if _, err := r.Inference(); err == nil {
		t.Error("standard errors without a covariance")
	}
	path, err := Path(t.Context(), p, []float64{5, 1}, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	sameFit(t, path[1], r, 1e-5)
	lasso := elastic(t, p, 5, 1, Settings{})
	if n := nonZero(lasso.Coef); n == 0 || n > 1000 {
		t.Errorf("lasso keeps %d columns", n)
	}
	if _, err := Ridge(t.Context(), p, 0, Settings{}); err == nil || !strings.Contains(err.Error(), "want one above 0") {
		t.Errorf("unpenalised: %v", err)
	}
}

func TestElasticNetRefusesWhatItCannotFit(t *testing.T) {
	p := fixture(t)
	for _, c := range []struct {
		lambda, ratio float64
		s             Settings
		want          string
	}{
		{1, -.1, Settings{}, "share of the L1 penalty of -0.1, want 0 to 1"},
		{1, math.NaN(), Settings{}, "want 0 to 1"},
		{math.Inf(1), .5, Settings{}, "want a finite number"},
		{1, .5, Settings{Start: []float64{1}}, "a start of 1 numbers"},
	} {
		if _, err := ElasticNet(t.Context(), p, c.lambda, c.ratio, c.s); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v does not say %q", err, c.want)
		}
	}
	if _, err := Path(t.Context(), p, nil, Settings{L1Ratio: 2}); err == nil {
		t.Error("a path with an L1 ratio of 2")
	}
	for i := range p.Y {
		p.Y[i] = 1
	}
	if r, err := ElasticNet(t.Context(), p, 1, .5, Settings{}); err != nil || r.Status != Separated {
		t.Errorf("one class: %v, %v", r, err)
	}
	huge := unweighted(t)
	dense := slices.Clone(huge.X.Dense())
	dense[0].Scale = 1e-300
	x, err := design.NewMatrix(huge.X.Rows(), dense, huge.X.Blocks())
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ElasticNet(t.Context(), &Problem{X: x, Y: huge.Y}, 1, .5, Settings{}); err == nil && r.Status == Converged && bad(r.Objective) {
		t.Errorf("numbers that overflow: %v", r)
	}
}

func BenchmarkElasticPathReference(b *testing.B) {
	p := referenceJob(b, 500000)
	b.ReportAllocs()
	for b.Loop() {
		path, err := Path(b.Context(), p, nil, Settings{L1Ratio: .5, DecrementTol: foldTol, GradientTol: math.Inf(1)})
		if err != nil {
			b.Fatal(err)
		}
		steps, hessians := 0, 0
		for _, r := range path {
			steps += r.Iterations
			hessians += r.Curvatures
		}
		b.ReportMetric(float64(steps), "steps")
		b.ReportMetric(float64(hessians), "hessians")
		b.ReportMetric(float64(nonZero(path[len(path)-1].Coef)), "columns")
	}
}

func BenchmarkElasticNetReference(b *testing.B) {
	p := referenceJob(b, 500000)
	b.ReportAllocs()
	for b.Loop() {
		r, err := ElasticNet(b.Context(), p, 50, .5, Settings{})
		if err != nil || r.Status.Err() != nil {
			b.Fatal(r, err)
		}
		b.ReportMetric(float64(r.Iterations), "steps")
		b.ReportMetric(float64(r.Curvatures), "hessians")
	}
}

func BenchmarkWideRidge(b *testing.B) {
	p := wideJob(b, 100000)
	b.ReportAllocs()
	for b.Loop() {
		r, err := Ridge(b.Context(), p, 1, Settings{})
		if err != nil || r.Status.Err() != nil {
			b.Fatal(r, err)
		}
		b.ReportMetric(float64(r.Iterations), "steps")
	}
}
