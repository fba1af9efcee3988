package model

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"leadscore/features"
)

// posterior is V of tables of so many terms of so many levels each, centred on the rows: (X′WX + P)⁻¹ of random rows whose
// terms go together in groups of four, the last level of each term rare.
func posterior(terms, levels, rows int, seed uint64) (v *mat.SymDense, codes [][]int) {
	r := rand.New(rand.NewPCG(seed, 3))
	n := 1 + terms*levels
	h := mat.NewSymDense(n, nil)
	h.SetSym(0, 0, 1e-4)
	for j := 1; j < n; j++ {
		h.SetSym(j, j, 1+float64((j-1)/levels%5))
	}
	share := make([]float64, n)
	for range rows {
		row, columns := make([]int, terms), []int{0}
		for t := range row {
			if row[t] = min(r.IntN(levels), r.IntN(levels)); t%4 > 0 && r.IntN(3) > 0 {
				row[t] = row[t-1]
			}
			columns = append(columns, 1+t*levels+row[t])
		}
		codes = append(codes, row)
		w := .05 + .2*r.Float64()
		for a, i := range columns {
			share[i] += 1 / float64(rows)
			for _, j := range columns[a:] {
				h.SetSym(i, j, h.At(i, j)+w)
			}
		}
	}
	var c mat.Cholesky
	if !c.Factorize(h) {
		panic("not positive definite")
	}
	inverse := new(mat.SymDense)
	_ = c.InverseTo(inverse)
	centre := mat.NewDense(n, n, nil) // θ = centre·β
	centre.Set(0, 0, 1)
	for j := 1; j < n; j++ {
		centre.Set(0, j, share[j])
		centre.Set(j, j, 1)
		for k := 1 + (j-1)/levels*levels; k <= (j-1)/levels*levels+levels; k++ {
			centre.Set(j, k, centre.At(j, k)-share[k])
		}
	}
	var half, all mat.Dense
	half.Mul(centre, inverse)
	all.Mul(&half, centre.T())
	v = mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			v.SetSym(i, j, all.At(i, j))
		}
	}
	return v, codes
}

// TestCoarseCovariance measures what correlations of a few bits cost: the relative error of the half-width of
// intervals, over rows as they are and rows of random levels.
func TestCoarseCovariance(t *testing.T) {
	const terms, levels = 40, 10
	v, codes := posterior(terms, levels, 4000, 1)
	r := rand.New(rand.NewPCG(4, 4))
	for bits, most := range map[int]struct{ median, worst float64 }{8: {.001, .01}, 4: {.015, .12}} {
		c := &Covariance{Bits: bits}
		all := make([]features.Feature, terms)
		for f := range all {
			all[f].Levels = make([]string, levels)
			term := CovarianceTerm{Feature: f}
			for code := range levels {
				term.Codes = append(term.Codes, code)
			}
			c.Terms = append(c.Terms, term)
		}
		c.correlate(c.Columns(), v.At)
		if problem := c.check(all); problem != "" {
			t.Fatal(problem)
		}
		coarse := c.prepare(all)
		exact := PackCovariance(c.Terms, v.At).prepare(all)
		var errors []float64
		for k, row := range codes {
			cells := make([]features.Cell, terms)
			for f := range cells {
				if cells[f].Code = uint32(row[f]); k%4 == 0 {
					cells[f].Code = uint32(r.IntN(levels + 1))
				}
			}
			got, _ := coarse.variance(cells, nil)
			want, _ := exact.variance(cells, nil)
			errors = append(errors, math.Abs(math.Sqrt(got/want)-1))
		}
		slices.Sort(errors)
		median, worst := errors[len(errors)/2], errors[len(errors)-1]
		t.Logf("%d bits: median error %.4f, worst %.4f", bits, median, worst)
		if median > most.median || worst > most.worst {
			t.Errorf("%d bits: median error %.4f, worst %.4f; want at most %v", bits, median, worst, most)
		}
	}
}

// TestCovarianceIsBounded: whatever the number of columns, the artifact's part is at most 8.5 MB of JSON.
func TestCovarianceIsBounded(t *testing.T) {
	for _, n := range []int{exactCovariance, byteCovariance, MaxCovariance} {
		c := PackCovariance([]CovarianceTerm{{Codes: make([]int, n-1)}}, func(i, j int) float64 {
			if i == j {
				return 1
			}
			return 1e-2
		})
		if c == nil || c.Columns() != n {
			t.Fatalf("no covariance of %d columns", n)
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if most := 8_500_000; len(b) > most {
			t.Errorf("%d columns: %d bytes of JSON; want at most %d", n, len(b), most)
		}
	}
}
