package access

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Options say which credentials a Gate takes: at least one kind.
type Options struct {
	Keys         string // path of a file of keys; "": none are taken
	Tokens       TokenOptions
	Certificates CertificateOptions
	Rate         Rate // of each caller whose key has none of its own
}

// Gate lets requests in. It is used by many goroutines; its files change under it.
type Gate struct {
	ring         atomic.Pointer[keyring]
	tokens       *tokens       // nil: not taken
	certificates *certificates // nil: not taken
	hint         string        // what would be accepted
}

// New reads the credentials' files and has them watched with the others of files.
func New(files *Files, o Options) (*Gate, error) {
	g := &Gate{}
	var hints []string
	var problems []error
	if o.Keys != "" {
		hints = append(hints, "an API key as Authorization: Bearer or X-API-Key")
		problems = append(problems, files.add("keys", []string{o.Keys}, func(contents [][]byte) error {
			keys, err := ParseKeys(contents[0])
			if err != nil {
				return prefixed("reading "+o.Keys, err)
			}
			g.ring.Store(newKeyring(keys, o.Rate, g.ring.Load()))
			return nil
		}))
	}
	others := newBuckets(o.Rate)
	if o.Tokens.Keys != "" {
		hints = append(hints, "a signed token as Authorization: Bearer")
		g.tokens = &tokens{options: o.Tokens, buckets: others}
		problems = append(problems, files.add("token_keys", []string{o.Tokens.Keys}, g.tokens.load))
	}
	if o.Certificates.Scopes != 0 {
		hints = append(hints, "a client's certificate")
		g.certificates = &certificates{options: o.Certificates, buckets: others}
	}
	if len(hints) == 0 {
		return nil, errors.New("making a gate: no credentials are taken; want keys, tokens or certificates")
	}
	g.hint = strings.Join(hints, ", or ")
	return g, errors.Join(problems...)
}

// prefixed says where each of joined errors comes from.
func prefixed(where string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return fmt.Errorf("%s: %w", where, err)
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, fmt.Errorf("%s: %w", where, e))
	}
	return errors.Join(all...)
}

// Check lets a request in that needs some scopes, at a moment, and takes one request out of the caller's bucket. It reads the
// head alone. A request of an unknown caller costs no bucket; one that is known and may not do what it asks for does.
func (g *Gate) Check(r *http.Request, need Scopes, now time.Time) (*Caller, *Refusal) {
	c, refusal := g.caller(r, now)
	if refusal != nil {
		return nil, refusal
	}
	if wait := c.bucket.take(now); wait > 0 {
		return c, tooOften(wait)
	}
	if !c.Scopes.Has(need) {
		return c, lacksScope(c, need)
	}
	return c, nil
}

// caller finds out who sends a request.
func (g *Gate) caller(r *http.Request, now time.Time) (*Caller, *Refusal) {
	bearer, refusal := credentials(r.Header)
	switch {
	case refusal != nil:
		return nil, refusal
	case bearer == "":
		return g.connection(r, now)
	}
	if ring := g.ring.Load(); ring != nil && (looksLikeSecret(bearer) || g.tokens == nil) {
		return ring.caller(bearer, now)
	}
	if g.tokens != nil {
		return g.tokens.caller(bearer, now)
	}
	return nil, invalidToken("neither keys nor tokens are taken here")
}

func (g *Gate) connection(r *http.Request, now time.Time) (*Caller, *Refusal) {
	if g.certificates != nil {
		if c, refusal := g.certificates.caller(r.TLS, now); c != nil || refusal != nil {
			return c, refusal
		}
	}
	return nil, noCredentials(g.hint)
}

// credentials are what the head brings, "" for nothing: one Authorization of the scheme Bearer, or one X-API-Key. Two at once
// are refused: which of them counts would be a guess. An Authorization of another scheme, as of a proxy, counts only where it stands alone.
func credentials(h http.Header) (string, *Refusal) {
	authorization, keys := h["Authorization"], h["X-Api-Key"]
	if len(authorization) > 1 || len(keys) > 1 {
		return "", invalidToken("credentials stand twice in the head of the request")
	}
	bearer, isBearer := "", false
	if len(authorization) == 1 {
		const scheme = "bearer "
		if a := authorization[0]; len(a) > len(scheme) && strings.EqualFold(a[:len(scheme)], scheme) {
			bearer, isBearer = strings.Trim(a[len(scheme):], " "), true
		}
	}
	switch {
	case isBearer && len(keys) == 1:
		return "", invalidToken("credentials stand in both Authorization and X-API-Key")
	case isBearer && bearer == "" || len(keys) == 1 && keys[0] == "":
		return "", invalidToken("the credentials are empty")
	case isBearer:
		return bearer, nil
	case len(keys) == 1:
		return keys[0], nil
	case len(authorization) == 1:
		return "", invalidToken("the Authorization is not of the scheme Bearer")
	}
	return "", nil
}
