package access

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// tokenAlgorithms are the signatures that are checked. HS256 was rejected: whoever can check such a token can make one; "none"
// needs no word.
var tokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}

// minRSA is the least size of an RSA key in bits (RFC 7518, section 3.3).
const minRSA = 2048

// tokenKey is a public key and the one algorithm that it checks.
type tokenKey struct {
	id        string
	algorithm jose.SignatureAlgorithm
	key       any
}

// parseJWKS reads a set of public keys (RFC 7517). Keys of a kind that is not known and those that are not for signatures are
// passed over, as the RFC wants; a private or symmetric key is an error, since it has no business here, and so is a set without
// a key that can be used.
func parseJWKS(text []byte) ([]tokenKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("not a JWKS: %w", err)
	}
	var keys []tokenKey
	var problems []error
	for i, raw := range set.Keys {
		k, err := parseTokenKey(raw)
		if err != nil {
			if problems = append(problems, fmt.Errorf("keys[%d]: %w", i, err)); len(problems) == mostProblems {
				return nil, errors.Join(append(problems, errors.New("the keys behind were not read"))...)
			}
			continue
		}
		if k == nil {
			continue
		}
		for _, other := range keys {
			if other.id == k.id {
				problems = append(problems, fmt.Errorf("keys[%d]: the kid %q stands twice", i, clip(k.id)))
			}
		}
		keys = append(keys, *k)
	}
	if len(keys) == 0 && problems == nil {
		problems = append(problems, errors.New("no key that checks signatures; want keys of RS256, ES256 or EdDSA"))
	}
	return keys, errors.Join(problems...)
}

// parseTokenKey returns nil for a key that is to be passed over.
func parseTokenKey(raw []byte) (*tokenKey, error) {
	var k jose.JSONWebKey
	switch err := k.UnmarshalJSON(raw); {
	case errors.Is(err, jose.ErrUnsupportedKeyType):
		return nil, nil
	case err != nil:
		return nil, err
	case k.Use != "" && k.Use != "sig":
		return nil, nil
	}
	out := &tokenKey{id: k.KeyID, key: k.Key}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		out.algorithm = jose.RS256
		if bits := key.N.BitLen(); bits < minRSA {
			return nil, fmt.Errorf("an RSA key of %d bits; want at least %d", bits, minRSA)
		}
	case *ecdsa.PublicKey:
		out.algorithm = jose.ES256
		if key.Curve.Params().BitSize != 256 {
			return nil, nil
		}
	case ed25519.PublicKey:
		out.algorithm = jose.EdDSA
	default:
		if !k.IsPublic() {
			return nil, errors.New("a private or symmetric key; want the public keys alone")
		}
		return nil, nil
	}
	if k.Algorithm != "" && k.Algorithm != string(out.algorithm) {
		return nil, nil // as PS256 of the same RSA key
	}
	if !k.Valid() {
		return nil, errors.New("not a valid public key")
	}
	return out, nil
}
