package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// TestPanicsInBatches: in the one goroutine of a small batch and in those that a large one is scored by, in the first piece and after part of
// the answer is out. The client gets a 500 with the request's id or sees that the answer is not whole, and the server lives.
func TestPanicsInBatches(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Limits{Drain: 1}, loadedModel(t, "won"))
	addr := h.listen(t)
	set := h.models.Load()
	if err := h.setScorers([]scorer{&panicking{set.models[0].scorer, func(id string) bool { return strings.HasPrefix(id, "zq7person") }}}); err != nil {
		t.Fatal(err)
	}
	hc := client(t)
	forms := map[string]func(id string) (row, head, tail string){
		ndjson:   func(id string) (string, string, string) { return lead(id) + "\n", "", "" },
		jsonBody: func(id string) (string, string, string) { return lead(id) + ",\n", "[", lead("z") + "]" },
		csvMedia: func(id string) (string, string, string) { return id + ",3\n", "lead_id,visits\n", "" },
	}
	panics := 0
	for media, form := range forms {
		for _, before := range []int{0, 3, 1500} { // rows before the one that panics
			for _, after := range []int{0, 1500} {
				fine, head, tail := form("a")
				bad, _, _ := form("zq7person")
				text := head + strings.Repeat(fine, before) + bad + strings.Repeat(fine, after) + tail
				for _, chunked := range []bool{false, true} {
					name := fmt.Sprintf("%s, %d rows before, %d after, chunked %v", media, before, after, chunked)
					r, err := http.NewRequest(http.MethodPost, "http://"+addr+batchPath, strings.NewReader(text))
					if err != nil {
						t.Fatal(err)
					}
					if chunked {
						r.ContentLength = -1
					}
					r.Header.Set("Content-Type", media)
					r.Header.Set("X-Request-Id", "mine")
					r.Close = true // the next one must not meet a connection that is about to end
					panics++
					resp, err := hc.Do(r)
					if err != nil {
						if before+after > 0 { // the answer may have ended while the client still sent
							continue
						}
						t.Fatalf("%s: %v", name, err)
					}
					b, err := io.ReadAll(resp.Body)
					_ = resp.Body.Close()
					switch {
					case resp.StatusCode == http.StatusInternalServerError:
						if !strings.Contains(string(b), `"request_id":"mine"`) || strings.Contains(string(b), "zq7person") {
							t.Errorf("%s: %s", name, b)
						}
					case resp.StatusCode != http.StatusOK || before == 0 || err == nil: // cut off: an early end, or a reset where the client still sent
						t.Errorf("%s: %d, %d bytes, %v", name, resp.StatusCode, len(b), err)
					}
				}
			}
		}
	}
	if n := h.metric(t, "leadscore_panics_total"); n != strconv.Itoa(panics) {
		t.Errorf("%s panics were counted of %d", n, panics)
	}
	if log := h.log.String(); strings.Contains(log, "zq7person") || !strings.Contains(log, "a panic of type string") || !strings.Contains(log, `"request_id":"mine"`) {
		t.Error("the log holds a lead, or does not tell of the panics")
	}
	if a := h.do(t, "POST", batchPath, ndjson, lead("b")+"\n"); a.status != 200 || !strings.Contains(a.body, `"b"`) {
		t.Errorf("the next batch: %d %s", a.status, a.body)
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
