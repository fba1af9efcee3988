package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"
)

// The schema is that of Read, whatever the format and the size of the chunks.
func TestInferSchemaIsThatOfRead(t *testing.T) {
	defer goleak.VerifyNone(t)
	text := string(referenceCSV(3000))
	csv := tempFile(t, "f.csv", text)
	whole, err := Read(t.Context(), csv, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{csv}
	for _, name := range []string{"f.jsonl", "f.parquet", "f.arrow"} {
		path := filepath.Join(t.TempDir(), name)
		if err := WriteTable(path, whole); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	for _, path := range paths {
		for _, o := range []ReadOptions{{}, {Workers: 2, chunkSize: 4000, headSize: 500}, {Force: map[string]Field{"lead_id": {Kind: Text}}}} {
			want, err := Read(t.Context(), path, o)
			if err != nil {
				t.Fatal(err)
			}
			s, r, err := InferSchema(t.Context(), path, o)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(s, want.Schema) || !reflect.DeepEqual(r.Inferred, want.Report.Inferred) {
				t.Errorf("%s: %+v, want %+v", filepath.Base(path), s, want.Schema)
			}
			if r.Rows != 0 && r.Rows != want.Rows() {
				t.Errorf("%s: %d rows", path, r.Rows)
			}
		}
	}
}

func TestInferSchemaOfLateKeys(t *testing.T) {
	path := tempFile(t, "f.jsonl", `{"a":1}`+"\n"+`{"a":2}`+"\n"+`{"a":3,"b":"x"}`+"\n")
	s, _, err := InferSchema(t.Context(), path, ReadOptions{chunkSize: 8, headSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	if want := []Field{{Name: "a", Kind: Numeric}, {Name: "b", Kind: Categorical}}; !slices.Equal(s.Fields, want) {
		t.Errorf("%+v, want %+v", s.Fields, want)
	}
}

func TestInferSchemaRefusesWhatReadRefuses(t *testing.T) {
	var ask *AmbiguousError
	if _, _, err := InferSchema(t.Context(), tempFile(t, "f.csv", "a,b\n1,03/04/2024\n"), ReadOptions{}); !errors.As(err, &ask) {
		t.Errorf("got %v", err)
	}
	var bad *BadRowsError
	if _, _, err := InferSchema(t.Context(), tempFile(t, "f.csv", "a,b\n1\n2,3\n"), ReadOptions{}); !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"f.parquet", "f.csv", "f.xyz"} {
		if _, _, err := InferSchema(t.Context(), filepath.Join(t.TempDir(), name), ReadOptions{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A nested column is no obstacle to reading the others.
func TestInferSchemaOfWhatReadRefuses(t *testing.T) {
	list := arrow.ListOf(arrow.PrimitiveTypes.Int64)
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "l", Type: list}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.Int64Builder).Append(7)
	b.Field(1).(*array.ListBuilder).Append(true)
	rec := b.NewRecord()
	path := filepath.Join(t.TempDir(), "f.arrow")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close(), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), path, ReadOptions{}); err == nil {
		t.Error("a nested column was read")
	}
	s, _, err := InferSchema(t.Context(), path, ReadOptions{})
	if err != nil || !slices.Equal(s.Fields, []Field{{Name: "n", Kind: Numeric}, {Name: "l"}}) {
		t.Fatalf("%+v, %v", s, err)
	}
	table, err := Read(t.Context(), path, ReadOptions{Schema: &Schema{Fields: s.Fields[:1]}})
	wantRows(t, table, err, "7")
}
