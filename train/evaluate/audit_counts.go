package evaluate

import (
	"math"
	"slices"
)

// cell counts the rows of one code: training or hold-out (first index) by class, and by halves of the rows, for
// what is learnt on one half and applied to the other.
type cell struct {
	class [2][2]float64 // by side, by class
	half  [2][2]float64 // by half, by side
}

// counts is a column as all checks see it: one pass over the rows, then nothing but sums over codes.
type counts struct {
	cells   []cell
	missing int                       // cells of all rows
	filled  [strata + 1][2][2]float64 // by stratum; of open (0) and known (1) rows; missing (0) or filled (1)
	base    float64                   // share of positives in training
}

const (
	training = 0
	heldOut  = 1
)

func (a *audit) prepare() {
	for _, k := range a.Class {
		if k < 0 {
			a.open++
		}
	}
	a.stratum = a.strataOf()
	a.told = a.canTell()
}

func (a *audit) count(c *AuditColumn) *counts {
	t := &counts{cells: make([]cell, c.Levels)}
	var rows, won float64
	for i, k := range c.Codes {
		class, filled := a.Class[i], 1
		if k == 0 {
			t.missing++
			filled = 0
		}
		if class < 0 {
			t.filled[a.stratum[i]][0][filled]++
			continue
		}
		t.filled[a.stratum[i]][1][filled]++
		side := training
		if a.Holdout[i] {
			side = heldOut
		}
		x := &t.cells[k]
		x.class[side][class]++
		x.half[i&1][side]++
		if side == training {
			rows++
			won += float64(class)
		}
	}
	if rows > 0 {
		t.base = won / rows
	}
	return t
}

// strata is the number of windows of as-of in which open rows are compared with others of the same age.
const strata = 10

// strataOf cuts the open rows into windows of as-of with equally many; what is earlier than all open rows, and
// what has no as-of, is in window strata, which is compared with nothing. Without an as-of column all
// rows are in window 0.
func (a *audit) strataOf() []uint8 {
	s := make([]uint8, len(a.Class))
	if a.AsOf == nil {
		return s
	}
	var open []float64
	for i, k := range a.Class {
		if at := a.AsOf[i]; k < 0 && !math.IsNaN(at) {
			open = append(open, at)
		}
	}
	slices.Sort(open)
	var edges []float64
	for q := 0; q < strata && len(open) > 0; q++ {
		if e := open[q*len(open)/strata]; len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	for i, at := range a.AsOf {
		s[i] = strata
		for k := len(edges) - 1; k >= 0 && !math.IsNaN(at); k-- {
			if at >= edges[k] {
				s[i] = uint8(k)
				break
			}
		}
	}
	return s
}
