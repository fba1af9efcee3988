package datasets

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Whatever bytes stand in a file, reading ends in a table or an error, whole or in batches.
func fuzzColumnar(f *testing.F, ext string, seeds ...string) {
	for _, seed := range seeds {
		data, err := os.ReadFile(filepath.Join("testdata", seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	path := filepath.Join(f.TempDir(), "fuzz"+ext)
	schema := &Schema{Fields: []Field{{Name: "id", Kind: Text}, {Name: "few", Kind: Numeric}, {Name: "i64", Kind: Numeric}, {Name: "string", Kind: Categorical}, {Name: "ts_us", Kind: Time}, {Name: "x", Kind: Text}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if table, err := readColumnar(context.Background(), path, ReadOptions{}); err == nil {
			for c := range table.Schema.Fields {
				columnValues(table, c) // every code has its level
			}
		}
		r, err := openColumnar(context.Background(), path, ReadOptions{Schema: schema, BadRows: SkipBadRows})
		if err != nil {
			return
		}
		defer r.Close()
		for {
			b, err := r.Next()
			if err != nil {
				if errors.Is(err, io.EOF) && r.Report().Rows < 0 {
					t.Fatal("a negative number of rows")
				}
				return
			}
			row := make([]Value, len(schema.Fields))
			for i := range b.Rows() {
				b.Row(i, row)
			}
		}
	})
}

func FuzzReadParquet(f *testing.F) {
	fuzzColumnar(f, ".parquet", "types.parquet", "types_v2.parquet", "groups.parquet", "nested.parquet", "infinite.parquet")
}

func FuzzReadArrow(f *testing.F) {
	fuzzColumnar(f, ".arrow", "types_lz4.feather", "types_stream.arrows", "nested.feather")
}
