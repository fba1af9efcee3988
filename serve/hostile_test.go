package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostile is a value that nobody means well with.
type hostile struct {
	name, text string
	refused    bool // wherever it stands; others may be fine in places
}

// hostileValues are texts for every decoder that reads JSON.
func hostileValues() []hostile {
	deep, long := 10_000, 100_000
	if raced {
		long = 5000
	}
	return []hostile{
		{"arrays 10,000 deep", strings.Repeat("[", deep) + strings.Repeat("]", deep), true},
		{"objects 10,000 deep", strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep), true},
		{"arrays that never close", strings.Repeat("[", long), true},
		{"objects that never close", strings.Repeat(`{"lead":`, long/8), true},
		{"20,000 keys", keys(20_000), false},
		{"keys of a byte or two", shortKeys(long/6, "1"), false},
		{"small objects", "[" + strings.Repeat(`{"a":1},`, long/8) + "1]", false},
		{"objects of 20 keys", "[" + strings.Repeat(shortKeys(20, "1")+",", long/120) + "1]", false},
		{"keys of escapes", "[" + strings.Repeat(`{"\u0061\u0062":1},`, long/20) + "1]", false},
		{"empty objects", "[{}" + strings.Repeat(",{}", long/3) + "]", false},
		{"nulls", "[null" + strings.Repeat(",null", long/5) + "]", false},
		{"one key 20,000 times", `{"visits":1` + strings.Repeat(`,"visits":1`, 20_000) + "}", true},
		{"a long key twice", `{"` + strings.Repeat("k", long) + `":1,"` + strings.Repeat("k", long) + `":1}`, true},
		{"an element more than rows may be", "[0" + strings.Repeat(",0", long) + "]", false},
		{"empty texts", `[""` + strings.Repeat(`,""`, long/2) + "]", false},
		{"many digits", strings.Repeat("9", long), false},
		{"many digits behind the point", "0." + strings.Repeat("0", long) + "1", false},
		{"an exponent of many digits", "1e" + strings.Repeat("9", long), false},
		{"beyond the largest number", "-1.8e308", false},
		{"a long text", `"` + strings.Repeat("x", long) + `"`, false},
		{"escapes", `"` + strings.Repeat(`\u0000`, long/6) + `"`, false},
		{"a text that never closes", `"` + strings.Repeat("x", long), true},
		{"bytes that are not UTF-8", "\"\xff\xfe\x80\"", true},
		{"an overlong form", "\"\xc0\xaf\"", true},
		{"a surrogate as UTF-8", "\"\xed\xa0\x80\"", true},
		{"half a pair", `"\ud800"`, true},
		{"a half of a half", `"\ud83d\u"`, true},
		{"NUL", "\x00", true},
		{"NUL in a text", "\"a\x00b\"", true},
		{"NULs", strings.Repeat("\x00", long), true},
		{"UTF-16", "\xff\xfe{\x00}\x00", true},
		{"white space", strings.Repeat(" \n", long) + "7x", true},
		{"a comment", "/*" + strings.Repeat("*", long), true},
		{"almost null", "nulll", true},
		{"brackets of the other kind", "[}", true},
	}
}

// shortKeys is an object of so many members whose keys are as short as they can be.
func shortKeys(n int, value string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%s":%s`, strconv.FormatInt(int64(i), 36), value)
	}
	return "{" + b.String()[1:] + "}"
}

// keys is an object of so many.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	return "{" + b.String()[1:] + "}"
}

// hostilePlaces are where such a value may stand; % is it.
var hostilePlaces = []struct{ path, contentType, body string }{
	{"/v1/score", jsonBody, `%`},
	{"/v1/score", jsonBody, `{"lead":%}`},
	{"/v1/score", jsonBody, `{"lead":{"visits":%}}`},
	{"/v1/score", jsonBody, `{"lead":{"source":%}}`},
	{"/v1/score", jsonBody, `{"lead":{"shoe":%},"unknown":"warn"}`},
	{"/v1/score", jsonBody, `{"lead":{"created_at":%}}`},
	{"/v1/score", jsonBody, `{"lead":{},"events":%}`},
	{"/v1/score", jsonBody, `{"lead":{},"events":[%]}`},
	{"/v1/score", jsonBody, `{"lead":{},"events":[{"type":"a","at":%}]}`},
	{"/v1/score", jsonBody, `{"lead":{},"events":[{"type":"a","at":"2026-01-01T00:00:00Z","properties":{"p":%}}]}`},
	{"/v1/score", jsonBody, `{"lead":{},"as_of":%}`},
	{"/v1/score", jsonBody, `{"lead":{},"previous":%}`},
	{"/v1/score", jsonBody, `{"lead":{},"targets":%}`},
	{"/v1/score", jsonBody, `{"lead":{},"explain":%}`},
	{"/v1/score", jsonBody, `{"lead":{}} %`},
	{"/v1/explain", jsonBody, `{"lead":{"revenue":%}}`},
	{batchPath, jsonBody, `%`},
	{batchPath, jsonBody, `[%]`},
	{batchPath, jsonBody, `[{"lead":%}]`},
	{batchPath, ndjson, `%`},
	{batchPath, ndjson, `{"lead":%}`},
	{"/v2/models/won/infer", jsonBody, `%`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":%}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[%]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":%,"shape":[1],"datatype":"FP64","data":[1]}]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":%,"datatype":"FP64","data":[1]}]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[%],"datatype":"FP64","data":[1]}]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[1],"datatype":"FP64","data":%}]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[1],"datatype":"FP64","parameters":%,"data":[1]}]}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[1],"datatype":"FP64","data":[1]}],"outputs":%}`},
	{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[1],"datatype":"FP64","data":[1]}],"parameters":%}`},
	{"/invocations", jsonBody, `%`},
	{"/invocations", jsonBody, `{"dataframe_split":%}`},
	{"/invocations", jsonBody, `{"dataframe_split":{"columns":%,"data":[]}}`},
	{"/invocations", jsonBody, `{"dataframe_split":{"columns":["visits"],"data":%}}`},
	{"/invocations", jsonBody, `{"dataframe_split":{"columns":["visits"],"data":[%]}}`},
	{"/invocations", jsonBody, `{"dataframe_records":%}`},
	{"/invocations", jsonBody, `{"dataframe_records":[%]}`},
	{"/invocations", jsonBody, `{"inputs":%}`},
	{"/invocations", jsonBody, `{"inputs":{"visits":%}}`},
	{"/invocations", jsonBody, `{"inputs":{"visits":[1]},"params":%}`},
	{"/v1/models/won/promote", jsonBody, `%`},
	{"/v1/models/won/promote", jsonBody, `{"version":%}`},
	{"/v1/models/won/rollback", jsonBody, `%`},
}

// What a hostile request may take in memory, all that is allocated for it counted: a part of its size, and something for each row that is answered,
// which includes what the test keeps of the answer.
const (
	hostileBytes = 24 // for each byte
	hostileRow   = 2 << 10
	hostileBase  = 2 << 20
)

// scoredRows is how many rows a hostile request had scored or refused one by one.
func scoredRows(contentType, body string, a answer) int {
	if contentType == csvMedia {
		return strings.Count(body, "\n")
	}
	if strings.Contains(a.body, "has more than 100000 rows") {
		return 100_000 // they are scored before the next is met
	}
	return strings.Count(a.body, `"lead_id":`) + strings.Count(a.body, `"error":`)
}

// attack asks once with a hostile request: the answer is no failure of the server's, it comes in less than a second, and it takes
// memory of the order of what was sent. Where the machine was busy with something else it asks again.
func (h *harness) attack(t *testing.T, name, path, query, contentType, body string, header ...string) answer {
	t.Helper()
	limit, more := time.Second, 1
	if raced {
		limit, more = 20*time.Second, 2
	}
	var a answer
	var took time.Duration
	for range 3 {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		h.Handler().ServeHTTP(w, r)
		took = time.Since(began)
		runtime.ReadMemStats(&after)
		a = answer{w.Code, w.Header(), w.Body.String()}
		memory := uint64(more) * uint64(hostileBase+hostileBytes*len(body)+hostileRow*scoredRows(contentType, body, a))
		if used := after.TotalAlloc - before.TotalAlloc; used > memory {
			t.Errorf("%s: %d bytes were allocated for %d, want at most %d", name, used, len(body), memory)
		}
		if took < limit {
			break
		}
	}
	if took >= limit {
		t.Errorf("%s: took %s", name, took)
	}
	if a.status >= 500 || a.status < 200 {
		t.Errorf("%s: %d %.300s", name, a.status, a.body)
	}
	if len(a.body) > 16<<10 && a.status >= 400 {
		t.Errorf("%s: a refusal of %d bytes", name, len(a.body))
	}
	return a
}

// unharmed sees that nothing panicked and that the next request gets the answer it had before.
func (h *harness) unharmed(t *testing.T, want string) {
	t.Helper()
	if n := h.metric(t, "leadscore_panics_total"); n != "0" {
		t.Errorf("%s panics: %s", n, h.log)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, good); a.status != 200 || a.body != want {
		t.Errorf("the next request: %d %s", a.status, a.body)
	}
	if h.requests.inFlight() != 0 || h.batches.inFlight() != 0 {
		t.Error("a place is lost")
	}
}

// TestHostileJSON puts each value into each place.
func TestHostileJSON(t *testing.T) {
	h := catalogHarness(t, Catalog{Registry: shelf(t, 2, "won")})
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	values := hostileValues()
	for _, place := range hostilePlaces {
		for _, v := range values {
			if place.path == batchPath && place.body == "%" && v.text[0] == '[' && !v.refused {
				continue // a batch of so many rows, each answered by its own error
			}
			name := place.path + " " + place.body + " " + v.name
			a := h.attack(t, name, place.path, "", place.contentType, strings.Replace(place.body, "%", v.text, 1))
			// A batch tells of its rows where they stand.
			inPlace := place.path == batchPath && a.status == 200 && !strings.Contains(a.body, `"probability":`)
			if v.refused && a.status < 400 && !inPlace {
				t.Errorf("%s: %d %.300s", name, a.status, a.body)
			}
		}
		h.unharmed(t, want)
	}
	many := 1_000_000
	if raced {
		many = 150_000
	}
	million := keys(many)
	for _, place := range hostilePlaces {
		if place.body == "%" || place.body == `{"inputs":%}` {
			if a := h.attack(t, place.path+" a million keys", place.path, "", place.contentType, strings.Replace(place.body, "%", million, 1)); place.path != batchPath && a.status < 400 {
				t.Errorf("%s: %d", place.path, a.status)
			}
		}
	}
	h.unharmed(t, want)
	if c := h.answeredBy(t, ""); c != "v1" {
		t.Errorf("%s was promoted", c)
	}
}
