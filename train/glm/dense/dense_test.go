package dense

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func serial(items int, do func(int)) {
	for i := range items {
		do(i)
	}
}

func concurrent(items int, do func(int)) {
	var wait sync.WaitGroup
	for i := range items {
		wait.Go(func() { do(i) })
	}
	wait.Wait()
}

// positive is G′G + I of a random G.
func positive(n int, rng *rand.Rand) *mat.SymDense {
	g := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			g.Set(i, j, rng.NormFloat64())
		}
	}
	var a mat.SymDense
	a.SymOuterK(1, g)
	for i := range n {
		a.SetSym(i, i, a.At(i, i)+1)
	}
	return &a
}

var sizes = []int{1, 2, 63, 64, 65, 128, 200, 257}

// TestAgainstGonum: solutions, inverse, its single entries, lengths and Gram matrices are those of gonum.
func TestAgainstGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range sizes {
		a := positive(n, rng)
		var c Cholesky
		var want mat.Cholesky
		for range 2 { // the second time in the same memory
			if !c.Factorize(a, concurrent) || !want.Factorize(a) {
				t.Fatalf("%d rows: not positive definite", n)
			}
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
				t.Fatalf("%d rows: %s is %v, want %v", n, what, got, want)
			}
		}
		v, w := make([]float64, n), mat.NewVecDense(n, nil)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		_ = want.SolveVecTo(w, mat.NewVecDense(n, append([]float64(nil), v...)))
		c.Solve(v)
		var inverse, wanted mat.SymDense
		c.InverseTo(&inverse, concurrent)
		_ = want.InverseTo(&wanted)
		for i := range n {
			near("a solution", v[i], w.AtVec(i))
			for j := range n {
				near("an entry of the inverse", inverse.At(i, j), wanted.At(i, j))
				near("an entry of the inverse alone", c.Product(i, j), wanted.At(i, j))
			}
		}
		s := mat.NewDense(n+3, n, nil)
		for i := range n + 3 {
			for j := range n {
				s.Set(i, j, rng.NormFloat64())
			}
		}
		squares := make([]float64, n+3)
		c.Squares(s.RawMatrix(), squares, concurrent)
		for i, got := range squares {
			x := mat.NewVecDense(n, nil)
			_ = want.SolveVecTo(x, s.RowView(i))
			near("a squared length", got, mat.Dot(x, s.RowView(i)))
		}
		gram := mat.NewSymDense(n, nil)
		gram.CopySym(a)
		SubtractGram(gram, s.RawMatrix(), concurrent)
		var outer mat.Dense
		outer.Mul(s.T(), s)
		for i := range n {
			for j := i; j < n; j++ {
				near("an entry less the Gram matrix", gram.At(i, j), a.At(i, j)-outer.At(i, j))
			}
		}
	}
}

// TestBitsDoNotDependOnGoroutines, nor on what the memory held before.
func TestBitsDoNotDependOnGoroutines(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range sizes {
		a := positive(n, rng)
		var one, many Cholesky
		many.Factorize(positive(n, rng), concurrent)
		many.Invert(concurrent)
		one.Factorize(a, serial)
		many.Factorize(a, concurrent)
		var v, w mat.SymDense
		one.InverseTo(&v, serial)
		many.InverseTo(&w, concurrent)
		for i := range n {
			for j := i; j < n; j++ {
				if math.Float64bits(v.At(i, j)) != math.Float64bits(w.At(i, j)) {
					t.Fatalf("%d rows: entry %d, %d is %v on one goroutine, %v on many", n, i, j, v.At(i, j), w.At(i, j))
				}
			}
		}
	}
}

// TestRegistersArePlain: what the processor does in registers is what the plain loop does, with and without turning A
// and for part of the sum, to the rounding of products.
func TestRegistersArePlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var a, b, c tile
	for i := range a {
		a[i], b[i], c[i] = rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
	}
	for _, transposed := range []bool{false, true} {
		for _, terms := range []int{0, 1, 17, size} {
			got, want := c, c
			multiplyAdd(&got, &a, &b, transposed, terms)
			multiplyAddPlain(&want, &a, &b, transposed, terms)
			for i := range got {
				if math.Abs(got[i]-want[i]) > 1e-13 {
					t.Fatalf("turned %v, %d terms: number %d is %v, want %v", transposed, terms, i, got[i], want[i])
				}
			}
		}
	}
}

// TestNotPositiveDefinite: refused wherever the bad pivot is, and whatever is wrong with it.
func TestNotPositiveDefinite(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range sizes {
		for _, at := range []int{0, n / 2, n - 1} {
			for _, v := range []float64{0, -1, math.NaN(), math.Inf(1)} {
				a := positive(n, rng)
				a.SetSym(at, at, v)
				var c Cholesky
				if c.Factorize(a, serial) {
					t.Errorf("%d rows with %v at %d: positive definite", n, v, at)
				}
			}
		}
	}
}

func BenchmarkFactorAndTriangle(b *testing.B) {
	for _, n := range []int{200, 600, 1200} {
		a := positive(n, rand.New(rand.NewPCG(1, 1)))
		b.Run(fmt.Sprintf("tiles/%d", n), func(b *testing.B) {
			var c Cholesky
			for b.Loop() {
				c.Factorize(a, concurrent)
				c.Invert(concurrent)
			}
		})
		b.Run(fmt.Sprintf("gonum/%d", n), func(b *testing.B) {
			var c mat.Cholesky
			var t mat.TriDense
			for b.Loop() {
				c.Factorize(a)
				c.UTo(&t)
				_ = t.InverseTri(&t)
			}
		})
	}
}
