package datasets

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// drain reads a Reader to its end.
func drain(t *testing.T, path string, o ReadOptions) (*Table, error) {
	t.Helper()
	r, err := Open(t.Context(), path, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	table := &Table{Schema: o.Schema, Report: r.Report()}
	for {
		b, err := r.Next()
		if errors.Is(err, io.EOF) {
			if _, again := r.Next(); !errors.Is(again, io.EOF) {
				t.Errorf("after the end: %v", again)
			}
			return table, nil
		}
		if err != nil {
			if _, again := r.Next(); again == nil || again.Error() != err.Error() {
				t.Errorf("after %v: %v", err, again)
			}
			return table, err
		}
		table.Batches = append(table.Batches, b)
	}
}

func TestOpenGivesTheRowsOfRead(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, name := range []string{"f.csv", "f.jsonl"} {
		path := tempFile(t, "leads.csv", string(referenceCSV(3000)))
		whole, err := Read(t.Context(), path, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if name == "f.jsonl" {
			path = tempFile(t, name, "")
			if err := WriteTable(path, whole); err != nil {
				t.Fatal(err)
			}
		}
		var first []int
		for _, o := range []ReadOptions{{Workers: 1}, {Workers: 8}, {Workers: 2, chunkSize: 5000, headSize: 1000}, {Workers: 8, chunkSize: 5000, headSize: 1000}} {
			o.Schema = whole.Schema
			table, err := drain(t, path, o)
			if err != nil {
				t.Fatal(err)
			}
			sameTable(t, table, whole)
			if table.Report.Rows != 3000 || table.Report.Unknown != nil || table.Report.Absent != nil || table.Report.Encoding != encodingUTF8 {
				t.Errorf("report: %+v", table.Report)
			}
			var sizes []int
			for _, b := range table.Batches {
				sizes = append(sizes, b.Rows())
			}
			if o.Workers == 2 {
				first = sizes
			} else if o.chunkSize > 0 && !slices.Equal(sizes, first) {
				t.Errorf("batches of %v rows on 8 workers, of %v on 2", sizes, first)
			}
		}
	}
}

func TestFixedSchemaFindsColumnsByName(t *testing.T) {
	schema := &Schema{Nulls: []string{"-"}, Fields: []Field{
		{Name: "n", Kind: Numeric}, {Name: "gone", Kind: Categorical}, {Name: "t", Kind: Text}, {Name: "lost", Kind: Numeric}, {Name: "void"}, {Name: "when", Kind: Time}, {Name: "ok", Kind: Boolean}, {Name: "s", Kind: Text}}}
	want := []string{"1|-|007|-|-|-|-|-", "-|-|NA|-|-|-|-|-"}
	for name, content := range map[string]string{
		"f.csv":   "extra,t,n,void,more\nq,007,1,w,z\n,NA,-,,\n",
		"f.jsonl": `{"extra":"q","t":"007","n":1,"void":"w"}` + "\n" + `{"t":"NA","n":"-","more":true}` + "\n",
	} {
		for _, read := range []func() (*Table, error){
			func() (*Table, error) {
				return Read(t.Context(), tempFile(t, name, content), ReadOptions{Schema: schema})
			},
			func() (*Table, error) {
				return drain(t, tempFile(t, name, content), ReadOptions{Schema: schema, chunkSize: 20, headSize: 20})
			},
		} {
			table, err := read()
			wantRows(t, table, err, want...)
			if r := table.Report; !slices.Equal(r.Unknown, []string{"extra", "more"}) || !slices.Equal(r.Absent, []string{"gone", "lost", "when", "ok", "s"}) {
				t.Errorf("%s: unknown %q, absent %q", name, r.Unknown, r.Absent)
			}
		}
	}
	_, err := Open(t.Context(), tempFile(t, "f.csv", "a;b\n1;2\n"), ReadOptions{Schema: schema})
	if err == nil || !strings.Contains(err.Error(), `none of its columns ("a", "b") is wanted; want "n", "gone"`) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), tempFile(t, "f.csv", "a\n1\n"), ReadOptions{}); err == nil || !strings.Contains(err.Error(), "needs a schema") {
		t.Errorf("got %v", err)
	}
}

func TestOpenCountsBadRows(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range 1000 {
		switch i % 10 {
		case 5:
			fmt.Fprintf(&b, "%d\n", i)
		case 6:
			fmt.Fprintf(&b, "%d,x\n", i)
		default:
			fmt.Fprintf(&b, "%d,%d\n", i, i)
		}
	}
	schema := &Schema{Fields: []Field{{Name: "a", Kind: Numeric}, {Name: "b", Kind: Numeric}}}
	path := tempFile(t, "f.csv", b.String())
	o := ReadOptions{Schema: schema, chunkSize: 100, headSize: 50}
	_, err := drain(t, path, o)
	var bad *BadRowsError
	if !errors.As(err, &bad) || bad.Total != 200 || bad.Rows != 1000 || len(bad.Bad) != 20 {
		t.Fatalf("got %v", err)
	}
	if want := (BadRow{7, "1 field, want 2"}); bad.Bad[0] != want {
		t.Errorf("the first is %+v, want %+v", bad.Bad[0], want)
	}
	if want := (BadRow{8, `column "b": not a number: "x"; want digits with a decimal point, such as 1234.5 or 1,234.5`}); bad.Bad[1] != want {
		t.Errorf("the second is %+v, want %+v", bad.Bad[1], want)
	}
	if last := bad.Bad[19]; last.Line != 98 {
		t.Errorf("the twentieth is on line %d, want 98", last.Line)
	}
	o.BadRows, o.MaxBadRows = SkipBadRows, 200
	table, err := drain(t, path, o)
	if err != nil || table.Rows() != 800 || table.Report.BadTotal != 200 {
		t.Errorf("%d rows, %+v, %v", table.Rows(), table.Report, err)
	}
	o.MaxBadRows = 199
	if _, err = drain(t, path, o); !errors.As(err, &bad) || !strings.Contains(err.Error(), "200 bad rows of 1000, more than the 199 allowed") {
		t.Errorf("got %v", err)
	}
}

// Closing in the middle stops all goroutines.
func TestCloseInTheMiddle(t *testing.T) {
	defer goleak.VerifyNone(t)
	path := tempFile(t, "f.csv", string(referenceCSV(2000)))
	schema := &Schema{Fields: []Field{{Name: "lead_id", Kind: Numeric}}}
	r, err := Open(t.Context(), path, ReadOptions{Schema: schema, chunkSize: 500, headSize: 500, Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Next(); err == nil {
		t.Error("a closed file was read")
	}
}

// Two levels that only collide, many levels, long ones, and nulls among them.
func TestLevelsOfManyChunks(t *testing.T) {
	var b strings.Builder
	b.WriteString("short;long;id\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "%c%d;a long level number %d;%08x-%08x\n", 'a'+i%3, i%700, i*7%900, i*2654435761%(1<<32), i)
		if i%50 == 0 {
			b.WriteString("NA;Select;null\n")
		}
	}
	path := tempFile(t, "f.csv", b.String())
	table, err := Read(t.Context(), path, ReadOptions{chunkSize: 4000, headSize: 4000})
	if err != nil {
		t.Fatal(err)
	}
	row := 0
	seen := [3][]string{}
	known := [3]map[string]bool{{}, {}, {}}
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n")[1:] {
		for c, text := range strings.Split(line, ";") {
			want, _ := table.Schema.Parse(c, text)
			if got := columnValueAt(table, c, row); got != want {
				t.Fatalf("row %d: %+v, want %+v", row, got, want)
			}
			if !want.Missing() && !known[c][text] {
				known[c][text] = true
				seen[c] = append(seen[c], text)
			}
		}
		row++
	}
	for c := range seen {
		for _, batch := range table.Batches {
			if !slices.Equal(batch.Column(c).Levels, seen[c]) {
				t.Fatalf("column %d: the levels are not those of the file in the order of their appearance", c)
			}
		}
	}
}

func columnValueAt(t *Table, column, row int) Value {
	for _, b := range t.Batches {
		if row < b.Rows() {
			return b.Value(column, row)
		}
		row -= b.Rows()
	}
	return Value{}
}
