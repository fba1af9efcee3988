package serve

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"leadscore/datasets"
	"leadscore/model"
	"leadscore/serve/api"
)

// unpacked is an answer without its coding.
func unpacked(t testing.TB, a answer) string {
	t.Helper()
	text, err := unpackedText(a)
	if err != nil {
		t.Fatalf("%s: %v", a.header.Get("Content-Encoding"), err)
	}
	return text
}

func unpackedText(a answer) (string, error) {
	var in io.Reader = strings.NewReader(a.body)
	var err error
	switch a.header.Get("Content-Encoding") {
	case "gzip":
		in, err = gzip.NewReader(in)
	case "zstd":
		in, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	}
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(in)
	return string(text), err
}

// accepting asks for an answer in a coding.
func (h *harness) accepting(method, path, contentType, body string, header ...string) answer {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// TestAnswersArePacked: what may be large goes out as the client wants it and holds the same bytes; what is small, an error, or the
// answer to one lead goes out plain.
func TestAnswersArePacked(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	table := leads(t, 300, 4)
	var many strings.Builder
	for row := range table.Rows() {
		many.Write(append(body(t, table, row), '\n'))
	}
	lines := strings.TrimSuffix(many.String(), "\n")
	const infer, invocations = "/v2/models/won/infer", "/invocations"
	tensor := `{"inputs":[{"name":"visits","shape":[100],"datatype":"FP64","data":[1` + strings.Repeat(",1", 99) + `]}]`
	for _, test := range []struct {
		method, path, contentType, body string
		packed                          bool
	}{
		{"POST", batchPath, ndjson, lines, true},
		{"POST", batchPath, jsonBody, "[" + strings.ReplaceAll(lines, "\n", ",") + "]", true},
		{"POST", batchPath, csvMedia, csvOf(t, table), true},
		{"POST", batchPath, arrowMedia, encode(t, datasets.NewArrowEncoder(schema), table.Batches...), true},
		{"POST", infer, jsonBody, tensor + "}", true},
		{"POST", infer, jsonBody, tensor + `,"parameters":{"binary_data_output":true}}`, true},
		{"POST", invocations, csvMedia, "visits\n" + strings.Repeat("1\n", 100), true},
		{"GET", "/openapi.json", "", "", true},
		{"GET", "/docs", "", "", true},
		{"GET", "/v1/models/won", "", "", true},
		{"GET", "/v1/models", "", "", false},
		{"POST", batchPath, ndjson, "7", false},
		{"POST", batchPath, ndjson, "", false},
		{"POST", batchPath, jsonBody, "[]", false},
		{"POST", batchPath, jsonBody, "{}", false},
		{"POST", "/v1/score", jsonBody, good, false},
		{"POST", "/v1/explain", jsonBody, good, false},
		{"GET", "/v1/models/lost", "", "", false},
	} {
		name := test.path + " " + test.contentType
		plain := h.accepting(test.method, test.path, test.contentType, test.body)
		varies := plain.header.Get("Vary") == "Accept-Encoding"
		if single := test.path == "/v1/score" || test.path == "/v1/explain" || plain.status != 200; varies == single || plain.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", name, plain.header)
		}
		for _, c := range bothCodings {
			a := h.accepting(test.method, test.path, test.contentType, test.body, "Accept-Encoding", string(c))
			want := ""
			if test.packed {
				want = string(c)
			}
			if got := a.header.Get("Content-Encoding"); got != want || a.status != plain.status || a.header.Get("Content-Type") != plain.header.Get("Content-Type") ||
				(a.header.Get("Vary") == "Accept-Encoding") != varies || a.header.Get(inferLength) != plain.header.Get(inferLength) {
				t.Errorf("%s, %s: %d %v, plain %v", name, c, a.status, a.header, plain.header)
			}
			if text := unpacked(t, a); test.packed && text != plain.body {
				t.Errorf("%s, %s: holds another answer", name, c)
			}
			if test.packed && 2*len(a.body) > len(plain.body) && test.contentType != arrowMedia && !strings.Contains(test.body, "binary") {
				t.Errorf("%s, %s: %d of %d bytes", name, c, len(a.body), len(plain.body))
			}
		}
	}
	for _, c := range bothCodings {
		if a := h.accepting("GET", "/metrics", "", "", "Accept-Encoding", string(c)); c == gzipCoding && (a.header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Accept-Encoding") || !strings.Contains(unpacked(t, a), "leadscore_requests_total")) {
			t.Errorf("/metrics, %s: %v", c, a.header)
		}
	}
}

// TestAcceptedCodings: by weight, zstd before gzip, and none where none is wanted.
func TestAcceptedCodings(t *testing.T) {
	for _, test := range []struct {
		field string
		want  coding
	}{
		{"", ""}, {"gzip", "gzip"}, {"zstd", "zstd"}, {"gzip, deflate, br, zstd", "zstd"}, {"zstd;q=0.5, gzip;q=0.6", "gzip"}, {"zstd;q=0.6,gzip;Q=0.6", "zstd"},
		{"br", ""}, {"identity", ""}, {"identity, gzip;q=0.9", ""}, {"identity;q=0.5, gzip;q=0.9", "gzip"}, {"identity;q=0", ""}, {"*", "zstd"}, {"*;q=0", ""},
		{"*;q=0, gzip", "gzip"}, {"zstd;q=0, *", "gzip"}, {"gzip;q=0", ""}, {"gzip;q=0.000", ""}, {"GZIP ; q=1", "gzip"}, {"x-gzip", "gzip"},
		{"gzip;q=2", ""}, {"gzip;q=NaN", ""}, {"gzip;q", ""}, {"gzip;level=9", ""}, {",,gzip,", "gzip"}, {"gzip;q=-1", ""},
	} {
		if got := accepted(http.Header{"Accept-Encoding": {test.field}}); got != test.want {
			t.Errorf("%q: %q, want %q", test.field, got, test.want)
		}
	}
	if got := accepted(http.Header{"Accept-Encoding": {"br", "gzip"}}); got != "gzip" {
		t.Errorf("two headers: %q", got)
	}
	if got := accepted(http.Header{}); got != "" {
		t.Errorf("no header: %q", got)
	}
}

// TestPackedTagsAreWeak: a coding has other bytes, so its tag is no strong one; who has the body in any coding need not fetch it again.
func TestPackedTagsAreWeak(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for _, path := range []string{"/openapi.json", "/v1/models/won"} {
		strong := h.do(t, "GET", path, "", "").header.Get("ETag")
		a := h.accepting("GET", path, "", "", "Accept-Encoding", "gzip")
		weak := a.header.Get("ETag")
		if weak != "W/"+strong || a.status != 200 {
			t.Errorf("%s: %s packed, %s plain", path, weak, strong)
		}
		for _, tag := range []string{strong, weak} {
			for coding, want := range map[string]string{"zstd": weak, "identity": strong} {
				a := h.accepting("GET", path, "", "", "Accept-Encoding", coding, "If-None-Match", tag)
				if a.status != 304 || a.body != "" || a.header.Get("ETag") != want || a.header.Get("Content-Encoding") != "" || a.header.Get("Vary") != "Accept-Encoding" {
					t.Errorf("%s with %s in %s: %d %v", path, tag, coding, a.status, a.header)
				}
			}
		}
	}
	listed := guarded(t, Limits{}, Access{Origins: []string{"https://app.example"}})
	if a := listed.accepting("GET", "/openapi.json", "", ""); strings.Join(a.header.Values("Vary"), ", ") != "Origin, Accept-Encoding" {
		t.Errorf("Vary %q", a.header.Values("Vary"))
	}
}

// TestPackedAnswersStream: each answer goes out when its row has come, in a compressed stream too.
func TestPackedAnswersStream(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	for _, c := range bothCodings {
		r, w := io.Pipe()
		q, err := http.NewRequest(http.MethodPost, "http://"+addr+batchPath, r)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", ndjson)
		q.Header.Set("Accept-Encoding", string(c))
		go func() { _, _ = io.WriteString(w, lead("a")+"\n") }()
		resp, err := client(t).Do(q)
		if err != nil || resp.Header.Get("Content-Encoding") != string(c) {
			t.Fatalf("%v %v", err, resp.Header)
		}
		var in io.Reader
		if c == gzipCoding {
			in, err = gzip.NewReader(resp.Body)
		} else {
			in, err = zstd.NewReader(resp.Body, zstd.WithDecoderConcurrency(1))
		}
		if err != nil {
			t.Fatal(err)
		}
		rows := bufio.NewReader(in)
		for _, id := range []string{"a", "b", "c"} {
			line, err := rows.ReadString('\n')
			if err != nil || !strings.Contains(line, `"lead_id":"`+id) {
				t.Fatalf("%s: %v %s", c, err, line)
			}
			if id == "c" {
				_ = w.Close()
			} else {
				_, _ = io.WriteString(w, lead(string(id[0]+1))+"\n")
			}
		}
		if rest, err := io.ReadAll(rows); err != nil || len(rest) > 0 {
			t.Errorf("%s: %q, %v", c, rest, err)
		}
		_ = resp.Body.Close()
	}
}

// TestPackedAnswerThatBreaksOff: an answer that is not whole does not end as a whole stream does.
func TestPackedAnswerThatBreaksOff(t *testing.T) {
	for _, c := range bothCodings {
		h := newHarness(t, Limits{}, loadedModel(t, "won"))
		n := 0
		h.use(t, func(*model.Lead) error {
			if n++; n == 900 {
				panic("a model that cannot")
			}
			return nil
		})
		r := httptest.NewRequest(http.MethodPost, batchPath, io.MultiReader(strings.NewReader(strings.Repeat(lead("a")+"\n", 1000))))
		r.ContentLength = -1
		r.Header.Set("Content-Type", ndjson)
		r.Header.Set("Accept-Encoding", string(c))
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if p, _ := recover().(error); !errors.Is(p, http.ErrAbortHandler) {
					t.Errorf("%s: %v", c, p)
				}
			}()
			h.Handler().ServeHTTP(w, r)
		}()
		text, err := unpackedText(answer{w.Code, w.Header(), w.Body.String()})
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(text, `"lead_id":"a"`) {
			t.Errorf("%s: %d bytes, %v", c, len(text), err)
		}
	}
}

// TestPackersAreUsedAgain: what one answer was does not show in the next.
func TestPackersAreUsedAgain(t *testing.T) {
	for _, c := range bothCodings {
		first := packWhole(c, bytes.Repeat([]byte("one"), 1000))
		_ = packWhole(c, bytes.Repeat([]byte("another"), 1000))
		if again := packWhole(c, bytes.Repeat([]byte("one"), 1000)); !bytes.Equal(first, again) {
			t.Errorf("%s: other bytes", c)
		}
	}
}

// TestClientCompresses: the Go client's batches and their answers go compressed and are the same.
func TestClientCompresses(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	var want []string
	for _, coding := range []string{"", "gzip", "zstd"} {
		c, err := api.NewClient("http://"+addr, api.Options{HTTP: client(t), Compress: coding})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := c.ScoreBatch(t.Context(), slices.Repeat([]api.Request{{Lead: map[string]json.RawMessage{"visits": json.RawMessage("3")}}, {Lead: map[string]json.RawMessage{"shoe": json.RawMessage("3")}}}, 50))
		if err != nil {
			t.Fatalf("%q: %v", coding, err)
		}
		table, err := c.ScoreCSV(t.Context(), strings.NewReader("visits\n"+strings.Repeat("3\n", 100)))
		if err != nil {
			t.Fatalf("%q: %v", coding, err)
		}
		text, err := io.ReadAll(table)
		if err != nil {
			t.Fatalf("%q: %v", coding, err)
		}
		_ = table.Close()
		for i := range rows {
			if rows[i].Error != nil {
				rows[i].Error.RequestID = ""
			}
		}
		got := []string{mustJSON(t, rows), string(text)}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: another answer", coding)
		}
	}
}
