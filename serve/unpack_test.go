package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"leadscore/datasets"
)

// pack compresses a text.
func pack(t testing.TB, c coding, text string) string {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&out)
	if c == zstdCoding {
		var err error
		if w, err = zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var bothCodings = []coding{gzipCoding, zstdCoding}

// TestPackedIsPlain: on every route a compressed body gets, byte for byte, the answer of the plain one.
func TestPackedIsPlain(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	table := leads(t, 300, 4) // some windows of text, so that several pieces are under way
	var many strings.Builder
	for row := range table.Rows() {
		many.Write(append(body(t, table, row), '\n'))
	}
	lines := strings.TrimSuffix(many.String(), "\n")
	for _, test := range []struct{ path, contentType, body string }{
		{"/v1/score", jsonBody, good},
		{"/v1/explain", jsonBody, good},
		{batchPath, ndjson, lines},
		{batchPath, jsonBody, "[" + strings.ReplaceAll(lines, "\n", ",") + "]"},
		{batchPath, csvMedia, csvOf(t, table)},
		{batchPath, arrowMedia, encode(t, datasets.NewArrowEncoder(schema), table.Batches...)},
		{"/v2/models/won/infer", jsonBody, `{"inputs":[{"name":"visits","shape":[2],"datatype":"FP64","data":[4,7]}]}`},
		{"/invocations", csvMedia, "lead_id,visits\nL-1,4\nL-2,7\n"},
	} {
		want := h.packedPost(test.path, test.contentType, "", test.body)
		if want.status != 200 {
			t.Fatalf("%s: %d %s", test.path, want.status, want.body)
		}
		for _, c := range bothCodings {
			packed := pack(t, c, test.body)
			for name, sent := range map[string]string{
				"one stream":  packed,
				"two streams": pack(t, c, test.body[:len(test.body)/3]) + pack(t, c, test.body[len(test.body)/3:]),
			} {
				if a := h.packedPost(test.path, test.contentType, coding(strings.ToUpper(string(c))), sent); a.status != 200 || a.body != want.body {
					t.Errorf("%s %s %s as %s: %d %.200s", test.path, test.contentType, c, name, a.status, a.body)
				}
			}
			// As it comes byte by byte, without a length.
			r := httptest.NewRequest(http.MethodPost, test.path, io.MultiReader(strings.NewReader(packed[:1]), strings.NewReader(packed[1:])))
			r.ContentLength = -1
			r.Header.Set("Content-Type", test.contentType)
			r.Header.Set("Content-Encoding", string(c))
			w := httptest.NewRecorder()
			h.Handler().ServeHTTP(w, r)
			if w.Code != 200 || w.Body.String() != want.body {
				t.Errorf("%s %s %s in chunks: %d %.200s", test.path, test.contentType, c, w.Code, w.Body.String())
			}
		}
	}
	h.catalogued(t)
}

// catalogued: the routes that change what is served read compressed bodies too.
func (h *harness) catalogued(t *testing.T) {
	t.Helper()
	c := catalogHarness(t, Catalog{Registry: shelf(t, 2, "won")})
	if a := c.do(t, "POST", "/v1/models/won/promote", jsonBody, pack(t, zstdCoding, `{"version":"v2"}`), "Content-Encoding", "zstd"); a.status != 200 {
		t.Errorf("promote: %d %s", a.status, a.body)
	}
	if a := c.do(t, "POST", "/v1/models/won/rollback", jsonBody, pack(t, gzipCoding, `{}`), "Content-Encoding", "x-gzip"); a.status != 200 {
		t.Errorf("rollback: %d %s", a.status, a.body)
	}
}

// TestCodingRefusals: what is not one known coding is a 415 that says which are.
func TestCodingRefusals(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for _, path := range []string{"/v1/score", batchPath, "/v2/models/won/infer", "/invocations"} {
		for _, field := range []string{"br", "deflate", "compress", "gzip, gzip", "gzip, zstd", "identity, gzip", "gzip;q=1", "zstd\x00", strings.Repeat("x", 300)} {
			a := h.post415(path, field)
			if a.status != 415 || a.header.Get("Accept-Encoding") != "zstd, gzip" || a.header.Get("Connection") != "close" || !strings.Contains(a.body, "want gzip or zstd, once, or none") || len(a.body) > 600 {
				t.Errorf("%s %q: %d %v %s", path, field, a.status, a.header, a.body)
			}
		}
		if a := h.post415(path, "gzip", "gzip"); a.status != 415 {
			t.Errorf("%s: two headers: %d", path, a.status)
		}
	}
	for _, field := range []string{"identity", "", ",", "Identity"} {
		if a := h.do(t, "POST", "/v1/score", jsonBody, good, "Content-Encoding", field); a.status != 200 {
			t.Errorf("%q: %d %s", field, a.status, a.body)
		}
	}
}

func (h *harness) post415(path string, fields ...string) answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("[]"))
	r.Header.Set("Content-Type", jsonBody)
	r.Header["Content-Encoding"] = fields
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// blankPacked is a compressed stream of so many bytes that mean nothing, made piece by piece.
func blankPacked(t testing.TB, c coding, n int) string {
	t.Helper()
	var out bytes.Buffer
	if c == gzipCoding {
		w, err := gzip.NewWriterLevel(&out, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		piece := make([]byte, 1<<20)
		for ; n > 0; n -= len(piece) {
			_, _ = w.Write(piece[:min(n, len(piece))])
		}
		_ = w.Close()
		return out.String()
	}
	out.WriteString("\x28\xb5\x2f\xfd\x00\x38") // a frame of zstd with a window of 128 KiB, then blocks of one byte repeated (RFC 8878, 3.1.1)
	for n > 0 {
		size := min(n, 128<<10)
		n -= size
		head := uint32(size)<<3 | 1<<1
		if n == 0 {
			head |= 1
		}
		out.Write([]byte{byte(head), byte(head >> 8), byte(head >> 16), ' '})
	}
	return out.String()
}

// TestBombs: what unpacks without end is refused at the limit, in memory that the limit bounds.
func TestBombs(t *testing.T) {
	h := newHarness(t, Limits{InferBody: 1 << 20, BatchBody: 4 << 20, Body: 64 << 10}, loadedModel(t, "won"))
	want := h.do(t, "POST", "/v1/score", jsonBody, good).body
	for _, c := range bothCodings {
		bomb := blankPacked(t, c, 64<<20)
		nothing := strings.Repeat(pack(t, gzipCoding, ""), 300_000)
		if c == zstdCoding {
			nothing = strings.Repeat("\x50\x2a\x4d\x18\x00\x00\x00\x00", 600_000) // skippable frames
		}
		for _, path := range []string{"/v1/score", batchPath, "/v2/models/won/infer", "/invocations"} {
			for name, sent := range map[string]string{"a bomb": bomb, "what holds nothing": nothing} {
				contentType := jsonBody
				if path == batchPath {
					contentType = ndjson
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				a := h.do(t, "POST", path, contentType, sent, "Content-Encoding", string(c))
				runtime.ReadMemStats(&after)
				if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
					t.Errorf("%s %s %s: %d bytes were allocated", path, c, name, used)
				}
				if a.status != 413 {
					t.Errorf("%s %s %s: %d %.300s", path, c, name, a.status, a.body)
				}
			}
		}
	}
	ratio := newHarness(t, Limits{}, loadedModel(t, "won"))
	if a := ratio.do(t, "POST", batchPath, ndjson, blankPacked(t, zstdCoding, 8<<20), "Content-Encoding", "zstd"); a.status != 413 || !strings.Contains(a.body, "more than 2000 times what is sent") {
		t.Errorf("32,000 times: %d %s", a.status, a.body)
	}
	if a := ratio.do(t, "POST", batchPath, ndjson, blankPacked(t, gzipCoding, 8<<20), "Content-Encoding", "gzip"); strings.Contains(a.body, "2000 times") {
		t.Errorf("what deflate can do is refused: %d %s", a.status, a.body)
	}
	wide := func(descriptor byte) string {
		return "\x28\xb5\x2f\xfd\x00" + string([]byte{descriptor}) + "\x09\x00\x00x"
	}
	if a := h.do(t, "POST", batchPath, ndjson, wide(13<<3), "Content-Encoding", "zstd"); strings.Contains(a.body, "window") {
		t.Errorf("a window of 8 MiB: %d %s", a.status, a.body)
	}
	for _, frame := range []string{wide(13<<3 | 1), wide(31 << 3), "\x28\xb5\x2f\xfd\xe0" + strings.Repeat("\xff", 8)} {
		if a := h.do(t, "POST", batchPath, ndjson, frame, "Content-Encoding", "zstd"); a.status != 400 || !strings.Contains(a.body, "at most 8 MiB") {
			t.Errorf("a window that is too large, %q: %d %s", frame, a.status, a.body)
		}
	}
	h.unharmed(t, want)
}

// TestDecodersAreNotHeldBySlowClients: whoever sends a body slowly holds what came of it and no decoder.
func TestDecodersAreNotHeldBySlowClients(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	packed := pack(t, zstdCoding, good)
	pipes := make([]*io.PipeWriter, 20*cap(h.unpacking))
	var all sync.WaitGroup
	for i := range pipes {
		var r *io.PipeReader
		r, pipes[i] = io.Pipe()
		all.Go(func() {
			q := httptest.NewRequest(http.MethodPost, "/v1/score", r)
			q.Header.Set("Content-Type", jsonBody)
			q.Header.Set("Content-Encoding", "zstd")
			w := httptest.NewRecorder()
			h.Handler().ServeHTTP(w, q)
			if w.Code != 200 && w.Code != 503 { // 503: more at once than are let in
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
		_, _ = io.WriteString(pipes[i], packed[:len(packed)-1])
	}
	if n := len(h.unpacking); n != 0 {
		t.Errorf("%d decoders are taken", n)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, packed, "Content-Encoding", "zstd"); a.status != 200 {
		t.Errorf("a quick one beside them: %d %s", a.status, a.body)
	}
	for _, p := range pipes {
		_, _ = io.WriteString(p, packed[len(packed)-1:])
		_ = p.Close()
	}
	all.Wait()
}

// TestDamagedBodies: a stream that is cut or changed anywhere is never taken for what it was, and says what is wrong.
func TestDamagedBodies(t *testing.T) {
	h := newHarness(t, Limits{}, loadedModel(t, "won"))
	for _, c := range bothCodings {
		whole := pack(t, c, good)
		refuse := func(name, sent string) {
			t.Helper()
			a := h.packedPost("/v1/score", jsonBody, c, sent)
			if a.status != 400 || !strings.Contains(a.body, `"invalid_encoding"`) || !strings.Contains(a.body, "damaged behind byte ") {
				t.Errorf("%s %s: %d %s", c, name, a.status, a.body)
			}
		}
		refuse("empty", "")
		for cut := 1; cut < len(whole); cut++ {
			refuse(fmt.Sprintf("cut at %d", cut), whole[:cut])
		}
		refuse("plain", good)
		if head := "\x1f\x8b\x08\x18\x00\x00\x00\x00\x00\x00name"; c == gzipCoding { // with a name and a comment
			refuse("cut within a name", head)
			refuse("cut within the name of a second member", whole+head)
			refuse("cut within a comment", head+"\x00text")
		}
		refuse("bytes behind", whole+"x")
		refuse("the other coding", pack(t, map[coding]coding{gzipCoding: zstdCoding, zstdCoding: gzipCoding}[c], good))
	}
	// A bit of damage: the checksum tells, of a batch too, whose rows before may have been answered.
	table := leads(t, 60, 4)
	var lines strings.Builder
	for row := range table.Rows() {
		lines.Write(append(body(t, table, row), '\n'))
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct{ contentType, body, code string }{
		{ndjson, lines.String(), `"code":"invalid_encoding"`},
		{jsonBody, "[" + strings.ReplaceAll(strings.TrimSpace(lines.String()), "\n", ",") + "]", `"code":"invalid_encoding"`},
		{csvMedia, csvOf(t, table), `invalid_encoding`},
		{arrowMedia, encode(t, datasets.NewArrowEncoder(schema), table.Batches...), `invalid_encoding`},
	} {
		want := h.packedPost(batchPath, test.contentType, "", test.body)
		if want.status != 200 {
			t.Fatal(want.body)
		}
		for _, c := range bothCodings {
			whole := []byte(pack(t, c, test.body))
			for range 100 {
				damaged := bytes.Clone(whole)
				at := 10 + r.IntN(len(damaged)-10) // of the first ten bytes of gzip some mean nothing
				damaged[at] ^= 1 << r.IntN(8)
				a := h.packedPost(batchPath, test.contentType, c, string(damaged))
				if a.body == want.body && a.status == 200 {
					continue // a bit that says nothing
				}
				// What the changed bytes say may be refused as such before the checksum is reached.
				if a.status == 200 && !strings.Contains(a.body, test.code) {
					t.Fatalf("%s %s, a bit of byte %d: %d %.2000s", test.contentType, c, at, a.status, a.body)
				}
			}
			for cut := 1; cut < len(whole); cut += 1 + len(whole)/50 {
				if a := h.packedPost(batchPath, test.contentType, c, string(whole[:cut])); a.status == 200 && !strings.Contains(a.body, test.code) || a.status != 200 && !strings.Contains(a.body, test.code) {
					t.Fatalf("%s %s cut at %d: %d %.2000s", test.contentType, c, cut, a.status, a.body)
				}
			}
		}
	}
}

// packedPost posts a body under a coding.
func (h *harness) packedPost(path, contentType string, c coding, body string) answer {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if c != "" {
		r.Header.Set("Content-Encoding", string(c))
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// TestBrokenConnectionIsNoEnd: a body that the client cut at the end of a frame is no whole one; net/http's error for it looks like an end to a decoder.
func TestBrokenConnectionIsNoEnd(t *testing.T) {
	for _, c := range bothCodings {
		u := newUnpacker(c, io.MultiReader(strings.NewReader(pack(t, c, "a,b\n")), cutOff{}), "body", 100)
		text, err := io.ReadAll(u)
		if string(text) != "a,b\n" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %q, %v", c, text, err)
		}
		u.release()
	}
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestPackedBatchIsInteractive: a row that has been flushed is answered before the next is sent.
func TestPackedBatchIsInteractive(t *testing.T) {
	h := newHarness(t, Limits{Drain: time.Millisecond}, loadedModel(t, "won"))
	addr := h.listen(t)
	for _, c := range bothCodings {
		r, w := io.Pipe()
		q, err := http.NewRequest(http.MethodPost, "http://"+addr+batchPath, r)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", ndjson)
		q.Header.Set("Content-Encoding", string(c))
		q.Header.Set("Accept-Encoding", "identity")
		var out interface {
			io.WriteCloser
			Flush() error
		} = gzip.NewWriter(w)
		if c == zstdCoding {
			if out, err = zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)); err != nil {
				t.Fatal(err)
			}
		}
		send := func(text string) {
			_, _ = io.WriteString(out, text)
			_ = out.Flush()
		}
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			send(lead("a") + "\n")
		}()
		resp, err := client(t).Do(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"a", "b"} {
			if id == "b" {
				<-sent
				send(lead("b") + "\n")
			}
			line := make([]byte, 4096)
			n, err := resp.Body.Read(line)
			if err != nil || !bytes.Contains(line[:n], []byte(`"lead_id":"`+id)) {
				t.Fatalf("%s: %v %s", c, err, line[:n])
			}
		}
		_ = out.Close()
		_ = w.Close()
		if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
			t.Errorf("%s: %q, %v", c, rest, err)
		}
		_ = resp.Body.Close()
	}
}

// TestTheSameLeadPackedIsTheSameRequest: how a body was compressed does not tell requests apart, neither under a key nor under a request id.
func TestTheSameLeadPackedIsTheSameRequest(t *testing.T) {
	h, _ := idempotent(t, true, loadedModel(t, "won"))
	for _, header := range [][]string{{"Idempotency-Key", "k"}, {"X-Request-Id", "r"}} {
		first := h.do(t, "POST", "/v1/score", jsonBody, good, header...)
		for _, c := range bothCodings {
			if a := h.do(t, "POST", "/v1/score", jsonBody, pack(t, c, good), append(header, "Content-Encoding", string(c))...); a.body != first.body || a.header.Get(replayed) != "true" {
				t.Errorf("%s under %s: %d %v %s", c, header[0], a.status, a.header, a.body)
			}
		}
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, pack(t, gzipCoding, `{"lead":{}}`), "Idempotency-Key", "k", "Content-Encoding", "gzip"); a.status != 422 {
		t.Errorf("another lead under the key: %d %s", a.status, a.body)
	}
	if a := h.do(t, "POST", "/v1/score", jsonBody, pack(t, gzipCoding, strings.Repeat(" ", 5000)), "Idempotency-Key", "l", "Content-Encoding", "gzip"); a.status != 413 {
		t.Errorf("too large under a key: %d %s", a.status, a.body)
	}
}
