package datasets

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestKindsComeFromAllRows(t *testing.T) {
	for _, c := range []struct {
		cells string // one column, a cell a word
		want  Inference
	}{
		{"1 2 3", Inference{Kind: Numeric}},
		{"1 2.5 -", Inference{Kind: Numeric}},
		{"1 2,5 3", Inference{Kind: Numeric, DecimalComma: true, Line: 3, Text: "2,5"}},
		{"1,234 5.5", Inference{Kind: Numeric, Line: 3, Text: "5.5"}},
		{"1.234 5,5", Inference{Kind: Numeric, DecimalComma: true, Line: 3, Text: "5,5"}},
		{"1,234 1,234,567", Inference{Kind: Numeric, Line: 3, Text: "1,234,567"}},
		{"1.234 1.234", Inference{Kind: Numeric}},
		{"0 1 1", Inference{Kind: Numeric}},
		{"- yes No - TRUE", Inference{Kind: Boolean, Line: 3, Text: "yes"}},
		{"yes 1", Inference{Kind: Categorical, Line: 3, Text: "1"}},
		{"1 2 x 3 y", Inference{Kind: Categorical, Line: 4, Text: "x"}},
		{"x 1 2", Inference{Kind: Categorical, Line: 2, Text: "x"}},
		{"2,5 3.7", Inference{Kind: Categorical, Line: 3, Text: "3.7"}},
		{"2024-01-31 2024-02-01", Inference{Kind: Time, Layout: layoutISO, Line: 2, Text: "2024-01-31"}},
		{"03/04/2024 31/04/2024", Inference{Kind: Categorical, Line: 3, Text: "31/04/2024"}},
		{"03/04/2024 31/01/2024", Inference{Kind: Time, Layout: layoutDMY, Line: 3, Text: "31/01/2024"}},
		{"03/04/2024 01/31/2024", Inference{Kind: Time, Layout: layoutMDY, Line: 3, Text: "01/31/2024"}},
		{"31/01/2024 01/31/2024", Inference{Kind: Categorical, Line: 3, Text: "01/31/2024"}},
		{"2024-01-31 31/01/2024", Inference{Kind: Categorical, Line: 3, Text: "31/01/2024"}},
		{"- - -", Inference{Kind: Unknown}},
		{"- - 7", Inference{Kind: Numeric}},
	} {
		var b strings.Builder
		b.WriteString("x;k\n")
		for _, cell := range strings.Fields(c.cells) {
			fmt.Fprintf(&b, "%s;1.5\n", strings.Trim(cell, "-"[:1*bool2int(cell == "-")]))
		}
		c.want.Column = "x"
		for _, size := range []int{0, 1, 12} {
			table, err := Read(t.Context(), tempFile(t, "f.csv", b.String()), ReadOptions{chunkSize: size, headSize: max(size, 8)})
			if err != nil {
				t.Errorf("%s: %v", c.cells, err)
				continue
			}
			if got := table.Report.Inferred[0]; got != c.want {
				t.Errorf("%s (chunks of %d): %+v, want %+v", c.cells, size, got, c.want)
			}
		}
	}
}

func bool2int(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestWhatIsAmbiguousIsAsked(t *testing.T) {
	for _, c := range []struct {
		content string
		want    []string
	}{
		{"created,n\n03/04/2024,1\n05/05/2024,2\n", []string{
			`1 column can be read in two ways; nothing was read`,
			`column "created": every value may be dd/mm/yyyy or mm/dd/yyyy (line 2: "03/04/2024"); ` +
				`set features.columns.created: {kind: time, layout: dd/mm/yyyy} or features.columns.created: {kind: time, layout: mm/dd/yyyy}`}},
		{"n;Created At;rev\n1;;\"2,000\"\n2;01.02.2024;7\n", []string{
			`2 columns can be read`,
			`column "Created At": every value may be`, `(line 3: "01.02.2024"); set features.columns."Created At": {kind: time`,
			`column "rev": every value may be with a decimal point (2000) or with a decimal comma (2) (line 2: "2,000")`,
			`set features.columns.rev: {kind: numeric} or features.columns.rev: {kind: numeric, decimal_comma: true}`}},
		{"a;b\n1.234;x\n2.000;y\n", []string{`column "a": every value may be with a decimal point (1.234) or with a decimal comma (1234)`}}, // a semicolon file
		{"a,b\n1.234,\"2,5\"\n", []string{`column "a"`}}, // another column has a decimal comma
	} {
		for _, size := range []int{0, 1, 12} {
			_, err := Read(t.Context(), tempFile(t, "f.csv", c.content), ReadOptions{chunkSize: size, headSize: max(size, 24)})
			var ask *AmbiguousError
			if !errors.As(err, &ask) {
				t.Fatalf("%q: got %v", c.content, err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message lacks %q:\n%v", want, err)
				}
			}
		}
	}
	path := tempFile(t, "f.csv", "d,n\n03/04/2024,\"1,234\"\n")
	for _, kinds := range [][2]Kind{{Time, Numeric}, {Unknown, Unknown}} {
		table, err := Read(t.Context(), path, ReadOptions{Force: map[string]Field{
			"d": {Kind: kinds[0], Layout: layoutDMY}, "n": {Kind: kinds[1], DecimalComma: true}}})
		wantRows(t, table, err, "03/04/2024|1.234")
	}
	table, err := Read(t.Context(), path, ReadOptions{Force: map[string]Field{"d": {Kind: Time, Layout: layoutMDY}, "n": {Kind: Numeric}}})
	wantRows(t, table, err, "03/04/2024|1234")
	if b := table.Batches[0]; b.Value(0, 0) != at("2024-03-04T00:00:00Z") {
		t.Errorf("the date is %+v", b.Value(0, 0))
	}
}

// The kinds do not depend on where the file is cut, how it is guessed or on how many goroutines, and
// are those that a look at every cell gives.
func TestInferenceIsThatOfAllRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	makers := []func() string{
		func() string { return fmt.Sprint(rng.IntN(1000)) },
		func() string { return fmt.Sprintf("%.2f", rng.NormFloat64()) },
		func() string { return strings.Replace(fmt.Sprintf("%.1f", rng.NormFloat64()), ".", ",", 1) },
		func() string { return fmt.Sprintf("%d,%03d", 1+rng.IntN(9), rng.IntN(1000)) },
		func() string { return []string{"yes", "no", "TRUE", "n"}[rng.IntN(4)] },
		func() string { return fmt.Sprintf("20%02d-%02d-%02d", rng.IntN(30), 1+rng.IntN(12), 1+rng.IntN(28)) },
		func() string { return fmt.Sprintf("%02d/%02d/2024", 1+rng.IntN(31), 1+rng.IntN(12)) },
		func() string { return fmt.Sprintf("%d/%d/2024 10:%02d", 1+rng.IntN(12), 1+rng.IntN(31), rng.IntN(60)) },
		func() string { return []string{"web", "ads", "Select it", "ä, \"ö\""}[rng.IntN(4)] },
		func() string { return []string{"", "NA", " ", "Select"}[rng.IntN(4)] },
	}
	for round := range 150 {
		rows, width := 1+rng.IntN(60), 1+rng.IntN(5)
		var b strings.Builder
		for c := range width {
			fmt.Fprintf(&b, "c%d;", c)
		}
		b.WriteString("last\n")
		main, late := make([]int, width), make([]int, width)
		for c := range width {
			main[c], late[c] = rng.IntN(len(makers)), rng.IntN(len(makers))
		}
		cells := make([][]string, width)
		for r := range rows {
			for c := range width {
				maker := makers[main[c]]
				switch {
				case rng.IntN(4) == 0:
					maker = makers[9]
				case r > rows*2/3 && round%2 == 0:
					maker = makers[late[c]]
				}
				cell := maker()
				cells[c] = append(cells[c], cell)
				fmt.Fprintf(&b, "\"%s\";", strings.ReplaceAll(cell, `"`, `""`))
			}
			b.WriteString("2.5\n")
		}
		path := tempFile(t, "f.csv", b.String())
		want, err := Read(t.Context(), path, ReadOptions{Workers: 1})
		for _, o := range []ReadOptions{{Workers: 8}, {Workers: 1, chunkSize: 1, headSize: 64}, {Workers: 2, chunkSize: 100, headSize: 90}, {Workers: 8, chunkSize: 300, headSize: 2000}} {
			got, other := Read(t.Context(), path, o)
			if fmt.Sprint(err) != fmt.Sprint(other) {
				t.Fatalf("%+v: %v, want %v", o, other, err)
			}
			if err == nil {
				sameReading(t, got, want)
			}
		}
		for c := range width {
			kind, ambiguous := lookedAt(cells[c])
			if ambiguous && err == nil {
				t.Fatalf("column %d of\n%s\nis ambiguous and was read", c, b.String())
			}
			if err == nil && want.Schema.Fields[c].Kind != kind {
				t.Fatalf("column %d of\n%s\nis %v, want %v", c, b.String(), want.Schema.Fields[c].Kind, kind)
			}
		}
	}
}

// lookedAt infers a kind in the plainest way. Numbers in doubt by a point alone are not looked at:
// the last column of the test settles those.
func lookedAt(cells []string) (Kind, bool) {
	schema := Schema{Nulls: DefaultNulls, Fields: []Field{
		{Kind: Numeric}, {Kind: Numeric, DecimalComma: true}, {Kind: Boolean}, {Kind: Time}, {Kind: Time, Layout: layoutDMY}, {Kind: Time, Layout: layoutMDY}}}
	fits := [6]bool{true, true, true, true, true, true}
	valued, comma := false, false
	for _, cell := range cells {
		for i := range fits {
			v, err := schema.Parse(i, cell)
			valued = valued || err == nil && !v.Missing()
			fits[i] = fits[i] && err == nil
		}
		if v, _ := (&Schema{Nulls: DefaultNulls, Fields: []Field{{Kind: Categorical}}}).Parse(0, cell); !v.Missing() {
			valued = true
		}
		comma = comma || strings.Contains(cell, ",")
	}
	switch {
	case !valued:
		return Unknown, false
	case fits[0] || fits[1]:
		return Numeric, fits[0] && fits[1] && comma
	case fits[2]:
		return Boolean, false
	case fits[3] || fits[4] || fits[5]:
		return Time, fits[4] && fits[5]
	}
	return Categorical, false
}
