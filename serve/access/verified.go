package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"
)

// keySet is what a JWKS file held, and the tokens that were found well signed under it. Another file is another set: no token outlives the key that
// signed it, and one whose check was under way at the change is remembered by the old set alone, which nobody asks any more.
type keySet struct {
	keys     []tokenKey
	verified [verifiedTokens]atomic.Pointer[verified]
}

// verifiedTokens bounds how many tokens a set remembers; a power of two.
const verifiedTokens = 4096

// verified is what is remembered of a token whose signature, issuer and audience were as they should be. To check them takes several times as long
// as to score a lead (125 to 190 µs against 27, BenchmarkScoreAccess of the package serve), and a client sends the same token until it expires. Nothing that may change is
// remembered: the moments of the token are held against the clock at each request, the caller's bucket is looked up, and so is what a
// route needs. The token itself is not kept. Tokens of no valid signature are never remembered, so strangers can push none out.
type verified struct {
	token  [sha256.Size]byte // its SHA-256
	times  jwt.Claims        // exp, nbf and iat alone
	id     callerID
	name   string
	scopes Scopes
}

// place is where a token is remembered; another of the same place pushes it out. An attacker cannot steer it, as it comes from a hash.
func (s *keySet) place(token [sha256.Size]byte) *atomic.Pointer[verified] {
	return &s.verified[binary.LittleEndian.Uint64(token[:8])%verifiedTokens]
}

// find is what is remembered of a token; nil: nothing is. The hash is compared in constant time.
func (s *keySet) find(token [sha256.Size]byte) *verified {
	if v := s.place(token).Load(); v != nil && subtle.ConstantTimeCompare(v.token[:], token[:]) == 1 {
		return v
	}
	return nil
}

// caller is who has the token at a moment.
func (v *verified) caller(t *tokens, now time.Time) (*Caller, *Refusal) {
	if refusal := expected(v.times.ValidateWithLeeway(jwt.Expected{Time: now}, t.options.Leeway)); refusal != nil {
		return nil, refusal
	}
	return &Caller{Name: v.name, Scopes: v.scopes, bucket: t.buckets.get(v.id, now)}, nil
}
