package model

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/features"
)

const testSalt = "000102030405060708090a0b0c0d0e0f"

// numbered makes a table of ids from to to-1, in batches of 7,000.
func numbered(t testing.TB, from, to int) *datasets.Table {
	t.Helper()
	s := &datasets.Schema{Fields: []datasets.Field{{Name: "id", Kind: datasets.Text}, {Name: "at", Kind: datasets.Time}}}
	table := &datasets.Table{Schema: s}
	for from < to {
		n := min(7000, to-from)
		texts, times := make([]string, n), make([]int64, n)
		for i := range texts {
			texts[i], times[i] = fmt.Sprintf("lead-%d", from+i), int64(from+i)%100
		}
		b, err := datasets.NewBatch(s, n, []datasets.Column{{Kind: datasets.Text, Texts: texts}, {Kind: datasets.Time, Times: times}})
		if err != nil {
			t.Fatal(err)
		}
		table.Batches = append(table.Batches, b)
		from += n
	}
	return table
}

func digestsOf(t testing.TB, table *datasets.Table, byID bool, columns ...string) []RowDigest {
	t.Helper()
	d, err := NewRowDigester(table.Schema, testSalt, columns, byID)
	if err != nil {
		t.Fatal(err)
	}
	var out []RowDigest
	for _, b := range table.Batches {
		out = append(out, d.Batch(b)...)
	}
	return out
}

func sketchOf(digests []RowDigest) *TrainedRows {
	var s RowSketch
	s.Add(digests)
	return s.TrainedRows(testSalt, []string{"id", "at"}, true)
}

func TestFewTrainingRowsAreKnownExactly(t *testing.T) {
	all := digestsOf(t, numbered(t, 0, 12000), true, "id", "at")
	kept := sketchOf(all[:8000])
	if !kept.All || kept.Rows != 8000 || kept.Once != 8000 {
		t.Fatalf("kept %+v", *kept)
	}
	for _, c := range []struct{ from, to, found int }{{0, 8000, 8000}, {8000, 12000, 0}, {7000, 9000, 1000}, {7999, 8001, 1}} {
		s := kept.Look(all[c.from:c.to])
		if s.Found != c.found || s.Looked != c.to-c.from || s.Any() != (c.found > 0) || s.InTraining() != float64(c.found) {
			t.Errorf("rows %d to %d: %+v, want %d found", c.from, c.to, s, c.found)
		}
	}
}

func TestManyTrainingRowsAreSampled(t *testing.T) {
	all := digestsOf(t, numbered(t, 0, 130_000), true, "id", "at")
	kept := sketchOf(all[:100_000])
	if kept.All || kept.Rows != 100_000 || kept.Kept != MaxTrainedRows {
		t.Fatalf("kept %d of %d rows, all: %v", kept.Kept, kept.Rows, kept.All)
	}
	if s := kept.Look(all[100_000:]); s.Any() || s.Looked < 4000 || s.Looked > 6000 {
		t.Errorf("new rows: %+v; want about 0.164 · 30,000 looked at and none found", s)
	}
	if s := kept.Look(all[:1000]); s.Found != s.Looked || s.Looked < 100 || s.InTraining() != 1000 {
		t.Errorf("training rows: %+v", s)
	}
	half := kept.Look(all[90_000:110_000])
	if in := half.InTraining(); math.Abs(in-10_000) > 700 { // 3280 looked at: a standard error of 175
		t.Errorf("of 10,000 training rows among 20,000 %v are estimated", in)
	}
}

// The sketch is of a set of rows with how often each came: neither their order nor how they were dealt out makes a difference.
func TestSketchDoesNotDependOnOrder(t *testing.T) {
	digests := digestsOf(t, numbered(t, 0, 60_000), true, "id", "at")
	digests = append(digests, digests[:30_000]...)
	want := sketchOf(digests)
	slices.Reverse(digests)
	if got := sketchOf(digests); !reflect.DeepEqual(got, want) {
		t.Error("another order gives another sketch")
	}
	for _, parts := range []int{1, 2, 3, 50} {
		var all RowSketch
		for p := range parts {
			var s RowSketch
			for i := p; i < len(digests); i += parts {
				s.Add(digests[i : i+1])
			}
			all.Merge(&s)
		}
		if got := all.TrainedRows(testSalt, []string{"id", "at"}, true); !reflect.DeepEqual(got, want) {
			t.Errorf("of %d parts the sketch is another", parts)
		}
	}
	// Against the definition: the least different digests, and how many rows have them.
	count := map[RowDigest]int{}
	for _, d := range digests {
		count[d]++
	}
	var least []RowDigest
	for d := range count {
		least = append(least, d)
	}
	slices.Sort(least)
	least = least[:MaxTrainedRows]
	got, err := want.decode()
	if err != nil {
		t.Fatal(err)
	}
	rows, once := 0, 0
	for _, d := range least {
		rows += count[d]
		if count[d] == 1 {
			once++
		}
	}
	if !slices.Equal(got, least) || want.Kept != rows || want.Once != once {
		t.Errorf("kept %d rows, %d of them once; want %d and %d", want.Kept, want.Once, rows, once)
	}
}

func TestDigestsTellRowsApart(t *testing.T) {
	table := numbered(t, 0, 500)
	if d := digestsOf(t, table, true, "id", "at"); slices.Equal(d, digestsOf(t, table, true, "id")) {
		t.Error("the moment makes no difference")
	}
	other, err := NewRowDigester(table.Schema, strings.Repeat("ff", 16), []string{"id", "at"}, true)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(other.Batch(table.Batches[0]), digestsOf(t, table, true, "id", "at")) {
		t.Error("the salt makes no difference")
	}
	wide := leads(t, 300, 3)
	var columns []string
	for _, f := range wide.Schema.Fields[1:] {
		columns = append(columns, f.Name)
	}
	before := digestsOf(t, wide, false, columns...)
	for i, f := range wide.Schema.Fields[1:] {
		less := slices.Delete(slices.Clone(columns), i, i+1)
		if same := slices.Equal(before, digestsOf(t, wide, false, less...)); same {
			t.Errorf("column %q makes no difference", f.Name)
		}
	}
	s := &datasets.Schema{Fields: []datasets.Field{{Name: "id", Kind: datasets.Text}, {Name: "x", Kind: datasets.Numeric}, {Name: "level", Kind: datasets.Categorical}}}
	b, err := datasets.NewBatch(s, 4, []datasets.Column{
		{Kind: datasets.Text, Texts: []string{"a", "", "a", "b"}},
		{Kind: datasets.Numeric, Numbers: []float64{0, 1, math.Copysign(0, -1), math.NaN()}},
		{Kind: datasets.Categorical, Codes: []int32{1, 0, 1, -1}, Levels: []string{"u", "v"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := digestsOf(t, &datasets.Table{Schema: s, Batches: []*datasets.Batch{b}}, true, "id", "x", "level")
	if d[0] == NoDigest || d[0] != d[2] || d[1] != NoDigest || d[3] == NoDigest || d[3] == d[0] {
		t.Errorf("digests %v: want the first and third the same (0 is −0), the second none (no id), the fourth another", d)
	}
	d = digestsOf(t, &datasets.Table{Schema: s, Batches: []*datasets.Batch{b}}, false, "x", "level")
	if d[1] == NoDigest || d[3] != NoDigest {
		t.Errorf("without an id: %v, want the fourth to have none: all its cells are missing", d)
	}
}

// Rows without an id equal others by chance where columns are few: that is no sign that they were in training.
func TestEqualRowsWithoutIDsAreNoTrainingRows(t *testing.T) {
	var sketch RowSketch
	var rows []RowDigest
	for i := range 20_000 {
		rows = append(rows, RowDigest(i*i%4001))
	}
	sketch.Add(rows[:10_000])
	kept := sketch.TrainedRows(testSalt, []string{"a"}, false)
	if s := kept.Look(rows[10_000:]); s.Found == 0 || s.Any() {
		t.Errorf("%+v: want equal rows found and taken for chance", s)
	}
	sketch = RowSketch{}
	for i := range rows {
		rows[i] = RowDigest(i)
	}
	sketch.Add(rows[:10_000])
	kept = sketch.TrainedRows(testSalt, []string{"a"}, false)
	if s := kept.Look(rows[9_000:19_000]); !s.Any() || s.Found != 1000 {
		t.Errorf("%+v: want the 1000 rows that are all different to be noticed", s)
	}
}

func TestDamagedTrainedRowsAreRefused(t *testing.T) {
	digests := digestsOf(t, numbered(t, 0, 50), true, "id", "at")
	for name, c := range map[string]struct {
		spoil func(*TrainedRows)
		says  string
	}{
		"base64":       {func(t *TrainedRows) { t.Digests = "no base64!" }, "trained_rows: the digests are not base64"},
		"cut":          {func(t *TrainedRows) { t.Digests = t.Digests[:12] + "AAAA" }, "12 bytes"},
		"short":        {func(t *TrainedRows) { t.Digests = t.Digests[:4] }, "3 bytes of digests"},
		"empty":        {func(t *TrainedRows) { t.Digests = "" }, "0 bytes of digests"},
		"order":        {func(t *TrainedRows) { t.Digests = t.Digests[8:16] + t.Digests[:8] + t.Digests[16:] }, "digest 2 is not above"},
		"twice":        {func(t *TrainedRows) { t.Digests = t.Digests[:8] + t.Digests }, "digest 2 is not above"},
		"salt":         {func(t *TrainedRows) { t.Salt = "salt" }, `the salt "salt" is not 32 hex digits`},
		"no columns":   {func(t *TrainedRows) { t.Columns = nil }, "no columns"},
		"column":       {func(t *TrainedRows) { t.Columns = []string{"nobody"} }, `no column "nobody"`},
		"rows":         {func(t *TrainedRows) { t.Rows = 49 }, "the digests of 50 of 49 rows are kept"},
		"all":          {func(t *TrainedRows) { t.All = false }, "50 of 50 rows are kept, and all: false"},
		"few of all":   {func(t *TrainedRows) { t.All, t.Rows = false, 60 }, "50 digests are not all"},
		"once":         {func(t *TrainedRows) { t.Once = 51 }, "cannot be those of"},
		"kept":         {func(t *TrainedRows) { t.Kept = 51; t.Rows = 51 }, "cannot be those of"},
		"not all kept": {func(t *TrainedRows) { t.Once = 49 }, "cannot be those of"},
	} {
		a := trainedArtifact(t, digests)
		if _, err := compile(a); err != nil {
			t.Fatal(err)
		}
		c.spoil(a.TrainedRows)
		_, err := compile(a)
		if name == "cut" { // 12 bytes are two digests: the counts give it away
			if err == nil || !strings.Contains(err.Error(), "trained_rows") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

func BenchmarkRowSketch(b *testing.B) {
	table := numbered(b, 0, 100_000)
	for b.Loop() {
		d, err := NewRowDigester(table.Schema, testSalt, []string{"id", "at"}, true)
		if err != nil {
			b.Fatal(err)
		}
		var s RowSketch
		for _, batch := range table.Batches {
			s.Add(d.Batch(batch))
		}
	}
}

// trainedArtifact is an artifact that knows the given digests.
func trainedArtifact(t testing.TB, digests []RowDigest) *Artifact {
	t.Helper()
	a := fixture(t, leads(t, 100, 1), features.Linear)
	var s RowSketch
	s.Add(digests)
	a.TrainedRows = s.TrainedRows(testSalt, []string{"lead_id", "created_at"}, true)
	return a
}

func TestTrainedRowsSurviveTheFile(t *testing.T) {
	a := trainedArtifact(t, digestsOf(t, numbered(t, 0, 20_000), true, "id", "at"))
	var b bytes.Buffer
	if err := a.Write(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	back, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a.TrainedRows, back.TrainedRows) {
		t.Error("another sketch came back")
	}
	digit := "A"
	if a.TrainedRows.Digests[100:101] == "A" {
		digit = "B"
	}
	edited := a.TrainedRows.Digests[:100] + digit + a.TrainedRows.Digests[101:]
	if _, err := Read(strings.NewReader(strings.Replace(text, a.TrainedRows.Digests, edited, 1))); err == nil || !strings.Contains(err.Error(), "edited or damaged") {
		t.Errorf("an edited sketch: %v", err)
	}
}
