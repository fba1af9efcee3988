package serve

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// tagged is metadata that is already JSON. It goes out with a strong entity tag (RFC 9110, 8.8.3), and not at all to
// those who have it: 304. Cache-Control is no-cache then: keep it, and ask each time.
type tagged []byte

var noCache = []string{"no-cache"}

// answerTagged answers 200 with the body, or 304 without it.
func (s *Server) answerTagged(c *gin.Context, body tagged) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := c.Writer.Header()
	h["Etag"] = []string{tag}
	h["Cache-Control"] = noCache
	if matches(c.Request.Header.Values("If-None-Match"), tag) {
		c.Writer.WriteHeader(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	s.answer(c, http.StatusOK, jsonType, body)
}

// matches compares weakly, as If-None-Match is to be (RFC 9110, 13.1.2): W/ makes no difference, * is any.
func matches(fields []string, tag string) bool {
	for _, field := range fields {
		for _, candidate := range strings.Split(field, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == tag || candidate == "*" {
				return true
			}
		}
	}
	return false
}
