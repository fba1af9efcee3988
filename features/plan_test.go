package features

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"leadscore/datasets"
)

func count(n int, cell func(i int) string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = cell(i)
	}
	return out
}

// Dropped columns are named with the reason and the figures; what is left are the features.
func TestPlan(t *testing.T) {
	const n = 200
	missing := testColumn{name: "empty", kind: datasets.Unknown, cells: make([]datasets.Value, n)}
	text := testColumn{name: "notes", kind: datasets.Text}
	numbers, ids := make([]float64, n), make([]float64, n)
	for i := range n {
		text.cells = append(text.cells, datasets.Words("lorem"))
		numbers[i], ids[i] = float64(i%7), float64(1000+i)
	}
	table := tableOf(t, 64,
		wordsOf("id", count(n, func(i int) string { return fmt.Sprint("x", i) })...),
		numbersOf("Lead Number", ids...),
		missing, text,
		wordsOf("always", slices.Repeat([]string{"No"}, n)...),
		wordsOf("company", count(n, func(i int) string { return fmt.Sprint("c", i/2) })...),
		wordsOf("phone", count(n, func(i int) string { return fmt.Sprint("+49 ", i) })...),
		wordsOf("owner_notes", slices.Repeat([]string{"a", "b"}, n/2)...),
		wordsOf("Do Not Email", slices.Repeat([]string{"Yes", "No"}, n/2)...),
		wordsOf("E-Mail", count(n, func(i int) string { return fmt.Sprintf("u%d@%s", i, []string{"gmail.com", "acme.com"}[i%2]) })...),
		wordsOf("size", slices.Repeat([]string{"1-10", "11-50"}, n/2)...),
		wordsOf("occupation", count(n, func(i int) string { return fmt.Sprint("engineer ", i%15) })...),
		numbersOf("visits", numbers...),
		wordsOf("target", slices.Repeat([]string{"a", "b"}, n/2)...),
	)
	p, notes, err := Fit(table, nil, Spec{Drop: []string{"target"}, Exclude: []string{"owner_notes"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range p.Features() {
		names = append(names, f.Name)
	}
	if want := []string{"Do Not Email", "E-Mail.domain_class", "size.size", "occupation", "visits"}; !slices.Equal(names, want) {
		t.Errorf("features %q, want %q", names, want)
	}
	var got []string
	for _, n := range notes {
		got = append(got, n.Column+": "+n.Reason)
	}
	want := []string{"id: id-like", "Lead Number: id-like", "empty: all missing", "notes: text", "always: constant", "company: rare", "phone: id-like",
		"owner_notes: excluded", "E-Mail: derived", "size: derived"}
	if !slices.Equal(got, want) {
		t.Errorf("notes\n%q, want\n%q", got, want)
	}
	for i, part := range map[int]string{0: "200 different values in the 200 training rows", 4: `is "No" in all 200 training rows`, 5: "at least 10", 8: "business 50 %, free 50 %"} {
		if !strings.Contains(notes[i].Text, part) {
			t.Errorf("the note %q does not say %q", notes[i].Text, part)
		}
	}
	if !p.Uses("E-Mail") || p.Uses("phone") || p.Uses("") {
		t.Error("Uses does not know what is used")
	}
	// A kind given by hand keeps what looks like an id.
	kept := mustFit(t, table, nil, Spec{Columns: map[string]ColumnSpec{"Lead Number": {Kind: datasets.Numeric}, "phone": {Kind: datasets.Categorical}}, MinLevel: 1})
	feature(t, kept, "Lead Number")
	feature(t, kept, "phone")
}

func TestIDLikeBoundary(t *testing.T) {
	for distinct, want := range map[int]bool{90: false, 91: true} {
		of := tally{rows: map[string]float64{}, filled: 100}
		for i := range distinct {
			of.rows[fmt.Sprint(i)] = 1
		}
		of.rows["0"] += float64(100 - distinct)
		if idLike(&of) != want {
			t.Errorf("%d different words in 100 rows: id-like is %v", distinct, !want)
		}
	}
}

func TestSpecProblemsAreNamedAllAtOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(40, 40))
	table := tableOf(t, 0, crm(rng, 100)...)
	_, _, err := Fit(table, nil, Spec{Encoding: "cubic", AsOf: "visits", Bins: 1, MinLevel: -1, Exclude: []string{"contry"}, Columns: map[string]ColumnSpec{
		"visit":     {},
		"revenue":   {Transform: "sqrt", Monotone: "up", Clip: []float64{3, 1}},
		"stars":     {Derive: "email_domain"},
		"country":   {Kind: datasets.Numeric},
		"source":    {Derive: "magic"},
		"opt_out":   {Clip: []float64{0, 1}},
		"signed_up": {Kind: datasets.Categorical},
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{`unknown encoding "cubic"`, `as_of: column "visits" is numeric; want a column of times`, "bins: 1", "min_level: -1",
		`exclude: there is no column "contry" (did you mean "country"?)`, `columns: there is no column "visit" (did you mean "visits"?)`, `"sqrt"; want none or log`,
		`"up"; want increasing or decreasing`, `clip: [3 1]`, `"stars": derive: email_domain needs a column of texts, this one is numeric`,
		`"country": kind: a column that was read as categorical cannot be treated as numeric`, `unknown derive "magic"`, `"opt_out": clip, transform and monotone need a number`,
		`"signed_up": kind`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
}

func TestNothingLeft(t *testing.T) {
	table := tableOf(t, 0, wordsOf("a", "x", "x"), wordsOf("y", "0", "1"))
	_, notes, err := Fit(table, nil, Spec{Drop: []string{"y"}})
	if err == nil || !strings.Contains(err.Error(), "a (constant)") || len(notes) != 1 {
		t.Errorf("error %v, notes %v", err, notes)
	}
	if _, _, err := Fit(table, []bool{false, false}, Spec{}); err == nil || !strings.Contains(err.Error(), "no training rows") {
		t.Errorf("error %v", err)
	}
	if _, _, err := Fit(table, []bool{true}, Spec{}); err == nil {
		t.Error("one mark for two rows is accepted")
	}
}

// A spec is not changed by fitting.
func TestFitLeavesTheSpec(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 41))
	spec := crmSpec("")
	before := fmt.Sprintf("%#v", spec)
	mustFit(t, tableOf(t, 0, crm(rng, 200)...), nil, spec)
	if after := fmt.Sprintf("%#v", spec); after != before {
		t.Errorf("the spec was changed:\n%s\n%s", before, after)
	}
}

func TestTimeFeatures(t *testing.T) {
	daily := func(name string, rows int, step, offset int64) testColumn {
		c := testColumn{name: name, kind: datasets.Time}
		for i := range int64(rows) {
			c.cells = append(c.cells, datasets.At(17000*testDay+i*step+offset))
		}
		return c
	}
	names := func(spec Spec, columns ...testColumn) string {
		var out []string
		for _, f := range mustFit(t, tableOf(t, 0, columns...), nil, spec).Features() {
			out = append(out, f.Name)
		}
		return strings.Join(out, " ")
	}
	at, earlier := daily("at", 300, testDay, 0), daily("before", 300, testDay, -5*testDay)
	earlier.cells[0] = datasets.At(16900 * testDay)
	timeParts := Spec{AsOf: "at", Columns: map[string]ColumnSpec{"at": {Derive: "time_parts"}}}
	for _, c := range []struct{ got, want string }{
		{names(Spec{AsOf: "at"}, at), "at.weekday at.day"}, // midnight always: no hour; under two years: no month
		{names(Spec{AsOf: "at"}, daily("at", 300, testDay/2+1, 0)), "at.weekday at.hour at.day"},
		{names(Spec{AsOf: "at"}, daily("at", 300, 3*testDay, 0)), "at.weekday at.month at.day"},
		{names(Spec{AsOf: "at"}, at, earlier), "at.weekday at.day before.weekday before.age"},
		{names(Spec{}, at), "at.weekday"},
		{names(timeParts, at), "at.weekday at.month"},
	} {
		if c.got != c.want {
			t.Errorf("features are %s, want %s", c.got, c.want)
		}
	}
	// Beyond the last training day it is that day, in both encodings.
	for _, e := range []Encoding{Linear, Additive} {
		p := mustFit(t, tableOf(t, 0, at), nil, Spec{AsOf: "at", Encoding: e})
		day := feature(t, p, "at.day")
		last, later := make([]Cell, len(p.Features())), make([]Cell, len(p.Features()))
		p.Row([]datasets.Value{at.cells[299]}, datasets.MissingTime, last)
		p.Row([]datasets.Value{datasets.At(19000 * testDay)}, datasets.MissingTime, later)
		if last[day] != later[day] {
			t.Errorf("%s: the last day is %v, years later it is %v", e, last[day], later[day])
		}
	}
}

func TestDescribe(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 42))
	table := tableOf(t, 0, crm(rng, 400)...)
	p, err := mustFit(t, table, nil, crmSpec(Additive)).WithPairs([][2]string{{"visits", "country"}})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]datasets.Value, len(table.Schema.Fields))
	now := int64(17100)*testDay + testDay/2
	set := func(name string, v datasets.Value) { row[table.Schema.Index(name)] = v }
	set("visits", datasets.Number(674))
	set("country", datasets.Level("Lead Add Form"))
	set("email", datasets.Level("a@acme.com"))
	set("opt_out", datasets.Bool(true))
	set("employees", datasets.Level("51-200"))
	set("job_title", datasets.Level("VP Sales"))
	set("signed_up", datasets.At(now-36*testDay/24))
	set("created_at", datasets.At(now))
	for name, want := range map[string]string{"visits": "674", "country": "Lead Add Form", "email.domain_class": "business", "opt_out": "yes", "employees.size": "51-200",
		"job_title.seniority": "vp", "job_title.department": "sales", "signed_up.age": "1.5 days", "created_at.hour": "12 h", "created_at.day": "2016-10-26",
		"created_at.weekday": "Wednesday", "stars": "missing", "source": "missing", "visits × country": "674 × Lead Add Form"} {
		if got := p.Describe(feature(t, p, name), row, datasets.MissingTime); got != want {
			t.Errorf("%s is described as %q, want %q", name, got, want)
		}
	}
}
