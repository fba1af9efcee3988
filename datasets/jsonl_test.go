package datasets

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestJSONLines(t *testing.T) {
	content := `{"id": "a1", "visits": 3, "mail": true, "created": "2024-01-31", "source": "web"}
{"visits":"4","id":"a2","mail":"no","source":null}

  { "id" : "a\u00333\n" , "visits" : 5e0 , "new": "Select", "source":"\"x\"" }` + "\r\n{}\n"
	for _, size := range []int{0, 1, 60} {
		table, err := Read(t.Context(), tempFile(t, "f.jsonl", content), ReadOptions{chunkSize: size, headSize: max(size, 10)})
		wantRows(t, table, err, "a1|3|yes|2024-01-31|web|-", "a2|4|no|-|-|-", `a33|5|-|-|"x"|-`, "-|-|-|-|-|-")
		var names []string
		for _, f := range table.Schema.Fields {
			names = append(names, f.Name+" "+f.Kind.String())
		}
		if want := []string{"id categorical", "visits numeric", "mail boolean", "created time", "source categorical", "new unknown"}; !slices.Equal(names, want) {
			t.Errorf("columns %q, want %q", names, want)
		}
		if r := table.Report; r.Format != "jsonl" || r.Rows != 4 || r.Delimiter != "" {
			t.Errorf("report: %+v", r)
		}
	}
}

func TestBadJSONLines(t *testing.T) {
	lines := []struct{ line, reason string }{
		{`{"a": 1, "b": "x"}`, ""},
		{`{"a": {"b": 1}}`, `column "a": an object or an array`},
		{`{"a": [1]}`, `column "a": an object or an array`},
		{`{"a": 1, "a": 2}`, `the key "a" stands twice`},
		{`{"new": 1, "new": 2}`, `the key "new" stands twice`},
		{`{"a": 1,}`, "want a key in double quotes"},
		{`{"a" 1}`, "want a colon"},
		{`{"a": 1 "b": 2}`, "want a comma or a closing brace"},
		{`{"a": 1} {"a": 2}`, "something behind the object"},
		{`{"a": 1`, "want a comma or a closing brace"},
		{`{"a":`, "the line ends before the value"},
		{`{"a": 01}`, "not JSON: \"01\""},
		{`{"a": NaN}`, "not JSON"},
		{`{"a": -}`, "not JSON"},
		{`{"a": "x}`, "a string that is not well formed"},
		{`{"a": "\x"}`, "a string that is not well formed"},
		{"{\"a\": \"\t\"}", "a string that is not well formed"},
		{`{a: 1}`, "want a key in double quotes"},
		{`{"": 1}`, "is empty"},
		{`{" a": 1}`, "spaces around it"},
		{`7`, "not a JSON object"},
		{`null`, "not a JSON object"},
		{`"a"`, "not a JSON object"},
		{`{"a": "12", "b": "y"}`, ""},
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.line + "\n")
	}
	path := tempFile(t, "f.jsonl", b.String())
	table, err := Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows})
	wantRows(t, table, err, "1|x", "12|y")
	bad := slices.DeleteFunc(slices.Clone(lines), func(l struct{ line, reason string }) bool { return l.reason == "" })
	if table.Report.BadTotal != len(bad) {
		t.Fatalf("%d bad rows, want %d", table.Report.BadTotal, len(bad))
	}
	for i, got := range table.Report.Bad {
		if got.Line != i+2 || !strings.Contains(got.Reason, bad[i].reason) {
			t.Errorf("%s: line %d: %s; want %s", bad[i].line, got.Line, got.Reason, bad[i].reason)
		}
	}
}

// Levels that differ in what cannot be seen, or only late, are two; a null text may be long.
func TestLevelsThatAreAlike(t *testing.T) {
	content := `{"s":"a"}` + "\n" + `{"s":"a\u0000"}` + "\n" + `{"s":"not specified"}` + "\n" + `{"s":"not specifiee"}` + "\n" + `{"s":"a"}` + "\n"
	table, err := Read(t.Context(), tempFile(t, "f.jsonl", content), ReadOptions{Nulls: []string{"not specified"}})
	if err != nil {
		t.Fatal(err)
	}
	if c := table.Batches[0].Column(0); !slices.Equal(c.Codes, []int32{0, 1, -1, 2, 0}) || !slices.Equal(c.Levels, []string{"a", "a\x00", "not specifiee"}) {
		t.Errorf("codes %v of %q", c.Codes, c.Levels)
	}
}

// A number in a categorical column of a file is its literal; a forced column that the head of
// the file does not have still makes bad rows of what it does not take.
func TestJSONLinesKinds(t *testing.T) {
	content := strings.Repeat(`{"zip": 1234, "x": 1}`+"\n", 5) + `{"zip": "AB1", "x": 2, "late": 5}` + "\n" + `{"zip": true, "x": 3.5, "late": "n/a"}` + "\n"
	path := tempFile(t, "f.jsonl", content)
	for _, size := range []int{0, 30} {
		table, err := Read(t.Context(), path, ReadOptions{chunkSize: size, headSize: max(size, 30)})
		wantRows(t, table, err, "1234|1|-", "1234|1|-", "1234|1|-", "1234|1|-", "1234|1|-", "AB1|2|5", "true|3.5|n/a")
		if got := table.Report.Inferred[0]; got.Kind != Categorical || got.Line != 6 || got.Text != "AB1" {
			t.Errorf("zip: %+v", got)
		}
		_, err = Read(t.Context(), path, ReadOptions{chunkSize: size, headSize: max(size, 30), Force: map[string]Field{"late": {Kind: Numeric}}})
		if err == nil || !strings.Contains(err.Error(), `1 bad row of 7; nothing was read: line 7: column "late": not a number: "n/a"`) {
			t.Errorf("got %v", err)
		}
	}
	_, err := Read(t.Context(), tempFile(t, "f.jsonl", `{"d": 20240131, "n": true}`+"\n"), ReadOptions{Force: map[string]Field{"d": {Kind: Time}, "n": {Kind: Numeric}}})
	if err == nil || !strings.Contains(err.Error(), `column "d": not a time: "20240131"; want a JSON string: yyyy-mm-dd`) || !strings.Contains(err.Error(), `; column "n": not a number: "true"`) {
		t.Errorf("got %v", err)
	}
}

// FuzzJSONL: never a panic, the same for any chunk size, and the objects that encoding/json takes.
func FuzzJSONL(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":"x"}` + "\n" + `{"b":"\u0041","c":null}`, `{"a":1,"a":2}`, `{"a":{"b":1}}` + "\n{}", "{\"a\":\"\xff\"}\n{\"a\":true}",
		`{"a":"1,234"}` + "\n" + `{"a":5}`, "[1]", "{\"a\":1}\r\n \n{\"a\":-0.5e+3}", `{"a":"` + "\\ud800" + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := tempFile(t, "f.jsonl", string(content))
		o := ReadOptions{BadRows: SkipBadRows, Workers: 1}
		want, err := Read(t.Context(), path, o)
		for _, size := range []int{1, 20} {
			got, other := Read(t.Context(), path, ReadOptions{BadRows: SkipBadRows, Workers: 2, chunkSize: size, headSize: headSize})
			if (err == nil) != (other == nil) || err != nil && err.Error() != other.Error() {
				t.Fatalf("chunks of %d: %v\nwhole: %v", size, other, err)
			}
			if err == nil {
				sameReading(t, got, want)
			}
		}
		if err != nil || want.Report.Encoding != encodingUTF8 || onlyCR(content) {
			return
		}
		row := 0
		values := columnsOf(want)
		for _, line := range bytes.Split(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")), []byte("\n")) {
			var object map[string]any
			if json.Unmarshal(line, &object) != nil || object == nil {
				continue // a bad row here too, or a blank line
			}
			if !flat(object, line) {
				continue
			}
			if row >= want.Rows() {
				t.Fatalf("the object %q is no row", line)
			}
			for i, field := range want.Schema.Fields {
				if x, ok := object[field.Name].(float64); ok && field.Kind == Numeric && values[i][row] != Number(x) {
					t.Fatalf("%q: %s is %+v", line, field.Name, values[i][row])
				}
				if _, ok := object[field.Name]; !ok && !values[i][row].Missing() {
					t.Fatalf("%q: %s is %+v", line, field.Name, values[i][row])
				}
			}
			row++
		}
		if row != want.Rows() {
			t.Fatalf("%d rows, encoding/json has %d objects", want.Rows(), row)
		}
	})
}

func columnsOf(t *Table) [][]Value {
	columns := make([][]Value, len(t.Schema.Fields))
	for i := range columns {
		columns[i] = columnValues(t, i)
	}
	return columns
}

// flat reports whether an object is a row to us: flat, each key once and well formed, valid UTF-8.
func flat(object map[string]any, line []byte) bool {
	if !json.Valid(line) || !bytes.Equal(bytes.ToValidUTF8(line, nil), line) || bytes.IndexByte(line, 0) >= 0 {
		return false
	}
	keys := 0
	d := json.NewDecoder(bytes.NewReader(line))
	for depth, isKey := 0, false; ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			isKey = true
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			continue
		}
		if depth == 1 && isKey {
			keys++
		}
		isKey = !isKey
	}
	if keys != len(object) {
		return false
	}
	for k, v := range object {
		switch v.(type) {
		case map[string]any, []any:
			return false
		}
		if k == "" || strings.TrimSpace(k) != k {
			return false
		}
	}
	return true
}
