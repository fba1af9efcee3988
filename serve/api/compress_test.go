package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// unpackBatch is what a compressed body holds.
func unpackBatch(t *testing.T, coding string, body io.Reader) string {
	t.Helper()
	var in io.Reader
	var err error
	switch coding {
	case "gzip":
		in, err = gzip.NewReader(body)
	case "zstd":
		in, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	default:
		in = body
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

func packed(t *testing.T, coding, text string) []byte {
	t.Helper()
	c, err := compress(coding, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(iotest.OneByteReader(c))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBatchesAreCompressed both ways, again for each try; nothing else is, and without the option nothing is asked for.
func TestBatchesAreCompressed(t *testing.T) {
	const answer = `{"lead_id":"a","probability":0.5}` + "\n"
	for _, coding := range []string{"", "gzip", "zstd"} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			sent := r.Header.Get("Content-Encoding")
			if r.URL.Path == "/v1/score" {
				if sent != "" {
					t.Errorf("one lead in %s", sent)
				}
				_, _ = io.WriteString(w, answer)
				return
			}
			accepts := coding
			if coding == "" {
				accepts = "identity"
			}
			if got := r.Header.Get("Accept-Encoding"); sent != coding || got != accepts {
				t.Errorf("sent in %q, accepts %q; want %q", sent, got, coding)
			}
			if text := unpackBatch(t, sent, r.Body); !strings.HasPrefix(text, `{"lead":{"visits":1}}`) && text != "visits\n1\n" {
				t.Errorf("sent %q", text)
			}
			if asked == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			if coding == "" {
				_, _ = io.WriteString(w, answer)
				return
			}
			w.Header().Set("Content-Encoding", coding)
			_, _ = w.Write(packed(t, coding, answer))
		}))
		c, err := NewClient(server.URL, Options{HTTP: server.Client(), Compress: coding, Jitter: func() float64 { return 0 }})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := c.ScoreBatch(t.Context(), []Request{{Lead: map[string]json.RawMessage{"visits": json.RawMessage("1")}}})
		if err != nil || asked != 2 || rows[0].Answer.LeadID != "a" {
			t.Errorf("%q: %v, %v after %d requests", coding, rows, err, asked)
		}
		table, err := c.ScoreCSV(t.Context(), strings.NewReader("visits\n1\n"))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(table); string(text) != answer || err != nil {
			t.Errorf("%q: %q, %v", coding, text, err)
		}
		_ = table.Close()
		if a, err := c.Score(t.Context(), &Request{Lead: nil}); err != nil || a.LeadID != "a" {
			t.Errorf("%v", err)
		}
		server.Close()
	}
	if _, err := NewClient("http://x", Options{Compress: "br"}); err == nil || !strings.Contains(err.Error(), `"br"; want gzip, zstd or none`) {
		t.Errorf("a coding that there is not: %v", err)
	}
}

// TestCompressedAnswersAreWhole: an answer that breaks off, wherever, or is damaged, or is in another coding, is an error and no shorter answer.
func TestCompressedAnswersAreWhole(t *testing.T) {
	const text = "lead_id,score\na,1\nb,2\n"
	for _, coding := range []string{"gzip", "zstd"} {
		whole := slices.Concat(packed(t, coding, text), packed(t, coding, text))
		for cut := range whole {
			resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(io.MultiReader(bytes.NewReader(whole[:cut]), iotest.ErrReader(io.ErrUnexpectedEOF)))}
			err := decompress(resp)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
			}
			if err == nil {
				t.Errorf("%s cut at %d of %d is whole", coding, cut, len(whole))
			}
		}
		resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(bytes.NewReader(whole))}
		if err := decompress(resp); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != text+text || err != nil {
			t.Errorf("%s: %q, %v", coding, got, err)
		}
	}
	resp := &http.Response{Header: http.Header{"Content-Encoding": {"br"}}, Body: io.NopCloser(strings.NewReader(text))}
	if err := decompress(resp); err == nil || !strings.Contains(err.Error(), `"br"`) {
		t.Errorf("%v", err)
	}
}

// TestCompressedBodiesEndAsTheirSource: what the source fails with is the failure, and what came before it does not end as a whole stream does.
func TestCompressedBodiesEndAsTheirSource(t *testing.T) {
	failure := errors.New("the file is gone")
	for _, coding := range []string{"gzip", "zstd"} {
		c, err := compress(coding, io.MultiReader(strings.NewReader("a,b\n1,2\n"), iotest.ErrReader(failure)))
		if err != nil {
			t.Fatal(err)
		}
		sent, err := io.ReadAll(c)
		if !errors.Is(err, failure) {
			t.Errorf("%s: %v", coding, err)
		}
		resp := &http.Response{Header: http.Header{"Content-Encoding": {coding}}, Body: io.NopCloser(bytes.NewReader(sent))}
		if err = decompress(resp); err == nil {
			_, err = io.ReadAll(resp.Body)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: what was sent ends with %v", coding, err)
		}
	}
}
