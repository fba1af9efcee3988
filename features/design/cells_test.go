package design

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestCrossCodesEveryPairOfLevels(t *testing.T) {
	a, b := MakeCodes(2, []uint32{0, 1, 1, 2, 0}), MakeCodes(300, []uint32{299, 0, 1, 5, 300})
	c := Cross(&a, &b)
	if c.Levels != 600 || c.U16 == nil {
		t.Fatalf("%d levels, want 600 in 16 bits", c.Levels)
	}
	if want := []uint16{299, 300, 301, 600, 600}; !slices.Equal(c.U16, want) {
		t.Errorf("codes %v, want %v: a row without a level in either has none", c.U16, want)
	}
}

func TestCellsAreTheSumsOfTheirRows(t *testing.T) {
	m := shapes["16 bits"].random(t, 13)
	a, b := &m.Blocks()[0], &m.Blocks()[1]
	u, v := randoms(m.Rows(), 1), randoms(m.Rows(), 2)
	cells := Cross(a, b)
	wantU, wantV := make([]float64, cells.Levels+1), make([]float64, cells.Levels+1)
	cells.Each(func(i int, c uint32) {
		wantU[c] += u[i]
		wantV[c] += v[i]
	})
	var gotU, gotV []float64
	Cells(a, b, u, v, func(x, y float64) { gotU, gotV = append(gotU, x), append(gotV, y) })
	nearAll(t, "first", gotU, wantU[:cells.Levels])
	nearAll(t, "second", gotV, wantV[:cells.Levels])
}

func TestMakeCodesIsAsNarrowAsLevelsAllow(t *testing.T) {
	for levels, bytes := range map[int]int{0: 1, 2: 1, 255: 1, 256: 2, 65535: 2, 65536: 4} {
		c := MakeCodes(levels, []uint32{uint32(levels), 0})
		got := map[bool]int{c.U8 != nil: 1, c.U16 != nil: 2, c.U32 != nil: 4}[true]
		if got != bytes || c.At(0) != uint32(levels) || c.At(1) != 0 {
			t.Errorf("%d levels: %d bytes and codes %d, %d; want %d bytes", levels, got, c.At(0), c.At(1), bytes)
		}
	}
}

func TestSelectedColumnsAreThoseOfTheWhole(t *testing.T) {
	m := shapes["mixed"].random(t, 14)
	s := m.Select([]bool{true, false, false, true}, []bool{false, true, true, false, false, true})
	w := weights(m.Rows(), 3)
	whole, part := mat.NewSymDense(1+m.Cols(), nil), mat.NewSymDense(1+s.Cols(), nil)
	m.Sandwich(whole, w)
	s.Sandwich(part, w)
	columns := []int{0, 1, 4}
	for _, b := range []int{1, 2, 5} {
		for l := range m.Blocks()[b].Levels {
			columns = append(columns, 1+m.BlockStart(b)+l)
		}
	}
	if len(columns) != 1+s.Cols() {
		t.Fatalf("%d columns, want %d", s.Cols(), len(columns)-1)
	}
	for i, a := range columns {
		for j, b := range columns {
			if !near(part.At(i, j), whole.At(a, b)) {
				t.Fatalf("[%d][%d] = %v, want %v", i, j, part.At(i, j), whole.At(a, b))
			}
		}
	}
}

func TestOccupiedLevelsAreThoseWithRows(t *testing.T) {
	c := MakeCodes(6, []uint32{5, 1, 1, 6, 3, 5, 5})
	got, levels := Occupied(&c, nil, 0)
	if !slices.Equal(levels, []uint32{1, 3, 5}) || !slices.Equal(got.U8, []uint8{2, 0, 0, 3, 1, 2, 2}) || got.Levels != 3 {
		t.Errorf("levels %v, codes %v of %d", levels, got.U8, got.Levels)
	}
	got, levels = Occupied(&c, nil, 2)
	if !slices.Equal(levels, []uint32{1, 5}) || !slices.Equal(got.U8, []uint8{1, 0, 0, 2, 2, 1, 1}) {
		t.Errorf("at least 2 rows: levels %v, codes %v", levels, got.U8)
	}
}
