package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func at(s string) Value {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return At(t.UnixMicro())
}

// The cells that testdata/columnar.py wrote with pyarrow, and the kind each type reads as.
var typedCells = map[string][3]Value{
	"i8":       {Number(-8), {}, Number(127)},
	"i16":      {Number(-16), {}, Number(32767)},
	"i32":      {Number(-32), {}, Number(2147483647)},
	"i64":      {Number(-64), {}, Number(123456789012345678)},
	"u8":       {Number(8), {}, Number(255)},
	"u16":      {Number(16), {}, Number(65535)},
	"u32":      {Number(32), {}, Number(4294967295)},
	"u64":      {Number(64), {}, Number(18446744073709551615)},
	"f32":      {Number(0.5), {}, {}},
	"f64":      {Number(0.1), {}, {}},
	"decimal":  {Number(0.07), {}, Number(-12345.6)},
	"bool":     {Bool(true), {}, Bool(false)},
	"string":   {Level("web"), {}, Level("größe")},
	"large":    {Level("web"), {}, Level("漢字")},
	"binary":   {Level("web"), {}, Level("mail")},
	"dict":     {Level("b"), {}, Level("a")},
	"nulltext": {},
	"date32":   {at("2026-01-02T00:00:00Z"), {}, at("1969-12-31T00:00:00Z")},
	"date64":   {at("2026-01-02T00:00:00Z"), {}, at("1969-12-31T00:00:00Z")},
	"ts_ms":    {at("2023-11-14T22:13:20.123Z"), {}, at("1969-12-31T23:59:59.999Z")},
	"ts_us":    {at("2023-11-14T22:13:20.123456Z"), {}, at("1969-12-31T23:59:59.999999Z")},
	"ts_ns":    {at("2023-11-14T22:13:20.123456Z"), {}, at("1969-12-31T23:59:59.999999Z")},
	"ts_tz":    {at("2023-11-14T22:13:20.123456Z"), {}, at("1969-12-31T23:59:59.999999Z")},
	"ts_s":     {at("2023-11-14T22:13:20Z"), {}, at("1969-12-31T23:59:59Z")},
	"time":     {Number(3601), {}, Number(0.5)},
	"null":     {},
	"half":     {Number(0.5), {}, Number(2)},
	"duration": {Number(1.5), {}, Number(-0.001)},
	"numbers":  {Number(30), {}, Number(10)},
	"uuid":     {Level("00000000-0000-0000-0000-000000000001"), {}, Level("ffffffff-ffff-ffff-ffff-ffffffffffff")},
}

var typedKinds = map[string]Kind{"nulltext": Categorical, "null": Unknown}

func TestEveryArrowTypeBecomesItsKind(t *testing.T) {
	for file, repeats := range map[string]int{"types.parquet": 1, "types_v2.parquet": 1, "types_lz4.feather": 1, "types_stream.arrows": 2} {
		t.Run(file, func(t *testing.T) {
			table, err := readColumnar(context.Background(), filepath.Join("testdata", file), ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if table.Rows() != 3*repeats {
				t.Fatalf("%d rows", table.Rows())
			}
			for c, f := range table.Schema.Fields {
				cells, known := typedCells[f.Name]
				if !known {
					t.Fatalf("column %q is not in the list", f.Name)
				}
				want, special := typedKinds[f.Name]
				if !special {
					want = cells[0].Kind
				}
				if f.Kind != want {
					t.Errorf("column %q is %v, want %v", f.Name, f.Kind, want)
				}
				for r, v := range columnValues(table, c) {
					if v != cells[r%3] {
						t.Errorf("column %q row %d: %+v, want %+v", f.Name, r+1, v, cells[r%3])
					}
				}
			}
			if d := table.Report.Digest; len(d) != 64 {
				t.Errorf("digest %q", d)
			}
		})
	}
}

func TestForcedKindsGoThroughParse(t *testing.T) {
	cases := map[string]struct {
		field Field
		want  [3]Value
	}{
		"i64":     {Field{Kind: Text}, [3]Value{Words("-64"), {}, Words("123456789012345678")}},
		"i32":     {Field{Kind: Categorical}, [3]Value{Level("-32"), {}, Level("2147483647")}},
		"f64":     {Field{Kind: Categorical}, [3]Value{Level("0.1"), {}, {}}},
		"decimal": {Field{Kind: Text}, [3]Value{Words("0.07"), {}, Words("-12345.6")}},
		"bool":    {Field{Kind: Categorical}, [3]Value{Level("true"), {}, Level("false")}},
		"date32":  {Field{Kind: Text}, [3]Value{Words("2026-01-02"), {}, Words("1969-12-31")}},
		"ts_ms":   {Field{Kind: Text}, [3]Value{Words("2023-11-14T22:13:20.123000Z"), {}, Words("1969-12-31T23:59:59.999000Z")}},
		"string":  {Field{Kind: Text}, [3]Value{Words("web"), {}, Words("größe")}},
		"dict":    {Field{Kind: Text}, [3]Value{Words("b"), {}, Words("a")}},
	}
	for _, file := range []string{"types.parquet", "types_lz4.feather"} {
		force := map[string]Field{}
		for name, c := range cases {
			force[name] = c.field
		}
		table, err := readColumnar(context.Background(), filepath.Join("testdata", file), ReadOptions{Force: force})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range cases {
			i := table.Schema.Index(name)
			if table.Schema.Fields[i].Kind != c.field.Kind {
				t.Errorf("%s: column %q is %v", file, name, table.Schema.Fields[i].Kind)
			}
			for r, v := range columnValues(table, i) {
				if v != c.want[r] {
					t.Errorf("%s: column %q row %d: %+v, want %+v", file, name, r+1, v, c.want[r])
				}
			}
		}
	}
	// yes/no as a number is 0 and 1: a label column is written either way
	s := &Schema{Fields: []Field{{Name: "bool", Kind: Numeric}}}
	table, err := readColumnar(context.Background(), "testdata/types.parquet", ReadOptions{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	if v := columnValues(table, 0); v[0] != Number(1) || !v[1].Missing() || v[2] != Number(0) {
		t.Errorf("bool as numbers: %v", v)
	}
}

func TestSchemaPicksColumnsByName(t *testing.T) {
	s := &Schema{Fields: []Field{{Name: "bool", Kind: Boolean}, {Name: "elsewhere", Kind: Time}, {Name: "i8", Kind: Numeric}}}
	for _, file := range []string{"types.parquet", "types_lz4.feather"} {
		table, err := readColumnar(context.Background(), filepath.Join("testdata", file), ReadOptions{Schema: s})
		if err != nil {
			t.Fatal(err)
		}
		if v := columnValues(table, 2); v[0] != Number(-8) {
			t.Errorf("%s: i8 is %v", file, v)
		}
		for _, v := range columnValues(table, 1) {
			if !v.Missing() {
				t.Errorf("%s: a column that the file lacks has %v", file, v)
			}
		}
		if r := table.Report; len(r.Absent) != 1 || r.Absent[0] != "elsewhere" || len(r.Unknown) < 20 {
			t.Errorf("%s: report %+v", file, r)
		}
	}
}

func TestBadCellsFollowThePolicy(t *testing.T) {
	const path = "testdata/infinite.parquet"
	_, err := readColumnar(context.Background(), path, ReadOptions{})
	if err == nil || !strings.Contains(err.Error(), "2 bad rows of 4") || !strings.Contains(err.Error(), `line 2: column "x"`) {
		t.Errorf("error %v", err)
	}
	table, err := readColumnar(context.Background(), path, ReadOptions{BadRows: SkipBadRows})
	if err != nil {
		t.Fatal(err)
	}
	if v := columnValues(table, 1); len(v) != 2 || v[0] != Level("a") || v[1] != Level("c") {
		t.Errorf("kept %v", v)
	}
	if r := table.Report; r.Rows != 2 || r.BadTotal != 2 || r.Bad[1].Line != 4 {
		t.Errorf("report %+v", r)
	}
	if _, err = readColumnar(context.Background(), path, ReadOptions{BadRows: SkipBadRows, MaxBadRows: 1}); err == nil {
		t.Error("two bad rows where one may be skipped")
	}
	s := &Schema{Fields: []Field{{Name: "t", Kind: Numeric}}}
	r, err := openColumnar(context.Background(), path, ReadOptions{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err = r.Next(); err == nil || !strings.Contains(err.Error(), "4 bad rows") || !strings.Contains(err.Error(), `not a number: "a"`) {
		t.Errorf("error %v", err)
	}
}

func TestNestedColumnsAreNamed(t *testing.T) {
	for _, file := range []string{"nested.parquet", "nested.feather"} {
		path := filepath.Join("testdata", file)
		_, err := readColumnar(context.Background(), path, ReadOptions{})
		if err == nil || !strings.Contains(err.Error(), `"list"`) || !strings.Contains(err.Error(), `"struct"`) || strings.Contains(err.Error(), `"ok"`) {
			t.Errorf("%s: error %v", file, err)
		}
		s := &Schema{Fields: []Field{{Name: "ok", Kind: Numeric}}}
		table, err := readColumnar(context.Background(), path, ReadOptions{Schema: s})
		if err != nil {
			t.Errorf("%s: a nested column that nobody wants: %v", file, err)
		} else if v := columnValues(table, 0); v[0] != Number(1) {
			t.Errorf("%s: %v", file, v)
		}
	}
}

func TestRowGroupsAndPlainFallback(t *testing.T) {
	for _, workers := range []int{1, 7} {
		table, err := readColumnar(context.Background(), "testdata/groups.parquet", ReadOptions{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if table.Rows() != 600 || len(table.Batches) != 3 {
			t.Fatalf("%d rows in %d batches", table.Rows(), len(table.Batches))
		}
		ids, few := columnValues(table, 0), columnValues(table, 1)
		for i := range ids {
			want := Value{}
			if i%5 != 0 {
				want = Level(fmt.Sprintf("level %d", i%7))
			}
			if ids[i] != Level(fmt.Sprintf("lead-%04d", i)) || few[i] != want {
				t.Fatalf("row %d: %v %v", i+1, ids[i], few[i])
			}
		}
	}
}

// A stream and a whole read give the same batches, whatever the number of workers, and the
// batches of one row group share their levels.
func TestStreamEqualsWholeRead(t *testing.T) {
	table := scoredTable(150_000)
	for _, ext := range []string{".parquet", ".arrow"} {
		path := filepath.Join(t.TempDir(), "t"+ext)
		if err := WriteTable(path, table); err != nil {
			t.Fatal(err)
		}
		whole, err := readColumnar(context.Background(), path, ReadOptions{Schema: table.Schema, Workers: 3})
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, whole, table)
		for _, workers := range []int{1, 4} {
			r, err := openColumnar(context.Background(), path, ReadOptions{Schema: table.Schema, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			streamed := &Table{Schema: table.Schema}
			for {
				b, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				streamed.Batches = append(streamed.Batches, b)
			}
			if r.Report().Rows != 150_000 {
				t.Errorf("report %+v", r.Report())
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if len(streamed.Batches) != len(whole.Batches) {
				t.Fatalf("%s: %d batches, want %d", ext, len(streamed.Batches), len(whole.Batches))
			}
			for i := range streamed.Batches {
				if n := streamed.Batches[i].Rows(); n != whole.Batches[i].Rows() || n > 65_536 {
					t.Errorf("%s: batch %d has %d rows, want %d", ext, i, n, whole.Batches[i].Rows())
				}
			}
			sameTable(t, streamed, table)
		}
		if ext == ".parquet" {
			a, b := whole.Batches[0].Column(4).Levels, whole.Batches[1].Column(4).Levels
			if &a[0] != &b[0] {
				t.Error("batches of one row group have levels of their own")
			}
		}
	}
}

func TestNullNumbersAreMissingAsTheirTextsAre(t *testing.T) {
	s := &Schema{Fields: []Field{{Name: "x", Kind: Numeric}}, Nulls: []string{"", "-1", "999"}}
	b, _ := NewBatch(s, 3, []Column{{Kind: Numeric, Numbers: []float64{-1, 5, 999}}})
	path := filepath.Join(t.TempDir(), "t.parquet")
	if err := WriteTable(path, &Table{Schema: s, Batches: []*Batch{b}}); err != nil {
		t.Fatal(err)
	}
	table, err := readColumnar(context.Background(), path, ReadOptions{Nulls: s.Nulls})
	if err != nil {
		t.Fatal(err)
	}
	if x := table.Batches[0].Column(0).Numbers; !math.IsNaN(x[0]) || x[1] != 5 || !math.IsNaN(x[2]) {
		t.Errorf("%v", x)
	}
}

func TestCancelledReadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := readColumnar(ctx, "testdata/groups.parquet", ReadOptions{}); err == nil {
		t.Error("read on")
	}
}

// Damaged files end in an error or in a table, never in a panic, whatever is wrong with them.
// The fuzz targets look further.
func TestDamagedFilesAreErrors(t *testing.T) {
	for _, name := range []string{"types.parquet", "types_v2.parquet", "groups.parquet", "types_lz4.feather", "types_stream.arrows"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		refused := 0
		for seed := range uint64(60) {
			rng := rand.New(rand.NewPCG(seed, 4))
			damaged := slices.Clone(data)
			switch seed % 3 {
			case 0: // cut off
				damaged = damaged[:rng.IntN(len(damaged))]
			case 1: // bytes changed
				for range 1 + rng.IntN(8) {
					damaged[rng.IntN(len(damaged))] = byte(rng.IntN(256))
				}
			case 2: // lengths and offsets that point nowhere, near the end where the metadata stands
				i := len(damaged) - 4 - rng.IntN(min(len(damaged)-4, 1200))
				copy(damaged[i:], [][]byte{{0xff, 0xff, 0xff, 0x7f}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0x80}, {0, 0, 0, 0}}[rng.IntN(4)])
			}
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			table, err := readColumnar(context.Background(), path, ReadOptions{})
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), path) {
					t.Errorf("%v does not name the file", err)
				}
				continue
			}
			for c := range table.Schema.Fields {
				columnValues(table, c)
			}
		}
		if refused < 20 {
			t.Errorf("%s: %d of 60 damaged files were refused", name, refused)
		}
	}
	for name, content := range map[string]string{"empty.parquet": "", "text.parquet": "a,b\n1,2\n", "text.arrow": "a,b\n1,2\n", "empty.arrow": "", "short.arrow": "ARROW1"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(context.Background(), path, ReadOptions{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(context.Background(), "testdata/nowhere.parquet", ReadOptions{}); err == nil || strings.Count(err.Error(), "nowhere") != 1 {
		t.Errorf("a file that is not there: %v", err)
	}
}
