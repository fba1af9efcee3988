package access

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// claims are those of a good token, changed as a test says; a nil value takes one away.
func claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": "https://id.example", "aud": "leadscore", "sub": "person@mail.example", "scope": "openid leadscore:score leadscore:read",
		"exp": noon.Add(time.Minute).Unix(), "nbf": noon.Add(-time.Minute).Unix(), "iat": noon.Add(-time.Minute).Unix(),
	}
	maps.Copy(c, changes)
	for k, v := range c {
		if v == nil {
			delete(c, k)
		}
	}
	return c
}

func tokenGate(t testing.TB, set []byte, o TokenOptions) (*Gate, *Files, string) {
	t.Helper()
	path := write(t, "jwks.json", set)
	o.Keys = path
	g, files := gate(t, Options{Tokens: o})
	return g, files, path
}

func allPublic() []jose.JSONWebKey {
	return []jose.JSONWebKey{public("r", issuer()[jose.RS256]), public("e", issuer()[jose.ES256]), public("d", issuer()[jose.EdDSA])}
}

func TestTokens(t *testing.T) {
	g, _, _ := tokenGate(t, jwks(t, allPublic()...), TokenOptions{Issuer: "https://id.example", Audiences: []string{"other", "leadscore"}, Leeway: 10 * time.Second})
	type change = map[string]any
	for name, test := range map[string]struct {
		change change
		need   Scopes
		status int
		says   string
	}{
		"fine":                   {need: Score | Read},
		"aud is a list":          {change: change{"aud": []string{"x", "leadscore"}}, need: Score},
		"scp is a list":          {change: change{"scope": nil, "scp": []string{"leadscore:admin"}}, need: Admin},
		"scp is a text":          {change: change{"scope": nil, "scp": "a leadscore:admin b"}, need: Admin},
		"both":                   {change: change{"scp": []string{"leadscore:admin"}}, need: Score | Admin},
		"within the leeway":      {change: change{"exp": noon.Add(-9 * time.Second).Unix()}, need: Score},
		"not before, in leeway":  {change: change{"nbf": noon.Add(9 * time.Second).Unix()}, need: Score},
		"no nbf and no iat":      {change: change{"nbf": nil, "iat": nil}, need: Score},
		"a scope that it lacks":  {need: Admin, status: 403, says: `"admin"`},
		"scopes of others":       {change: change{"scope": "score admin leadscore:all other:score leadscore: leadscore:score,leadscore:admin"}, need: Score, status: 403},
		"no scopes":              {change: change{"scope": nil}, need: Score, status: 403},
		"expired":                {change: change{"exp": noon.Add(-11 * time.Second).Unix()}, need: Score, status: 401, says: "expired"},
		"no exp":                 {change: change{"exp": nil}, need: Score, status: 401, says: "no exp"},
		"exp is a text":          {change: change{"exp": "2099-01-01"}, need: Score, status: 401, says: "claims"},
		"exp is a huge number":   {change: change{"exp": 1e300}, need: Score, status: 401},
		"too early":              {change: change{"nbf": noon.Add(11 * time.Second).Unix()}, need: Score, status: 401, says: "not valid yet"},
		"made in the future":     {change: change{"iat": noon.Add(time.Hour).Unix()}, need: Score, status: 401, says: "not valid yet"},
		"another issuer":         {change: change{"iss": "https://id.example.org"}, need: Score, status: 401, says: "another issuer"},
		"no issuer":              {change: change{"iss": nil}, need: Score, status: 401, says: "another issuer"},
		"another audience":       {change: change{"aud": "leadscore2"}, need: Score, status: 401, says: "another audience"},
		"no audience":            {change: change{"aud": nil}, need: Score, status: 401, says: "another audience"},
		"a scope claim of a map": {change: change{"scope": change{"a": 1}}, need: Score, status: 401, says: "claims"},
	} {
		for id, algorithm := range map[string]jose.SignatureAlgorithm{"r": jose.RS256, "e": jose.ES256, "d": jose.EdDSA} {
			raw := sign(t, algorithm, issuer()[algorithm], id, claims(test.change))
			for _, kid := range []string{raw, sign(t, algorithm, issuer()[algorithm], "", claims(test.change))} {
				who, refusal := g.Check(request("Authorization", "Bearer "+kid), test.need, noon)
				switch {
				case test.status == 0 && (refusal != nil || !strings.HasPrefix(who.Name, "token:") || len(who.Name) != len("token:")+12):
					t.Errorf("%s, %s: %+v, %v", name, algorithm, who, refusal)
				case test.status != 0 && (refusal == nil || refusal.Status != test.status || !strings.Contains(refusal.Detail, test.says)):
					t.Errorf("%s, %s: %+v; want %d %s", name, algorithm, refusal, test.status, test.says)
				case refusal != nil:
					checkChallenge(t, refusal, true)
				}
			}
		}
	}
}

// TestForgedTokens: what is known of attacks on JWT (RFC 8725) opens nothing.
func TestForgedTokens(t *testing.T) {
	g, _, _ := tokenGate(t, jwks(t, allPublic()...), TokenOptions{})
	raw := sign(t, jose.EdDSA, issuer()[jose.EdDSA], "d", claims(nil))
	if _, refusal := g.Check(request("Authorization", "Bearer "+raw), Score, noon); refusal != nil {
		t.Fatal(refusal)
	}
	part := strings.Split(raw, ".")
	enc := base64.RawURLEncoding.EncodeToString
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, strangerEd, _ := ed25519.GenerateKey(rand.Reader)
	// The public key's own JSON as the secret of an HMAC: the confusion of algorithms.
	asSecret, err := public("r", issuer()[jose.RS256]).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"alg none":                 enc([]byte(`{"alg":"none"}`)) + "." + part[1] + ".",
		"alg None, signed":         enc([]byte(`{"alg":"None","kid":"d"}`)) + "." + part[1] + "." + part[2],
		"no signature":             part[0] + "." + part[1] + ".",
		"other claims":             part[0] + "." + enc([]byte(`{"exp":99999999999,"scope":"leadscore:admin"}`)) + "." + part[2],
		"HS256 by the public key":  sign(t, jose.HS256, asSecret, "r", claims(nil)),
		"a key of another":         sign(t, jose.RS256, stranger, "r", claims(nil)),
		"another's EdDSA":          sign(t, jose.EdDSA, strangerEd, "d", claims(nil)),
		"an unknown kid":           sign(t, jose.EdDSA, issuer()[jose.EdDSA], "x", claims(nil)),
		"the kid of another key":   sign(t, jose.EdDSA, issuer()[jose.EdDSA], "r", claims(nil)),
		"PS256 under an RS256 key": sign(t, jose.PS256, issuer()[jose.RS256], "r", claims(nil)),
		"RS384":                    sign(t, jose.RS384, issuer()[jose.RS256], "r", claims(nil)),
		"a key of its own":         embedded(t, strangerEd),
		"two dots more":            raw + ".x.y",
		"JSON serialization":       `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"crit":                     critical(t),
		"nothing":                  "..",
		"long":                     sign(t, jose.EdDSA, issuer()[jose.EdDSA], "d", claims(map[string]any{"long": strings.Repeat("a", maxToken)})),
	} {
		if who, refusal := g.Check(request("Authorization", "Bearer "+forged), Score, noon); refusal == nil || refusal.Status != 401 {
			t.Errorf("%s: let in as %+v, %+v", name, who, refusal)
		}
	}
}

// embedded is a token that brings the key that it is to be checked under.
func embedded(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign([]byte(`{"exp":99999999999,"scope":"leadscore:score"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// critical is a well-signed token with a header that must be understood and is not.
func critical(t *testing.T) string {
	t.Helper()
	o := (&jose.SignerOptions{}).WithHeader("kid", "d").WithHeader("crit", []string{"x"}).WithHeader("x", 1)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: issuer()[jose.EdDSA]}, o)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign([]byte(`{"exp":99999999999,"scope":"leadscore:score"}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKeySetsRotate(t *testing.T) {
	next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	g, files, path := tokenGate(t, jwks(t, public("e", issuer()[jose.ES256])), TokenOptions{})
	in := func(key *ecdsa.PrivateKey, id string) bool {
		_, refusal := g.Check(request("Authorization", "Bearer "+sign(t, jose.ES256, key, id, claims(nil))), Score, noon)
		return refusal == nil
	}
	now := issuer()[jose.ES256].(*ecdsa.PrivateKey)
	if !in(now, "e") || in(next, "n") {
		t.Fatal("at first")
	}
	rewrite(t, path, jwks(t, public("e", now), public("n", next)))
	if err := files.Reload(); err != nil || !in(now, "e") || !in(next, "n") {
		t.Error("both keys", err)
	}
	if in(next, "") {
		t.Error("a token without kid was checked under any of several keys")
	}
	rewrite(t, path, []byte(`{"keys":[]}`))
	if err := files.Reload(); err == nil || !in(next, "n") {
		t.Error("a set without keys was taken", err)
	}
	rewrite(t, path, jwks(t, public("n", next)))
	if err := files.Reload(); err != nil || in(now, "e") || !in(next, "n") {
		t.Error("the old key still opens", err)
	}
}

func TestKeySets(t *testing.T) {
	weak := `{"keys":[{"kty":"RSA","e":"AQAB","n":"` + base64.RawURLEncoding.EncodeToString(append([]byte{0xff}, make([]byte, 127)...)) + `"}]}`
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private := jose.JSONWebKey{Key: issuer()[jose.RS256], KeyID: "p"}
	encryption := public("r", issuer()[jose.RS256])
	encryption.Use = "enc"
	pss := public("r", issuer()[jose.RS256])
	pss.Algorithm = "PS256"
	for text, want := range map[string]string{
		"":                       "not a JWKS",
		"[]":                     "not a JWKS",
		"{}":                     "no key that checks signatures",
		weak:                     "keys[0]: an RSA key of 1024 bits; want at least 2048",
		string(jwks(t, private)): "keys[0]: a private or symmetric key",
		string(jwks(t, jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef")})): "keys[0]: a private or symmetric key",
		string(jwks(t, allPublic()[0], allPublic()[0])):                                   `keys[1]: the kid "r" stands twice`,
		string(jwks(t, encryption, pss, public("x", other))):                              "no key that checks signatures",
		`{"keys":[{"kty":"OKP","crv":"Ed448","x":"AA"}, {"kty":"new"}]}`:                  "no key that checks signatures",
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`:                         "keys[0]:",
	} {
		if keys, err := parseJWKS([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %s", text, keys, err, want)
		}
	}
	if keys, err := parseJWKS(jwks(t, append(allPublic(), encryption, pss, public("x", other))...)); err != nil || len(keys) != 3 {
		t.Errorf("keys that are not for this: %v, %v", keys, err)
	}
}

// TestTokensAreForgotten: a token that was checked once is checked again under another set of keys, and its times are looked at each time. Whoever brings
// other bytes is not taken for it.
func TestTokensAreForgotten(t *testing.T) {
	g, files, path := tokenGate(t, jwks(t, allPublic()...), TokenOptions{Leeway: time.Second})
	for _, algorithm := range tokenAlgorithms {
		kid := map[jose.SignatureAlgorithm]string{jose.RS256: "r", jose.ES256: "e", jose.EdDSA: "d"}[algorithm]
		raw := sign(t, algorithm, issuer()[algorithm], kid, claims(nil))
		check := func(raw string, need Scopes, at time.Time) int {
			t.Helper()
			if _, refusal := g.Check(request("Authorization", "Bearer "+raw), need, at); refusal != nil {
				return refusal.Status
			}
			return 200
		}
		want := func(what string, got, status int) {
			t.Helper()
			if got != status {
				t.Errorf("%s, %s: %d, want %d", algorithm, what, got, status)
			}
		}
		rewrite(t, path, jwks(t, allPublic()...))
		if err := files.Reload(); err != nil {
			t.Fatal(err)
		}
		want("at first", check(raw, Score, noon), 200)
		if v := g.tokens.set.Load().find(sha256.Sum256([]byte(raw))); v == nil || v.times.Subject != "" || strings.Contains(v.name, "person") {
			t.Errorf("remembered: %+v", v)
		}
		want("again", check(raw, Score, noon), 200)
		want("another scope", check(raw, Admin, noon), 403)
		want("at the end of its leeway", check(raw, Score, noon.Add(61*time.Second)), 200)
		want("after its end", check(raw, Score, noon.Add(61*time.Second+1)), 401)
		want("before its time", check(raw, Score, noon.Add(-2*time.Minute)), 401)
		want("other bytes", check(raw[:len(raw)-4]+"AAAA", Score, noon), 401)
		var rest []jose.JSONWebKey
		for _, k := range allPublic() {
			if k.KeyID != kid {
				rest = append(rest, k)
			}
		}
		rewrite(t, path, jwks(t, rest...))
		if err := files.Reload(); err != nil {
			t.Fatal(err)
		}
		want("without its key", check(raw, Score, noon), 401)
	}
	// Two tokens of one place take turns.
	set := g.tokens.set.Load()
	a, b := &verified{token: [sha256.Size]byte{1}}, &verified{token: [sha256.Size]byte{1, 31: 1}}
	set.place(a.token).Store(a)
	set.place(b.token).Store(b)
	if set.find(a.token) != nil || set.find(b.token) != b {
		t.Error("one place holds two tokens, or gives the wrong one")
	}
}

// TestTokensAndKeysTogether: the prefix of a key tells the two apart.
func TestTokensAndKeysTogether(t *testing.T) {
	secret, h := keyOf(t, 1)
	g, _ := gate(t, Options{
		Keys: write(t, "keys", keysText(t, Key{Name: "crm", Hash: h, Scopes: Score})), Rate: Rate{1, time.Hour},
		Tokens: TokenOptions{Keys: write(t, "jwks", jwks(t, allPublic()...))},
	})
	a := sign(t, jose.EdDSA, issuer()[jose.EdDSA], "d", claims(nil))
	again := sign(t, jose.EdDSA, issuer()[jose.EdDSA], "d", claims(map[string]any{"iat": nil}))
	b := sign(t, jose.EdDSA, issuer()[jose.EdDSA], "d", claims(map[string]any{"sub": "another"}))
	for i, test := range []struct {
		bearer string
		status int
	}{{secret, 0}, {a, 0}, {b, 0}, {a, 429}, {again, 429}, {b, 429}, {secret, 429}, {"lsk_x", 401}} {
		_, refusal := g.Check(request("Authorization", "Bearer "+test.bearer), Score, noon)
		if got := refusal; (got == nil) != (test.status == 0) || got != nil && got.Status != test.status {
			t.Errorf("request %d: %+v, want %d", i, got, test.status)
		}
	}
}

// FuzzToken: no text makes a panic or opens anything.
func FuzzToken(f *testing.F) {
	g, _, _ := tokenGate(f, jwks(f, allPublic()...), TokenOptions{})
	raw := sign(f, jose.EdDSA, issuer()[jose.EdDSA], "d", map[string]any{"sub": "x"}) // without exp: not valid
	f.Add(raw)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("lsk_")
	f.Fuzz(func(t *testing.T, text string) {
		if who, refusal := g.Check(request("Authorization", "Bearer "+text), 0, noon); refusal == nil || who != nil {
			t.Fatalf("%q lets %+v in", text, who)
		}
	})
}

// FuzzJWKS: no file makes a panic, and no key without a known algorithm comes of one.
func FuzzJWKS(f *testing.F) {
	f.Add(jwks(f, allPublic()...))
	f.Add([]byte(`{"keys":[{"kty":"RSA","e":"AQAB","n":"AA"},{"kty":"oct","k":"AA"},null,1]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parseJWKS(text)
		if err == nil && len(keys) == 0 {
			t.Fatal("neither keys nor an error")
		}
		for _, k := range keys {
			if k.algorithm != jose.RS256 && k.algorithm != jose.ES256 && k.algorithm != jose.EdDSA {
				t.Fatalf("%+v", k)
			}
		}
	})
}
