package model

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// TestShiftIsThatOfTheReference holds PSI and P against scipy; testdata/drift.py made the file.
func TestShiftIsThatOfTheReference(t *testing.T) {
	b, err := os.ReadFile("testdata/drift.json")
	if err != nil {
		t.Fatal(err)
	}
	var tables []struct {
		Name     string
		Old, New []float64
		PSI, P   float64
	}
	if err := json.Unmarshal(b, &tables); err != nil || len(tables) < 7 {
		t.Fatal(len(tables), err)
	}
	for _, x := range tables {
		var cells []shiftCell
		for k := range x.Old {
			cells = append(cells, shiftCell{name: string(rune('a' + k)), old: x.Old[k], new: x.New[k]})
		}
		s := shiftOf(cells, .01)
		if math.Abs(float64(s.PSI)-x.PSI) > 1e-5*max(1, x.PSI) || math.Abs(float64(s.P)-x.P) > 1e-9+1e-6*x.P || len(s.Bins) != len(cells) {
			t.Errorf("%s: PSI %v, p %v; scipy has %v and %v", x.Name, s.PSI, s.P, x.PSI, x.P)
		}
		want := ShiftStable
		if x.P < .01 && x.PSI > .25 {
			want = ShiftShifted
		} else if x.P < .01 && x.PSI >= .1 {
			want = ShiftMoved
		}
		if s.Rank != want {
			t.Errorf("%s: %s, want %s", x.Name, s.Rank, want)
		}
	}
}

// TestChanceAddsToThePSI: without the term that is taken off the mean PSI of like samples is (B−1)(1/n + 1/m); with it near 0.
func TestChanceAddsToThePSI(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const bins, n, m, samples = 10, 200, 2000, 600
	raw, mean := 0.0, 0.0
	for range samples {
		cells := make([]shiftCell, bins)
		for k := range cells {
			cells[k].name = string(rune('a' + k))
		}
		for range m {
			cells[r.IntN(bins)].old++
		}
		for range n {
			cells[r.IntN(bins)].new++
		}
		psi := 0.0
		for _, c := range cells {
			psi += (c.new/n - c.old/m) * math.Log(c.new/n/(c.old/m))
		}
		raw += psi / samples
		mean += float64(shiftOf(cells, .01).PSI) / samples
	}
	if want := (bins - 1) * (1./n + 1./m); math.Abs(raw-want) > .1*want {
		t.Errorf("mean PSI of like samples %v, want about %v", raw, want)
	}
	if mean > .4*raw { // cut at 0, so not 0 on average
		t.Errorf("mean PSI %v where the raw one is %v", mean, raw)
	}
}

// TestJoiningKeepsEveryRow draws tables of all sorts: no row is lost, no bin is left that holds too little, none are too many.
func TestJoiningKeepsEveryRow(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	for trial := range 3000 {
		var cells []shiftCell
		ordered := r.IntN(60)
		m, n := 0.0, 0.0
		scale := math.Exp(6 * r.Float64())
		for k := range ordered + r.IntN(60) {
			c := shiftCell{name: "x", old: math.Floor(scale * r.ExpFloat64()), new: math.Floor(20 * r.ExpFloat64() * r.Float64()), ordered: k < ordered}
			if r.IntN(4) == 0 {
				c.old = 0
			}
			if !c.ordered && r.IntN(20) == 0 {
				c.rest = true
			}
			cells = append(cells, c)
			m, n = m+c.old, n+c.new
		}
		if m == 0 || n == 0 {
			continue
		}
		joined := joinCells(cells, m, n)
		old, now := 0.0, 0.0
		for _, c := range joined {
			old, now = old+c.old, now+c.new
			enough := c.new >= leastSeen || c.old*n/m >= leastCell
			if m < n {
				enough = c.old >= leastSeen || c.new*m/n >= leastCell
			}
			if !enough && len(joined) > 1 && !c.rest && c.name != restName {
				t.Fatalf("trial %d: a bin holds %v and %v rows of %v and %v", trial, c.old, c.new, m, n)
			}
		}
		if math.Abs(old-m) > 1e-6 || math.Abs(now-n) > 1e-6 {
			t.Fatalf("trial %d: %v and %v rows after joining, %v and %v before", trial, old, now, m, n)
		}
		if ordered == 0 && len(joined) > mostCells+1 {
			t.Fatalf("trial %d: %d bins", trial, len(joined))
		}
		s := shiftOf(cells, .01)
		if p := float64(s.P); !(p >= 0 && p <= 1) || !(float64(s.PSI) >= 0) || s.Rank == "" {
			t.Fatalf("trial %d: %+v", trial, s)
		}
	}
}

func TestOrderedBinsAreJoinedWithTheirNeighbours(t *testing.T) {
	var cells []shiftCell
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		cells = append(cells, shiftCell{name: name, old: 100, new: 3, ordered: true})
	}
	joined := joinCells(cells, 500, 15)
	var names []string
	for _, c := range joined {
		names = append(names, c.name)
	}
	if got := strings.Join(names, ", "); got != "a … b, c … e" {
		t.Errorf("joined to %s", got)
	}
}

func TestPairsOfBinsAreNamedByTheirEnds(t *testing.T) {
	tally := Tally{Edges: []float64{1, 2, 3}, Rows: []int{5, 6, 7, 8}}
	name := func(t Tally) string {
		var names []string
		for _, c := range halved(tallyCells(&t, make([]float64, len(t.Rows)), threeDigits)) {
			names = append(names, c.name)
		}
		return strings.Join(names, ", ")
	}
	if got := name(tally); got != "≤ 2, > 2" {
		t.Error(got)
	}
	if got := name(Tally{Edges: []float64{1, 2}, Rows: []int{5, 6, 7}}); got != "≤ 2, > 2" {
		t.Error(got)
	}
	if got := name(Tally{Edges: []float64{1}, Rows: []int{5, 6}}); got != "any" {
		t.Error(got)
	}
	if got := name(Tally{Edges: []float64{}, Rows: []int{5}}); got != "any" {
		t.Error(got)
	}
}
