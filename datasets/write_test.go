package datasets

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestNothingStandsAtThePathBeforeClose(t *testing.T) {
	defer goleak.VerifyNone(t)
	table := scoredTable(100)
	for _, name := range []string{"t.csv", "t.csv.gz", "t.jsonl.zst", "t.parquet", "t.arrow"} {
		for _, end := range []string{"close", "abort", "bad batch"} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if end == "close" {
				if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w, err := Create(path, table.Schema)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range table.Batches {
				if err := w.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := os.ReadFile(path)
			switch end {
			case "close":
				if string(before) != "what was there" {
					t.Errorf("%s: the old file is gone before the new one is whole", name)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if after, _ := os.ReadFile(path); string(after) == "what was there" {
					t.Errorf("%s: nothing was written", name)
				}
				if err := w.Write(table.Batches[0]); err == nil {
					t.Errorf("%s: written to after Close", name)
				}
			case "abort":
				w.Abort()
			case "bad batch":
				other := small(t, []Field{{Name: "x", Kind: Numeric}}, []Value{Number(1)})
				if err := w.Write(other.Batches[0]); err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("%s: %v", name, err)
				}
				if err := w.Close(); err == nil {
					t.Errorf("%s: closed as if nothing had happened", name)
				}
			}
			entries, _ := os.ReadDir(dir)
			if want := map[string]int{"close": 1}[end]; len(entries) != want {
				t.Errorf("%s after %s: %v", name, end, entries)
			}
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	one := &Schema{Fields: []Field{{Name: "x", Kind: Numeric}}}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		s    *Schema
		want string
	}{
		"t.xlsx":         {one, ".csv"},
		"t":              {one, ".csv"},
		"t.parquet.gz":   {one, "compressed inside"},
		"no/where/t.csv": {one, "no such file"},
		"d.csv":          {one, "not a plain file"},
		"t.csv":          {&Schema{}, "no columns"},
		"u.csv":          {&Schema{Fields: []Field{{Name: "x"}, {Name: "x"}}}, `"x"`},
	} {
		_, err := Create(filepath.Join(dir, path), c.s)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// The bytes depend on the rows alone: not on how they were batched, nor on the cores.
func TestBytesDependOnRowsAlone(t *testing.T) {
	table := scoredTable(140_000)
	var one []int
	for i := range 140_000 {
		one = append(one, i)
	}
	whole, err := oneBatch(table)
	if err != nil {
		t.Fatal(err)
	}
	pieces := &Table{Schema: table.Schema}
	rng := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < len(one); {
		to := min(from+1+rng.IntN(30_000), len(one))
		pieces.Batches = append(pieces.Batches, whole.Pick(one[from:to]))
		from = to
	}
	for _, name := range []string{"t.csv", "t.csv.gz", "t.csv.zst", "t.jsonl", "t.parquet", "t.arrow"} {
		var files [3][]byte
		for i, in := range []*Table{table, pieces, {Schema: table.Schema, Batches: []*Batch{whole}}} {
			path := filepath.Join(t.TempDir(), name)
			func() {
				if i == 2 {
					defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				}
				err = WriteTable(path, in)
			}()
			if err != nil {
				t.Fatal(err)
			}
			if files[i], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
			t.Errorf("%s: %d, %d and %d bytes", name, len(files[0]), len(files[1]), len(files[2]))
		}
	}
}

func written(t *testing.T, name string, table *Table) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := WriteTable(path, table); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTextOfCells(t *testing.T) {
	none := Value{}
	fields := []Field{{Name: "n", Kind: Numeric}, {Name: "a, \"b\"", Kind: Categorical}, {Name: "b", Kind: Boolean}, {Name: "day", Kind: Time}, {Name: "at", Kind: Time, Layout: "dd/mm/yyyy"}, {Name: "t", Kind: Text}}
	table := small(t, fields,
		[]Value{Number(1e6), Level("x,y"), Bool(true), at("2026-01-02T00:00:00Z"), at("2026-01-02T00:00:00Z"), Words("plain")},
		[]Value{none, none, none, none, none, none},
		[]Value{Number(0.1), Level("say \"hi\"\n"), Bool(false), at("1999-12-31T00:00:00Z"), at("2026-12-31T23:59:59.5Z"), Words(" ü ")},
	)
	if got, want := written(t, "t.csv", table), `n,"a, ""b""",b,day,at,t
1000000,"x,y",true,2026-01-02,02/01/2026,plain
,,,,,
0.1,"say ""hi""
",false,1999-12-31,31/12/2026 23:59:59.500000," ü "
`; got != want {
		t.Errorf("CSV:\n%s", got)
	}
	if got, want := written(t, "t.jsonl", table), `{"n":1000000,"a, \"b\"":"x,y","b":true,"day":"2026-01-02","at":"02/01/2026","t":"plain"}
{"n":null,"a, \"b\"":null,"b":null,"day":null,"at":null,"t":null}
{"n":0.1,"a, \"b\"":"say \"hi\"\n","b":false,"day":"1999-12-31","at":"31/12/2026 23:59:59.500000","t":" ü "}
`; got != want {
		t.Errorf("JSON Lines:\n%s", got)
	}
	comma := small(t, []Field{{Name: "n", Kind: Numeric, DecimalComma: true}, {Name: "c", Kind: Categorical}}, []Value{Number(1234.5), Level("a;b")}, []Value{Number(-2), Level("a,b")})
	if got, want := written(t, "t.csv", comma), "n;c\n1234,5;\"a;b\"\n-2;a,b\n"; got != want {
		t.Errorf("decimal comma:\n%s", got)
	}
	lone := small(t, []Field{{Name: "n", Kind: Numeric}}, []Value{none}, []Value{Number(3)})
	if got, want := written(t, "t.csv", lone), "n\n\"\"\n3\n"; got != want {
		t.Errorf("a single missing cell:\n%q", got)
	}
	if got, want := written(t, "t.tsv", table), "n\t\"a, \"\"b\"\"\"\tb\tday\tat\tt\n"; !strings.HasPrefix(got, want) {
		t.Errorf("TSV:\n%s", got)
	}
}

// The standard library reads what is written, whatever stands in the cells.
func TestOthersReadWhatIsWritten(t *testing.T) {
	for seed := range uint64(20) {
		table := randomTable(rand.New(rand.NewPCG(seed, 9)))
		for i := range table.Schema.Fields {
			table.Schema.Fields[i].DecimalComma = false
		}
		records, err := csv.NewReader(strings.NewReader(written(t, "t.csv", table))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(written(t, "t.jsonl", table), "\n"), "\n")
		if len(records) != table.Rows()+1 || len(lines) != table.Rows() {
			t.Fatalf("%d records, %d lines for %d rows", len(records), len(lines), table.Rows())
		}
		for c, f := range table.Schema.Fields {
			for r, v := range columnValues(table, c) {
				var object map[string]any
				if err := json.Unmarshal([]byte(lines[r]), &object); err != nil {
					t.Fatal(err)
				}
				cell, ok := object[f.Name]
				switch {
				case !ok:
					t.Fatalf("line %d has no %q", r+1, f.Name)
				case v.Missing():
					if cell != nil || records[r+1][c] != "" {
						t.Fatalf("a missing cell is %v and %q", cell, records[r+1][c])
					}
				case v.Kind == Numeric:
					x, err := strconv.ParseFloat(records[r+1][c], 64)
					if err != nil || math.Float64bits(x) != math.Float64bits(v.Num) || math.Float64bits(cell.(float64)) != math.Float64bits(v.Num) {
						t.Fatalf("%v is %q and %v", v.Num, records[r+1][c], cell)
					}
				case v.Kind == Categorical || v.Kind == Text:
					if cell != v.Str || records[r+1][c] != v.Str {
						t.Fatalf("%q is %q and %q", v.Str, records[r+1][c], cell)
					}
				}
			}
		}
	}
}

func TestAppendNumberRoundTripsAndStaysPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200_000 {
		x := randomNumber(rng)
		text := string(appendNumber(nil, x))
		if y, err := strconv.ParseFloat(text, 64); err != nil || math.Float64bits(x) != math.Float64bits(y) {
			t.Fatalf("%v became %q", x, text)
		}
		if a := math.Abs(x); a >= 1e-6 && a < 1e21 && strings.ContainsAny(text, "eE") {
			t.Fatalf("%q has an exponent", text)
		}
		if short := strconv.FormatFloat(x, 'g', -1, 64); len(strings.Trim(text, "-0.")) < len(strings.Trim(short, "-0.")) && !strings.Contains(short, "e") {
			t.Fatalf("%q lost digits of %q", text, short)
		}
	}
}

func TestAppendTimeIsThatOfTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	layouts := map[string]string{"": "2006-01-02T15:04:05", "iso": "2006-01-02T15:04:05", "dd/mm/yyyy": "02/01/2006 15:04:05", "mm/dd/yyyy": "01/02/2006 15:04:05"}
	moments := []int64{0, -1, firstMoment, lastMoment, microsPerDay, -microsPerDay}
	for range 50_000 {
		moments = append(moments, firstMoment+rng.Int64N(lastMoment-firstMoment+1))
	}
	for _, at := range moments {
		for layout, of := range layouts {
			u := time.UnixMicro(at).UTC()
			want := u.Format(of)
			if u.Nanosecond() != 0 {
				want = u.Format(of + ".000000")
			}
			if layout == "" || layout == "iso" {
				want += "Z"
			}
			if got := string(appendTime(nil, at, layout, false)); got != want {
				t.Fatalf("%d in %q is %q, want %q", at, layout, got, want)
			}
			day := at - ((at%microsPerDay)+microsPerDay)%microsPerDay
			if got := string(appendTime(nil, day, layout, true)); got != u.Format(strings.FieldsFunc(of, func(r rune) bool { return r == 'T' || r == ' ' })[0]) {
				t.Fatalf("the day of %d in %q is %q", at, layout, got)
			}
		}
	}
}

// A column of moments has one format even when one of them falls on midnight; a column of dates stays one.
func TestMidnightAmongMomentsKeepsItsTime(t *testing.T) {
	table := small(t, []Field{{Name: "at", Kind: Time}, {Name: "day", Kind: Time}},
		[]Value{{}, {}}, []Value{{}, {}},
		[]Value{at("2026-01-02T10:00:00Z"), at("2026-01-02T00:00:00Z")}, []Value{at("2026-01-03T00:00:00Z"), at("2026-01-03T00:00:00Z")},
		[]Value{at("2026-01-04T00:00:00Z"), at("2026-01-04T00:00:00Z")})
	lines := strings.Split(written(t, "t.csv", table), "\n")
	if want := []string{"at,day", ",", ",", "2026-01-02T10:00:00Z,2026-01-02", "2026-01-03T00:00:00Z,2026-01-03", "2026-01-04T00:00:00Z,2026-01-04", ""}; !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

// A disk that fails half-way ends in an error and leaves nothing. The Arrow library passes over
// some errors of its sink; the buffer under it does not.
func TestFailingDiskIsAnError(t *testing.T) {
	table := scoredTable(200_000)
	for _, name := range []string{"t.csv", "t.csv.gz", "t.csv.zst", "t.jsonl", "t.parquet", "t.arrow"} {
		dir := t.TempDir()
		w, err := Create(filepath.Join(dir, name), table.Schema)
		if err != nil {
			t.Fatal(err)
		}
		var file *pendingFile
		switch w := w.(*checkedWriter).w.(type) {
		case *textWriter:
			file = w.file
		case *parquetWriter:
			file = w.file
		case *arrowWriter:
			file = w.file
		}
		if err := file.f.Close(); err != nil {
			t.Fatal(err)
		}
		for _, b := range table.Batches {
			if err = w.Write(b); err != nil {
				break
			}
		}
		if e := w.Close(); e == nil {
			t.Errorf("%s: closed as if it were written (write said %v)", name, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("%s: left %v", name, entries)
		}
	}
}
