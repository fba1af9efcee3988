package train

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"leadscore/features"
	"leadscore/model"
)

// noisy writes leads with two numbers and a source; missing numbers are common. The log-odds are eta.
func noisy(t *testing.T, n int, seed uint64, eta func(a, b float64) float64) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 3))
	var b bytes.Buffer
	b.WriteString("lead_id,a,b,source,status\n")
	for i := range n {
		x, y := math.Round(100*rng.NormFloat64()), math.Round(10*rng.NormFloat64())
		won := 0
		if rng.Float64() < model.Sigmoid(eta(x/100, y/10)) {
			won = 1
		}
		cell := fmt.Sprint(x)
		if rng.IntN(6) == 0 {
			cell = ""
		}
		fmt.Fprintf(&b, "L%d,%s,%g,s%d,%d\n", i, cell, y, rng.IntN(3), won)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// orderedTable is the effect of a feature on its ordered levels.
func orderedTable(t *testing.T, a *model.Artifact, name string) []float64 {
	t.Helper()
	for f, feature := range a.Pipeline.Features() {
		if feature.Name == name {
			return a.Targets[0].Effects[f].Table[:feature.Ordered]
		}
		for _, p := range feature.Parents {
			if a.Pipeline.Features()[p].Name == name {
				t.Errorf("%s is in the pair %s", name, feature.Name)
			}
		}
	}
	t.Fatalf("no feature %s", name)
	return nil
}

// TestMonotoneTablesAreMonotone: whatever the leads say, falling or wavy, a table goes as it was asked to.
func TestMonotoneTablesAreMonotone(t *testing.T) {
	violated := 0
	for seed := range uint64(6) {
		path := noisy(t, 1200, seed, func(a, b float64) float64 { return math.Sin(3*a+float64(seed)) + .8*a*b })
		for _, direction := range []string{"increasing", "decreasing"} {
			c := config(path)
			c.Targets[0].Positive = []string{"1"}
			free := orderedTable(t, run(t, c).Artifact, "a")
			c.Features.Columns = map[string]features.ColumnSpec{"a": {Monotone: direction}}
			r := run(t, c)
			table, sign := orderedTable(t, r.Artifact, "a"), 1.0
			if direction == "decreasing" {
				sign = -1
			}
			for i := range table[1:] {
				if sign*table[i+1] < sign*table[i] {
					t.Errorf("seed %d, %s: bin %d has %v, the next %v", seed, direction, i, table[i], table[i+1])
				}
				if sign*free[i+1] < sign*free[i] {
					violated++
				}
			}
			if _, err := model.NewScorer(r.Artifact); err != nil {
				t.Error(err)
			}
			if r.Artifact.Targets[0].Covariance == nil {
				t.Error("no covariance of pooled bins")
			}
		}
	}
	if violated == 0 {
		t.Error("no free fit violates an order: the test shows nothing")
	}
}

// TestMonotoneFitStaysAsItIs: a fit that rises by itself is not changed by asking for it.
func TestMonotoneFitStaysAsItIs(t *testing.T) {
	c := config(noisy(t, 3000, 1, func(a, _ float64) float64 { return 1.5 * a }))
	c.Targets[0].Positive, c.Interactions = []string{"1"}, "none"
	free := orderedTable(t, run(t, c).Artifact, "a")
	c.Features.Columns = map[string]features.ColumnSpec{"a": {Monotone: "increasing"}}
	asked := orderedTable(t, run(t, c).Artifact, "a")
	for i := range free {
		if free[i] != asked[i] {
			t.Errorf("bin %d: %v free, %v asked to rise", i, free[i], asked[i])
		}
	}
}

func TestMonotoneIsRefusedWhereItCannotHold(t *testing.T) {
	c := config(noisy(t, 800, 1, func(a, _ float64) float64 { return a }))
	c.Targets[0].Positive = []string{"1"}
	c.Features.Columns = map[string]features.ColumnSpec{"a": {Monotone: "increasing"}}
	c.Pairs = [][2]string{{"b", "a"}}
	_, err := Run(context.Background(), c, nil)
	mustContain(t, err, "features.interactions", `"a" is to be increasing`)
	c.Pairs, c.Model.Kind = nil, "linear"
	_, err = Run(context.Background(), c, nil)
	mustContain(t, err, "features.columns.a.monotone", "model.kind additive")
}

func TestPoolAdjacentViolators(t *testing.T) {
	one := []float64{1, 1, 1, 1, 1}
	for _, c := range []struct {
		values, rows []float64
		before, want []int
	}{
		{[]float64{1, 2, 2, 3, 4}, one, nil, nil},
		{[]float64{1, 3, 2, 3, 4}, one, nil, []int{0, 1, 1, 2, 3}},
		{[]float64{5, 4, 3, 2, 1}, one, nil, []int{0, 0, 0, 0, 0}},
		{[]float64{1, 5, 2, 3, 6}, []float64{1, 9, 1, 1, 1}, nil, []int{0, 1, 1, 1, 2}},
		{[]float64{1, 2, 2, 1, 4}, one, []int{0, 1, 1, 2, 3}, []int{0, 1, 1, 1, 2}},
		{[]float64{2, 2, 1, 3, 4}, one, []int{0, 0, 1, 2, 3}, []int{0, 0, 0, 1, 2}},
	} {
		if got := pool(c.values, c.rows, c.before); fmt.Sprint(got) != fmt.Sprint(c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("pool(%v, %v, %v) = %v, want %v", c.values, c.rows, c.before, got, c.want)
		}
	}
}
