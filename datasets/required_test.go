package datasets

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// A row without a required value is bad in every format, and counted and named like any other; a file without the
// column is refused.
func TestRequiredValues(t *testing.T) {
	wide := &Schema{Fields: []Field{{Name: "id", Kind: Text}, {Name: "x", Kind: Numeric}, {Name: "at", Kind: Time}}}
	need := &Schema{Fields: []Field{{Name: "id", Kind: Text}, {Name: "x", Kind: Numeric, Required: true}, {Name: "at", Kind: Time, Required: true}}}
	b, err := NewBatch(wide, 4, []Column{
		{Kind: Text, Texts: []string{"a", "b", "c", "d"}},
		{Kind: Numeric, Numbers: []float64{1, math.NaN(), 3, math.NaN()}},
		{Kind: Time, Times: []int64{1e15, 1e15, MissingTime, MissingTime}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x.csv", "x.jsonl", "x.parquet", "x.arrow"} {
		path := filepath.Join(t.TempDir(), name)
		w, err := Create(path, wide)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(b), w.Close()); err != nil {
			t.Fatal(err)
		}
		_, err = Read(context.Background(), path, ReadOptions{Schema: need})
		bad := (*BadRowsError)(nil)
		if !errors.As(err, &bad) || bad.Total != 3 || !strings.Contains(err.Error(), `"x"`) || !strings.Contains(err.Error(), `"at"`) || !strings.Contains(err.Error(), "every row needs") {
			t.Errorf("%s: %v, want three bad rows for x and at", name, err)
		}
		got, err := Read(context.Background(), path, ReadOptions{Schema: need, BadRows: SkipBadRows})
		if err != nil || got.Rows() != 1 || got.Report.BadTotal != 3 || got.Batches[0].Column(1).Numbers[0] != 1 {
			t.Errorf("%s: skipping leaves %v, %v", name, got, err)
		}
		if got, err := Read(context.Background(), path, ReadOptions{Schema: wide}); err != nil || got.Rows() != 4 {
			t.Errorf("%s: nothing required, and %v", name, err)
		}
		other := &Schema{Fields: []Field{{Name: "id", Kind: Text}, {Name: "y", Kind: Numeric, Required: true}}}
		if _, err := Read(context.Background(), path, ReadOptions{Schema: other}); err == nil || !strings.Contains(err.Error(), `"y"`) {
			t.Errorf("%s: without the column: %v", name, err)
		}
	}
	for _, raw := range []string{"null", `""`, `" "`} {
		if _, err := need.ParseJSON(1, []byte(raw)); err == nil {
			t.Errorf("%s is a value of a required column", raw)
		}
		if v, err := wide.ParseJSON(1, []byte(raw)); err != nil || !v.Missing() {
			t.Errorf("%s: %v, %v", raw, v, err)
		}
	}
}
