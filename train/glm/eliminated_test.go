package glm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"leadscore/features/design"
)

// attributed is n leads of so many companies, beside a number of ten bins and two columns that are about always the same for
// a company, of 80 and 40 levels: the case in which covariances between a company and other columns are large.
func attributed(n, companies int, seed uint64) (*Problem, []Block) {
	rng := rand.New(rand.NewPCG(seed, 9))
	const regions, trades, bins = 80, 40, 10
	effect, region, trade := make([]float64, companies), make([]uint32, companies), make([]uint32, companies)
	for k := range effect {
		effect[k], region[k], trade[k] = rng.NormFloat64(), uint32(rng.IntN(regions)), uint32(rng.IntN(trades))
	}
	var codes [4][]uint32
	for c := range codes {
		codes[c] = make([]uint32, n)
	}
	y := make([]float64, n)
	for i := range n {
		k := min(rng.IntN(companies), rng.IntN(companies)) // some are large
		codes[0][i], codes[1][i], codes[2][i], codes[3][i] = uint32(rng.IntN(bins)), uint32(k), region[k], trade[k]
		if rng.IntN(20) == 0 {
			codes[2][i] = uint32(rng.IntN(regions))
		}
		if rng.IntN(20) == 0 {
			codes[3][i] = uint32(rng.IntN(trades + 1)) // the last: no effect
		}
		eta := -1 + .2*float64(codes[0][i]) + effect[k] + math.Sin(float64(codes[2][i])) + math.Cos(float64(codes[3][i]))
		if rng.Float64() < 1/(1+math.Exp(-eta)) {
			y[i] = 1
		}
	}
	sizes, list, start := []int{bins, companies, regions, trades}, []Block{}, 0
	var blocks []design.Codes
	for c, size := range sizes {
		blocks = append(blocks, design.MakeCodes(size, codes[c]))
		list = append(list, Block{Start: start, Size: size})
		start += size
	}
	s, rank := Smooth(bins, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 2)
	list[0].S, list[0].Rank = s, rank
	x, err := design.NewMatrix(n, nil, blocks)
	if err != nil {
		panic(err)
	}
	return &Problem{X: x, Y: y}, list
}

// meanEffects is the linear function of β that is the mean effect of each block over the rows, one after the other.
func meanEffects(x *design.Matrix) []float64 {
	f := make([]float64, 1+x.Cols())
	for b, c := range x.Blocks() {
		c.Each(func(_ int, code uint32) {
			if int(code) < c.Levels {
				f[1+x.BlockStart(b)+int(code)] += 1 / float64(x.Rows())
			}
		})
	}
	return f
}

// logit is the linear function of β that is a row's logit; a code that has no effect counts as the average row.
func logit(x *design.Matrix, mean []float64, codes []int) []float64 {
	f := make([]float64, 1+x.Cols())
	f[0] = 1
	for b, c := range x.Blocks() {
		if start := 1 + x.BlockStart(b); codes[b] < c.Levels {
			f[start+codes[b]] = 1
		} else {
			copy(f[start:start+c.Levels], mean[start:])
		}
	}
	return f
}

// quadraticForm is f′Vf.
func quadraticForm(v *mat.SymDense, f []float64) float64 {
	sum := 0.0
	for i, a := range f {
		if a != 0 {
			for j, b := range f {
				if b != 0 {
					sum += a * b * v.At(i, j)
				}
			}
		}
	}
	return sum
}

// variance is that of the logit f with level l of the category, −1: none.
func (e *Eliminated) variance(x *design.Matrix, mean, f []float64, l int) float64 {
	outer := mat.NewVecDense(len(e.Mean), append([]float64(nil), e.Mean...))
	outer.SetVec(0, outer.AtVec(0)+f[0])
	for i, j := range e.Columns {
		outer.SetVec(1+i, outer.AtVec(1+i)+f[1+j])
	}
	sum := mat.Inner(outer, e.Outer, outer) + e.Noise
	if l < 0 {
		return sum
	}
	for _, k := range e.Kept[l] {
		contrast := mat.NewVecDense(outer.Len(), nil)
		for i, j := range e.Columns {
			if block(x, j) == block(x, e.Columns[k.Row-1]) {
				contrast.SetVec(1+i, -mean[1+j])
			}
		}
		contrast.SetVec(k.Row, 1+contrast.AtVec(k.Row))
		sum -= 2 * k.Weight * mat.Inner(outer, e.Outer, contrast)
	}
	return sum + e.Variances[l] + 2*e.Own[l]
}

// block is the block of a column of x.
func block(x *design.Matrix, column int) int {
	for b := range x.Blocks() {
		if column < x.BlockStart(b)+x.Blocks()[b].Levels {
			return b
		}
	}
	return -1
}

// TestEliminatedIsTheSquare: the standard error of a row's logit by Eliminated against that of the square, √x′H⁻¹x.
// With all entries of the levels' mean rows what is left is the little that all levels have in common, with few of
// them the two are near; without any they are not: the companies' attributes are other columns.
func TestEliminatedIsTheSquare(t *testing.T) {
	p, list := attributed(20_000, arrowLevels+6, 1)
	mean := meanEffects(p.X)
	var inverse *mat.SymDense
	for _, c := range []struct {
		kept                   int
		median, worst, atLeast float64 // relative errors; the median is not below atLeast either
	}{{200, 2e-4, 1e-3, 0}, {10, 3e-4, 1e-2, 0}, {0, 1, 1, .1}} {
		a := newAdditive(p, list, AdditiveSettings{}.withDefaults())
		for i := range a.penalty.lambda {
			a.penalty.lambda[i] = float64(1 + i)
		}
		z := a.solver
		z.objective.at(z.beta, z.gradient)
		if z.factor.arrow == nil || !z.refresh() {
			t.Fatal("no arrow, or not factorised")
		}
		if inverse == nil {
			square := z.square()
			z.objective.hessian(square)
			var whole factor
			whole.factorize(square)
			inverse = whole.inverse()
		}
		e := a.eliminated(c.kept)
		rng := rand.New(rand.NewPCG(1, 1))
		var errors []float64
		for k := range 1000 {
			i, codes := rng.IntN(p.X.Rows()), []int{}
			for _, block := range p.X.Blocks() {
				code := int(block.At(i))
				if k%10 == 0 {
					code = rng.IntN(block.Levels + 1) // a row of what never went together, or has no effect
				}
				codes = append(codes, code)
			}
			f, level := logit(p.X, mean, codes), codes[1]
			if level == p.X.Blocks()[1].Levels {
				level = -1
			}
			ratio := e.variance(p.X, mean, f, level) / quadraticForm(inverse, f)
			errors = append(errors, math.Abs(math.Sqrt(ratio)-1))
		}
		slices.Sort(errors)
		median, worst := errors[len(errors)/2], errors[len(errors)-1]
		t.Logf("%d entries: median error %.2g, worst %.2g", c.kept, median, worst)
		if median > c.median || worst > c.worst || median < c.atLeast {
			t.Errorf("%d entries: median error %.2g, worst %.2g; want at most %g and %g, and a median of at least %g", c.kept, median, worst, c.median, c.worst, c.atLeast)
		}
		start := 1 + p.X.BlockStart(1)
		for l := 0; l < e.Size; l += 50 {
			f := make([]float64, 1+p.X.Cols())
			for k := range e.Size {
				f[start+k] = -mean[start+k]
			}
			f[start+l]++
			if got, want := e.Variances[l], quadraticForm(inverse, f); got < want*(1-1e-6) || got > want*(1+1e-3) {
				t.Errorf("%d entries, level %d: variance %v, want %v or a little more", c.kept, l, got, want)
			}
		}
	}
}
