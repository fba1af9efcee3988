package api

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestKeyIsSent with every request, and none without a key.
func TestKeyIsSent(t *testing.T) {
	for key, want := range map[string]string{"": "", "lsk_x": "Bearer lsk_x"} {
		asked := 0
		c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if got := r.Header.Get("Authorization"); got != want {
				t.Errorf("%s %s: Authorization %q, want %q", r.Method, r.URL.Path, got, want)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			refuse(w, http.StatusForbidden, CodeForbidden, "")
		}, Options{Key: key})
		_, _ = c.Score(t.Context(), lead("a"))
		_, _ = c.Explain(t.Context(), lead("a"))
		_, _ = c.Models(t.Context())
		_, _ = c.Model(t.Context(), "m")
		_, _ = c.ScoreBatch(t.Context(), []Request{*lead("a")})
		if asked != 5 {
			t.Errorf("%d requests, want 5", asked)
		}
	}
}

// TestIdempotencyKeys: one for each request, the same in all of its tries; none for what is no such request.
func TestIdempotencyKeys(t *testing.T) {
	var sent []string
	n := 0
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.URL.Path+" "+strings.Join(r.Header.Values("Idempotency-Key"), ","))
		if len(sent) == 1 {
			refuse(w, 503, CodeNotReady, "")
			return
		}
		_, _ = io.WriteString(w, "{}\n")
	}, Options{IdempotencyKeys: func() string {
		n++
		return []string{"", "k-1", "k-2", ""}[n]
	}})
	ctx := t.Context()
	_, err1 := c.Score(ctx, lead("a"))
	_, err2 := c.Explain(ctx, lead("a"))
	_, err3 := c.Score(ctx, lead("a"))
	_, err4 := c.Models(ctx)
	_, err5 := c.ScoreBatch(ctx, []Request{*lead("a")})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	want := []string{"/v1/score k-1", "/v1/score k-1", "/v1/explain k-2", "/v1/score ", "/v1/models ", "/v1/score/batch "}
	if !slices.Equal(sent, want) || n != 3 {
		t.Errorf("sent %q after %d keys, want %q", sent, n, want)
	}
}
