package serve

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// forms are a table in each form that a server scores, the facades' among them.
func (x textTable) forms(t testing.TB) map[string][3]string {
	t.Helper()
	all := x.facadeForms(t, "")
	lines := ""
	for i := range x.rows {
		lines += x.body(i) + "\n"
	}
	all["csv batch"], all["arrow batch"], all["ndjson"] = [3]string{batchPath, csvMedia, x.csv()}, [3]string{batchPath, arrowMedia, x.arrow(t)}, [3]string{batchPath, ndjson, lines}
	return all
}

// sickScorer panics.
type sickScorer struct{ scorer }

func (sickScorer) Advise(*model.Lead, int, *model.Explanation) error { panic("secret") }
func (sickScorer) Score(*model.Lead, *model.Prediction) error        { panic("secret") }
func (sickScorer) ScoreBatch(*datasets.Batch, *model.Columns) error  { panic("secret") }

// versions is what each version says of a lead by itself; nil: it refuses it.
func (h *harness) versions(t *testing.T, query, lead string) (v1, v2 *api.Answer) {
	t.Helper()
	ask := func(version string) *api.Answer {
		got := h.post(t, "/v1/score", "model=won@"+version+query, jsonBody, []byte(lead))
		if got.status != 200 {
			return nil
		}
		a := new(api.Answer)
		if err := json.Unmarshal([]byte(got.body), a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	return ask("v1"), ask("v2")
}

// TestShadowSeesTables: what is told of a challenger is what it says of the same leads when it is asked alone, by whatever way the leads came, whether it
// reads the champion's columns or others; and the champion's answers are as they are without it.
func TestShadowSeesTables(t *testing.T) {
	low := func(a *model.Artifact) { a.Targets[0].Intercept = -4 }
	empty := someLeads("empty")
	for i := range empty.rows {
		if i%4 == 0 {
			empty.rows[i][3] = "many" // the challenger's column is a number
		}
	}
	for name, test := range map[string]struct {
		other []byte
		table textTable
	}{
		"the same columns":     {versionOf(t, "won", -1), someLeads()},
		"other columns":        {otherColumns(t, low), empty},
		"all rows are refused": {otherColumns(t), someLeads("closed_at")},
	} {
		h := withChallenger(t, test.other, Challenger{Shadow: true})
		var rows, refused, moved, asked float64
		var sum, abs float64
		places := map[int]bool{} // of leads for which another stage is recommended
		for i := range test.table.rows {
			champion, challenger := h.versions(t, "", test.table.body(i))
			if challenger == nil {
				refused++
				continue
			}
			rows++
			d := challenger.Probability - champion.Probability
			sum, abs = sum+d, abs+math.Abs(d)
			if challenger.Recommendation.Stage != champion.Recommendation.Stage {
				moved++
				places[i+1] = true
			}
		}
		for form, ask := range test.table.forms(t) {
			got := h.post(t, ask[0], "", ask[1], []byte(ask[2]))
			named := strings.Replace(ask[0]+"?model=won@v1", "/models/won/infer?model=won@v1", "/models/won/versions/v1/infer", 1)
			path, query, _ := strings.Cut(named, "?")
			if want := h.post(t, path, query, ask[1], []byte(ask[2])); got.status != 200 || got.body != want.body {
				t.Fatalf("%s, %s: %d %s\n%s", name, form, got.status, got.body, want.body)
			}
			asked++
			s := h.settle(t, int64(asked)*int64(len(test.table.rows)))
			n := max(rows, 1)
			if float64(s.Rows) != asked*rows || float64(s.Refused) != asked*refused || s.Dropped != 0 || math.Abs(s.MeanDifference-sum/n) > 1e-12 || math.Abs(s.MeanAbsolute-abs/n) > 1e-12 || math.Abs(s.StageChanges-moved/n) > 1e-12 {
				t.Fatalf("%s, %s, the %v. time: %+v; want %v rows, %v refused, mean %v and %v, %v moved", name, form, asked, s, rows, refused, sum/n, abs/n, moved)
			}
			if lines := float64(h.lines("a challenger scored a lead")); lines != asked*moved || rows > 0 && moved == 0 {
				t.Errorf("%s, %s: %v lines, want %v", name, form, lines, asked*moved)
			}
			if waiting := h.shadows.leads.Load() + h.shadows.bytes.Load(); waiting != 0 {
				t.Errorf("%s, %s: %d leads and bytes are said to wait", name, form, waiting)
			}
		}
		for _, line := range strings.Split(h.log.String(), "\n") {
			var said struct {
				Msg string
				Row int
			}
			_ = json.Unmarshal([]byte(line), &said)
			if said.Msg == "a challenger scored a lead" && !places[said.Row] || strings.Contains(line, "L-1") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// TestShadowGoesByTheQuery: what a query says of the leads holds for the challenger too.
func TestShadowGoesByTheQuery(t *testing.T) {
	h := withChallenger(t, versionOf(t, "won", -1), Challenger{Shadow: true})
	const query = "as_of=2031-01-01T00:00:00Z&unknown=warn"
	x := someLeads("foreign", "first_seen")
	for i := range x.rows {
		x.rows[i][4] = fmt.Sprintf("0%d/03/2024", 1+i%9)
	}
	var sum float64
	for i := range x.rows {
		champion, challenger := h.versions(t, "&"+query, x.body(i))
		sum += challenger.Probability - champion.Probability
	}
	forms := x.forms(t)
	for _, form := range []string{"ndjson", "csv batch", "arrow batch"} {
		h.do(t, "POST", forms[form][0]+"?"+query, forms[form][1], forms[form][2])
	}
	facade := x.facadeForms(t, `"as_of":"2031-01-01T00:00:00Z","unknown":"warn"`)
	for _, form := range []string{"oip", "records"} {
		h.do(t, "POST", facade[form][0], facade[form][1], facade[form][2])
	}
	n := int64(len(x.rows))
	if s := h.settle(t, 5*n); s.Rows != 5*n || s.Refused != 0 || math.Abs(s.MeanDifference-sum/float64(n)) > 1e-12 {
		t.Errorf("%+v, want a mean of %v", s, sum/float64(n))
	}
}

// TestShadowSeesTheChampionsRows of a table that is shared out, and those alone.
func TestShadowSeesTheChampionsRows(t *testing.T) {
	x := someLeads()
	mine := 0
	for _, row := range x.rows {
		if row[0] == "" || Share("won", row[0]) >= .5 {
			mine++
		}
	}
	for _, other := range [][]byte{versionOf(t, "won", 2), otherColumns(t)} {
		r := shelf(t, 1, "won")
		addRun(t, r, other)
		addRun(t, r, versionOf(t, "won", -1, func(a *model.Artifact) { a.Outcomes = a.Outcomes[:1] }))
		h := catalogHarness(t, Catalog{Registry: r}, func(c *Config) {
			c.Challengers = []Challenger{{Name: "won", Version: "v2", Share: .5}, {Name: "won", Version: "v3", Shadow: true}}
		})
		want := 0
		for form, ask := range x.forms(t) {
			if got := h.post(t, ask[0], "", ask[1], []byte(ask[2])); got.status != 200 {
				t.Fatalf("%s: %d %s", form, got.status, got.body)
			}
			want += mine
			if s := h.settle(t, int64(want)); s.Rows != int64(want) || s.Refused != 0 {
				t.Errorf("%s: %+v, want %d rows", form, s, want)
			}
		}
	}
}

// TestShadowDropsRows: of a table that does not fit into the queue the first rows are compared and the others counted; one that is refused offers none.
func TestShadowDropsRows(t *testing.T) {
	x := someLeads()
	for _, other := range [][]byte{versionOf(t, "won", -1), otherColumns(t)} {
		h := withChallenger(t, other, Challenger{Shadow: true}, func(c *Config) { c.ShadowQueue = 5 })
		n, asked := int64(len(x.rows)), int64(0)
		for form, ask := range x.forms(t) {
			if got := h.post(t, ask[0], "", ask[1], []byte(ask[2])); got.status != 200 {
				t.Fatal(got.body)
			}
			asked++
			if s := h.settle(t, 5*asked); s.Rows != 5*asked || s.Dropped != asked*(2*n-5)-n {
				t.Errorf("%s: %+v the %d. time", form, s, asked)
			}
			h.shadows.bytes.Add(maxShadowBytes + 1) // the memory is full
			h.post(t, ask[0], "", ask[1], []byte(ask[2]))
			h.shadows.bytes.Add(-maxShadowBytes - 1)
			if s := h.settle(t, 5*asked); s.Rows != 5*asked || s.Dropped != asked*(2*n-5) {
				t.Errorf("%s: %+v with memory full", form, s)
			}
		}
	}
	h := withChallenger(t, versionOf(t, "won", -1), Challenger{Shadow: true})
	x.rows[20][1] = "many"
	for form, ask := range x.facadeForms(t, "") {
		if got := h.do(t, "POST", ask[0], ask[1], ask[2]); got.status != 400 {
			t.Fatalf("%s: %d %s", form, got.status, got.body)
		}
	}
	if n := h.shadows.leads.Load(); n != 0 {
		t.Errorf("%d leads of tables that were refused wait", n)
	}
}

// TestShadowPanicsOverTables: every row counts as refused, and nothing else happens.
func TestShadowPanicsOverTables(t *testing.T) {
	x := someLeads()
	h := withChallenger(t, versionOf(t, "won", -1), Challenger{Shadow: true})
	p := h.models.Load().models[0].shadow
	sick := *p.challenger
	sick.scorer = sickScorer{sick.scorer}
	p.challenger = &sick
	want := int64(0)
	for form, ask := range x.forms(t) {
		h.post(t, ask[0], "", ask[1], []byte(ask[2]))
		want += int64(len(x.rows))
		if s := h.settle(t, want); s.Refused != want || s.Rows != 0 || strings.Contains(h.log.String(), "secret") {
			t.Fatalf("%s: %+v", form, s)
		}
	}
}
