package access

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// TokenOptions say which signed tokens are taken. Without Keys none are.
type TokenOptions struct {
	Keys      string        // path of a JWKS file
	Issuer    string        // that "iss" must be; "": any
	Audiences []string      // of which "aud" must name one; none: any
	Leeway    time.Duration // that the issuer's clock may differ
}

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 8 << 10

// tokenScope stands before a scope in the claims of a token: its issuer knows other servers too.
const tokenScope = "leadscore:"

// tokens checks signed tokens.
type tokens struct {
	options TokenOptions
	set     atomic.Pointer[keySet]
	buckets *buckets
}

func (t *tokens) load(contents [][]byte) error {
	keys, err := parseJWKS(contents[0])
	if err != nil {
		return prefixed("reading "+t.options.Keys, err)
	}
	t.set.Store(&keySet{keys: keys})
	return nil
}

// scopeClaims are "scope" (RFC 8693: a text) and "scp", which issuers write as a text or a list.
type scopeClaims struct {
	Scope scopeList `json:"scope"`
	SCP   scopeList `json:"scp"`
}

type scopeList []string

// UnmarshalJSON is strict about what it cannot read: a token with a strange scope claim is not one without scopes.
func (s *scopeList) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = strings.Fields(text)
		return nil
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// caller checks a token at a moment (RFC 7519 and 8725): its signature under the key that it names and that key's one algorithm, exp,
// which it must have, nbf and iat, and issuer and audience where they are asked for. A token that names no key is checked under the only
// one of its algorithm. What cannot change until the keys do is checked once (verified.go).
func (t *tokens) caller(raw string, now time.Time) (*Caller, *Refusal) {
	if len(raw) > maxToken {
		return nil, invalidToken("the token is too long")
	}
	set, hash := t.set.Load(), sha256.Sum256([]byte(raw))
	v := set.find(hash)
	if v != nil {
		return v.caller(t, now)
	}
	v, refusal := t.verify(set, raw, now)
	if refusal != nil {
		return nil, refusal
	}
	v.token = hash
	set.place(hash).Store(v)
	return v.caller(t, now)
}

// verify checks all of a token.
func (t *tokens) verify(set *keySet, raw string, now time.Time) (*verified, *Refusal) {
	token, err := jwt.ParseSigned(raw, tokenAlgorithms)
	if err != nil {
		return nil, invalidToken("not a token that is signed with RS256, ES256 or EdDSA")
	}
	key, ok := set.key(token)
	if !ok {
		return nil, invalidToken("the token is signed with a key that this server does not know")
	}
	var claims jwt.Claims
	var scopes scopeClaims
	if err := token.Claims(key, &claims, &scopes); err != nil {
		return nil, invalidToken("the token's signature or its claims are not valid")
	}
	if claims.Expiry == nil {
		return nil, invalidToken("the token has no exp")
	}
	if refusal := expected(claims.ValidateWithLeeway(jwt.Expected{Issuer: t.options.Issuer, AnyAudience: t.options.Audiences, Time: now}, t.options.Leeway)); refusal != nil {
		return nil, refusal
	}
	id := callerID(sha256.Sum256([]byte("token\x00" + claims.Issuer + "\x00" + claims.Subject)))
	v := &verified{times: jwt.Claims{Expiry: claims.Expiry, NotBefore: claims.NotBefore, IssuedAt: claims.IssuedAt}, id: id, name: "token:" + short(id)}
	for _, name := range slices.Concat(scopes.Scope, scopes.SCP) {
		if own, ok := strings.CutPrefix(name, tokenScope); ok {
			v.scopes |= scopeOf(own)
		}
	}
	return v, nil
}

func (s *keySet) key(token *jwt.JSONWebToken) (any, bool) {
	if len(token.Headers) != 1 {
		return nil, false
	}
	h := token.Headers[0]
	var found any
	for _, k := range s.keys {
		if string(k.algorithm) != h.Algorithm || h.KeyID != "" && k.id != h.KeyID {
			continue
		}
		if found != nil {
			return nil, false
		}
		found = k.key
	}
	return found, found != nil
}

// expected tells which claim is not as it should be.
func expected(err error) *Refusal {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrExpired):
		return invalidToken("the token has expired")
	case errors.Is(err, jwt.ErrNotValidYet), errors.Is(err, jwt.ErrIssuedInTheFuture):
		return invalidToken("the token is not valid yet")
	case errors.Is(err, jwt.ErrInvalidIssuer):
		return invalidToken("the token is of another issuer")
	case errors.Is(err, jwt.ErrInvalidAudience):
		return invalidToken("the token is for another audience")
	}
	return invalidToken("the token's claims are not valid")
}

// short is what a log tells of who may be a person: 12 hexadecimal digits, by which lines of one caller are found.
func short(id callerID) string { return hex.EncodeToString(id[:6]) }
