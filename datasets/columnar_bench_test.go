package datasets

import (
	"context"
	"path/filepath"
	"testing"
)

func BenchmarkReadColumnar(b *testing.B) {
	table := scoredTable(500_000)
	for _, name := range []string{"in.parquet", "in.arrow"} {
		path := filepath.Join(b.TempDir(), name)
		if err := WriteTable(path, table); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t, err := readColumnar(context.Background(), path, ReadOptions{Schema: table.Schema})
				if err != nil || t.Rows() != 500_000 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(500_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
