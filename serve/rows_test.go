package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// all reads the rows of a stream as texts; a row beyond the limit is "LARGE".
func all(in rows) (out []string, err error) {
	for range 1_000_000 {
		row, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, errRowTooLarge):
			out = append(out, "LARGE")
		case err != nil:
			return out, err
		default:
			out = append(out, string(row))
		}
	}
	return out, errors.New("endless")
}

// pieces are ways that a stream may arrive in.
var pieces = map[string]func(io.Reader) io.Reader{
	"at once":     func(r io.Reader) io.Reader { return r },
	"by the byte": iotest.OneByteReader,
	"by halves":   iotest.HalfReader,
	"end with it": iotest.DataErrReader,
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for _, test := range []struct {
		in   string
		most int
		want []string
	}{
		{"", 10, nil},
		{"\n\n \r\n\t\n", 10, nil},
		{"a\nb", 10, []string{"a", "b"}},
		{"a\r\n\nb\n", 10, []string{"a\r", "b"}},
		{"0123456789\n01234567890\na\n", 10, []string{"0123456789", "LARGE", "a"}},
		{"01234567890", 10, []string{"LARGE"}},
		{"a\n" + long + "\nb\n" + long, 100, []string{"a", "LARGE", "b", "LARGE"}},
		{"a\n" + long + "\nb", 200_000, []string{"a", long, "b"}},
	} {
		for how, cut := range pieces {
			got, err := all(&lines{newWindow(cut(strings.NewReader(test.in)), test.most)})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%.40q %s: %.80q, %v; want %.80q", test.in, how, got, err, test.want)
			}
		}
	}
}

func TestElements(t *testing.T) {
	long := `"` + strings.Repeat(`x\"]`, 50_000) + `"`
	for _, test := range []struct {
		in   string
		most int
		want []string
		err  string // "" none
	}{
		{` [ ] `, 10, nil, ""},
		{`[1]`, 10, []string{"1"}, ""},
		{`[{"a":"]},\""} , [1,[2]],"x" ,null]` + "\n", 30, []string{`{"a":"]},\""}`, `[1,[2]]`, `"x"`, `null`}, ""},
		{`[1 2,nul]`, 10, []string{"1 2", "nul"}, ""}, // the row's own affair
		{`[` + long + `,1]`, 100, []string{"LARGE", "1"}, ""},
		{`[` + long + `,1]`, 300_000, []string{long, "1"}, ""},
		{``, 10, nil, "byte 0 without"},
		{`[1`, 10, nil, "byte 2 without"},
		{`[1,`, 10, []string{"1"}, "byte 3 without"},
		{`[{"a":1]`, 10, []string{`{"a":1]`}, "without its closing"}, // which bracket it is, is the row's own affair too
		{`["a]`, 10, nil, "without its closing"},
		{`{"lead":{}}`, 10, nil, `byte 1: '{'; want "["`},
		{`[1]x`, 10, []string{"1"}, `byte 4: 'x'; want the end`},
		{`[1,]`, 10, []string{"1"}, `byte 4: ']'; want a row`},
		{`[,1]`, 10, nil, `byte 2: ','; want a row`},
		{`[{} {}]`, 10, []string{"{}"}, `byte 5: '{'; want "," or "]"`},
		{`[}]`, 10, []string{""}, `want "," or "]"`},
	} {
		for how, cut := range pieces {
			got, err := all(&elements{window: newWindow(cut(strings.NewReader(test.in)), test.most)})
			for i := range got {
				got[i] = strings.TrimRight(got[i], " ")
			}
			if !slices.Equal(got, test.want) || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("%.40q %s: %.80q, %v; want %.80q, %s", test.in, how, got, err, test.want, test.err)
			}
		}
	}
}

func TestRowsGiveReadErrorsOn(t *testing.T) {
	broken := errors.New("a broken line")
	for _, in := range []rows{
		&lines{newWindow(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 10)},
		&elements{window: newWindow(io.MultiReader(strings.NewReader("[1,2"), iotest.ErrReader(broken)), 10)},
	} {
		if got, err := all(in); !errors.Is(err, broken) || len(got) != 1 {
			t.Errorf("%T: %q, %v", in, got, err)
		}
	}
}

// FuzzElements: an array that encoding/json takes is cut where encoding/json cuts it, and nothing else than an array comes to an end.
func FuzzElements(f *testing.F) {
	for _, s := range []string{`[]`, `[1,{"a":[1,"]"]}]`, `[ "\\" , "\"" ]`, `[1,]`, `[`, `[]]`} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		src := io.Reader(bytes.NewReader(data))
		if step%2 == 1 {
			src = iotest.OneByteReader(src)
		}
		got, err := all(&elements{window: newWindow(src, 1<<20)})
		var want []json.RawMessage
		if json.Unmarshal(data, &want) != nil || bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
			return // rows that are not JSON are the decoder's to refuse
		}
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d rows, %v; want %d", len(got), err, len(want))
		}
		for i := range got {
			if strings.TrimRight(got[i], " \t\r\n") != string(want[i]) {
				t.Fatalf("row %d is %q, want %q", i, got[i], want[i])
			}
		}
	})
}

// FuzzLines: the rows of NDJSON are the lines that are not blank.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\nb"), uint16(3))
	f.Add([]byte("{}\r\n {}\n"), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, most uint16) {
		got, err := all(&lines{newWindow(iotest.HalfReader(bytes.NewReader(data)), int(most))})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, line := range strings.Split(string(data), "\n") {
			switch {
			case len(line) > int(most):
				want = append(want, "LARGE")
			case !blank([]byte(line)):
				want = append(want, line)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
