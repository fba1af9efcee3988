package serve

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"leadscore/serve/api"
)

// Headers of cross-origin requests (the Fetch standard, "CORS protocol"). Access-Control-Allow-Credentials is never sent: credentials
// are a header here, not a cookie, and a script that has them can send it.
var (
	varyOrigin    = []string{"Origin"}
	allowMethods  = []string{"GET, POST"}
	allowHeaders  = []string{"Authorization, Content-Type, Content-Encoding, X-API-Key, X-Request-Id, Idempotency-Key, If-None-Match, traceparent"}
	exposeHeaders = []string{"X-Request-Id, Retry-After, WWW-Authenticate, ETag, Model-Age-Warning, Idempotency-Replayed"}
	preflightAge  = []string{"600"} // seconds
)

// CheckOrigin says what is wrong with an origin: it is SCHEME://HOST[:PORT] in lower case, as a browser sends it. "*" and "null" are
// none: the one is every page there is, the other any page that hides where it comes from.
func CheckOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, "*") ||
		u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin {
		return fmt.Errorf("%q is not an origin; want the scheme and host of a page, such as https://app.example", clip(origin, nameLength))
	}
	return nil
}

// origins decides on requests that come from web pages.
type origins struct {
	local   bool
	listed  map[string][]string // origin → the header that allows it; nil: none are
	foreign *http.CrossOriginProtection
}

func newOrigins(a Access) (*origins, error) {
	o := &origins{local: a.Local, foreign: http.NewCrossOriginProtection()}
	var problems []error
	for _, origin := range a.Origins {
		if err := CheckOrigin(origin); err != nil {
			problems = append(problems, err)
			continue
		}
		if o.listed == nil {
			o.listed = map[string][]string{}
		}
		o.listed[origin] = []string{origin}
		problems = append(problems, o.foreign.AddTrustedOrigin(origin))
	}
	return o, errors.Join(problems...)
}

// origin answers preflights of listed origins, tells browsers which origins may read answers, and refuses what a page of another origin
// has a browser send: without credentials, or with a certificate, which browsers send by themselves, it would be taken for its
// user's own. Programs send neither Origin nor Sec-Fetch-Site and are not concerned.
func (s *Server) origin(c *gin.Context) {
	o := s.origins
	if o.local && !here(c.Request.Host) {
		s.turnAway(c, &fault{status: http.StatusForbidden, code: api.CodeForbidden,
			detail: "without credentials this server answers requests for localhost alone; start it with credentials to serve other names"})
		return
	}
	if o.listed != nil {
		h := c.Writer.Header()
		h["Vary"] = varyOrigin
		if allow := o.listed[c.Request.Header.Get("Origin")]; allow != nil {
			h["Access-Control-Allow-Origin"] = allow
			if c.Request.Method == http.MethodOptions && c.Request.Header.Get("Access-Control-Request-Method") != "" {
				h["Access-Control-Allow-Methods"], h["Access-Control-Allow-Headers"], h["Access-Control-Max-Age"] = allowMethods, allowHeaders, preflightAge
				c.AbortWithStatus(http.StatusNoContent)
				c.Writer.WriteHeaderNow()
				return
			}
			h["Access-Control-Expose-Headers"] = exposeHeaders
		}
	}
	if err := o.foreign.Check(c.Request); err != nil {
		s.turnAway(c, &fault{status: http.StatusForbidden, code: api.CodeForbidden,
			detail: "a web page of another origin may not send this; --cors-origin lists those that may"})
	}
}

// newAccess puts the access to a server in place.
func (s *Server) newAccess(a Access) error {
	s.access = a
	var err error
	if s.origins, err = newOrigins(a); err != nil {
		return fmt.Errorf("making a server: %w", err)
	}
	if a.Files != nil {
		if err := s.metrics.registry.Register(a.Files); err != nil {
			return fmt.Errorf("making a server: %w", err)
		}
	}
	return nil
}
