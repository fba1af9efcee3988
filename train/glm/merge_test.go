package glm

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/features/design"
)

// categories is n leads of five categories, all codes.
func categories(n int, seed uint64) (*Problem, []Block) {
	rng := rand.New(rand.NewPCG(seed, 5))
	levels := []int{2, 3, 5, 12, 20}
	columns, effects := make([][]uint32, len(levels)), make([][]float64, len(levels))
	for b, l := range levels {
		columns[b], effects[b] = make([]uint32, n), make([]float64, l)
		for k := range effects[b] {
			effects[b][k] = .6 * rng.NormFloat64()
		}
	}
	y := make([]float64, n)
	for i := range n {
		eta := -1.0
		for b, l := range levels {
			c := int(float64(l) * math.Pow(rng.Float64(), 2))
			columns[b][i] = uint32(c)
			eta += effects[b][c]
		}
		if rng.Float64() < 1/(1+math.Exp(-eta)) {
			y[i] = 1
		}
	}
	var codes []design.Codes
	var list []Block
	at := 0
	for b, l := range levels {
		codes = append(codes, design.MakeCodes(l, columns[b]))
		list = append(list, Block{Start: at, Size: l})
		at += l
	}
	x, err := design.NewMatrix(n, nil, codes)
	if err != nil {
		panic(err)
	}
	return &Problem{X: x, Y: y}, list
}

// apart is the problem with an offset of zero, for which no rows are merged.
func apart(p *Problem) *Problem {
	q := *p
	q.Offset = make([]float64, len(p.Y))
	return &q
}

// TestMergedFitIsTheFit: rows of the same codes made one change neither optimum nor λ's nor out-of-fold
// predictors nor what is told of the fit, with and without weights of the rows.
func TestMergedFitIsTheFit(t *testing.T) {
	p, list := categories(40_000, 1)
	if merged(p).X.Rows() > p.X.Rows()/3 {
		t.Fatalf("%d rows of %d are left", merged(p).X.Rows(), p.X.Rows())
	}
	if merged(apart(p)).X.Rows() != p.X.Rows() {
		t.Fatal("rows with offsets were merged")
	}
	folds := make([]uint8, p.X.Rows())
	weighted := *p
	weighted.Weight = make([]float64, p.X.Rows())
	for i := range folds {
		folds[i] = uint8(i % 5)
		weighted.Weight[i] = float64(i % 3)
	}
	s := AdditiveSettings{LambdaTol: 1e-6, MaxRounds: 100, KeepAll: true, Settings: Settings{DecrementTol: 1e-18, GradientTol: 1e-13, Covariance: true}}
	for _, p := range []*Problem{p, &weighted} {
		one, err := Additive(context.Background(), p, list, s)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Additive(context.Background(), apart(p), list, s)
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, got, want, tol float64) {
			t.Helper()
			if !(math.Abs(got-want) <= tol*(1+math.Abs(want))) {
				t.Errorf("%s is %v, unmerged %v", what, got, want)
			}
		}
		near("the objective", one.Objective, all.Objective, 1e-12)
		near("the log likelihood", one.LogLik, all.LogLik, 1e-12)
		near("the degrees of freedom", one.DF, all.DF, 1e-7)
		for j := range one.Coef {
			near("a coefficient", one.Coef[j], all.Coef[j], 1e-9)
			near("a variance", one.Covariance.At(j, j), all.Covariance.At(j, j), 1e-7)
		}
		fixed := append([]Block(nil), list...)
		for b := range fixed {
			near("a log λ", math.Log(one.Lambdas[b]), math.Log(all.Lambdas[b]), 1e-7)
			fixed[b].Lambda, fixed[b].Fixed = all.Lambdas[b], true
		}
		s := s
		s.Start = append([]float64{all.Intercept}, all.Coef...)
		eta, err := AdditiveFolds(context.Background(), p, fixed, folds, 5, s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := AdditiveFolds(context.Background(), apart(p), fixed, folds, 5, s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range eta {
			if math.Abs(eta[i]-want[i]) > 1e-9 {
				t.Fatalf("row %d out of fold: %v, unmerged %v", i, eta[i], want[i])
			}
		}
	}
}

func BenchmarkMerged(b *testing.B) {
	p, list := categories(1_000_000, 2)
	for _, c := range []struct {
		name string
		p    *Problem
	}{{"merged", p}, {"apart", apart(p)}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				q := *c.p
				q.X, _ = design.NewMatrix(p.X.Rows(), nil, p.X.Blocks()) // groups are found anew
				if _, err := Additive(context.Background(), &q, list, AdditiveSettings{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
