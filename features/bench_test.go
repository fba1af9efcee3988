package features

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"leadscore/datasets"
)

// reference makes leads like those of the reference job: 10 numbers, 3 of them 10 % missing, and 10
// categories of 2 to 400 levels.
func reference(b testing.TB, rows, batch int) *datasets.Table {
	b.Helper()
	rng := rand.New(rand.NewPCG(60, 60))
	s := &datasets.Schema{}
	levels := []int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400}
	words := make([][]string, len(levels))
	for j := range 10 {
		s.Fields = append(s.Fields, datasets.Field{Name: fmt.Sprint("num", j), Kind: datasets.Numeric})
	}
	for j, n := range levels {
		s.Fields = append(s.Fields, datasets.Field{Name: fmt.Sprint("cat", j), Kind: datasets.Categorical})
		for k := range n {
			words[j] = append(words[j], fmt.Sprint("v", k))
		}
	}
	t := &datasets.Table{Schema: s}
	for from := 0; from < rows; from += batch {
		n := min(batch, rows-from)
		var columns []datasets.Column
		for j := range 10 {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = math.Round(1e4*rng.NormFloat64()) / 1e4
				if j < 3 && rng.IntN(10) == 0 {
					xs[i] = math.NaN()
				}
			}
			columns = append(columns, datasets.Column{Kind: datasets.Numeric, Numbers: xs})
		}
		for j, k := range levels {
			codes := make([]int32, n)
			for i := range codes {
				codes[i] = int32(float64(k) * math.Pow(rng.Float64(), 2))
			}
			columns = append(columns, datasets.Column{Kind: datasets.Categorical, Codes: codes, Levels: words[j]})
		}
		batch, err := datasets.NewBatch(s, n, columns)
		if err != nil {
			b.Fatal(err)
		}
		t.Batches = append(t.Batches, batch)
	}
	return t
}

func BenchmarkFit(b *testing.B) {
	t := reference(b, 500_000, 65_536)
	for _, e := range []Encoding{Linear, Additive} {
		b.Run(string(e), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustFit(b, t, nil, Spec{Encoding: e})
			}
		})
	}
}

func BenchmarkMatrix(b *testing.B) {
	t := reference(b, 500_000, 65_536)
	use := make([]bool, 500_000)
	for i := range use {
		use[i] = i%5 > 0
	}
	for _, e := range []Encoding{Linear, Additive} {
		p := mustFit(b, t, nil, Spec{Encoding: e})
		for name, marks := range map[string][]bool{"all": nil, "four fifths": use} {
			b.Run(string(e)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := p.Matrix(t, marks); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkRow(b *testing.B) {
	t := reference(b, 50_000, 50_000)
	rows := make([][]datasets.Value, 1024)
	for i := range rows {
		rows[i] = make([]datasets.Value, len(t.Schema.Fields))
		t.Batches[0].Row(i*40, rows[i])
	}
	for _, e := range []Encoding{Linear, Additive} {
		p := mustFit(b, t, nil, Spec{Encoding: e})
		cells := make([]Cell, len(p.Features()))
		b.Run(string(e), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				p.Row(rows[i&1023], datasets.MissingTime, cells)
				i++
			}
		})
	}
}

// Every kind of feature, the derived ones included (crm: 18 columns' worth).
func BenchmarkRowOfEveryKind(b *testing.B) {
	rng := rand.New(rand.NewPCG(61, 61))
	t := tableOf(b, 0, crm(rng, 1024)...)
	p := mustFit(b, t, nil, crmSpec(Additive))
	rows := make([][]datasets.Value, 1024)
	for i := range rows {
		rows[i] = make([]datasets.Value, len(t.Schema.Fields))
		t.Batches[0].Row(i, rows[i])
	}
	cells := make([]Cell, len(p.Features()))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		p.Row(rows[i&1023], datasets.MissingTime, cells)
		i++
	}
}

func BenchmarkCells(b *testing.B) {
	t := reference(b, 8192, 8192)
	p := mustFit(b, t, nil, Spec{Encoding: Additive})
	var block Block
	b.ReportAllocs()
	for b.Loop() {
		p.Cells(t.Batches[0], &block)
	}
}

func BenchmarkDerive(b *testing.B) {
	for name, do := range map[string]func(){
		"email": func() { emailClass("maria.lopez@mail.acme.co.uk") },
		"title": func() { classifyTitle("Senior Vice President of Sales & Marketing") },
		"size":  func() { companySize("1,001 - 5,000 employees") },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
