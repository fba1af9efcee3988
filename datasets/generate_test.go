package datasets

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func generated(t testing.TB, o GenerateOptions) *History {
	t.Helper()
	h, err := Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSameSeedSameBytes(t *testing.T) {
	var files [3][]byte
	for i, seed := range []uint64{5, 5, 6} {
		dir := filepath.Join(t.TempDir(), "crm")
		if err := generated(t, GenerateOptions{Leads: 3000, Seed: seed}).Save(dir); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"leads.csv", "events.parquet", "truth.csv", "truth.json"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[i] = append(files[i], b...)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one seed, two histories")
	}
	if bytes.Equal(files[0], files[2]) {
		t.Error("two seeds, one history")
	}
}

// The probabilities are those of the labels: in ten bands of probability the share of wins lies
// within four standard errors, and overall it is what a B2B funnel has.
func TestTruthIsCalibratedToTheLabels(t *testing.T) {
	h := generated(t, GenerateOptions{Leads: 60_000, Seed: 11})
	won, _ := h.Labels()
	mature := matureBefore(h, time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC))
	var order []int
	for i := range won {
		if mature[i] {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch pa, pb := h.Truth.Probability[a], h.Truth.Probability[b]; {
		case pa < pb:
			return -1
		case pa > pb:
			return 1
		}
		return 0
	})
	wins, mean := 0, 0.0
	for band := range 10 {
		rows := order[band*len(order)/10 : (band+1)*len(order)/10]
		var expected, variance, observed float64
		for _, i := range rows {
			p := h.Truth.Probability[i]
			expected += p
			variance += p * (1 - p)
			if won[i] {
				observed++
				wins++
			}
		}
		mean += expected
		if math.Abs(observed-expected) > 4*math.Sqrt(variance) {
			t.Errorf("band %d: %v wins of %d, %.1f expected", band, observed, len(rows), expected)
		}
	}
	if rate := float64(wins) / float64(len(order)); rate < 0.08 || rate > 0.12 {
		t.Errorf("win rate %.3f", rate)
	}
	t.Logf("win rate %.4f, expected %.4f of %d mature leads", float64(wins)/float64(len(order)), mean/float64(len(order)), len(order))
}

// matureBefore marks the leads created before a moment.
func matureBefore(h *History, end time.Time) []bool {
	var mature []bool
	created := h.Leads.Schema.Index("created_at")
	for _, b := range h.Leads.Batches {
		for _, at := range b.Column(created).Times {
			mature = append(mature, at < end.UnixMicro())
		}
	}
	return mature
}

// The truth is a function of what the files hold before created_at: adding up the published
// coefficients over the rows and the log, as a reader of the files would, gives every logit.
func TestLogitsAreSumsOfTheCoefficients(t *testing.T) {
	h := generated(t, GenerateOptions{Leads: 4000, Seed: 3})
	value := map[string]float64{}
	for _, c := range h.Truth.Coefficients {
		if _, twice := value[c.Name]; twice {
			t.Fatalf("two coefficients are named %q", c.Name)
		}
		value[c.Name] = c.Value
	}
	coefficient := func(name string) float64 {
		v, ok := value[name]
		if !ok {
			t.Fatalf("no coefficient %q", name)
		}
		return v
	}
	cell := cellsByName(h.Leads)
	created := map[string]int64{}
	for i, id := range cell["lead_id"] {
		created[id.Str] = cell["created_at"][i].Time
	}
	events := cellsByName(h.Events)
	counts := map[string]map[string]float64{}
	for i, id := range events["lead_id"] {
		if events["occurred_at"][i].Time < created[id.Str] {
			if counts[id.Str] == nil {
				counts[id.Str] = map[string]float64{}
			}
			counts[id.Str][events["event_type"][i].Str]++
		}
	}
	for i, id := range cell["lead_id"] {
		x := coefficient("intercept")
		for _, column := range []string{"job_title", "company_size", "industry", "country", "source", "product_interest"} {
			if v := cell[column][i]; !v.Missing() {
				x += coefficient(column + "=" + v.Str)
			}
		}
		if cell["job_title"][i].Missing() {
			x += coefficient("job_title missing")
		}
		class := "free"
		switch _, domain, _ := strings.Cut(cell["email"][i].Str, "@"); {
		case strings.HasSuffix(domain, ".example"):
			class = "business"
		case slices.Contains(disposableDomains, domain):
			class = "disposable"
		}
		x += coefficient("email class=" + class)
		if v := cell["budget_confirmed"][i]; !v.Missing() {
			x += coefficient("budget_confirmed=" + v.String())
		}
		if v := cell["annual_revenue"][i]; v.Missing() {
			x += coefficient("annual_revenue missing")
		} else {
			x += coefficient("ln(annual_revenue / 10 million)") * math.Log(v.Num/1e7)
		}
		if v := cell["time_on_site"][i]; v.Missing() {
			x += coefficient("time_on_site missing")
		} else {
			x += coefficient("ln(1 + time_on_site / 60)") * math.Log1p(v.Num/60)
		}
		if v := cell["pages_per_visit"][i]; !v.Missing() && v.Num > 8 {
			x += coefficient("pages_per_visit > 8")
		}
		for _, e := range eventTypes {
			x += coefficient("ln(1 + "+e.name+" events before created_at)") * math.Log1p(counts[id.Str][e.name])
		}
		if counts[id.Str]["demo_request"] > 0 && cell["budget_confirmed"][i] == Bool(true) {
			x += coefficient("a demo_request event before created_at and budget_confirmed=true")
		}
		day := time.UnixMicro(cell["created_at"][i].Time).UTC().YearDay()
		x += coefficient("cos(2π (day of the year of created_at − 305) / 365.25)") * math.Cos(2*math.Pi*(float64(day)-305)/365.25)
		if math.Abs(x-h.Truth.Logit[i]) > 1e-9 {
			t.Fatalf("lead %s: the sum is %v, the truth says %v", id.Str, x, h.Truth.Logit[i])
		}
		if n := counts[id.Str]["page_view"]; cell["page_views"][i] != Number(n) {
			t.Fatalf("lead %s: page_views is %v, the log has %v", id.Str, cell["page_views"][i], n)
		}
	}
}

func cellsByName(t *Table) map[string][]Value {
	cells := map[string][]Value{}
	for c, f := range t.Schema.Fields {
		cells[f.Name] = columnValues(t, c)
	}
	return cells
}

func TestHistoryIsConsistentInTime(t *testing.T) {
	end := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	o := GenerateOptions{Leads: 5000, Seed: 9, Start: end.AddDate(0, -6, 0), End: end}
	h := generated(t, o)
	cell := cellsByName(h.Leads)
	last := int64(math.MinInt64)
	created := map[string]int64{}
	open := 0
	for i := range cell["lead_id"] {
		c, closed, mql, status := cell["created_at"][i].Time, cell["closed_at"][i], cell["mql_at"][i], cell["status"][i].Str
		if c < last || c < o.Start.UnixMicro() || c >= end.UnixMicro() {
			t.Fatalf("row %d: created %v", i+1, time.UnixMicro(c).UTC())
		}
		last = c
		created[cell["lead_id"][i].Str] = c
		if (status == "open") != closed.Missing() {
			t.Fatalf("row %d: %s, closed at %v", i+1, status, closed)
		}
		if status == "open" {
			open++
			if !cell["contract_value"][i].Missing() {
				t.Fatalf("row %d: open with a contract", i+1)
			}
			if end.UnixMicro()-c > int64(OutcomeWindow/time.Microsecond) {
				t.Fatalf("row %d: open after the outcome window", i+1)
			}
		} else if closed.Time <= c || closed.Time >= end.UnixMicro() || closed.Time-c >= int64(OutcomeWindow/time.Microsecond) {
			t.Fatalf("row %d: created %v, closed %v", i+1, c, closed.Time)
		}
		if !mql.Missing() && (mql.Time < c || mql.Time >= end.UnixMicro()) {
			t.Fatalf("row %d: MQL at %v", i+1, mql.Time)
		}
	}
	if open == 0 {
		t.Error("no deal is open at the end")
	}
	last = math.MinInt64
	events := cellsByName(h.Events)
	before := 0
	for i, at := range events["occurred_at"] {
		c, known := created[events["lead_id"][i].Str]
		if !known || at.Time < last || at.Time >= end.UnixMicro() || at.Time < c-61*microsPerDay {
			t.Fatalf("event %d: at %v", i+1, time.UnixMicro(at.Time).UTC())
		}
		last = at.Time
		if at.Time < c {
			before++
		}
	}
	if share := float64(before) / float64(len(events["lead_id"])); share < 0.2 || share > 0.6 {
		t.Errorf("%.2f of the events are before the lead's creation", share)
	}
}

// The leak leaks, the missing values are missing for reasons, and more leads come late than early.
func TestHistoryHasTheTrapsOfRealOnes(t *testing.T) {
	h := generated(t, GenerateOptions{Leads: 20_000, Seed: 2})
	cell := cellsByName(h.Leads)
	share := func(of func(i int) bool, among func(i int) bool) float64 {
		n, k := 0.0, 0.0
		for i := range cell["lead_id"] {
			if among(i) {
				n++
				if of(i) {
					k++
				}
			}
		}
		return k / n
	}
	missing := func(column string) func(int) bool { return func(i int) bool { return cell[column][i].Missing() } }
	is := func(column, level string) func(int) bool {
		return func(i int) bool { return cell[column][i].Str == level }
	}
	won, lost := is("status", "closed_won"), is("status", "closed_lost")
	filled := func(i int) bool { return !cell["contract_value"][i].Missing() }
	if w, l := share(filled, won), share(filled, lost); w < 0.9 || l > 0.06 {
		t.Errorf("contract_value is filled for %.2f of the won and %.2f of the lost", w, l)
	}
	if small, large := share(missing("annual_revenue"), is("company_size", "1-10")), share(missing("annual_revenue"), is("company_size", "10,001+")); small < 3*large {
		t.Errorf("revenue is missing for %.2f of the smallest and %.2f of the largest", small, large)
	}
	if share(missing("time_on_site"), is("source", "Cold list")) != 1 || share(missing("time_on_site"), is("source", "Google Ads")) != 0 {
		t.Error("web columns do not follow the source")
	}
	late := func(i int) bool { return i >= 0 && cell["created_at"][i].Time >= at("2025-01-01T00:00:00Z").Time }
	if s := share(late, func(int) bool { return true }); s < 0.55 {
		t.Errorf("%.2f of the leads are of the second year", s)
	}
	titled := share(won, func(i int) bool { return cell["job_title"][i].Str == "CEO" && !is("status", "open")(i) })
	students := share(won, func(i int) bool { return cell["job_title"][i].Str == "Student" && !is("status", "open")(i) })
	if titled < 3*students {
		t.Errorf("CEOs are won at %.3f, students at %.3f", titled, students)
	}
}

func TestSavedHistoryReadsBack(t *testing.T) {
	h := generated(t, GenerateOptions{Leads: 2000, Seed: 4})
	dir := t.TempDir()
	if err := h.Save(dir); err != nil {
		t.Fatal(err)
	}
	leads, err := Read(context.Background(), filepath.Join(dir, "leads.csv"), ReadOptions{Schema: h.Leads.Schema})
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, leads, h.Leads)
	events, err := Read(context.Background(), filepath.Join(dir, "events.parquet"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, events, h.Events)
	inferred, err := Read(context.Background(), filepath.Join(dir, "leads.csv"), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range inferred.Schema.Fields {
		want := h.Leads.Schema.Fields[i].Kind
		if want == Text {
			want = Categorical
		}
		if f.Kind != want {
			t.Errorf("column %q is inferred as %v, was generated as %v", f.Name, f.Kind, want)
		}
	}
}

func TestGenerateRefusesNonsense(t *testing.T) {
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, o := range []GenerateOptions{{Leads: -1}, {Start: now, End: now}, {Start: now, End: now.AddDate(-1, 0, 0)}, {End: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		if _, err := Generate(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	if h := generated(t, GenerateOptions{Leads: 1}); h.Leads.Rows() != 1 || len(h.Truth.Logit) != 1 {
		t.Errorf("%d rows", h.Leads.Rows())
	}
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		h := generated(b, GenerateOptions{Leads: 100_000, Seed: 1})
		b.ReportMetric(float64(h.Events.Rows()), "events")
	}
}
