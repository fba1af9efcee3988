package serve

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"leadscore/model"
	"leadscore/serve/api"
)

// good is a lead that has everything.
const good = `{"lead":{"lead_id":"L-1","source":"referral","visits":4,"revenue":"1.234,5","do_not_email":false,
	"created_at":"2026-01-31T09:30:00Z","first_seen":"24/12/2025","Job Title":"CEO","notes":"secret-note"},
	"events":[{"type":"price_page","at":"2026-02-01T00:00:00Z","properties":{"page":["a",{"b":null}]}}],"as_of":"2026-02-02T00:00:00+01:00"}`

const jsonBody = "application/json"

type routeTest struct {
	name        string
	method      string // "" is POST
	path        string
	contentType string // "" is application/json; "none" sends none
	body        string
	header      []string
	status      int
	want        []string // that the answer holds
	not         []string // that it must not
	field       string   // of the problem
}

func (test *routeTest) run(t *testing.T, h *harness) {
	t.Run(test.name, func(t *testing.T) {
		method, contentType := test.method, test.contentType
		if method == "" {
			method = "POST"
		}
		switch {
		case contentType == "none" || method == "GET" && contentType == "":
			contentType = ""
		case contentType == "":
			contentType = jsonBody
		}
		a := h.do(t, method, test.path, contentType, test.body, test.header...)
		if a.status != test.status {
			t.Errorf("status %d, want %d", a.status, test.status)
		}
		for _, want := range test.want {
			if !strings.Contains(a.body, want) {
				t.Errorf("the answer lacks %s", want)
			}
		}
		for _, not := range test.not {
			if strings.Contains(a.body, not) {
				t.Errorf("the answer holds %s", not)
			}
		}
		if test.status >= 400 {
			var p api.Problem
			if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != a.status || p.RequestID != a.header.Get("X-Request-Id") ||
				p.Field != test.field || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("problem %+v (%v), content type %q; want field %q and the request's id", p, err, a.header.Get("Content-Type"), test.field)
			}
		}
		if t.Failed() {
			t.Logf("%s", a.body)
		}
	})
}

func TestScoreRoute(t *testing.T) {
	h := newHarness(t, Limits{Body: 4096}, loadedModel(t, "won"), loadedModel(t, "second"))
	for _, test := range []routeTest{
		{name: "a whole lead", body: good, status: 200,
			want: []string{`"lead_id":"L-1"`, `"target":"won"`, `"sql":`, `"rule_score":55`, `"warnings":[]`, `"name":"won"`}, not: []string{"effects", "baseline", "secret-note", "error", "rule_scores"}},
		{name: "an empty lead", body: `{"lead":{}}`, status: 200,
			want: []string{`"lead_id":""`, `is missing`, `as_of: neither it nor \"created_at\" is given`}},
		{name: "null is missing", body: `{"lead":{"visits":null,"source":null}}`, status: 200, want: []string{`\"visits\" is missing`}},
		{name: "texts of the training file", body: `{"lead":{"visits":" 4 ","do_not_email":"No","source":"Select"}}`, status: 200, want: []string{`\"source\" is missing`}, not: []string{`\"visits\" is`}},
		{name: "outcomes and columns without use", body: `{"lead":{"status":"won","closed_at":7,"empty":"x","notes":"n"}}`, status: 200, not: []string{`status`, "empty"}},
		{name: "an unseen level", body: `{"lead":{"source":"tv"}}`, status: 200, want: []string{`\"source\": training has not seen \"tv\"`}},
		{name: "escapes in keys and values", body: `{"l\u0065ad":{"sourc\u0065":"w\u0065b\u00fc\ud83d\ude00"}}`, status: 200, want: []string{`not seen \"webü😀\"`}},
		{name: "unknown attributes on request", body: `{"unknown":"warn","lead":{"shoe":44,"nested":{"a":1}}}`, status: 200, want: []string{"shoe: training had no such attribute", "nested: training"}},
		{name: "curl -d says form", contentType: "application/x-www-form-urlencoded", body: good, status: 200, want: []string{`"L-1"`}},
		{name: "no content type", contentType: "none", body: good, status: 200},
		{name: "a charset", contentType: "application/json; charset=utf-8", body: good, status: 200},
		{name: "a model by name", path: "/v1/score?model=second", body: good, status: 200, want: []string{`"name":"second"`}},

		{name: "unknown attribute", body: `{"lead":{"visist":4,"source":"web"}}`, status: 400, field: "lead.visist",
			want: []string{`"unknown_attribute"`, `did you mean \"visits\"`, `\"unknown\": \"warn\"`}, not: []string{"probability"}},
		{name: "all that is wrong", body: `{"x":1,"lead":{"visits":"many","foreign":1},"as_of":"today"}`, status: 400, field: "x",
			want: []string{`"unknown_field"`, `{"field":"lead.visits","detail":"not a number: \"many\"`, `{"field":"as_of"`, `{"field":"lead.foreign"`, "3 more"}},
		{name: "wrong kind", body: `{"lead":{"visits":true}}`, status: 400, field: "lead.visits", want: []string{`"invalid_value"`}},
		{name: "nested attribute", body: `{"lead":{"visits":{"a":[1]}}}`, status: 400, field: "lead.visits", want: []string{"flat"}},
		{name: "a number out of range", body: `{"lead":{"visits":1e999}}`, status: 400, field: "lead.visits", want: []string{"invalid_value"}},
		{name: "an infinite text", body: `{"lead":{"visits":"Infinity"}}`, status: 400, field: "lead.visits"},
		{name: "NaN", body: `{"lead":{"visits":NaN}}`, status: 400, want: []string{"NaN is not JSON; send null"}},
		{name: "-Infinity", body: `{"lead":{"visits":-Infinity}}`, status: 400, want: []string{"-Infinity is not JSON"}},
		{name: "a duplicate attribute", body: `{"lead":{"visits":1,"visits":2}}`, status: 400, field: "lead.visits", want: []string{"duplicate_key"}},
		{name: "a duplicate by escape", body: `{"lead":{"visits":1,"visit\u0073":2}}`, status: 400, field: "lead.visits", want: []string{"duplicate_key"}},
		{name: "a duplicate stranger", body: `{"unknown":"warn","lead":{"a":1,"a":2}}`, status: 400, field: "lead.a", want: []string{"duplicate_key"}},
		{name: "a duplicate key", body: `{"lead":{},"lead":{}}`, status: 400, field: "lead", want: []string{"duplicate_key"}},
		{name: "no lead", body: `{}`, status: 400, field: "lead", want: []string{"is missing"}},
		{name: "lead is null", body: `{"lead":null}`, status: 400, field: "lead", want: []string{"wrong type"}},
		{name: "an array", body: `[{"lead":{}}]`, status: 400, want: []string{"invalid_json"}},
		{name: "bytes after", body: `{"lead":{}} {}`, status: 400, want: []string{"byte 13", "the end"}},
		{name: "empty", body: ``, status: 400, want: []string{"ends at byte 0"}},
		{name: "cut", body: `{"lead":{"visits":1`, status: 400, want: []string{"ends at byte 19"}},
		{name: "deep", body: `{"lead":{"visits":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}}`, status: 400, want: []string{"nested deeper than 16"}},
		{name: "not UTF-8", body: "{\"lead\":{\"source\":\"\xff\"}}", status: 400, want: []string{"not UTF-8"}},
		{name: "half a surrogate", body: `{"lead":{"source":"\ud800"}}`, status: 400, want: []string{"surrogate"}},
		{name: "a control character", body: "{\"lead\":{\"source\":\"a\x01\"}}", status: 400, want: []string{"control character"}},
		{name: "a leading zero", body: `{"lead":{"visits":01}}`, status: 400},
		{name: "unknown is neither", body: `{"lead":{},"unknown":"ignore"}`, status: 400, field: "unknown"},
		{name: "as_of without a zone", body: `{"lead":{},"as_of":"2026-01-01T00:00:00"}`, status: 400, field: "as_of", want: []string{"RFC 3339"}},
		{name: "as_of before the years of files", body: `{"lead":{},"as_of":"0000-01-01T00:00:00Z"}`, status: 400, field: "as_of", want: []string{"years 1 to 9999"}},
		{name: "as_of behind the years of files", body: `{"lead":{},"as_of":"9999-12-31T23:59:59-01:00"}`, status: 400, field: "as_of", want: []string{"years 1 to 9999"}},
		{name: "an event in the year 0", body: `{"lead":{},"events":[{"type":"a","at":"0000-01-01T00:00:00Z"}]}`, status: 400, field: "events[0].at", want: []string{"years 1 to 9999"}},
		{name: "as_of as a number", body: `{"lead":{},"as_of":1}`, status: 400, field: "as_of"},
		{name: "an event without a time", body: `{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z"},{"type":"a"}]}`, status: 400, field: "events[1].at"},
		{name: "an event of no type", body: `{"lead":{},"events":[{"type":"","at":"2026-01-01T00:00:00Z"}]}`, status: 400, field: "events[0].type"},
		{name: "an event with a foreign key", body: `{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z","tpye":1}]}`, status: 400, field: "events[0].tpye", want: []string{"did you mean"}},
		{name: "duplicates within properties", body: `{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z","properties":{"p":{"x":1,"x":2}}}]}`, status: 400, field: "x", want: []string{"duplicate_key"}},
		{name: "a form", contentType: "application/x-www-form-urlencoded", body: `lead=1`, status: 415},
		{name: "another type", contentType: "text/plain", body: good, status: 415, want: []string{"application/json"}},
		{name: "compressed", body: good, header: []string{"Content-Encoding", "br"}, status: 415, want: []string{`content encoding \"br\"; want gzip or zstd`}},
		{name: "too large", body: `{"lead":{"notes":"` + strings.Repeat("x", 5000) + `"}}`, status: 413, want: []string{"4096 bytes"}},
		{name: "no such model", path: "/v1/score?model=third", body: good, status: 404, field: "model", want: []string{"won, second"}},
		{name: "no such version", path: "/v1/score?model=won@000000000000", body: good, status: 404, field: "model"},
		{name: "a foreign parameter", path: "/v1/score?explian=1", body: good, status: 400, field: "explian", want: []string{"unknown_parameter", `did you mean \"explain\"`}},
		{name: "a method", method: "GET", status: 405, want: []string{"method_not_allowed"}},
	} {
		if test.path == "" {
			test.path = "/v1/score"
		}
		test.run(t, h)
	}
}

func TestOtherRoutes(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	version := h.models.Load().models[0].info.Version
	for _, test := range []routeTest{
		{name: "explain", path: "/v1/explain", body: good, status: 200,
			want: []string{`"baseline":`, `"effects":[{`, `"kind":"cap"`, `"counterfactuals":[]`, `"probability":`}, not: []string{"secret-note"}},
		{name: "explain refuses too", path: "/v1/explain", body: `{"lead":{"a":1}}`, status: 400, field: "lead.a"},
		{name: "models", method: "GET", path: "/v1/models", status: 200, want: []string{`"default":true`, `"targets":["won","sql"]`}},
		{name: "a model", method: "GET", path: "/v1/models/won", status: 200,
			want: []string{`{"name":"revenue","kind":"numeric","decimal_comma":true,"role":"feature"}`, `{"name":"first_seen","kind":"time","layout":"dd/mm/yyyy","role":"feature"}`,
				`{"name":"lead_id","kind":"text","role":"id"}`, `{"name":"notes","kind":"text","role":"other"}`, `{"name":"status","kind":"text","role":"outcome"}`,
				`"role":"as_of"`, `"required_for":["SQL"]`, `"has_rules":true`, `"card":{`}},
		{name: "a version", method: "GET", path: "/v1/models/won@" + version, status: 200, want: []string{version}},
		{name: "no such model", method: "GET", path: "/v1/models/lost", status: 404, field: "model", want: []string{"unknown_model"}},
		{name: "health", method: "GET", path: "/healthz", status: 200, want: []string{`"ok"`}},
		{name: "readiness", method: "GET", path: "/readyz", status: 200, want: []string{`"ready"`}},
		{name: "openapi", method: "GET", path: "/openapi.json", status: 200, want: []string{`"3.1.0"`}},
		{name: "metrics", method: "GET", path: "/metrics", status: 200, want: []string{"leadscore_requests_total", `leadscore_model_loaded{model="won",version="` + version, "go_goroutines"}},
		{name: "nowhere", method: "GET", path: "/v1/secret-path", status: 404, want: []string{"not_found"}, not: []string{"secret-path"}},
		{name: "a slash too many", method: "GET", path: "/healthz/", status: 404},
		{name: "a method", method: "DELETE", path: "/v1/models", status: 405, want: []string{"DELETE"}},
	} {
		test.run(t, h)
	}
	if allow := h.do(t, "PUT", "/v1/models", "", "").header.Get("Allow"); allow != "GET" {
		t.Errorf("Allow %q, want GET", allow)
	}
}

func TestNotReadyWithoutAModel(t *testing.T) {
	h := newHarness(t, Limits{})
	for _, test := range []routeTest{
		{name: "score", path: "/v1/score", body: good, status: 503, want: []string{"not_ready"}},
		{name: "ready", method: "GET", path: "/readyz", status: 503, want: []string{"no model"}},
		{name: "alive", method: "GET", path: "/healthz", status: 200},
		{name: "models", method: "GET", path: "/v1/models", status: 200, want: []string{`{"models":[]}`}},
	} {
		test.run(t, h)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.header.Get("Retry-After") != "1" {
		t.Errorf("no Retry-After: %v", a.header)
	}
	m := loadedModel(t, "won")
	if err := h.SetModels(m, m); err == nil || !strings.Contains(err.Error(), `two are named "won" and have the version`) {
		t.Errorf("two of one name: %v", err)
	}
	if a := h.do(t, "GET", "/readyz", "", ""); a.status != 503 {
		t.Error("a refused set was taken")
	}
	if err := h.SetModels(m); err != nil {
		t.Fatal(err)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 {
		t.Errorf("after SetModels: %s", a.body)
	}
}

func TestNewNeedsClockAndIDs(t *testing.T) {
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("got %v", err)
	}
}

func TestRequestIDs(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for id, kept := range map[string]bool{
		"abc-DEF_1.2:3": true, strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false, "": false, "a b": false, "a\"b": false, "ü": false, "a\nb": false,
	} {
		got := h.do(t, "GET", "/healthz", "", "", "X-Request-Id", id).header.Get("X-Request-Id")
		if kept != (got == id) || got == "" {
			t.Errorf("%q became %q", id, got)
		}
	}
	if id := RequestIDs(strings.NewReader("0123456789abcdef"))(); id != "30313233343536373839616263646566" {
		t.Errorf("id %q", id)
	}
}

// TestRequestIDsUseBytesOnce: ids made at the same time, of a source that gives a few bytes at once and then ends, are distinct and of
// the source.
func TestRequestIDsUseBytesOnce(t *testing.T) {
	var source bytes.Buffer
	for i := range uint64(4000) {
		source.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, i), i))
	}
	var mu sync.Mutex
	next := RequestIDs(readerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return source.Read(p[:min(len(p), 48)])
	}))
	var seen sync.Map
	var made atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for id := next(); id != ""; id = next() {
				made.Add(1)
				if _, twice := seen.LoadOrStore(id, true); twice || id[:16] != id[16:] {
					t.Errorf("id %s (twice: %v)", id, twice)
				}
			}
		})
	}
	group.Wait()
	if made.Load() < 1000 { // what a pool forgets is lost
		t.Errorf("%d ids", made.Load())
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestPanicIsAProblem(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for name, broken := range map[string]func(*model.Lead) error{
		"index": func(l *model.Lead) error { _ = l.Values[len(l.Values)+3]; return nil },
		"value": func(l *model.Lead) error { panic("lead " + l.Values[0].Str) },
		"error": func(*model.Lead) error { return errors.New("a model that cannot") },
	} {
		h.use(t, broken)
		a := h.do(t, "POST", "/v1/score", jsonBody, good, "X-Request-Id", "mine-"+name) // a batch: see TestPanicsInBatches
		if a.status != 500 || !strings.Contains(a.body, `"request_id":"mine-`+name) || strings.Contains(a.body, "cannot") || strings.Contains(a.body, "L-1") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if h.do(t, "GET", "/healthz", "", "").status != 200 {
		t.Error("the server died")
	}
	log := h.log.String()
	for _, want := range []string{"index out of range", "a panic of type string", "a model that cannot", `"request_id":"mine-value"`, "routes_test.go"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	if strings.Contains(log, "L-1") {
		t.Error("the log holds the value of a panic")
	}
	if m := h.do(t, "GET", "/metrics", "", "").body; !strings.Contains(m, "leadscore_panics_total 2") || !strings.Contains(m, `leadscore_requests_total{code="500",route="/v1/score"} 3`) {
		t.Error("the panics were not counted")
	}
}

// TestNothingOfALeadIsLogged sends values that can be found again, in every place that a request has.
func TestNothingOfALeadIsLogged(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	const secret = "zq7person"
	for _, test := range [][3]string{
		{"POST", "/v1/score", `{"lead":{"lead_id":"` + secret + `","notes":"` + secret + `","source":"` + secret + `"}}`},
		{"POST", "/v1/score", `{"lead":{"` + secret + `":1,"visits":"` + secret + `"}}`},
		{"POST", "/v1/score?" + secret + "=1", good},
		{"POST", "/v1/score/batch", `[{"lead":{"visits":"` + secret + `"}}]`},
		{"GET", "/v1/models/" + secret, ""},
		{"GET", "/" + secret, ""},
		{"GET", "/v1/models?email=" + secret, ""},
		{secret, "/v1/models", ""},
	} {
		h.do(t, test[0], test[1], jsonBody, test[2], "X-Request-Id", "not sane "+secret, "User-Agent", secret, "Referer", "http://"+secret)
	}
	if strings.Contains(h.log.String(), secret) {
		t.Errorf("the log holds it:\n%s", h.log)
	}
	if strings.Contains(h.do(t, "GET", "/metrics", "", "").body, secret) {
		t.Error("the metrics hold it")
	}
	if n := strings.Count(h.log.String(), `"msg":"request"`); n != 9 {
		t.Errorf("%d access lines, want one a request", n)
	}
}

func TestMetricsCountLeads(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	h.do(t, "POST", "/v1/score", jsonBody, `{"lead":{"source":"tv","visits":1,"do_not_email":true}}`)
	h.do(t, "POST", "/v1/score/batch", jsonBody, `[{"lead":{"source":"web","visits":1}},{"lead":{"visits":"many"}}]`)
	h.do(t, "POST", "/v1/score", jsonBody, `{`)
	page := h.do(t, "GET", "/metrics", "", "").body
	for _, want := range []string{
		`leadscore_unknown_levels_total{feature="source",model="won"} 1`,
		`leadscore_missing_fields_total{column="revenue",model="won"} 2`,
		`leadscore_missing_fields_total{column="visits",model="won"} 0`,
		`leadscore_recommendations_total{model="won",stage="disqualify"} 1`,
		`leadscore_score_count{model="won"} 2`,
		`leadscore_score_bucket{model="won",le="100"} 2`,
		`leadscore_refused_leads_total{code="invalid_value"} 1`,
		`leadscore_refused_leads_total{code="invalid_json"} 1`,
		`leadscore_requests_total{code="200",route="/v1/score"} 1`,
		`leadscore_requests_total{code="400",route="/v1/score"} 1`,
		`leadscore_request_duration_seconds_count{route="/v1/score/batch"} 1`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
