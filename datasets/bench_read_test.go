package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// referenceCSV writes rows like those of the reference job: an id, ten numbers of which three
// have gaps, ten categories of 2 to 400 levels, and the outcome.
func referenceCSV(rows int) []byte {
	rng := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	b.WriteString("lead_id")
	for j := range 10 {
		fmt.Fprintf(&b, ",num%d", j)
	}
	for j := range 10 {
		fmt.Fprintf(&b, ",cat%d", j)
	}
	b.WriteString(",converted\n")
	levels := [...]int{2, 2, 3, 5, 8, 12, 20, 40, 100, 400}
	for r := range rows {
		fmt.Fprint(&b, r)
		for j := range 10 {
			b.WriteByte(',')
			if j >= 3 || rng.Float64() >= 0.1 {
				fmt.Fprintf(&b, "%.4g", rng.NormFloat64()*3)
			}
		}
		for _, n := range levels {
			fmt.Fprintf(&b, ",v%d", rng.IntN(n))
		}
		fmt.Fprintf(&b, ",%d\n", rng.IntN(2))
	}
	return b.Bytes()
}

func BenchmarkReadCSV(b *testing.B) {
	path := os.Getenv("LEADSCORE_BENCH_CSV")
	if path == "" {
		path = filepath.Join(b.TempDir(), "leads.csv")
		if err := os.WriteFile(path, referenceCSV(100_000), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(b.Context(), path, ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenCSV(b *testing.B) {
	path := filepath.Join(b.TempDir(), "leads.csv")
	content := referenceCSV(100_000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	table, err := Read(b.Context(), path, ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(b.Context(), path, ReadOptions{Schema: table.Schema})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	for _, c := range []struct{ column, raw string }{{"employees", "12.25"}, {"employees", `"1,234.5"`}, {"created", `"03/04/2024"`}, {"source", `"webinar"`}} {
		column, raw := everyKind.Index(c.column), []byte(c.raw)
		b.Run(c.column+" "+c.raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := everyKind.ParseJSON(column, raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
