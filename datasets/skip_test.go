package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Columns that nobody looks at stay in the schema, and the others are read as ever: in every format, with
// kinds inferred and under a schema, whole and in batches.
func TestSkippedColumns(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("id,junk,day,x,source,late\n")
	for i := range 5000 {
		late := "1"
		if i == 4321 {
			late = "not a number"
		}
		fmt.Fprintf(&csv, "%d,\"a, %d\",03/04/2024,%d.5,%s,%s\n", i, i%7, i%90, []string{"web", "", "ads"}[i%3], late)
	}
	path := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(path, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	skip := []string{"junk", "day", "late", "not in the file"}
	small := ReadOptions{Skip: skip, chunkSize: 4096, headSize: 1024}
	got, err := Read(context.Background(), path, small)
	if err != nil {
		t.Fatal("a column that is skipped asks or is read twice: ", err)
	}
	whole, err := Read(context.Background(), path, ReadOptions{Force: map[string]Field{"day": {Kind: Text}}, chunkSize: 4096, headSize: 1024})
	if err != nil {
		t.Fatal(err)
	}
	wantSkipped(t, got, whole, 1, 2, 5)
	for _, i := range got.Report.Inferred {
		if i.Column == "junk" || i.Column == "day" || i.Column == "late" {
			t.Errorf("column %q is said to be %v", i.Column, i.Kind)
		}
	}

	numbers := whole.Schema.blind(nil)
	schema := &Schema{Nulls: numbers.Nulls, Fields: append([]Field(nil), numbers.Fields...)}
	schema.Fields[5].Kind = Numeric // one row would be bad
	for _, ext := range []string{".csv", ".jsonl", ".parquet", ".arrow"} {
		path := filepath.Join(t.TempDir(), "leads"+ext)
		if err := WriteTable(path, whole); err != nil {
			t.Fatal(err)
		}
		inferred, err := Read(context.Background(), path, ReadOptions{Skip: skip, Force: map[string]Field{"late": {Kind: Numeric}}})
		if err != nil {
			t.Fatal(ext, ": ", err)
		}
		wantSkipped(t, inferred, whole, 1, 2, 5)
		o := ReadOptions{Schema: schema, Skip: skip}
		fixed, err := Read(context.Background(), path, o)
		if err != nil {
			t.Fatal(ext, ": ", err)
		}
		wantSkipped(t, fixed, whole, 1, 2, 5)
		batches, err := drain(t, path, o)
		if err != nil {
			t.Fatal(ext, ": ", err)
		}
		batches.Schema = batches.Batches[0].Schema()
		wantSkipped(t, batches, whole, 1, 2, 5)
		if r := batches.Report; len(r.Absent)+len(r.Unknown)+r.BadTotal > 0 {
			t.Errorf("%s: %v are called absent, %v unknown, %d rows bad", ext, r.Absent, r.Unknown, r.BadTotal)
		}
		if o.Skip = nil; schema.Fields[5].Kind != Numeric {
			t.Fatal("the caller's schema has been changed")
		}
		if _, err := Read(context.Background(), path, o); err == nil {
			t.Errorf("%s: read all, the bad row is not noticed", ext)
		}
	}
}

// wantSkipped holds got against the table that was read whole, of which some columns were to be skipped.
func wantSkipped(t *testing.T, got, whole *Table, skipped ...int) {
	t.Helper()
	want := &Table{Schema: &Schema{Nulls: whole.Schema.Nulls, Fields: append([]Field(nil), whole.Schema.Fields...)}}
	for _, i := range skipped {
		want.Schema.Fields[i] = Field{Name: whole.Schema.Fields[i].Name}
	}
	for _, b := range whole.Batches {
		columns := append([]Column(nil), b.columns...)
		for _, i := range skipped {
			columns[i] = Column{}
		}
		nb, err := NewBatch(want.Schema, b.rows, columns)
		if err != nil {
			t.Fatal(err)
		}
		want.Batches = append(want.Batches, nb)
	}
	sameTable(t, got, want)
	for i, f := range want.Schema.Fields {
		if g := got.Schema.Fields[i]; g.Name != f.Name || (g.Kind == Unknown) != (f.Kind == Unknown) {
			t.Errorf("column %d is %q (%v), want %q (%v)", i, g.Name, g.Kind, f.Name, f.Kind)
		}
	}
}

func TestSkippedNestedColumns(t *testing.T) {
	for _, file := range []string{"nested.parquet", "nested.feather"} {
		table, err := Read(context.Background(), filepath.Join("testdata", file), ReadOptions{Skip: []string{"list", "struct"}})
		if err != nil {
			t.Errorf("%s: nested columns that are skipped: %v", file, err)
			continue
		}
		if i := table.Schema.Index("ok"); i < 0 || columnValues(table, i)[0] != Number(1) {
			t.Errorf("%s: the column beside them is not read", file)
		}
	}
}
