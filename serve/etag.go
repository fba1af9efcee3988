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

// entityTag is the entity tag of a body, without its quotes.
func entityTag(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}

var noCache = []string{"no-cache"}

// answerTagged answers 200 with the body, or 304 without it.
//
// A compressed body has other bytes, so its tag is a weak one (8.8.1), as other servers make of it too: it matches all the same, and a client
// that has the body in any coding need not fetch it in another. pack makes the bytes of a coding.
func (s *Server) answerTagged(c *gin.Context, body []byte, pack func(coding) []byte) {
	tag := `"` + entityTag(body) + `"`
	by := packing(c, len(body))
	h := c.Writer.Header()
	if h["Etag"] = []string{tag}; by != "" {
		h["Etag"] = []string{"W/" + tag}
	}
	h["Cache-Control"] = noCache
	if matches(c.Request.Header.Values("If-None-Match"), tag) {
		c.Writer.WriteHeader(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	if by != "" {
		body = pack(by)
	}
	s.answerPacked(c, jsonType, by, body)
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
