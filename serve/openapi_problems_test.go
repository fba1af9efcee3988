package serve

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"leadscore/model"
	"leadscore/serve/access"
	"leadscore/serve/api"
)

// shownID is the request id of all examples of openapi.json.
const shownID = "9f787267b64f56410942b821869ab256"

// stalled is a body that does not come in time.
type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// problemsByCode makes the server answer with each of its problems.
func problemsByCode(t *testing.T) map[string]answer {
	t.Helper()
	all := map[string]answer{}
	keep := func(code string, a answer) { all[code] = a }
	ask := func(h *harness, method, path, kind, body string, header ...string) answer {
		t.Helper()
		return h.do(t, method, path, kind, body, append(header, requestIDHeader, shownID)...)
	}

	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	const csv, arrow = "text/csv", "application/vnd.apache.arrow.stream"
	for _, test := range []struct{ code, path, kind, body string }{
		{api.CodeInvalidJSON, "/v1/score", jsonBody, `{"lead":{"visits":NaN}}`},
		{api.CodeUnknownField, "/v1/score", jsonBody, `{"lead":{"visits":4},"asof":"2026-02-02T09:00:00Z"}`},
		{api.CodeDuplicateKey, "/v1/score", jsonBody, `{"lead":{"visits":4,"visits":5}}`},
		{api.CodeInvalidValue, "/v1/score", jsonBody, `{"lead":{"visits":"many"}}`},
		{api.CodeUnknownAttribute, "/v1/score", jsonBody, `{"lead":{"visist":4}}`},
		{api.CodeUnknownParameter, "/v1/score?modell=won", jsonBody, good},
		{api.CodeUnknownModel, "/v1/score?model=lost", jsonBody, good},
		{api.CodeTooLarge, "/v1/score", jsonBody, strings.Repeat(" ", 1<<20+1)},
		{api.CodeMediaType, "/v1/score", "text/plain", good},
		{api.CodeInvalidCSV, batchPath, csv, "lead_id,visits,visits\nL-1,4,5\n"},
		{api.CodeInvalidArrow, batchPath, arrow, "ARROW1"},
		{api.CodeNotFound, "/v1/scores", jsonBody, good},
	} {
		keep(test.code, ask(h, "POST", test.path, test.kind, test.body))
	}
	keep(api.CodeInvalidEncoding, ask(h, "POST", "/v1/score", jsonBody, good, "Content-Encoding", "gzip"))
	keep(api.CodeMethodNotAllowed, ask(h, "GET", "/v1/score", "", ""))
	r := httptest.NewRequest(http.MethodPost, "/v1/score", io.NopCloser(stalled{}))
	r.Header.Set(requestIDHeader, shownID)
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	keep(api.CodeTimeout, answer{w.Code, w.Header(), w.Body.String()})
	h.use(t, func(*model.Lead) error { return errors.New("a mistake of ours") })
	keep(api.CodeInternal, ask(h, "POST", "/v1/score", jsonBody, good))
	keep(api.CodeNotReady, ask(newHarness(t, Limits{}), "POST", "/v1/score", jsonBody, good))

	h, keys := credentialed(t, Limits{}, access.Rate{Requests: 1, Per: time.Second}, access.Score, access.Read)
	keep(api.CodeUnauthenticated, ask(h, "POST", "/v1/score", jsonBody, good))
	keep(api.CodeForbidden, ask(h, "POST", "/v1/score", jsonBody, good, "X-API-Key", keys[1]))
	for range 3 { // at least one of them within the second of the one before
		if a := ask(h, "POST", "/v1/score", jsonBody, good, "X-API-Key", keys[0]); a.status == 429 {
			keep(api.CodeRateLimited, a)
		}
	}

	h, _ = idempotent(t, false, loadedModel(t, "won"))
	keep(api.CodeInvalidHeader, ask(h, "POST", "/v1/score", jsonBody, good, idempotencyKey, `""`))
	ask(h, "POST", "/v1/score", jsonBody, good, idempotencyKey, "lead-1")
	keep(api.CodeKeyReused, ask(h, "POST", "/v1/score", jsonBody, `{"lead":{}}`, idempotencyKey, "lead-1"))

	h, release := full(t)
	keep(api.CodeOverloaded, ask(h, "POST", "/v1/score", jsonBody, good))
	release()

	disk := &sick{Registry: shelf(t, 2, "won")}
	h = catalogHarness(t, Catalog{Registry: disk})
	keep(api.CodeConflict, ask(h, "POST", "/v1/models/won/rollback", "", ""))
	disk.list = errors.New("stale file handle")
	keep(api.CodeRegistryFailed, ask(h, "POST", "/v1/models/won/promote", jsonBody, `{"version":"v2"}`))

	books := shelf(t, 2, "won")
	h = catalogHarness(t, Catalog{Registry: books})
	write(t, books.Path("won", "v2"), nil)
	a := ask(h, "POST", "/v1/models/won/promote", jsonBody, `{"version":"v2"}`)
	a.body = strings.ReplaceAll(a.body, strings.TrimSuffix(books.Path("won", "v2"), "/won/v2/model.json"), "/models")
	keep(api.CodeUnloadable, a)
	return all
}

// TestProblemExamplesAreAnswers: the example of each code is, word for word, what the server answers.
func TestProblemExamplesAreAnswers(t *testing.T) {
	real := problemsByCode(t)
	doc, _ := document(t)
	seen := 0
	for _, r := range doc.Components.Responses {
		media := r.Value.Content["application/problem+json"]
		if media == nil {
			continue
		}
		for code, e := range media.Examples {
			seen++
			shown, err := json.Marshal(e.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			var want, got api.Problem
			if json.Unmarshal(shown, &want) != nil || json.Unmarshal([]byte(real[code].body), &got) != nil || mustJSON(t, want) != mustJSON(t, got) {
				t.Errorf("%s: the example is\n%s\nthe server answers\n%s", code, shown, real[code].body)
			}
		}
	}
	if seen < len(titles) {
		t.Errorf("%d examples of %d codes", seen, len(titles))
	}
}
