package serve

import (
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"leadscore/model"
)

// TestShareIsWhatAnotherImplementationGives: share.csv is from testdata/share.py. It may never change, or leads would move.
func TestShareIsWhatAnotherImplementationGives(t *testing.T) {
	f, err := os.Open("testdata/share.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows[1:] {
		want, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := Share(row[0], row[1]); got != want {
			t.Errorf("%q %q: %v, want %v", row[0], row[1], got, want)
		}
	}
}

// TestShareIsUniform: of n ids a share p is below p, within five standard deviations, whatever ids look like; two models are
// independent of each other.
func TestShareIsUniform(t *testing.T) {
	const n = 10_000
	for _, form := range []string{"%d", "L-%06d", "00Q5g00000%07dAAC", "lead-%x@example.com"} {
		var won, sql [n]float64
		for i := range n {
			id := fmt.Sprintf(form, i)
			won[i], sql[i] = Share("won", id), Share("sql", id)
		}
		for _, p := range []float64{.001, .01, .1, .5, .9} {
			below, both := 0, 0
			for i := range n {
				if won[i] < p {
					below++
					if sql[i] < p {
						both++
					}
				}
			}
			if sd := math.Sqrt(n * p * (1 - p)); math.Abs(float64(below)-n*p) > 5*sd {
				t.Errorf("%s: %d of %d are below %v", form, below, n, p)
			}
			if q := p * p; math.Abs(float64(both)-n*q) > 5*math.Sqrt(n*q*(1-q))+5 {
				t.Errorf("%s: %d of %d are below %v for both models", form, both, n, p)
			}
		}
	}
}

// answers is which version answers each of some leads.
func answers(t *testing.T, h *harness, query string, n int) []string {
	t.Helper()
	out := make([]string, n)
	var body strings.Builder
	for i := range n {
		fmt.Fprintf(&body, "{\"lead\":{\"lead_id\":\"L-%d\",\"visits\":%d}}\n", i, i%7)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/score/batch"+query, strings.NewReader(body.String()))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r) // not h.do: holding each row against the document takes minutes
	for i, line := range strings.Split(strings.TrimSpace(w.Body.String()), "\n") {
		_, rest, ok := strings.Cut(line, `"registry_version":"`)
		if !ok || i >= n {
			t.Fatalf("row %d: %s", i, line)
		}
		out[i], _, _ = strings.Cut(rest, `"`)
	}
	return out
}

// TestSplit: the share is met, replicas and restarts agree, a share that grows never moves a lead back, and what names a version or
// has no id is the champion's or that version's.
func TestSplit(t *testing.T) {
	r := shelf(t, 3, "won")
	const n = 500
	challenger := make([]bool, n)
	for _, share := range []float64{.1, .3, 1} {
		try := func(c *Config) { c.Challengers = []Challenger{{Name: "won", Version: "v3", Share: share}} }
		h, replica := catalogHarness(t, Catalog{Registry: r}, try), catalogHarness(t, Catalog{Registry: r, Keep: 2}, try)
		first, second := answers(t, h, "", n), answers(t, replica, "?model=won", n)
		got := 0
		for i := range n {
			if first[i] != second[i] || first[i] == "v2" {
				t.Fatalf("L-%d is answered by %s and by %s", i, first[i], second[i])
			}
			if want := Share("won", fmt.Sprintf("L-%d", i)) < share; want != (first[i] == "v3") {
				t.Errorf("L-%d is answered by %s", i, first[i])
			}
			if challenger[i] && first[i] != "v3" {
				t.Errorf("share %v moves L-%d back", share, i)
			}
			if challenger[i] = first[i] == "v3"; challenger[i] {
				got++
			}
		}
		if math.Abs(float64(got)-n*share) > 5*math.Sqrt(n*share*(1-share)) {
			t.Errorf("%d of %d are answered by the challenger, the share is %v", got, n, share)
		}
		for _, query := range []string{"?model=won@v1", "?model=won@champion"} {
			for i, v := range answers(t, h, query, 50) {
				if v != "v1" {
					t.Errorf("%s: L-%d is answered by %s", query, i, v)
				}
			}
		}
		none := h.do(t, "POST", "/v1/score", jsonBody, `{"lead":{"visits":1}}`)
		if !strings.Contains(none.body, `"registry_version":"v1"`) {
			t.Errorf("without an id: %s", none.body)
		}
		if page := h.do(t, "GET", "/v1/models/won", "", "").body; !strings.Contains(page, `"split":{"challenger":{"name":"won",`) {
			t.Error(page)
		}
	}
}

// TestSplitWhole: an answer of the challenger is the one that it gives when it is asked by name, explanations too, and what is
// wrong with a lead is the business of whoever answers it.
func TestSplitWhole(t *testing.T) {
	r := shelf(t, 1, "won")
	run := t.TempDir()
	write(t, run+"/model.json", versionOf(t, "won", 5, func(a *model.Artifact) { a.Outcomes = append(a.Outcomes[:2:2], "region") }))
	if _, err := r.Add("won", run); err != nil {
		t.Fatal(err)
	}
	h := catalogHarness(t, Catalog{Registry: r}, func(c *Config) { c.Challengers = []Challenger{{Name: "won", Version: "v2", Share: .5}} })
	taken := 0
	for i := range 12 {
		lead := fmt.Sprintf(`{"lead":{"region":"north","lead_id":"L-%d","source":"web"}}`, i) // region is known to v2 alone
		theirs := Share("won", fmt.Sprintf("L-%d", i)) < .5
		for _, route := range []string{"/v1/score", "/v1/explain"} {
			got := h.do(t, "POST", route, jsonBody, lead)
			if !theirs {
				if got.status != 400 || !strings.Contains(got.body, "lead.region") {
					t.Errorf("%s: %d %s", lead, got.status, got.body)
				}
				continue
			}
			taken++
			if want := h.do(t, "POST", route+"?model=won@v2", jsonBody, lead); got.status != 200 || got.body != want.body {
				t.Errorf("%s\n%s\n%s", lead, got.body, want.body)
			}
		}
	}
	if taken == 0 || taken == 24 {
		t.Errorf("%d of 24", taken)
	}
	h.do(t, "POST", "/v1/models/won/promote", jsonBody, `{"version":"v2"}`)
	for i, v := range answers(t, h, "", 20) {
		if v != "v2" {
			t.Errorf("L-%d is answered by %s after the challenger was promoted", i, v)
		}
	}
}

func TestChallengersAreChecked(t *testing.T) {
	for _, test := range []struct {
		all  []Challenger
		want string
	}{
		{[]Challenger{{Name: "won", Version: "v1", Share: math.NaN()}}, "its share is NaN"},
		{[]Challenger{{Name: "won", Version: "v1", Share: -.1}}, "its share is -0.1"},
		{[]Challenger{{Name: "won", Version: "champion", Share: .1}}, "want a name and a version"},
		{[]Challenger{{Name: "won", Version: "v1", Share: .1}, {Name: "won", Version: "v2", Share: .1}}, "are shared out already"},
		{[]Challenger{{Name: "won", Version: "v1", Shadow: true}, {Name: "won", Version: "v2", Shadow: true}}, "has a shadow already"},
		{[]Challenger{{Name: "won", Version: "v1", Shadow: true}, {Name: "won", Version: "v2", Share: 1}, {Name: "lost", Version: "v2", Share: 1}}, ""},
	} {
		err := checkChallengers(test.all)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: %v; want %q", test.all, err, test.want)
		}
	}
}
