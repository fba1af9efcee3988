package datasets

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tempFile writes a file of a test and returns its path.
func tempFile(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rowsOf reads a table out as one text a row, cells parted by "|", a missing cell as "-".
func rowsOf(t *Table) []string {
	var rows []string
	cells := make([]Value, len(t.Schema.Fields))
	for _, b := range t.Batches {
		for r := range b.Rows() {
			b.Row(r, cells)
			var texts []string
			for i, v := range cells {
				switch v.Kind {
				case Unknown:
					texts = append(texts, "-")
				case Numeric:
					texts = append(texts, string(appendNumber(nil, v.Num)))
				case Boolean:
					texts = append(texts, map[float64]string{0: "no", 1: "yes"}[v.Num])
				case Time:
					texts = append(texts, string(appendTime(nil, v.Time, t.Schema.Fields[i].Layout, true)))
				default:
					texts = append(texts, v.Str)
				}
			}
			rows = append(rows, strings.Join(texts, "|"))
		}
	}
	return rows
}

func wantRows(t *testing.T, table *Table, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(table); !slices.Equal(got, want) {
		t.Errorf("rows:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestCSVAsCRMsExportIt(t *testing.T) {
	for name, c := range map[string]struct {
		content   string
		delimiter string
		rows      []string
	}{
		"comma":                           {"a,b\n1,x\n2,y\n", ",", []string{"1|x", "2|y"}},
		"semicolon":                       {"a;b;c\n1,5;x;1\n2,5;y;2\n", ";", []string{"1.5|x|1", "2.5|y|2"}},
		"tab":                             {"a\tb\n1\tx y\n\tz, w\n", "\t", []string{"1|x y", "-|z, w"}},
		"pipe":                            {"a|b\n1|x\n2|y\n", "|", []string{"1|x", "2|y"}},
		"a comma in one name of many":     {"name, first;age;city\nMeier, Hans;33;Ulm\nHuber, Eva;27;Wien\n", ";", []string{"Meier, Hans|33|Ulm", "Huber, Eva|27|Wien"}},
		"Excel's separator line":          {"sep=;\r\na;b\r\n1;2\r\n", ";", []string{"1|2"}},
		"one column":                      {"a\nx\ny\n", ",", []string{"x", "y"}},
		"more of another in the names":    {"a|b|c,d\n1,2\n3,4\n5,6\n", ",", []string{"1|2", "3|4", "5|6"}},
		"quotes":                          {"a,b\n\"x, \"\"y\"\"\",\"\"\n\"\",z\n", ",", []string{`x, "y"|-`, "-|z"}},
		"quoted line ends":                {"a,b\n\"x\ny\",1\n\"x\r\ny\",2\n", ",", []string{"x\ny|1", "x\ny|2"}},
		"quoted names":                    {"\"a,\n1\",\"b\"\nx,2\n", ",", []string{"x|2"}},
		"spaces":                          {" a , b \n x , 1\n \"y\" ,2 \n  ,\u00a03\n", ",", []string{"x|1", "y|2", "-|3"}},
		"Windows line ends":               {"a,b\r\nx,1\r\n\r\ny,2\r\n", ",", []string{"x|1", "y|2"}},
		"Macintosh line ends":             {"a,b\rx,1\ry,2\r", ",", []string{"x|1", "y|2"}},
		"no line end at the end":          {"a,b\nx,1\ny,2", ",", []string{"x|1", "y|2"}},
		"blank lines":                     {"\n\na,b\n\nx,1\n\n\ny,2\n\n", ",", []string{"x|1", "y|2"}},
		"missing":                         {"a,b,c\nNA,Select,x\n1,n/a,null\n", ",", []string{"-|-|x", "1|n/a|-"}},
		"a carriage return inside a line": {"a,b\nx\ry,1\n", ",", []string{"x\ry|1"}},
		"an empty last column":            {"a,b\nx,\ny,\n", ",", []string{"x|-", "y|-"}},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := Read(t.Context(), tempFile(t, "f.csv", c.content), ReadOptions{})
			wantRows(t, table, err, c.rows...)
			if table.Report.Delimiter != c.delimiter {
				t.Errorf("delimiter %q, want %q", table.Report.Delimiter, c.delimiter)
			}
		})
	}
}

func TestBadCSVRows(t *testing.T) {
	path := tempFile(t, "f.csv", "a,b\n1,x\n2\n\"3\n3\",x,y\n4,y\n5\",z\n\"6\"6,z\n7,\"open\n8,z\n9,\x00\n")
	want := "reading " + path + ": 6 bad rows of 9; nothing was read: " +
		"line 3: 1 field, want 2; " +
		"line 4: 3 fields, want 2; " +
		"line 7: " + reasonBareQuote + "; " +
		"line 8: " + reasonAfter + "; " +
		"line 9: " + reasonUnclosed + "; " +
		"line 11: a NUL byte; this is no text"
	// The NUL would make the whole file binary if it stood in its head, so the head is made short.
	o := ReadOptions{chunkSize: 64, headSize: 16}
	_, err := Read(t.Context(), path, o)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	o.BadRows = SkipBadRows
	table, err := Read(t.Context(), path, o)
	wantRows(t, table, err, "1|x", "4|y", "8|z")
	if table.Report.BadTotal != 6 || len(table.Report.Bad) != 6 {
		t.Errorf("report: %+v", table.Report)
	}
}

func TestUnreadableForcedCellsAreBadRows(t *testing.T) {
	path := tempFile(t, "f.csv", "n,b,d,x\n1,yes,01/02/2024,0\ninf,yes,,1\nNaN,maybe,13/13/2024,q\nn/a,no,01/02/2024,5\n")
	force := map[string]Field{"n": {Kind: Numeric}, "b": {Kind: Boolean}, "d": {Kind: Time, Layout: layoutDMY}}
	_, err := Read(t.Context(), path, ReadOptions{Force: force})
	for _, want := range []string{
		`3 bad rows of 4`, `line 3: column "n": not a number: "inf"`, `line 4: column "b": not yes or no: "maybe"`,
		`column "d": not a time: "13/13/2024"; want dd/mm/yyyy`, `line 5: column "n": not a number: "n/a"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
	// A row that is left out is no evidence either: x is numeric without its "q".
	for _, size := range []int{0, 8, 64} {
		table, err := Read(t.Context(), path, ReadOptions{Force: force, BadRows: SkipBadRows, chunkSize: size, headSize: size})
		wantRows(t, table, err, "1|yes|01/02/2024|0")
		if table.Schema.Fields[3].Kind != Numeric {
			t.Errorf("x is %v", table.Schema.Fields[3].Kind)
		}
	}
	// Lines are those of the file, whatever was left out before.
	path = tempFile(t, "f.csv", "n,x\n1,2\nq,3\n4,\"a\"\"\"\n")
	table, err := Read(t.Context(), path, ReadOptions{Force: map[string]Field{"n": {Kind: Numeric}}, BadRows: SkipBadRows})
	wantRows(t, table, err, "1|2", "4|a\"")
	if got := table.Report.Inferred[0]; got.Line != 4 || got.Text != "a\"" {
		t.Errorf("what decided: %+v", got)
	}
}

func TestFilesThatAreNoTables(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"empty":               {"f.csv", "", "the file is empty"},
		"blank":               {"f.csv", " \n\n", "the file is empty"},
		"only a mark":         {"f.csv", "\xef\xbb\xbf", "the file is empty"},
		"header only":         {"f.csv", "a,b\n", "column names and no rows"},
		"header and blanks":   {"f.csv", "a,b\r\n\r\n", "column names and no rows"},
		"one name only":       {"f.csv", "a\n", "column names and no rows"},
		"doubled names":       {"f.csv", "a,b,a,c,b,a\n1,2,3,4,5,6\n", `columns 1, 3 and 6 are all named "a"; columns 2 and 5 are all named "b"`},
		"nameless columns":    {"f.csv", "a,,c,\n1,2,3,4\n", "column 2 has no name; column 4 has no name"},
		"open quote in names": {"f.csv", "a,\"b\n1,2\n", "a quote is opened in the column names"},
		"workbook":            {"f.csv", "PK\x03\x04etc", "an Excel workbook"},
		"parquet":             {"f.csv", "PAR1etc", "name it .parquet"},
		"binary":              {"f.csv", "a,b\n\x00\x01\x02", "NUL bytes"},
		"no gzip":             {"f.csv.gz", "a,b\n1,2\n", "the name says gzip, the content is not"},
		"no zstd":             {"f.csv.zst", "a,b\n1,2\n", "the name says zstd, the content is not"},
		"broken gzip":         {"f.csv.gz", "\x1f\x8b\x08", "unpacking gzip"},
		"unknown format":      {"f.xlsx", "x", `unknown format ".xlsx"; want .csv`},
		"no format":           {"leads", "x", "no extension"},
		"JSON array":          {"f.jsonl", `[{"a":1}]`, "a JSON array; want JSON Lines"},
		"only bad rows":       {"f.csv", "a,b\n1\n", "1 bad row of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			path := tempFile(t, c.file, c.content)
			_, err := Read(t.Context(), path, ReadOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "reading "+path+": ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "nowhere.csv")
	if _, err := Read(t.Context(), path, ReadOptions{}); err == nil || err.Error() != "reading "+path+": no such file" || !os.IsNotExist(unwrapAll(err)) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Read(t.Context(), tempFile(t, "f.csv", "a,b\n1\n"), ReadOptions{BadRows: SkipBadRows}); err == nil || !strings.Contains(err.Error(), "no row can be read") {
		t.Errorf("only bad rows, skipped: %v", err)
	}
	if err := os.Mkdir(filepath.Join(t.TempDir(), "d.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(t.Context(), t.TempDir()+"/", ReadOptions{}); err == nil {
		t.Error("a folder was read")
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = u.Unwrap()
	}
}

func TestForcedColumnsMustExist(t *testing.T) {
	path := tempFile(t, "f.csv", "revenue,b\n1,2\n")
	_, err := Read(t.Context(), path, ReadOptions{Force: map[string]Field{"revenu": {Kind: Numeric}, "b": {Kind: Time, Layout: "yyyy"}}})
	if err == nil || !strings.Contains(err.Error(), `no column is named "revenu" (did you mean "revenue"?)`) || !strings.Contains(err.Error(), `unknown layout "yyyy"`) {
		t.Errorf("got %v", err)
	}
}

// FuzzCSV reads arbitrary files: never a panic, the same table for any chunk size and number of
// workers, and the records that encoding/csv finds.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,x\n2,\"y\"\"z\"\n", "a;b\n\"1\n2\";3\n", "a,b\r\nx,\r\n,y\r\n", "a,b\n\"x\n1,2\n", "a,b\n1\n1,2,3\n\"a\"b,c\n",
		"a,b\n 1, \"x\" \n", "a\tb\n\t\n", "\xef\xbb\xbfa,b\n1,2", "\xff\xfea\x00\n\x001\x00", "a,b\ncaf\xe9,1\n", "a,b\nyes,01/02/2024\nno,31/12/2024\n",
		"a,b\n,\n,\n1.5,x\n\"\"\"\",y\n", "a,b\n1,234\n\"1,5\",\"2.000\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := tempFile(t, "f.csv", string(content))
		o := ReadOptions{BadRows: SkipBadRows, Workers: 1}
		want, err := Read(t.Context(), path, o)
		o.Workers = 3
		for _, size := range []int{1, 7, 50} {
			o.chunkSize, o.headSize = size, headSize
			got, other := Read(t.Context(), path, o)
			if (err == nil) != (other == nil) || err != nil && err.Error() != other.Error() {
				t.Fatalf("chunks of %d: %v\nwhole: %v", size, other, err)
			}
			if err == nil {
				sameReading(t, got, want)
			}
		}
		if err == nil {
			sameRecords(t, content, want)
		}
	})
}

// sameReading compares two readings of one file: cells, schema, report.
func sameReading(t *testing.T, got, want *Table) {
	t.Helper()
	sameTable(t, got, want)
	if g, w := *got.Report, *want.Report; g.Rows != w.Rows || g.BadTotal != w.BadTotal || !slices.Equal(g.Bad, w.Bad) ||
		!slices.Equal(g.Inferred, w.Inferred) || g.Delimiter != w.Delimiter || g.Encoding != w.Encoding || g.Digest != w.Digest ||
		!slices.Equal(g.Absent, w.Absent) || !slices.Equal(g.Unknown, w.Unknown) {
		t.Fatalf("report %+v, want %+v", g, w)
	}
	if !slices.Equal(got.Schema.Fields, want.Schema.Fields) {
		t.Fatalf("schema %+v, want %+v", got.Schema.Fields, want.Schema.Fields)
	}
	var g, w []string
	for i := range got.Schema.Fields {
		if got.Schema.Fields[i].Kind == Categorical {
			g = append(g, got.Batches[0].Column(i).Levels...)
			w = append(w, want.Batches[0].Column(i).Levels...)
		}
	}
	if !slices.Equal(g, w) {
		t.Fatalf("levels %q, want %q", g, w)
	}
}

// sameRecords compares the rows with those of encoding/csv, where the two mean to agree.
func sameRecords(t *testing.T, content []byte, table *Table) {
	t.Helper()
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	for _, differs := range []string{"\" ", "\"\t", "\"\v", "\"\f", "\t", "\v", "\f", "\u0085", "\u00a0", "sep=", "SEP=", "Sep="} {
		if bytes.Contains(bytes.ToLower(content), []byte(differs)) {
			return // liberties of ours, and white space that encoding/csv trims before a quote
		}
	}
	if table.Report.Encoding != encodingUTF8 || bytes.IndexByte(content, 0) >= 0 || onlyCR(content) {
		return
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma = rune(table.Report.Delimiter[0])
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	names, err := r.Read()
	if err != nil {
		return
	}
	width := len(names)
	for _, b := range table.Batches {
		for row := range b.Rows() {
			record, err := r.Read()
			for err == nil && (len(record) != width || !validRecord(record)) || err != nil && err != io.EOF {
				record, err = r.Read()
			}
			if err == io.EOF {
				// What follows a quote that is never closed is one record there, and read on here.
				if bytes.Count(content, []byte{'"'}) > 0 {
					return
				}
				t.Fatalf("encoding/csv has no row %d", row)
			}
			for i, text := range record {
				want, err := table.Schema.Parse(i, text)
				if got := b.Value(i, row); err != nil || got != want {
					t.Fatalf("row %d column %d: %+v, encoding/csv has %q (%v)", row, i, got, text, err)
				}
			}
		}
	}
}

func validRecord(record []string) bool {
	for _, s := range record {
		if strings.ToValidUTF8(s, "") != s {
			return false
		}
	}
	return true
}
