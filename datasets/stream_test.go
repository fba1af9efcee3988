package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

var streamSchema = &Schema{Nulls: []string{"NA"}, Fields: []Field{
	{Name: "id", Kind: Text}, {Name: "few", Kind: Categorical}, {Name: "n", Kind: Numeric}, {Name: "comma", Kind: Numeric, DecimalComma: true},
	{Name: "yes", Kind: Boolean}, {Name: "at", Kind: Time}, {Name: "void"},
}}

// told is a stream row by row: the cells, or why there are none.
func told(t testing.TB, s StreamReader, err error) (rows []string, groups []int, end error) {
	t.Helper()
	n := 0
	for err == nil {
		var b *Block
		if b, err = s.Next(); err != nil {
			break
		}
		if b.Rows != b.Batch.Rows()+len(b.Refused) {
			t.Fatalf("%d rows of which %d are read and %d refused", b.Rows, b.Batch.Rows(), len(b.Refused))
		}
		good, bad := 0, 0
		for row := range b.Rows {
			if bad < len(b.Refused) && b.Refused[bad].Row == row {
				rows = append(rows, fmt.Sprint(b.Refused[bad].Why, " ", b.Refused[bad].Reason))
				bad++
				continue
			}
			cells := make([]string, len(b.Batch.Schema().Fields))
			for i := range cells {
				cells[i] = b.Batch.Value(i, good).String()
			}
			rows = append(rows, strings.Join(cells, "|"))
			good++
		}
		if n += b.Rows; b.Ends {
			groups, n = append(groups, n), 0
		}
	}
	if s != nil {
		if _, again := s.Next(); again == nil || again.Error() != err.Error() {
			t.Errorf("after %v: %v", err, again)
		}
	}
	return rows, groups, err
}

// readers gives the same bytes whole, byte by byte and in pieces, with a file's patience and eagerly.
func readers(text string) map[string]func() (io.Reader, bool) {
	out := map[string]func() (io.Reader, bool){}
	for _, eager := range []bool{false, true} {
		out[fmt.Sprint("whole ", eager)] = func() (io.Reader, bool) { return strings.NewReader(text), eager }
		out[fmt.Sprint("bytes ", eager)] = func() (io.Reader, bool) { return iotest.OneByteReader(strings.NewReader(text)), eager }
		out[fmt.Sprint("halves ", eager)] = func() (io.Reader, bool) { return iotest.HalfReader(strings.NewReader(text)), eager }
		out[fmt.Sprint("end with data ", eager)] = func() (io.Reader, bool) { return iotest.DataErrReader(strings.NewReader(text)), eager }
	}
	return out
}

func TestCSVStream(t *testing.T) {
	long := strings.Repeat("x", 120)
	for text, want := range map[string][]string{
		"id,n\na,1\r\n\n b , 2 \n\"c\"\"d\",NA":   {"a||1||||", "b||2||||", `c"d||||||`},
		"\ufeff\n\nn,id\n1,\"a\nb\"\n":            {"a\nb||1||||"},
		"id,more,yes,at\na,z,No,2026-01-02\n":     {"a||||false|2026-01-02|"},
		"id,comma\na,\"1.234,5\"\nb,1.5\n":        {"a|||1234.5|||", `0 column "comma": not a number: "1.5"; want digits with a decimal comma, such as 1234,5 or 1.234,5`},
		"id,n\na,1,2\nb\nc,x\nd\xff,1\ne,1\n":     {"1 3 fields, want 2", "1 1 field, want 2", `0 column "n": not a number: "x"; want digits with a decimal point, such as 1234.5 or 1,234.5`, "1 not UTF-8, though the file is; save it in one encoding", "e||1||||"},
		"id\n" + long + "\nb\n":                   {"2 the row is larger than 100 bytes", "b||||||"},
		"id\n" + strings.Repeat("y", 100) + "\nb": {strings.Repeat("y", 100) + "||||||", "b||||||"},
		"id\n" + strings.Repeat("y", 101) + "\nb": {"2 the row is larger than 100 bytes", "b||||||"},
		"id\n" + strings.Repeat("y", 101):         {"2 the row is larger than 100 bytes"},
		"id\na\n\"open\nb\nc" + "\n":              {"a||||||", "1 " + reasonUnclosed, "b||||||", "c||||||"},
		"id\n\"open\n" + long + "\nb\n":           {"1 " + reasonUnclosed, "2 the row is larger than 100 bytes", "b||||||"},
		"id\n\"" + long + "\n" + long + "\"\nb\n": {"2 the row is larger than 100 bytes", "2 the row is larger than 100 bytes", "b||||||"},
		"id\na\"b\nc\n\"d\"e\nf":                  {"1 " + reasonBareQuote, "c||||||", "1 " + reasonAfter, "f||||||"},
		"id,few\n\"a\" ,\" b \"\r\nx,\"y\"\r\n":   {"a|b|||||", "x|y|||||"},
		"void,id\nanything,a\n":                   {"a||||||"},
		"id":                                      nil, "id,n\n": nil, "id\n\n\r\n": nil,
	} {
		for name, open := range readers(text) {
			r, eager := open()
			s, err := ReadCSVStream(r, StreamOptions{Schema: streamSchema, MaxRow: 100, Eager: eager})
			if err != nil {
				t.Fatalf("%s: %q: %v", name, text, err)
			}
			if rows, _, end := told(t, s, err); !errors.Is(end, io.EOF) || fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", want) {
				t.Errorf("%s: %q:\ngot  %q, %v\nwant %q", name, text, rows, end, want)
			}
		}
	}
	s, err := ReadCSVStream(strings.NewReader("a,id,b\n"), StreamOptions{Schema: streamSchema})
	if err != nil || fmt.Sprint(s.Unknown()) != "[a b]" {
		t.Errorf("%v, %v", s, err)
	}
}

func TestCSVStreamHeaders(t *testing.T) {
	needy := &Schema{Fields: []Field{{Name: "id", Kind: Text}, {Name: "n", Kind: Numeric, Required: true}, {Name: "m", Kind: Numeric, Required: true}}}
	for text, want := range map[string]string{
		"": "no line of column names", "\n\n": "no line of column names", "\ufeff": "no line of column names",
		"id,id\n": `columns 1 and 2 are all named "id"`, "id,\n": "column 2 has no name", "\"id": "never closed", "i\"d\n": "a quote inside a field",
		strings.Repeat("x", 200): "more than 100 bytes", "\"" + strings.Repeat("\n", 200): "more than 100 bytes", "id\x00,n,m\n": "is no text", "id\n": `no column "n", which every row needs; there is no column "m"`,
	} {
		for name, open := range readers(text) {
			r, eager := open()
			_, err := ReadCSVStream(r, StreamOptions{Schema: needy, MaxRow: 100, Eager: eager})
			var e *StreamError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.TooLarge != strings.Contains(want, "100 bytes") {
				t.Errorf("%s: %q: %v, want %s", name, text, err, want)
			}
		}
	}
	broken := errors.New("broken")
	if _, err := ReadCSVStream(iotest.ErrReader(broken), StreamOptions{Schema: needy}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	s, err := ReadCSVStream(io.MultiReader(strings.NewReader("n,m\n1,2\n3"), iotest.ErrReader(broken)), StreamOptions{Schema: needy, Eager: true})
	if rows, _, end := told(t, s, err); !errors.Is(end, broken) || fmt.Sprint(rows) != "[|1|2]" {
		t.Errorf("%q, %v", rows, end)
	}
}

// TestStreamsAreFiles: a stream gives the cells that the file of the same bytes gives.
func TestStreamsAreFiles(t *testing.T) {
	text := referenceCSV(3000)
	whole, err := Read(t.Context(), tempFile(t, "leads.csv", string(text)), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, b := range whole.Batches {
		for row := range b.Rows() {
			cells := make([]string, len(whole.Schema.Fields))
			for i := range cells {
				cells[i] = b.Value(i, row).String()
			}
			want = append(want, strings.Join(cells, "|"))
		}
	}
	if whole.Report.Delimiter == "," {
		s, err := ReadCSVStream(bytes.NewReader(text), StreamOptions{Schema: whole.Schema})
		if rows, _, end := told(t, s, err); !errors.Is(end, io.EOF) || fmt.Sprint(rows) != fmt.Sprint(want) {
			t.Errorf("CSV: %d rows of %d, %v", len(rows), len(want), end)
		}
	} else {
		t.Error("the reference file has no commas")
	}
	for name, make := range map[string]func(*Schema) Encoder{"csv": NewCSVEncoder, "arrow": NewArrowEncoder} {
		e := make(plainSchema(whole.Schema))
		var out []byte
		for _, b := range whole.Batches {
			if out, err = e.Append(out, b); err != nil {
				t.Fatal(err)
			}
			if out, err = e.Cut(out); err != nil {
				t.Fatal(err)
			}
		}
		if out, err = e.Close(out); err != nil {
			t.Fatal(err)
		}
		o := StreamOptions{Schema: plainSchema(whole.Schema), MaxMessage: 1 << 30}
		s, err := ReadArrowStream(bytes.NewReader(out), o)
		if name == "csv" {
			s, err = ReadCSVStream(bytes.NewReader(out), o)
		}
		if rows, _, end := told(t, s, err); !errors.Is(end, io.EOF) || fmt.Sprint(rows) != fmt.Sprint(want) {
			t.Errorf("%s: %d rows of %d, %v", name, len(rows), len(want), end)
		}
	}
}

// plainSchema is a schema without the ways of one file to write numbers and times.
func plainSchema(s *Schema) *Schema {
	out := &Schema{}
	for _, f := range s.Fields {
		out.Fields = append(out.Fields, Field{Name: f.Name, Kind: f.Kind})
	}
	return out
}

// arrowOf writes a stream of one record batch with the Arrow library.
func arrowOf(t testing.TB, columns map[string]arrow.Array, o ...ipc.Option) string {
	t.Helper()
	var fields []arrow.Field
	var cells []arrow.Array
	for _, f := range append(streamSchema.Fields, Field{Name: "more"}) {
		if c, ok := columns[f.Name]; ok {
			fields, cells = append(fields, arrow.Field{Name: f.Name, Type: c.DataType(), Nullable: true}), append(cells, c)
		}
	}
	schema := arrow.NewSchema(fields, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, append(o, ipc.WithSchema(schema))...)
	if err := w.Write(array.NewRecord(schema, cells, -1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func arrowCells(t testing.TB, dt arrow.DataType, json string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, dt, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArrowStreamTypes(t *testing.T) {
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	text := arrowOf(t, map[string]arrow.Array{
		"id":    arrowCells(t, arrow.BinaryTypes.LargeString, `["a", null, "c", "d"]`),
		"few":   arrowCells(t, dictionary, `["x", "y", "x", null]`),
		"n":     arrowCells(t, arrow.PrimitiveTypes.Int32, `[1, null, -3, 4]`),
		"comma": arrowCells(t, arrow.BinaryTypes.String, `["1.234,5", "NA", "x", "2"]`),
		"yes":   arrowCells(t, arrow.FixedWidthTypes.Boolean, `[true, false, null, true]`),
		"at":    arrowCells(t, arrow.FixedWidthTypes.Date32, `["2026-01-02", null, "2026-01-03", "2026-01-04"]`),
		"void":  arrowCells(t, arrow.ListOf(arrow.PrimitiveTypes.Int8), `[[1], [], null, [2]]`),
		"more":  arrowCells(t, arrow.Null, `[null, null, null, null]`),
	}, ipc.WithZstd())
	want := []string{"a|x|1|1234.5|true|2026-01-02|", "|y|||false||", `0 column "comma": not a number: "x"; want digits with a decimal comma, such as 1234,5 or 1.234,5`, "d||4|2|true|2026-01-04|"}
	for name, open := range readers(text) {
		r, eager := open()
		s, err := ReadArrowStream(r, StreamOptions{Schema: streamSchema, Skip: []string{"void"}, Eager: eager})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if rows, _, end := told(t, s, err); !errors.Is(end, io.EOF) || fmt.Sprintf("%q", rows) != fmt.Sprintf("%q", want) || fmt.Sprint(s.Unknown()) != "[more]" {
			t.Errorf("%s:\ngot  %q, %v\nwant %q", name, rows, end, want)
		}
	}
	if _, err := ReadArrowStream(strings.NewReader(text), StreamOptions{Schema: streamSchema}); err == nil || !strings.Contains(err.Error(), `column "void": a column of type list`) {
		t.Errorf("a nested column: %v", err)
	}
	floats := arrowOf(t, map[string]arrow.Array{"n": arrowCells(t, arrow.PrimitiveTypes.Float64, `[1, 2]`)})
	infinite := strings.Replace(floats, string([]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}), string([]byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7f}), 1)
	s, err := ReadArrowStream(strings.NewReader(infinite), StreamOptions{Schema: streamSchema})
	if rows, _, _ := told(t, s, err); len(rows) != 2 || !strings.Contains(rows[0], "finite") || rows[1] != "||2||||" {
		t.Errorf("an infinity: %q", rows)
	}
}

// TestArrowStreamBounds: no length and no compression makes a message larger than it may be.
func TestArrowStreamBounds(t *testing.T) {
	numbers := make([]float64, 100_000)
	for i := range numbers {
		numbers[i] = float64(i % 3)
	}
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	b.AppendValues(numbers, nil)
	column := map[string]arrow.Array{"n": b.NewArray()}
	plain, packed := arrowOf(t, column), arrowOf(t, column, ipc.WithZstd())
	if len(packed) > 100_000 {
		t.Fatalf("%d bytes packed", len(packed))
	}
	for name, test := range map[string]struct {
		text  string
		limit int64
	}{"declared": {plain, 200_000}, "unpacked": {packed, 200_000}} {
		s, err := ReadArrowStream(strings.NewReader(test.text), StreamOptions{Schema: streamSchema, MaxMessage: test.limit})
		_, _, end := told(t, s, err)
		var e *StreamError
		if !errors.As(end, &e) || !e.TooLarge || !strings.Contains(end.Error(), "200000 bytes") {
			t.Errorf("%s: %v", name, end)
		}
	}
	many := arrowOf(t, map[string]arrow.Array{"n": array.NewNull(maxRecordRows + 1)})
	s, err := ReadArrowStream(strings.NewReader(many), StreamOptions{Schema: streamSchema})
	if _, _, end := told(t, s, err); end == nil || !strings.Contains(end.Error(), "262145 rows") {
		t.Errorf("too many rows: %v", end)
	}
	for n := range len(plain) / 9973 { // wherever it is cut, it is no end
		s, err := ReadArrowStream(strings.NewReader(plain[:n*9973]), StreamOptions{Schema: streamSchema})
		if err == nil {
			_, _, err = told(t, s, nil)
		}
		if errors.Is(err, io.EOF) {
			t.Fatalf("cut at %d: %v", n*9973, err)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	small := arrowOf(t, map[string]arrow.Array{"id": arrowCells(t, arrow.BinaryTypes.String, `["a","b"]`), "few": arrowCells(t, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["x","y"]`)})
	for range 3000 { // a bit of damage ends in rows or in an error
		damaged := []byte(small)
		damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
		s, err := ReadArrowStream(bytes.NewReader(damaged), StreamOptions{Schema: streamSchema})
		if err == nil {
			_, _, err = told(t, s, nil)
		}
		var e *StreamError
		if !errors.Is(err, io.EOF) && !errors.As(err, &e) {
			t.Fatalf("%v", err)
		}
	}
}

// FuzzCSVRecords: records end where csvText.recordEnd says that they do.
func FuzzCSVRecords(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\nb\",c\r\n", "a\"b\n", " \"x\" ,\n", "\"\"\"\"\n", "\"a\"\r\nb", "\n\n"} {
		f.Add([]byte(s), byte(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, step byte) {
		c := csvRecords{delimiter: ','}
		for n := 0; n < len(data); {
			n = min(n+int(step)%7+1, len(data))
			c.scan(data[:n], math.MaxInt32)
		}
		want := 0
		for {
			end, _ := csvText{delimiter: ','}.recordEnd(data, want)
			if end < 0 {
				break
			}
			want = end
		}
		if c.start != want {
			t.Fatalf("the last record ends at %d, want %d", c.start, want)
		}
	})
}

// FuzzCSVStream: rows do not depend on how the bytes arrive, and none is lost.
func FuzzCSVStream(f *testing.F) {
	for _, s := range []string{"id,n\na,1\n", "id\n\"a\n\nb\n", "\ufeffid,few\r\n\"x\"\"y\",\r\n,,\n", "n\n1e999\nNaN\n\xff\n", "\ufeff\r\n", "\r\n\r\nid\r\n\r\na\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var first string
		for i, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
			s, err := ReadCSVStream(r, StreamOptions{Schema: streamSchema, MaxRow: 40, Eager: i == 1})
			rows, _, end := []string(nil), []int(nil), err
			if err == nil {
				rows, _, end = told(t, s, nil)
			}
			var e *StreamError
			if !errors.Is(end, io.EOF) && !errors.As(end, &e) {
				t.Fatal(end)
			}
			if got := fmt.Sprintf("%q %v", rows, end); i == 0 {
				first = got
			} else if got != first {
				t.Fatalf("%s, byte by byte %s", first, got)
			}
		}
	})
}

// FuzzArrowStream: whatever bytes arrive, they end in rows or in an error.
func FuzzArrowStream(f *testing.F) {
	f.Add([]byte(arrowOf(f, map[string]arrow.Array{"id": arrowCells(f, arrow.BinaryTypes.String, `["a", null]`), "n": arrowCells(f, arrow.PrimitiveTypes.Float64, `[1, null]`)})))
	f.Add([]byte(arrowOf(f, map[string]arrow.Array{"few": arrowCells(f, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["x", "y"]`)}, ipc.WithLZ4())))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ReadArrowStream(bytes.NewReader(data), StreamOptions{Schema: streamSchema, MaxMessage: 1 << 20})
		if err == nil {
			_, _, err = told(t, s, nil)
		}
		var e *StreamError
		if !errors.Is(err, io.EOF) && !errors.As(err, &e) {
			t.Fatal(err)
		}
	})
}

// TestArrowStreamCompression: buffers that Arrow has compressed itself are read, and are what they are without.
func TestArrowStreamCompression(t *testing.T) {
	columns := map[string]arrow.Array{
		"id":  arrowCells(t, arrow.BinaryTypes.String, `["a","b",null]`),
		"n":   arrowCells(t, arrow.PrimitiveTypes.Float64, `[1.5,null,-2]`),
		"few": arrowCells(t, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, `["x","y","x"]`),
	}
	read := func(o ...ipc.Option) string {
		s, err := ReadArrowStream(strings.NewReader(arrowOf(t, columns, o...)), StreamOptions{Schema: streamSchema})
		rows, groups, end := told(t, s, err)
		return fmt.Sprint(rows, groups, end)
	}
	want := read()
	if !strings.Contains(want, "1.5") || !strings.Contains(want, "EOF") {
		t.Fatal(want)
	}
	for name, o := range map[string]ipc.Option{"lz4": ipc.WithLZ4(), "zstd": ipc.WithZstd()} {
		if got := read(o); got != want {
			t.Errorf("%s: %s\nplain %s", name, got, want)
		}
	}
}

// TestArrowStreamWindows: no window of a buffer takes more memory than the message may, in its first frame or behind others.
func TestArrowStreamWindows(t *testing.T) {
	// One column of doubles, whose buffers are compressed; its values get a frame that says another window.
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	b.AppendValues(make([]float64, 50_000), nil)
	text := []byte(arrowOf(t, map[string]arrow.Array{"n": b.NewArray()}, ipc.WithZstd()))
	at := bytes.LastIndex(text, []byte("\x28\xb5\x2f\xfd")) // the frame of the values
	if at < 0 {
		t.Fatal("no frame of zstd")
	}
	wide := "\x28\xb5\x2f\xfd\x00\x98\x09\x00\x00x" // a window of 512 MiB
	small := "\x28\xb5\x2f\xfd\x00\x00\x09\x00\x00x"
	for name, frames := range map[string]string{"alone": wide, "behind another": small + wide, "behind a skippable one": "\x50\x2a\x4d\x18\x01\x00\x00\x00x" + wide} {
		bad := bytes.Clone(text)
		copy(bad[at:], frames)
		if len(frames) > len(text)-at {
			t.Fatalf("%s: no room", name)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := ReadArrowStream(bytes.NewReader(bad), StreamOptions{Schema: streamSchema, MaxMessage: 1 << 20})
		_, _, end := told(t, s, err)
		runtime.ReadMemStats(&after)
		var e *StreamError
		if !errors.As(end, &e) || !e.TooLarge || !strings.Contains(end.Error(), "zstd window is 536870912 bytes") {
			t.Errorf("%s: %v", name, end)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
	for _, cut := range []string{"", "\x28", small, small[:9], wide[:5], "\x50\x2a\x4d\x18\xff\xff\xff\xff"} {
		if n := largestWindow([]byte(cut)); n > 1024 {
			t.Errorf("%q: %d", cut, n)
		}
	}
}
