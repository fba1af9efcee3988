package access

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// bounded runs what reads a hostile text: in less than a second, with memory of the order of the text. It tries again where the machine was busy.
func bounded(t *testing.T, name string, size int, read func()) {
	t.Helper()
	var took time.Duration
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		read()
		took = time.Since(began)
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(4<<20+64*size); used > most {
			t.Errorf("%s: %d bytes were allocated for %d", name, used, size)
		}
		if took < time.Second {
			return
		}
	}
	t.Errorf("%s: took %s", name, took)
}

// hostileTexts are values for what reads JSON.
func hostileTexts() map[string]string {
	const deep, long = 10_000, 100_000
	var keys strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&keys, `,"k%d":1`, i)
	}
	return map[string]string{
		"deep arrays":    strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"deep objects":   strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep),
		"never closes":   strings.Repeat("[", long),
		"many keys":      "{" + keys.String()[1:] + "}",
		"many elements":  "[0" + strings.Repeat(",0", long/2) + "]",
		"many digits":    strings.Repeat("9", long),
		"a long text":    `"` + strings.Repeat("x", long) + `"`,
		"never ends":     `"` + strings.Repeat("x", long),
		"not UTF-8":      "\"\xff\xfe\"",
		"NULs":           strings.Repeat("\x00", long),
		"half a pair":    `"\ud800"`,
		"UTF-16":         "\xff\xfe{\x00}\x00",
		"lines":          strings.Repeat("{\n", long/2),
		"brackets":       "[}",
		"an empty list":  "[]",
		"a null":         "null",
		"a large number": "1e999",
	}
}

// TestHostileFiles of keys and of token keys are refused, whatever stands where; the error stays small enough to be logged.
func TestHostileFiles(t *testing.T) {
	_, h := keyOf(t, 1)
	fine := `{"name":"a","sha256":"` + h.String() + `","scopes":["score"]`
	for name, v := range hostileTexts() {
		for _, place := range []string{"%", "{\"name\":%}", fine + `,"rate":%}`, fine + `,"expires":%}`, fine + `,"x":%}`, `{"name":"a","sha256":%,"scopes":%}`} {
			text := strings.ReplaceAll(place, "%", v)
			bounded(t, "keys "+place+" "+name, len(text), func() {
				if keys, err := ParseKeys([]byte(text)); err == nil || len(err.Error()) > 16<<10 {
					t.Errorf("keys %s %s: %d keys, %.200v", place, name, len(keys), err)
				}
			})
		}
		for _, place := range []string{"%", `{"keys":%}`, `{"keys":[%]}`, `{"keys":[{"kty":%}]}`, `{"keys":[{"kty":"RSA","n":%,"e":"AQAB"}]}`, `{"keys":[{"kty":"RSA","n":"AQAB","e":%}]}`,
			`{"keys":[{"kty":"OKP","crv":"Ed25519","x":%}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":%,"y":%}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","x5c":%}]}`} {
			text := strings.ReplaceAll(place, "%", v)
			bounded(t, "jwks "+place+" "+name, len(text), func() {
				if keys, err := parseJWKS([]byte(text)); err == nil || len(err.Error()) > 16<<10 {
					t.Errorf("jwks %s %s: %d keys, %.200v", place, name, len(keys), err)
				}
			})
		}
	}
}

// TestHostileCredentials: what a caller can put into the headers of credentials is refused, and the next caller is let in.
func TestHostileCredentials(t *testing.T) {
	secret, h := keyOf(t, 1)
	signer := issuer()[jose.EdDSA]
	gate, err := New(NewFiles(nil), Options{Keys: write(t, "keys", keysText(t, Key{Name: "crm", Hash: h, Scopes: Score})), Tokens: TokenOptions{Keys: write(t, "jwks", jwks(t, public("k", signer))), Audiences: []string{"leadscore"}, Issuer: "https://issuer.example"}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	b64 := base64.RawURLEncoding.EncodeToString
	values := []string{"", "\x00", "\xff", secret + "x", secret[:10], strings.Repeat(".", 100_000), strings.Repeat("a.", 100_000), strings.Repeat("a", 100_000)}
	for _, text := range hostileTexts() {
		text = text[:min(len(text), 5000)]
		values = append(values, b64([]byte(text))+".e30.AA", b64([]byte(`{"alg":"EdDSA","kid":"k"}`))+"."+b64([]byte(text))+".AA", b64([]byte(`{"alg":"EdDSA","kid":`+text+`}`))+".e30.AA",
			b64([]byte(`{"alg":`+text+`}`))+".e30.AA", text)
		// Signed by the issuer, and hostile all the same.
		if s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: signer}, (&jose.SignerOptions{}).WithHeader("kid", "k")); err == nil {
			signed, err := s.Sign([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			compact, err := signed.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, compact)
		}
	}
	for _, value := range values {
		for _, header := range [][2]string{{"X-API-Key", value}, {"Authorization", "Bearer " + value}, {"Authorization", value}} {
			r := httptest.NewRequest(http.MethodPost, "/v1/score", nil)
			r.Header.Set(header[0], header[1])
			bounded(t, fmt.Sprintf("%s: %.40q", header[0], header[1]), len(value), func() {
				if who, refusal := gate.Check(r, Score, now); who != nil && refusal == nil || refusal == nil || refusal.Status != 401 || len(refusal.Detail) > 4096 || len(refusal.Challenge) > 4096 {
					t.Errorf("%s: %.40q: %v %+v", header[0], header[1], who, refusal)
				}
			})
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/score", nil)
	r.Header.Set("X-API-Key", secret)
	if who, refusal := gate.Check(r, Score, now); refusal != nil || who.Name != "crm" {
		t.Errorf("the next caller: %+v, %+v", who, refusal)
	}
}
