package access

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Refusal is a request that is not answered, and why. Its texts repeat nothing of the request.
type Refusal struct {
	Status int    // 401: who asks is not known; 403: it may not; 429: too often
	Detail string // for the caller
	// Challenge is the WWW-Authenticate header (RFC 6750, section 3) of a 401 or 403.
	Challenge string
	Wait      time.Duration // until the next request of this caller is taken; of a 429
}

func (r *Refusal) Error() string { return r.Detail }

// RetryAfter is Wait in seconds, rounded up.
func (r *Refusal) RetryAfter() string {
	return strconv.FormatInt(int64((r.Wait+time.Second-1)/time.Second), 10)
}

const challenge = `Bearer realm="leadscore"`

// noCredentials is a request that brings none: RFC 6750 wants no error code for it.
func noCredentials(want string) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, Challenge: challenge, Detail: "this needs credentials; want " + want}
}

// invalidToken is a request whose credentials are not valid; the text holds no double quotes and no backslashes.
func invalidToken(detail string) *Refusal {
	return &Refusal{Status: http.StatusUnauthorized, Detail: detail,
		Challenge: challenge + `, error="invalid_token", error_description="` + detail + `"`}
}

// lacksScope is a caller that may not do what it asks for.
func lacksScope(caller *Caller, need Scopes) *Refusal {
	return &Refusal{Status: http.StatusForbidden,
		Detail:    fmt.Sprintf("this needs the scope %q; these credentials have %q", need, caller.Scopes),
		Challenge: fmt.Sprintf(`%s, error="insufficient_scope", scope=%q`, challenge, tokenScope+need.String())}
}

func tooOften(wait time.Duration) *Refusal {
	r := &Refusal{Status: http.StatusTooManyRequests, Wait: wait}
	r.Detail = "these credentials have sent more requests than their rate allows; the next is taken in " + r.RetryAfter() + " s"
	return r
}
