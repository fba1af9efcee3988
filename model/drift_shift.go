package model

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mathext"
)

// The ranks of a Shift.
const (
	ShiftStable  = "stable"
	ShiftMoved   = "moved"
	ShiftShifted = "shifted"
)

const (
	movedPSI   = .1  // from here on moved
	shiftedPSI = .25 // above it shifted
	// leastCell is the fewest rows of the smaller side that a bin is expected to hold: of fewer neither the PSI nor a χ² has the
	// distribution that its limits rest on (Cochran 1954). leastSeen is the fewest that it does hold where so many are not expected, a
	// level that is new: of many rare levels some hold five by chance, and with 5 in its place 8 to 11 of 100 samples
	// of 60 rows alarmed for nothing, instead of 5 to 6 (1,000 samples of generated leads).
	leastCell = 5
	leastSeen = 10
	// mostCells is the greatest number of bins of a Shift: the limits of the PSI come from about ten, and a card with
	// each of a thousand levels is read by nobody.
	mostCells     = 20
	mostNewLevels = 10
	newLevelName  = "(new)"
	restName      = "(rest)"
)

// shiftCell is a bin before bins are joined.
type shiftCell struct {
	name     string
	old, new float64 // rows
	ordered  bool    // the neighbours in the list are its neighbours
	rest     bool    // holds rare levels already: others may join it
}

// shiftOf measures how far the new rows are from the old ones; level is how seldom chance alone may give a rank.
//
//	PSI  = Σ (q − p) ln(q/p) − (B−1)(1/n + 1/m), not below 0     p of m old rows, q of n new rows, B bins
//	P    = the two-sample χ² test of the same counts, B−1 degrees of freedom
//
// The term that is taken off is what chance alone adds (Yurdakul 2018, "Statistical properties of the population
// stability index": PSI·nm/(n+m) is χ² of B−1 where nothing has moved): of 200 rows in 20 bins it is .1,
// which without it would be called moved. An empty bin counts as half a row in the logarithm. Bins are joined first: see joinCells.
//
// NaN and no rank where either side has no rows.
func shiftOf(cells []shiftCell, level float64) Shift {
	s := Shift{PSI: Figure(math.NaN()), P: Figure(math.NaN()), Bins: []ShiftBin{}}
	m, n := 0.0, 0.0
	for _, c := range cells {
		m, n = m+c.old, n+c.new
	}
	if m <= 0 || n <= 0 {
		return s
	}
	cells = joinCells(cells, m, n)
	psi, chi := 0.0, 0.0
	for _, c := range cells {
		p, q := c.old/m, c.new/n
		s.Bins = append(s.Bins, ShiftBin{Name: c.name, Old: sixDigits(p), New: sixDigits(q)})
		psi += float64((q - p) * math.Log(max(c.new, .5)/n/(max(c.old, .5)/m)))
		d := float64(math.Sqrt(n/m)*c.old) - float64(math.Sqrt(m/n)*c.new)
		chi += d * d / (c.old + c.new)
	}
	free := float64(len(cells) - 1)
	s.PSI, s.P = Figure(sixDigits(max(0, psi-free*(1/n+1/m)))), 1
	if free > 0 {
		s.P = Figure(mathext.GammaIncRegComp(free/2, chi/2))
	}
	switch x := float64(s.PSI); {
	case float64(s.P) >= level || x < movedPSI:
		s.Rank = ShiftStable
	case x <= shiftedPSI:
		s.Rank = ShiftMoved
	default:
		s.Rank = ShiftShifted
	}
	return s
}

// joinCells joins bins that hold too little to be judged by themselves: ordered ones with their neighbours, others in one
// rest, together with the level that holds what training found rare. A bin holds enough where the larger side lets expect
// five rows on the smaller one, or ten are there. Of what then is more than mostCells the ordered ones are joined
// further, and of the others the smallest.
func joinCells(cells []shiftCell, m, n float64) []shiftCell {
	enough := func(c shiftCell) bool {
		if m < n {
			return c.old >= leastSeen || c.new*m/n >= leastCell
		}
		return c.new >= leastSeen || c.old*n/m >= leastCell
	}
	share := func(c shiftCell) float64 { return (c.old/m + c.new/n) / 2 }
	add := func(a *shiftCell, b shiftCell) { a.old, a.new = a.old+b.old, a.new+b.new }
	var runs, others []shiftCell
	var rest shiftCell
	rest.name = restName
	ordered := 0
	for _, c := range cells {
		if c.ordered {
			ordered++
		}
	}
	least := 0.0
	if ordered > mostCells {
		least = 1. / mostCells
	}
	open := false
	for _, c := range cells {
		switch {
		case c.old == 0 && c.new == 0:
		case c.ordered:
			if open {
				last := &runs[len(runs)-1]
				add(last, c)
				last.name = joinNames(last.name, c.name)
			} else {
				runs = append(runs, c)
			}
			last := runs[len(runs)-1]
			open = !enough(last) || share(last) < least
		case c.rest && enough(c):
			rest.name = c.name
			add(&rest, c)
		case enough(c):
			others = append(others, c)
		default:
			add(&rest, c)
		}
	}
	if k := len(runs); open && k > 1 { // what is left at the end goes to the run before it
		add(&runs[k-2], runs[k-1])
		runs[k-2].name = joinNames(runs[k-2].name, runs[k-1].name)
		runs = runs[:k-1]
	} else if open && k == 1 && !enough(runs[0]) {
		add(&rest, runs[0])
		runs = nil
	}
	if keep := mostCells - 1; len(others) > keep && len(runs) == 0 {
		bySize := slices.Clone(others)
		slices.SortStableFunc(bySize, func(a, b shiftCell) int { return cmp.Compare(share(b), share(a)) })
		least := share(bySize[keep-1])
		others = slices.DeleteFunc(others, func(c shiftCell) bool {
			if share(c) >= least {
				return false
			}
			add(&rest, c)
			return true
		})
	}
	all := slices.Concat(runs, others)
	switch {
	case rest.old == 0 && rest.new == 0:
	case enough(rest) || len(all) == 0:
		all = append(all, rest)
	default: // too little for a bin of its own: with the smallest there is
		k := 0
		for i := range all {
			if share(all[i]) < share(all[k]) {
				k = i
			}
		}
		add(&all[k], rest)
	}
	return all
}

// joinNames names a run of neighbours by its ends; a run that grows keeps its first.
func joinNames(first, last string) string {
	const between = " … "
	for i := 0; i+len(between) <= len(first); i++ {
		if first[i:i+len(between)] == between {
			first = first[:i]
		}
	}
	return first + between + last
}

// tallyCells are the bins of a tally beside new counts, named by their edges.
func tallyCells(t *Tally, counts []float64, show func(float64) string) []shiftCell {
	cells := make([]shiftCell, len(t.Rows))
	for k := range cells {
		c := &cells[k]
		c.old, c.new, c.ordered = float64(t.Rows[k]), counts[k], true
		switch last := len(t.Edges); {
		case last == 0:
			c.name = "any"
		case k == 0:
			c.name = "≤ " + show(t.Edges[0])
		case k == last:
			c.name = "> " + show(t.Edges[last-1])
		default:
			c.name = "≤ " + show(t.Edges[k])
		}
	}
	return cells
}

// halved joins the bins in pairs: the limits of the PSI are those of ten bins.
func halved(cells []shiftCell) []shiftCell {
	var out []shiftCell
	for k := 0; k < len(cells); k += 2 {
		c := cells[k]
		if k+1 < len(cells) {
			c.old, c.new = c.old+cells[k+1].old, c.new+cells[k+1].new
			switch {
			case k+2 < len(cells):
				c.name = cells[k+1].name
			case k > 0:
				c.name = "> " + strings.TrimPrefix(cells[k-1].name, "≤ ")
			default:
				c.name = "any"
			}
		}
		out = append(out, c)
	}
	return out
}

// rarest bounds the training rows of a level that was merged into code other: it had no more than all of these, and
// fewer than the rarest level that has a code of its own.
func rarest(rows []int, other int) float64 {
	if other >= len(rows) {
		return 0
	}
	most := rows[other]
	for _, n := range rows[:other] {
		if n > 0 {
			most = min(most, n-1)
		}
	}
	return float64(max(most, 0))
}

// beyondRare reports whether a value that stands count times in n rows cannot be one of the levels that training merged
// because they were rare: one of rare rows in trained would come as often in fewer than one of 1,000 samples (Poisson).
func beyondRare(count, n, rare, trained float64) bool {
	if trained <= 0 || count <= 0 {
		return false
	}
	expected := n * rare / trained
	return expected == 0 || mathext.GammaIncReg(count, expected) < .001
}

// Excess is a shift beyond a limit.
type Excess struct {
	Feature string `json:"feature"` // "": the score
	PSI     Figure `json:"psi"`
}

// Beyond returns what is shifted by more than a PSI of limit and not by chance: the score first, then features, the greatest first.
func (d *Drift) Beyond(limit float64) []Excess {
	out := []Excess{}
	// A rank needs a PSI of movedPSI; a limit below that asks for less, and chance is still excluded.
	level := .05 / float64(len(d.Features)+1)
	over := func(s *Shift) bool { return float64(s.PSI) > limit && float64(s.P) < level }
	if over(&d.Score) {
		out = append(out, Excess{PSI: d.Score.PSI})
	}
	for i := range d.Features {
		if f := &d.Features[i]; over(&f.Shift) && !f.Calendar {
			out = append(out, Excess{Feature: f.Feature, PSI: f.PSI})
		}
	}
	return out
}
