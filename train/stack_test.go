package train

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"leadscore/model"
)

// The weights, none below 0, and their standard errors are those of scipy (testdata/stack.py).
func TestStackingAgainstReference(t *testing.T) {
	raw, err := os.ReadFile("testdata/stack.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Columns   map[string][]float64
		Label     []bool
		Weight    []float64
		Intercept float64
		Weights   map[string]float64
		SE        map[string]float64
		Unbounded map[string]float64
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	names := []string{"model", "fit", "busy", "against", "wrong", "same"}
	var columns [][]float64
	for _, n := range names {
		columns = append(columns, want.Columns[n])
	}
	s, err := stackPositive(context.Background(), want.Label, want.Weight, columns...)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(s.intercept-want.Intercept) > 1e-6 {
		t.Errorf("intercept %v, want %v", s.intercept, want.Intercept)
	}
	held := 0
	for j, n := range names {
		if math.Abs(s.weight[j]-want.Weights[n]) > 1e-6 || math.Abs(s.se[j]-want.SE[n]) > 1e-6 {
			t.Errorf("%s: %v ± %v, want %v ± %v", n, s.weight[j], s.se[j], want.Weights[n], want.SE[n])
		}
		is := ""
		switch {
		case n == "same":
			is = model.HeldConstant
		case want.Weights[n] == 0:
			is = model.HeldNegative
			held++
		}
		if s.held[j] != is {
			t.Errorf("%s is held as %q, want %q", n, s.held[j], is)
		}
	}
	if held == 0 {
		t.Error("no weight of the reference is at the bound, which is what it is there for")
	}
	all, err := stack(context.Background(), want.Label, want.Weight, columns[:5]...)
	if err != nil {
		t.Fatal(err)
	}
	for j, n := range names[:5] {
		if math.Abs(all[j+1]-want.Unbounded[n]) > 1e-6 {
			t.Errorf("without the bound %s has %v, want %v", n, all[j+1], want.Unbounded[n])
		}
	}
}

// Whatever the columns are, no weight is below 0, and a held one could not rise the likelihood above 0.
func TestStackingIsOptimalWithinItsBound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for range 150 {
		rows, k := 40+r.IntN(60), 1+r.IntN(9)
		columns := make([][]float64, k)
		labels := make([]bool, rows)
		common := make([]float64, rows)
		for i := range common {
			common[i] = r.NormFloat64()
			labels[i] = r.Float64() < model.Sigmoid(.7*common[i])
		}
		for j := range columns {
			share, sign := r.Float64(), float64(r.IntN(3)-1)
			for i := range rows {
				columns[j] = append(columns[j], share*common[i]*sign+(1-share)*r.NormFloat64())
			}
		}
		for j := range columns { // and each goes with others
			if j > 1 {
				a, b := columns[r.IntN(j)], columns[r.IntN(j)]
				x, y := r.NormFloat64(), r.NormFloat64()
				for i := range columns[j] {
					columns[j][i] += x*a[i] + y*b[i]
				}
			}
		}
		s, err := stackPositive(context.Background(), labels, nil, columns...)
		if err != nil {
			t.Fatal(err)
		}
		for j, w := range s.weight {
			if w < 0 || s.held[j] != "" && w != 0 {
				t.Fatalf("weight %v, held %q", w, s.held[j])
			}
		}
		if j := s.wanted(labels, nil, columns); j >= 0 {
			t.Fatalf("column %d is held at 0 and would rise", j)
		}
	}
}

// At most the share has the cut or more, and with the next lower value more would.
func TestTopCut(t *testing.T) {
	for _, c := range []struct {
		values, weight []float64
		share, want    float64
	}{
		{[]float64{1, 2, 3, 4}, nil, .25, 4},
		{[]float64{1, 2, 3, 4}, nil, .5, 3},
		{[]float64{4, 1, 3, 2}, nil, .75, 2},
		{[]float64{0, 0, 0, 5}, nil, .75, 5}, // the zeros are one half and more: none of them is above another
		{[]float64{0, 0, 0, 5}, nil, .1, math.Nextafter(5, 6)},
		{[]float64{7, 7, 7}, nil, .75, math.Nextafter(7, 8)},
		{[]float64{1, 2}, []float64{3, 1}, .25, 2},
		{[]float64{1, 2}, []float64{1, 3}, .25, math.Nextafter(2, 3)},
	} {
		if got := topCut(c.values, c.weight, c.share); got != c.want {
			t.Errorf("%v (%v) at %v: %v, want %v", c.values, c.weight, c.share, got, c.want)
		}
	}
}
