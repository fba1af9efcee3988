package datasets

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// randomTable makes a table of every kind whose values text formats can say: no null texts, no
// spaces around, times of the years 1 to 9999.
func randomTable(rng *rand.Rand) *Table {
	s := &Schema{Nulls: DefaultNulls}
	kinds := []Kind{Numeric, Categorical, Boolean, Time, Text}
	rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for i, k := range append(kinds, kinds[:1+rng.IntN(5)]...) {
		f := Field{Name: fmt.Sprintf("%s %d, \"ü\"", k, i), Kind: k}
		if k == Time {
			f.Layout = []string{"", "iso", "dd/mm/yyyy", "mm/dd/yyyy"}[rng.IntN(4)]
		}
		f.DecimalComma = k == Numeric && rng.IntN(3) == 0
		s.Fields = append(s.Fields, f)
	}
	t := &Table{Schema: s}
	for range 1 + rng.IntN(4) {
		t.Batches = append(t.Batches, randomBatch(rng, s, 1+rng.IntN(300)))
	}
	return t
}

func randomBatch(rng *rand.Rand, s *Schema, rows int) *Batch {
	columns := make([]Column, len(s.Fields))
	for i, f := range s.Fields {
		c := &columns[i]
		c.Kind = f.Kind
		missing := []float64{0, 0.1, 1}[rng.IntN(3)]
		absent := func() bool { return rng.Float64() < missing }
		if f.Kind == Categorical {
			seen := map[string]bool{}
			for len(c.Levels) < 1+rng.IntN(40) {
				if l := randomText(rng); !seen[l] {
					seen[l] = true
					c.Levels = append(c.Levels, l)
				}
			}
		}
		dates := rng.IntN(2) == 0
		for range rows {
			switch f.Kind {
			case Numeric:
				x := randomNumber(rng)
				if absent() {
					x = math.NaN()
				}
				c.Numbers = append(c.Numbers, x)
			case Boolean:
				x := float64(rng.IntN(2))
				if absent() {
					x = math.NaN()
				}
				c.Numbers = append(c.Numbers, x)
			case Categorical:
				k := rng.Int32N(int32(len(c.Levels)))
				if absent() {
					k = -1
				}
				c.Codes = append(c.Codes, k)
			case Time:
				t := firstMoment + rng.Int64N(lastMoment-firstMoment+1)
				if dates {
					t -= ((t % microsPerDay) + microsPerDay) % microsPerDay
				}
				if absent() {
					t = MissingTime
				}
				c.Times = append(c.Times, t)
			case Text:
				text := randomText(rng)
				if absent() {
					text = ""
				}
				c.Texts = append(c.Texts, text)
			}
		}
	}
	b, err := NewBatch(s, rows, columns)
	if err != nil {
		panic(err)
	}
	return b
}

func randomNumber(rng *rand.Rand) float64 {
	switch rng.IntN(8) {
	case 0:
		return float64(rng.IntN(100))
	case 1:
		return -float64(rng.IntN(1_000_000_000)) * 1e6
	case 2:
		return math.Copysign(0, -1)
	case 3:
		return math.Round(rng.NormFloat64()*1e4) / 100
	case 4:
		return []float64{math.MaxFloat64, math.SmallestNonzeroFloat64, 1e21, 1e15, 999999999999999, 1 << 53, 0.1, 1e-7}[rng.IntN(8)]
	}
	for {
		if x := math.Float64frombits(rng.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
	}
}

func randomText(rng *rand.Rand) string {
	alphabet := []rune("abcXYZ019 ,;\t\"'\\\n|äßñ漢字🙂=-+<>&{}[]:/")
	text := make([]rune, 1+rng.IntN(12))
	for i := range text {
		text[i] = alphabet[rng.IntN(len(alphabet))]
	}
	text[0], text[len(text)-1] = 'x', 'é'
	return string(text)
}

// sameTable compares cell by cell, bit by bit.
func sameTable(t *testing.T, got, want *Table) {
	t.Helper()
	if g, w := got.Rows(), want.Rows(); g != w {
		t.Fatalf("%d rows, want %d", g, w)
	}
	if len(got.Schema.Fields) != len(want.Schema.Fields) {
		t.Fatalf("%d columns, want %d", len(got.Schema.Fields), len(want.Schema.Fields))
	}
	for c := range want.Schema.Fields {
		g, w := columnValues(got, c), columnValues(want, c)
		for r := range w {
			if g[r].Kind != w[r].Kind || g[r].Str != w[r].Str || g[r].Time != w[r].Time || math.Float64bits(g[r].Num) != math.Float64bits(w[r].Num) {
				t.Fatalf("row %d of %v column %q: %+v, want %+v", r+1, want.Schema.Fields[c].Kind, want.Schema.Fields[c].Name, g[r], w[r])
			}
		}
	}
}

func columnValues(t *Table, column int) []Value {
	var values []Value
	for _, b := range t.Batches {
		for r := range b.Rows() {
			values = append(values, b.Value(column, r))
		}
	}
	return values
}

func TestRoundTripOfAnyTableThroughEveryFormat(t *testing.T) {
	for _, ext := range []string{".csv", ".csv.gz", ".csv.zst", ".tsv", ".jsonl", ".ndjson.gz", ".parquet", ".arrow", ".feather"} {
		t.Run(ext[1:], func(t *testing.T) {
			for seed := range uint64(25) {
				table := randomTable(rand.New(rand.NewPCG(seed, 1)))
				path := filepath.Join(t.TempDir(), "t"+ext)
				if err := WriteTable(path, table); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				got, err := Read(context.Background(), path, ReadOptions{Schema: table.Schema})
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				sameTable(t, got, table)
			}
		})
	}
}

func TestColumnarFormatsKeepKinds(t *testing.T) {
	table := randomTable(rand.New(rand.NewPCG(7, 7)))
	for _, ext := range []string{".parquet", ".arrow"} {
		path := filepath.Join(t.TempDir(), "t"+ext)
		if err := WriteTable(path, table); err != nil {
			t.Fatal(err)
		}
		force := map[string]Field{}
		for _, f := range table.Schema.Fields {
			if f.Kind == Text { // a text column is categorical unless asked for
				force[f.Name] = Field{Kind: Text}
			}
		}
		got, err := Read(context.Background(), path, ReadOptions{Force: force})
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range got.Schema.Fields {
			if want := table.Schema.Fields[i]; f.Name != want.Name || f.Kind != want.Kind {
				t.Errorf("%s: column %q is %v, want %q %v", ext, f.Name, f.Kind, want.Name, want.Kind)
			}
		}
		sameTable(t, got, table)
	}
}
