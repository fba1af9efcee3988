package glm

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"leadscore/features/design"
)

// fixture reads testdata/leads.csv as reference.py does.
func fixture(t testing.TB) *Problem {
	t.Helper()
	f, err := os.Open("testdata/leads.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) []string {
		at := slices.Index(rows[0], name)
		var out []string
		for _, r := range rows[1:] {
			out = append(out, r[at])
		}
		return out
	}
	numbers := func(name string) []float64 {
		var out []float64
		for _, text := range column(name) {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		return out
	}
	p := &Problem{Y: numbers("won"), Weight: numbers("weight"), Offset: numbers("offset")}
	var dense []design.Dense
	for _, name := range []string{"visits", "minutes", "size"} {
		dense = append(dense, standardised(numbers(name)))
	}
	var blocks []design.Codes
	for _, name := range []string{"source", "country"} {
		texts := column(name)
		levels := slices.Clone(texts)
		slices.Sort(levels)
		levels = slices.Compact(levels)
		codes := make([]uint32, len(texts))
		for i, text := range texts {
			codes[i] = uint32(slices.Index(levels, text))
		}
		blocks = append(blocks, design.MakeCodes(len(levels), codes))
	}
	if p.X, err = design.NewMatrix(len(p.Y), dense, blocks); err != nil {
		t.Fatal(err)
	}
	return p
}

// unweighted is the fixture without weights and offset.
func unweighted(t testing.TB) *Problem {
	p := fixture(t)
	p.Weight, p.Offset = nil, nil
	return p
}

func TestFixtureEqualsStatsmodelsAndScikitLearn(t *testing.T) {
	var reference struct {
		Fits map[string]struct {
			Lambda         float64
			Beta, SE, P    []float64
			LogLik         float64 `json:"log_lik"`
			Weight, Offset bool
		}
	}
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference.Fits) != 5 {
		t.Fatalf("%d reference fits, want 5", len(reference.Fits))
	}
	for name, want := range reference.Fits {
		t.Run(name, func(t *testing.T) {
			p := fixture(t)
			if !want.Weight {
				p.Weight = nil
			}
			if !want.Offset {
				p.Offset = nil
			}
			r, err := Ridge(t.Context(), p, want.Lambda, Settings{Covariance: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Status != Converged {
				t.Fatalf("status %v", r.Status)
			}
			estimates, err := r.Inference()
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range estimates {
				if math.Abs(e.Coef-want.Beta[i]) > 1e-6 {
					t.Errorf("coefficient %d = %.9f, want %.9f", i, e.Coef, want.Beta[i])
				}
				if want.SE == nil {
					continue
				}
				if math.Abs(e.SE-want.SE[i]) > 1e-6 {
					t.Errorf("standard error %d = %.9f, want %.9f", i, e.SE, want.SE[i])
				}
				if e.Alias != (want.SE[i] == 0) {
					t.Errorf("coefficient %d: aliased %v", i, e.Alias)
				}
				if !e.Alias && math.Abs(e.P-want.P[i]) > 1e-6 {
					t.Errorf("p %d = %.9f, want %.9f", i, e.P, want.P[i])
				}
			}
			if math.Abs(r.LogLik-want.LogLik) > 1e-6 {
				t.Errorf("log-likelihood %.9f, want %.9f", r.LogLik, want.LogLik)
			}
		})
	}
}
