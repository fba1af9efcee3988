package history

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"leadscore/datasets"
)

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var plainSource = Source{Lead: "lead", At: "at", Type: "type", ID: "id"}

func TestReadCountsWhatItLeavesOut(t *testing.T) {
	source := plainSource
	source.Paths = []string{
		file(t, "a.csv", "lead,at,type,id,n\na,2024-01-02,visit,1,5\nx,2024-01-01,visit,,\n,2024-01-01,visit,,\na,,visit,,\na,2024-02-01,visit,,\nb,2024-01-03,NA,,\n"),
		file(t, "b.csv", "lead,at,type,id\nb,2024-01-31T23:59:59.999999Z,call,1\n b ,2024-01-09,visit,1\ny,2024-01-01,visit,\na,2024-01-02,visit,1\na,not a time,visit,\n"),
	}
	source.Force = map[string]datasets.Field{"at": {Kind: datasets.Time}}
	source.BadRows, source.Until = datasets.SkipBadRows, moment(t, "2024-02-01")
	log, r, err := Read(t.Context(), source, []string{"a", "b", "c"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, log)
	want := &Report{
		Events: 10, Kept: 2, NoLead: 1, UnknownLead: 2, NoTime: 1, Future: 1, NoType: 1, Duplicates: 2, BadRows: 1,
		First: moment(t, "2024-01-02"), Last: moment(t, "2024-01-09"),
		Types: []string{"call", "visit"}, Properties: []string{"n"}, Zones: datasets.ZoneCount{Column: "at", With: 1},
		Examples: Examples{UnknownLead: []string{"x", "y"}, NoTime: []string{"a"}, Future: []string{"a"}, NoType: []string{"b"}, Duplicates: []string{"a", "b"}},
	}
	for i, path := range source.Paths {
		if r.Files[i].Path != path || len(r.Files[i].Digest) != 64 {
			t.Errorf("file %+v", r.Files[i])
		}
	}
	if bad := r.Files[1].Bad; len(bad) != 1 || bad[0].Line != 6 {
		t.Errorf("bad rows %+v", bad)
	}
	got := *r
	got.Files = nil
	if got.Channels = nil; !reflect.DeepEqual(&got, want) {
		t.Errorf("got  %+v\nwant %+v", got, *want)
	}
	notes := strings.Join(r.Notes(), "\n")
	for _, part := range []string{`2 events were left out: their lead is not among the leads (lead "x", "y")`, "they name no lead", "after the end of the data", "same id", "cannot be read"} {
		if !strings.Contains(notes, part) {
			t.Errorf("notes lack %q:\n%s", part, notes)
		}
	}
	source.BadRows = datasets.FailOnBadRows
	if _, _, err := Read(t.Context(), source, []string{"a"}, Options{}); err == nil || !strings.Contains(err.Error(), "b.csv: 1 bad row of 5") {
		t.Errorf("got %v", err)
	}
}

// A lead is known by its text, whether the log has numbers or texts; times are those that datasets reads.
func TestReadKeysAndTimes(t *testing.T) {
	schema := &datasets.Schema{Fields: []datasets.Field{{Name: "lead", Kind: datasets.Numeric}, {Name: "at", Kind: datasets.Categorical}, {Name: "type", Kind: datasets.Boolean}, {Name: "id", Kind: datasets.Numeric}, {Name: "won", Kind: datasets.Boolean}}}
	b, err := datasets.NewBatch(schema, 2, []datasets.Column{
		{Kind: datasets.Numeric, Numbers: []float64{7, 123456789}},
		{Kind: datasets.Categorical, Codes: []int32{0, 1}, Levels: []string{"31/12/2023 23:00 +01:00", "01/01/2024"}},
		{Kind: datasets.Boolean, Numbers: []float64{1, 1}}, {Kind: datasets.Numeric, Numbers: []float64{1, 1}},
		{Kind: datasets.Boolean, Numbers: []float64{0, 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	source := plainSource
	source.Paths = []string{filepath.Join(t.TempDir(), "f.parquet"), file(t, "g.csv", "lead,at,type,id,won,other\n7,02/01/2024,x,1,yes,03/04/2024\n")}
	if err := datasets.WriteTable(source.Paths[0], &datasets.Table{Schema: schema, Batches: []*datasets.Batch{b}}); err != nil {
		t.Fatal(err)
	}
	source.Properties = []string{"won"}
	source.Force = map[string]datasets.Field{"at": {Kind: datasets.Time, Layout: "dd/mm/yyyy"}}
	log, r, err := Read(t.Context(), source, []string{"123456789", "7"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, log)
	if r.Kept != 2 || r.Duplicates != 1 || r.First != moment(t, "2023-12-31T22:00") || r.Last != moment(t, "2024-01-01") {
		t.Errorf("%+v", r)
	}
	if p := log.parts[0]; p.values[0][0] != 1 {
		t.Errorf("won is %v", p.values[0])
	}
}

func TestReadRefuses(t *testing.T) {
	csv := file(t, "f.csv", "lead,at,type,id,n,s,d\na,2024-01-01,visit,1,5,x,03/04/2024\n")
	wide := "lead,at,type,id"
	row := "a,2024-01-01,visit,1"
	for i := range 40 {
		wide += ",p" + string(rune('A'+i))
		row += ",1"
	}
	with := func(change func(*Source)) Source {
		s := plainSource
		s.Paths = []string{csv}
		change(&s)
		return s
	}
	for _, test := range []struct {
		source Source
		want   string
	}{
		{with(func(s *Source) { s.Paths = nil }), "no file is named"},
		{with(func(s *Source) { s.Lead, s.At = "", "" }), "the column of the lead is not named\nthe column of the time is not named"},
		{with(func(s *Source) { s.ID = "lead" }), `column "lead" is both the lead and the id`},
		{with(func(s *Source) { s.Type = "typ" }), `"typ" (did you mean "type"?)`},
		{with(func(s *Source) { s.At = "n" }), `column "n" is numeric; want times`},
		{with(func(s *Source) { s.At = "d" }), "can be read in two ways"},
		{with(func(s *Source) { s.Properties = []string{"s"} }), `column "s" is categorical; want numbers`},
		{with(func(s *Source) { s.Properties = []string{"amount"} }), `no file has the property "amount"`},
		{with(func(s *Source) { s.Paths = []string{file(t, "w.csv", wide+"\n"+row+"\n")} }), "there are 40 numeric columns"},
		{with(func(s *Source) { s.Paths = []string{csv, "none.csv"} }), "reading none.csv: no such file"},
	} {
		if _, _, err := Read(t.Context(), test.source, []string{"a"}, Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	good := with(func(*Source) {})
	if _, _, err := Read(t.Context(), good, []string{"a", "b", "a"}, Options{}); err == nil || !strings.Contains(err.Error(), `lead "a" is both number 0 and number 2`) {
		t.Errorf("got %v", err)
	}
	if _, _, err := Read(t.Context(), good, []string{"a"}, Options{Memory: -1}); err == nil {
		t.Error("negative memory was taken")
	}
}

func TestTooManyTypes(t *testing.T) {
	defer goleak.VerifyNone(t)
	var b strings.Builder
	b.WriteString("lead,at,type,id\n")
	for i := range 70_000 {
		b.WriteString("a,2024-01-01,https://example.com/" + strings.Repeat("x", i%7) + string(rune(0x4e00+i%20_000)) + string(rune('a'+i/20_000)) + ",\n")
	}
	source := plainSource
	source.Paths = []string{file(t, "f.csv", b.String())}
	if _, _, err := Read(t.Context(), source, []string{"a"}, Options{}); err == nil || !strings.Contains(err.Error(), `column "type" has more than 65535 distinct values`) {
		t.Errorf("got %v", err)
	}
}

// A place that cannot be written to is an error, and so is a cancelled context.
func TestReadFailsCleanly(t *testing.T) {
	defer goleak.VerifyNone(t)
	source := plainSource
	source.Paths = []string{file(t, "f.csv", "lead,at,type,id\na,2024-01-01,visit,1\n")}
	if _, _, err := Read(t.Context(), source, []string{"a"}, Options{Memory: 1, TempDir: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "spilling events") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Read(ctx, source, []string{"a"}, Options{}); err == nil {
		t.Error("a cancelled reading went on")
	}
}

// Only the columns that are wanted are decoded.
func TestOnlyWantedColumnsAreRead(t *testing.T) {
	source := plainSource
	source.Paths = []string{file(t, "f.csv", "lead,other,at,type,id,n,s\na,1,2024-01-01,visit,1,5,x\n")}
	source.Properties = []string{"n"}
	l, err := source.inspect(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range l.schemas[0].Fields {
		if f.Kind != datasets.Unknown {
			names = append(names, f.Name)
		}
	}
	if got := strings.Join(names, " "); got != "lead at type id n" {
		t.Errorf("read are %s", got)
	}
}

func TestNoLeadsAndNoEvents(t *testing.T) {
	source := plainSource
	source.Paths = []string{file(t, "f.csv", "lead,at,type,id\na,2024-01-01,visit,1\n")}
	for _, leads := range [][]string{nil, {"b"}} {
		log, r, err := Read(t.Context(), source, leads, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Kept != 0 || r.First != datasets.MissingTime || r.Last != datasets.MissingTime {
			t.Errorf("%+v", r)
		}
		rows := make([]Moment, len(leads))
		p, err := Learn(t.Context(), log, rows, nil, Spec{})
		if err != nil {
			t.Fatal(err)
		}
		columns := columnsOf(t, p, log, rows, 0)
		for c, f := range p.Fields() {
			for i := range rows {
				if v := columns[c].Value(i); !v.Missing() && v.Num != 0 {
					t.Errorf("%s is %v", f.Name, v)
				}
			}
		}
		if _, err := p.Columns(t.Context(), log, []Moment{{Lead: int32(len(leads))}}, 0); err == nil {
			t.Error("a lead that there is not was taken")
		}
		closed(t, log)
	}
}
