package serve

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"leadscore/model"
	"leadscore/serve/access"
)

// secret is a value that no log and no metric may have, in forms that each kind of field takes.
const secret = "zq7person"

// personal are bodies with the secret in every place that a body has.
var personal = []string{
	`{"lead":{"lead_id":"` + secret + `","notes":"` + secret + `","source":"` + secret + `","Job Title":"` + secret + `"},"events":[{"type":"` + secret + `","at":"2026-01-01T00:00:00Z","properties":{"` + secret + `":"` + secret + `"}}]}`,
	`{"lead":{"` + secret + `":1,"visits":"` + secret + `","created_at":"` + secret + `","do_not_email":"` + secret + `"}}`,
	`{"unknown":"warn","lead":{"` + secret + `":"` + secret + `"}}`,
	`{"lead":{},"as_of":"` + secret + `","lang":"` + secret + `","previous":{"stage":"` + secret + `"},"` + secret + `":1}`,
	`{"lead":{"a":"` + secret + `","a":"` + secret + `"}}`,
	`{"lead":{"notes":"` + secret + `"}} ` + secret,
	secret, `"` + secret, `{"` + secret + `"`, "",
}

// TestNothingPersonalIsLoggedAnywhere sends the secret to every route, in its path, query, head and body, with and without credentials,
// while the model answers, fails, and panics with the lead's own values.
func TestNothingPersonalIsLoggedAnywhere(t *testing.T) {
	bare := newHarness(t, Limits{Body: 4096}, loadedModel(t, "won"))
	keyed, keys := credentialed(t, Limits{Body: 4096}, access.Rate{}, access.Score|access.Read|access.Admin)
	failures := map[string]func(*model.Lead) error{
		"answers":              func(*model.Lead) error { return nil },
		"fails":                func(*model.Lead) error { return errors.New("a model that cannot") },
		"panics":               func(l *model.Lead) error { panic(fmt.Sprint(l.Values)) },
		"panics with an error": func(l *model.Lead) error { panic(fmt.Errorf("lead %v", l.Values)) },
		"runs out":             func(l *model.Lead) error { _ = l.Values[len(l.Values)+3]; return nil },
		"mistakes":             func(l *model.Lead) error { var v any = l.Values[0].Str; _ = v.(int); return nil },
	}
	for name, broken := range failures {
		for _, h := range []*harness{bare, keyed} {
			h.use(t, broken)
			for _, r := range h.routes() {
				for i, text := range personal {
					for _, contentType := range []string{jsonBody, ndjson, secret} {
						path := strings.ReplaceAll(r.path, ":name", []string{"won", secret}[i%2])
						header := []string{"X-Request-Id", "not sane " + secret, "User-Agent", secret, "Referer", "http://" + secret, "X-Forwarded-For", secret,
							"Cookie", secret, "Accept-Language", secret, "X-API-Key", []string{keys[0], secret}[i/2%2], "Content-Encoding", []string{"", secret}[i/4%2]}
						if i%3 == 1 {
							path += "?email=" + secret
						}
						if i%5 == 4 {
							header = append(header, "Origin", "https://"+secret, "Authorization", "Bearer "+secret)
						}
						body := text
						if r.path == "/v1/score/batch" && contentType == jsonBody {
							body = "[" + strings.ReplaceAll(text, "\n", "") + "]"
						}
						h.survives(r.method, path, contentType, body, header)
					}
				}
			}
			for _, odd := range [][2]string{{"GET", "/" + secret}, {secret, "/v1/score"}, {"OPTIONS", "/v1/score?" + secret}} {
				h.survives(odd[0], odd[1], jsonBody, personal[0], []string{"Origin", "https://" + secret})
			}
		}
		for _, h := range []*harness{bare, keyed} {
			for _, line := range strings.Split(h.log.String(), "\n") {
				if strings.Contains(strings.ToLower(line), secret) || strings.Contains(line, keys[0][4:]) {
					t.Errorf("while the model %s, the log holds it:\n%s", name, line)
				}
			}
			if page := h.do(t, "GET", "/metrics", "", "", "X-API-Key", keys[0]).body; strings.Contains(page, secret) || !strings.Contains(page, "leadscore_requests_total") {
				t.Errorf("while the model %s, the metrics hold it", name)
			}
		}
	}
	if log := bare.log.String(); !strings.Contains(log, "a handler panicked") || !strings.Contains(log, "a model that cannot") {
		t.Error("nothing failed, so nothing was tried")
	}
}

// survives asks without looking at the answer. A batch that breaks off panics on purpose, as net/http expects.
func (h *harness) survives(method, path, contentType, body string, header []string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	defer func() { _ = recover() }()
	h.Handler().ServeHTTP(httptest.NewRecorder(), r)
}
