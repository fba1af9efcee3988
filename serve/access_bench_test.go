package serve

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"leadscore/serve/access"
)

// signer makes tokens of one algorithm, with nothing but the standard library: go-jose, which checks them, belongs to the package access.
type signer struct {
	algorithm string
	jwk       string // the public key
	sign      func(head []byte) ([]byte, error)
}

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func signers(t testing.TB) []signer {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := curve.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return []signer{
		{"EdDSA", fmt.Sprintf(`{"kid":"EdDSA","kty":"OKP","crv":"Ed25519","x":%q}`, base64URL(public)), func(head []byte) ([]byte, error) {
			return ed25519.Sign(private, head), nil
		}},
		{"ES256", fmt.Sprintf(`{"kid":"ES256","kty":"EC","crv":"P-256","x":%q,"y":%q}`, base64URL(point[1:33]), base64URL(point[33:])), func(head []byte) ([]byte, error) {
			digest := sha256.Sum256(head)
			r, s, err := ecdsa.Sign(rand.Reader, curve, digest[:])
			if err != nil {
				return nil, err
			}
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), nil
		}},
		{"RS256", fmt.Sprintf(`{"kid":"RS256","kty":"RSA","n":%q,"e":%q}`, base64URL(modulus.N.Bytes()), base64URL(binary.BigEndian.AppendUint32(nil, uint32(modulus.E))[1:])), func(head []byte) ([]byte, error) {
			digest := sha256.Sum256(head)
			return rsa.SignPKCS1v15(nil, modulus, crypto.SHA256, digest[:])
		}},
	}
}

// token is one that may score for an hour from now.
func (s signer) token(t testing.TB) string {
	t.Helper()
	now := time.Now().Unix()
	text := base64URL(fmt.Appendf(nil, `{"alg":%q,"kid":%q}`, s.algorithm, s.algorithm)) + "." +
		base64URL(fmt.Appendf(nil, `{"iss":"https://id.example","aud":"leadscore","sub":"crm","scope":"leadscore:score","iat":%d,"exp":%d}`, now, now+3600))
	signature, err := s.sign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64URL(signature)
}

// BenchmarkScoreAccess is POST /v1/score in the handler as strangers, holders of a key and of a token send it, each with a rate and without; all
// servers log and count alike. The callers take turns, and what is told is the median request of each: on a machine with other work one caller
// after the other would compare the hours of the day. "open-ns" is a server without credentials, NAME-added-ns what NAME costs beside it.
func BenchmarkScoreAccess(b *testing.B) {
	type caller struct {
		name    string
		handler http.Handler
		request *http.Request
		took    []time.Duration
	}
	body := bytes.NewReader(nil)
	var callers []*caller
	add := func(name string, a Access, header ...string) {
		c := benchConfig(b)
		c.Access = a
		s, err := New(c)
		if err != nil {
			b.Fatal(err)
		}
		r := request1(good)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		r.Body = io.NopCloser(body)
		callers = append(callers, &caller{name: name, handler: s.Handler(), request: r})
	}
	add("open", Access{})
	secret, err := access.NewSecret(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	hash, _ := access.HashOf(secret)
	var keys bytes.Buffer
	if err := access.WriteKeys(&keys, []access.Key{{Name: "crm", Hash: hash, Scopes: access.Score}}); err != nil {
		b.Fatal(err)
	}
	kinds := signers(b)
	keyFile, tokenFile := filepath.Join(b.TempDir(), "keys.jsonl"), filepath.Join(b.TempDir(), "jwks.json")
	set := fmt.Appendf(nil, `{"keys":[%s,%s,%s]}`, kinds[0].jwk, kinds[1].jwk, kinds[2].jwk)
	for path, text := range map[string][]byte{keyFile: keys.Bytes(), tokenFile: set} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for _, rate := range []access.Rate{{}, {Requests: 1_000_000_000, Per: time.Second}} {
		gate, err := access.New(access.NewFiles(nil), access.Options{Keys: keyFile, Tokens: access.TokenOptions{Keys: tokenFile}, Rate: rate})
		if err != nil {
			b.Fatal(err)
		}
		name := ""
		if rate.Requests > 0 {
			name = "-rate"
		}
		add("key"+name, Access{Gate: gate}, "Authorization", "Bearer "+secret)
		for _, kind := range kinds {
			add(kind.algorithm+name, Access{Gate: gate}, "Authorization", "Bearer "+kind.token(b))
		}
	}
	ask := func(c *caller) {
		body.Reset([]byte(good))
		w := &sink{h: http.Header{}}
		if c.handler.ServeHTTP(w, c.request); w.status != http.StatusOK {
			b.Fatal(c.name, w.status)
		}
	}
	for b.Loop() {
		for _, c := range callers {
			for range 3 { // out of the cold
				ask(c)
			}
			began := time.Now()
			ask(c)
			c.took = append(c.took, time.Since(began))
		}
	}
	median := func(c *caller) float64 {
		slices.Sort(c.took)
		return float64(c.took[len(c.took)/2])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(callers[0]), "open-ns")
	for _, c := range callers[1:] {
		b.ReportMetric(median(c)-median(callers[0]), c.name+"-added-ns")
	}
}
