package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"leadscore/datasets"
	"leadscore/model"
)

// panicking is a model that panics with a lead's own values, where a test says so.
type panicking struct {
	scorer
	bad func(id string) bool
}

func (p *panicking) Advise(l *model.Lead, reasons int, e *model.Explanation) error {
	if p.bad(l.Values[0].Str) {
		panic("lead " + l.Values[0].Str)
	}
	return p.scorer.Advise(l, reasons, e)
}

func (p *panicking) ScoreBatch(b *datasets.Batch, c *model.Columns) error {
	for row := range b.Rows() {
		if id := b.Value(0, row).Str; p.bad(id) {
			panic("lead " + id)
		}
	}
	return p.scorer.ScoreBatch(b, c)
}

// TestPanicsInBatches: of JSON, NDJSON, CSV and Arrow, in the one goroutine of a small batch and in those that a large one is scored by. A row that panics has
// its error, each other row has the bytes that it has without it, and the server lives.
func TestPanicsInBatches(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Drain: 1}, loadedModel(t, "won"))
	addr := h.listen(t)
	set := h.models.Load()
	if err := h.setScorers([]scorer{&panicking{set.models[0].scorer, func(id string) bool { return strings.HasPrefix(id, "zq7person") }}}); err != nil {
		t.Fatal(err)
	}
	hc := client(t)
	columns := &datasets.Schema{Fields: []datasets.Field{schema.Fields[0], schema.Fields[2]}, Nulls: schema.Nulls}
	forms := map[string]func(ids []string) string{
		ndjson: func(ids []string) string {
			var b strings.Builder
			for _, id := range ids {
				b.WriteString(lead(id) + "\n")
			}
			return b.String()
		},
		jsonBody: func(ids []string) string {
			var leads []string
			for _, id := range ids {
				leads = append(leads, lead(id))
			}
			return "[" + strings.Join(leads, ",\n") + "]"
		},
		csvMedia: func(ids []string) string { return "lead_id,visits\n" + strings.Join(ids, ",3\n") + ",3\n" },
		arrowMedia: func(ids []string) string {
			c := []datasets.Column{{Kind: datasets.Text, Texts: ids}, {Kind: datasets.Numeric, Numbers: slices.Repeat([]float64{3}, len(ids))}}
			b, err := datasets.NewBatch(columns, len(ids), c)
			if err != nil {
				t.Fatal(err)
			}
			return encode(t, datasets.NewArrowEncoder(columns), b)
		},
	}
	ask := func(media, query string, ids []string, chunked bool) (rows []string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, "http://"+addr+batchPath+query, strings.NewReader(forms[media](ids)))
		if err != nil {
			t.Fatal(err)
		}
		if chunked {
			r.ContentLength = -1
		}
		r.Header.Set("Content-Type", media)
		r.Header.Set("X-Request-Id", "mine")
		resp, err := hc.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %d bytes, %v", media, resp.StatusCode, len(b), err)
		}
		if media == ndjson || media == jsonBody {
			rows = strings.Split(strings.Trim(string(b), "[]\n"), "\n")
		} else {
			cells, _ := rowsOf(t, answer{resp.StatusCode, resp.Header, string(b)})
			for _, row := range cells {
				rows = append(rows, fmt.Sprint(row))
			}
		}
		for i := range rows {
			rows[i] = strings.TrimSuffix(rows[i], ",")
		}
		return rows
	}
	panics, batches := 0, 0
	for media := range forms {
		for _, size := range []int{1, 3, 200} { // of long ids, so that the last is scored on several goroutines
			for _, query := range []string{"?explain=0", "?explain=2"} {
				var fine, ids []string
				for i := range size {
					fine = append(fine, fmt.Sprintf("a-%060d", i))
				}
				ids = slices.Clone(fine)
				bad := slices.Compact([]int{0, size / 2, size - 1})
				for _, i := range bad {
					ids[i] = fmt.Sprintf("zq7person-%060d", i)
				}
				want := ask(media, query, fine, false)
				for _, chunked := range []bool{false, true} {
					name := fmt.Sprintf("%s%s, %d rows, chunked %v", media, query, size, chunked)
					got := ask(media, query, ids, chunked)
					panics, batches = panics+len(bad), batches+1
					if len(got) != size || len(want) != size {
						t.Fatalf("%s: %d and %d rows", name, len(got), len(want))
					}
					for i := range got {
						switch failed := slices.Contains(bad, i); {
						case !failed && got[i] != want[i]:
							t.Fatalf("%s: row %d is %s, want %s", name, i, got[i], want[i])
						case failed && (!strings.Contains(got[i], "internal") || strings.Contains(got[i], "zq7person") ||
							strings.HasPrefix(got[i], "{") && !strings.Contains(got[i], `"request_id":"mine"`)):
							t.Fatalf("%s: row %d is %s", name, i, got[i])
						}
					}
				}
			}
		}
	}
	rows, _ := rowsOf(t, h.do(t, "POST", batchPath, csvMedia, "lead_id,visits\na,1\nzq7person1,2\nb,x\nzq7person2,3\nc,4\n", "X-Request-Id", "mine"))
	panics, batches = panics+2, batches+1
	var said []string // of rows that panic among those that cannot be read
	for _, row := range rows {
		code, _, _ := strings.Cut(row["error"], ":")
		said = append(said, row["lead_id"]+code)
	}
	if want := []string{"a", "internal", "invalid_value", "internal", "c"}; !slices.Equal(said, want) {
		t.Errorf("rows %q, want %q", said, want)
	}
	if n := h.metric(t, "leadscore_panics_total"); n != strconv.Itoa(panics) {
		t.Errorf("%s panics were counted of %d", n, panics)
	}
	log := h.log.String()
	if strings.Contains(log, "zq7person") || strings.Count(log, `"a row panicked"`) != panics || !strings.Contains(log, `"panic":"a panic of type string"`) || !strings.Contains(log, `"request_id":"mine"`) {
		t.Error("the log holds a lead, or does not tell of each panic once")
	}
	if n := strings.Count(log, `"stack":`); n != batches || !strings.Contains(log, "panic_test.go") {
		t.Errorf("%d stacks of %d batches", n, batches)
	}
	until(t, "free places", func() bool { return h.batches.inFlight() == 0 })
}

// FuzzPromotion: whatever a body asks for, it is done or refused, and only a version that is there is promoted.
func FuzzPromotion(f *testing.F) {
	for _, body := range []string{`{"version":"v2"}`, ` {"version" : "v1"} `, `{"version":"v9"}`, `{}`, `{"version":"../v1"}`, `{"version":"\u0076\u0031"}`, "", `{"version":"v1"} x`} {
		f.Add(body, true)
	}
	r := shelf(f, 2, "won")
	h := catalogHarness(f, Catalog{Registry: r})
	f.Fuzz(func(t *testing.T, body string, promote bool) {
		path := "/v1/models/won/rollback"
		if promote {
			path = "/v1/models/won/promote"
		}
		q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		q.Header.Set("Content-Type", jsonBody)
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, q)
		switch w.Code {
		case 200, 400, 404, 409, 413:
		default:
			t.Fatalf("%q: %d %s", body, w.Code, w.Body)
		}
		if c, err := r.Champion("won"); err != nil || c != "v1" && c != "v2" {
			t.Fatalf("%q: the champion is %q (%v)", body, c, err)
		}
	})
}
