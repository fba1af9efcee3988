package glm

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/features/design"
)

// company is n leads of so many companies with a hidden N(0, 1) effect each, a number of ten bins and a
// source of five levels.
func company(n, companies int, seed uint64) (p *Problem, list []Block, eta []float64) {
	rng := rand.New(rand.NewPCG(seed, 8))
	effect := make([]float64, companies)
	for k := range effect {
		effect[k] = rng.NormFloat64()
	}
	bins, firms, sources := make([]uint32, n), make([]uint32, n), make([]uint32, n)
	y := make([]float64, n)
	eta = make([]float64, n)
	for i := range n {
		bins[i], firms[i], sources[i] = uint32(rng.IntN(10)), uint32(rng.IntN(companies)), uint32(rng.IntN(6)) // 5: no effect
		eta[i] = -1 + .2*float64(bins[i]) + effect[firms[i]] + []float64{.5, -.5, 0, 1, -1, 0}[sources[i]]
		if rng.Float64() < 1/(1+math.Exp(-eta[i])) {
			y[i] = 1
		}
	}
	x, err := design.NewMatrix(n, nil, []design.Codes{design.MakeCodes(10, bins), design.MakeCodes(companies, firms), design.MakeCodes(5, sources)})
	if err != nil {
		panic(err)
	}
	chain := make([]int, 10)
	for i := range chain {
		chain[i] = i
	}
	s, rank := Smooth(10, chain, 2)
	list = []Block{{Start: 0, Size: 10, S: s, Rank: rank}, {Start: 10, Size: companies}, {Start: 10 + companies, Size: 5}}
	return &Problem{X: x, Y: y}, list, eta
}

// TestArrowIsTheSquare: step and traces without the square are those of the square.
func TestArrowIsTheSquare(t *testing.T) {
	p, list, _ := company(6000, arrowLevels+7, 1)
	a := newAdditive(p, list, AdditiveSettings{}.withDefaults())
	z := a.solver
	if z.factor.arrow == nil {
		t.Fatal("no arrow")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for j := range z.beta {
		z.beta[j] = .3 * rng.NormFloat64()
	}
	for i := range a.penalty.lambda {
		a.penalty.lambda[i] = float64(2 + i)
	}
	z.objective.at(z.beta, z.gradient)
	if !z.refresh() {
		t.Fatal("not factorised")
	}
	square := z.square()
	z.objective.hessian(square)
	var whole factor
	whole.factorize(square)
	v, w := make([]float64, len(z.beta)), make([]float64, len(z.beta))
	for j := range v {
		v[j] = rng.NormFloat64()
		w[j] = v[j]
	}
	z.factor.solve(v)
	whole.solve(w)
	for j := range v {
		if math.Abs(v[j]-w[j]) > 1e-7*(1+math.Abs(w[j])) {
			t.Fatalf("column %d: step %v, want %v", j, v[j], w[j])
		}
	}
	weighted, plain := z.factor.traces(a.penalty.list, z.objective.kernel)
	wantWeighted, wantPlain := whole.traces(a.penalty.list, z.objective.kernel)
	for b := range list {
		if math.Abs(weighted[b]-wantWeighted[b]) > 1e-8*wantWeighted[b] || math.Abs(plain[b]-wantPlain[b]) > 1e-8*wantPlain[b] {
			t.Errorf("block %d: traces %v, %v, want %v, %v", b, weighted[b], plain[b], wantWeighted[b], wantPlain[b])
		}
	}
}

// TestManyCompanies: 5,000 levels of twenty leads each are fitted in a time and to an accuracy that
// the square would not allow: λ estimated near its true 1, and the excess of the log loss over the truth's
// as small as such effects can be told.
func TestManyCompanies(t *testing.T) {
	n, companies := 100_000, 5000
	if testing.Short() {
		n, companies = 30_000, 1500
	}
	p, list, eta := company(n, companies, 2)
	r, err := Additive(context.Background(), p, list, AdditiveSettings{Settings: Settings{Covariance: true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Status.Err(); err != nil {
		t.Fatal(err)
	}
	if r.Lambdas[1] < .85 || r.Lambdas[1] > 1.15 {
		t.Errorf("λ of the companies is %v; their effects are drawn with 1", r.Lambdas[1])
	}
	if r.Covariance != nil || r.Eliminated == nil {
		t.Errorf("want the covariance without the companies' square")
	}
	fit := make([]float64, n)
	p.X.MatVec(fit, r.Coef)
	// The leads of the same companies that were not fitted: the truth's log loss is −Σ μ log μ …, its
	// excess Σ μ₀(log μ₀ − log μ) ….
	excess, sxy, sxx, syy := 0.0, 0.0, 0.0, 0.0
	mean := 0.0
	for i := range eta {
		mean += eta[i] / float64(n)
	}
	fitted := 0.0
	for i := range fit {
		fit[i] += r.Intercept
		fitted += fit[i] / float64(n)
	}
	for i := range eta {
		true0 := 1 / (1 + math.Exp(-eta[i]))
		loss := func(e float64) float64 { return math.Log1p(math.Exp(e)) - true0*e }
		excess += (loss(fit[i]) - loss(eta[i])) / float64(n)
		a, b := eta[i]-mean, fit[i]-fitted
		sxy, sxx, syy = sxy+a*b, sxx+a*a, syy+b*b
	}
	// With information I ≈ 20·μ(1−μ) ≈ 3.4 and prior precision 1 an effect's posterior variance is about .23,
	// worth ½·.23·.17 ≈ .020 of log loss: nobody who sees twenty leads a company can do better.
	if excess > .022 {
		t.Errorf("log loss is %.4f above the truth's; want at most .022", excess)
	}
	if c := sxy / math.Sqrt(sxx*syy); c < .9 {
		t.Errorf("correlation with the truth %.3f; want .9 or more", c)
	}
	t.Logf("%v: λ %.3f, excess log loss %.4f, correlation %.3f", r, r.Lambdas[1], excess, sxy/math.Sqrt(sxx*syy))
}
