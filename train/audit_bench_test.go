package train

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"leadscore/datasets"
)

// wide makes leads like the reference job of notebooks/peers: ten numbers, three of them with gaps, and ten columns of
// words with 2 to 400 levels.
func wide(tb testing.TB, rows int) *datasets.Table {
	rng := rand.New(rand.NewPCG(1, 2))
	s := &datasets.Schema{Nulls: datasets.DefaultNulls, Fields: []datasets.Field{{Name: "lead_id", Kind: datasets.Text}, {Name: "won", Kind: datasets.Categorical}}}
	levels := []int{2, 3, 5, 8, 12, 20, 35, 60, 150, 400}
	dictionaries := make([][]string, 10)
	for j := range 10 {
		s.Fields = append(s.Fields, datasets.Field{Name: "number " + strconv.Itoa(j), Kind: datasets.Numeric})
	}
	for j := range 10 {
		s.Fields = append(s.Fields, datasets.Field{Name: "words " + strconv.Itoa(j), Kind: datasets.Categorical})
		for k := range levels[j] {
			dictionaries[j] = append(dictionaries[j], "level "+strconv.Itoa(k))
		}
	}
	t := &datasets.Table{Schema: s}
	answers := []string{"no", "yes"}
	for from := 0; from < rows; from += 1 << 16 {
		n := min(1<<16, rows-from)
		columns := []datasets.Column{{Kind: datasets.Text, Texts: make([]string, n)}, {Kind: datasets.Categorical, Levels: answers, Codes: make([]int32, n)}}
		ids := strings.Builder{}
		for i := range n {
			ids.Reset()
			ids.WriteString("L" + strconv.Itoa(from+i))
			columns[0].Texts[i], columns[1].Codes[i] = ids.String(), int32(rng.IntN(10)/9)
		}
		for j := range 10 {
			c := datasets.Column{Kind: datasets.Numeric, Numbers: make([]float64, n)}
			for i := range n {
				if c.Numbers[i] = rng.NormFloat64(); j < 3 && rng.IntN(10) == 0 {
					c.Numbers[i] = math.NaN()
				}
			}
			columns = append(columns, c)
		}
		for j := range 10 {
			c := datasets.Column{Kind: datasets.Categorical, Levels: dictionaries[j], Codes: make([]int32, n)}
			for i := range n {
				c.Codes[i] = int32(rng.IntN(levels[j]))
			}
			columns = append(columns, c)
		}
		b, err := datasets.NewBatch(s, n, columns)
		if err != nil {
			tb.Fatal(err)
		}
		t.Batches = append(t.Batches, b)
	}
	return t
}

// BenchmarkAudit audits 500,000 rows of 20 columns on one core. What it takes is CPU time of a training run.
func BenchmarkAudit(b *testing.B) {
	t := wide(b, 500_000)
	c := Config{Leads: Leads{ID: "lead_id"}, Targets: []Target{{Name: "won", Column: "won", Positive: []string{"yes"}}}, Workers: 1}.withDefaults()
	c.Split.Holdout = .05
	d, err := label(b.Context(), t, &c)
	if err == nil {
		err = d.split(c.Split)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if _, _, err := d.audit(&c); err != nil {
			b.Fatal(err)
		}
	}
}
