package api

import (
	"io"
	"net/http"
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
