package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// scoredTable looks like what `score` writes: an id, three floats, two short texts.
func scoredTable(rows int) *Table {
	s := &Schema{Fields: []Field{
		{Name: "lead_id", Kind: Text}, {Name: "probability", Kind: Numeric}, {Name: "rule_score", Kind: Numeric},
		{Name: "score", Kind: Numeric}, {Name: "grade", Kind: Categorical}, {Name: "recommendation", Kind: Categorical},
	}}
	rng := rand.New(rand.NewPCG(1, 2))
	t := &Table{Schema: s}
	for from := 0; from < rows; from += 65_536 {
		n := min(65_536, rows-from)
		columns := []Column{
			{Kind: Text, Texts: make([]string, n)}, {Kind: Numeric, Numbers: make([]float64, n)}, {Kind: Numeric, Numbers: make([]float64, n)},
			{Kind: Numeric, Numbers: make([]float64, n)}, {Kind: Categorical, Codes: make([]int32, n), Levels: []string{"A1", "B2", "C3", "D4"}},
			{Kind: Categorical, Codes: make([]int32, n), Levels: []string{"nurture", "MQL", "SQL", "disqualify"}},
		}
		for i := range n {
			p := rng.Float64()
			columns[0].Texts[i] = fmt.Sprintf("lead-%07d", from+i)
			columns[1].Numbers[i] = p
			columns[2].Numbers[i] = math.Round(p * 100)
			columns[3].Numbers[i] = 100 * p
			columns[4].Codes[i] = rng.Int32N(4)
			columns[5].Codes[i] = rng.Int32N(4)
		}
		b, err := NewBatch(s, n, columns)
		if err != nil {
			panic(err)
		}
		t.Batches = append(t.Batches, b)
	}
	return t
}

func BenchmarkWrite(b *testing.B) {
	table := scoredTable(500_000)
	for _, name := range []string{"out.csv", "out.csv.gz", "out.csv.zst", "out.jsonl", "out.parquet", "out.arrow"} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), name)
			b.ReportAllocs()
			for b.Loop() {
				if err := WriteTable(path, table); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(500_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
