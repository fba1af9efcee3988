package glm

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The inverse made of an eliminated block's parts is that of the whole matrix, wherever the block stands.
func TestInverseOfEliminatedBlock(t *testing.T) {
	const p, q = 23, 70
	for _, lo := range []int{1, 9, p} {
		rng := rand.New(rand.NewPCG(7, uint64(lo)))
		h := mat.NewSymDense(p+q, nil)
		inside := func(i int) bool { return i >= lo && i < lo+q }
		for i := range p + q {
			for j := i; j < p+q; j++ {
				switch {
				case i == j:
					h.SetSym(i, i, 40+rng.Float64())
				case !inside(i) || !inside(j):
					h.SetSym(i, j, rng.NormFloat64())
				}
			}
		}
		f := factor{lo: lo, hi: lo + q}
		if !f.factorize(h) {
			t.Fatal("not positive definite")
		}
		v := f.inverse()
		var product mat.Dense
		product.Mul(h, v)
		for i := range p + q {
			for j := range p + q {
				want := 0.0
				if i == j {
					want = 1
				}
				if d := math.Abs(product.At(i, j) - want); d > 1e-12 {
					t.Fatalf("block at %d: HH⁻¹ is %v at %d, %d", lo, product.At(i, j), i, j)
				}
			}
		}
	}
}
