package serve

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"leadscore/serve/access"
	"leadscore/serve/api"
)

// Access says who may ask. The zero value lets everybody do everything.
type Access struct {
	// Gate asks for credentials on all routes that are not open; nil asks for none.
	Gate *access.Gate
	// Files are those of the credentials: their metrics are served with the others. nil: there are none.
	Files *access.Files
	// Origins are the web pages whose scripts may ask, such as https://app.example; see CheckOrigin. None: no page but those
	// of this server's own address.
	Origins []string
	// Local refuses requests for a host that is not this machine's loopback. It is for a server without a Gate that
	// listens on loopback: a web page whose name has been made to point there (DNS rebinding) would be of the same origin.
	Local bool
}

// guard lets requests to a route in that needs a scope; nil: the route is open, or everything is.
func (s *Server) guard(need scope) gin.HandlerFunc {
	gate := s.access.Gate
	if gate == nil || need == open {
		return nil
	}
	return func(c *gin.Context) {
		// Another look at the clock would cost as much as the rate.
		who, refusal := gate.Check(c.Request, need, exchangeOf(c).start)
		if who != nil {
			setPrincipal(c, who.Name)
		}
		if refusal != nil {
			s.turnAway(c, refused(refusal))
		}
	}
}

// refused is a refusal as a fault.
func refused(r *access.Refusal) *fault {
	f := &fault{status: r.Status, detail: r.Detail, challenge: r.Challenge}
	switch r.Status {
	case http.StatusUnauthorized:
		f.code = api.CodeUnauthenticated
	case http.StatusForbidden:
		f.code = api.CodeForbidden
	default:
		f.code, f.retryAfter = api.CodeRateLimited, r.RetryAfter()
	}
	return f
}

// smallBody is the largest body, in bytes, of a request over its rate that is passed over so that its connection can go on.
const smallBody = 64 << 10

// turnAway refuses a request before anything of its body is read. Its connection ends, so that the body need not be waited
// for; but one over its rate with a small body keeps it: new connections would cost more than what was saved.
func (s *Server) turnAway(c *gin.Context, f *fault) {
	n := c.Request.ContentLength
	if f.status == http.StatusTooManyRequests {
		f.hangUp = n < 0 || n > smallBody
	} else {
		f.hangUp = n != 0
	}
	if f.hangUp {
		// net/http would pass over up to 256 KiB, for as long as the read limit allows. A writer without deadlines, as of
		// a test, has no connection either.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(s.clock())
	}
	s.refuse(c, f)
	c.Abort()
}

// digits reports whether a text is a number without a sign.
func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// here reports whether a Host header names this machine's loopback.
func here(host string) bool {
	if port, ok := strings.CutPrefix(host, "127.0.0.1:"); ok && digits(port) { // nearly always
		return true
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
