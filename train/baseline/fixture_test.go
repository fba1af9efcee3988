package baseline

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

// makeRows draws coded rows whose log-odds depend on the first three columns.
func makeRows(n int, seed uint64, levels ...int) Rows {
	rng := rand.New(rand.NewPCG(seed, 1))
	r := Rows{Label: make([]bool, n)}
	for c, k := range levels {
		column := Column{Name: string(rune('a' + c)), Levels: k, Codes: make([]uint32, n)}
		for i := range column.Codes {
			column.Codes[i] = uint32(rng.IntN(k))
		}
		r.Columns = append(r.Columns, column)
	}
	for i := range r.Label {
		logit := -1.
		for c := range min(3, len(levels)) {
			logit += []float64{1.5, -.8, .4}[c] * (float64(r.Columns[c].Codes[i]) - float64(levels[c]-1)/2)
		}
		r.Label[i] = rng.Float64() < 1/(1+math.Exp(-logit))
	}
	return r
}

// pick takes rows by number.
func pick(r Rows, rows []int) Rows {
	to := Rows{}
	for _, c := range r.Columns {
		codes := make([]uint32, len(rows))
		for i, row := range rows {
			codes[i] = c.Codes[row]
		}
		to.Columns = append(to.Columns, Column{Name: c.Name, Levels: c.Levels, Codes: codes})
	}
	for _, row := range rows {
		to.Label = append(to.Label, r.Label[row])
	}
	return to
}

func span(from, to int) []int {
	var rows []int
	for i := from; i < to; i++ {
		rows = append(rows, i)
	}
	return rows
}

func fitted(t testing.TB, name string, train Rows, seed uint64) Model {
	t.Helper()
	m, err := Fit(name, train, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func scored(t testing.TB, m Model, r Rows) []float64 {
	t.Helper()
	p, err := m.Probabilities(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// generatedLeads are decided leads of the generator with what was known when they were created.
func generatedLeads(t testing.TB, n int, seed uint64) (*datasets.Table, []bool) {
	t.Helper()
	h, err := datasets.Generate(datasets.GenerateOptions{Leads: n, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	won, decided := h.Labels()
	leads, err := datasets.SelectRows(h.Leads, decided)
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, f := range leads.Schema.Fields {
		if !slices.Contains([]string{"mql_at", "contract_value", "closed_at", "status"}, f.Name) {
			known = append(known, f.Name)
		}
	}
	leads, err = datasets.SelectColumns(leads, known)
	if err != nil {
		t.Fatal(err)
	}
	var label []bool
	for i, d := range decided {
		if d {
			label = append(label, won[i])
		}
	}
	return leads, label
}

// coded fits an additive pipeline to the rows in use and codes all of them.
func coded(t testing.TB, leads *datasets.Table, label, use []bool, drop ...string) Rows {
	t.Helper()
	p, _, err := features.Fit(leads, use, features.Spec{Encoding: features.Additive, Drop: drop})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewCoding(p).Fit(leads, nil, label)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
