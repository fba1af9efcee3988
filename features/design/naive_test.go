package design

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// shape describes a random matrix: how many dense columns, and the levels of each block.
type shape struct {
	rows, dense int
	levels      []int
	absent      bool // some rows have no column in a block
	missing     bool // some numbers are NaN
	wide        bool // codes stored wider than they need
}

var shapes = map[string]shape{
	"dense only":     {rows: 700, dense: 5, missing: true},
	"no columns":     {rows: 10},
	"one row":        {rows: 1, dense: 1, levels: []int{2, 3}},
	"codes only":     {rows: 3000, levels: []int{2, 3, 7, 2, 40}, absent: true},
	"mixed":          {rows: 5000, dense: 4, levels: []int{2, 2, 3, 5, 8, 12}, absent: true, missing: true},
	"16 bits":        {rows: 2000, dense: 3, levels: []int{300, 2, 700}, absent: true},
	"32 bits":        {rows: 900, dense: 1, levels: []int{70000, 5}, absent: true},
	"stored wider":   {rows: 4000, dense: 2, levels: []int{3, 4, 5, 60}, wide: true, missing: true},
	"constant block": {rows: 4000, dense: 2, levels: []int{1, 1, 2}},
	"two segments":   {rows: 9000, dense: 1, levels: []int{2, 30}, missing: true},
	"many segments":  {rows: 140000, dense: 2, levels: []int{2, 4, 30, 6}, absent: true, missing: true},
}

func (s shape) random(t testing.TB, seed uint64) *Matrix {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var dense []Dense
	for range s.dense {
		d := Dense{Values: make([]float64, s.rows), Center: r.NormFloat64(), Scale: .5 + r.Float64()}
		for i := range d.Values {
			d.Values[i] = 2*r.NormFloat64() + d.Center
			if s.missing && r.IntN(10) == 0 {
				d.Values[i] = math.NaN()
			}
		}
		dense = append(dense, d)
	}
	var codes []Codes
	for b, levels := range s.levels {
		c := make([]uint32, s.rows)
		for i := range c {
			n := levels
			if s.absent && b%2 == 0 {
				n++
			}
			c[i] = uint32(r.IntN(n))
		}
		switch {
		case s.wide && b%2 == 0:
			codes = append(codes, Codes{Levels: levels, U32: c})
		case s.wide:
			codes = append(codes, Codes{Levels: levels, U16: narrow[uint16](c)})
		default:
			codes = append(codes, MakeCodes(levels, c))
		}
	}
	m, err := NewMatrix(s.rows, dense, codes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// row is (1, x) of row i, by definition.
func row(m *Matrix, i int) []float64 {
	x := make([]float64, 1+m.Cols())
	x[0] = 1
	for j, d := range m.Dense() {
		if v := d.Values[i]; !math.IsNaN(v) {
			x[1+j] = (v - d.Center) / d.Scale
		}
	}
	for b := range m.Blocks() {
		c := &m.Blocks()[b]
		if l := int(c.At(i)); l < c.Levels {
			x[1+m.BlockStart(b)+l] = 1
		}
	}
	return x
}

// naiveSandwich is Σ wᵢ xᵢxᵢ′, touching only what is not zero.
func naiveSandwich(m *Matrix, w []float64) *mat.SymDense {
	n := 1 + m.Cols()
	dst := mat.NewSymDense(n, nil)
	for i := range m.Rows() {
		x := row(m, i)
		var filled []int
		for j, v := range x {
			if v != 0 {
				filled = append(filled, j)
			}
		}
		for a, j := range filled {
			for _, l := range filled[a:] {
				dst.SetSym(j, l, dst.At(j, l)+w[i]*x[j]*x[l])
			}
		}
	}
	return dst
}

func randoms(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func weights(n int, seed uint64) []float64 {
	v := randoms(n, seed)
	for i := range v {
		v[i] = math.Abs(v[i])
	}
	return v
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-10*(1+math.Abs(a)+math.Abs(b)) }

func nearAll(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !near(got[i], want[i]) {
			t.Fatalf("%s: [%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}
