package design

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func forShapes(t *testing.T, f func(t *testing.T, m *Matrix)) {
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && s.rows > 50000 {
				t.Skip("large matrix left out by -short")
			}
			f(t, s.random(t, 7))
		})
	}
}

func TestMatVecIsTheProduct(t *testing.T) {
	forShapes(t, func(t *testing.T, m *Matrix) {
		coef, got, want := randoms(m.Cols(), 3), make([]float64, m.Rows()), make([]float64, m.Rows())
		m.MatVec(got, coef)
		for i := range want {
			for j, v := range row(m, i)[1:] {
				want[i] += v * coef[j]
			}
		}
		nearAll(t, "Xβ", got, want)
	})
}

func TestTMatVecIsTheTransposedProduct(t *testing.T) {
	forShapes(t, func(t *testing.T, m *Matrix) {
		v, got, want := randoms(m.Rows(), 4), make([]float64, m.Cols()), make([]float64, m.Cols())
		m.TMatVec(got, v)
		for i := range v {
			for j, x := range row(m, i)[1:] {
				want[j] += v[i] * x
			}
		}
		nearAll(t, "X′v", got, want)
	})
}

func TestSandwichIsTheWeightedGram(t *testing.T) {
	forShapes(t, func(t *testing.T, m *Matrix) {
		if m.Cols() > 5000 {
			m = shape{rows: 900, dense: 1, levels: []int{900, 5}, absent: true, wide: true}.random(t, 8)
		}
		w := weights(m.Rows(), 5)
		got := mat.NewSymDense(1+m.Cols(), nil)
		m.Sandwich(got, w)
		want := naiveSandwich(m, w)
		for i := range 1 + m.Cols() {
			for j := i; j <= m.Cols(); j++ {
				if !near(got.At(i, j), want.At(i, j)) {
					t.Fatalf("X′WX[%d][%d] = %v, want %v", i, j, got.At(i, j), want.At(i, j))
				}
			}
		}
	})
}

func TestMeansAreThoseOfTheView(t *testing.T) {
	m := shapes["mixed"].random(t, 9)
	w := weights(m.Rows(), 6)
	want, total := make([]float64, m.Cols()), 0.0
	for i := range w {
		total += w[i]
		for j, v := range row(m, i)[1:] {
			want[j] += w[i] * v
		}
	}
	for j := range want {
		want[j] /= total
	}
	nearAll(t, "means", m.Means(w), want)
}

func TestViewEqualsStandardisedCopy(t *testing.T) {
	m := shapes["mixed"].random(t, 10)
	var copied []Dense
	for j := range m.Dense() {
		d := Dense{Values: make([]float64, m.Rows()), Scale: 1}
		m.standardise(j, Range{0, m.Rows()}, d.Values)
		copied = append(copied, d)
	}
	c, err := NewMatrix(m.Rows(), copied, m.Blocks())
	if err != nil {
		t.Fatal(err)
	}
	a, b := mat.NewSymDense(1+m.Cols(), nil), mat.NewSymDense(1+m.Cols(), nil)
	w := weights(m.Rows(), 6)
	m.Sandwich(a, w)
	c.Sandwich(b, w)
	if !mat.Equal(a, b) {
		t.Error("X′WX of the view and of a standardised copy differ")
	}
}

// TestStandardisedInPlace: a matrix whose numbers were standardised for good gives the same bits, and Take of it too.
func TestStandardisedInPlace(t *testing.T) {
	forShapes(t, func(t *testing.T, m *Matrix) {
		var dense []Dense
		for _, d := range m.Dense() {
			d.Values = append([]float64(nil), d.Values...)
			dense = append(dense, d)
		}
		s, err := NewMatrix(m.Rows(), dense, m.Blocks())
		if err != nil {
			t.Fatal(err)
		}
		s.Standardise()
		s.Standardise() // once is enough
		rows := []int{}
		for i := 0; i < m.Rows(); i += 2 {
			rows = append(rows, i, i)
		}
		coef := randoms(m.Cols(), 3)
		for _, pair := range [][2]*Matrix{{m, s}, {m.Take(rows), s.Take(rows)}} {
			a, b := make([]float64, 1+m.Cols()), make([]float64, 1+m.Cols())
			f := func(_, _ int, eta []float64) float64 { return eta[0] } // what is left is summed
			n := pair[0].Rows()
			NewKernel(pair[0], 1).Pass(All(n), .5, coef, f, a)
			NewKernel(pair[1], 1).Pass(All(n), .5, coef, f, b)
			if !slices.Equal(a, b) {
				t.Errorf("sums %v, want %v", b, a)
			}
			if m.Cols() > 1000 { // a square of them is too large
				continue
			}
			x, y := mat.NewSymDense(1+m.Cols(), nil), mat.NewSymDense(1+m.Cols(), nil)
			pair[0].Sandwich(x, weights(n, 5))
			pair[1].Sandwich(y, weights(n, 5))
			if !mat.Equal(x, y) {
				t.Error("X′WX differs")
			}
		}
		for j := range s.Dense() {
			of, was := &s.Dense()[j], &m.Dense()[j]
			for i := range of.Values {
				if x, want := of.At(i), was.At(i); math.IsNaN(x) != math.IsNaN(want) || math.Abs(x-want) > 1e-15*math.Abs(want) {
					t.Fatalf("dense column %d, row %d: %v, want %v", j, i, x, want)
				}
			}
		}
	})
}

func TestSameBitsOnAnyNumberOfWorkers(t *testing.T) {
	forShapes(t, func(t *testing.T, m *Matrix) {
		w, coef := weights(m.Rows(), 5), randoms(m.Cols(), 3)
		var sums, hessian []float64
		var total float64
		for _, workers := range []int{1, 2, 3, 8, 40} {
			k := NewKernel(m, workers)
			s := make([]float64, 1+m.Cols())
			f := k.Pass(All(m.Rows()), .1, coef, func(lo, _ int, eta []float64) float64 {
				f := 0.0
				for i := range eta {
					eta[i] *= w[lo+i]
					f += eta[i] * eta[i]
				}
				return f
			}, s)
			h := []float64{0}
			if m.Cols() < 5000 {
				dst := mat.NewSymDense(1+m.Cols(), nil)
				k.Sandwich(dst, w, All(m.Rows()))
				h = dst.RawSymmetric().Data
			}
			if workers == 1 {
				total, sums, hessian = f, s, h
			} else if f != total || !slices.Equal(s, sums) || !slices.Equal(h, hessian) {
				t.Fatalf("%d workers give other bits than one", workers)
			}
		}
	})
}

func TestWeightTwoIsTheRowTwiceAndZeroIsTheRowGone(t *testing.T) {
	for _, name := range []string{"mixed", "16 bits", "codes only"} {
		m := shapes[name].random(t, 11)
		r := rand.New(rand.NewPCG(1, 1))
		w := make([]float64, m.Rows())
		var rows []int
		for i := range w {
			n := r.IntN(4)
			w[i] = float64(n)
			for range n {
				rows = append(rows, i)
			}
		}
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] }) // nor does the order matter
		repeated := m.Take(rows)
		ones := make([]float64, len(rows))
		for i := range ones {
			ones[i] = 1
		}
		a, b := mat.NewSymDense(1+m.Cols(), nil), mat.NewSymDense(1+m.Cols(), nil)
		m.Sandwich(a, w)
		repeated.Sandwich(b, ones)
		nearAll(t, name, a.RawSymmetric().Data, b.RawSymmetric().Data)
	}
}

func TestRangesAreTheirRows(t *testing.T) {
	m := shapes["mixed"].random(t, 12)
	ranges := []Range{{3, 4}, {700, 2900}, {2900, 2900}, {4001, 5000}}
	var rows []int
	inside := make([]float64, m.Rows())
	for _, r := range ranges {
		for i := r.Lo; i < r.Hi; i++ {
			rows = append(rows, i)
			inside[i] = 1
		}
	}
	w := weights(m.Rows(), 5)
	taken := make([]float64, len(rows))
	for i, r := range rows {
		taken[i] = w[r]
	}
	a, b := mat.NewSymDense(1+m.Cols(), nil), mat.NewSymDense(1+m.Cols(), nil)
	k := NewKernel(m, 2)
	k.Sandwich(b, w, All(m.Rows())) // leaves dirt in the workspace
	k.Sandwich(a, w, ranges)
	m.Take(rows).Sandwich(b, taken)
	nearAll(t, "X′WX", a.RawSymmetric().Data, b.RawSymmetric().Data)

	sums, want := make([]float64, 1+m.Cols()), make([]float64, m.Cols())
	k.Pass(ranges, 0, randoms(m.Cols(), 1), func(lo, hi int, eta []float64) float64 {
		copy(eta, w[lo:hi])
		return 0
	}, sums)
	for i := range inside {
		inside[i] *= w[i]
	}
	m.TMatVec(want, inside)
	nearAll(t, "X′v", sums[1:], want)
}

func TestPackingKeepsTheNumberOfTablesSmall(t *testing.T) {
	m := shape{rows: 20000, levels: []int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400}}.random(t, 1)
	if n := len(m.packed()); n != 5 {
		t.Errorf("%d packs of the reference columns, want 5: 400, 100 × 2, 40 × 5, 20 × 12, 8 × 3 × 2", n)
	}
	for _, p := range m.packed() {
		if len(p.blocks) > 1 && p.size > maxPack {
			t.Errorf("a pack of %d combinations, want at most %d", p.size, maxPack)
		}
	}
}

func TestNewMatrixNamesAllProblems(t *testing.T) {
	_, err := NewMatrix(2, []Dense{
		{Values: []float64{1}, Scale: 1},
		{Values: []float64{1, math.Inf(-1)}, Scale: 1},
		{Values: []float64{1, math.NaN()}, Scale: 0},
		{Values: []float64{1, 2}, Scale: 1, Center: math.NaN()},
	}, []Codes{
		{Levels: 3, U8: []uint8{0}},
		{Levels: 3, U8: []uint8{3, 4}},
		{Levels: 300, U16: []uint16{301, 0}},
		{Levels: 70000, U32: []uint32{0, 1 << 31}},
		{Levels: 1, U8: []uint8{0, 0}, U16: []uint16{0, 0}},
	})
	for _, want := range []string{
		"dense column 0 has 1 rows, want 2", "dense column 1, row 1: -Inf", "dense column 2 is scaled by 0", "dense column 3 is centred on NaN",
		"block 0 has 1 rows", "block 1, row 1: code 4, want at most 3", "block 2, row 0: code 301", "block 3, row 1: code 2147483648", "block 4 has codes of two widths",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}
