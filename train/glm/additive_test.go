package glm

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// additiveFixture is testdata/additive.csv with the penalties of additive.py.
func additiveFixture(t testing.TB) (*Problem, []Block) {
	t.Helper()
	text, err := os.ReadFile("testdata/additive.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows = rows[1:]
	number := func(text string) uint32 {
		v, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		return uint32(v)
	}
	sizes := []int{13, 10, 7, 9, 12}
	p := &Problem{}
	var codes []design.Codes
	for b, size := range sizes {
		c := make([]uint32, len(rows))
		for i := range rows {
			c[i] = number(rows[i][b])
		}
		codes = append(codes, design.MakeCodes(size, c))
	}
	for i := range rows {
		p.Y = append(p.Y, float64(number(rows[i][5])))
	}
	if p.X, err = design.NewMatrix(len(rows), nil, codes); err != nil {
		t.Fatal(err)
	}
	list := make([]Block, len(sizes))
	for b, size := range sizes {
		list[b] = Block{Start: p.X.BlockStart(b), Size: size}
	}
	list[0].S, list[0].Rank = Smooth(13, upTo(12), 2)
	list[1].S, list[1].Rank = Smooth(10, upTo(10), 2)
	a, _ := Smooth(4, upTo(4), 1)
	b, _ := Smooth(3, upTo(3), 1)
	list[4].S = Cross(a, 4, b, 3, .05)
	return p, list
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

type additiveReference struct {
	Lambda, EDF, Beta, SE []float64
	Objective             float64
	Scores                [][4]float64
}

func readAdditiveReference(t *testing.T) (r additiveReference) {
	t.Helper()
	text, err := os.ReadFile("testdata/additive.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAdditiveReachesTheFixedPoint(t *testing.T) {
	p, list := additiveFixture(t)
	want := readAdditiveReference(t)
	r, err := Additive(t.Context(), p, list, AdditiveSettings{
		Settings: Settings{Covariance: true, DecrementTol: 1e-18, GradientTol: 1e-12}, MaxRounds: 500, LambdaTol: 1e-9, KeepAll: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != Converged || r.Moved > 1e-9 {
		t.Fatalf("%v, moved %v", r, r.Moved)
	}
	for b := range list {
		if d := math.Abs(math.Log(r.Lambdas[b] / want.Lambda[b])); d > 1e-5 {
			t.Errorf("λ of block %d: %v, want %v", b, r.Lambdas[b], want.Lambda[b])
		}
		if math.Abs(r.EDF[b]-want.EDF[b]) > 1e-4 {
			t.Errorf("degrees of freedom of block %d: %v, want %v", b, r.EDF[b], want.EDF[b])
		}
	}
	if math.Abs(r.Objective-want.Objective) > 1e-5 {
		t.Errorf("objective %v, want %v", r.Objective, want.Objective)
	}
	for i, b := range append([]float64{r.Intercept}, r.Coef...) {
		if math.Abs(b-want.Beta[i]) > 1e-4 {
			t.Errorf("coefficient %d: %v, want %v", i, b, want.Beta[i])
		}
		if se := math.Sqrt(r.Covariance.At(i, i)); math.Abs(se/want.SE[i]-1) > 1e-4 {
			t.Errorf("standard error %d: %v, want %v", i, se, want.SE[i])
		}
	}
}

// By default the block that tells nothing is dropped, and the rest is hardly moved by that nor by
// stopping early.
func TestAdditiveDropsWhatVanishes(t *testing.T) {
	p, list := additiveFixture(t)
	want := readAdditiveReference(t)
	r, err := Additive(t.Context(), p, list, AdditiveSettings{Settings: Settings{Covariance: true}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Dropped, []bool{false, false, false, true, false}) || r.EDF[3] != 0 {
		t.Errorf("dropped %v", r.Dropped)
	}
	for l := range 9 {
		if j := p.X.BlockStart(3) + l; r.Coef[j] != 0 || r.Covariance.At(1+j, 1+j) != 0 {
			t.Errorf("coefficient %v of a dropped block", r.Coef[j])
		}
	}
	eta, reference := make([]float64, len(p.Y)), make([]float64, len(p.Y))
	p.X.MatVec(eta, r.Coef)
	p.X.MatVec(reference, want.Beta[1:])
	for i := range eta {
		if d := math.Abs(eta[i] + r.Intercept - reference[i] - want.Beta[0]); d > .05 {
			t.Fatalf("η of row %d is off by %v after %d rounds", i, d, r.Rounds)
		}
	}
}

func TestAdditiveHasTheSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	p, list := additiveFixture(t)
	var want *AdditiveResult
	for _, workers := range []int{1, 2, 8} {
		r, err := Additive(t.Context(), p, list, AdditiveSettings{Settings: Settings{Workers: workers}})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = r
		} else if !slices.Equal(r.Coef, want.Coef) || !slices.Equal(r.Lambdas, want.Lambdas) {
			t.Errorf("%d workers give other bits than one", workers)
		}
	}
}

// With all λ's fixed at one value and identities, Additive is Ridge.
func TestAdditiveWithOneFixedLambdaIsRidge(t *testing.T) {
	p := fixture(t)
	list := []Block{{Start: 0, Size: 3, Lambda: 2, Fixed: true}, {Start: 3, Size: 4, Lambda: 2, Fixed: true}, {Start: 7, Size: 6, Lambda: 2, Fixed: true}}
	r, err := Additive(t.Context(), p, list, AdditiveSettings{Tiny: 1e-300})
	if err != nil {
		t.Fatal(err)
	}
	want := fit(t, p, 2, Settings{Covariance: true})
	sameFit(t, &r.Result, want, 1e-9)
	if math.Abs(r.DF-want.DF) > 1e-9 {
		t.Errorf("degrees of freedom %v, Ridge's %v", r.DF, want.DF)
	}
}

func TestTracesAreThoseOfTheInverse(t *testing.T) {
	p := referenceJob(t, 4000)
	x := p.X
	list := []Block{{Start: 0, Size: 13}}
	for b, c := range x.Blocks() {
		block := Block{Start: x.BlockStart(b), Size: c.Levels}
		if c.Levels == 100 || c.Levels == 20 {
			block.S, block.Rank = Smooth(c.Levels, upTo(c.Levels-1), 2)
		}
		list = append(list, block)
	}
	pen := &blocks{list: list, tiny: 1e-4}
	for range list {
		pen.lambda = append(pen.lambda, 2)
	}
	o := newObjective(p, design.All(x.Rows()), pen, 2)
	z := newNewton(o, Settings{}, o.baseRate())
	o.at(z.beta, z.gradient)
	o.hessian(z.square())
	for _, eliminate := range []bool{false, true} {
		var f factor
		if eliminate {
			f.eliminateIdentity(x, list, 0)
			if f.hi-f.lo != 400 {
				t.Fatal("the block of 400 levels is not eliminated")
			}
		}
		if !f.factorize(z.hessian) {
			t.Fatal("not positive definite")
		}
		weighted, plain := f.traces(list, o.kernel)
		v := f.inverse()
		for i, b := range list {
			w, d := 0.0, 0.0
			for r := range b.Size {
				d += v.At(1+b.Start+r, 1+b.Start+r)
				for c := range b.Size {
					s := 0.0
					if b.S != nil {
						s = b.S.At(r, c)
					} else if r == c {
						s = 1
					}
					w += s * v.At(1+b.Start+r, 1+b.Start+c)
				}
			}
			if math.Abs(weighted[i]-w) > 1e-9*(1+w) || math.Abs(plain[i]-d) > 1e-9*(1+d) {
				t.Errorf("eliminated %v, block %d: traces %v and %v, want %v and %v", eliminate, i, weighted[i], plain[i], w, d)
			}
		}
	}
}

func TestScreenedPairsHaveTheReferenceScores(t *testing.T) {
	p, _ := additiveFixture(t)
	mean := 0.0
	for _, y := range p.Y {
		mean += y / float64(len(p.Y))
	}
	base := &Result{Intercept: math.Log(mean / (1 - mean)), Coef: make([]float64, p.X.Cols())}
	r, w := Residuals(p, base)
	scores, err := ScreenPairs(t.Context(), p.X.Blocks(), r, w, 2)
	if err != nil {
		t.Fatal(err)
	}
	reference := readAdditiveReference(t).Scores
	if len(scores) != len(reference) {
		t.Fatalf("%d pairs, want %d", len(scores), len(reference))
	}
	for i, s := range scores {
		if i > 0 && s.Score > scores[i-1].Score {
			t.Error("not in order")
		}
		at := slices.IndexFunc(reference, func(r [4]float64) bool { return int(r[0]) == s.A && int(r[1]) == s.B })
		if want := reference[at][2]; math.Abs(s.Score-want) > 1e-9*(1+math.Abs(want)) {
			t.Errorf("pair %d × %d: score %v, want %v", s.A, s.B, s.Score, want)
		}
		if s.Cells != int(reference[at][3]) {
			t.Errorf("pair %d × %d: %d cells, want %v", s.A, s.B, s.Cells, reference[at][3])
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ScreenPairs(ctx, p.X.Blocks(), r, w, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := ScreenPairs(t.Context(), p.X.Blocks(), r[:3], w, 2); err == nil {
		t.Error("three residuals are taken")
	}
}

func TestPenaltiesAreTheirDefinitions(t *testing.T) {
	s, rank := Smooth(6, []int{0, 2, 3, 5}, 2) // 1 and 4 stand alone
	beta := []float64{1, 7, 3, 4, -2, 9}
	b := Block{Size: 6, S: s, Rank: rank}
	if want := (1-2*3+4)*(1-2*3+4) + (3-2*4+9)*(3-2*4+9) + 49. + 4; b.quadratic(beta) != want || rank != 4 {
		t.Errorf("smooth: β′Sβ = %v, rank %d; want %v, 4", b.quadratic(beta), rank, want)
	}
	if _, rank := Smooth(3, upTo(2), 2); rank != 2 {
		t.Errorf("two bins and missing: rank %d, want 2: one first difference, one ridge", rank)
	}
	if s, rank := Smooth(1, upTo(1), 2); rank != 0 || s.At(0, 0) != 0 {
		t.Errorf("one bin: rank %d, S %v", rank, s.At(0, 0))
	}
	first, _ := Smooth(3, upTo(3), 1)
	cross := &Block{Size: 6, S: Cross(first, 3, nil, 2, .05)}
	want := 0.0 // differences down each column of the 3 × 2 cells, and a ridge of 1.05
	for k := range 2 {
		first, second := beta[k]-beta[2+k], beta[2+k]-beta[4+k]
		want += first*first + second*second
	}
	want += 1.05 * dot(beta, beta)
	if got := cross.quadratic(beta); math.Abs(got-want) > 1e-12*want {
		t.Errorf("cross: β′Sβ = %v, want %v", got, want)
	}

	pen := &blocks{list: []Block{{Start: 0, Size: 6, S: cross.S}}, lambda: []float64{1.5}, tiny: .01}
	all := append([]float64{8}, beta...)
	gradient, h := make([]float64, 7), mat.NewSymDense(7, nil)
	pen.addGradient(gradient, all)
	pen.addCurvature(h)
	product := new(mat.VecDense)
	product.MulVec(h, mat.NewVecDense(7, all))
	for i := range gradient {
		if math.Abs(gradient[i]-product.AtVec(i)) > 1e-12 {
			t.Errorf("gradient %d: %v, Pβ = %v", i, gradient[i], product.AtVec(i))
		}
	}
	if v := .5 * dot(gradient, all); math.Abs(v-pen.value(all)) > 1e-9 {
		t.Errorf("value %v, ½β′Pβ = %v", pen.value(all), v)
	}
}

func TestBlocksAreChecked(t *testing.T) {
	p, list := additiveFixture(t)
	change := func(f func(l []Block) []Block) []Block { return f(slices.Clone(list)) }
	for want, l := range map[string][]Block{
		"column 39 is in no penalty block": list[:4],
		"columns 39 to 51":                 change(func(l []Block) []Block { l[4].Size = 13; return l }),
		"is in another block too":          change(func(l []Block) []Block { l[3].Start = 0; return l }),
		"rank 14 of 13":                    change(func(l []Block) []Block { l[0].Rank = 14; return l }),
		"a penalty of 10 rows for 9":       change(func(l []Block) []Block { l[1].Size = 9; return l }),
		"start of λ -1":                    change(func(l []Block) []Block { l[1].Lambda = -1; return l }),
	} {
		if _, err := Additive(t.Context(), p, l, AdditiveSettings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
