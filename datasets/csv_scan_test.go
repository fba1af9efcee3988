package datasets

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// scanned reads a text through cut and scan in chunks of a size: the records of width fields,
// each of the others as nil.
func scanned(text string, width, size int) [][]string {
	f := csvText{delimiter: ',', width: width}
	feed := &feed{r: strings.NewReader(text), format: f, size: size}
	var records [][]string
	for {
		chunk, err := feed.next()
		if err != nil {
			return records
		}
		var g grid
		g.reset(chunk)
		f.scan(&g)
		g.seal(nil)
		for row, bad := 0, 0; row < g.rows() || bad < len(g.bad); {
			if row == g.rows() || bad < len(g.bad) && g.bad[bad].start < g.starts[row] {
				records = append(records, nil)
				bad++
				continue
			}
			var record []string
			for _, c := range g.cells[row*width : (row+1)*width] {
				record = append(record, strings.Clone(g.at(c)))
			}
			records = append(records, record)
			row++
		}
	}
}

// reference reads a text with encoding/csv. A quote that is never closed ends it there.
func reference(text string, width int) (records [][]string, unclosed bool) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	for {
		record, err := r.Read()
		if err == io.EOF {
			return records, unclosed
		}
		if err != nil {
			record = nil
			if offset := r.InputOffset(); offset == int64(len(text)) && errors.Is(err, csv.ErrQuote) {
				unclosed = true // or a bad quote on the last line
			}
		}
		if len(record) != width {
			record = nil
		}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		records = append(records, record)
	}
}

func TestRecordsAreThoseOfEncodingCSV(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pieces := []string{"a", "bc", ",", ",", "\"", "\"\"", "\n", "\n", "\r\n", "\"x\"", "\"y\ny\"", " ", "long text", "a,b\n", "c,d\n"}
	equal := func(a, b [][]string) bool { return slices.EqualFunc(a, b, slices.Equal[[]string]) }
	compared := 0
	for range 40_000 {
		var b strings.Builder
		for range rng.IntN(20) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		text := b.String()
		width := 1 + rng.IntN(3)
		got := scanned(text, width, 1000)
		for _, size := range []int{1, 2, 3, 5, 9} {
			if in := scanned(text, width, size); !equal(in, got) {
				t.Fatalf("%q: chunks of %d give %q, one gives %q", text, size, in, got)
			}
		}
		if strings.Contains(text, "\" ") {
			continue // a space behind a closing quote: a liberty of ours
		}
		want, unclosed := reference(text, width)
		if unclosed {
			// There the rest of the file is one bad record, here its first line alone is.
			got, want = got[:min(len(got), len(want)-1)], want[:len(want)-1]
		}
		if !equal(got, want) {
			t.Fatalf("%q: got %q, encoding/csv has %q", text, got, want)
		}
		compared++
	}
	if compared < 10_000 {
		t.Errorf("only %d texts compared", compared)
	}
}

func TestUnclosedQuoteCostsOneLine(t *testing.T) {
	text := "1,\"open\n2,x\n3,y\n"
	want := [][]string{nil, {"2", "x"}, {"3", "y"}}
	for _, size := range []int{1, 4, 1000} {
		if got := scanned(text, 2, size); !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Errorf("chunks of %d: %q", size, got)
		}
	}
}

func TestRecordsHaveALimit(t *testing.T) {
	f := csvText{delimiter: ',', width: 2}
	long := strings.Repeat("x", maxRecord+1)
	feed1 := &feed{r: strings.NewReader("a,b\n" + long), format: f, size: chunkSize}
	if _, err := feed1.next(); err != nil {
		t.Fatal(err)
	}
	if _, err := feed1.next(); err == nil || !strings.Contains(err.Error(), "a line of more than 16 MiB") {
		t.Errorf("got %v", err)
	}
	// A quote that is open for longer than a record may be is given up like one never closed.
	for _, size := range []int{chunkSize, 3 << 20} {
		feed2 := &feed{r: strings.NewReader("1,\"x\n" + strings.Repeat("2,y\n", maxRecord/4) + "3,\"\n"), format: f, size: size}
		chunk, err := feed2.next()
		if err != nil || string(chunk) != "1,\"x\n" {
			t.Errorf("chunks of %d: the first is %d bytes, %v", size, len(chunk), err)
		}
	}
}
